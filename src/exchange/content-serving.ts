import { sleep } from '../lib/abort.ts'
import { toHex } from '../lib/bytes.ts'
import type { Logger } from '../lib/logger.ts'
import { createSerial } from '../lib/serial.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import type { PeerKey } from '../net/peer-key.ts'
import type { PaySession } from '../rails/rail.ts'
import type { Store, Table } from '../store/store.ts'
import { Campaign } from './attention-campaign.ts'
import type { BlockSource, Catalog } from './content-catalog.ts'
import { contentExchangeLimits as limits } from './content-limits.ts'
import { contextOf, type EarnRail, type MediaOrder, type SpendRail } from './content-order.ts'
import { type MediaAnswer, Sale } from './content-sale.ts'
import { readRequest, sendReply } from './content-stream.ts'

/** What serving works with. */
export interface ServingComponents {
  readonly key: PeerKey
  readonly store: Store
  readonly table: Table<MediaOrder>
  readonly catalog: Catalog
  readonly blocks: BlockSource
  readonly logger: Logger
  readonly earnRails: ReadonlyMap<string, EarnRail>
  readonly spendRails: ReadonlyMap<string, SpendRail>
}

/** The owner's side of all orders: whoever asks under one gets what is due under it. */
export interface Serving {
  /** Serves the requests of one stream until its viewer is done. */
  serve(channel: FrameChannel, signal: AbortSignal): Promise<void>
  /** Takes up an order of attention that was just agreed on. */
  begin(order: MediaOrder, session: PaySession): Promise<void>
  /** Settles what was left open when the node stopped. */
  start(): Promise<void>
  stop(): Promise<void>
}

interface Live {
  readonly party: Sale | Campaign
  readonly serial: ReturnType<typeof createSerial>
  settling: AbortController | undefined
}

/** Creates the owner's side. */
export function createServing(components: ServingComponents): Serving {
  return new OrderServing(components)
}

class OrderServing implements Serving {
  readonly #parts: ServingComponents
  readonly #live = new Map<string, Live>()
  readonly #opening = createSerial()
  readonly #tasks: TaskGroup
  #controller = new AbortController()

  constructor(parts: ServingComponents) {
    this.#parts = parts
    this.#tasks = new TaskGroup(parts.logger)
  }

  async start(): Promise<void> {
    this.#controller = new AbortController()
    for await (const [channel, { kind, side, state }] of this.#parts.table.entries()) {
      if (kind !== 'content' || side !== 'owner' || state !== 'open') continue
      const live = await this.#open(channel)
      if (live !== null) this.#settleLater(channel, live)
    }
  }

  async stop(): Promise<void> {
    this.#controller.abort(new DOMException('the exchange is stopping', 'AbortError'))
    await this.#tasks.drain()
    this.#live.clear()
  }

  async begin(order: MediaOrder, session: PaySession): Promise<void> {
    const party = await this.#party(order, session)
    if (party === null) return
    this.#live.set(order.channel, { party, serial: createSerial(), settling: undefined })
  }

  async serve(channel: FrameChannel, signal: AbortSignal): Promise<void> {
    let live: Live | null = null
    let name = ''
    try {
      for (;;) {
        const bounds = { idleMs: limits.streamIdleMs, maxBodyBytes: 0, signal }
        const frame = await channel.receive(bounds)
        if (frame === null) return
        const { request, isSignedBy } = readRequest(frame.header)
        name = toHex(request.nonce)
        live = await this.#open(name)
        if (live === null)
          return await this.#refuse(channel, request.nonce, 'ORDER_UNKNOWN', signal)
        live.settling?.abort()
        const { party } = live
        const { bid } = party.order.bid
        const viewer = party instanceof Sale ? bid.key : bid.to
        const fits = party instanceof Sale === (request.type === 'buy')
        if (!fits || !isSignedBy(viewer)) {
          return await this.#refuse(channel, request.nonce, 'BAD_SIGNATURE', signal)
        }
        const answer = await live.serial(async (): Promise<MediaAnswer> => {
          if (party instanceof Sale && request.type === 'buy')
            return party.serve(request, { signal })
          if (party instanceof Campaign && request.type === 'watch') return party.serve(request)
          throw new TypeError('a request of the other kind')
        })
        await sendReply(channel, answer.reply, answer.bodies, this.#parts.key, { signal })
        if (party instanceof Sale && party.isSoldOut) this.#settleLater(name, live)
      }
    } finally {
      if (live !== null) this.#settleLater(name, live)
    }
  }

  async #open(channel: string): Promise<Live | null> {
    return this.#opening(async () => {
      const known = this.#live.get(channel)
      if (known !== undefined) return known
      const order = await this.#parts.table.get(channel)
      if (order === undefined || order.side !== 'owner' || order.state !== 'open') return null
      if (this.#live.size >= limits.maxOpenOrders) return null
      const party = await this.#party(order, null)
      if (party === null) return null
      const live: Live = { party, serial: createSerial(), settling: undefined }
      this.#live.set(channel, live)
      return live
    })
  }

  async #party(order: MediaOrder, session: PaySession | null): Promise<Sale | Campaign | null> {
    const { catalog, earnRails, spendRails } = this.#parts
    const toc = await catalog.toc(toHex(order.bid.bid.hash), order.bid.bid.format)
    if (toc === null) return null
    if (order.kind === 'content') {
      const rail = earnRails.get(order.rail)
      return rail === undefined ? null : new Sale(this.#parts, order, rail, toc)
    }
    if (session !== null) return new Campaign(this.#parts, order, session, toc)
    const opened = await spendRails.get(order.rail)?.rail.openPay(contextOf(order), null)
    return opened?.ok === true ? new Campaign(this.#parts, order, opened.value, toc) : null
  }

  /** Turns proofs into money soon when the viewer has everything, later when it is merely gone. */
  #settleLater(channel: string, live: Live): void {
    live.settling?.abort()
    const { party } = live
    if (!(party instanceof Sale)) return
    const settle = this.#parts.earnRails.get(party.order.rail)?.settle
    const controller = new AbortController()
    live.settling = controller
    const signal = AbortSignal.any([controller.signal, this.#controller.signal])
    this.#tasks.run(async () => {
      await sleep(party.isSoldOut ? limits.settleAfterMs : limits.settleIdleMs, { signal })
      const done = await live.serial(async () => {
        if (signal.aborted) return null
        const paid = await settle?.(channel, { signal: this.#controller.signal })
        const order: MediaOrder = { ...party.order, state: 'done' }
        await this.#parts.table.put(channel, order)
        this.#live.delete(channel)
        return paid ?? order.paid
      })
      if (done !== null) this.#parts.logger.info({ channel, wei: `${done}` }, 'order settled')
    })
  }

  async #refuse(
    channel: FrameChannel,
    nonce: Uint8Array,
    code: string,
    signal: AbortSignal,
  ): Promise<void> {
    const reply = { type: 'refusal', nonce, code, detail: '', grant: new Uint8Array() } as const
    await sendReply(channel, reply, new Map(), this.#parts.key, { signal })
  }
}
