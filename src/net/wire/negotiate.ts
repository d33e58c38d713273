// Generated from protocols/negotiate/1.0.0/negotiate.proto by scripts/build-wire.ts. Do not edit.
import { type Codec, type DecodeOptions, decodeMessage, encodeMessage, enumeration, MaxLengthError, message } from 'protons-runtime'

function* noStream(): Generator<never> {}

function within<L>(limits: L | undefined): { limits?: L } {
  return limits === undefined ? {} : { limits }
}

export interface Profile {
  name: string
  width: number
  height: number
  bitrateBps: number
  fpsNum: number
  fpsDen: number
  gopMs: number
  h264Profile: string
}

const ProfileCodec: Codec<Profile, Partial<Profile>> = message<Profile, Partial<Profile>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.name != null && obj.name !== '')) {
      w.uint32(10)
      w.string(obj.name)
    }

    if ((obj.width != null && obj.width !== 0)) {
      w.uint32(16)
      w.uint32(obj.width)
    }

    if ((obj.height != null && obj.height !== 0)) {
      w.uint32(24)
      w.uint32(obj.height)
    }

    if ((obj.bitrateBps != null && obj.bitrateBps !== 0)) {
      w.uint32(32)
      w.uint32(obj.bitrateBps)
    }

    if ((obj.fpsNum != null && obj.fpsNum !== 0)) {
      w.uint32(40)
      w.uint32(obj.fpsNum)
    }

    if ((obj.fpsDen != null && obj.fpsDen !== 0)) {
      w.uint32(48)
      w.uint32(obj.fpsDen)
    }

    if ((obj.gopMs != null && obj.gopMs !== 0)) {
      w.uint32(56)
      w.uint32(obj.gopMs)
    }

    if ((obj.h264Profile != null && obj.h264Profile !== '')) {
      w.uint32(66)
      w.string(obj.h264Profile)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Profile = {
      name: '',
      width: 0,
      height: 0,
      bitrateBps: 0,
      fpsNum: 0,
      fpsDen: 0,
      gopMs: 0,
      h264Profile: ''
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.name = reader.string()
          break
        }
        case 2: {
          obj.width = reader.uint32()
          break
        }
        case 3: {
          obj.height = reader.uint32()
          break
        }
        case 4: {
          obj.bitrateBps = reader.uint32()
          break
        }
        case 5: {
          obj.fpsNum = reader.uint32()
          break
        }
        case 6: {
          obj.fpsDen = reader.uint32()
          break
        }
        case 7: {
          obj.gopMs = reader.uint32()
          break
        }
        case 8: {
          obj.h264Profile = reader.string()
          break
        }
        default: {
          reader.skipType(tag & 7)
          break
        }
      }
    }

    return obj
  },
  noStream,
)

export const Profile = {
  codec: (): Codec<Profile, Partial<Profile>> => ProfileCodec,
  encode: (value: Partial<Profile>): Uint8Array =>
    encodeMessage(value, ProfileCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Profile>): Profile =>
    decodeMessage(bytes, ProfileCodec, options),
}

export interface QuoteRequest {
  chainId: bigint
  requestId: Uint8Array
  service: string
  profiles: Profile[]
  region: string
  segmentMs: number
  expectedUnits: bigint
  rail: string
  payer: Uint8Array
  bindingPeerSignature: Uint8Array
  bindingWalletSignature: Uint8Array
}

const QuoteRequestCodec: Codec<QuoteRequest, Partial<QuoteRequest>> = message<QuoteRequest, Partial<QuoteRequest>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.chainId != null && obj.chainId !== 0n)) {
      w.uint32(8)
      w.uint64(obj.chainId)
    }

    if ((obj.requestId != null && obj.requestId.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.requestId)
    }

    if ((obj.service != null && obj.service !== '')) {
      w.uint32(26)
      w.string(obj.service)
    }

    if (obj.profiles != null && obj.profiles.length > 0) {
      for (const value of obj.profiles) {
        w.uint32(34)
        Profile.codec().encode(value, w)
      }
    }

    if ((obj.region != null && obj.region !== '')) {
      w.uint32(42)
      w.string(obj.region)
    }

    if ((obj.segmentMs != null && obj.segmentMs !== 0)) {
      w.uint32(48)
      w.uint32(obj.segmentMs)
    }

    if ((obj.expectedUnits != null && obj.expectedUnits !== 0n)) {
      w.uint32(56)
      w.uint64(obj.expectedUnits)
    }

    if ((obj.rail != null && obj.rail !== '')) {
      w.uint32(66)
      w.string(obj.rail)
    }

    if ((obj.payer != null && obj.payer.byteLength > 0)) {
      w.uint32(74)
      w.bytes(obj.payer)
    }

    if ((obj.bindingPeerSignature != null && obj.bindingPeerSignature.byteLength > 0)) {
      w.uint32(82)
      w.bytes(obj.bindingPeerSignature)
    }

    if ((obj.bindingWalletSignature != null && obj.bindingWalletSignature.byteLength > 0)) {
      w.uint32(90)
      w.bytes(obj.bindingWalletSignature)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: QuoteRequest = {
      chainId: 0n,
      requestId: new Uint8Array(0),
      service: '',
      profiles: [],
      region: '',
      segmentMs: 0,
      expectedUnits: 0n,
      rail: '',
      payer: new Uint8Array(0),
      bindingPeerSignature: new Uint8Array(0),
      bindingWalletSignature: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.chainId = reader.uint64()
          break
        }
        case 2: {
          obj.requestId = reader.bytes()
          break
        }
        case 3: {
          obj.service = reader.string()
          break
        }
        case 4: {
          if (opts.limits?.profiles != null && obj.profiles.length === opts.limits.profiles) {
            throw new MaxLengthError('Decode error - repeated field "profiles" had too many elements')
          }

          obj.profiles.push(Profile.codec().decode(reader, reader.uint32(), within(opts.limits?.profiles$)))
          break
        }
        case 5: {
          obj.region = reader.string()
          break
        }
        case 6: {
          obj.segmentMs = reader.uint32()
          break
        }
        case 7: {
          obj.expectedUnits = reader.uint64()
          break
        }
        case 8: {
          obj.rail = reader.string()
          break
        }
        case 9: {
          obj.payer = reader.bytes()
          break
        }
        case 10: {
          obj.bindingPeerSignature = reader.bytes()
          break
        }
        case 11: {
          obj.bindingWalletSignature = reader.bytes()
          break
        }
        default: {
          reader.skipType(tag & 7)
          break
        }
      }
    }

    return obj
  },
  noStream,
)

export const QuoteRequest = {
  codec: (): Codec<QuoteRequest, Partial<QuoteRequest>> => QuoteRequestCodec,
  encode: (value: Partial<QuoteRequest>): Uint8Array =>
    encodeMessage(value, QuoteRequestCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<QuoteRequest>): QuoteRequest =>
    decodeMessage(bytes, QuoteRequestCodec, options),
}

export interface QuoteReply {
  quote?: SignedQuote
  refusal?: Refusal
}

const QuoteReplyCodec: Codec<QuoteReply, Partial<QuoteReply>> = message<QuoteReply, Partial<QuoteReply>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    obj = { ...obj }

    if (obj.refusal != null) {
      delete obj.quote
    }

    if (obj.quote != null) {
      delete obj.refusal
    }

    if (obj.quote != null) {
      w.uint32(10)
      SignedQuote.codec().encode(obj.quote, w)
    }

    if (obj.refusal != null) {
      w.uint32(18)
      Refusal.codec().encode(obj.refusal, w)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: QuoteReply = {}

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.quote = SignedQuote.codec().decode(reader, reader.uint32(), within(opts.limits?.quote))
          break
        }
        case 2: {
          obj.refusal = Refusal.codec().decode(reader, reader.uint32(), within(opts.limits?.refusal))
          break
        }
        default: {
          reader.skipType(tag & 7)
          break
        }
      }
    }

    if (obj.refusal != null) {
      delete obj.quote
    }

    if (obj.quote != null) {
      delete obj.refusal
    }

    return obj
  },
  noStream,
)

export const QuoteReply = {
  codec: (): Codec<QuoteReply, Partial<QuoteReply>> => QuoteReplyCodec,
  encode: (value: Partial<QuoteReply>): Uint8Array =>
    encodeMessage(value, QuoteReplyCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<QuoteReply>): QuoteReply =>
    decodeMessage(bytes, QuoteReplyCodec, options),
}

export interface SignedQuote {
  quote: Uint8Array
  walletSignature: Uint8Array
}

const SignedQuoteCodec: Codec<SignedQuote, Partial<SignedQuote>> = message<SignedQuote, Partial<SignedQuote>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.quote != null && obj.quote.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.quote)
    }

    if ((obj.walletSignature != null && obj.walletSignature.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.walletSignature)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: SignedQuote = {
      quote: new Uint8Array(0),
      walletSignature: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.quote = reader.bytes()
          break
        }
        case 2: {
          obj.walletSignature = reader.bytes()
          break
        }
        default: {
          reader.skipType(tag & 7)
          break
        }
      }
    }

    return obj
  },
  noStream,
)

export const SignedQuote = {
  codec: (): Codec<SignedQuote, Partial<SignedQuote>> => SignedQuoteCodec,
  encode: (value: Partial<SignedQuote>): Uint8Array =>
    encodeMessage(value, SignedQuoteCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<SignedQuote>): SignedQuote =>
    decodeMessage(bytes, SignedQuoteCodec, options),
}

export interface Quote {
  chainId: bigint
  quoteId: Uint8Array
  requestHash: Uint8Array
  provider: Uint8Array
  providerPeerId: string
  payer: Uint8Array
  payerPeerId: string
  service: string
  priceNum: Uint8Array
  priceDen: Uint8Array
  maxInFlight: number
  freeSlots: number
  expiresAtMs: bigint
  rail: string
  offer: Uint8Array
}

const QuoteCodec: Codec<Quote, Partial<Quote>> = message<Quote, Partial<Quote>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.chainId != null && obj.chainId !== 0n)) {
      w.uint32(8)
      w.uint64(obj.chainId)
    }

    if ((obj.quoteId != null && obj.quoteId.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.quoteId)
    }

    if ((obj.requestHash != null && obj.requestHash.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.requestHash)
    }

    if ((obj.provider != null && obj.provider.byteLength > 0)) {
      w.uint32(34)
      w.bytes(obj.provider)
    }

    if ((obj.providerPeerId != null && obj.providerPeerId !== '')) {
      w.uint32(42)
      w.string(obj.providerPeerId)
    }

    if ((obj.payer != null && obj.payer.byteLength > 0)) {
      w.uint32(50)
      w.bytes(obj.payer)
    }

    if ((obj.payerPeerId != null && obj.payerPeerId !== '')) {
      w.uint32(58)
      w.string(obj.payerPeerId)
    }

    if ((obj.service != null && obj.service !== '')) {
      w.uint32(66)
      w.string(obj.service)
    }

    if ((obj.priceNum != null && obj.priceNum.byteLength > 0)) {
      w.uint32(74)
      w.bytes(obj.priceNum)
    }

    if ((obj.priceDen != null && obj.priceDen.byteLength > 0)) {
      w.uint32(82)
      w.bytes(obj.priceDen)
    }

    if ((obj.maxInFlight != null && obj.maxInFlight !== 0)) {
      w.uint32(88)
      w.uint32(obj.maxInFlight)
    }

    if ((obj.freeSlots != null && obj.freeSlots !== 0)) {
      w.uint32(96)
      w.uint32(obj.freeSlots)
    }

    if ((obj.expiresAtMs != null && obj.expiresAtMs !== 0n)) {
      w.uint32(104)
      w.uint64(obj.expiresAtMs)
    }

    if ((obj.rail != null && obj.rail !== '')) {
      w.uint32(114)
      w.string(obj.rail)
    }

    if ((obj.offer != null && obj.offer.byteLength > 0)) {
      w.uint32(122)
      w.bytes(obj.offer)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Quote = {
      chainId: 0n,
      quoteId: new Uint8Array(0),
      requestHash: new Uint8Array(0),
      provider: new Uint8Array(0),
      providerPeerId: '',
      payer: new Uint8Array(0),
      payerPeerId: '',
      service: '',
      priceNum: new Uint8Array(0),
      priceDen: new Uint8Array(0),
      maxInFlight: 0,
      freeSlots: 0,
      expiresAtMs: 0n,
      rail: '',
      offer: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.chainId = reader.uint64()
          break
        }
        case 2: {
          obj.quoteId = reader.bytes()
          break
        }
        case 3: {
          obj.requestHash = reader.bytes()
          break
        }
        case 4: {
          obj.provider = reader.bytes()
          break
        }
        case 5: {
          obj.providerPeerId = reader.string()
          break
        }
        case 6: {
          obj.payer = reader.bytes()
          break
        }
        case 7: {
          obj.payerPeerId = reader.string()
          break
        }
        case 8: {
          obj.service = reader.string()
          break
        }
        case 9: {
          obj.priceNum = reader.bytes()
          break
        }
        case 10: {
          obj.priceDen = reader.bytes()
          break
        }
        case 11: {
          obj.maxInFlight = reader.uint32()
          break
        }
        case 12: {
          obj.freeSlots = reader.uint32()
          break
        }
        case 13: {
          obj.expiresAtMs = reader.uint64()
          break
        }
        case 14: {
          obj.rail = reader.string()
          break
        }
        case 15: {
          obj.offer = reader.bytes()
          break
        }
        default: {
          reader.skipType(tag & 7)
          break
        }
      }
    }

    return obj
  },
  noStream,
)

export const Quote = {
  codec: (): Codec<Quote, Partial<Quote>> => QuoteCodec,
  encode: (value: Partial<Quote>): Uint8Array =>
    encodeMessage(value, QuoteCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Quote>): Quote =>
    decodeMessage(bytes, QuoteCodec, options),
}

export type RefusalCode =
  | 'REFUSAL_UNSPECIFIED'
  | 'MALFORMED_REQUEST'
  | 'WRONG_CHAIN'
  | 'UNKNOWN_SERVICE'
  | 'UNSUPPORTED_PROFILE'
  | 'UNSERVED_REGION'
  | 'UNSUPPORTED_RAIL'
  | 'AT_CAPACITY'
  | 'PAYER_NOT_BOUND'
  | 'PAYER_UNDERFUNDED'
  | 'PAYER_UNLOCKING'
  | 'NOT_ACTIVE'
  | 'TOO_MANY_REQUESTS'
  | 'NOT_READY'

const RefusalCodeCodec = (): Codec<RefusalCode, RefusalCode> => enumeration<RefusalCode>(__RefusalCodeValues)

export const RefusalCode = {
  REFUSAL_UNSPECIFIED: 'REFUSAL_UNSPECIFIED',
  MALFORMED_REQUEST: 'MALFORMED_REQUEST',
  WRONG_CHAIN: 'WRONG_CHAIN',
  UNKNOWN_SERVICE: 'UNKNOWN_SERVICE',
  UNSUPPORTED_PROFILE: 'UNSUPPORTED_PROFILE',
  UNSERVED_REGION: 'UNSERVED_REGION',
  UNSUPPORTED_RAIL: 'UNSUPPORTED_RAIL',
  AT_CAPACITY: 'AT_CAPACITY',
  PAYER_NOT_BOUND: 'PAYER_NOT_BOUND',
  PAYER_UNDERFUNDED: 'PAYER_UNDERFUNDED',
  PAYER_UNLOCKING: 'PAYER_UNLOCKING',
  NOT_ACTIVE: 'NOT_ACTIVE',
  TOO_MANY_REQUESTS: 'TOO_MANY_REQUESTS',
  NOT_READY: 'NOT_READY',
  codec: RefusalCodeCodec,
} as const

const __RefusalCodeValues = {
  REFUSAL_UNSPECIFIED: 0,
  MALFORMED_REQUEST: 1,
  WRONG_CHAIN: 2,
  UNKNOWN_SERVICE: 3,
  UNSUPPORTED_PROFILE: 4,
  UNSERVED_REGION: 5,
  UNSUPPORTED_RAIL: 6,
  AT_CAPACITY: 7,
  PAYER_NOT_BOUND: 8,
  PAYER_UNDERFUNDED: 9,
  PAYER_UNLOCKING: 10,
  NOT_ACTIVE: 11,
  TOO_MANY_REQUESTS: 12,
  NOT_READY: 13,
  0: 'REFUSAL_UNSPECIFIED',
  1: 'MALFORMED_REQUEST',
  2: 'WRONG_CHAIN',
  3: 'UNKNOWN_SERVICE',
  4: 'UNSUPPORTED_PROFILE',
  5: 'UNSERVED_REGION',
  6: 'UNSUPPORTED_RAIL',
  7: 'AT_CAPACITY',
  8: 'PAYER_NOT_BOUND',
  9: 'PAYER_UNDERFUNDED',
  10: 'PAYER_UNLOCKING',
  11: 'NOT_ACTIVE',
  12: 'TOO_MANY_REQUESTS',
  13: 'NOT_READY',
} as const

export interface Refusal {
  code: RefusalCode
  detail: string
  retryAfterMs: number
}

const RefusalCodec: Codec<Refusal, Partial<Refusal>> = message<Refusal, Partial<Refusal>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if (obj.code != null && __RefusalCodeValues[obj.code] !== 0) {
      w.uint32(8)
      RefusalCode.codec().encode(obj.code, w)
    }

    if ((obj.detail != null && obj.detail !== '')) {
      w.uint32(18)
      w.string(obj.detail)
    }

    if ((obj.retryAfterMs != null && obj.retryAfterMs !== 0)) {
      w.uint32(24)
      w.uint32(obj.retryAfterMs)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Refusal = {
      code: RefusalCode.REFUSAL_UNSPECIFIED,
      detail: '',
      retryAfterMs: 0
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.code = RefusalCode.codec().decode(reader)
          break
        }
        case 2: {
          obj.detail = reader.string()
          break
        }
        case 3: {
          obj.retryAfterMs = reader.uint32()
          break
        }
        default: {
          reader.skipType(tag & 7)
          break
        }
      }
    }

    return obj
  },
  noStream,
)

export const Refusal = {
  codec: (): Codec<Refusal, Partial<Refusal>> => RefusalCodec,
  encode: (value: Partial<Refusal>): Uint8Array =>
    encodeMessage(value, RefusalCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Refusal>): Refusal =>
    decodeMessage(bytes, RefusalCodec, options),
}
