import type { BondingManager } from '../chain/bonding-manager.ts'
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

/** Blocks for which an answer is good within its round; a refusal is asked again sooner. */
const ACTIVE_BLOCKS = 50n
const INACTIVE_BLOCKS = 2n
/** Limit: accounts remembered. */
const MAX_ANSWERS = 5_000

/** A cached view of the active set. */
export function createActiveSet(components: {
  readonly bonding: Pick<BondingManager, 'isActiveTranscoder' | 'transcoderTotalStake'>
  readonly time: Pick<TimeManager, 'lastSeenBlock' | 'lastInitializedRound'>
  readonly logger: Logger
}): ActiveSet {
  const { bonding, time, logger } = components
  const answers = new Map<Address, Answer>()
  const asking = new Map<Address, Promise<Answer>>()

  const isGood = ({ round, block, isActive }: Answer): boolean => {
    const life = isActive ? ACTIVE_BLOCKS : INACTIVE_BLOCKS
    return round === time.lastInitializedRound() && block + life > time.lastSeenBlock()
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
