import type { Delegation } from '../chain/delegation.ts'
import type { TimeManager } from '../chain/time-manager.ts'
import type { Transactions } from '../chain/transactions.ts'
import type { Address } from '../lib/crypto/address.ts'
import { hasCode } from '../lib/errors.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import { TaskGroup } from '../lib/tasks.ts'

/** What calling for rewards works with. */
export interface RoundRewardsComponents {
  readonly delegation: Pick<Delegation, 'activity' | 'pendingReward' | 'reward'>
  readonly time: Pick<
    TimeManager,
    'onBlock' | 'lastSeenBlock' | 'lastInitializedRound' | 'currentRoundInitialized'
  >
  readonly transactions: Pick<Transactions, 'address'>
  readonly logger: Logger
  isActive(account: Address): Promise<boolean | null>
}

/** Pause after a failure, such as for want of ether for the gas. */
const RETRY_BLOCKS = 20n

/** The rewards of an orchestrator, as the node sees them. */
export interface RoundRewards extends Startable {
  /** The last round whose reward was called for; null before the first look. */
  lastRound(): bigint | null
  complaints(): readonly string[]
}

/**
 * Calls for the wallet's part of the inflation in each round in which it is active: a reward that
 * nobody calls for is lost to the orchestrator and to all who are bonded to it.
 */
export function createRoundRewards(components: RoundRewardsComponents): RoundRewards {
  return new BlockRewards(components)
}

class BlockRewards implements RoundRewards {
  readonly #components: RoundRewardsComponents
  readonly #account: Address
  readonly #tasks: TaskGroup
  #controller = new AbortController()
  #unsubscribe = (): void => {}
  #isLooking = false
  #lastRound: bigint | null = null
  /** The round for which nothing is left to do. */
  #settled = 0n
  #refused: bigint | null = null
  #nextBlock = 0n

  constructor(components: RoundRewardsComponents) {
    this.#components = components
    this.#account = components.transactions.address
    this.#tasks = new TaskGroup(components.logger)
  }

  async start(): Promise<void> {
    this.#controller = new AbortController()
    this.#unsubscribe = this.#components.time.onBlock(() => this.#lookSoon())
    this.#lookSoon()
  }

  async stop(): Promise<void> {
    this.#unsubscribe()
    this.#controller.abort(new DOMException('rewards are not called for any more', 'AbortError'))
    await this.#tasks.drain()
  }

  lastRound = (): bigint | null => this.#lastRound

  complaints = (): readonly string[] =>
    this.#refused === null ? [] : [`the reward of round ${this.#refused} was refused by the chain`]

  /** One look at a time; the next block brings the next. */
  #lookSoon(): void {
    const { time, logger } = this.#components
    if (this.#isLooking || this.#controller.signal.aborted) return
    if (!time.currentRoundInitialized() || time.lastInitializedRound() === this.#settled) return
    if (time.lastSeenBlock() < this.#nextBlock) return
    this.#isLooking = true
    this.#tasks.run(async () => {
      try {
        await this.#look(time.lastInitializedRound(), this.#controller.signal)
      } catch (error) {
        if (this.#controller.signal.aborted) return
        this.#nextBlock = time.lastSeenBlock() + RETRY_BLOCKS
        logger.warn({ err: error }, 'the reward of this round is not called for yet')
      } finally {
        this.#isLooking = false
      }
    })
  }

  async #look(round: bigint, signal: AbortSignal): Promise<void> {
    const { delegation, logger, isActive } = this.#components
    const { lastRewardRound } = await delegation.activity(this.#account, { signal })
    this.#lastRound = lastRewardRound
    if (lastRewardRound >= round) this.#settled = round
    if (lastRewardRound >= round || (await isActive(this.#account)) !== true) return
    const amount = await delegation.pendingReward(this.#account, { signal })
    if (amount === 0n) {
      // Nothing is minted, so nothing is worth a transaction.
      this.#settled = round
      return
    }
    try {
      await delegation.reward({ id: `reward/${round}`, signal })
      this.#lastRound = round
      this.#refused = null
      logger.info({ round, amount }, 'reward called for')
    } catch (error) {
      if (!hasCode(error, 'TX_REVERTED')) throw error
      this.#refused = round
      logger.warn({ err: error, round }, 'the chain refused the reward')
    }
    this.#settled = round
  }
}
