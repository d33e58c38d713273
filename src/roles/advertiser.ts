import { ETHER } from '../chain/media-exchange.ts'
import type { RegisteredVideo } from '../chain/video-registry.ts'
import { agree, type BidderComponents } from '../exchange/content-bidder.ts'
import { type MediaFault, sayHello } from '../exchange/content-client.ts'
import { commonRail, type MediaOrder } from '../exchange/content-order.ts'
import type { Serving } from '../exchange/content-serving.ts'
import type { AbortOptions } from '../lib/abort.ts'
import { bytesEqual } from '../lib/bytes.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Wei } from '../lib/wei.ts'
import type { PeerTarget } from '../net/lanes.ts'

/** What an advertiser works with. */
export interface AdvertiserComponents extends BidderComponents {
  readonly serving: Serving
}

/** What a viewer is to watch, and for how much. */
export interface AdvertiseInit {
  readonly video: RegisteredVideo
  readonly format: string
  /** Most wei a second. */
  readonly maxPrice: Wei
  /** Rails to pay on, the preferred first. */
  readonly rails: readonly string[]
}

/**
 * Bids for one viewer's attention. The viewer fetches the video from this node and is paid for each
 * segment it receipts; a viewer that was paid for a video is not paid for it again.
 */
export async function advertise(
  components: AdvertiserComponents,
  viewer: PeerTarget,
  { video, format, maxPrice, rails }: AdvertiseInit,
  options: AbortOptions = {},
): Promise<Result<MediaOrder, MediaFault>> {
  if (await wasPaid(components, viewer.peerId, video)) {
    return err({ code: 'ALREADY_PAID', detail: viewer.peerId })
  }
  const hello = await sayHello(components.identity, viewer, { video: null, want: [] }, options)
  const price = hello.attention
  if (price === null) return err({ code: 'NOT_INTERESTED', detail: 'the peer watches nothing' })
  if (price > maxPrice) {
    return err({ code: 'TOO_EXPENSIVE', detail: `${price} wei a second is asked` })
  }
  const terms = {
    ...{ bid: price, hash: video.directory, format, asset: ETHER },
    ...{ to: viewer.peerId, payee: hello.binding.address },
    ...{ duration: video.duration, segmentSeconds: video.segment.length },
  }
  const rail = commonRail(rails, hello.rails)
  if (!rail.ok) return rail
  const plan = { kind: 'attention', peer: viewer, rail: rail.value, terms } as const
  const agreed = await agree(components, plan, options)
  if (!agreed.ok) return agreed
  await components.serving.begin(agreed.value.order, agreed.value.session)
  return ok(agreed.value.order)
}

async function wasPaid(
  { table }: AdvertiserComponents,
  peerId: string,
  { directory }: RegisteredVideo,
): Promise<boolean> {
  for await (const [, { kind, side, bid }] of table.entries()) {
    if (kind !== 'attention' || side !== 'owner' || bid.bid.to !== peerId) continue
    if (bytesEqual(bid.bid.hash, directory)) return true
  }
  return false
}
