import type { VideoRegistry } from '../chain/video-registry.ts'
import type { AbortOptions } from '../lib/abort.ts'
import { fromHex, toHex } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { Wei } from '../lib/wei.ts'
import type { Cid } from '../media/content/cid.ts'
import { verifyBinding } from '../net/identity.ts'
import { peerIdOfPublicKey } from '../net/peer-key.ts'
import { type Acceptor, judgeTerms } from '../rails/check/activation.ts'
import { digestOfBid, verifyBid } from '../rails/check/bid.ts'
import type { Store, Table } from '../store/store.ts'
import { type WatchComponents, Watching } from './attention-watch.ts'
import type { Catalog, CatalogEntry } from './content-catalog.ts'
import { fetchToc, type MediaFault, type MediaIdentity } from './content-client.ts'
import {
  type EarnRail,
  feePerStepOf,
  type MediaKind,
  type MediaOrder,
  newMediaOrder,
  type SeparatorOf,
} from './content-order.ts'
import { codeOf } from './content-purchase.ts'
import type { BidReply, BidRequest } from './content-wire.ts'

/** What whoever takes bids works with. */
export interface BidsComponents extends Omit<WatchComponents, 'identity'> {
  readonly identity: MediaIdentity
  readonly separatorOf: SeparatorOf
  readonly acceptor: Acceptor
  readonly registry: Pick<VideoRegistry, 'videoOf'>
  readonly catalog: Catalog
  readonly store: Store
  readonly table: Table<MediaOrder>
  readonly earnRails: ReadonlyMap<string, EarnRail>
  readonly clock: Clock
  readonly logger: Logger
  /** Random numbers from 0 to below 1, for segments that are kept back. */
  random?(): number
}

/** On what terms bids are taken. */
export interface BidsInit {
  /** Whether videos of the catalog are sold. */
  readonly sells: boolean
  /** Wei a second for which this node watches; null when it does not. */
  readonly attention: Wei | null
  /** Segments it watches before it must be paid. */
  readonly batch: number
}

/** Judges bids, opens what they pay from, and watches what it is paid to watch. */
export interface Bids {
  take(request: BidRequest, options?: AbortOptions): Promise<BidReply>
  /** What watching came to so far. */
  watched(): readonly object[]
  /** Goes on watching what was broken off. */
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * Which way segments go: whoever owns the video has them. Null when neither or both own it.
 */
export function directionOf(owner: string, self: string, bidder: string): MediaKind | null {
  if ((owner === self) === (owner === bidder)) return null
  return owner === self ? 'content' : 'attention'
}

/** Indexes that are kept back of a sale. */
export function withheldOf(
  { defence }: Pick<CatalogEntry, 'defence'>,
  total: number,
  random: () => number,
): number[] {
  if (defence.type === 'none' || total < 2) return []
  if (defence.type === 'last') return [total - 1]
  const kept = new Set<number>()
  while (kept.size < Math.min(defence.count, total - 1)) kept.add(Math.floor(random() * total))
  return [...kept].sort((a, b) => a - b)
}

/** Creates what takes bids. */
export function createBids(components: BidsComponents, init: BidsInit): Bids {
  return new JudgedBids(components, init)
}

class JudgedBids implements Bids {
  readonly #parts: BidsComponents
  readonly #init: BidsInit
  readonly #tasks: TaskGroup
  readonly #watched: object[] = []
  #controller = new AbortController()

  constructor(parts: BidsComponents, init: BidsInit) {
    this.#parts = parts
    this.#init = init
    this.#tasks = new TaskGroup(parts.logger)
  }

  async start(): Promise<void> {
    this.#controller = new AbortController()
    for await (const [, order] of this.#parts.table.entries()) {
      if (order.kind !== 'attention' || order.side !== 'viewer' || order.state !== 'open') continue
      this.#tasks.run(async () => this.#resume(order))
    }
  }

  async stop(): Promise<void> {
    this.#controller.abort(new DOMException('the exchange is stopping', 'AbortError'))
    await this.#tasks.drain()
  }

  watched(): readonly object[] {
    return this.#watched
  }

  async take(request: BidRequest, options: AbortOptions = {}): Promise<BidReply> {
    const { bid } = request.bid
    try {
      const channelName = toHex(digestOfBid(bid, this.#parts.separatorOf(request.rail)))
      const before = await this.#parts.table.get(channelName)
      if (before !== undefined) return await this.#again(before, request, options)
      const judged = await this.#judge(request, options)
      if (!judged.ok) return reject(judged.error)
      const rail = this.#parts.earnRails.get(request.rail)
      if (rail === undefined) return reject({ code: 'RAIL_UNKNOWN', detail: request.rail })
      const { kind, withheld } = judged.value
      const toc = kind === 'attention' ? await this.#toc(request, options) : ok([])
      if (!toc.ok) return reject(toc.error)
      const order = this.#orderOf(request, kind, withheld)
      const opened = await this.#openRail(rail, request, options)
      if (!opened.ok) return reject(opened.error)
      const isNew = (await this.#parts.table.get(order.channel)) === undefined
      if (isNew) await this.#parts.table.put(order.channel, order, { sync: true })
      if (isNew && kind === 'attention') {
        this.#tasks.run(async () => this.#watch(order, rail, toc.value))
      }
      const channel = digestOfBid(bid, this.#parts.separatorOf(request.rail))
      return { type: 'accept', channel, offer: opened.value, withheld: order.withheld }
    } catch (error) {
      options.signal?.throwIfAborted()
      this.#parts.logger.warn({ err: error }, 'a bid failed')
      return reject({ code: codeOf(error), detail: 'try again later' })
    }
  }

  /** A bid that was taken before: its bidder goes on, and may need a new offer for that. */
  async #again(
    { state, rail: name, payer, withheld, channel }: MediaOrder,
    request: BidRequest,
    options: AbortOptions,
  ): Promise<BidReply> {
    const { earnRails, separatorOf } = this.#parts
    const signer = verifyBid(request.bid, separatorOf(request.rail))
    if (!signer.ok || signer.value !== payer) {
      return reject({ code: 'BAD_SIGNATURE', detail: 'a signature of the bid does not hold' })
    }
    const rail = earnRails.get(request.rail)
    const isOurs = request.bid.bid.to === this.#parts.acceptor.peerId
    if (rail === undefined || request.rail !== name || state !== 'open' || !isOurs) {
      return reject({ code: 'ORDER_UNKNOWN', detail: 'there is no open order of this name' })
    }
    const opened = await this.#openRail(rail, request, options)
    if (!opened.ok) return reject(opened.error)
    return { type: 'accept', channel: fromHex(channel), offer: opened.value, withheld }
  }

  async #judge(
    { bid: signed, binding, rail, skip }: BidRequest,
    options: AbortOptions,
  ): Promise<Result<{ kind: MediaKind; withheld: number[] }, MediaFault>> {
    const { identity, separatorOf, acceptor, registry, catalog, clock, random } = this.#parts
    const { bid } = signed
    const payer = verifyBid(signed, separatorOf(rail))
    if (!payer.ok) return no(payer.error, 'a signature of the bid does not hold')
    if (!verifyBinding(binding, { chainId: identity.chainId }).ok) {
      return no('BAD_SIGNATURE', 'wallet and key are not bound to each other')
    }
    if (payer.value !== binding.address) {
      return no('BAD_WALLET_SIGNATURE', "the bid is not signed by the bidder's wallet")
    }
    const terms = judgeTerms(bid, acceptor, Math.floor(clock.now() / 1000))
    if (!terms.ok) return terms
    const video = await registry.videoOf(bid.hash, options)
    if (video === undefined) return no('VIDEO_UNKNOWN', 'no such video is registered')
    const owner = peerIdOfPublicKey(video.owner)
    const kind = directionOf(owner ?? '', acceptor.peerId, bid.key)
    if (kind === null) return no('NOT_OWNER', 'neither side, or both, own the video')
    const { duration, segment, formats } = video
    if (bid.duration !== duration || bid.segmentSeconds !== segment.length) {
      return no('WRONG_TERMS', `the video has ${duration} s, segments of ${segment.length} s`)
    }
    if (!formats.includes(bid.format)) return no('FORMAT_UNKNOWN', formats.join(', '))
    const entry = kind === 'content' ? await catalog.get(toHex(bid.hash)) : undefined
    const floor = kind === 'content' ? this.#askOf(entry) : this.#init.attention
    if (floor === null) return no('NOT_INTERESTED', `no ${kind} is sold here`)
    if (bid.bid < floor) return no('BID_TOO_LOW', `${bid.bid} of ${floor} wei a second`)
    const total = Math.ceil(duration / segment.length)
    if (entry === undefined) return ok({ kind, withheld: [] })
    // Chosen once: whoever bid again for another choice would get the whole.
    const withheld = entry.withheld ?? withheldOf(entry, total, random ?? Math.random)
    if (entry.withheld === undefined) await catalog.put({ ...entry, withheld })
    const unwanted = skip.filter((index) => index < total)
    return ok({ kind, withheld: [...new Set([...withheld, ...unwanted])].sort((a, b) => a - b) })
  }

  #askOf(entry: CatalogEntry | undefined): Wei | null {
    return this.#init.sells && entry !== undefined ? entry.ask : null
  }

  #orderOf({ bid, rail, binding, addresses }: BidRequest, kind: MediaKind, withheld: number[]) {
    const side = kind === 'content' ? ('owner' as const) : ('viewer' as const)
    const channel = toHex(digestOfBid(bid.bid, this.#parts.separatorOf(rail)))
    const names = { kind, side, channel, bid, rail, addresses, withheld }
    return newMediaOrder({ ...names, payer: binding.address, atMs: this.#parts.clock.now() })
  }

  /** Opens the channel of a bid, or makes the offer of a rail that knows no bids. */
  async #openRail(
    { rail, acceptBid }: EarnRail,
    { bid, binding }: BidRequest,
    options: AbortOptions,
  ): Promise<Result<Uint8Array, MediaFault>> {
    if (acceptBid !== undefined) {
      const accepted = await acceptBid(bid, binding.address, options)
      return accepted.ok ? ok(new Uint8Array()) : accepted
    }
    return rail.offer({ payer: binding.address, feePerStep: feePerStepOf(bid.bid) })
  }

  async #toc(
    { bid, addresses }: Pick<BidRequest, 'bid' | 'addresses'>,
    options: AbortOptions,
  ): Promise<Result<readonly Cid[], MediaFault>> {
    const { key, hash, format } = bid.bid
    const peer = { peerId: key, addresses: [...addresses] }
    const fetched = await fetchToc(this.#parts.identity, peer, { video: hash, format }, options)
    return fetched.ok ? ok(fetched.value.toc) : fetched
  }

  async #resume(order: MediaOrder): Promise<void> {
    const rail = this.#parts.earnRails.get(order.rail)
    const toc = await this.#toc(order, { signal: this.#controller.signal })
    if (rail !== undefined && toc.ok) await this.#watch(order, rail, toc.value)
  }

  async #watch(order: MediaOrder, rail: EarnRail, toc: readonly Cid[]): Promise<void> {
    const { signal } = this.#controller
    const peer = { peerId: order.bid.bid.key, addresses: [...order.addresses] }
    const watching = new Watching(this.#parts, order, rail, { toc, peer })
    const watched = await watching.run(this.#init.batch, { signal })
    const { logger } = this.#parts
    const { channel } = order
    if (!watched.ok) logger.warn({ channel, ...watched.error }, 'watching ended early')
    await rail.settle?.(channel, { signal })
    const { payer, paid, receipted, rail: name } = watching.order
    const result = {
      channel,
      payer,
      rail: name,
      segments: toc.length,
      intact: receipted.length,
      earnedWei: paid,
    }
    this.#watched.push({ ...result, ...(watched.ok ? {} : { fault: watched.error.code }) })
    if (this.#watched.length > MAX_SHOWN) this.#watched.shift()
    logger.info({ channel, wei: `${paid}`, intact: receipted.length }, 'watched')
  }
}

/** Limit: results of watching that are shown. */
const MAX_SHOWN = 64

function no(code: string, detail: string): { readonly ok: false; readonly error: MediaFault } {
  return err({ code, detail })
}

function reject({ code, detail }: MediaFault): BidReply {
  return { type: 'reject', code, detail }
}
