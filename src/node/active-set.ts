import type { BondingManager } from '../chain/bonding-manager.ts'
import type { BlockRange } from '../chain/ticket-broker.ts'
import type { TimeManager } from '../chain/time-manager.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Logger } from '../lib/logger.ts'

/** Who is active and with how much stake, asked of the chain once per account and while. */
export interface ActiveSet {
  /** Null while the chain cannot be asked. */
  isActive(account: Address): Promise<boolean | null>
  stakeOf(account: Address): Promise<bigint>
}

interface Answer {
  readonly round: bigint
  readonly block: bigint
  readonly isActive: boolean
  readonly stake: bigint
}

/**
 * Blocks for which an answer is good within its round, where no events tell of changes; a refusal is
 * asked again sooner.
 */
const ACTIVE_BLOCKS = 50n
const INACTIVE_BLOCKS = 2n
/** Events are relied on while they are not further behind. */
const FED_BLOCKS = 5n
const REORG_BLOCKS = 3n
/** No round: the answer is of use only while the chain cannot be asked. */
const STALE = -1n
/** Limit: accounts remembered. */
const MAX_ANSWERS = 5_000

/** The accounts that something may have changed for in some blocks. */
export type BondingChanges = (range: BlockRange) => Promise<ReadonlySet<Address>>

interface FeedComponents {
  readonly time: Pick<TimeManager, 'onBlock'>
  readonly logger: Logger
  readonly changes?: BondingChanges
}

/**
 * A cached view of the active set. Where events tell of changes, what they name is asked for anew at
 * the next block, and everything else is good for the whole round.
 */
export function createActiveSet(
  components: FeedComponents & {
    readonly bonding: Pick<BondingManager, 'isActiveTranscoder' | 'transcoderTotalStake'>
    readonly time: Pick<TimeManager, 'lastSeenBlock' | 'lastInitializedRound'>
  },
): ActiveSet {
  const { bonding, time, logger } = components
  const answers = new Map<Address, Answer>()
  const asking = new Map<Address, Promise<Answer>>()

  const feed = createFeed(components, (account) => {
    const known = answers.get(account)
    if (known !== undefined) answers.set(account, { ...known, round: STALE })
  })

  const isGood = ({ round, block, isActive }: Answer): boolean => {
    const now = time.lastSeenBlock()
    if (round !== time.lastInitializedRound()) return false
    return (
      (isActive && feed.covers(block, now)) ||
      block + (isActive ? ACTIVE_BLOCKS : INACTIVE_BLOCKS) > now
    )
  }
  const fetchAnswer = async (account: Address): Promise<Answer> => {
    const at = { round: time.lastInitializedRound(), block: time.lastSeenBlock() }
    const [isActive, stake] = await Promise.all([
      bonding.isActiveTranscoder(account),
      bonding.transcoderTotalStake(account),
    ])
    const answer = { ...at, isActive, stake }
    if (answers.size >= MAX_ANSWERS) answers.clear()
    answers.set(account, answer)
    return answer
  }
  const look = async (account: Address): Promise<Answer> => {
    const known = answers.get(account)
    if (known !== undefined && isGood(known)) return known
    const running =
      asking.get(account) ?? fetchAnswer(account).finally(() => asking.delete(account))
    asking.set(account, running)
    return running
  }
  return {
    async isActive(account) {
      try {
        return (await look(account)).isActive
      } catch (error) {
        logger.warn({ err: error }, 'the active set cannot be asked')
        return answers.get(account)?.isActive ?? null
      }
    },
    async stakeOf(account) {
      try {
        return (await look(account)).stake
      } catch {
        return answers.get(account)?.stake ?? 0n
      }
    },
  }
}

/** Reads the events of each block, and knows for which blocks it did so without a gap. */
function createFeed(
  { time, logger, changes }: FeedComponents,
  onChange: (account: Address) => void,
): { covers(block: bigint, now: bigint): boolean } {
  let fed: { readonly from: bigint; readonly to: bigint } | null = null
  let isReading = false
  const read = async (block: bigint): Promise<void> => {
    if (changes === undefined || isReading) return
    isReading = true
    try {
      // The last blocks are read again: others may have taken their place.
      const from = (fed?.to ?? block) - REORG_BLOCKS
      const range = { fromBlock: from > 0n ? from : 0n, toBlock: block }
      for (const account of await changes(range)) onChange(account)
      fed = { from: fed?.from ?? range.fromBlock, to: block }
    } catch (error) {
      logger.debug({ err: error }, 'changes of the active set cannot be read')
      fed = null
    } finally {
      isReading = false
    }
  }
  time.onBlock((block) => void read(block))
  return {
    covers: (block, now) => fed !== null && fed.to + FED_BLOCKS > now && fed.from <= block,
  }
}
