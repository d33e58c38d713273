// Generated from protocols/advert/1.0.0/advert.proto by scripts/build-wire.ts. Do not edit.
import { type Codec, type DecodeOptions, decodeMessage, encodeMessage, MaxLengthError, message } from 'protons-runtime'

function* noStream(): Generator<never> {}

function within<L>(limits: L | undefined): { limits?: L } {
  return limits === undefined ? {} : { limits }
}

export interface SignedAdvert {
  advert: Uint8Array
  peerSignature: Uint8Array
}

const SignedAdvertCodec: Codec<SignedAdvert, Partial<SignedAdvert>> = message<SignedAdvert, Partial<SignedAdvert>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.advert != null && obj.advert.byteLength > 0)) {
      w.uint32(10)
      w.bytes(obj.advert)
    }

    if ((obj.peerSignature != null && obj.peerSignature.byteLength > 0)) {
      w.uint32(18)
      w.bytes(obj.peerSignature)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: SignedAdvert = {
      advert: new Uint8Array(0),
      peerSignature: new Uint8Array(0)
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.advert = reader.bytes()
          break
        }
        case 2: {
          obj.peerSignature = reader.bytes()
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

export const SignedAdvert = {
  codec: (): Codec<SignedAdvert, Partial<SignedAdvert>> => SignedAdvertCodec,
  encode: (value: Partial<SignedAdvert>): Uint8Array =>
    encodeMessage(value, SignedAdvertCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<SignedAdvert>): SignedAdvert =>
    decodeMessage(bytes, SignedAdvertCodec, options),
}

export interface Advert {
  chainId: bigint
  peerId: string
  address: Uint8Array
  bindingPeerSignature: Uint8Array
  bindingWalletSignature: Uint8Array
  sequence: bigint
  issuedAtMs: bigint
  ttlMs: number
  services: string[]
  regions: string[]
  capacity?: Capacity
  addresses: string[]
}

const AdvertCodec: Codec<Advert, Partial<Advert>> = message<Advert, Partial<Advert>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.chainId != null && obj.chainId !== 0n)) {
      w.uint32(8)
      w.uint64(obj.chainId)
    }

    if ((obj.peerId != null && obj.peerId !== '')) {
      w.uint32(18)
      w.string(obj.peerId)
    }

    if ((obj.address != null && obj.address.byteLength > 0)) {
      w.uint32(26)
      w.bytes(obj.address)
    }

    if ((obj.bindingPeerSignature != null && obj.bindingPeerSignature.byteLength > 0)) {
      w.uint32(34)
      w.bytes(obj.bindingPeerSignature)
    }

    if ((obj.bindingWalletSignature != null && obj.bindingWalletSignature.byteLength > 0)) {
      w.uint32(42)
      w.bytes(obj.bindingWalletSignature)
    }

    if ((obj.sequence != null && obj.sequence !== 0n)) {
      w.uint32(48)
      w.uint64(obj.sequence)
    }

    if ((obj.issuedAtMs != null && obj.issuedAtMs !== 0n)) {
      w.uint32(56)
      w.uint64(obj.issuedAtMs)
    }

    if ((obj.ttlMs != null && obj.ttlMs !== 0)) {
      w.uint32(64)
      w.uint32(obj.ttlMs)
    }

    if (obj.services != null && obj.services.length > 0) {
      for (const value of obj.services) {
        w.uint32(74)
        w.string(value)
      }
    }

    if (obj.regions != null && obj.regions.length > 0) {
      for (const value of obj.regions) {
        w.uint32(82)
        w.string(value)
      }
    }

    if (obj.capacity != null) {
      w.uint32(90)
      Capacity.codec().encode(obj.capacity, w)
    }

    if (obj.addresses != null && obj.addresses.length > 0) {
      for (const value of obj.addresses) {
        w.uint32(98)
        w.string(value)
      }
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Advert = {
      chainId: 0n,
      peerId: '',
      address: new Uint8Array(0),
      bindingPeerSignature: new Uint8Array(0),
      bindingWalletSignature: new Uint8Array(0),
      sequence: 0n,
      issuedAtMs: 0n,
      ttlMs: 0,
      services: [],
      regions: [],
      addresses: []
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
          obj.peerId = reader.string()
          break
        }
        case 3: {
          obj.address = reader.bytes()
          break
        }
        case 4: {
          obj.bindingPeerSignature = reader.bytes()
          break
        }
        case 5: {
          obj.bindingWalletSignature = reader.bytes()
          break
        }
        case 6: {
          obj.sequence = reader.uint64()
          break
        }
        case 7: {
          obj.issuedAtMs = reader.uint64()
          break
        }
        case 8: {
          obj.ttlMs = reader.uint32()
          break
        }
        case 9: {
          if (opts.limits?.services != null && obj.services.length === opts.limits.services) {
            throw new MaxLengthError('Decode error - repeated field "services" had too many elements')
          }

          obj.services.push(reader.string())
          break
        }
        case 10: {
          if (opts.limits?.regions != null && obj.regions.length === opts.limits.regions) {
            throw new MaxLengthError('Decode error - repeated field "regions" had too many elements')
          }

          obj.regions.push(reader.string())
          break
        }
        case 11: {
          obj.capacity = Capacity.codec().decode(reader, reader.uint32(), within(opts.limits?.capacity))
          break
        }
        case 12: {
          if (opts.limits?.addresses != null && obj.addresses.length === opts.limits.addresses) {
            throw new MaxLengthError('Decode error - repeated field "addresses" had too many elements')
          }

          obj.addresses.push(reader.string())
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

export const Advert = {
  codec: (): Codec<Advert, Partial<Advert>> => AdvertCodec,
  encode: (value: Partial<Advert>): Uint8Array =>
    encodeMessage(value, AdvertCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Advert>): Advert =>
    decodeMessage(bytes, AdvertCodec, options),
}

export interface Capacity {
  slots: number
  freeSlots: number
}

const CapacityCodec: Codec<Capacity, Partial<Capacity>> = message<Capacity, Partial<Capacity>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.slots != null && obj.slots !== 0)) {
      w.uint32(8)
      w.uint32(obj.slots)
    }

    if ((obj.freeSlots != null && obj.freeSlots !== 0)) {
      w.uint32(16)
      w.uint32(obj.freeSlots)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: Capacity = {
      slots: 0,
      freeSlots: 0
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          obj.slots = reader.uint32()
          break
        }
        case 2: {
          obj.freeSlots = reader.uint32()
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

export const Capacity = {
  codec: (): Codec<Capacity, Partial<Capacity>> => CapacityCodec,
  encode: (value: Partial<Capacity>): Uint8Array =>
    encodeMessage(value, CapacityCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<Capacity>): Capacity =>
    decodeMessage(bytes, CapacityCodec, options),
}

export interface AdvertSyncRequest {
  chainId: bigint
  limit: number
}

const AdvertSyncRequestCodec: Codec<AdvertSyncRequest, Partial<AdvertSyncRequest>> = message<AdvertSyncRequest, Partial<AdvertSyncRequest>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if ((obj.chainId != null && obj.chainId !== 0n)) {
      w.uint32(8)
      w.uint64(obj.chainId)
    }

    if ((obj.limit != null && obj.limit !== 0)) {
      w.uint32(16)
      w.uint32(obj.limit)
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: AdvertSyncRequest = {
      chainId: 0n,
      limit: 0
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
          obj.limit = reader.uint32()
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

export const AdvertSyncRequest = {
  codec: (): Codec<AdvertSyncRequest, Partial<AdvertSyncRequest>> => AdvertSyncRequestCodec,
  encode: (value: Partial<AdvertSyncRequest>): Uint8Array =>
    encodeMessage(value, AdvertSyncRequestCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<AdvertSyncRequest>): AdvertSyncRequest =>
    decodeMessage(bytes, AdvertSyncRequestCodec, options),
}

export interface AdvertSyncReply {
  adverts: Uint8Array[]
}

const AdvertSyncReplyCodec: Codec<AdvertSyncReply, Partial<AdvertSyncReply>> = message<AdvertSyncReply, Partial<AdvertSyncReply>>(
  (obj, w, opts = {}) => {
    if (opts.lengthDelimited !== false) {
      w.fork()
    }

    if (obj.adverts != null && obj.adverts.length > 0) {
      for (const value of obj.adverts) {
        w.uint32(10)
        w.bytes(value)
      }
    }

    if (opts.lengthDelimited !== false) {
      w.ldelim()
    }
  },
  (reader, length, opts = {}) => {
    const obj: AdvertSyncReply = {
      adverts: []
    }

    const end = length == null ? reader.len : reader.pos + length

    while (reader.pos < end) {
      const tag = reader.uint32()

      switch (tag >>> 3) {
        case 1: {
          if (opts.limits?.adverts != null && obj.adverts.length === opts.limits.adverts) {
            throw new MaxLengthError('Decode error - repeated field "adverts" had too many elements')
          }

          obj.adverts.push(reader.bytes())
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

export const AdvertSyncReply = {
  codec: (): Codec<AdvertSyncReply, Partial<AdvertSyncReply>> => AdvertSyncReplyCodec,
  encode: (value: Partial<AdvertSyncReply>): Uint8Array =>
    encodeMessage(value, AdvertSyncReplyCodec),
  decode: (bytes: Uint8Array, options?: DecodeOptions<AdvertSyncReply>): AdvertSyncReply =>
    decodeMessage(bytes, AdvertSyncReplyCodec, options),
}
