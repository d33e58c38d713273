import { type AbortOptions, isAbort, sleep } from '../lib/abort.ts'
import { fromHex } from '../lib/bytes.ts'
import { hasCode, messageOf } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { maxBig, type Wei } from '../lib/wei.ts'
import type { BlockStore } from '../media/content/block-store.ts'
import { type Cid, isContentOf } from '../media/content/cid.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import type { PeerTarget } from '../net/lanes.ts'
import { valueOf } from '../rails/check/digest.ts'
import type { PaySession } from '../rails/rail.ts'
import { type BidderComponents } from './content-bidder.ts'
import type { MediaFault } from './content-client.ts'
import { contentExchangeLimits as limits } from './content-limits.ts'
import { forSale, isOverBid, type MediaOrder } from './content-order.ts'
import { type ReceivedReply, receiveReply, sendRequest } from './content-stream.ts'
import { type BuyRequest, EXCHANGE_PROTOCOL } from './content-wire.ts'

/** A segment that was bought, and is what its CID says. */
export interface BoughtSegment {
  readonly index: number
  readonly cid: Cid
  readonly data: Uint8Array
  /** Paid so far, in wei. */
  readonly paid: Wei
}

/** What a purchase works with. */
export interface PurchaseComponents extends BidderComponents {
  /** Where bought segments are kept. */
  readonly blocks: BlockStore
  readonly logger: Logger
}

/** The viewer's side of content that is bought, one segment after the other. */
export interface Purchase {
  readonly order: MediaOrder
  /**
   * Pays for the next segment and gets it. Null when all that is for sale was bought.
   *
   * Invariant: nothing more is paid before what was paid for is here and intact.
   */
  next(options?: AbortOptions): Promise<Result<BoughtSegment | null, MediaFault>>
  close(): Promise<void>
}

/** A purchase under an order that was agreed on. */
export function createPurchase(
  components: PurchaseComponents,
  init: {
    readonly order: MediaOrder
    readonly session: PaySession
    readonly toc: readonly Cid[]
    readonly peer: PeerTarget
  },
): Purchase {
  return new StreamedPurchase(components, init)
}

class StreamedPurchase implements Purchase {
  readonly #parts: PurchaseComponents
  readonly #init: Parameters<typeof createPurchase>[1]
  #order: MediaOrder
  #channel: FrameChannel | undefined
  /** What the last proof is said to be worth. */
  #lastValue: Wei = 0n
  #isCaughtUp = false

  constructor(parts: PurchaseComponents, init: Parameters<typeof createPurchase>[1]) {
    this.#parts = parts
    this.#init = init
    this.#order = init.order
  }

  get order(): MediaOrder {
    return this.#order
  }

  async next(options: AbortOptions = {}): Promise<Result<BoughtSegment | null, MediaFault>> {
    const sale = forSale(this.#order)
    const index = sale[this.#order.balance]
    const cid = index === undefined ? undefined : this.#init.toc[index]
    if (index === undefined) return ok(null)
    if (cid === undefined) return err({ code: 'VIDEO_UNKNOWN', detail: `no segment ${index}` })
    const balance = this.#order.balance + 1
    await this.#catchUp()
    const paid = await this.#pay(balance)
    let want: readonly number[] | null = null
    for (let tries = 0; tries < limits.maxSegmentTries; tries += 1) {
      const answer = await this.#ask({ balance, want }, options)
      // What an earlier run paid and had no time to note may have arrived all the same.
      if (!answer.ok) return paid.ok ? answer : paid
      const data = answer.value.bodies.get(index)
      if (data !== undefined && isContentOf(cid, data)) {
        await this.#parts.blocks.put(data, 'raw')
        const least = maxBig(this.#order.paid, valueOf(this.#order.bid.bid, balance))
        const none = new Uint8Array()
        await this.#put({ ...this.#order, balance, paid: least, lastPayment: none })
        return ok({ index, cid, data, paid: this.#order.paid })
      }
      want = [index]
    }
    const detail = `segment ${index} is not what was registered`
    return err({ code: 'SEGMENT_INVALID', detail })
  }

  async close(): Promise<void> {
    const channel = this.#channel
    this.#channel = undefined
    const state = this.#order.balance >= forSale(this.#order).length ? 'done' : 'open'
    await this.#put({ ...this.#order, state })
    await channel?.close().catch(() => {})
  }

  /** Notes what an earlier run paid, and had no time to note. */
  async #catchUp(): Promise<void> {
    if (this.#isCaughtUp) return
    const last = await this.#init.session.last?.()
    this.#isCaughtUp = true
    if (last === undefined || last === null || last.value <= this.#order.paid) return
    await this.#put({ ...this.#order, paid: last.value, lastPayment: last.proof })
  }

  /** Makes the proof for what a balance costs beyond what was paid. */
  async #pay(balance: number): Promise<Result<void, MediaFault>> {
    const due = maxBig(valueOf(this.#order.bid.bid, balance) - this.#order.paid, 0n)
    if (due === 0n) return ok(undefined)
    const paid = await this.#init.session.pay(due)
    if (!paid.ok) {
      const { class: faultClass, detail } = paid.error
      return faultClass === 'new-params' ? err({ code: NO_TERMS, detail }) : paid
    }
    const { proof, value } = paid.value
    // A proof that never leaves costs nothing.
    if (isOverBid(this.#order, value))
      return err({ code: 'OVER_BID', detail: `${value} wei at once` })
    this.#lastValue = value
    await this.#put({ ...this.#order, paid: this.#order.paid + value, lastPayment: proof })
    return ok(undefined)
  }

  /** Sends a request until there is an answer; a stream that broke is opened again. */
  async #ask(
    { balance, want }: Pick<BuyRequest, 'balance' | 'want'>,
    options: AbortOptions,
  ): Promise<Result<ReceivedReply, MediaFault>> {
    const nonce = fromHex(this.#order.channel)
    for (let failures = 0, renewed = false; ; ) {
      const payment = this.#order.lastPayment
      // What was paid may have arrived with an answer that did not: asked for by name, it comes again.
      const again = failures > 0 ? this.#indexOf(balance) : want
      const request = { type: 'buy', nonce, balance, payment, want: again } as const
      try {
        const channel = await this.#open(options)
        const { key } = this.#parts.identity
        await sendRequest(channel, request, key, options)
        const answer = await receiveReply(channel, this.#order.bid.bid.to, options)
        const { reply } = answer
        await this.#takeBack(reply)
        if (reply.grant.byteLength > 0) await this.#init.session.useGrant(reply.grant)
        if (reply.type === 'segments') return ok(answer)
        if (renewed || reply.grant.byteLength === 0) return err(reply)
        // The proof was refused: it is worth nothing, and another takes its place.
        renewed = true
        const refused = this.#order.lastPayment.byteLength > 0 ? this.#lastValue : 0n
        const worth = maxBig(this.#order.paid - refused, 0n)
        await this.#put({ ...this.#order, paid: worth, lastPayment: new Uint8Array() })
        const paid = await this.#pay(balance)
        if (!paid.ok) return paid
      } catch (error) {
        options.signal?.throwIfAborted()
        if (!isLost(error)) return err({ code: codeOf(error), detail: messageOf(error) })
        this.#drop()
        failures += 1
        if (failures > limits.maxReconnects) {
          return err({ code: 'CONNECTION_LOST', detail: messageOf(error) })
        }
        await sleep(limits.reconnectPauseMs * 2 ** (failures - 1), options)
      }
    }
  }

  /**
   * What comes back is not paid any more. The proof that it was is void, and never sent again.
   *
   * Invariant: the rail's books and the order's are changed at once, before anything else is paid.
   */
  async #takeBack({ reversal }: Pick<ReceivedReply['reply'], 'reversal'>): Promise<void> {
    if (reversal === undefined) return
    let order = this.#order
    const refunded = await this.#init.session.onRefund?.(reversal, (value) => {
      const paid = maxBig(order.paid - value, 0n)
      order = { ...order, paid, lastPayment: new Uint8Array() }
      return [this.#parts.table.putOp(order.channel, order)]
    })
    this.#order = order
    if (refunded?.ok !== false) return
    const { code, detail } = refunded.error
    this.#parts.logger.warn({ code, detail }, 'a reversal cannot be taken in')
  }

  #indexOf(balance: number): readonly number[] {
    return forSale(this.#order).slice(balance - 1, balance)
  }

  async #open(options: AbortOptions): Promise<FrameChannel> {
    this.#channel ??= await this.#parts.identity.host.open(this.#init.peer, EXCHANGE_PROTOCOL, {
      lane: 'bulk',
      ...options,
      maxHeaderBytes: limits.maxHeaderBytes,
      maxBodyBytes: limits.maxBlockBytes,
    })
    return this.#channel
  }

  #drop(): void {
    this.#channel?.abort(new Error('the stream broke'))
    this.#channel = undefined
  }

  async #put(order: MediaOrder): Promise<void> {
    await this.#parts.table.put(order.channel, order)
    this.#order = order
  }
}

/** There are no terms to pay under. */
const NO_TERMS = 'NO_TERMS'

const LOST: ReadonlySet<string> = new Set([
  ...['STREAM_RESET', 'STREAM_CLOSED', 'TRUNCATED_FRAME', 'IDLE_TIMEOUT', 'NO_REPLY'],
  ...['PEER_UNREACHABLE', 'CONNECTION_LOST'],
])

/** Whether a connection broke, so that another try may help. */
export function isLost(error: unknown): boolean {
  return isAbort(error) || [...LOST].some((code) => hasCode(error, code))
}

/** The code of what was thrown. */
export function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'INTERNAL'
}
