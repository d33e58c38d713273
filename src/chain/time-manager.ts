import { type AbortOptions, sleep } from '../lib/abort.ts'
import { hasCode, messageOf } from '../lib/errors.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import { type MetricsRegistry, noMetrics } from '../lib/metrics.ts'
import type { BondingManager } from './bonding-manager.ts'
import type { ChainClient } from './client.ts'
import { type ChainMetrics, createChainMetrics } from './metrics.ts'
import type { RoundsManager } from './rounds-manager.ts'

/** A round that was initialized. */
export interface Round {
  readonly number: bigint
  /** 32 bytes. */
  readonly blockHash: Uint8Array
}

/** Ends a subscription. */
export type Unsubscribe = () => void

/**
 * The node's view of the chain's time, kept fresh by polling. Readers never wait.
 *
 * Invariant: `lastSeenBlock` never falls, so what expired by it stays expired although another
 * endpoint may lag behind.
 */
export interface TimeManager extends Startable {
  lastSeenBlock(): bigint
  /** 0 before the first. */
  lastInitializedRound(): bigint
  /** 32 bytes; zero before the first round. */
  lastInitializedBlockHash(): Uint8Array
  /** Block hash of the round before the last initialized one; zero when that was not. */
  preLastInitializedBlockHash(): Uint8Array
  /** Whether the current round is initialized, as of the last look. */
  currentRoundInitialized(): boolean
  /** The share of the current round that is over, 0 to 1; null when the chain does not say. */
  roundElapsed(): number | null
  /** Into how many parts reserves are divided in the current round. */
  poolSize(): bigint
  /** Calls back for every new head, in order; heads may be skipped. */
  onBlock(callback: (block: bigint) => void): Unsubscribe
  /** Calls back when a round was initialized; rounds may be skipped. */
  onRound(callback: (round: Round) => void): Unsubscribe
}

/** What {@link createTimeManager} needs. */
export interface TimeManagerComponents {
  readonly client: ChainClient
  readonly rounds: RoundsManager
  readonly bonding: Pick<BondingManager, 'reserveParts'>
  readonly logger: Logger
  readonly metrics?: MetricsRegistry
}

/** Settings of {@link createTimeManager}. */
export interface TimeManagerInit {
  /** Pause between looks at the head. Default: the client's. */
  readonly pollingIntervalMs?: number
  /** Whether to initialize rounds when they are due. Needs `rounds` with transactions. */
  readonly initializeRounds?: boolean
}

/**
 * The time of one chain. `start` resolves after the first look.
 *
 * @throws from `start`: `CHAIN_UNREACHABLE` or `CONTRACT_MISSING`. Later failures are logged and
 * tried again.
 */
export function createTimeManager(
  components: TimeManagerComponents,
  init: TimeManagerInit = {},
): TimeManager {
  return new PollingTimeManager(components, init)
}

const zeroHash = new Uint8Array(32)

interface View {
  readonly block: bigint
  readonly round: bigint
  readonly blockHash: Uint8Array
  readonly previousBlockHash: Uint8Array
  readonly initialized: boolean
  readonly poolSize: bigint
  readonly elapsed: number | null
}

class PollingTimeManager implements TimeManager {
  readonly #components: TimeManagerComponents
  readonly #init: TimeManagerInit
  readonly #logger: Logger
  readonly #metrics: ChainMetrics
  readonly #blockCallbacks = new Set<(block: bigint) => void>()
  readonly #roundCallbacks = new Set<(round: Round) => void>()
  #view: View = {
    block: 0n,
    round: 0n,
    blockHash: zeroHash,
    previousBlockHash: zeroHash,
    initialized: false,
    poolSize: 0n,
    elapsed: null,
  }
  #controller: AbortController | undefined
  #loop: Promise<void> = Promise.resolve()
  #initializing: Promise<void> | undefined

  constructor(components: TimeManagerComponents, init: TimeManagerInit) {
    this.#components = components
    this.#init = init
    this.#logger = components.logger.child({ part: 'time-manager' })
    this.#metrics = createChainMetrics(components.metrics ?? noMetrics)
  }

  async start(): Promise<void> {
    if (this.#controller !== undefined) return
    const controller = new AbortController()
    this.#controller = controller
    try {
      await this.#look(controller.signal)
    } catch (error) {
      this.#controller = undefined
      throw error
    }
    this.#loop = this.#run(controller.signal)
  }

  async stop(): Promise<void> {
    this.#controller?.abort(new DOMException('time manager stopped', 'AbortError'))
    await this.#loop
    await this.#initializing
    this.#controller = undefined
  }

  lastSeenBlock = (): bigint => this.#view.block
  lastInitializedRound = (): bigint => this.#view.round
  lastInitializedBlockHash = (): Uint8Array => this.#view.blockHash
  preLastInitializedBlockHash = (): Uint8Array => this.#view.previousBlockHash
  currentRoundInitialized = (): boolean => this.#view.initialized
  poolSize = (): bigint => this.#view.poolSize
  roundElapsed = (): number | null => this.#view.elapsed

  onBlock = (callback: (block: bigint) => void): Unsubscribe => {
    this.#blockCallbacks.add(callback)
    return () => void this.#blockCallbacks.delete(callback)
  }

  onRound = (callback: (round: Round) => void): Unsubscribe => {
    this.#roundCallbacks.add(callback)
    return () => void this.#roundCallbacks.delete(callback)
  }

  async #run(signal: AbortSignal): Promise<void> {
    const intervalMs = this.#init.pollingIntervalMs ?? this.#components.client.pollingIntervalMs
    while (!signal.aborted) {
      try {
        if (this.#init.initializeRounds === true) this.#initialize(signal)
        await sleep(intervalMs, { signal })
        await this.#look(signal)
      } catch (error) {
        if (signal.aborted) return
        this.#metrics.pollFailures.inc({ part: 'time-manager' })
        this.#logger.warn({ err: error }, 'cannot read the chain')
        await sleep(intervalMs, { signal }).catch(() => {})
      }
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { client, rounds, bonding } = this.#components
    const previous = this.#view
    const block = await client.blockNumber({ signal })
    if (block < previous.block || (block === previous.block && previous.round !== 0n)) return
    const [round, initialized, poolSize, elapsed] = await Promise.all([
      rounds.lastInitializedRound({ signal }),
      rounds.currentRoundInitialized({ signal }),
      bonding.reserveParts({ signal }),
      // Nobody needs it so much that the rest should not be known without it.
      rounds.roundElapsed({ signal }).catch(() => null),
    ])
    const hashes = await this.#hashes(round, { signal })
    this.#view = { block, round, initialized, poolSize, elapsed, ...hashes }
    this.#metrics.headBlock.set(Number(block))
    this.#metrics.round.set(Number(round))
    if (block > previous.block) this.#call(this.#blockCallbacks, block)
    if (round !== previous.round) {
      this.#call(this.#roundCallbacks, { number: round, blockHash: hashes.blockHash })
    }
  }

  /** Read at every new block: a reorganisation may change the hash of a round. */
  async #hashes(
    round: bigint,
    options: AbortOptions,
  ): Promise<Pick<View, 'blockHash' | 'previousBlockHash'>> {
    if (round === 0n) return { blockHash: zeroHash, previousBlockHash: zeroHash }
    const { rounds } = this.#components
    const [blockHash, previousBlockHash] = await Promise.all([
      rounds.blockHashForRound(round, options),
      rounds.blockHashForRound(round - 1n, options),
    ])
    return { blockHash, previousBlockHash }
  }

  #call<T>(callbacks: ReadonlySet<(value: T) => void>, value: T): void {
    for (const callback of callbacks) {
      try {
        callback(value)
      } catch (error) {
        this.#logger.error({ err: error }, 'a listener of the time manager failed')
      }
    }
  }

  /** Beside the loop: the head must be followed while the transaction is waited for. */
  #initialize(signal: AbortSignal): void {
    if (this.#initializing !== undefined) return
    this.#initializing = this.#initializeIfDue(signal)
      .catch((error: unknown) => {
        if (signal.aborted) return
        this.#metrics.pollFailures.inc({ part: 'initialize-round' })
        this.#logger.warn({ err: error }, 'cannot initialize the round')
      })
      .finally(() => {
        this.#initializing = undefined
      })
  }

  async #initializeIfDue(signal: AbortSignal): Promise<void> {
    const { rounds } = this.#components
    // The block being made has the time that counts; on an idle chain the newest lies far behind.
    if (await rounds.currentRoundInitialized({ signal, blockTag: 'pending' })) return
    const round = await rounds.currentRound({ signal, blockTag: 'pending' })
    try {
      await rounds.initializeRound({ id: `initialize-round/${round}`, signal })
      this.#logger.info({ round }, 'round initialized')
    } catch (error) {
      if (!hasCode(error, 'TX_REVERTED')) throw error
      this.#logger.debug({ round, reason: messageOf(error) }, 'round was initialized by another')
    }
  }
}
