import { ETHER } from '../chain/media-exchange.ts'
import type { RegisteredVideo } from '../chain/video-registry.ts'
import { type AgreedOrder, agree, rejoin } from '../exchange/content-bidder.ts'
import { fetchToc, type Introduction, type MediaFault } from '../exchange/content-client.ts'
import { commonRail, forSale, type MediaOrder } from '../exchange/content-order.ts'
import {
  type BoughtSegment,
  createPurchase,
  type Purchase,
  type PurchaseComponents,
} from '../exchange/content-purchase.ts'
import type { AbortOptions } from '../lib/abort.ts'
import { bytesEqual } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Wei } from '../lib/wei.ts'
import type { Cid } from '../media/content/cid.ts'
import type { PeerTarget } from '../net/lanes.ts'
import { peerIdOfPublicKey } from '../net/peer-key.ts'
import { type FoundBy, findVideo, type VideoSources } from './find-video.ts'

/** What a viewer works with. */
export interface ViewerComponents extends PurchaseComponents, VideoSources {
  /** Multiaddrs of a peer and its wallet, as far as they are known. */
  addressesOf(peerId: string, wallet: Address, options: AbortOptions): Promise<readonly string[]>
}

/** What is to be watched, and at what price. */
export interface ViewInit {
  /** A directory's CID or digest in hex, or a title. */
  readonly video: string
  /** The first one where left out. */
  readonly format?: string | undefined
  /** Wei a second. */
  readonly maxPrice: Wei
  /** Rails to pay on, the preferred first. */
  readonly rails: readonly string[]
}

/** A video being watched. */
export interface Viewing {
  readonly video: RegisteredVideo
  readonly source: FoundBy
  readonly format: string
  /** Wei a second. */
  readonly price: Wei
  /** Segments that can be watched. */
  readonly segments: number
}

/** A video watched to its end, and what was paid under its order. */
export interface Viewed {
  readonly viewing: Viewing
  readonly paid: Wei
}

type Show = (segment: BoughtSegment, viewing: Viewing) => Promise<void>

/** One video at one owner. */
interface Seat {
  readonly video: RegisteredVideo
  readonly source: FoundBy
  readonly format: string
  readonly peer: PeerTarget
  readonly introduction: Introduction
  readonly toc: readonly Cid[]
}

/**
 * Watches a video: buys it segment by segment and shows each in its order; what was spent is in
 * every one.
 *
 * Invariant: a segment that is here is shown from here and never paid for again. What an earlier run
 * left open goes on under the same order; if its owner has settled that, a new one is for the rest.
 */
export async function watchVideo(
  components: ViewerComponents,
  init: ViewInit,
  show: Show,
  options: AbortOptions = {},
): Promise<Result<Viewed, MediaFault>> {
  const seat = await takeSeat(components, init, options)
  if (!seat.ok) return seat
  const shown = new Set<number>()
  const once: Show = async (segment, viewing) => {
    if (shown.has(segment.index)) return
    shown.add(segment.index)
    await show(segment, viewing)
  }
  return watchFrom(components, init, seat.value, once, options)
}

async function watchFrom(
  components: ViewerComponents,
  init: ViewInit,
  seat: Seat,
  show: Show,
  options: AbortOptions,
): Promise<Result<Viewed, MediaFault>> {
  const held = await heldOf(components, seat)
  const orders = await ordersOf(components, seat)
  const lacking = [...seat.toc.keys()].filter((index) => !held.includes(index))
  const isWhole = orders.some(({ withheld }) => lacking.every((index) => withheld.includes(index)))
  if (isWhole && held.length > 0) return replay(components, seat, show)
  const before = orders.find(
    ({ state, rail, bid }) =>
      state === 'open' && init.rails.includes(rail) && bid.bid.bid <= init.maxPrice,
  )
  if (before !== undefined) {
    const rejoined = await rejoin(components, before, seat.peer, options)
    const resumed = rejoined.ok
      ? await play(components, seat, rejoined.value, show, options)
      : rejoined
    if (resumed.ok || resumed.error.code !== 'ORDER_UNKNOWN') return resumed
    // Its owner has settled it: what is left in escrow comes back by itself.
    const last = (await components.table.get(before.channel)) ?? before
    await components.table.put(before.channel, { ...last, state: 'done' })
    return watchFrom(components, init, seat, show, options)
  }
  const agreed = await bid(components, init, seat, held, options)
  return agreed.ok ? play(components, seat, agreed.value, show, options) : agreed
}

/** Finds the video and its owner, and has its table of contents. */
async function takeSeat(
  components: ViewerComponents,
  init: ViewInit,
  options: AbortOptions,
): Promise<Result<Seat, MediaFault>> {
  const found = await findVideo(components, init.video, options)
  if (found === undefined) return err({ code: 'VIDEO_UNKNOWN', detail: init.video })
  const { video, source } = found
  const format = init.format ?? video.formats[0] ?? ''
  const owner = peerIdOfPublicKey(video.owner)
  if (owner === null) return err({ code: 'VIDEO_UNKNOWN', detail: 'its owner has no key' })
  const known = await components.addressesOf(owner, video.payee, options)
  const peer = { peerId: owner, addresses: [...new Set([...found.addresses, ...known])] }
  const { directory } = video
  const fetched = await fetchToc(components.identity, peer, { video: directory, format }, options)
  return fetched.ok ? ok({ video, source, format, peer, ...fetched.value }) : fetched
}

/** Bids what is asked, for all segments that are not here yet. */
async function bid(
  components: ViewerComponents,
  { rails, maxPrice }: ViewInit,
  { video, format, peer, introduction }: Seat,
  skip: readonly number[],
  options: AbortOptions,
): Promise<Result<AgreedOrder, MediaFault>> {
  const { ask, binding } = introduction
  if (ask === null) return err({ code: 'NOT_FOR_SALE', detail: video.title })
  if (ask > maxPrice) {
    const detail = `${ask} wei a second is asked, ${maxPrice} is offered`
    return err({ code: 'TOO_EXPENSIVE', detail })
  }
  if (binding.address !== video.payee) {
    return err({ code: 'WRONG_PAYEE', detail: "the owner's wallet is not the registered one" })
  }
  const terms = {
    ...{ bid: ask, hash: video.directory, format, to: peer.peerId, payee: video.payee },
    ...{ asset: ETHER, duration: video.duration, segmentSeconds: video.segment.length },
  }
  const rail = commonRail(rails, introduction.rails)
  if (!rail.ok) return rail
  const plan = { kind: 'content', peer, rail: rail.value, terms, skip } as const
  return agree(components, plan, options)
}

/** Shows what is here, and buys what is not. */
async function play(
  components: ViewerComponents,
  seat: Seat,
  agreed: AgreedOrder,
  show: Show,
  options: AbortOptions,
): Promise<Result<Viewed, MediaFault>> {
  const { toc, peer } = seat
  const purchase = createPurchase(components, { ...agreed, toc, peer })
  const sale = forSale(agreed.order)
  const held = await heldOf(components, seat)
  const segments = new Set([...sale, ...held]).size
  const { video, source, format } = seat
  const viewing = { video, source, format, price: agreed.order.bid.bid.bid, segments }
  try {
    for (const index of toc.keys()) {
      const segment =
        index === sale[purchase.order.balance]
          ? await purchase.next(options)
          : await fromHere(components, seat, index, purchase)
      if (!segment.ok) return segment
      if (segment.value !== null) await show(segment.value, viewing)
    }
    return ok({ viewing, paid: purchase.order.paid })
  } finally {
    await purchase.close()
  }
}

async function fromHere(
  { blocks }: ViewerComponents,
  { toc }: Seat,
  index: number,
  { order }: Pick<Purchase, 'order'>,
): Promise<Result<BoughtSegment | null, MediaFault>> {
  const cid = toc[index] as Cid
  const data = await blocks.get(cid)
  return ok(data === undefined ? null : { index, cid, data, paid: order.paid })
}

/** Shows a video of which all that can be had is here. */
async function replay(
  { blocks }: Pick<ViewerComponents, 'blocks'>,
  seat: Seat,
  show: Show,
): Promise<Result<Viewed, MediaFault>> {
  const { video, source, format, introduction } = seat
  const segments = (await heldOf({ blocks }, seat)).length
  const viewing = { video, source, format, price: introduction.ask ?? 0n, segments }
  for (const [index, cid] of seat.toc.entries()) {
    const data = await blocks.get(cid)
    if (data !== undefined) await show({ index, cid, data, paid: 0n }, viewing)
  }
  return ok({ viewing, paid: 0n })
}

/** Indexes of the segments that are here. */
async function heldOf(
  { blocks }: Pick<ViewerComponents, 'blocks'>,
  { toc }: Seat,
): Promise<readonly number[]> {
  const held: number[] = []
  for (const [index, cid] of toc.entries()) if (await blocks.has(cid)) held.push(index)
  return held
}

/** Orders of before for the same thing. */
async function ordersOf(
  { table }: ViewerComponents,
  { video, format, peer }: Seat,
): Promise<readonly MediaOrder[]> {
  const orders: MediaOrder[] = []
  for await (const [, order] of table.entries()) {
    const { bid: terms } = order.bid
    if (order.kind !== 'content' || order.side !== 'viewer' || terms.to !== peer.peerId) continue
    if (terms.format === format && bytesEqual(terms.hash, video.directory)) orders.push(order)
  }
  return orders
}
