import type { BondingManager } from '../chain/bonding-manager.ts'
import type { TimeManager } from '../chain/time-manager.ts'
import type { Address } from '../lib/crypto/address.ts'
import { type AccountFeedComponents, createAccountFeed } from './account-feed.ts'

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
/** No round: the answer is of use only while the chain cannot be asked. */
const STALE = -1n
/** Limit: accounts remembered. */
const MAX_ANSWERS = 5_000

/**
 * A cached view of the active set. Where events tell of changes, what they name is asked for anew at
 * the next block, and everything else is good for the whole round.
 */
export function createActiveSet(
  components: AccountFeedComponents & {
    readonly bonding: Pick<BondingManager, 'isActiveTranscoder' | 'transcoderTotalStake'>
    readonly time: Pick<TimeManager, 'lastSeenBlock' | 'lastInitializedRound'>
  },
): ActiveSet {
  const { bonding, time, logger } = components
  const answers = new Map<Address, Answer>()
  const asking = new Map<Address, Promise<Answer>>()

  const feed = createAccountFeed(components, (account) => {
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
