import { bytesEqual, fromHex } from '../lib/bytes.ts'
import { maxBig } from '../lib/wei.ts'
import type { Cid } from '../media/content/cid.ts'
import { valueOf } from '../rails/check/digest.ts'
import type { PaySession } from '../rails/rail.ts'
import type { Table } from '../store/store.ts'
import type { BlockSource } from './content-catalog.ts'
import { contentExchangeLimits as limits } from './content-limits.ts'
import { isOverBid, type MediaOrder, receiptOf } from './content-order.ts'
import type { MediaAnswer } from './content-sale.ts'
import type { WatchRequest } from './content-wire.ts'

/** What a campaign works with. */
export interface CampaignComponents {
  readonly table: Table<MediaOrder>
  readonly blocks: BlockSource
}

/**
 * The advertiser's side of attention that is paid for.
 *
 * Invariant: a segment is paid for once, after its receipt; what it risks is nothing, what its
 * viewer risks is one batch.
 */
export class Campaign {
  readonly #parts: CampaignComponents
  readonly #session: PaySession
  readonly #toc: readonly Cid[]
  #order: MediaOrder

  constructor(
    parts: CampaignComponents,
    order: MediaOrder,
    session: PaySession,
    toc: readonly Cid[],
  ) {
    this.#parts = parts
    this.#order = order
    this.#session = session
    this.#toc = toc
  }

  get order(): MediaOrder {
    return this.#order
  }

  /** Whether every segment was receipted. */
  get isWatched(): boolean {
    return this.#order.receipted.length >= this.#toc.length
  }

  /** Pays for receipts and hands out the next segments. Calls must not overlap. */
  async serve(request: WatchRequest): Promise<MediaAnswer> {
    if (request.grant.byteLength > 0) await this.#session.useGrant(request.grant)
    const fresh = await this.#verify(request.receipts)
    const receipted = [...this.#order.receipted, ...fresh]
    const balance = receipted.length
    const due = maxBig(valueOf(this.#order.bid.bid, balance) - this.#order.paid, 0n)
    if (due > 0n) {
      const paid = await this.#session.pay(due)
      if (!paid.ok) return this.#refuse(paid.error.code, paid.error.detail)
      const { proof, value } = paid.value
      if (isOverBid(this.#order, value)) return this.#refuse('OVER_BID', `${value} wei at once`)
      const sum = this.#order.paid + value
      await this.#put({ ...this.#order, receipted, balance, paid: sum, lastPayment: proof })
    }
    return this.#deliver(request.after, request.segment)
  }

  /** The indexes whose receipts are right and new. */
  async #verify(receipts: ReadonlyMap<number, Uint8Array>): Promise<number[]> {
    const known = new Set(this.#order.receipted)
    const fresh: number[] = []
    for (const [index, receipt] of receipts) {
      const cid = this.#toc[index]
      if (cid === undefined || known.has(index)) continue
      const segment = await this.#parts.blocks.get(cid)
      if (segment === undefined) continue
      if (bytesEqual(receiptOf(this.#order.channel, segment), receipt)) fresh.push(index)
    }
    return fresh
  }

  async #deliver(after: number, segment: number): Promise<MediaAnswer> {
    const segments = new Map<number, Cid>()
    const bodies = new Map<number, Uint8Array>()
    const last = Math.min(segment, after + limits.maxBatch, this.#toc.length)
    for (let index = after; index < last; index += 1) {
      const cid = this.#toc[index] as Cid
      const body = await this.#parts.blocks.get(cid)
      if (body === undefined) continue
      segments.set(index, cid)
      bodies.set(index, body)
    }
    const { channel, balance, lastPayment } = this.#order
    const reply = {
      ...({ type: 'segments', nonce: fromHex(channel), segments, balance } as const),
      ...{ payment: lastPayment, grant: new Uint8Array() },
    }
    return { reply, bodies }
  }

  async #put(order: MediaOrder): Promise<void> {
    await this.#parts.table.put(order.channel, order)
    this.#order = order
  }

  #refuse(code: string, detail: string): MediaAnswer {
    const nonce = fromHex(this.#order.channel)
    const reply = { type: 'refusal', nonce, code, detail, grant: new Uint8Array() } as const
    return { reply, bodies: new Map() }
  }
}
