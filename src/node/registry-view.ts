import type { OwnServiceRegistry } from '../chain/service-registry.ts'
import type { TimeManager } from '../chain/time-manager.ts'
import type { AbortOptions } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Published } from '../market/service.ts'
import { type AccountFeedComponents, createAccountFeed } from './account-feed.ts'

/** What accounts published of themselves in the service registry, asked of the chain once. */
export interface RegistryView {
  /** Null for an account that published no service and no region, and while the chain cannot be asked. */
  publishedBy(account: Address): Promise<Published | null>
}

interface Known {
  readonly block: bigint
  readonly published: Published
}

/** Blocks for which a record is good where the events since were not read. */
const RECORD_BLOCKS = 50n
/** Limit: accounts remembered. */
const MAX_RECORDS = 5_000

/**
 * A cached view of the registry, kept true by its events. What the pool of orchestrators published is
 * read at once, with the first question, so that a newcomer to a large market does not ask a thousand
 * times.
 */
export function createRegistryView(
  components: AccountFeedComponents & {
    readonly registry: Pick<OwnServiceRegistry, 'records'>
    /** Accounts that will be asked for. */
    readonly usual: (options?: AbortOptions) => Promise<readonly Address[]>
    readonly time: Pick<TimeManager, 'lastSeenBlock'>
  },
): RegistryView {
  const { registry, usual, time, logger } = components
  const known = new Map<Address, Known>()
  const feed = createAccountFeed(components, (account) => void known.delete(account))
  let filling: Promise<void> | undefined

  const read = async (accounts: readonly Address[]): Promise<void> => {
    const block = time.lastSeenBlock()
    const records = await registry.records(accounts)
    if (known.size + accounts.length > MAX_RECORDS) known.clear()
    for (const [i, account] of accounts.entries()) {
      const record = records[i]
      if (record === undefined) continue
      const { services, regions } = record
      known.set(account, { block, published: { services: services.map(({ id }) => id), regions } })
    }
  }
  const fill = async (): Promise<void> => read((await usual()).slice(0, MAX_RECORDS))
  const goodOf = (account: Address): Known | undefined => {
    const one = known.get(account)
    if (one === undefined) return undefined
    const now = time.lastSeenBlock()
    return feed.covers(one.block, now) || one.block + RECORD_BLOCKS > now ? one : undefined
  }
  return {
    async publishedBy(account) {
      try {
        filling ??= fill().catch((error: unknown) => {
          filling = undefined
          throw error
        })
        await filling
        if (goodOf(account) === undefined) await read([account])
      } catch (error) {
        logger.debug({ err: error }, 'the service registry cannot be asked')
      }
      const published = known.get(account)?.published
      return published === undefined || isSilent(published) ? null : published
    },
  }
}

function isSilent({ services, regions }: Published): boolean {
  return services.length === 0 && regions.length === 0
}
