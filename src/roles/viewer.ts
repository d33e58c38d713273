import { ETHER } from '../chain/media-exchange.ts'
import type { RegisteredVideo, VideoRegistry } from '../chain/video-registry.ts'
import { agree } from '../exchange/content-bidder.ts'
import { fetchToc, type MediaFault } from '../exchange/content-client.ts'
import { commonRail } from '../exchange/content-order.ts'
import {
  type BoughtSegment,
  createPurchase,
  type PurchaseComponents,
} from '../exchange/content-purchase.ts'
import type { AbortOptions } from '../lib/abort.ts'
import { parseHex } from '../lib/bytes.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Wei } from '../lib/wei.ts'
import { digestOfCid } from '../media/content/cid.ts'
import { peerIdOfPublicKey } from '../net/peer-key.ts'

/** What a viewer works with. */
export interface ViewerComponents extends PurchaseComponents {
  readonly registry: Pick<VideoRegistry, 'videoOf' | 'announced'>
  /** The newest block, to which titles are looked for. */
  blockNumber(): Promise<bigint>
  /** Multiaddrs of a peer, as far as they are known. */
  addressesOf(peerId: string): Promise<readonly string[]>
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
  readonly format: string
  /** Wei a second. */
  readonly price: Wei
  /** Segments that are for sale. */
  readonly segments: number
}

/** Finds a video by its name, or the newest with a title. */
export async function findVideo(
  { registry, blockNumber }: Pick<ViewerComponents, 'registry' | 'blockNumber'>,
  name: string,
  options: AbortOptions = {},
): Promise<RegisteredVideo | undefined> {
  const digest = digestOfCid(name, 'dag-cbor') ?? (name.startsWith('0x') ? parseHex(name) : null)
  if (digest?.byteLength === 32) return registry.videoOf(digest, options)
  const range = { fromBlock: 0n, toBlock: await blockNumber() }
  const titled = (await registry.announced(range, options)).filter(({ title }) => title === name)
  const newest = titled.at(-1)
  return newest === undefined ? undefined : registry.videoOf(newest.directory, options)
}

/** Buys a video segment by segment and shows each; what was spent is in every one. */
export async function watchVideo(
  components: ViewerComponents,
  init: ViewInit,
  show: (segment: BoughtSegment, viewing: Viewing) => Promise<void>,
  options: AbortOptions = {},
): Promise<Result<{ readonly viewing: Viewing; readonly paid: Wei }, MediaFault>> {
  const video = await findVideo(components, init.video, options)
  if (video === undefined) return err({ code: 'VIDEO_UNKNOWN', detail: init.video })
  const format = init.format ?? video.formats[0] ?? ''
  const owner = peerIdOfPublicKey(video.owner)
  if (owner === null) return err({ code: 'VIDEO_UNKNOWN', detail: 'its owner has no key' })
  const peer = { peerId: owner, addresses: [...(await components.addressesOf(owner))] }
  const { directory } = video
  const fetched = await fetchToc(components.identity, peer, { video: directory, format }, options)
  if (!fetched.ok) return fetched
  const { introduction, toc } = fetched.value
  const { ask } = introduction
  if (ask === null) return err({ code: 'NOT_FOR_SALE', detail: video.title })
  if (ask > init.maxPrice) {
    const detail = `${ask} wei a second is asked, ${init.maxPrice} is offered`
    return err({ code: 'TOO_EXPENSIVE', detail })
  }
  if (introduction.binding.address !== video.payee) {
    return err({ code: 'WRONG_PAYEE', detail: "the owner's wallet is not the registered one" })
  }
  const terms = {
    ...{ bid: ask, hash: directory, format, to: owner, payee: video.payee, asset: ETHER },
    ...{ duration: video.duration, segmentSeconds: video.segment.length },
  }
  const rail = commonRail(init.rails, introduction.rails)
  if (!rail.ok) return rail
  const plan = { kind: 'content', peer, rail: rail.value, terms } as const
  const agreed = await agree(components, plan, options)
  if (!agreed.ok) return agreed
  const { order } = agreed.value
  const segments = toc.length - order.withheld.length
  const viewing = { video, format, price: ask, segments }
  const purchase = createPurchase(components, { ...agreed.value, toc, peer })
  try {
    for (;;) {
      const bought = await purchase.next(options)
      if (!bought.ok) return bought
      if (bought.value === null) return ok({ viewing, paid: purchase.order.paid })
      await show(bought.value, viewing)
    }
  } finally {
    await purchase.close()
  }
}
