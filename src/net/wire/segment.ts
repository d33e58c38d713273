// Generated from protocols/segment/1.0.0/segment.proto by scripts/build-wire.ts. Do not edit.
import { type Codec, type DecodeOptions, decodeMessage, encodeMessage, enumeration, MaxLengthError, message } from 'protons-runtime'

function* noStream(): Generator<never> {}

function within<L>(limits: L | undefined): { limits?: L } {
  return limits === undefined ? {} : { limits }
}

export interface PayerMessage {
  open?: OpenOrder
  segment?: Segment
  payment?: Payment
}

const PayerMessageCodec: Codec<PayerMessage, Partial<PayerMessage>> = message<PayerMessage, Partial<PayerMessage>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    obj = { ...obj }

    if (obj.payment != null) {
      delete obj.segment
      delete obj.open
    }

    if (obj.segment != null) {
      delete obj.payment
      delete obj.open
    }

    if (obj.open != null) {
      delete obj.payment
      delete obj.segment
    }

    if (obj.open != null) {
      w.uint32(10)
      OpenOrder.codec().encode(obj.open, w)
    }

    if (obj.segment != null) {
      w.uint32(18)
      Segment.codec().encode(obj.segment, w)
    }

    if (obj.payment != null) {
      w.uint32(26)
      Payment.codec().encode(obj.payment, w)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: PayerMessage = {}

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.open = OpenOrder.codec().decode(reader, reader.uint32(), within(opts.limits?.open))
          break
        }
        case 2: {
          obj.segment = Segment.codec().decode(reader, reader.uint32(), within(opts.limits?.segment))
          break
        }
        case 3: {
          obj.payment = Payment.codec().decode(reader, reader.uint32(), within(opts.limits?.payment))
          break
        }
        default: {
          reader.skipType(tag & 7)
          break
        }
      }
    }

    if (obj.payment != null) {
      delete obj.segment
      delete obj.open
    }

    if (obj.segment != null) {
      delete obj.payment
      delete obj.open
    }

    if (obj.open != null) {
      delete obj.payment
      delete obj.segment
    }

    return obj
  },
  noStream,
)

export const PayerMessage = {
  codec: (): Codec<PayerMessage, Partial<PayerMessage>> => PayerMessageCodec,
  encode: (value: Partial<PayerMessage>): Uint8Array =>
    encodeMessage(value, PayerMessageCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<PayerMessage>): PayerMessage =>
    decodeMessage(bytes, PayerMessageCodec, options),
}

export interface ProviderMessage {
  accepted?: OrderAccepted
  result?: SegmentResult
  paid?: PaymentAccepted
  error?: WireError
}

const ProviderMessageCodec: Codec<ProviderMessage, Partial<ProviderMessage>> = message<ProviderMessage, Partial<ProviderMessage>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    obj = { ...obj }

    if (obj.error != null) {
      delete obj.paid
      delete obj.result
      delete obj.accepted
    }

    if (obj.paid != null) {
      delete obj.error
      delete obj.result
      delete obj.accepted
    }

    if (obj.result != null) {
      delete obj.error
      delete obj.paid
      delete obj.accepted
    }

    if (obj.accepted != null) {
      delete obj.error
      delete obj.paid
      delete obj.result
    }

    if (obj.accepted != null) {
      w.uint32(10)
      OrderAccepted.codec().encode(obj.accepted, w)
    }

    if (obj.result != null) {
      w.uint32(18)
      SegmentResult.codec().encode(obj.result, w)
    }

    if (obj.paid != null) {
      w.uint32(26)
      PaymentAccepted.codec().encode(obj.paid, w)
    }

    if (obj.error != null) {
      w.uint32(34)
      WireError.codec().encode(obj.error, w)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: ProviderMessage = {}

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.accepted = OrderAccepted.codec().decode(reader, reader.uint32(), within(opts.limits?.accepted))
          break
        }
        case 2: {
          obj.result = SegmentResult.codec().decode(reader, reader.uint32(), within(opts.limits?.result))
          break
        }
        case 3: {
          obj.paid = PaymentAccepted.codec().decode(reader, reader.uint32(), within(opts.limits?.paid))
          break
        }
        case 4: {
          obj.error = WireError.codec().decode(reader, reader.uint32(), within(opts.limits?.error))
          break
        }
        default: {
          reader.skipType(tag & 7)
          break
        }
      }
    }

    if (obj.error != null) {
      delete obj.paid
      delete obj.result
      delete obj.accepted
    }

    if (obj.paid != null) {
      delete obj.error
      delete obj.result
      delete obj.accepted
    }

    if (obj.result != null) {
      delete obj.error
      delete obj.paid
      delete obj.accepted
    }

    if (obj.accepted != null) {
      delete obj.error
      delete obj.paid
      delete obj.result
    }

    return obj
  },
  noStream,
)

export const ProviderMessage = {
  codec: (): Codec<ProviderMessage, Partial<ProviderMessage>> => ProviderMessageCodec,
  encode: (value: Partial<ProviderMessage>): Uint8Array =>
    encodeMessage(value, ProviderMessageCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<ProviderMessage>): ProviderMessage =>
    decodeMessage(bytes, ProviderMessageCodec, options),
}

export interface OpenOrder {
  orderId: Uint8Array
  manifestId: string
}

const OpenOrderCodec: Codec<OpenOrder, Partial<OpenOrder>> = message<OpenOrder, Partial<OpenOrder>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.orderId != null && obj.orderId.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.orderId)
    }

    if ((obj.manifestId != null && obj.manifestId !== '')) {
      w.uint32(18)
      w.string(obj.manifestId)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: OpenOrder = {
      orderId: new Uint8Array(0),
      manifestId: ''
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.orderId = reader.bytes()
          break
        }
        case 2: {
          obj.manifestId = reader.string()
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

export const OpenOrder = {
  codec: (): Codec<OpenOrder, Partial<OpenOrder>> => OpenOrderCodec,
  encode: (value: Partial<OpenOrder>): Uint8Array =>
    encodeMessage(value, OpenOrderCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<OpenOrder>): OpenOrder =>
    decodeMessage(bytes, OpenOrderCodec, options),
}

export interface OrderAccepted {
  orderId: Uint8Array
  credit: Uint8Array
  grant: Uint8Array
  maxInFlight: number
  credited: Uint8Array
}

const OrderAcceptedCodec: Codec<OrderAccepted, Partial<OrderAccepted>> = message<OrderAccepted, Partial<OrderAccepted>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.orderId != null && obj.orderId.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.orderId)
    }

    if ((obj.credit != null && obj.credit.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.credit)
    }

    if ((obj.grant != null && obj.grant.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.grant)
    }

    if ((obj.maxInFlight != null && obj.maxInFlight !== 0)) {
      w.uint32(32)
      w.uint32(obj.maxInFlight)
    }

    if ((obj.credited != null && obj.credited.byteLength > 0)) {
      w.uint32(42)
      w.bytes(obj.credited)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: OrderAccepted = {
      orderId: new Uint8Array(0),
      credit: new Uint8Array(0),
      grant: new Uint8Array(0),
      maxInFlight: 0,
      credited: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.orderId = reader.bytes()
          break
        }
        case 2: {
          obj.credit = reader.bytes()
          break
        }
        case 3: {
          obj.grant = reader.bytes()
          break
        }
        case 4: {
          obj.maxInFlight = reader.uint32()
          break
        }
        case 5: {
          obj.credited = reader.bytes()
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

export const OrderAccepted = {
  codec: (): Codec<OrderAccepted, Partial<OrderAccepted>> => OrderAcceptedCodec,
  encode: (value: Partial<OrderAccepted>): Uint8Array =>
    encodeMessage(value, OrderAcceptedCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<OrderAccepted>): OrderAccepted =>
    decodeMessage(bytes, OrderAcceptedCodec, options),
}

export interface Segment {
  index: bigint
  sequence: bigint
  durationMs: number
  inputHash: Uint8Array
  profilesHash: Uint8Array
  priceNum: Uint8Array
  priceDen: Uint8Array
  payment: Uint8Array
  payerSignature: Uint8Array
}

const SegmentCodec: Codec<Segment, Partial<Segment>> = message<Segment, Partial<Segment>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.index != null && obj.index !== 0n)) {
      w.uint32(8)
      w.uint64(obj.index)
    }

    if ((obj.sequence != null && obj.sequence !== 0n)) {
      w.uint32(16)
      w.uint64(obj.sequence)
    }

    if ((obj.durationMs != null && obj.durationMs !== 0)) {
      w.uint32(24)
      w.uint32(obj.durationMs)
    }

    if ((obj.inputHash != null && obj.inputHash.byteLength > 0)) {
      w.uint32(34)
      w.bytes(obj.inputHash)
    }

    if ((obj.profilesHash != null && obj.profilesHash.byteLength > 0)) {
      w.uint32(42)
      w.bytes(obj.profilesHash)
    }

    if ((obj.priceNum != null && obj.priceNum.byteLength > 0)) {
      w.uint32(50)
      w.bytes(obj.priceNum)
    }

    if ((obj.priceDen != null && obj.priceDen.byteLength > 0)) {
      w.uint32(58)
      w.bytes(obj.priceDen)
    }

    if ((obj.payment != null && obj.payment.byteLength > 0)) {
      w.uint32(66)
      w.bytes(obj.payment)
    }

    if ((obj.payerSignature != null && obj.payerSignature.byteLength > 0)) {
      w.uint32(74)
      w.bytes(obj.payerSignature)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Segment = {
      index: 0n,
      sequence: 0n,
      durationMs: 0,
      inputHash: new Uint8Array(0),
      profilesHash: new Uint8Array(0),
      priceNum: new Uint8Array(0),
      priceDen: new Uint8Array(0),
      payment: new Uint8Array(0),
      payerSignature: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.index = reader.uint64()
          break
        }
        case 2: {
          obj.sequence = reader.uint64()
          break
        }
        case 3: {
          obj.durationMs = reader.uint32()
          break
        }
        case 4: {
          obj.inputHash = reader.bytes()
          break
        }
        case 5: {
          obj.profilesHash = reader.bytes()
          break
        }
        case 6: {
          obj.priceNum = reader.bytes()
          break
        }
        case 7: {
          obj.priceDen = reader.bytes()
          break
        }
        case 8: {
          obj.payment = reader.bytes()
          break
        }
        case 9: {
          obj.payerSignature = reader.bytes()
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

export const Segment = {
  codec: (): Codec<Segment, Partial<Segment>> => SegmentCodec,
  encode: (value: Partial<Segment>): Uint8Array =>
    encodeMessage(value, SegmentCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Segment>): Segment =>
    decodeMessage(bytes, SegmentCodec, options),
}

export interface SegmentResult {
  index: bigint
  renditions: RenditionHeader[]
  units: bigint
  debited: Uint8Array
  credit: Uint8Array
  grant: Uint8Array
  workMs: number
  providerSignature: Uint8Array
}

const SegmentResultCodec: Codec<SegmentResult, Partial<SegmentResult>> = message<SegmentResult, Partial<SegmentResult>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.index != null && obj.index !== 0n)) {
      w.uint32(8)
      w.uint64(obj.index)
    }

    if (obj.renditions != null && obj.renditions.length > 0) {
      for (const value of obj.renditions) {
        w.uint32(18)
        RenditionHeader.codec().encode(value, w)
      }
    }

    if ((obj.units != null && obj.units !== 0n)) {
      w.uint32(24)
      w.uint64(obj.units)
    }

    if ((obj.debited != null && obj.debited.byteLength > 0)) {
      w.uint32(34)
      w.bytes(obj.debited)
    }

    if ((obj.credit != null && obj.credit.byteLength > 0)) {
      w.uint32(42)
      w.bytes(obj.credit)
    }

    if ((obj.grant != null && obj.grant.byteLength > 0)) {
      w.uint32(50)
      w.bytes(obj.grant)
    }

    if ((obj.workMs != null && obj.workMs !== 0)) {
      w.uint32(56)
      w.uint32(obj.workMs)
    }

    if ((obj.providerSignature != null && obj.providerSignature.byteLength > 0)) {
      w.uint32(66)
      w.bytes(obj.providerSignature)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: SegmentResult = {
      index: 0n,
      renditions: [],
      units: 0n,
      debited: new Uint8Array(0),
      credit: new Uint8Array(0),
      grant: new Uint8Array(0),
      workMs: 0,
      providerSignature: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.index = reader.uint64()
          break
        }
        case 2: {
          if (opts.limits?.renditions != null && obj.renditions.length === opts.limits.renditions) {
            throw new MaxLengthError('Decode error - repeated field "renditions" had too many elements')
          }

          obj.renditions.push(RenditionHeader.codec().decode(reader, reader.uint32(), within(opts.limits?.renditions$)))
          break
        }
        case 3: {
          obj.units = reader.uint64()
          break
        }
        case 4: {
          obj.debited = reader.bytes()
          break
        }
        case 5: {
          obj.credit = reader.bytes()
          break
        }
        case 6: {
          obj.grant = reader.bytes()
          break
        }
        case 7: {
          obj.workMs = reader.uint32()
          break
        }
        case 8: {
          obj.providerSignature = reader.bytes()
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

export const SegmentResult = {
  codec: (): Codec<SegmentResult, Partial<SegmentResult>> => SegmentResultCodec,
  encode: (value: Partial<SegmentResult>): Uint8Array =>
    encodeMessage(value, SegmentResultCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<SegmentResult>): SegmentResult =>
    decodeMessage(bytes, SegmentResultCodec, options),
}

export interface RenditionHeader {
  name: string
  lengthBytes: number
  outputHash: Uint8Array
  pixels: bigint
}

const RenditionHeaderCodec: Codec<RenditionHeader, Partial<RenditionHeader>> = message<RenditionHeader, Partial<RenditionHeader>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.name != null && obj.name !== '')) {
      w.uint32(10)
      w.string(obj.name)
    }

    if ((obj.lengthBytes != null && obj.lengthBytes !== 0)) {
      w.uint32(16)
      w.uint32(obj.lengthBytes)
    }

    if ((obj.outputHash != null && obj.outputHash.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.outputHash)
    }

    if ((obj.pixels != null && obj.pixels !== 0n)) {
      w.uint32(32)
      w.uint64(obj.pixels)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: RenditionHeader = {
      name: '',
      lengthBytes: 0,
      outputHash: new Uint8Array(0),
      pixels: 0n
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
          obj.lengthBytes = reader.uint32()
          break
        }
        case 3: {
          obj.outputHash = reader.bytes()
          break
        }
        case 4: {
          obj.pixels = reader.uint64()
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

export const RenditionHeader = {
  codec: (): Codec<RenditionHeader, Partial<RenditionHeader>> => RenditionHeaderCodec,
  encode: (value: Partial<RenditionHeader>): Uint8Array =>
    encodeMessage(value, RenditionHeaderCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<RenditionHeader>): RenditionHeader =>
    decodeMessage(bytes, RenditionHeaderCodec, options),
}

export interface Payment {
  orderId: Uint8Array
  payment: Uint8Array
}

const PaymentCodec: Codec<Payment, Partial<Payment>> = message<Payment, Partial<Payment>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.orderId != null && obj.orderId.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.orderId)
    }

    if ((obj.payment != null && obj.payment.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.payment)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Payment = {
      orderId: new Uint8Array(0),
      payment: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.orderId = reader.bytes()
          break
        }
        case 2: {
          obj.payment = reader.bytes()
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

export const Payment = {
  codec: (): Codec<Payment, Partial<Payment>> => PaymentCodec,
  encode: (value: Partial<Payment>): Uint8Array =>
    encodeMessage(value, PaymentCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Payment>): Payment =>
    decodeMessage(bytes, PaymentCodec, options),
}

export interface PaymentAccepted {
  credited: Uint8Array
  credit: Uint8Array
  grant: Uint8Array
}

const PaymentAcceptedCodec: Codec<PaymentAccepted, Partial<PaymentAccepted>> = message<PaymentAccepted, Partial<PaymentAccepted>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.credited != null && obj.credited.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.credited)
    }

    if ((obj.credit != null && obj.credit.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.credit)
    }

    if ((obj.grant != null && obj.grant.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.grant)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: PaymentAccepted = {
      credited: new Uint8Array(0),
      credit: new Uint8Array(0),
      grant: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.credited = reader.bytes()
          break
        }
        case 2: {
          obj.credit = reader.bytes()
          break
        }
        case 3: {
          obj.grant = reader.bytes()
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

export const PaymentAccepted = {
  codec: (): Codec<PaymentAccepted, Partial<PaymentAccepted>> => PaymentAcceptedCodec,
  encode: (value: Partial<PaymentAccepted>): Uint8Array =>
    encodeMessage(value, PaymentAcceptedCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<PaymentAccepted>): PaymentAccepted =>
    decodeMessage(bytes, PaymentAcceptedCodec, options),
}

export type WireErrorCode =
  | 'ERROR_UNSPECIFIED'
  | 'MALFORMED'
  | 'UNKNOWN_ORDER'
  | 'FATAL_PAYMENT'
  | 'BAD_SIGNATURE'
  | 'LOW_PM_BALANCE'
  | 'NEW_PAYMENT_PARAMS'
  | 'PRICE_MISMATCH'
  | 'SEGMENT_FORMAT_DIDNT_MATCH_JOB_INPUT_PARAMS'
  | 'DUPLICATE_SEGMENT'
  | 'SEGMENT_UNREADABLE'
  | 'BUSY'
  | 'PAYER_UNDERFUNDED'
  | 'WORK_FAILED'
  | 'SHUTTING_DOWN'
  | 'INTERNAL'

const WireErrorCodeCodec = (): Codec<WireErrorCode, WireErrorCode> => enumeration<WireErrorCode>(__WireErrorCodeValues)

export const WireErrorCode = {
  ERROR_UNSPECIFIED: 'ERROR_UNSPECIFIED',
  MALFORMED: 'MALFORMED',
  UNKNOWN_ORDER: 'UNKNOWN_ORDER',
  FATAL_PAYMENT: 'FATAL_PAYMENT',
  BAD_SIGNATURE: 'BAD_SIGNATURE',
  LOW_PM_BALANCE: 'LOW_PM_BALANCE',
  NEW_PAYMENT_PARAMS: 'NEW_PAYMENT_PARAMS',
  PRICE_MISMATCH: 'PRICE_MISMATCH',
  SEGMENT_FORMAT_DIDNT_MATCH_JOB_INPUT_PARAMS: 'SEGMENT_FORMAT_DIDNT_MATCH_JOB_INPUT_PARAMS',
  DUPLICATE_SEGMENT: 'DUPLICATE_SEGMENT',
  SEGMENT_UNREADABLE: 'SEGMENT_UNREADABLE',
  BUSY: 'BUSY',
  PAYER_UNDERFUNDED: 'PAYER_UNDERFUNDED',
  WORK_FAILED: 'WORK_FAILED',
  SHUTTING_DOWN: 'SHUTTING_DOWN',
  INTERNAL: 'INTERNAL',
  codec: WireErrorCodeCodec,
} as const

const __WireErrorCodeValues = {
  ERROR_UNSPECIFIED: 0,
  MALFORMED: 1,
  UNKNOWN_ORDER: 2,
  FATAL_PAYMENT: 4,
  BAD_SIGNATURE: 5,
  LOW_PM_BALANCE: 16,
  NEW_PAYMENT_PARAMS: 17,
  PRICE_MISMATCH: 18,
  SEGMENT_FORMAT_DIDNT_MATCH_JOB_INPUT_PARAMS: 19,
  DUPLICATE_SEGMENT: 20,
  SEGMENT_UNREADABLE: 21,
  BUSY: 32,
  PAYER_UNDERFUNDED: 33,
  WORK_FAILED: 34,
  SHUTTING_DOWN: 35,
  INTERNAL: 36,
  0: 'ERROR_UNSPECIFIED',
  1: 'MALFORMED',
  2: 'UNKNOWN_ORDER',
  4: 'FATAL_PAYMENT',
  5: 'BAD_SIGNATURE',
  16: 'LOW_PM_BALANCE',
  17: 'NEW_PAYMENT_PARAMS',
  18: 'PRICE_MISMATCH',
  19: 'SEGMENT_FORMAT_DIDNT_MATCH_JOB_INPUT_PARAMS',
  20: 'DUPLICATE_SEGMENT',
  21: 'SEGMENT_UNREADABLE',
  32: 'BUSY',
  33: 'PAYER_UNDERFUNDED',
  34: 'WORK_FAILED',
  35: 'SHUTTING_DOWN',
  36: 'INTERNAL',
} as const

export interface WireError {
  code: WireErrorCode
  index?: bigint
  detail: string
  credit: Uint8Array
  grant: Uint8Array
  missing: Uint8Array
}

const WireErrorCodec: Codec<WireError, Partial<WireError>> = message<WireError, Partial<WireError>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if (obj.code != null && __WireErrorCodeValues[obj.code] !== 0) {
      w.uint32(8)
      WireErrorCode.codec().encode(obj.code, w)
    }

    if (obj.index != null) {
      w.uint32(16)
      w.uint64(obj.index)
    }

    if ((obj.detail != null && obj.detail !== '')) {
      w.uint32(26)
      w.string(obj.detail)
    }

    if ((obj.credit != null && obj.credit.byteLength > 0)) {
      w.uint32(34)
      w.bytes(obj.credit)
    }

    if ((obj.grant != null && obj.grant.byteLength > 0)) {
      w.uint32(42)
      w.bytes(obj.grant)
    }

    if ((obj.missing != null && obj.missing.byteLength > 0)) {
      w.uint32(50)
      w.bytes(obj.missing)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: WireError = {
      code: WireErrorCode.ERROR_UNSPECIFIED,
      detail: '',
      credit: new Uint8Array(0),
      grant: new Uint8Array(0),
      missing: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.code = WireErrorCode.codec().decode(reader)
          break
        }
        case 2: {
          obj.index = reader.uint64()
          break
        }
        case 3: {
          obj.detail = reader.string()
          break
        }
        case 4: {
          obj.credit = reader.bytes()
          break
        }
        case 5: {
          obj.grant = reader.bytes()
          break
        }
        case 6: {
          obj.missing = reader.bytes()
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

export const WireError = {
  codec: (): Codec<WireError, Partial<WireError>> => WireErrorCodec,
  encode: (value: Partial<WireError>): Uint8Array =>
    encodeMessage(value, WireErrorCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<WireError>): WireError =>
    decodeMessage(bytes, WireErrorCodec, options),
}
