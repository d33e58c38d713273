import type { BlockRange } from '../chain/ticket-broker.ts'
import type { TimeManager } from '../chain/time-manager.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Logger } from '../lib/logger.ts'

/** The accounts that something may have changed for in some blocks. */
export type AccountChanges = (range: BlockRange) => Promise<ReadonlySet<Address>>

/** What following the changes of accounts works with. */
export interface AccountFeedComponents {
  readonly time: Pick<TimeManager, 'onBlock'>
  readonly logger: Logger
  /** Absent where no events tell of changes. */
  readonly changes?: AccountChanges
}

/** Which blocks were read for changes. */
export interface AccountFeed {
  /** Whether all blocks from the one to the other, or nearly, were read without a gap. */
  covers(block: bigint, now: bigint): boolean
}

/** Events are relied on while they are not further behind. */
const FED_BLOCKS = 5n
const REORG_BLOCKS = 3n

/**
 * Reads the events of each block, tells whose account they name, and knows for which blocks it did so
 * without a gap: what was remembered of an account since is good until it is named.
 */
export function createAccountFeed(
  { time, logger, changes }: AccountFeedComponents,
  onChange: (account: Address) => void,
): AccountFeed {
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
      logger.debug({ err: error }, 'changes of accounts cannot be read')
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
