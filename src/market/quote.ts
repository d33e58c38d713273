import { createHash, randomBytes } from 'node:crypto'
import { minimalUint, readUint, toHex, utf8 } from '../lib/bytes.ts'
import { type Address, addressBytes, addressFromBytes } from '../lib/crypto/address.ts'
import { verifySignature, type WalletSigner } from '../lib/crypto/eip191.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Ratio } from '../lib/wei.ts'
import { type Profile, parseProfiles } from '../media/profile.ts'
import type { Binding } from '../net/identity.ts'
import * as wire from '../net/wire/negotiate.ts'
import { marketLimits } from './limits.ts'

/** Protocol of the negotiation. */
export const NEGOTIATE_PROTOCOL = '/millrace/negotiate/1.0.0'

/** What a payer asks every orchestrator that fits. */
export interface QuoteRequest {
  readonly chainId: bigint
  readonly service: string
  readonly profiles: readonly Profile[]
  /** Empty when any will do. */
  readonly region: string
  readonly segmentMs: number
  /** Pixels that one segment is expected to take. */
  readonly expectedUnits: bigint
  readonly rail: string
  /** The payer's account and peer, vouching for each other. */
  readonly payer: Binding
}

/** A provider's signed word: this price, these payment terms, until then. */
export interface Quote {
  readonly chainId: bigint
  /** 16 bytes; becomes the order's id. */
  readonly quoteId: Uint8Array
  /** sha256 of the request it answers. */
  readonly requestHash: Uint8Array
  readonly provider: Address
  readonly providerPeerId: string
  readonly payer: Address
  readonly payerPeerId: string
  readonly service: string
  /** Wei per pixel. */
  readonly price: Ratio
  readonly maxInFlight: number
  readonly freeSlots: number
  readonly expiresAtMs: number
  readonly rail: string
  /** The rail's own opening terms. */
  readonly offer: Uint8Array
}

/** Why a provider does not quote. The names are those of the wire. */
export type RefusalCode = Exclude<keyof typeof wire.RefusalCode, 'REFUSAL_UNSPECIFIED' | 'codec'>

/** A provider's typed no. */
export interface Refusal {
  readonly code: RefusalCode
  readonly detail: string
  readonly retryAfterMs: number
}

const DOMAIN = utf8('millrace/quote/1\n')

/** sha256 of the concatenated parts. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

/** 16 bytes that name a quote, a request or an order. */
export function randomId(): Uint8Array {
  return new Uint8Array(randomBytes(16))
}

/** The wire form of a rendition's profile. */
export function encodeProfile(profile: Profile): wire.Profile {
  const fps = profile.fps === 'source' ? { num: 0, den: 0 } : profile.fps
  return {
    name: profile.name,
    width: profile.width,
    height: profile.height,
    bitrateBps: profile.bitrateBps,
    fpsNum: fps.num,
    fpsDen: fps.den,
    gopMs: Math.round(profile.gopSeconds * 1000),
    h264Profile: profile.h264Profile,
  }
}

/** What {@link parseProfiles} reads, from the wire form. */
function decodeProfile({ fpsNum, fpsDen, gopMs, ...raw }: wire.Profile): object {
  const fps = fpsNum === 0 ? 'source' : { num: fpsNum, den: fpsDen }
  return { ...raw, fps, gopSeconds: gopMs / 1000 }
}

/** sha256 over the encoded profiles: names what an order's segments are to become. */
export function profilesHash(profiles: readonly Profile[]): Uint8Array {
  return sha256(...profiles.map((profile) => wire.Profile.encode(encodeProfile(profile))))
}

/** Encodes a request under a fresh id. */
export function encodeQuoteRequest(request: QuoteRequest): Uint8Array {
  return wire.QuoteRequest.encode({
    chainId: request.chainId,
    requestId: randomId(),
    service: request.service,
    profiles: request.profiles.map(encodeProfile),
    region: request.region,
    segmentMs: request.segmentMs,
    expectedUnits: request.expectedUnits,
    rail: request.rail,
    payer: addressBytes(request.payer.address),
    bindingPeerSignature: request.payer.peerSignature,
    bindingWalletSignature: request.payer.walletSignature,
  })
}

/** Parses a request; the payer's binding names the peer that asks and is not verified here. */
export function parseQuoteRequest(
  bytes: Uint8Array,
  fromPeerId: string,
): Result<QuoteRequest, { code: 'MALFORMED_REQUEST' | 'UNSUPPORTED_PROFILE'; detail: string }> {
  const malformed = (detail: string) => err({ code: 'MALFORMED_REQUEST' as const, detail })
  let message: wire.QuoteRequest
  let address: Address
  try {
    const limits = { profiles: marketLimits.maxProfiles }
    message = wire.QuoteRequest.decode(bytes, { limits })
    address = addressFromBytes(message.payer)
  } catch {
    return malformed('the request cannot be read')
  }
  if (message.profiles.length === 0) return malformed('no profiles')
  const { minSegmentMs, maxSegmentMs } = marketLimits
  if (message.segmentMs < minSegmentMs || message.segmentMs > maxSegmentMs) {
    return malformed(`segmentMs is ${minSegmentMs} to ${maxSegmentMs}`)
  }
  const profiles = parseProfiles(message.profiles.map(decodeProfile))
  if (!profiles.ok) {
    const { key, allowed } = profiles.error
    return err({ code: 'UNSUPPORTED_PROFILE', detail: `profiles.${key}: ${allowed}` })
  }
  return ok({
    chainId: message.chainId,
    service: message.service,
    profiles: profiles.value,
    region: message.region,
    segmentMs: message.segmentMs,
    expectedUnits: message.expectedUnits,
    rail: message.rail,
    payer: {
      peerId: fromPeerId,
      address,
      peerSignature: message.bindingPeerSignature,
      walletSignature: message.bindingWalletSignature,
    },
  })
}

/** Encodes and signs a quote as the answer to a request. */
export function encodeQuoteReply(quote: Quote, wallet: WalletSigner): Uint8Array {
  const bytes = wire.Quote.encode({
    chainId: quote.chainId,
    quoteId: quote.quoteId,
    requestHash: quote.requestHash,
    provider: addressBytes(quote.provider),
    providerPeerId: quote.providerPeerId,
    payer: addressBytes(quote.payer),
    payerPeerId: quote.payerPeerId,
    service: quote.service,
    priceNum: minimalUint(quote.price.num),
    priceDen: minimalUint(quote.price.den),
    maxInFlight: quote.maxInFlight,
    freeSlots: quote.freeSlots,
    expiresAtMs: BigInt(quote.expiresAtMs),
    rail: quote.rail,
    offer: quote.offer,
  })
  const walletSignature = wallet.signMessage(sha256(DOMAIN, bytes))
  return wire.QuoteReply.encode({ quote: { quote: bytes, walletSignature } })
}

/** Encodes a refusal as the answer to a request. */
export function encodeRefusalReply(refusal: Refusal): Uint8Array {
  return wire.QuoteReply.encode({
    refusal: { ...refusal, code: wire.RefusalCode[refusal.code] },
  })
}

/** Why an answer counts for nothing. */
export type QuoteFault = 'MALFORMED' | 'BAD_SIGNATURE' | 'NOT_OURS' | 'EXPIRED'

/** What an answer must match. */
export interface QuoteExpectation {
  readonly requestBytes: Uint8Array
  readonly provider: Address
  readonly providerPeerId: string
  readonly payer: Address
  readonly payerPeerId: string
  readonly nowMs: number
}

/** Reads an answer and checks that it is the provider's word on this very request. */
export function parseQuoteReply(
  bytes: Uint8Array,
  expected: QuoteExpectation,
): Result<{ quote: Quote } | { refusal: Refusal }, QuoteFault> {
  try {
    const reply = wire.QuoteReply.decode(bytes)
    if (reply.refusal !== undefined) {
      const { code, detail, retryAfterMs } = reply.refusal
      if (code === 'REFUSAL_UNSPECIFIED') return err('MALFORMED')
      return ok({ refusal: { code, detail: detail.slice(0, 200), retryAfterMs } })
    }
    if (reply.quote === undefined) return err('MALFORMED')
    const { quote: signed, walletSignature } = reply.quote
    if (!verifySignature(expected.provider, sha256(DOMAIN, signed), walletSignature)) {
      return err('BAD_SIGNATURE')
    }
    const quote = quoteFromWire(wire.Quote.decode(signed))
    if (!isAnswer(quote, expected)) return err('NOT_OURS')
    return quote.expiresAtMs <= expected.nowMs ? err('EXPIRED') : ok({ quote })
  } catch {
    return err('MALFORMED')
  }
}

function isAnswer(quote: Quote, expected: QuoteExpectation): boolean {
  const asked = wire.QuoteRequest.decode(expected.requestBytes)
  return (
    quote.chainId === asked.chainId &&
    quote.service === asked.service &&
    quote.rail === asked.rail &&
    toHex(quote.requestHash) === toHex(sha256(expected.requestBytes)) &&
    quote.provider === expected.provider &&
    quote.providerPeerId === expected.providerPeerId &&
    quote.payer === expected.payer &&
    quote.payerPeerId === expected.payerPeerId
  )
}

function quoteFromWire(message: wire.Quote): Quote {
  const den = readUint(message.priceDen)
  if (den === 0n || message.quoteId.byteLength !== 16) throw new RangeError('malformed quote')
  return {
    chainId: message.chainId,
    quoteId: message.quoteId,
    requestHash: message.requestHash,
    provider: addressFromBytes(message.provider),
    providerPeerId: message.providerPeerId,
    payer: addressFromBytes(message.payer),
    payerPeerId: message.payerPeerId,
    service: message.service,
    price: { num: readUint(message.priceNum), den },
    maxInFlight: Math.max(1, Math.min(message.maxInFlight, 64)),
    freeSlots: message.freeSlots,
    expiresAtMs: Number(message.expiresAtMs),
    rail: message.rail,
    offer: message.offer,
  }
}
