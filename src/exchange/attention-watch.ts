import { type AbortOptions, sleep } from '../lib/abort.ts'
import { fromHex } from '../lib/bytes.ts'
import { messageOf } from '../lib/errors.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Wei } from '../lib/wei.ts'
import { type Cid, isContentOf } from '../media/content/cid.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import type { PeerTarget } from '../net/lanes.ts'
import { valueOf } from '../rails/check/digest.ts'
import type { EarnSession } from '../rails/rail.ts'
import type { Store, Table } from '../store/store.ts'
import type { MediaFault, MediaIdentity } from './content-client.ts'
import { contentExchangeLimits as limits } from './content-limits.ts'
import {
  contextOf,
  type EarnRail,
  feePerStepOf,
  type MediaOrder,
  receiptOf,
} from './content-order.ts'
import { codeOf, isLost } from './content-purchase.ts'
import { type ReceivedReply, receiveReply, sendRequest } from './content-stream.ts'
import { EXCHANGE_PROTOCOL, type WatchRequest } from './content-wire.ts'

/** What watching works with. */
export interface WatchComponents {
  readonly identity: MediaIdentity
  readonly store: Store
  readonly table: Table<MediaOrder>
  /** Shown each intact segment. */
  onSegment?(index: number, data: Uint8Array): void
}

/** What watching came to. */
export interface Watched {
  readonly segments: number
  /** Segments that came intact. */
  readonly intact: number
  readonly earned: Wei
}

/** The viewer's side of attention that is paid for. */
export class Watching {
  readonly #parts: WatchComponents
  readonly #earn: EarnSession
  readonly #turn: ReturnType<EarnRail['turns']>
  readonly #toc: readonly Cid[]
  readonly #peer: PeerTarget
  #order: MediaOrder
  #channel: FrameChannel | undefined
  #grant: Uint8Array = new Uint8Array()

  constructor(
    parts: WatchComponents,
    order: MediaOrder,
    rail: EarnRail,
    init: { readonly toc: readonly Cid[]; readonly peer: PeerTarget },
  ) {
    this.#parts = parts
    this.#order = order
    this.#toc = init.toc
    this.#peer = init.peer
    this.#turn = rail.turns(order.payer)
    const feePerStep = feePerStepOf(order.bid.bid)
    this.#earn = rail.rail.openEarn(contextOf(order), { payer: order.payer, feePerStep })
  }

  get order(): MediaOrder {
    return this.#order
  }

  /**
   * Watches to the end, as long as the last batch was paid for.
   *
   * @param batch - segments asked for at once; so many are at risk
   */
  async run(batch: number, options: AbortOptions = {}): Promise<Result<Watched, MediaFault>> {
    const total = this.#toc.length
    // An advertiser that was restarted since holds no terms; one that holds some loses nothing.
    if (this.#order.balance > 0) {
      const grant = await this.#earn.grant()
      if (grant.ok) this.#grant = grant.value
    }
    let receipts = new Map<number, Uint8Array>()
    let after = Math.min(Math.max(-1, ...this.#order.receipted) + 1, total)
    try {
      for (let isLast = false; !isLast; ) {
        isLast = after >= total
        const segment = Math.min(after + Math.min(batch, limits.maxBatch), total)
        const answer = await this.#ask({ segment, after, receipts }, options)
        if (!answer.ok) return answer
        const claimed = [...this.#order.receipted, ...receipts.keys()]
        const paid = await this.#take(answer.value, claimed)
        if (!paid.ok) return paid
        receipts = this.#inspect(answer.value.bodies)
        after = segment
      }
      await this.#put({ ...this.#order, state: 'done' })
      const intact = this.#order.receipted.length
      return ok({ segments: total, intact, earned: this.#order.paid })
    } finally {
      await this.#channel?.close().catch(() => {})
    }
  }

  /** Receipts for what came intact: a segment that got lost, or was changed, has none. */
  #inspect(bodies: ReadonlyMap<number, Uint8Array>): Map<number, Uint8Array> {
    const receipts = new Map<number, Uint8Array>()
    for (const [index, body] of bodies) {
      const cid = this.#toc[index]
      if (cid === undefined || !isContentOf(cid, body)) continue
      receipts.set(index, receiptOf(this.#order.channel, body))
      this.#parts.onSegment?.(index, body)
    }
    return receipts
  }

  /** Credits what came with a reply; what was receipted must be covered by it. */
  async #take(
    { reply }: ReceivedReply,
    claimed: readonly number[],
  ): Promise<Result<void, MediaFault>> {
    if (reply.type === 'refusal') return err(reply)
    if (reply.payment.byteLength > 0) {
      const credited = await this.#turn(async () => this.#credit(reply.payment, claimed))
      if (!credited.ok) return credited
      this.#grant = (await this.#earn.grantIfDue()) ?? new Uint8Array()
    }
    const owed = valueOf(this.#order.bid.bid, claimed.length)
    if (this.#order.paid >= owed) return ok(undefined)
    const detail = `${this.#order.paid} wei for receipts worth ${owed} wei`
    return err({ code: 'UNDERPAID', detail })
  }

  /** Invariant: the credit, and what it is for, are stored with what the rail writes. */
  async #credit(
    payment: Uint8Array,
    claimed: readonly number[],
  ): Promise<Result<void, MediaFault>> {
    const received = await this.#earn.receive(payment)
    if (!received.ok) return received
    const { credited, writes, sync, committed } = received.value
    const paid = this.#order.paid + credited
    const next = { ...this.#order, paid, receipted: claimed, balance: claimed.length }
    const ops = [...writes, this.#parts.table.putOp(next.channel, next)]
    await this.#parts.store.batch(ops, { sync })
    committed()
    this.#order = next
    return ok(undefined)
  }

  async #ask(
    request: Omit<WatchRequest, 'type' | 'nonce' | 'grant'>,
    options: AbortOptions,
  ): Promise<Result<ReceivedReply, MediaFault>> {
    const nonce = fromHex(this.#order.channel)
    for (let failures = 0; ; ) {
      try {
        this.#channel ??= await this.#parts.identity.host.open(this.#peer, EXCHANGE_PROTOCOL, {
          ...options,
          lane: 'bulk',
          maxHeaderBytes: limits.maxHeaderBytes,
          maxBodyBytes: limits.maxBlockBytes,
        })
        const full = { type: 'watch', nonce, ...request, grant: this.#grant } as const
        await sendRequest(this.#channel, full, this.#parts.identity.key, options)
        const answer = await receiveReply(this.#channel, this.#order.bid.bid.key, options)
        const { reply } = answer
        // The advertiser may not yet have heard that its bid was taken.
        const isEarly = reply.type === 'refusal' && reply.code === 'ORDER_UNKNOWN'
        if (!isEarly || failures >= limits.maxReconnects) return ok(answer)
        failures += 1
        this.#channel = undefined
        await sleep(limits.reconnectPauseMs * 2 ** (failures - 1), options)
      } catch (error) {
        options.signal?.throwIfAborted()
        if (!isLost(error)) return err({ code: codeOf(error), detail: messageOf(error) })
        this.#channel?.abort(new Error('the stream broke'))
        this.#channel = undefined
        failures += 1
        if (failures > limits.maxReconnects) {
          return err({ code: 'CONNECTION_LOST', detail: messageOf(error) })
        }
        await sleep(limits.reconnectPauseMs * 2 ** (failures - 1), options)
      }
    }
  }

  async #put(order: MediaOrder): Promise<void> {
    await this.#parts.table.put(order.channel, order)
    this.#order = order
  }
}
