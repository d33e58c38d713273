import type { AbortOptions } from '../lib/abort.ts'
import { concatBytes } from '../lib/bytes.ts'
import { MillraceError } from '../lib/errors.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import { type PeerKey } from '../net/peer-key.ts'
import {
  canonicalBytes,
  type JsonObject,
  parseCanonical,
  signJson,
  verifyJson,
} from '../rails/check/jcs.ts'
import { contentExchangeLimits as limits } from './content-limits.ts'
import {
  type BuyRequest,
  MESSAGE_TYPES,
  parseReply,
  parseRequest,
  parseSegmentHeader,
  type RefusalReply,
  replyJson,
  requestJson,
  type SegmentsReply,
  segmentHeader,
  type WatchRequest,
} from './content-wire.ts'

/** A reply with what came of its segments. */
export interface ReceivedReply {
  readonly reply: SegmentsReply | RefusalReply
  /** Bytes by index, as they came: nothing is said of whether they are intact. */
  readonly bodies: ReadonlyMap<number, Uint8Array>
}

/** A header of a stream, in canonical form. @throws `MEDIA_MESSAGE_INVALID` */
export function readMessage(header: Uint8Array): JsonObject {
  const parsed = parseCanonical(header, limits.maxHeaderBytes)
  if (!parsed.ok) throw invalid('the message is not canonical JSON')
  return parsed.value
}

/** Sends a viewer's request. */
export async function sendRequest(
  channel: FrameChannel,
  request: BuyRequest | WatchRequest,
  key: PeerKey,
  options: AbortOptions,
): Promise<void> {
  const message = signJson(MESSAGE_TYPES.request, requestJson(request), key)
  await channel.send(canonicalBytes(message), [], options)
}

/** A viewer's request, and its message, whose signature is still to be looked at. */
export function readRequest(header: Uint8Array): {
  readonly request: BuyRequest | WatchRequest
  isSignedBy(peerId: string): boolean
} {
  const message = readMessage(header)
  const request = parseRequest(message)
  if (!request.ok) throw invalid('the request cannot be read')
  return {
    request: request.value,
    isSignedBy: (peerId) => verifyJson(MESSAGE_TYPES.request, message, peerId),
  }
}

/** Sends a reply, its segments one frame each, and its end. */
export async function sendReply(
  channel: FrameChannel,
  reply: SegmentsReply | RefusalReply,
  bodies: ReadonlyMap<number, Uint8Array>,
  key: PeerKey,
  options: AbortOptions,
): Promise<void> {
  const message = signJson(MESSAGE_TYPES.reply, replyJson(reply), key)
  await channel.send(canonicalBytes(message), [], options)
  for (const [index, body] of bodies) await channel.send(segmentHeader(index), [body], options)
  await channel.send(segmentHeader(null), [], options)
}

/**
 * Receives a reply of a peer with its segments; those that get lost on the way are missing.
 *
 * @throws `MEDIA_MESSAGE_INVALID`, `NO_REPLY` and what the channel throws
 */
export async function receiveReply(
  channel: FrameChannel,
  peerId: string,
  options: AbortOptions,
): Promise<ReceivedReply> {
  const bounds = { ...options, idleMs: limits.replyIdleMs, maxBodyBytes: 0 }
  const frame = await channel.receive(bounds)
  if (frame === null) throw new MillraceError('NO_REPLY', 'the peer ended the stream')
  const message = readMessage(frame.header)
  const reply = parseReply(message)
  if (!reply.ok || !verifyJson(MESSAGE_TYPES.reply, message, peerId)) {
    throw invalid('the reply cannot be read, or is signed by somebody else')
  }
  const bodies = new Map<number, Uint8Array>()
  for (;;) {
    const part = await channel.receive({ ...bounds, maxBodyBytes: limits.maxBlockBytes })
    if (part === null) return { reply: reply.value, bodies }
    const index = parseSegmentHeader(part.header)
    if (index === null) return { reply: reply.value, bodies }
    const isExpected = reply.value.type === 'segments'
    if (index === undefined || !isExpected || bodies.size >= limits.maxBatch) {
      throw invalid('a frame that is no segment')
    }
    bodies.set(index, concatBytes(...part.body))
  }
}

function invalid(message: string): MillraceError {
  return new MillraceError('MEDIA_MESSAGE_INVALID', message)
}
