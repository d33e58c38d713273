import { type AbortOptions, raceSignal } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import { messageOf } from '../lib/errors.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import { type MetricsRegistry, noMetrics } from '../lib/metrics.ts'
import { createSerial } from '../lib/serial.ts'
import { maxBig, type Wei } from '../lib/wei.ts'
import { chainLimits } from './limits.ts'
import { type ChainMetrics, createChainMetrics } from './metrics.ts'
import type { BrokerEvent, SenderInfo, TicketBroker } from './ticket-broker.ts'
import type { TimeManager, Unsubscribe } from './time-manager.ts'

/**
 * Senders' accounts as the chain has them, cached, and kept fresh by the broker's events.
 *
 * An account that was touched is read anew when it is next asked for, so a value is never older
 * than the last block whose events were read.
 */
export interface SenderManager extends Startable {
  getSenderInfo(sender: Address, options?: AbortOptions): Promise<SenderInfo>
  /** What the claimant has claimed of the holder's reserve in the current round. */
  claimedReserve(holder: Address, claimant: Address, options?: AbortOptions): Promise<Wei>
  /** Forgets what is cached of a sender. */
  clear(sender: Address): void
  /** Calls back when the account of a cached sender may have changed. */
  subscribeReserveChange(callback: (sender: Address) => void): Unsubscribe
}

/** What {@link createSenderManager} needs. */
export interface SenderManagerComponents {
  readonly broker: Pick<TicketBroker, 'senderInfo' | 'claimedReserve' | 'events'>
  readonly timeManager: Pick<TimeManager, 'onBlock' | 'onRound' | 'lastSeenBlock'>
  readonly logger: Logger
  readonly metrics?: MetricsRegistry
}

/** A cached view of the broker's senders; the time manager must be started first. */
export function createSenderManager(components: SenderManagerComponents): SenderManager {
  return new CachedSenderManager(components)
}

interface Cached {
  info: Promise<SenderInfo> | undefined
  readonly claimed: Map<Address, Promise<Wei>>
}

class CachedSenderManager implements SenderManager {
  readonly #components: SenderManagerComponents
  readonly #logger: Logger
  readonly #metrics: ChainMetrics
  /** Least recently asked for first. */
  readonly #cache = new Map<Address, Cached>()
  readonly #callbacks = new Set<(sender: Address) => void>()
  readonly #serial = createSerial()
  /** Places of events already heard, since blocks near the head are read again. */
  #heard = new Set<string>()
  #readTo = 0n
  #controller: AbortController | undefined
  #subscriptions: readonly Unsubscribe[] = []

  constructor(components: SenderManagerComponents) {
    this.#components = components
    this.#logger = components.logger.child({ part: 'sender-manager' })
    this.#metrics = createChainMetrics(components.metrics ?? noMetrics)
  }

  async start(): Promise<void> {
    if (this.#controller !== undefined) return
    const { timeManager } = this.#components
    const controller = new AbortController()
    this.#controller = controller
    this.#readTo = timeManager.lastSeenBlock()
    this.#subscriptions = [
      timeManager.onBlock((block) => {
        void this.#serial(async () => this.#readEvents(block, controller.signal))
      }),
      // With a new round every claim of the old one is void.
      timeManager.onRound(() => this.#touchAll()),
    ]
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#subscriptions) unsubscribe()
    this.#controller?.abort(new DOMException('sender manager stopped', 'AbortError'))
    await this.#serial(async () => {})
    this.#cache.clear()
    this.#heard.clear()
    this.#controller = undefined
  }

  async getSenderInfo(sender: Address, options: AbortOptions = {}): Promise<SenderInfo> {
    const cached = this.#entry(sender)
    if (cached.info === undefined) {
      const info = this.#components.broker.senderInfo(sender)
      cached.info = info
      info.catch(() => {
        if (cached.info === info) cached.info = undefined
      })
    }
    return raceSignal(cached.info, options)
  }

  async claimedReserve(
    holder: Address,
    claimant: Address,
    options: AbortOptions = {},
  ): Promise<Wei> {
    const { claimed } = this.#entry(holder)
    let amount = claimed.get(claimant)
    if (amount === undefined) {
      const reading = this.#components.broker.claimedReserve(holder, claimant)
      amount = reading
      claimed.set(claimant, reading)
      reading.catch(() => {
        if (claimed.get(claimant) === reading) claimed.delete(claimant)
      })
    }
    return raceSignal(amount, options)
  }

  clear(sender: Address): void {
    this.#cache.delete(sender)
  }

  subscribeReserveChange(callback: (sender: Address) => void): Unsubscribe {
    this.#callbacks.add(callback)
    return () => void this.#callbacks.delete(callback)
  }

  #entry(sender: Address): Cached {
    const entry = this.#cache.get(sender) ?? { info: undefined, claimed: new Map() }
    this.#cache.delete(sender)
    this.#cache.set(sender, entry)
    if (this.#cache.size > chainLimits.maxCachedSenders) {
      const [oldest] = this.#cache.keys()
      if (oldest !== undefined) this.#cache.delete(oldest)
    }
    return entry
  }

  async #readEvents(block: bigint, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const fromBlock = maxBig(this.#readTo - BigInt(chainLimits.reorgBlocks) + 1n, 0n)
    if (block - fromBlock > BigInt(chainLimits.maxCatchUpBlocks)) {
      this.#readTo = block
      return this.#touchAll()
    }
    try {
      const range = { fromBlock, toBlock: block }
      const events = await this.#components.broker.events(range, { signal })
      this.#readTo = block
      for (const sender of this.#newlyTouched(events)) this.#touch(sender)
    } catch (error) {
      if (signal.aborted) return
      // The next block reads from where this one failed.
      this.#metrics.pollFailures.inc({ part: 'sender-manager' })
      this.#logger.warn({ reason: messageOf(error), block }, "cannot read the broker's events")
    }
  }

  #newlyTouched(events: readonly BrokerEvent[]): ReadonlySet<Address> {
    const heard = new Set<string>()
    const touched = new Set<Address>()
    for (const event of events) {
      const place = `${event.blockNumber}/${Buffer.from(event.blockHash).toString('hex')}`
      const key = `${place}/${event.logIndex}`
      heard.add(key)
      if (!this.#heard.has(key) && 'sender' in event) touched.add(event.sender)
    }
    this.#heard = heard
    return touched
  }

  #touch(sender: Address): void {
    const cached = this.#cache.get(sender)
    if (cached === undefined) return
    this.#cache.set(sender, { info: undefined, claimed: new Map() })
    for (const callback of this.#callbacks) {
      try {
        callback(sender)
      } catch (error) {
        this.#logger.error({ err: error }, 'a listener of the sender manager failed')
      }
    }
  }

  #touchAll(): void {
    // A listener that asks for a sender moves it to the end of the map.
    const senders = Array.from(this.#cache.keys())
    for (const sender of senders) this.#touch(sender)
  }
}
