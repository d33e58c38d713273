// Generated from protocols/transcode/1.0.0/transcode.proto by scripts/build-wire.ts. Do not edit.
import { type Codec, type DecodeOptions, decodeMessage, encodeMessage, enumeration, MaxLengthError, message } from 'protons-runtime'

function* noStream(): Generator<never> {}

function within<L>(limits: L | undefined): { limits?: L } {
  return limits === undefined ? {} : { limits }
}

export interface WorkerMessage {
  hello?: Hello
  proof?: Proof
  beat?: Beat
  done?: JobDone
  failed?: JobFailed
  drain?: Drain
  offer?: PayOffer
  receipt?: PayReceipt
}

const WorkerMessageCodec: Codec<WorkerMessage, Partial<WorkerMessage>> = message<WorkerMessage, Partial<WorkerMessage>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    obj = { ...obj }

    if (obj.receipt != null) {
      delete obj.offer
      delete obj.drain
      delete obj.failed
      delete obj.done
      delete obj.beat
      delete obj.proof
      delete obj.hello
    }

    if (obj.offer != null) {
      delete obj.receipt
      delete obj.drain
      delete obj.failed
      delete obj.done
      delete obj.beat
      delete obj.proof
      delete obj.hello
    }

    if (obj.drain != null) {
      delete obj.receipt
      delete obj.offer
      delete obj.failed
      delete obj.done
      delete obj.beat
      delete obj.proof
      delete obj.hello
    }

    if (obj.failed != null) {
      delete obj.receipt
      delete obj.offer
      delete obj.drain
      delete obj.done
      delete obj.beat
      delete obj.proof
      delete obj.hello
    }

    if (obj.done != null) {
      delete obj.receipt
      delete obj.offer
      delete obj.drain
      delete obj.failed
      delete obj.beat
      delete obj.proof
      delete obj.hello
    }

    if (obj.beat != null) {
      delete obj.receipt
      delete obj.offer
      delete obj.drain
      delete obj.failed
      delete obj.done
      delete obj.proof
      delete obj.hello
    }

    if (obj.proof != null) {
      delete obj.receipt
      delete obj.offer
      delete obj.drain
      delete obj.failed
      delete obj.done
      delete obj.beat
      delete obj.hello
    }

    if (obj.hello != null) {
      delete obj.receipt
      delete obj.offer
      delete obj.drain
      delete obj.failed
      delete obj.done
      delete obj.beat
      delete obj.proof
    }

    if (obj.hello != null) {
      w.uint32(10)
      Hello.codec().encode(obj.hello, w)
    }

    if (obj.proof != null) {
      w.uint32(18)
      Proof.codec().encode(obj.proof, w)
    }

    if (obj.beat != null) {
      w.uint32(26)
      Beat.codec().encode(obj.beat, w)
    }

    if (obj.done != null) {
      w.uint32(34)
      JobDone.codec().encode(obj.done, w)
    }

    if (obj.failed != null) {
      w.uint32(42)
      JobFailed.codec().encode(obj.failed, w)
    }

    if (obj.drain != null) {
      w.uint32(50)
      Drain.codec().encode(obj.drain, w)
    }

    if (obj.offer != null) {
      w.uint32(58)
      PayOffer.codec().encode(obj.offer, w)
    }

    if (obj.receipt != null) {
      w.uint32(66)
      PayReceipt.codec().encode(obj.receipt, w)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: WorkerMessage = {}

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.hello = Hello.codec().decode(reader, reader.uint32(), within(opts.limits?.hello))
          break
        }
        case 2: {
          obj.proof = Proof.codec().decode(reader, reader.uint32(), within(opts.limits?.proof))
          break
        }
        case 3: {
          obj.beat = Beat.codec().decode(reader, reader.uint32(), within(opts.limits?.beat))
          break
        }
        case 4: {
          obj.done = JobDone.codec().decode(reader, reader.uint32(), within(opts.limits?.done))
          break
        }
        case 5: {
          obj.failed = JobFailed.codec().decode(reader, reader.uint32(), within(opts.limits?.failed))
          break
        }
        case 6: {
          obj.drain = Drain.codec().decode(reader, reader.uint32(), within(opts.limits?.drain))
          break
        }
        case 7: {
          obj.offer = PayOffer.codec().decode(reader, reader.uint32(), within(opts.limits?.offer))
          break
        }
        case 8: {
          obj.receipt = PayReceipt.codec().decode(reader, reader.uint32(), within(opts.limits?.receipt))
          break
        }
        default: {
          reader.skipType(tag & 7)
          break
        }
      }
    }

    if (obj.receipt != null) {
      delete obj.offer
      delete obj.drain
      delete obj.failed
      delete obj.done
      delete obj.beat
      delete obj.proof
      delete obj.hello
    }

    if (obj.offer != null) {
      delete obj.receipt
      delete obj.drain
      delete obj.failed
      delete obj.done
      delete obj.beat
      delete obj.proof
      delete obj.hello
    }

    if (obj.drain != null) {
      delete obj.receipt
      delete obj.offer
      delete obj.failed
      delete obj.done
      delete obj.beat
      delete obj.proof
      delete obj.hello
    }

    if (obj.failed != null) {
      delete obj.receipt
      delete obj.offer
      delete obj.drain
      delete obj.done
      delete obj.beat
      delete obj.proof
      delete obj.hello
    }

    if (obj.done != null) {
      delete obj.receipt
      delete obj.offer
      delete obj.drain
      delete obj.failed
      delete obj.beat
      delete obj.proof
      delete obj.hello
    }

    if (obj.beat != null) {
      delete obj.receipt
      delete obj.offer
      delete obj.drain
      delete obj.failed
      delete obj.done
      delete obj.proof
      delete obj.hello
    }

    if (obj.proof != null) {
      delete obj.receipt
      delete obj.offer
      delete obj.drain
      delete obj.failed
      delete obj.done
      delete obj.beat
      delete obj.hello
    }

    if (obj.hello != null) {
      delete obj.receipt
      delete obj.offer
      delete obj.drain
      delete obj.failed
      delete obj.done
      delete obj.beat
      delete obj.proof
    }

    return obj
  },
  noStream,
)

export const WorkerMessage = {
  codec: (): Codec<WorkerMessage, Partial<WorkerMessage>> => WorkerMessageCodec,
  encode: (value: Partial<WorkerMessage>): Uint8Array =>
    encodeMessage(value, WorkerMessageCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<WorkerMessage>): WorkerMessage =>
    decodeMessage(bytes, WorkerMessageCodec, options),
}

export interface PoolMessage {
  challenge?: Challenge
  welcome?: Welcome
  refused?: Refused
  job?: Job
  cancel?: Cancel
  beat?: Beat
  terms?: PayTerms
  pay?: Pay
}

const PoolMessageCodec: Codec<PoolMessage, Partial<PoolMessage>> = message<PoolMessage, Partial<PoolMessage>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    obj = { ...obj }

    if (obj.pay != null) {
      delete obj.terms
      delete obj.beat
      delete obj.cancel
      delete obj.job
      delete obj.refused
      delete obj.welcome
      delete obj.challenge
    }

    if (obj.terms != null) {
      delete obj.pay
      delete obj.beat
      delete obj.cancel
      delete obj.job
      delete obj.refused
      delete obj.welcome
      delete obj.challenge
    }

    if (obj.beat != null) {
      delete obj.pay
      delete obj.terms
      delete obj.cancel
      delete obj.job
      delete obj.refused
      delete obj.welcome
      delete obj.challenge
    }

    if (obj.cancel != null) {
      delete obj.pay
      delete obj.terms
      delete obj.beat
      delete obj.job
      delete obj.refused
      delete obj.welcome
      delete obj.challenge
    }

    if (obj.job != null) {
      delete obj.pay
      delete obj.terms
      delete obj.beat
      delete obj.cancel
      delete obj.refused
      delete obj.welcome
      delete obj.challenge
    }

    if (obj.refused != null) {
      delete obj.pay
      delete obj.terms
      delete obj.beat
      delete obj.cancel
      delete obj.job
      delete obj.welcome
      delete obj.challenge
    }

    if (obj.welcome != null) {
      delete obj.pay
      delete obj.terms
      delete obj.beat
      delete obj.cancel
      delete obj.job
      delete obj.refused
      delete obj.challenge
    }

    if (obj.challenge != null) {
      delete obj.pay
      delete obj.terms
      delete obj.beat
      delete obj.cancel
      delete obj.job
      delete obj.refused
      delete obj.welcome
    }

    if (obj.challenge != null) {
      w.uint32(10)
      Challenge.codec().encode(obj.challenge, w)
    }

    if (obj.welcome != null) {
      w.uint32(18)
      Welcome.codec().encode(obj.welcome, w)
    }

    if (obj.refused != null) {
      w.uint32(26)
      Refused.codec().encode(obj.refused, w)
    }

    if (obj.job != null) {
      w.uint32(34)
      Job.codec().encode(obj.job, w)
    }

    if (obj.cancel != null) {
      w.uint32(42)
      Cancel.codec().encode(obj.cancel, w)
    }

    if (obj.beat != null) {
      w.uint32(50)
      Beat.codec().encode(obj.beat, w)
    }

    if (obj.terms != null) {
      w.uint32(58)
      PayTerms.codec().encode(obj.terms, w)
    }

    if (obj.pay != null) {
      w.uint32(66)
      Pay.codec().encode(obj.pay, w)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: PoolMessage = {}

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.challenge = Challenge.codec().decode(reader, reader.uint32(), within(opts.limits?.challenge))
          break
        }
        case 2: {
          obj.welcome = Welcome.codec().decode(reader, reader.uint32(), within(opts.limits?.welcome))
          break
        }
        case 3: {
          obj.refused = Refused.codec().decode(reader, reader.uint32(), within(opts.limits?.refused))
          break
        }
        case 4: {
          obj.job = Job.codec().decode(reader, reader.uint32(), within(opts.limits?.job))
          break
        }
        case 5: {
          obj.cancel = Cancel.codec().decode(reader, reader.uint32(), within(opts.limits?.cancel))
          break
        }
        case 6: {
          obj.beat = Beat.codec().decode(reader, reader.uint32(), within(opts.limits?.beat))
          break
        }
        case 7: {
          obj.terms = PayTerms.codec().decode(reader, reader.uint32(), within(opts.limits?.terms))
          break
        }
        case 8: {
          obj.pay = Pay.codec().decode(reader, reader.uint32(), within(opts.limits?.pay))
          break
        }
        default: {
          reader.skipType(tag & 7)
          break
        }
      }
    }

    if (obj.pay != null) {
      delete obj.terms
      delete obj.beat
      delete obj.cancel
      delete obj.job
      delete obj.refused
      delete obj.welcome
      delete obj.challenge
    }

    if (obj.terms != null) {
      delete obj.pay
      delete obj.beat
      delete obj.cancel
      delete obj.job
      delete obj.refused
      delete obj.welcome
      delete obj.challenge
    }

    if (obj.beat != null) {
      delete obj.pay
      delete obj.terms
      delete obj.cancel
      delete obj.job
      delete obj.refused
      delete obj.welcome
      delete obj.challenge
    }

    if (obj.cancel != null) {
      delete obj.pay
      delete obj.terms
      delete obj.beat
      delete obj.job
      delete obj.refused
      delete obj.welcome
      delete obj.challenge
    }

    if (obj.job != null) {
      delete obj.pay
      delete obj.terms
      delete obj.beat
      delete obj.cancel
      delete obj.refused
      delete obj.welcome
      delete obj.challenge
    }

    if (obj.refused != null) {
      delete obj.pay
      delete obj.terms
      delete obj.beat
      delete obj.cancel
      delete obj.job
      delete obj.welcome
      delete obj.challenge
    }

    if (obj.welcome != null) {
      delete obj.pay
      delete obj.terms
      delete obj.beat
      delete obj.cancel
      delete obj.job
      delete obj.refused
      delete obj.challenge
    }

    if (obj.challenge != null) {
      delete obj.pay
      delete obj.terms
      delete obj.beat
      delete obj.cancel
      delete obj.job
      delete obj.refused
      delete obj.welcome
    }

    return obj
  },
  noStream,
)

export const PoolMessage = {
  codec: (): Codec<PoolMessage, Partial<PoolMessage>> => PoolMessageCodec,
  encode: (value: Partial<PoolMessage>): Uint8Array =>
    encodeMessage(value, PoolMessageCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<PoolMessage>): PoolMessage =>
    decodeMessage(bytes, PoolMessageCodec, options),
}

export interface Hello {
  nonce: Uint8Array
  hasSecret: boolean
  slots: number
  backend: string
  hardware: boolean
  minWidth: number
  minHeight: number
  maxWidth: number
  maxHeight: number
  h264Profiles: string[]
  account: Uint8Array
  accountSignature: Uint8Array
}

const HelloCodec: Codec<Hello, Partial<Hello>> = message<Hello, Partial<Hello>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.nonce != null && obj.nonce.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.nonce)
    }

    if ((obj.hasSecret != null && obj.hasSecret !== false)) {
      w.uint32(16)
      w.bool(obj.hasSecret)
    }

    if ((obj.slots != null && obj.slots !== 0)) {
      w.uint32(24)
      w.uint32(obj.slots)
    }

    if ((obj.backend != null && obj.backend !== '')) {
      w.uint32(34)
      w.string(obj.backend)
    }

    if ((obj.hardware != null && obj.hardware !== false)) {
      w.uint32(40)
      w.bool(obj.hardware)
    }

    if ((obj.minWidth != null && obj.minWidth !== 0)) {
      w.uint32(48)
      w.uint32(obj.minWidth)
    }

    if ((obj.minHeight != null && obj.minHeight !== 0)) {
      w.uint32(56)
      w.uint32(obj.minHeight)
    }

    if ((obj.maxWidth != null && obj.maxWidth !== 0)) {
      w.uint32(64)
      w.uint32(obj.maxWidth)
    }

    if ((obj.maxHeight != null && obj.maxHeight !== 0)) {
      w.uint32(72)
      w.uint32(obj.maxHeight)
    }

    if (obj.h264Profiles != null && obj.h264Profiles.length > 0) {
      for (const value of obj.h264Profiles) {
        w.uint32(82)
        w.string(value)
      }
    }

    if ((obj.account != null && obj.account.byteLength > 0)) {
      w.uint32(90)
      w.bytes(obj.account)
    }

    if ((obj.accountSignature != null && obj.accountSignature.byteLength > 0)) {
      w.uint32(98)
      w.bytes(obj.accountSignature)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Hello = {
      nonce: new Uint8Array(0),
      hasSecret: false,
      slots: 0,
      backend: '',
      hardware: false,
      minWidth: 0,
      minHeight: 0,
      maxWidth: 0,
      maxHeight: 0,
      h264Profiles: [],
      account: new Uint8Array(0),
      accountSignature: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.nonce = reader.bytes()
          break
        }
        case 2: {
          obj.hasSecret = reader.bool()
          break
        }
        case 3: {
          obj.slots = reader.uint32()
          break
        }
        case 4: {
          obj.backend = reader.string()
          break
        }
        case 5: {
          obj.hardware = reader.bool()
          break
        }
        case 6: {
          obj.minWidth = reader.uint32()
          break
        }
        case 7: {
          obj.minHeight = reader.uint32()
          break
        }
        case 8: {
          obj.maxWidth = reader.uint32()
          break
        }
        case 9: {
          obj.maxHeight = reader.uint32()
          break
        }
        case 10: {
          if (opts.limits?.h264Profiles != null && obj.h264Profiles.length === opts.limits.h264Profiles) {
            throw new MaxLengthError('Decode error - repeated field "h264Profiles" had too many elements')
          }

          obj.h264Profiles.push(reader.string())
          break
        }
        case 11: {
          obj.account = reader.bytes()
          break
        }
        case 12: {
          obj.accountSignature = reader.bytes()
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

export const Hello = {
  codec: (): Codec<Hello, Partial<Hello>> => HelloCodec,
  encode: (value: Partial<Hello>): Uint8Array =>
    encodeMessage(value, HelloCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Hello>): Hello =>
    decodeMessage(bytes, HelloCodec, options),
}

export interface Challenge {
  nonce: Uint8Array
}

const ChallengeCodec: Codec<Challenge, Partial<Challenge>> = message<Challenge, Partial<Challenge>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.nonce != null && obj.nonce.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.nonce)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Challenge = {
      nonce: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.nonce = reader.bytes()
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

export const Challenge = {
  codec: (): Codec<Challenge, Partial<Challenge>> => ChallengeCodec,
  encode: (value: Partial<Challenge>): Uint8Array =>
    encodeMessage(value, ChallengeCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Challenge>): Challenge =>
    decodeMessage(bytes, ChallengeCodec, options),
}

export interface Proof {
  mac: Uint8Array
}

const ProofCodec: Codec<Proof, Partial<Proof>> = message<Proof, Partial<Proof>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.mac != null && obj.mac.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.mac)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Proof = {
      mac: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.mac = reader.bytes()
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

export const Proof = {
  codec: (): Codec<Proof, Partial<Proof>> => ProofCodec,
  encode: (value: Partial<Proof>): Uint8Array =>
    encodeMessage(value, ProofCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Proof>): Proof =>
    decodeMessage(bytes, ProofCodec, options),
}

export interface Welcome {
  mac: Uint8Array
  chainId: bigint
  payer: Uint8Array
}

const WelcomeCodec: Codec<Welcome, Partial<Welcome>> = message<Welcome, Partial<Welcome>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.mac != null && obj.mac.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.mac)
    }

    if ((obj.chainId != null && obj.chainId !== 0n)) {
      w.uint32(16)
      w.uint64(obj.chainId)
    }

    if ((obj.payer != null && obj.payer.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.payer)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Welcome = {
      mac: new Uint8Array(0),
      chainId: 0n,
      payer: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.mac = reader.bytes()
          break
        }
        case 2: {
          obj.chainId = reader.uint64()
          break
        }
        case 3: {
          obj.payer = reader.bytes()
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

export const Welcome = {
  codec: (): Codec<Welcome, Partial<Welcome>> => WelcomeCodec,
  encode: (value: Partial<Welcome>): Uint8Array =>
    encodeMessage(value, WelcomeCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Welcome>): Welcome =>
    decodeMessage(bytes, WelcomeCodec, options),
}

export type PoolRefusalCode =
  | 'POOL_REFUSAL_UNSPECIFIED'
  | 'MALFORMED_HELLO'
  | 'SECRET_REQUIRED'
  | 'BAD_SECRET'
  | 'ACCOUNT_REQUIRED'
  | 'BAD_ACCOUNT_PROOF'
  | 'DEPOSIT_TOO_LOW'
  | 'EJECTED'
  | 'POOL_FULL'
  | 'POOL_NOT_READY'

const PoolRefusalCodeCodec = (): Codec<PoolRefusalCode, PoolRefusalCode> => enumeration<PoolRefusalCode>(__PoolRefusalCodeValues)

export const PoolRefusalCode = {
  POOL_REFUSAL_UNSPECIFIED: 'POOL_REFUSAL_UNSPECIFIED',
  MALFORMED_HELLO: 'MALFORMED_HELLO',
  SECRET_REQUIRED: 'SECRET_REQUIRED',
  BAD_SECRET: 'BAD_SECRET',
  ACCOUNT_REQUIRED: 'ACCOUNT_REQUIRED',
  BAD_ACCOUNT_PROOF: 'BAD_ACCOUNT_PROOF',
  DEPOSIT_TOO_LOW: 'DEPOSIT_TOO_LOW',
  EJECTED: 'EJECTED',
  POOL_FULL: 'POOL_FULL',
  POOL_NOT_READY: 'POOL_NOT_READY',
  codec: PoolRefusalCodeCodec,
} as const

const __PoolRefusalCodeValues = {
  POOL_REFUSAL_UNSPECIFIED: 0,
  MALFORMED_HELLO: 1,
  SECRET_REQUIRED: 2,
  BAD_SECRET: 3,
  ACCOUNT_REQUIRED: 4,
  BAD_ACCOUNT_PROOF: 5,
  DEPOSIT_TOO_LOW: 6,
  EJECTED: 7,
  POOL_FULL: 8,
  POOL_NOT_READY: 9,
  0: 'POOL_REFUSAL_UNSPECIFIED',
  1: 'MALFORMED_HELLO',
  2: 'SECRET_REQUIRED',
  3: 'BAD_SECRET',
  4: 'ACCOUNT_REQUIRED',
  5: 'BAD_ACCOUNT_PROOF',
  6: 'DEPOSIT_TOO_LOW',
  7: 'EJECTED',
  8: 'POOL_FULL',
  9: 'POOL_NOT_READY',
} as const

export interface Refused {
  code: PoolRefusalCode
  detail: string
  retryAfterMs: number
}

const RefusedCodec: Codec<Refused, Partial<Refused>> = message<Refused, Partial<Refused>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if (obj.code != null && __PoolRefusalCodeValues[obj.code] !== 0) {
      w.uint32(8)
      PoolRefusalCode.codec().encode(obj.code, w)
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
    const obj: Refused = {
      code: PoolRefusalCode.POOL_REFUSAL_UNSPECIFIED,
      detail: '',
      retryAfterMs: 0
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.code = PoolRefusalCode.codec().decode(reader)
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

export const Refused = {
  codec: (): Codec<Refused, Partial<Refused>> => RefusedCodec,
  encode: (value: Partial<Refused>): Uint8Array =>
    encodeMessage(value, RefusedCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Refused>): Refused =>
    decodeMessage(bytes, RefusedCodec, options),
}

export interface Beat {
  count: bigint
}

const BeatCodec: Codec<Beat, Partial<Beat>> = message<Beat, Partial<Beat>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.count != null && obj.count !== 0n)) {
      w.uint32(8)
      w.uint64(obj.count)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Beat = {
      count: 0n
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.count = reader.uint64()
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

export const Beat = {
  codec: (): Codec<Beat, Partial<Beat>> => BeatCodec,
  encode: (value: Partial<Beat>): Uint8Array =>
    encodeMessage(value, BeatCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Beat>): Beat =>
    decodeMessage(bytes, BeatCodec, options),
}

export interface TranscodeProfile {
  name: string
  width: number
  height: number
  bitrateBps: number
  fpsNum: number
  fpsDen: number
  gopMs: number
  h264Profile: string
}

const TranscodeProfileCodec: Codec<TranscodeProfile, Partial<TranscodeProfile>> = message<TranscodeProfile, Partial<TranscodeProfile>>(
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
    const obj: TranscodeProfile = {
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

export const TranscodeProfile = {
  codec: (): Codec<TranscodeProfile, Partial<TranscodeProfile>> => TranscodeProfileCodec,
  encode: (value: Partial<TranscodeProfile>): Uint8Array =>
    encodeMessage(value, TranscodeProfileCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<TranscodeProfile>): TranscodeProfile =>
    decodeMessage(bytes, TranscodeProfileCodec, options),
}

export interface Job {
  id: bigint
  durationMs: number
  deadlineMs: number
  profiles: TranscodeProfile[]
}

const JobCodec: Codec<Job, Partial<Job>> = message<Job, Partial<Job>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.id != null && obj.id !== 0n)) {
      w.uint32(8)
      w.uint64(obj.id)
    }

    if ((obj.durationMs != null && obj.durationMs !== 0)) {
      w.uint32(16)
      w.uint32(obj.durationMs)
    }

    if ((obj.deadlineMs != null && obj.deadlineMs !== 0)) {
      w.uint32(24)
      w.uint32(obj.deadlineMs)
    }

    if (obj.profiles != null && obj.profiles.length > 0) {
      for (const value of obj.profiles) {
        w.uint32(34)
        TranscodeProfile.codec().encode(value, w)
      }
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Job = {
      id: 0n,
      durationMs: 0,
      deadlineMs: 0,
      profiles: []
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.id = reader.uint64()
          break
        }
        case 2: {
          obj.durationMs = reader.uint32()
          break
        }
        case 3: {
          obj.deadlineMs = reader.uint32()
          break
        }
        case 4: {
          if (opts.limits?.profiles != null && obj.profiles.length === opts.limits.profiles) {
            throw new MaxLengthError('Decode error - repeated field "profiles" had too many elements')
          }

          obj.profiles.push(TranscodeProfile.codec().decode(reader, reader.uint32(), within(opts.limits?.profiles$)))
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

export const Job = {
  codec: (): Codec<Job, Partial<Job>> => JobCodec,
  encode: (value: Partial<Job>): Uint8Array =>
    encodeMessage(value, JobCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Job>): Job =>
    decodeMessage(bytes, JobCodec, options),
}

export interface Cancel {
  id: bigint
}

const CancelCodec: Codec<Cancel, Partial<Cancel>> = message<Cancel, Partial<Cancel>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.id != null && obj.id !== 0n)) {
      w.uint32(8)
      w.uint64(obj.id)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Cancel = {
      id: 0n
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.id = reader.uint64()
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

export const Cancel = {
  codec: (): Codec<Cancel, Partial<Cancel>> => CancelCodec,
  encode: (value: Partial<Cancel>): Uint8Array =>
    encodeMessage(value, CancelCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Cancel>): Cancel =>
    decodeMessage(bytes, CancelCodec, options),
}

export interface JobRendition {
  name: string
  lengthBytes: number
}

const JobRenditionCodec: Codec<JobRendition, Partial<JobRendition>> = message<JobRendition, Partial<JobRendition>>(
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

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: JobRendition = {
      name: '',
      lengthBytes: 0
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

export const JobRendition = {
  codec: (): Codec<JobRendition, Partial<JobRendition>> => JobRenditionCodec,
  encode: (value: Partial<JobRendition>): Uint8Array =>
    encodeMessage(value, JobRenditionCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<JobRendition>): JobRendition =>
    decodeMessage(bytes, JobRenditionCodec, options),
}

export interface JobDone {
  id: bigint
  renditions: JobRendition[]
  workMs: number
}

const JobDoneCodec: Codec<JobDone, Partial<JobDone>> = message<JobDone, Partial<JobDone>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.id != null && obj.id !== 0n)) {
      w.uint32(8)
      w.uint64(obj.id)
    }

    if (obj.renditions != null && obj.renditions.length > 0) {
      for (const value of obj.renditions) {
        w.uint32(18)
        JobRendition.codec().encode(value, w)
      }
    }

    if ((obj.workMs != null && obj.workMs !== 0)) {
      w.uint32(24)
      w.uint32(obj.workMs)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: JobDone = {
      id: 0n,
      renditions: [],
      workMs: 0
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.id = reader.uint64()
          break
        }
        case 2: {
          if (opts.limits?.renditions != null && obj.renditions.length === opts.limits.renditions) {
            throw new MaxLengthError('Decode error - repeated field "renditions" had too many elements')
          }

          obj.renditions.push(JobRendition.codec().decode(reader, reader.uint32(), within(opts.limits?.renditions$)))
          break
        }
        case 3: {
          obj.workMs = reader.uint32()
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

export const JobDone = {
  codec: (): Codec<JobDone, Partial<JobDone>> => JobDoneCodec,
  encode: (value: Partial<JobDone>): Uint8Array =>
    encodeMessage(value, JobDoneCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<JobDone>): JobDone =>
    decodeMessage(bytes, JobDoneCodec, options),
}

export type JobFaultCode =
  | 'JOB_FAULT_UNSPECIFIED'
  | 'UNREADABLE'
  | 'FAILED'
  | 'NO_SLOT'
  | 'CANCELLED'

const JobFaultCodeCodec = (): Codec<JobFaultCode, JobFaultCode> => enumeration<JobFaultCode>(__JobFaultCodeValues)

export const JobFaultCode = {
  JOB_FAULT_UNSPECIFIED: 'JOB_FAULT_UNSPECIFIED',
  UNREADABLE: 'UNREADABLE',
  FAILED: 'FAILED',
  NO_SLOT: 'NO_SLOT',
  CANCELLED: 'CANCELLED',
  codec: JobFaultCodeCodec,
} as const

const __JobFaultCodeValues = {
  JOB_FAULT_UNSPECIFIED: 0,
  UNREADABLE: 1,
  FAILED: 2,
  NO_SLOT: 3,
  CANCELLED: 4,
  0: 'JOB_FAULT_UNSPECIFIED',
  1: 'UNREADABLE',
  2: 'FAILED',
  3: 'NO_SLOT',
  4: 'CANCELLED',
} as const

export interface JobFailed {
  id: bigint
  code: JobFaultCode
  detail: string
}

const JobFailedCodec: Codec<JobFailed, Partial<JobFailed>> = message<JobFailed, Partial<JobFailed>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.id != null && obj.id !== 0n)) {
      w.uint32(8)
      w.uint64(obj.id)
    }

    if (obj.code != null && __JobFaultCodeValues[obj.code] !== 0) {
      w.uint32(16)
      JobFaultCode.codec().encode(obj.code, w)
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
    const obj: JobFailed = {
      id: 0n,
      code: JobFaultCode.JOB_FAULT_UNSPECIFIED,
      detail: ''
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.id = reader.uint64()
          break
        }
        case 2: {
          obj.code = JobFaultCode.codec().decode(reader)
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

export const JobFailed = {
  codec: (): Codec<JobFailed, Partial<JobFailed>> => JobFailedCodec,
  encode: (value: Partial<JobFailed>): Uint8Array =>
    encodeMessage(value, JobFailedCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<JobFailed>): JobFailed =>
    decodeMessage(bytes, JobFailedCodec, options),
}

export interface Drain {}

const DrainCodec: Codec<Drain, Partial<Drain>> = message<Drain, Partial<Drain>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Drain = {}

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
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

export const Drain = {
  codec: (): Codec<Drain, Partial<Drain>> => DrainCodec,
  encode: (value: Partial<Drain>): Uint8Array =>
    encodeMessage(value, DrainCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Drain>): Drain =>
    decodeMessage(bytes, DrainCodec, options),
}

export interface PayTerms {
  id: bigint
  due: Uint8Array
  block: bigint
  round: bigint
  roundBlockHash: Uint8Array
  previousRoundBlockHash: Uint8Array
  gasPrice: Uint8Array
  maxFloat: Uint8Array
  deposit: Uint8Array
}

const PayTermsCodec: Codec<PayTerms, Partial<PayTerms>> = message<PayTerms, Partial<PayTerms>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.id != null && obj.id !== 0n)) {
      w.uint32(8)
      w.uint64(obj.id)
    }

    if ((obj.due != null && obj.due.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.due)
    }

    if ((obj.block != null && obj.block !== 0n)) {
      w.uint32(24)
      w.uint64(obj.block)
    }

    if ((obj.round != null && obj.round !== 0n)) {
      w.uint32(32)
      w.uint64(obj.round)
    }

    if ((obj.roundBlockHash != null && obj.roundBlockHash.byteLength > 0)) {
      w.uint32(42)
      w.bytes(obj.roundBlockHash)
    }

    if ((obj.previousRoundBlockHash != null && obj.previousRoundBlockHash.byteLength > 0)) {
      w.uint32(50)
      w.bytes(obj.previousRoundBlockHash)
    }

    if ((obj.gasPrice != null && obj.gasPrice.byteLength > 0)) {
      w.uint32(58)
      w.bytes(obj.gasPrice)
    }

    if ((obj.maxFloat != null && obj.maxFloat.byteLength > 0)) {
      w.uint32(66)
      w.bytes(obj.maxFloat)
    }

    if ((obj.deposit != null && obj.deposit.byteLength > 0)) {
      w.uint32(74)
      w.bytes(obj.deposit)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: PayTerms = {
      id: 0n,
      due: new Uint8Array(0),
      block: 0n,
      round: 0n,
      roundBlockHash: new Uint8Array(0),
      previousRoundBlockHash: new Uint8Array(0),
      gasPrice: new Uint8Array(0),
      maxFloat: new Uint8Array(0),
      deposit: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.id = reader.uint64()
          break
        }
        case 2: {
          obj.due = reader.bytes()
          break
        }
        case 3: {
          obj.block = reader.uint64()
          break
        }
        case 4: {
          obj.round = reader.uint64()
          break
        }
        case 5: {
          obj.roundBlockHash = reader.bytes()
          break
        }
        case 6: {
          obj.previousRoundBlockHash = reader.bytes()
          break
        }
        case 7: {
          obj.gasPrice = reader.bytes()
          break
        }
        case 8: {
          obj.maxFloat = reader.bytes()
          break
        }
        case 9: {
          obj.deposit = reader.bytes()
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

export const PayTerms = {
  codec: (): Codec<PayTerms, Partial<PayTerms>> => PayTermsCodec,
  encode: (value: Partial<PayTerms>): Uint8Array =>
    encodeMessage(value, PayTermsCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<PayTerms>): PayTerms =>
    decodeMessage(bytes, PayTermsCodec, options),
}

export interface PayOffer {
  id: bigint
  offer: Uint8Array
  detail: string
}

const PayOfferCodec: Codec<PayOffer, Partial<PayOffer>> = message<PayOffer, Partial<PayOffer>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.id != null && obj.id !== 0n)) {
      w.uint32(8)
      w.uint64(obj.id)
    }

    if ((obj.offer != null && obj.offer.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.offer)
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
    const obj: PayOffer = {
      id: 0n,
      offer: new Uint8Array(0),
      detail: ''
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.id = reader.uint64()
          break
        }
        case 2: {
          obj.offer = reader.bytes()
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

export const PayOffer = {
  codec: (): Codec<PayOffer, Partial<PayOffer>> => PayOfferCodec,
  encode: (value: Partial<PayOffer>): Uint8Array =>
    encodeMessage(value, PayOfferCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<PayOffer>): PayOffer =>
    decodeMessage(bytes, PayOfferCodec, options),
}

export interface Pay {
  id: bigint
  proof: Uint8Array
}

const PayCodec: Codec<Pay, Partial<Pay>> = message<Pay, Partial<Pay>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.id != null && obj.id !== 0n)) {
      w.uint32(8)
      w.uint64(obj.id)
    }

    if ((obj.proof != null && obj.proof.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.proof)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Pay = {
      id: 0n,
      proof: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.id = reader.uint64()
          break
        }
        case 2: {
          obj.proof = reader.bytes()
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

export const Pay = {
  codec: (): Codec<Pay, Partial<Pay>> => PayCodec,
  encode: (value: Partial<Pay>): Uint8Array =>
    encodeMessage(value, PayCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Pay>): Pay =>
    decodeMessage(bytes, PayCodec, options),
}

export interface PayReceipt {
  id: bigint
  credited: Uint8Array
  detail: string
}

const PayReceiptCodec: Codec<PayReceipt, Partial<PayReceipt>> = message<PayReceipt, Partial<PayReceipt>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.id != null && obj.id !== 0n)) {
      w.uint32(8)
      w.uint64(obj.id)
    }

    if ((obj.credited != null && obj.credited.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.credited)
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
    const obj: PayReceipt = {
      id: 0n,
      credited: new Uint8Array(0),
      detail: ''
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.id = reader.uint64()
          break
        }
        case 2: {
          obj.credited = reader.bytes()
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

export const PayReceipt = {
  codec: (): Codec<PayReceipt, Partial<PayReceipt>> => PayReceiptCodec,
  encode: (value: Partial<PayReceipt>): Uint8Array =>
    encodeMessage(value, PayReceiptCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<PayReceipt>): PayReceipt =>
    decodeMessage(bytes, PayReceiptCodec, options),
}
