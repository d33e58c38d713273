import { concatBytes, utf8 } from '../lib/bytes.ts'
import { type Address, addressBytes, addressFromBytes } from '../lib/crypto/address.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { type Binding, verifyBinding } from '../net/identity.ts'
import { type PeerKey, peerVerifier, signWithPeerKey } from '../net/peer-key.ts'
import * as wire from '../net/wire/advert.ts'
import { marketLimits } from './limits.ts'

/** Hints on how much an orchestrator can take; what binds is the quote. */
export interface Capacity {
  readonly slots: number
  readonly freeSlots: number
}

/** What an orchestrator makes known of itself. It says nothing of price. */
export interface Advert {
  readonly chainId: bigint
  readonly peerId: string
  readonly address: Address
  /** The signatures of each key over the other. */
  readonly binding: Binding
  /** Strictly growing for one author. */
  readonly sequence: bigint
  readonly issuedAtMs: number
  /** Life from issuedAtMs on; 0 withdraws the adverts before it. */
  readonly ttlMs: number
  readonly services: readonly string[]
  readonly regions: readonly string[]
  readonly capacity: Capacity
  /** Multiaddrs. */
  readonly addresses: readonly string[]
}

/** An advert as it came from the network, with what its author signed. */
export interface SignedAdvert {
  readonly advert: Advert
  readonly advertBytes: Uint8Array
  readonly peerSignature: Uint8Array
}

/** Why an advert could not be read. */
export type AdvertParseFault = 'OVERSIZED' | 'MALFORMED'

const DOMAIN = utf8('millrace/advert/1\n')

/** The gossip topic of a chain's adverts. */
export function advertTopic(chainId: bigint): string {
  return `/millrace/${chainId}/advert/1`
}

/** When an advert stops being valid, in milliseconds since the epoch. */
export function expiresAtMs(advert: Advert): number {
  return advert.issuedAtMs + advert.ttlMs
}

/** Encodes and signs an advert with its author's peer key. */
export function signAdvert(advert: Advert, peerKey: PeerKey): Uint8Array {
  const advertBytes = wire.Advert.encode({
    chainId: advert.chainId,
    peerId: advert.peerId,
    address: addressBytes(advert.address),
    bindingPeerSignature: advert.binding.peerSignature,
    bindingWalletSignature: advert.binding.walletSignature,
    sequence: advert.sequence,
    issuedAtMs: BigInt(advert.issuedAtMs),
    ttlMs: advert.ttlMs,
    services: [...advert.services],
    regions: [...advert.regions],
    capacity: { ...advert.capacity },
    addresses: [...advert.addresses],
  })
  const peerSignature = signWithPeerKey(peerKey, concatBytes(DOMAIN, advertBytes))
  return wire.SignedAdvert.encode({ advert: advertBytes, peerSignature })
}

/** Reads an advert from the network: sizes and shapes only, no signature yet. */
export function parseAdvert(bytes: Uint8Array): Result<SignedAdvert, AdvertParseFault> {
  if (bytes.byteLength > marketLimits.maxAdvertBytes) return err('OVERSIZED')
  try {
    const envelope = wire.SignedAdvert.decode(bytes)
    const max = marketLimits.maxAdvertList
    const message = wire.Advert.decode(envelope.advert, {
      limits: { services: max, regions: max, addresses: max },
    })
    const advert: Advert = {
      chainId: message.chainId,
      peerId: text(message.peerId),
      address: addressFromBytes(message.address),
      binding: {
        peerId: message.peerId,
        address: addressFromBytes(message.address),
        peerSignature: message.bindingPeerSignature,
        walletSignature: message.bindingWalletSignature,
      },
      sequence: message.sequence,
      issuedAtMs: Number(message.issuedAtMs),
      ttlMs: message.ttlMs,
      services: message.services.map(text),
      regions: message.regions.map(text),
      capacity: {
        slots: message.capacity?.slots ?? 0,
        freeSlots: message.capacity?.freeSlots ?? 0,
      },
      addresses: message.addresses.map(text),
    }
    return ok({ advert, advertBytes: envelope.advert, peerSignature: envelope.peerSignature })
  } catch {
    return err('MALFORMED')
  }
}

/** Whether the author's peer key signed the advert, and peer key and wallet vouch for each other. */
export function verifyAdvert({ advert, advertBytes, peerSignature }: SignedAdvert): boolean {
  const signed = concatBytes(DOMAIN, advertBytes)
  const isByPeer = peerVerifier(advert.peerId)
  if (!isByPeer(signed, peerSignature)) return false
  // The binding is the same peer's: reading an advert takes it from there.
  return verifyBinding(advert.binding, { chainId: advert.chainId }, isByPeer).ok
}

function text(value: string): string {
  if (value.length > marketLimits.maxAdvertTextLength) throw new RangeError('text too long')
  return value
}
