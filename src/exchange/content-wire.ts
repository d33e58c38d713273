import { parseHex, toHex } from '../lib/bytes.ts'
import { addressBytes, parseAddress } from '../lib/crypto/address.ts'
import { ok, type Result } from '../lib/result.ts'
import { type Cid, digestOfCid } from '../media/content/cid.ts'
import { type Binding, parseBinding } from '../net/identity.ts'
import { parseBidMessage, type SignedBid } from '../rails/check/bid.ts'
import {
  hasKeys,
  type Json,
  type JsonObject,
  parseAmount,
  parseBytes,
  parseCount,
} from '../rails/check/jcs.ts'
import { contentExchangeLimits as limits } from './content-limits.ts'

/** Who is there, what it asks, and public blocks. */
export const HELLO_PROTOCOL = '/millrace/hello/1.0.0'
/** A bid, and what becomes of it. */
export const BID_PROTOCOL = '/millrace/bid/1.0.0'
/** Segments against payment, in either direction. */
export const EXCHANGE_PROTOCOL = '/millrace/exchange/1.0.0'

/** A question who somebody is. */
export interface HelloRequest {
  /** 32 bytes nobody could foresee. */
  readonly challenge: Uint8Array
  /** Whose price is asked: sha256 of a directory; null for none. */
  readonly video: Uint8Array | null
  /** Manifests wanted. */
  readonly want: readonly Cid[]
}

/** Who somebody is, and what it asks for. */
export interface HelloReply {
  readonly challenge: Uint8Array
  readonly binding: Binding
  /** Rails it is paid on, the preferred first. */
  readonly rails: readonly string[]
  /** Wei a second of the video asked for; null when it does not sell it. */
  readonly ask: bigint | null
  /** Wei a second for which it watches; null when it does not. */
  readonly attention: bigint | null
  /** The manifests that follow, one frame each. */
  readonly blocks: readonly Cid[]
}

/** A bid with what its recipient must know of the bidder. */
export interface BidRequest {
  readonly bid: SignedBid
  readonly binding: Binding
  readonly rail: string
  /** Where the bidder can be reached, for a recipient that is to come for segments. */
  readonly addresses: readonly string[]
  /** Segments the bidder does not want, by index: it has them. */
  readonly skip: readonly number[]
}

/** What became of a bid. */
export type BidReply =
  | {
      readonly type: 'accept'
      readonly channel: Uint8Array
      /** How the rail goes on; no bytes when the channel is open. */
      readonly offer: Uint8Array
      /** Segments that are not for sale. */
      readonly withheld: readonly number[]
    }
  | { readonly type: 'reject'; readonly code: string; readonly detail: string }

/** A viewer pays, and asks for what it paid for. */
export interface BuyRequest {
  readonly type: 'buy'
  readonly nonce: Uint8Array
  /** Segments paid for in all. */
  readonly balance: number
  /** The rail's proof; no bytes when nothing is paid. */
  readonly payment: Uint8Array
  /** Paid segments to be sent again; null for the new ones. */
  readonly want: readonly number[] | null
}

/** A viewer asks for the next segments, and proves the last. */
export interface WatchRequest {
  readonly type: 'watch'
  readonly nonce: Uint8Array
  /** The last segment wanted; they begin behind `after`. */
  readonly segment: number
  /** How many segments were asked for before. */
  readonly after: number
  /** sha256(nonce ‖ segment) by index. */
  readonly receipts: ReadonlyMap<number, Uint8Array>
  /** The rail's grant; no bytes when there is none. */
  readonly grant: Uint8Array
}

/** Segments; their bytes follow, one frame each. */
export interface SegmentsReply {
  readonly type: 'segments'
  readonly nonce: Uint8Array
  readonly segments: ReadonlyMap<number, Cid>
  /** Segments paid for in all. */
  readonly balance: number
  /** The rail's proof, when the sender of the segments pays. */
  readonly payment: Uint8Array
  readonly grant: Uint8Array
  /** The rail's reversal, when something that was paid is given back. */
  readonly reversal?: Uint8Array
}

/** Why there are no segments. */
export interface RefusalReply {
  readonly type: 'refusal'
  readonly nonce: Uint8Array
  readonly code: string
  readonly detail: string
  readonly grant: Uint8Array
  /** The rail's reversal of what was paid and bought nothing. */
  readonly reversal?: Uint8Array
}

/** Kinds of signed messages. */
export const MESSAGE_TYPES = {
  hello: 'hello',
  bidReply: 'bid-reply',
  request: 'exchange-request',
  reply: 'exchange-reply',
} as const

const MALFORMED = { ok: false, error: 'MALFORMED' } as const
const NONE = new Uint8Array()
type Parsed<T> = Result<T, 'MALFORMED'>

/** A hello's question as it travels. */
export function helloRequestJson({ challenge, video, want }: HelloRequest): JsonObject {
  return { challenge: toHex(challenge), video: video === null ? '' : toHex(video), want }
}

/** Reads a hello's question. */
export function parseHelloRequest(message: JsonObject): Parsed<HelloRequest> {
  if (!hasKeys(message, ['challenge', 'video', 'want'])) return MALFORMED
  const challenge = parseBytes(message['challenge'], 32)
  const video = message['video'] === '' ? null : parseBytes(message['video'], 32)
  const want = parseCids(message['want'])
  if (challenge === null || want === null) return MALFORMED
  if (video === null && message['video'] !== '') return MALFORMED
  return ok({ challenge, video, want })
}

/** A hello's answer as it travels, not yet signed. */
export function helloReplyJson(reply: HelloReply): JsonObject {
  const { challenge, binding, rails, ask, attention, blocks } = reply
  return {
    challenge: toHex(challenge),
    key: binding.peerId,
    binding: bindingJson(binding),
    rails,
    ask: ask === null ? '' : `${ask}`,
    attention: attention === null ? '' : `${attention}`,
    blocks,
  }
}

const HELLO = ['challenge', 'key', 'binding', 'rails', 'ask', 'attention', 'blocks', 'signature']

/** Reads a hello's answer; signatures are not looked at. */
export function parseHelloReply(message: JsonObject): Parsed<HelloReply> {
  if (!hasKeys(message, HELLO)) return MALFORMED
  const challenge = parseBytes(message['challenge'], 32)
  const binding = parseBindingJson(message['key'], message['binding'])
  const rails = parseTexts(message['rails'], 8, 32)
  const ask = parseOptionalAmount(message['ask'])
  const attention = parseOptionalAmount(message['attention'])
  const blocks = parseCids(message['blocks'])
  if (challenge === null || binding === null || rails === null || blocks === null) return MALFORMED
  if (ask === undefined || attention === undefined) return MALFORMED
  return ok({ challenge, binding, rails, ask, attention, blocks })
}

/** A bid as it travels; bid and binding carry the signatures. */
export function bidRequestJson({ bid, binding, rail, addresses, skip }: BidRequest): JsonObject {
  const rest = skip.length > 0 ? { skip } : {}
  return { bid: bid.message, binding: bindingJson(binding), rail, addresses, ...rest }
}

/** Reads a bid; signatures are not looked at. */
export function parseBidRequest(message: JsonObject): Parsed<BidRequest> {
  if (!hasKeys(message, ['bid', 'binding', 'rail', 'addresses'], ['skip'])) return MALFORMED
  const bid = parseBidMessage(message['bid'])
  if (!bid.ok) return MALFORMED
  const binding = parseBindingJson(bid.value.bid.key, message['binding'])
  const addresses = parseTexts(message['addresses'], 16, 256)
  const skip = message['skip'] === undefined ? [] : parseIndexes(message['skip'], limits.maxSkipped)
  const { rail } = message
  if (binding === null || addresses === null || skip === null) return MALFORMED
  if (typeof rail !== 'string' || rail.length > 32) return MALFORMED
  return ok({ bid: bid.value, binding, rail, addresses, skip })
}

/** What became of a bid as it travels, not yet signed; `bid` binds it to the question. */
export function bidReplyJson(bid: Uint8Array, reply: BidReply): JsonObject {
  if (reply.type === 'reject') {
    return { bid: toHex(bid), code: reply.code, detail: clip(reply.detail) }
  }
  const { channel, offer, withheld } = reply
  return { bid: toHex(bid), channel: toHex(channel), offer: toHex(offer), withheld }
}

/** Reads what became of a bid; the signature is not looked at. */
export function parseBidReply(message: JsonObject, bid: Uint8Array): Parsed<BidReply> {
  if (message['bid'] !== toHex(bid)) return MALFORMED
  if (hasKeys(message, ['bid', 'code', 'detail', 'signature'])) {
    const { code, detail } = message
    if (typeof code !== 'string' || typeof detail !== 'string') return MALFORMED
    return ok({ type: 'reject', code: clip(code), detail: clip(detail) })
  }
  if (!hasKeys(message, ['bid', 'channel', 'offer', 'withheld', 'signature'])) return MALFORMED
  const channel = parseBytes(message['channel'], 32)
  const offer = parsePayment(message['offer'])
  const withheld = parseIndexes(message['withheld'], limits.maxSkipped)
  if (channel === null || offer === null || withheld === null) return MALFORMED
  return ok({ type: 'accept', channel, offer, withheld })
}

/** A viewer's message as it travels, not yet signed. */
export function requestJson(request: BuyRequest | WatchRequest): JsonObject {
  const nonce = toHex(request.nonce)
  if (request.type === 'buy') {
    const { balance, payment, want } = request
    const rest = want === null ? {} : { want }
    return { nonce, balance, payment: toHex(payment), ...rest }
  }
  const { segment, after, receipts, grant } = request
  const texts = [...receipts].map(([index, receipt]) => [`${index}`, toHex(receipt)] as const)
  return { nonce, segment, after, receipts: Object.fromEntries(texts), grant: toHex(grant) }
}

/** Reads a viewer's message; the signature is not looked at. */
export function parseRequest(message: JsonObject): Parsed<BuyRequest | WatchRequest> {
  const nonce = parseBytes(message['nonce'], 32)
  if (nonce === null) return MALFORMED
  if (hasKeys(message, ['nonce', 'balance', 'payment', 'signature'], ['want'])) {
    const balance = parseCount(message['balance'], 2 ** 32 - 1)
    const payment = parsePayment(message['payment'])
    const isOnlyNew = message['want'] === undefined
    const want = isOnlyNew ? null : parseIndexes(message['want'], limits.maxBatch)
    if (balance === null || payment === null || (want === null && !isOnlyNew)) return MALFORMED
    return ok({ type: 'buy', nonce, balance, payment, want })
  }
  if (!hasKeys(message, ['nonce', 'segment', 'after', 'receipts', 'grant', 'signature'])) {
    return MALFORMED
  }
  const segment = parseCount(message['segment'], 2 ** 32 - 1)
  const after = parseCount(message['after'], 2 ** 32 - 1)
  const receipts = parseIndexed(message['receipts'], (value) => parseBytes(value, 32))
  const grant = parsePayment(message['grant'])
  if (segment === null || after === null || receipts === null || grant === null) return MALFORMED
  return ok({ type: 'watch', nonce, segment, after, receipts, grant })
}

/** An owner's message as it travels, not yet signed. */
export function replyJson(reply: SegmentsReply | RefusalReply): JsonObject {
  const [nonce, grant] = [toHex(reply.nonce), toHex(reply.grant)]
  const back = reply.reversal === undefined ? {} : { reversal: toHex(reply.reversal) }
  if (reply.type === 'refusal') {
    return { nonce, code: reply.code, detail: clip(reply.detail), grant, ...back }
  }
  const { balance, payment } = reply
  const segments = [...reply.segments].map(([index, cid]) => [`${index}`, cid] as const)
  return {
    ...{ nonce, grant, balance, payment: toHex(payment), ...back },
    segments: Object.fromEntries(segments),
  }
}

/** Reads an owner's message; the signature is not looked at. */
export function parseReply(message: JsonObject): Parsed<SegmentsReply | RefusalReply> {
  const nonce = parseBytes(message['nonce'], 32)
  const grant = parsePayment(message['grant'])
  const reversal = message['reversal'] === undefined ? NONE : parsePayment(message['reversal'])
  if (nonce === null || grant === null || reversal === null) return MALFORMED
  const back = message['reversal'] === undefined ? {} : { reversal }
  if (hasKeys(message, ['nonce', 'code', 'detail', 'grant', 'signature'], ['reversal'])) {
    const { code, detail } = message
    if (typeof code !== 'string' || typeof detail !== 'string') return MALFORMED
    return ok({ type: 'refusal', nonce, code: clip(code), detail: clip(detail), grant, ...back })
  }
  const fields = ['nonce', 'segments', 'balance', 'payment', 'grant', 'signature']
  if (!hasKeys(message, fields, ['reversal'])) return MALFORMED
  const balance = parseCount(message['balance'], 2 ** 32 - 1)
  const payment = parsePayment(message['payment'])
  const segments = parseIndexed(message['segments'], (value) =>
    typeof value === 'string' && digestOfCid(value, 'raw') !== null ? value : null,
  )
  if (balance === null || payment === null || segments === null) return MALFORMED
  return ok({ type: 'segments', nonce, segments, balance, payment, grant, ...back })
}

/** Marks the frame that ends a reply. */
const END = 0xffffffff

/** The header of a segment's frame; null ends the reply. */
export function segmentHeader(index: number | null): Uint8Array {
  const header = new Uint8Array(4)
  new DataView(header.buffer).setUint32(0, index ?? END)
  return header
}

/** Reads the header of a segment's frame: its index, null for the end, undefined for anything else. */
export function parseSegmentHeader(header: Uint8Array): number | null | undefined {
  if (header.byteLength !== 4) return undefined
  const value = new DataView(header.buffer, header.byteOffset, 4).getUint32(0)
  return value === END ? null : value
}

function bindingJson({ address, peerSignature, walletSignature }: Binding): JsonObject {
  return {
    wallet: address,
    signature: toHex(peerSignature),
    'wallet signature': toHex(walletSignature),
  }
}

function parseBindingJson(peerId: Json | undefined, value: Json | undefined): Binding | null {
  if (typeof peerId !== 'string' || !hasKeys(value, ['wallet', 'signature', 'wallet signature'])) {
    return null
  }
  const { wallet } = value
  const address = typeof wallet === 'string' ? parseAddress(wallet) : null
  const peerSignature = parseBytes(value['signature'], 64)
  const walletSignature = parseBytes(value['wallet signature'], 65)
  if (address === null || peerSignature === null || walletSignature === null) return null
  const parts = { peerId, address: addressBytes(address), peerSignature, walletSignature }
  const binding = parseBinding(parts)
  return binding.ok ? binding.value : null
}

function parseOptionalAmount(value: Json | undefined): bigint | null | undefined {
  return value === '' ? null : (parseAmount(value, 2n ** 96n) ?? undefined)
}

function parsePayment(value: Json | undefined): Uint8Array | null {
  if (typeof value !== 'string' || !/^0x[0-9a-f]*$/.test(value)) return null
  const bytes = parseHex(value)
  return bytes !== null && bytes.byteLength <= limits.maxPaymentBytes ? bytes : null
}

function parseTexts(value: Json | undefined, most: number, length: number): string[] | null {
  if (!Array.isArray(value) || value.length > most) return null
  const texts = value as readonly Json[]
  const isText = (text: Json): text is string => typeof text === 'string' && text.length <= length
  return texts.every(isText) ? [...texts] : null
}

function parseCids(value: Json | undefined): Cid[] | null {
  const cids = parseTexts(value, limits.maxWantedBlocks, 128)
  return cids?.every((cid) => digestOfCid(cid, 'dag-cbor') !== null) === true ? cids : null
}

function parseIndexes(value: Json | undefined, most: number): number[] | null {
  if (!Array.isArray(value) || value.length > most) return null
  const indexes = (value as readonly Json[]).map((index) => parseCount(index, END - 1))
  return indexes.includes(null) ? null : (indexes as number[])
}

function parseIndexed<T>(
  value: Json | undefined,
  parse: (value: Json) => T | null,
): Map<number, T> | null {
  if (typeof value !== 'object' || Array.isArray(value)) return null
  const entries = Object.entries(value as JsonObject)
  if (entries.length > limits.maxBatch) return null
  const parsed = new Map<number, T>()
  for (const [key, item] of entries) {
    const content = parse(item)
    if (!/^(0|[1-9]\d{0,9})$/.test(key) || content === null) return null
    const index = Number(key)
    if (index >= END) return null
    parsed.set(index, content)
  }
  return parsed
}

function clip(text: string): string {
  return text.slice(0, limits.maxDetailLength)
}
