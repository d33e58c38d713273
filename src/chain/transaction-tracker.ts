import { type AbortOptions, sleep } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { ChainClient } from './client.ts'
import { chainLimits } from './limits.ts'
import type { ChainMetrics } from './metrics.ts'
import { findReceipt, type TransactionNode } from './transaction-node.ts'
import {
  type Attempt,
  type Fees,
  type Outcome,
  type Receipt,
  replacementFees,
  type TransactionRecord,
  type TransactionsInit,
} from './transaction-record.ts'
import type { TransactionStore } from './transaction-store.ts'
import { TransactionWatch } from './transaction-watch.ts'

/** What the tracker works with. */
export interface TrackerComponents {
  readonly client: ChainClient
  readonly node: TransactionNode
  readonly store: TransactionStore
  readonly logger: Logger
  readonly metrics: ChainMetrics
  readonly clock: Clock
  /** Runs a section with a nonce that nobody else gets; the section uses it up. */
  withFreshNonce(section: (nonce: number) => Promise<void>, options: AbortOptions): Promise<void>
  onSettled(id: string, outcome: Outcome): void
  onVanished(id: string): void
}

interface Tracked {
  record: TransactionRecord
  sentAtMs: number
  /** When it was last signed, or found to be at the highest fee. */
  pricedAtMs: number
  /** Looks at which its nonce was used but no receipt was there. */
  misses: number
}

/** Follows transactions until they are mined: sends them again, and raises fees that are too low. */
export class TransactionTracker {
  readonly #parts: TrackerComponents
  readonly #init: TransactionsInit
  readonly #tracked = new Map<string, Tracked>()
  readonly #watch: TransactionWatch
  #wake: () => void = () => {}
  #delayMs: number = chainLimits.firstReceiptDelayMs

  constructor(parts: TrackerComponents, init: TransactionsInit) {
    this.#parts = parts
    this.#init = init
    const onVanished = (id: string, record: TransactionRecord): void => {
      this.add(id, record, false)
      parts.onVanished(id)
    }
    const depth = init.reorgDepth ?? chainLimits.reorgDepth
    this.#watch = new TransactionWatch({ ...parts, onVanished }, { depth })
  }

  /** What is mined and may still be reorganised away. */
  get watch(): Pick<TransactionWatch, 'has' | 'nonces' | 'load' | 'recheck' | 'clear'> {
    return this.#watch
  }

  get size(): number {
    return this.#tracked.size
  }

  has(id: string): boolean {
    return this.#tracked.has(id)
  }

  /** Ids and records by nonce. */
  entries(): readonly (readonly [id: string, record: TransactionRecord])[] {
    return this.#byNonce().map(([id, { record }]) => [id, record])
  }

  /** Follows a record. One that was not sent by this process is sent at the next look. */
  add(id: string, record: TransactionRecord, sent: boolean): void {
    const now = this.#parts.clock.now()
    this.#tracked.set(id, { record, sentAtMs: sent ? now : 0, pricedAtMs: now, misses: 0 })
    this.#delayMs = chainLimits.firstReceiptDelayMs
    this.#changed()
  }

  /** Stops following. */
  drop(id: string): void {
    this.#tracked.delete(id)
    this.#changed()
  }

  /** Looks at the chain until the signal fires; then resolves. */
  async run(signal: AbortSignal): Promise<void> {
    const { logger, metrics } = this.#parts
    signal.addEventListener('abort', () => this.#wake(), { once: true })
    while (!signal.aborted) {
      try {
        if (this.size > 0) await this.#look(signal)
        await this.#watch.look({ signal })
      } catch (error) {
        if (signal.aborted) return
        metrics.pollFailures.inc({ part: 'transactions' })
        logger.warn({ err: error }, 'cannot look for mined transactions')
      }
      await this.#pause(signal)
    }
  }

  #changed(): void {
    this.#parts.metrics.unminedTransactions.set(this.size)
    this.#wake()
  }

  #byNonce(): [string, Tracked][] {
    return [...this.#tracked].sort((a, b) => a[1].record.nonce - b[1].record.nonce)
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    if (signal.aborted) return
    if (this.size === 0 && this.#watch.size === 0) return woken
    const longest = this.#parts.client.pollingIntervalMs
    const delayMs = Math.min(this.#delayMs, longest)
    this.#delayMs = Math.min(this.#delayMs * 2, longest)
    const timer = new AbortController()
    await Promise.race([woken, sleep(delayMs, { signal: timer.signal }).catch(() => {})])
    timer.abort()
  }

  async #look(signal: AbortSignal): Promise<void> {
    const mined = await this.#parts.node.transactionCount('latest', { signal })
    let oldest = true
    for (const [id, entry] of this.#byNonce()) {
      signal.throwIfAborted()
      if (entry.record.nonce < mined) {
        await this.#settle(id, entry, signal)
        continue
      }
      // A later nonce waits for the oldest, so raising its fee would change nothing.
      if (oldest && this.#isStuck(entry)) await this.#replace(id, entry, signal)
      else if (this.#isDue(entry)) await this.#send(id, entry, signal)
      oldest = false
    }
  }

  #isDue(entry: Tracked): boolean {
    return this.#parts.clock.now() - entry.sentAtMs >= (this.#init.resendAfterMs ?? 15_000)
  }

  #isStuck(entry: Tracked): boolean {
    if (entry.record.attempts.length >= chainLimits.maxAttempts) return false
    return this.#parts.clock.now() - entry.pricedAtMs >= (this.#init.replaceAfterMs ?? 60_000)
  }

  async #send(id: string, entry: Tracked, signal: AbortSignal): Promise<void> {
    const { node, clock, logger } = this.#parts
    const latest = entry.record.attempts.at(-1) as Attempt
    const refusal = await node.send(latest.raw, { signal })
    entry.sentAtMs = clock.now()
    if (refusal === null || refusal === 'known') return
    logger.warn({ id, nonce: entry.record.nonce, refusal }, 'transaction waits to be sent')
  }

  async #replace(id: string, entry: Tracked, signal: AbortSignal): Promise<void> {
    const { node, clock, logger, metrics } = this.#parts
    const { record } = entry
    const market = await node.fees({ signal })
    const last = record.attempts.at(-1) as Attempt
    const fees = replacementFees(last, market, this.#init.maxFeePerGasWei)
    entry.pricedAtMs = clock.now()
    if (fees === null) {
      logger.warn({ id, nonce: record.nonce }, 'transaction is stuck at the highest fee')
      return this.#send(id, entry, signal)
    }
    await this.#signAnew(id, entry, record, fees, signal)
    metrics.replacements.inc()
    logger.info({ id, nonce: record.nonce, ...fees }, 'transaction replaced')
  }

  async #signAnew(
    id: string,
    entry: Tracked,
    base: TransactionRecord,
    fees: Fees,
    signal: AbortSignal,
  ): Promise<void> {
    const { node, store, clock } = this.#parts
    const attempt = await node.sign(base, fees, clock.now())
    const record = { ...base, attempts: [...base.attempts, attempt] }
    await store.put(id, record)
    entry.record = record
    await this.#send(id, entry, signal)
  }

  async #settle(id: string, entry: Tracked, signal: AbortSignal): Promise<void> {
    const { node, store, clock, metrics, logger } = this.#parts
    const receipt = await findReceipt(node, entry.record, { signal })
    if (receipt === undefined) {
      entry.misses += 1
      if (entry.misses >= chainLimits.missesBeforeDisplaced) await this.#renew(id, entry, signal)
      return
    }
    if (!(await this.#isConfirmed(receipt, signal))) return
    const reverted = receipt.status === 'reverted'
    const reason = reverted ? await node.replayReason(entry.record, receipt, { signal }) : ''
    const outcome = { receipt, reason, settledAtMs: clock.now() }
    await store.settle(id, outcome, this.#watch.depth > 0n ? entry.record : undefined)
    this.#watch.add(id, entry.record, outcome)
    this.drop(id)
    metrics.transactions.inc({ status: receipt.status })
    metrics.gasUsed.inc({}, Number(receipt.gasUsed))
    logger.debug({ id, status: receipt.status, block: receipt.blockNumber }, 'transaction mined')
    this.#parts.onSettled(id, outcome)
  }

  async #isConfirmed(receipt: Receipt, signal: AbortSignal): Promise<boolean> {
    const confirmations = this.#init.confirmations ?? 1
    if (confirmations <= 1) return true
    const head = await this.#parts.client.blockNumber({ signal })
    return head >= receipt.blockNumber + BigInt(confirmations - 1)
  }

  /** The nonce was used by a transaction that is not ours: none of our versions can be mined. */
  async #renew(id: string, entry: Tracked, signal: AbortSignal): Promise<void> {
    const { node, logger } = this.#parts
    const fees = await node.fees({ signal })
    await this.#parts.withFreshNonce(
      async (nonce) => {
        logger.warn({ id, from: entry.record.nonce, to: nonce }, 'nonce was used elsewhere')
        entry.misses = 0
        await this.#signAnew(id, entry, { ...entry.record, nonce, attempts: [] }, fees, signal)
      },
      { signal },
    )
  }
}
