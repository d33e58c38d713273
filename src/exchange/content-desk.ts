import { toHex } from '../lib/bytes.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Wei } from '../lib/wei.ts'
import type { Cid } from '../media/content/cid.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import type { NetHost } from '../net/host.ts'
import type { HandlerContext } from '../net/inbound.ts'
import { digestOfBid } from '../rails/check/bid.ts'
import { canonicalBytes, type JsonObject, signJson } from '../rails/check/jcs.ts'
import type { Bids } from './content-bids.ts'
import type { Catalog } from './content-catalog.ts'
import type { MediaIdentity } from './content-client.ts'
import { contentExchangeLimits as limits } from './content-limits.ts'
import type { SeparatorOf } from './content-order.ts'
import type { Serving } from './content-serving.ts'
import { readMessage } from './content-stream.ts'
import {
  BID_PROTOCOL,
  bidReplyJson,
  EXCHANGE_PROTOCOL,
  HELLO_PROTOCOL,
  helloReplyJson,
  MESSAGE_TYPES,
  parseBidRequest,
  parseHelloRequest,
} from './content-wire.ts'

/** What the desk joins. */
export interface MediaDeskComponents {
  readonly host: Pick<NetHost, 'handle'>
  readonly identity: MediaIdentity
  readonly catalog: Catalog
  readonly bids: Bids
  readonly serving: Serving
  readonly separatorOf: SeparatorOf
}

/** What the desk says of this node. */
export interface MediaDeskInit {
  /** Rails it is paid on, the preferred first. */
  readonly rails: readonly string[]
  readonly sells: boolean
  readonly attention: Wei | null
}

/** Answers hellos, bids and requests for segments of one identity. */
export function createMediaDesk(components: MediaDeskComponents, init: MediaDeskInit): Startable {
  const { host, bids, serving } = components
  const bounds = { maxHeaderBytes: limits.maxHeaderBytes }
  return {
    async start() {
      await bids.start()
      await serving.start()
      await host.handle(HELLO_PROTOCOL, hello(components, init), bounds)
      await host.handle(BID_PROTOCOL, bid(components), bounds)
      await host.handle(
        EXCHANGE_PROTOCOL,
        async (channel, { signal }) => serving.serve(channel, signal),
        bounds,
      )
    },
    async stop() {
      await bids.stop()
      await serving.stop()
    },
  }
}

type Handler = (channel: FrameChannel, context: HandlerContext) => Promise<void>

function hello(components: MediaDeskComponents, init: MediaDeskInit): Handler {
  const { identity, catalog } = components
  return async (channel, { signal }) => {
    const message = await question(channel, signal)
    const request = message === null ? null : parseHelloRequest(message)
    if (request?.ok !== true) return
    const { challenge, video, want } = request.value
    const entry = video === null || !init.sells ? undefined : await catalog.get(toHex(video))
    const manifests = new Map<Cid, Uint8Array>()
    for (const cid of want) {
      const bytes = await catalog.manifest(cid)
      if (bytes !== undefined) manifests.set(cid, bytes)
    }
    const reply = helloReplyJson({
      ...{ challenge, binding: identity.binding, rails: init.rails },
      ...{ ask: entry?.ask ?? null, attention: init.attention, blocks: [...manifests.keys()] },
    })
    await answer(components, channel, MESSAGE_TYPES.hello, reply, signal)
    for (const bytes of manifests.values()) {
      await channel.send(new Uint8Array(), [bytes], { signal })
    }
  }
}

function bid(components: MediaDeskComponents): Handler {
  return async (channel, { signal }) => {
    const message = await question(channel, signal)
    const request = message === null ? null : parseBidRequest(message)
    if (request?.ok !== true) return
    const reply = await components.bids.take(request.value, { signal })
    const { bid: signed, rail } = request.value
    const digest = digestOfBid(signed.bid, components.separatorOf(rail))
    await answer(components, channel, MESSAGE_TYPES.bidReply, bidReplyJson(digest, reply), signal)
  }
}

async function question(channel: FrameChannel, signal: AbortSignal): Promise<JsonObject | null> {
  const frame = await channel.receive({ signal, idleMs: limits.replyIdleMs, maxBodyBytes: 0 })
  return frame === null ? null : readMessage(frame.header)
}

async function answer(
  { identity }: MediaDeskComponents,
  channel: FrameChannel,
  type: string,
  body: JsonObject,
  signal: AbortSignal,
): Promise<void> {
  await channel.send(canonicalBytes(signJson(type, body, identity.key)), [], { signal })
}
