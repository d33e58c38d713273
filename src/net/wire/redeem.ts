// Generated from protocols/redeem/1.0.0/redeem.proto by scripts/build-wire.ts. Do not edit.
import { type Codec, type DecodeOptions, decodeMessage, encodeMessage, enumeration, MaxLengthError, message } from 'protons-runtime'

function* noStream(): Generator<never> {}

function within<L>(limits: L | undefined): { limits?: L } {
  return limits === undefined ? {} : { limits }
}

export interface RedeemRequest {
  chainId: bigint
  recipient: Uint8Array
  bindingPeerSignature: Uint8Array
  bindingWalletSignature: Uint8Array
  winners: WinningTicket[]
  asked: Uint8Array[]
  stored: Uint8Array[]
}

const RedeemRequestCodec: Codec<RedeemRequest, Partial<RedeemRequest>> = message<RedeemRequest, Partial<RedeemRequest>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.chainId != null && obj.chainId !== 0n)) {
      w.uint32(8)
      w.uint64(obj.chainId)
    }

    if ((obj.recipient != null && obj.recipient.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.recipient)
    }

    if ((obj.bindingPeerSignature != null && obj.bindingPeerSignature.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.bindingPeerSignature)
    }

    if ((obj.bindingWalletSignature != null && obj.bindingWalletSignature.byteLength > 0)) {
      w.uint32(34)
      w.bytes(obj.bindingWalletSignature)
    }

    if (obj.winners != null && obj.winners.length > 0) {
      for (const value of obj.winners) {
        w.uint32(42)
        WinningTicket.codec().encode(value, w)
      }
    }

    if (obj.asked != null && obj.asked.length > 0) {
      for (const value of obj.asked) {
        w.uint32(50)
        w.bytes(value)
      }
    }

    if (obj.stored != null && obj.stored.length > 0) {
      for (const value of obj.stored) {
        w.uint32(58)
        w.bytes(value)
      }
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: RedeemRequest = {
      chainId: 0n,
      recipient: new Uint8Array(0),
      bindingPeerSignature: new Uint8Array(0),
      bindingWalletSignature: new Uint8Array(0),
      winners: [],
      asked: [],
      stored: []
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
          obj.recipient = reader.bytes()
          break
        }
        case 3: {
          obj.bindingPeerSignature = reader.bytes()
          break
        }
        case 4: {
          obj.bindingWalletSignature = reader.bytes()
          break
        }
        case 5: {
          if (opts.limits?.winners != null && obj.winners.length === opts.limits.winners) {
            throw new MaxLengthError('Decode error - repeated field "winners" had too many elements')
          }

          obj.winners.push(WinningTicket.codec().decode(reader, reader.uint32(), within(opts.limits?.winners$)))
          break
        }
        case 6: {
          if (opts.limits?.asked != null && obj.asked.length === opts.limits.asked) {
            throw new MaxLengthError('Decode error - repeated field "asked" had too many elements')
          }

          obj.asked.push(reader.bytes())
          break
        }
        case 7: {
          if (opts.limits?.stored != null && obj.stored.length === opts.limits.stored) {
            throw new MaxLengthError('Decode error - repeated field "stored" had too many elements')
          }

          obj.stored.push(reader.bytes())
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

export const RedeemRequest = {
  codec: (): Codec<RedeemRequest, Partial<RedeemRequest>> => RedeemRequestCodec,
  encode: (value: Partial<RedeemRequest>): Uint8Array =>
    encodeMessage(value, RedeemRequestCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<RedeemRequest>): RedeemRequest =>
    decodeMessage(bytes, RedeemRequestCodec, options),
}

export interface WinningTicket {
  sender: Uint8Array
  faceValue: Uint8Array
  winProb: Uint8Array
  senderNonce: number
  recipientRandHash: Uint8Array
  creationRound: bigint
  creationRoundBlockHash: Uint8Array
  paramsExpirationBlock: bigint
  signature: Uint8Array
  recipientRand: Uint8Array
}

const WinningTicketCodec: Codec<WinningTicket, Partial<WinningTicket>> = message<WinningTicket, Partial<WinningTicket>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.sender != null && obj.sender.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.sender)
    }

    if ((obj.faceValue != null && obj.faceValue.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.faceValue)
    }

    if ((obj.winProb != null && obj.winProb.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.winProb)
    }

    if ((obj.senderNonce != null && obj.senderNonce !== 0)) {
      w.uint32(32)
      w.uint32(obj.senderNonce)
    }

    if ((obj.recipientRandHash != null && obj.recipientRandHash.byteLength > 0)) {
      w.uint32(42)
      w.bytes(obj.recipientRandHash)
    }

    if ((obj.creationRound != null && obj.creationRound !== 0n)) {
      w.uint32(48)
      w.uint64(obj.creationRound)
    }

    if ((obj.creationRoundBlockHash != null && obj.creationRoundBlockHash.byteLength > 0)) {
      w.uint32(58)
      w.bytes(obj.creationRoundBlockHash)
    }

    if ((obj.paramsExpirationBlock != null && obj.paramsExpirationBlock !== 0n)) {
      w.uint32(64)
      w.uint64(obj.paramsExpirationBlock)
    }

    if ((obj.signature != null && obj.signature.byteLength > 0)) {
      w.uint32(74)
      w.bytes(obj.signature)
    }

    if ((obj.recipientRand != null && obj.recipientRand.byteLength > 0)) {
      w.uint32(82)
      w.bytes(obj.recipientRand)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: WinningTicket = {
      sender: new Uint8Array(0),
      faceValue: new Uint8Array(0),
      winProb: new Uint8Array(0),
      senderNonce: 0,
      recipientRandHash: new Uint8Array(0),
      creationRound: 0n,
      creationRoundBlockHash: new Uint8Array(0),
      paramsExpirationBlock: 0n,
      signature: new Uint8Array(0),
      recipientRand: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.sender = reader.bytes()
          break
        }
        case 2: {
          obj.faceValue = reader.bytes()
          break
        }
        case 3: {
          obj.winProb = reader.bytes()
          break
        }
        case 4: {
          obj.senderNonce = reader.uint32()
          break
        }
        case 5: {
          obj.recipientRandHash = reader.bytes()
          break
        }
        case 6: {
          obj.creationRound = reader.uint64()
          break
        }
        case 7: {
          obj.creationRoundBlockHash = reader.bytes()
          break
        }
        case 8: {
          obj.paramsExpirationBlock = reader.uint64()
          break
        }
        case 9: {
          obj.signature = reader.bytes()
          break
        }
        case 10: {
          obj.recipientRand = reader.bytes()
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

export const WinningTicket = {
  codec: (): Codec<WinningTicket, Partial<WinningTicket>> => WinningTicketCodec,
  encode: (value: Partial<WinningTicket>): Uint8Array =>
    encodeMessage(value, WinningTicketCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<WinningTicket>): WinningTicket =>
    decodeMessage(bytes, WinningTicketCodec, options),
}

export interface RedeemReply {
  refusal: RedeemRefusalCode
  detail: string
  retryAfterMs: number
  verdicts: HandOverVerdict[]
  outcomes: WinnerOutcome[]
}

const RedeemReplyCodec: Codec<RedeemReply, Partial<RedeemReply>> = message<RedeemReply, Partial<RedeemReply>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if (obj.refusal != null && __RedeemRefusalCodeValues[obj.refusal] !== 0) {
      w.uint32(8)
      RedeemRefusalCode.codec().encode(obj.refusal, w)
    }

    if ((obj.detail != null && obj.detail !== '')) {
      w.uint32(18)
      w.string(obj.detail)
    }

    if ((obj.retryAfterMs != null && obj.retryAfterMs !== 0)) {
      w.uint32(24)
      w.uint32(obj.retryAfterMs)
    }

    if (obj.verdicts != null && obj.verdicts.length > 0) {
      for (const value of obj.verdicts) {
        w.uint32(34)
        HandOverVerdict.codec().encode(value, w)
      }
    }

    if (obj.outcomes != null && obj.outcomes.length > 0) {
      for (const value of obj.outcomes) {
        w.uint32(42)
        WinnerOutcome.codec().encode(value, w)
      }
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: RedeemReply = {
      refusal: RedeemRefusalCode.NOT_REFUSED,
      detail: '',
      retryAfterMs: 0,
      verdicts: [],
      outcomes: []
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.refusal = RedeemRefusalCode.codec().decode(reader)
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
        case 4: {
          if (opts.limits?.verdicts != null && obj.verdicts.length === opts.limits.verdicts) {
            throw new MaxLengthError('Decode error - repeated field "verdicts" had too many elements')
          }

          obj.verdicts.push(HandOverVerdict.codec().decode(reader, reader.uint32(), within(opts.limits?.verdicts$)))
          break
        }
        case 5: {
          if (opts.limits?.outcomes != null && obj.outcomes.length === opts.limits.outcomes) {
            throw new MaxLengthError('Decode error - repeated field "outcomes" had too many elements')
          }

          obj.outcomes.push(WinnerOutcome.codec().decode(reader, reader.uint32(), within(opts.limits?.outcomes$)))
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

export const RedeemReply = {
  codec: (): Codec<RedeemReply, Partial<RedeemReply>> => RedeemReplyCodec,
  encode: (value: Partial<RedeemReply>): Uint8Array =>
    encodeMessage(value, RedeemReplyCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<RedeemReply>): RedeemReply =>
    decodeMessage(bytes, RedeemReplyCodec, options),
}

export type RedeemRefusalCode =
  | 'NOT_REFUSED'
  | 'MALFORMED_REQUEST'
  | 'WRONG_CHAIN'
  | 'NOT_ALLOWED'
  | 'NOT_BOUND'
  | 'TOO_MANY_REQUESTS'
  | 'NOT_READY'

const RedeemRefusalCodeCodec = (): Codec<RedeemRefusalCode, RedeemRefusalCode> => enumeration<RedeemRefusalCode>(__RedeemRefusalCodeValues)

export const RedeemRefusalCode = {
  NOT_REFUSED: 'NOT_REFUSED',
  MALFORMED_REQUEST: 'MALFORMED_REQUEST',
  WRONG_CHAIN: 'WRONG_CHAIN',
  NOT_ALLOWED: 'NOT_ALLOWED',
  NOT_BOUND: 'NOT_BOUND',
  TOO_MANY_REQUESTS: 'TOO_MANY_REQUESTS',
  NOT_READY: 'NOT_READY',
  codec: RedeemRefusalCodeCodec,
} as const

const __RedeemRefusalCodeValues = {
  NOT_REFUSED: 0,
  MALFORMED_REQUEST: 1,
  WRONG_CHAIN: 2,
  NOT_ALLOWED: 3,
  NOT_BOUND: 4,
  TOO_MANY_REQUESTS: 5,
  NOT_READY: 6,
  0: 'NOT_REFUSED',
  1: 'MALFORMED_REQUEST',
  2: 'WRONG_CHAIN',
  3: 'NOT_ALLOWED',
  4: 'NOT_BOUND',
  5: 'TOO_MANY_REQUESTS',
  6: 'NOT_READY',
} as const

export interface HandOverVerdict {
  ticketHash: Uint8Array
  code: HandOverCode
  detail: string
}

const HandOverVerdictCodec: Codec<HandOverVerdict, Partial<HandOverVerdict>> = message<HandOverVerdict, Partial<HandOverVerdict>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.ticketHash != null && obj.ticketHash.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.ticketHash)
    }

    if (obj.code != null && __HandOverCodeValues[obj.code] !== 0) {
      w.uint32(16)
      HandOverCode.codec().encode(obj.code, w)
    }

    if ((obj.detail != null && obj.detail !== '')) {
      w.uint32(26)
      w.string(obj.detail)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: HandOverVerdict = {
      ticketHash: new Uint8Array(0),
      code: HandOverCode.VERDICT_UNSPECIFIED,
      detail: ''
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.ticketHash = reader.bytes()
          break
        }
        case 2: {
          obj.code = HandOverCode.codec().decode(reader)
          break
        }
        case 3: {
          obj.detail = reader.string()
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

export const HandOverVerdict = {
  codec: (): Codec<HandOverVerdict, Partial<HandOverVerdict>> => HandOverVerdictCodec,
  encode: (value: Partial<HandOverVerdict>): Uint8Array =>
    encodeMessage(value, HandOverVerdictCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<HandOverVerdict>): HandOverVerdict =>
    decodeMessage(bytes, HandOverVerdictCodec, options),
}

export type HandOverCode =
  | 'VERDICT_UNSPECIFIED'
  | 'TAKEN'
  | 'INVALID_SENDER'
  | 'WRONG_RAND'
  | 'BAD_SIGNATURE'
  | 'NOT_A_WINNER'
  | 'AT_CAPACITY'

const HandOverCodeCodec = (): Codec<HandOverCode, HandOverCode> => enumeration<HandOverCode>(__HandOverCodeValues)

export const HandOverCode = {
  VERDICT_UNSPECIFIED: 'VERDICT_UNSPECIFIED',
  TAKEN: 'TAKEN',
  INVALID_SENDER: 'INVALID_SENDER',
  WRONG_RAND: 'WRONG_RAND',
  BAD_SIGNATURE: 'BAD_SIGNATURE',
  NOT_A_WINNER: 'NOT_A_WINNER',
  AT_CAPACITY: 'AT_CAPACITY',
  codec: HandOverCodeCodec,
} as const

const __HandOverCodeValues = {
  VERDICT_UNSPECIFIED: 0,
  TAKEN: 1,
  INVALID_SENDER: 2,
  WRONG_RAND: 3,
  BAD_SIGNATURE: 4,
  NOT_A_WINNER: 5,
  AT_CAPACITY: 6,
  0: 'VERDICT_UNSPECIFIED',
  1: 'TAKEN',
  2: 'INVALID_SENDER',
  3: 'WRONG_RAND',
  4: 'BAD_SIGNATURE',
  5: 'NOT_A_WINNER',
  6: 'AT_CAPACITY',
} as const

export interface WinnerOutcome {
  ticketHash: Uint8Array
  state: WinnerState
  transactionHash: Uint8Array
  gasUsed: bigint
  reason: string
}

const WinnerOutcomeCodec: Codec<WinnerOutcome, Partial<WinnerOutcome>> = message<WinnerOutcome, Partial<WinnerOutcome>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.ticketHash != null && obj.ticketHash.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.ticketHash)
    }

    if (obj.state != null && __WinnerStateValues[obj.state] !== 0) {
      w.uint32(16)
      WinnerState.codec().encode(obj.state, w)
    }

    if ((obj.transactionHash != null && obj.transactionHash.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.transactionHash)
    }

    if ((obj.gasUsed != null && obj.gasUsed !== 0n)) {
      w.uint32(32)
      w.uint64(obj.gasUsed)
    }

    if ((obj.reason != null && obj.reason !== '')) {
      w.uint32(42)
      w.string(obj.reason)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: WinnerOutcome = {
      ticketHash: new Uint8Array(0),
      state: WinnerState.STATE_UNSPECIFIED,
      transactionHash: new Uint8Array(0),
      gasUsed: 0n,
      reason: ''
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.ticketHash = reader.bytes()
          break
        }
        case 2: {
          obj.state = WinnerState.codec().decode(reader)
          break
        }
        case 3: {
          obj.transactionHash = reader.bytes()
          break
        }
        case 4: {
          obj.gasUsed = reader.uint64()
          break
        }
        case 5: {
          obj.reason = reader.string()
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

export const WinnerOutcome = {
  codec: (): Codec<WinnerOutcome, Partial<WinnerOutcome>> => WinnerOutcomeCodec,
  encode: (value: Partial<WinnerOutcome>): Uint8Array =>
    encodeMessage(value, WinnerOutcomeCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<WinnerOutcome>): WinnerOutcome =>
    decodeMessage(bytes, WinnerOutcomeCodec, options),
}

export type WinnerState =
  | 'STATE_UNSPECIFIED'
  | 'NOT_HELD'
  | 'PENDING'
  | 'REDEEMED'
  | 'FAILED'
  | 'EXPIRED'

const WinnerStateCodec = (): Codec<WinnerState, WinnerState> => enumeration<WinnerState>(__WinnerStateValues)

export const WinnerState = {
  STATE_UNSPECIFIED: 'STATE_UNSPECIFIED',
  NOT_HELD: 'NOT_HELD',
  PENDING: 'PENDING',
  REDEEMED: 'REDEEMED',
  FAILED: 'FAILED',
  EXPIRED: 'EXPIRED',
  codec: WinnerStateCodec,
} as const

const __WinnerStateValues = {
  STATE_UNSPECIFIED: 0,
  NOT_HELD: 1,
  PENDING: 2,
  REDEEMED: 3,
  FAILED: 4,
  EXPIRED: 5,
  0: 'STATE_UNSPECIFIED',
  1: 'NOT_HELD',
  2: 'PENDING',
  3: 'REDEEMED',
  4: 'FAILED',
  5: 'EXPIRED',
} as const
