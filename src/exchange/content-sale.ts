import { type AbortOptions, sleep } from '../lib/abort.ts'
import { fromHex } from '../lib/bytes.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Cid } from '../media/content/cid.ts'
import { segmentsFor, valueOf } from '../rails/check/digest.ts'
import { type EarnSession, type RailFault, railFault } from '../rails/rail.ts'
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

const GONE = 'SEGMENT_GONE'
const GONE_DETAIL = 'the segment is not here any more'

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
  #fetched: { readonly index: number; readonly body: Uint8Array } | undefined

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

  /**
   * Credits what came and hands out what is paid for. Calls must not overlap.
   *
   * Invariant: nothing is sold that is gone. What was paid for it is given back where the rail can,
   * and otherwise not taken.
   */
  async serve(request: BuyRequest, options: AbortOptions = {}): Promise<MediaAnswer> {
    try {
      return await this.#serve(request, options)
    } finally {
      this.#fetched = undefined
    }
  }

  async #serve(request: BuyRequest, options: AbortOptions): Promise<MediaAnswer> {
    const sale = forSale(this.#order)
    if (request.balance > sale.length) return this.#refuse('SOLD_OUT', `${sale.length} are sold`)
    const before = this.#order.balance
    const next = request.balance > before ? sale[before] : undefined
    if (request.payment.byteLength > 0) {
      const credited = await this.#creditSoon(request.payment, next, options)
      // A proof that was credited before its terms ran out may come again after they did.
      if (!credited.ok && request.balance > this.#affordable()) {
        // So may one that was given back, when the answer with the reversal got lost.
        const isReversed = this.#order.reversal !== undefined && (await this.#isGone(next))
        return isReversed ? this.#gone() : this.#fault(credited.error)
      }
    }
    if (request.balance > this.#affordable()) return this.#underpaid(request)
    const paidFor = sale.slice(0, Math.max(before, request.balance))
    const wanted = request.want ?? paidFor.slice(before).slice(0, limits.maxBatch)
    if (!wanted.every((index) => paidFor.includes(index))) {
      return this.#refuse('NOT_PAID', 'a segment that was asked for is not paid for')
    }
    return this.#deliver(wanted, request.balance)
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

  /** A payer may have seen its deposit in a block that this node is about to see. */
  async #creditSoon(
    payment: Uint8Array,
    next: number | undefined,
    options: AbortOptions,
  ): Promise<Result<void, RailFault>> {
    for (let tries = 1; ; tries += 1) {
      const credited = await this.#turn(async () => this.#credit(payment, next))
      const isLate = !credited.ok && credited.error.class === 'not-ready'
      if (!isLate || tries >= limits.maxReadyTries) return credited
      await sleep(limits.readyPauseMs, options)
    }
  }

  async #credit(payment: Uint8Array, next: number | undefined): Promise<Result<void, RailFault>> {
    const received = await this.#earn.receive(payment)
    if (!received.ok) return received
    // What could not be given back is not taken: nothing of it was stored.
    const isFinal = this.#earn.refund === undefined && received.value.credited > 0n
    if (isFinal && (await this.#isGone(next))) return err(railFault('limit', GONE, GONE_DETAIL))
    const { credited, writes, sync, committed } = received.value
    const { reversal, ...order } = this.#order
    const kept = credited > 0n || reversal === undefined ? order : { ...order, reversal }
    await this.#put({ ...kept, paid: order.paid + credited }, writes, sync)
    committed()
    return ok(undefined)
  }

  /**
   * Gives back what was paid beyond the segments sold, as far as the rail's payments can be divided.
   *
   * Invariant: it is off the books, on the disk, before the viewer hears of it.
   */
  async #giveBack(): Promise<void> {
    const excess = this.#order.paid - valueOf(this.#order.bid.bid, this.#order.balance)
    if (excess <= 0n) return
    const { refund } = this.#earn
    await this.#turn(async () => {
      const given = await refund?.(excess)
      if (given?.ok !== true || given.value.refunded === 0n) return
      const { refunded, reversal, writes, committed } = given.value
      await this.#put({ ...this.#order, paid: this.#order.paid - refunded, reversal }, writes, true)
      committed()
    })
  }

  async #put(order: MediaOrder, writes: readonly WriteOp[], sync = false): Promise<void> {
    const { store, table } = this.#parts
    await store.batch([...writes, table.putOp(order.channel, order)], { sync })
    this.#order = order
  }

  async #isGone(index: number | undefined): Promise<boolean> {
    return index !== undefined && (await this.#bodyOf(index)) === undefined
  }

  /** A segment; the one fetched last is kept, since it is looked for before it is handed out. */
  async #bodyOf(index: number): Promise<Uint8Array | undefined> {
    if (this.#fetched?.index === index) return this.#fetched.body
    const cid = this.#toc[index]
    const body = cid === undefined ? undefined : await this.#parts.blocks.get(cid)
    this.#fetched = body === undefined ? undefined : { index, body }
    return body
  }

  /** Hands out segments; of those that were not sold before, only what comes before the first gone. */
  async #deliver(wanted: readonly number[], asked: number): Promise<MediaAnswer> {
    const sale = forSale(this.#order)
    const before = this.#order.balance
    const segments = new Map<number, Cid>()
    const bodies = new Map<number, Uint8Array>()
    let sold = Math.max(before, asked)
    for (const index of wanted) {
      const position = sale.indexOf(index)
      const body = position < sold ? await this.#bodyOf(index) : undefined
      if (body !== undefined) {
        segments.set(index, this.#toc[index] as Cid)
        bodies.set(index, body)
      } else if (position >= before) {
        sold = Math.min(sold, position)
      }
    }
    for (const index of wanted.filter((found) => sale.indexOf(found) >= sold)) {
      segments.delete(index)
      bodies.delete(index)
    }
    if (sold > before) await this.#put({ ...this.#order, balance: sold }, [])
    if (sold < asked || this.isSoldOut) await this.#giveBack()
    if (wanted.length > 0 && bodies.size === 0) return this.#gone()
    const grant = (await this.#earn.grantIfDue()) ?? new Uint8Array()
    const { channel, balance } = this.#order
    const none = new Uint8Array()
    const reply = { type: 'segments', nonce: fromHex(channel), balance, payment: none } as const
    return { reply: { ...reply, segments, grant, ...this.#back() }, bodies }
  }

  async #fault(fault: RailFault): Promise<MediaAnswer> {
    const grant = fault.class === 'new-params' ? await this.#earn.grant() : err(fault)
    const refusal = this.#refuse(fault.code, fault.detail)
    return grant.ok ? { ...refusal, reply: { ...refusal.reply, grant: grant.value } } : refusal
  }

  #refuse(code: string, detail: string): MediaAnswer & { readonly reply: RefusalReply } {
    const nonce = fromHex(this.#order.channel)
    const reply = { type: 'refusal', nonce, code, detail, grant: new Uint8Array() } as const
    return { reply: { ...reply, ...this.#back() }, bodies: new Map() }
  }

  #gone(): MediaAnswer {
    return this.#refuse(GONE, GONE_DETAIL)
  }

  /** Taken in before, a reversal is worth nothing: it may come with every answer. */
  #back(): { readonly reversal?: Uint8Array } {
    const { reversal } = this.#order
    return reversal === undefined ? {} : { reversal }
  }
}
