import { type AbortOptions, anySignal } from '../lib/abort.ts'
import { bytesEqual, concatBytes } from '../lib/bytes.ts'
import { randHash } from '../lib/crypto/random.ts'
import { MillraceError } from '../lib/errors.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { type Cid, cidOfDigest, isContentOf } from '../media/content/cid.ts'
import { parseDirectory, parseToc } from '../media/content/manifest.ts'
import type { NetHost } from '../net/host.ts'
import { type Binding, verifyBinding } from '../net/identity.ts'
import type { PeerTarget } from '../net/lanes.ts'
import type { PeerKey } from '../net/peer-key.ts'
import { digestOfBid } from '../rails/check/bid.ts'
import { canonicalBytes, verifyJson } from '../rails/check/jcs.ts'
import { contentExchangeLimits as limits } from './content-limits.ts'
import { readMessage } from './content-stream.ts'
import {
  BID_PROTOCOL,
  type BidReply,
  type BidRequest,
  bidRequestJson,
  HELLO_PROTOCOL,
  type HelloReply,
  helloRequestJson,
  MESSAGE_TYPES,
  parseBidReply,
  parseHelloReply,
} from './content-wire.ts'

/** Who speaks: a host, the key of one identity, and the wallet bound to it. */
export interface MediaIdentity {
  readonly host: Pick<NetHost, 'open' | 'addresses'>
  readonly key: PeerKey
  readonly binding: Binding
  readonly chainId: number
}

/** A hello's answer, with manifests that are what their CIDs say. */
export interface Introduction extends HelloReply {
  readonly manifests: ReadonlyMap<Cid, Uint8Array>
}

/** Why a counterparty is of no use, in its words or ours. */
export interface MediaFault {
  readonly code: string
  readonly detail: string
}

/**
 * Asks a peer who it is, what it asks for a video, and for manifests.
 *
 * @throws `HELLO_INVALID` when the answer proves nothing, and what the host throws
 */
export async function sayHello(
  { host, chainId }: MediaIdentity,
  peer: PeerTarget,
  ask: { readonly video: Uint8Array | null; readonly want: readonly Cid[] },
  options: AbortOptions = {},
): Promise<Introduction> {
  const challenge = randHash()
  const signal = anySignal([options.signal], limits.helloTimeoutMs)
  const bounds = { maxHeaderBytes: limits.maxHeaderBytes, maxBodyBytes: limits.maxBlockBytes }
  const channel = await host.open(peer, HELLO_PROTOCOL, { signal, ...bounds })
  try {
    await channel.send(canonicalBytes(helloRequestJson({ challenge, ...ask })), [], { signal })
    await channel.closeWrite({ signal })
    const frame = await channel.receive({ signal })
    if (frame === null) throw invalid('the peer ended the stream')
    const message = readMessage(frame.header)
    const reply = parseHelloReply(message)
    if (!reply.ok || !bytesEqual(reply.value.challenge, challenge)) {
      throw invalid('the answer cannot be read')
    }
    const { binding, blocks } = reply.value
    const isProven =
      binding.peerId === peer.peerId &&
      verifyJson(MESSAGE_TYPES.hello, message, peer.peerId) &&
      verifyBinding(binding, { chainId }).ok
    if (!isProven) throw invalid('a signature does not hold')
    const manifests = new Map<Cid, Uint8Array>()
    for (const cid of blocks) {
      const part = await channel.receive({ signal })
      const bytes = part === null ? new Uint8Array() : concatBytes(...part.body)
      if (!ask.want.includes(cid) || !isContentOf(cid, bytes)) throw invalid('a wrong manifest')
      manifests.set(cid, bytes)
    }
    await channel.close({ signal })
    return { ...reply.value, manifests }
  } catch (error) {
    channel.abort(new Error('hello failed'))
    throw error
  }
}

/** The segments of one format of a video, as its directory has them. */
export async function fetchToc(
  identity: MediaIdentity,
  peer: PeerTarget,
  { video, format }: { readonly video: Uint8Array; readonly format: string },
  options: AbortOptions = {},
): Promise<
  Result<{ readonly introduction: Introduction; readonly toc: readonly Cid[] }, MediaFault>
> {
  const root = cidOfDigest(video, 'dag-cbor')
  const introduction = await sayHello(identity, peer, { video, want: [root] }, options)
  const bytes = introduction.manifests.get(root)
  const directory = bytes === undefined ? null : parseDirectory(bytes)
  if (directory?.ok !== true) return no('VIDEO_UNKNOWN', 'the peer has no such video')
  const cid = directory.value.get(format)
  if (cid === undefined) {
    return no('FORMAT_UNKNOWN', `formats: ${[...directory.value.keys()].join(', ')}`)
  }
  const second = await sayHello(identity, peer, { video, want: [cid] }, options)
  const content = second.manifests.get(cid)
  const toc = content === undefined ? null : parseToc(content)
  if (toc?.ok !== true) return no('VIDEO_UNKNOWN', 'the peer has no table of contents')
  return ok({ introduction, toc: toc.value })
}

/** Sends a bid and waits for what becomes of it. */
export async function sendBid(
  { host }: MediaIdentity,
  peer: PeerTarget,
  request: BidRequest,
  separator: Uint8Array,
  options: AbortOptions = {},
): Promise<BidReply> {
  const signal = anySignal([options.signal], limits.bidTimeoutMs)
  const bounds = { maxHeaderBytes: limits.maxHeaderBytes }
  const channel = await host.open(peer, BID_PROTOCOL, { signal, ...bounds })
  try {
    await channel.send(canonicalBytes(bidRequestJson(request)), [], { signal })
    await channel.closeWrite({ signal })
    const frame = await channel.receive({ signal })
    if (frame === null) throw invalid('the peer ended the stream')
    const message = readMessage(frame.header)
    const digest = digestOfBid(request.bid.bid, separator)
    const reply = parseBidReply(message, digest)
    if (!reply.ok || !verifyJson(MESSAGE_TYPES.bidReply, message, request.bid.bid.to)) {
      throw invalid('the answer to a bid cannot be read, or is signed by somebody else')
    }
    await channel.close({ signal })
    return reply.value
  } catch (error) {
    channel.abort(new Error('bid failed'))
    throw error
  }
}

function no(code: string, detail: string): { readonly ok: false; readonly error: MediaFault } {
  return err({ code, detail })
}

function invalid(message: string): MillraceError {
  return new MillraceError('HELLO_INVALID', message)
}
