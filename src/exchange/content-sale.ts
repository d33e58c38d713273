import { fromHex } from '../lib/bytes.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Cid } from '../media/content/cid.ts'
import { segmentsFor } from '../rails/check/digest.ts'
import type { EarnSession, RailFault } from '../rails/rail.ts'
import type { Store, Table, WriteOp } from '../store/store.ts'
import type { BlockSource } from './content-catalog.ts'
import { contentExchangeLimits as limits } from './content-limits.ts'
import {
  contextOf,
  type EarnRail,
  feePerStepOf,
  forSale,
  type MediaOrder,
} from './content-order.ts'
import type { BuyRequest, RefusalReply, SegmentsReply } from './content-wire.ts'

/** An answer to a viewer, with the segments in it. */
export interface MediaAnswer {
  readonly reply: SegmentsReply | RefusalReply
  readonly bodies: ReadonlyMap<number, Uint8Array>
}

/** What a sale works with. */
export interface SaleComponents {
  readonly store: Store
  readonly table: Table<MediaOrder>
  readonly blocks: BlockSource
}

/**
 * The owner's side of content that is sold.
 *
 * Invariant: a segment leaves only when its price, and that of all sold before it, is credited and
 * stored.
 */
export class Sale {
  readonly #parts: SaleComponents
  readonly #earn: EarnSession
  readonly #turn: ReturnType<EarnRail['turns']>
  readonly #toc: readonly Cid[]
  #order: MediaOrder

  constructor(parts: SaleComponents, order: MediaOrder, rail: EarnRail, toc: readonly Cid[]) {
    this.#parts = parts
    this.#order = order
    this.#toc = toc
    this.#turn = rail.turns(order.payer)
    const feePerStep = feePerStepOf(order.bid.bid)
    this.#earn = rail.rail.openEarn(contextOf(order), { payer: order.payer, feePerStep })
  }

  get order(): MediaOrder {
    return this.#order
  }

  /** Whether the viewer has got all it can get. */
  get isSoldOut(): boolean {
    return this.#order.balance >= forSale(this.#order).length
  }

  /** Credits what came and hands out what is paid for. Calls must not overlap. */
  async serve(request: BuyRequest): Promise<MediaAnswer> {
    const sale = forSale(this.#order)
    if (request.balance > sale.length) return this.#refuse('SOLD_OUT', `${sale.length} are sold`)
    const before = this.#order.balance
    if (request.payment.byteLength > 0) {
      const credited = await this.#turn(async () => this.#credit(request.payment))
      // A proof that was credited before its terms ran out may come again after they did.
      if (!credited.ok && request.balance > this.#affordable()) return this.#fault(credited.error)
    }
    if (request.balance > this.#affordable()) return this.#underpaid(request)
    if (request.balance > before) await this.#put({ ...this.#order, balance: request.balance }, [])
    const paidFor = sale.slice(0, this.#order.balance)
    const wanted = request.want ?? paidFor.slice(before).slice(0, limits.maxBatch)
    if (!wanted.every((index) => paidFor.includes(index))) {
      return this.#refuse('NOT_PAID', 'a segment that was asked for is not paid for')
    }
    return this.#deliver(wanted)
  }

  /** Segments that are paid for. */
  #affordable(): number {
    return segmentsFor(this.#order.bid.bid, this.#order.paid)
  }

  /** Whoever asks without paying may lack terms to pay under, after a restart. */
  async #underpaid({ balance, payment }: BuyRequest): Promise<MediaAnswer> {
    const refusal = this.#refuse('UNDERPAID', `${balance} asked, ${this.#affordable()} paid`)
    const grant = payment.byteLength === 0 ? await this.#earn.grant() : null
    return grant?.ok === true
      ? { ...refusal, reply: { ...refusal.reply, grant: grant.value } }
      : refusal
  }

  async #credit(payment: Uint8Array): Promise<Result<void, RailFault>> {
    const received = await this.#earn.receive(payment)
    if (!received.ok) return received
    const { credited, writes, sync, committed } = received.value
    await this.#put({ ...this.#order, paid: this.#order.paid + credited }, writes, sync)
    committed()
    return ok(undefined)
  }

  async #put(order: MediaOrder, writes: readonly WriteOp[], sync = false): Promise<void> {
    const { store, table } = this.#parts
    await store.batch([...writes, table.putOp(order.channel, order)], { sync })
    this.#order = order
  }

  async #deliver(indexes: readonly number[]): Promise<MediaAnswer> {
    const segments = new Map<number, Cid>()
    const bodies = new Map<number, Uint8Array>()
    for (const index of indexes) {
      const cid = this.#toc[index]
      const body = cid === undefined ? undefined : await this.#parts.blocks.get(cid)
      if (cid === undefined || body === undefined) continue
      segments.set(index, cid)
      bodies.set(index, body)
    }
    const grant = (await this.#earn.grantIfDue()) ?? new Uint8Array()
    const { channel, balance } = this.#order
    const none = new Uint8Array()
    const reply = { type: 'segments', nonce: fromHex(channel), balance, payment: none } as const
    return { reply: { ...reply, segments, grant }, bodies }
  }

  async #fault(fault: RailFault): Promise<MediaAnswer> {
    const grant = fault.class === 'new-params' ? await this.#earn.grant() : err(fault)
    const refusal = this.#refuse(fault.code, fault.detail)
    return grant.ok ? { ...refusal, reply: { ...refusal.reply, grant: grant.value } } : refusal
  }

  #refuse(code: string, detail: string): MediaAnswer & { readonly reply: RefusalReply } {
    const nonce = fromHex(this.#order.channel)
    const reply = { type: 'refusal', nonce, code, detail, grant: new Uint8Array() } as const
    return { reply, bodies: new Map() }
  }
}
