import type { AbortOptions } from '../lib/abort.ts'
import { bytesEqual } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { createSerial } from '../lib/serial.ts'
import { chainLimits } from './limits.ts'
import type { ChainMetrics } from './metrics.ts'
import { findReceipt, type TransactionNode } from './transaction-node.ts'
import type { Outcome, Receipt, TransactionRecord } from './transaction-record.ts'
import type { TransactionStore } from './transaction-store.ts'

/** What the watch works with. */
export interface WatchComponents {
  readonly node: TransactionNode
  readonly store: TransactionStore
  readonly logger: Logger
  readonly metrics: ChainMetrics
  readonly clock: Clock
  /** A transaction is no longer mined; its record is stored as unmined again. */
  onVanished(id: string, record: TransactionRecord): void
}

interface Watched {
  readonly record: TransactionRecord
  readonly outcome: Outcome
}

/**
 * Keeps an eye on mined transactions until they are too deep to be reorganised away.
 *
 * Invariant: a watched transaction keeps its nonce. When its block is gone it is handed back with
 * all its signed versions, so the same effect is sent again and never a second one.
 */
export class TransactionWatch {
  readonly #parts: WatchComponents
  /** Blocks, the one that holds the transaction included; 0 when nothing is watched. */
  readonly depth: bigint
  readonly #watched = new Map<string, Watched>()
  /** A look and a recheck in turn, so that nothing is handed back twice. */
  readonly #inTurn = createSerial()
  #head: Uint8Array = new Uint8Array(0)

  constructor(parts: WatchComponents, init: { readonly depth: number }) {
    this.#parts = parts
    this.depth = BigInt(init.depth)
  }

  get size(): number {
    return this.#watched.size
  }

  has(id: string): boolean {
    return this.#watched.has(id)
  }

  /** Nonces that the chain may show as free again. */
  nonces(): readonly number[] {
    return [...this.#watched.values()].map(({ record }) => record.nonce)
  }

  /** Takes up what was mined in an earlier run. */
  async load(): Promise<void> {
    for (const [id, record, outcome] of await this.#parts.store.watched()) {
      this.#watched.set(id, { record, outcome })
    }
  }

  add(id: string, record: TransactionRecord, outcome: Outcome): void {
    if (this.depth === 0n) return
    this.#watched.set(id, { record, outcome })
  }

  clear(): void {
    this.#watched.clear()
    this.#head = new Uint8Array(0)
  }

  /** Looks whether the chain has changed, and if so at all that is watched. */
  async look(options: AbortOptions): Promise<void> {
    if (this.size === 0) return
    await this.#inTurn(async () => {
      const head = await this.#parts.node.block('latest', options)
      if (head === undefined || bytesEqual(head.hash, this.#head)) return
      const hashes = new Map<bigint, Uint8Array | undefined>()
      const final: string[] = []
      for (const [id, entry] of this.#watched) {
        const { blockNumber } = entry.outcome.receipt
        if (!hashes.has(blockNumber)) {
          hashes.set(blockNumber, (await this.#parts.node.block(blockNumber, options))?.hash)
        }
        const stands = isIn(entry.outcome.receipt, hashes.get(blockNumber))
        if (!stands) await this.#verify(id, entry, options)
        else if (head.number >= blockNumber + this.depth - 1n) final.push(id)
      }
      await this.#forget([...final, ...this.#excess()])
      this.#head = head.hash
    })
  }

  /** Looks at one transaction now; once this resolves, one that vanished is unmined again. */
  async recheck(id: string, options: AbortOptions): Promise<void> {
    await this.#inTurn(async () => {
      const entry = this.#watched.get(id)
      if (entry === undefined) return
      const block = await this.#parts.node.block(entry.outcome.receipt.blockNumber, options)
      if (!isIn(entry.outcome.receipt, block?.hash)) await this.#verify(id, entry, options)
    })
  }

  #excess(): string[] {
    return [...this.#watched.keys()].slice(0, Math.max(0, this.size - chainLimits.maxWatched))
  }

  async #forget(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    await this.#parts.store.final(ids)
    for (const id of ids) this.#watched.delete(id)
  }

  /** The block that held it is not on the chain any more: it may be in another, or in none. */
  async #verify(id: string, entry: Watched, options: AbortOptions): Promise<void> {
    const { node, store, logger, metrics, clock, onVanished } = this.#parts
    const { record } = entry
    const receipt = await findReceipt(node, record, options)
    if (receipt === undefined) {
      await store.reopen(id, record)
      onVanished(id, record)
      this.#watched.delete(id)
      metrics.reorganised.inc()
      logger.warn({ id, nonce: record.nonce }, 'transaction was reorganised away; sent again')
      return
    }
    const reverted = receipt.status === 'reverted'
    const reason = reverted ? await node.replayReason(record, receipt, options) : ''
    const outcome = { receipt, reason, settledAtMs: clock.now() }
    await store.amend(id, outcome)
    this.#watched.set(id, { record, outcome })
    logger.info({ id, block: receipt.blockNumber }, 'transaction moved to another block')
  }
}

/** Whether a receipt's block is the one of that height; unknown counts as yes for old records. */
function isIn({ blockHash }: Receipt, canonical: Uint8Array | undefined): boolean {
  if (canonical === undefined) return false
  return blockHash === undefined || bytesEqual(blockHash, canonical)
}
