// Generated from protocols/ticket/1.0.0/ticket.proto by scripts/build-wire.ts. Do not edit.
import { type Codec, type DecodeOptions, decodeMessage, encodeMessage, MaxLengthError, message } from 'protons-runtime'

function* noStream(): Generator<never> {}

function within<L>(limits: L | undefined): { limits?: L } {
  return limits === undefined ? {} : { limits }
}

export interface TicketParams {
  recipient: Uint8Array
  faceValue: Uint8Array
  winProb: Uint8Array
  recipientRandHash: Uint8Array
  seed: Uint8Array
  expirationBlock: bigint
  creationRound: bigint
  creationRoundBlockHash: Uint8Array
}

const TicketParamsCodec: Codec<TicketParams, Partial<TicketParams>> = message<TicketParams, Partial<TicketParams>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.recipient != null && obj.recipient.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.recipient)
    }

    if ((obj.faceValue != null && obj.faceValue.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.faceValue)
    }

    if ((obj.winProb != null && obj.winProb.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.winProb)
    }

    if ((obj.recipientRandHash != null && obj.recipientRandHash.byteLength > 0)) {
      w.uint32(34)
      w.bytes(obj.recipientRandHash)
    }

    if ((obj.seed != null && obj.seed.byteLength > 0)) {
      w.uint32(42)
      w.bytes(obj.seed)
    }

    if ((obj.expirationBlock != null && obj.expirationBlock !== 0n)) {
      w.uint32(48)
      w.uint64(obj.expirationBlock)
    }

    if ((obj.creationRound != null && obj.creationRound !== 0n)) {
      w.uint32(56)
      w.uint64(obj.creationRound)
    }

    if ((obj.creationRoundBlockHash != null && obj.creationRoundBlockHash.byteLength > 0)) {
      w.uint32(66)
      w.bytes(obj.creationRoundBlockHash)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: TicketParams = {
      recipient: new Uint8Array(0),
      faceValue: new Uint8Array(0),
      winProb: new Uint8Array(0),
      recipientRandHash: new Uint8Array(0),
      seed: new Uint8Array(0),
      expirationBlock: 0n,
      creationRound: 0n,
      creationRoundBlockHash: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.recipient = reader.bytes()
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
          obj.recipientRandHash = reader.bytes()
          break
        }
        case 5: {
          obj.seed = reader.bytes()
          break
        }
        case 6: {
          obj.expirationBlock = reader.uint64()
          break
        }
        case 7: {
          obj.creationRound = reader.uint64()
          break
        }
        case 8: {
          obj.creationRoundBlockHash = reader.bytes()
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

export const TicketParams = {
  codec: (): Codec<TicketParams, Partial<TicketParams>> => TicketParamsCodec,
  encode: (value: Partial<TicketParams>): Uint8Array =>
    encodeMessage(value, TicketParamsCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<TicketParams>): TicketParams =>
    decodeMessage(bytes, TicketParamsCodec, options),
}

export interface TicketPayment {
  params?: TicketParams
  sender: Uint8Array
  creationRound: bigint
  creationRoundBlockHash: Uint8Array
  tickets: TicketSenderParams[]
}

const TicketPaymentCodec: Codec<TicketPayment, Partial<TicketPayment>> = message<TicketPayment, Partial<TicketPayment>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if (obj.params != null) {
      w.uint32(10)
      TicketParams.codec().encode(obj.params, w)
    }

    if ((obj.sender != null && obj.sender.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.sender)
    }

    if ((obj.creationRound != null && obj.creationRound !== 0n)) {
      w.uint32(24)
      w.uint64(obj.creationRound)
    }

    if ((obj.creationRoundBlockHash != null && obj.creationRoundBlockHash.byteLength > 0)) {
      w.uint32(34)
      w.bytes(obj.creationRoundBlockHash)
    }

    if (obj.tickets != null && obj.tickets.length > 0) {
      for (const value of obj.tickets) {
        w.uint32(42)
        TicketSenderParams.codec().encode(value, w)
      }
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: TicketPayment = {
      sender: new Uint8Array(0),
      creationRound: 0n,
      creationRoundBlockHash: new Uint8Array(0),
      tickets: []
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.params = TicketParams.codec().decode(reader, reader.uint32(), within(opts.limits?.params))
          break
        }
        case 2: {
          obj.sender = reader.bytes()
          break
        }
        case 3: {
          obj.creationRound = reader.uint64()
          break
        }
        case 4: {
          obj.creationRoundBlockHash = reader.bytes()
          break
        }
        case 5: {
          if (opts.limits?.tickets != null && obj.tickets.length === opts.limits.tickets) {
            throw new MaxLengthError('Decode error - repeated field "tickets" had too many elements')
          }

          obj.tickets.push(TicketSenderParams.codec().decode(reader, reader.uint32(), within(opts.limits?.tickets$)))
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

export const TicketPayment = {
  codec: (): Codec<TicketPayment, Partial<TicketPayment>> => TicketPaymentCodec,
  encode: (value: Partial<TicketPayment>): Uint8Array =>
    encodeMessage(value, TicketPaymentCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<TicketPayment>): TicketPayment =>
    decodeMessage(bytes, TicketPaymentCodec, options),
}

export interface TicketSenderParams {
  senderNonce: number
  signature: Uint8Array
}

const TicketSenderParamsCodec: Codec<TicketSenderParams, Partial<TicketSenderParams>> = message<TicketSenderParams, Partial<TicketSenderParams>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.senderNonce != null && obj.senderNonce !== 0)) {
      w.uint32(8)
      w.uint32(obj.senderNonce)
    }

    if ((obj.signature != null && obj.signature.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.signature)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: TicketSenderParams = {
      senderNonce: 0,
      signature: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.senderNonce = reader.uint32()
          break
        }
        case 2: {
          obj.signature = reader.bytes()
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

export const TicketSenderParams = {
  codec: (): Codec<TicketSenderParams, Partial<TicketSenderParams>> => TicketSenderParamsCodec,
  encode: (value: Partial<TicketSenderParams>): Uint8Array =>
    encodeMessage(value, TicketSenderParamsCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<TicketSenderParams>): TicketSenderParams =>
    decodeMessage(bytes, TicketSenderParamsCodec, options),
}
