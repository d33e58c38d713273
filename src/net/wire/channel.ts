// Generated from protocols/channel/1.0.0/channel.proto by scripts/build-wire.ts. Do not edit.
import { type Codec, type DecodeOptions, decodeMessage, encodeMessage, enumeration, MaxLengthError, message } from 'protons-runtime'

function* noStream(): Generator<never> {}

function within<L>(limits: L | undefined): { limits?: L } {
  return limits === undefined ? {} : { limits }
}

export interface ChannelOffer {
  payee: Uint8Array
  asset: Uint8Array
  contract: Uint8Array
  maxDelay: number
  minExpire: number
  confirmations: number
  minDeposit: Uint8Array
  spendSecretHash: Uint8Array
  seed: Uint8Array
  revokeSecretHashes: Uint8Array[]
  grant?: ChannelGrant
}

const ChannelOfferCodec: Codec<ChannelOffer, Partial<ChannelOffer>> = message<ChannelOffer, Partial<ChannelOffer>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.payee != null && obj.payee.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.payee)
    }

    if ((obj.asset != null && obj.asset.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.asset)
    }

    if ((obj.contract != null && obj.contract.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.contract)
    }

    if ((obj.maxDelay != null && obj.maxDelay !== 0)) {
      w.uint32(32)
      w.uint32(obj.maxDelay)
    }

    if ((obj.minExpire != null && obj.minExpire !== 0)) {
      w.uint32(40)
      w.uint32(obj.minExpire)
    }

    if ((obj.confirmations != null && obj.confirmations !== 0)) {
      w.uint32(48)
      w.uint32(obj.confirmations)
    }

    if ((obj.minDeposit != null && obj.minDeposit.byteLength > 0)) {
      w.uint32(58)
      w.bytes(obj.minDeposit)
    }

    if ((obj.spendSecretHash != null && obj.spendSecretHash.byteLength > 0)) {
      w.uint32(66)
      w.bytes(obj.spendSecretHash)
    }

    if ((obj.seed != null && obj.seed.byteLength > 0)) {
      w.uint32(74)
      w.bytes(obj.seed)
    }

    if (obj.revokeSecretHashes != null && obj.revokeSecretHashes.length > 0) {
      for (const value of obj.revokeSecretHashes) {
        w.uint32(82)
        w.bytes(value)
      }
    }

    if (obj.grant != null) {
      w.uint32(90)
      ChannelGrant.codec().encode(obj.grant, w)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: ChannelOffer = {
      payee: new Uint8Array(0),
      asset: new Uint8Array(0),
      contract: new Uint8Array(0),
      maxDelay: 0,
      minExpire: 0,
      confirmations: 0,
      minDeposit: new Uint8Array(0),
      spendSecretHash: new Uint8Array(0),
      seed: new Uint8Array(0),
      revokeSecretHashes: []
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.payee = reader.bytes()
          break
        }
        case 2: {
          obj.asset = reader.bytes()
          break
        }
        case 3: {
          obj.contract = reader.bytes()
          break
        }
        case 4: {
          obj.maxDelay = reader.uint32()
          break
        }
        case 5: {
          obj.minExpire = reader.uint32()
          break
        }
        case 6: {
          obj.confirmations = reader.uint32()
          break
        }
        case 7: {
          obj.minDeposit = reader.bytes()
          break
        }
        case 8: {
          obj.spendSecretHash = reader.bytes()
          break
        }
        case 9: {
          obj.seed = reader.bytes()
          break
        }
        case 10: {
          if (opts.limits?.revokeSecretHashes != null && obj.revokeSecretHashes.length === opts.limits.revokeSecretHashes) {
            throw new MaxLengthError('Decode error - repeated field "revokeSecretHashes" had too many elements')
          }

          obj.revokeSecretHashes.push(reader.bytes())
          break
        }
        case 11: {
          obj.grant = ChannelGrant.codec().decode(reader, reader.uint32(), within(opts.limits?.grant))
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

export const ChannelOffer = {
  codec: (): Codec<ChannelOffer, Partial<ChannelOffer>> => ChannelOfferCodec,
  encode: (value: Partial<ChannelOffer>): Uint8Array =>
    encodeMessage(value, ChannelOfferCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<ChannelOffer>): ChannelOffer =>
    decodeMessage(bytes, ChannelOfferCodec, options),
}

export interface ChannelGrant {
  channel: Uint8Array
  credited: Uint8Array
  requested: Uint8Array
  revokeSecretHashes: Uint8Array[]
  commitScript: Uint8Array
  commitRawtx: Uint8Array
}

const ChannelGrantCodec: Codec<ChannelGrant, Partial<ChannelGrant>> = message<ChannelGrant, Partial<ChannelGrant>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.channel != null && obj.channel.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.channel)
    }

    if ((obj.credited != null && obj.credited.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.credited)
    }

    if ((obj.requested != null && obj.requested.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.requested)
    }

    if (obj.revokeSecretHashes != null && obj.revokeSecretHashes.length > 0) {
      for (const value of obj.revokeSecretHashes) {
        w.uint32(34)
        w.bytes(value)
      }
    }

    if ((obj.commitScript != null && obj.commitScript.byteLength > 0)) {
      w.uint32(42)
      w.bytes(obj.commitScript)
    }

    if ((obj.commitRawtx != null && obj.commitRawtx.byteLength > 0)) {
      w.uint32(50)
      w.bytes(obj.commitRawtx)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: ChannelGrant = {
      channel: new Uint8Array(0),
      credited: new Uint8Array(0),
      requested: new Uint8Array(0),
      revokeSecretHashes: [],
      commitScript: new Uint8Array(0),
      commitRawtx: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.channel = reader.bytes()
          break
        }
        case 2: {
          obj.credited = reader.bytes()
          break
        }
        case 3: {
          obj.requested = reader.bytes()
          break
        }
        case 4: {
          if (opts.limits?.revokeSecretHashes != null && obj.revokeSecretHashes.length === opts.limits.revokeSecretHashes) {
            throw new MaxLengthError('Decode error - repeated field "revokeSecretHashes" had too many elements')
          }

          obj.revokeSecretHashes.push(reader.bytes())
          break
        }
        case 5: {
          obj.commitScript = reader.bytes()
          break
        }
        case 6: {
          obj.commitRawtx = reader.bytes()
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

export const ChannelGrant = {
  codec: (): Codec<ChannelGrant, Partial<ChannelGrant>> => ChannelGrantCodec,
  encode: (value: Partial<ChannelGrant>): Uint8Array =>
    encodeMessage(value, ChannelGrantCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<ChannelGrant>): ChannelGrant =>
    decodeMessage(bytes, ChannelGrantCodec, options),
}

export interface ChannelPayment {
  depositScript: Uint8Array
  seed: Uint8Array
  commitScript: Uint8Array
  commitRawtx: Uint8Array
  value: Uint8Array
}

const ChannelPaymentCodec: Codec<ChannelPayment, Partial<ChannelPayment>> = message<ChannelPayment, Partial<ChannelPayment>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.depositScript != null && obj.depositScript.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.depositScript)
    }

    if ((obj.seed != null && obj.seed.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.seed)
    }

    if ((obj.commitScript != null && obj.commitScript.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.commitScript)
    }

    if ((obj.commitRawtx != null && obj.commitRawtx.byteLength > 0)) {
      w.uint32(34)
      w.bytes(obj.commitRawtx)
    }

    if ((obj.value != null && obj.value.byteLength > 0)) {
      w.uint32(42)
      w.bytes(obj.value)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: ChannelPayment = {
      depositScript: new Uint8Array(0),
      seed: new Uint8Array(0),
      commitScript: new Uint8Array(0),
      commitRawtx: new Uint8Array(0),
      value: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.depositScript = reader.bytes()
          break
        }
        case 2: {
          obj.seed = reader.bytes()
          break
        }
        case 3: {
          obj.commitScript = reader.bytes()
          break
        }
        case 4: {
          obj.commitRawtx = reader.bytes()
          break
        }
        case 5: {
          obj.value = reader.bytes()
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

export const ChannelPayment = {
  codec: (): Codec<ChannelPayment, Partial<ChannelPayment>> => ChannelPaymentCodec,
  encode: (value: Partial<ChannelPayment>): Uint8Array =>
    encodeMessage(value, ChannelPaymentCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<ChannelPayment>): ChannelPayment =>
    decodeMessage(bytes, ChannelPaymentCodec, options),
}

export interface ChannelReversal {
  channel: Uint8Array
  revokeSecrets: Uint8Array[]
}

const ChannelReversalCodec: Codec<ChannelReversal, Partial<ChannelReversal>> = message<ChannelReversal, Partial<ChannelReversal>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.channel != null && obj.channel.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.channel)
    }

    if (obj.revokeSecrets != null && obj.revokeSecrets.length > 0) {
      for (const value of obj.revokeSecrets) {
        w.uint32(18)
        w.bytes(value)
      }
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: ChannelReversal = {
      channel: new Uint8Array(0),
      revokeSecrets: []
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.channel = reader.bytes()
          break
        }
        case 2: {
          if (opts.limits?.revokeSecrets != null && obj.revokeSecrets.length === opts.limits.revokeSecrets) {
            throw new MaxLengthError('Decode error - repeated field "revokeSecrets" had too many elements')
          }

          obj.revokeSecrets.push(reader.bytes())
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

export const ChannelReversal = {
  codec: (): Codec<ChannelReversal, Partial<ChannelReversal>> => ChannelReversalCodec,
  encode: (value: Partial<ChannelReversal>): Uint8Array =>
    encodeMessage(value, ChannelReversalCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<ChannelReversal>): ChannelReversal =>
    decodeMessage(bytes, ChannelReversalCodec, options),
}

export interface WatchRequest {
  chainId: bigint
  contract: Uint8Array
  depositScript: Uint8Array
  revoked: RevokedCommit[]
}

const WatchRequestCodec: Codec<WatchRequest, Partial<WatchRequest>> = message<WatchRequest, Partial<WatchRequest>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.chainId != null && obj.chainId !== 0n)) {
      w.uint32(8)
      w.uint64(obj.chainId)
    }

    if ((obj.contract != null && obj.contract.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.contract)
    }

    if ((obj.depositScript != null && obj.depositScript.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.depositScript)
    }

    if (obj.revoked != null && obj.revoked.length > 0) {
      for (const value of obj.revoked) {
        w.uint32(34)
        RevokedCommit.codec().encode(value, w)
      }
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: WatchRequest = {
      chainId: 0n,
      contract: new Uint8Array(0),
      depositScript: new Uint8Array(0),
      revoked: []
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
          obj.contract = reader.bytes()
          break
        }
        case 3: {
          obj.depositScript = reader.bytes()
          break
        }
        case 4: {
          if (opts.limits?.revoked != null && obj.revoked.length === opts.limits.revoked) {
            throw new MaxLengthError('Decode error - repeated field "revoked" had too many elements')
          }

          obj.revoked.push(RevokedCommit.codec().decode(reader, reader.uint32(), within(opts.limits?.revoked$)))
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

export const WatchRequest = {
  codec: (): Codec<WatchRequest, Partial<WatchRequest>> => WatchRequestCodec,
  encode: (value: Partial<WatchRequest>): Uint8Array =>
    encodeMessage(value, WatchRequestCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<WatchRequest>): WatchRequest =>
    decodeMessage(bytes, WatchRequestCodec, options),
}

export interface RevokedCommit {
  commitScript: Uint8Array
  revokeSecret: Uint8Array
}

const RevokedCommitCodec: Codec<RevokedCommit, Partial<RevokedCommit>> = message<RevokedCommit, Partial<RevokedCommit>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.commitScript != null && obj.commitScript.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.commitScript)
    }

    if ((obj.revokeSecret != null && obj.revokeSecret.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.revokeSecret)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: RevokedCommit = {
      commitScript: new Uint8Array(0),
      revokeSecret: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.commitScript = reader.bytes()
          break
        }
        case 2: {
          obj.revokeSecret = reader.bytes()
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

export const RevokedCommit = {
  codec: (): Codec<RevokedCommit, Partial<RevokedCommit>> => RevokedCommitCodec,
  encode: (value: Partial<RevokedCommit>): Uint8Array =>
    encodeMessage(value, RevokedCommitCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<RevokedCommit>): RevokedCommit =>
    decodeMessage(bytes, RevokedCommitCodec, options),
}

export type WatchVerdict =
  | 'VERDICT_UNSPECIFIED'
  | 'WATCHING'
  | 'MALFORMED'
  | 'WRONG_CHAIN'
  | 'NO_CHANNEL'
  | 'BUSY'

const WatchVerdictCodec = (): Codec<WatchVerdict, WatchVerdict> => enumeration<WatchVerdict>(__WatchVerdictValues)

export const WatchVerdict = {
  VERDICT_UNSPECIFIED: 'VERDICT_UNSPECIFIED',
  WATCHING: 'WATCHING',
  MALFORMED: 'MALFORMED',
  WRONG_CHAIN: 'WRONG_CHAIN',
  NO_CHANNEL: 'NO_CHANNEL',
  BUSY: 'BUSY',
  codec: WatchVerdictCodec,
} as const

const __WatchVerdictValues = {
  VERDICT_UNSPECIFIED: 0,
  WATCHING: 1,
  MALFORMED: 2,
  WRONG_CHAIN: 3,
  NO_CHANNEL: 4,
  BUSY: 5,
  0: 'VERDICT_UNSPECIFIED',
  1: 'WATCHING',
  2: 'MALFORMED',
  3: 'WRONG_CHAIN',
  4: 'NO_CHANNEL',
  5: 'BUSY',
} as const

export interface WatchReply {
  verdict: WatchVerdict
}

const WatchReplyCodec: Codec<WatchReply, Partial<WatchReply>> = message<WatchReply, Partial<WatchReply>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if (obj.verdict != null && __WatchVerdictValues[obj.verdict] !== 0) {
      w.uint32(8)
      WatchVerdict.codec().encode(obj.verdict, w)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: WatchReply = {
      verdict: WatchVerdict.VERDICT_UNSPECIFIED
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.verdict = WatchVerdict.codec().decode(reader)
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

export const WatchReply = {
  codec: (): Codec<WatchReply, Partial<WatchReply>> => WatchReplyCodec,
  encode: (value: Partial<WatchReply>): Uint8Array =>
    encodeMessage(value, WatchReplyCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<WatchReply>): WatchReply =>
    decodeMessage(bytes, WatchReplyCodec, options),
}

export interface CloseRequest {
  channel: Uint8Array
  quantity: Uint8Array
  payeeSignature: Uint8Array
}

const CloseRequestCodec: Codec<CloseRequest, Partial<CloseRequest>> = message<CloseRequest, Partial<CloseRequest>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.channel != null && obj.channel.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.channel)
    }

    if ((obj.quantity != null && obj.quantity.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.quantity)
    }

    if ((obj.payeeSignature != null && obj.payeeSignature.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.payeeSignature)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: CloseRequest = {
      channel: new Uint8Array(0),
      quantity: new Uint8Array(0),
      payeeSignature: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.channel = reader.bytes()
          break
        }
        case 2: {
          obj.quantity = reader.bytes()
          break
        }
        case 3: {
          obj.payeeSignature = reader.bytes()
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

export const CloseRequest = {
  codec: (): Codec<CloseRequest, Partial<CloseRequest>> => CloseRequestCodec,
  encode: (value: Partial<CloseRequest>): Uint8Array =>
    encodeMessage(value, CloseRequestCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<CloseRequest>): CloseRequest =>
    decodeMessage(bytes, CloseRequestCodec, options),
}

export type CloseVerdict =
  | 'CLOSE_UNSPECIFIED'
  | 'AGREED'
  | 'UNREADABLE'
  | 'NOT_OPEN'
  | 'NOT_SIGNED'
  | 'NOT_OWED'

const CloseVerdictCodec = (): Codec<CloseVerdict, CloseVerdict> => enumeration<CloseVerdict>(__CloseVerdictValues)

export const CloseVerdict = {
  CLOSE_UNSPECIFIED: 'CLOSE_UNSPECIFIED',
  AGREED: 'AGREED',
  UNREADABLE: 'UNREADABLE',
  NOT_OPEN: 'NOT_OPEN',
  NOT_SIGNED: 'NOT_SIGNED',
  NOT_OWED: 'NOT_OWED',
  codec: CloseVerdictCodec,
} as const

const __CloseVerdictValues = {
  CLOSE_UNSPECIFIED: 0,
  AGREED: 1,
  UNREADABLE: 2,
  NOT_OPEN: 3,
  NOT_SIGNED: 4,
  NOT_OWED: 5,
  0: 'CLOSE_UNSPECIFIED',
  1: 'AGREED',
  2: 'UNREADABLE',
  3: 'NOT_OPEN',
  4: 'NOT_SIGNED',
  5: 'NOT_OWED',
} as const

export interface CloseReply {
  verdict: CloseVerdict
  payerSignature: Uint8Array
}

const CloseReplyCodec: Codec<CloseReply, Partial<CloseReply>> = message<CloseReply, Partial<CloseReply>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if (obj.verdict != null && __CloseVerdictValues[obj.verdict] !== 0) {
      w.uint32(8)
      CloseVerdict.codec().encode(obj.verdict, w)
    }

    if ((obj.payerSignature != null && obj.payerSignature.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.payerSignature)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: CloseReply = {
      verdict: CloseVerdict.CLOSE_UNSPECIFIED,
      payerSignature: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.verdict = CloseVerdict.codec().decode(reader)
          break
        }
        case 2: {
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

export const CloseReply = {
  codec: (): Codec<CloseReply, Partial<CloseReply>> => CloseReplyCodec,
  encode: (value: Partial<CloseReply>): Uint8Array =>
    encodeMessage(value, CloseReplyCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<CloseReply>): CloseReply =>
    decodeMessage(bytes, CloseReplyCodec, options),
}
