import { type ChainBid, ETHER } from '../../chain/media-exchange.ts'
import { toHex } from '../../lib/bytes.ts'
import { type Address, parseAddress } from '../../lib/crypto/address.ts'
import type { DigestSigner } from '../../lib/crypto/digest-signer.ts'
import { recoverDigestSigner } from '../../lib/crypto/eip712.ts'
import { assert } from '../../lib/errors.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { type PeerKey, publicKeyOfPeer } from '../../net/peer-key.ts'
import { bidDigest } from './digest.ts'
import {
  canonicalBytes,
  hasKeys,
  type Json,
  type JsonObject,
  parseAmount,
  parseBytes,
  parseCanonical,
  parseCount,
  signJson,
  verifyJson,
} from './jcs.ts'
import { checkLimits } from './limits.ts'

/** An offer to pay for a video by the second. On content and on attention it has one form. */
export interface Bid {
  /** Digest of the bid that opened the bidder's last channel, 32 bytes. */
  readonly nonce: Uint8Array
  /** Units of the asset for a second. */
  readonly bid: bigint
  /** Unix seconds: until then it can be accepted, and from then on the rest goes back. */
  readonly expiration: number
  /** sha256 of the directory, 32 bytes. */
  readonly hash: Uint8Array
  readonly format: string
  /** Communication key of the recipient, as a peer id. */
  readonly to: string
  /** Wallet of the recipient. */
  readonly payee: Address
  /** What is paid with; the null address is ether. */
  readonly asset: Address
  /** Whole seconds. */
  readonly duration: number
  /** Whole seconds of a segment; the last may be shorter. */
  readonly segmentSeconds: number
  /** Communication key of the bidder, as a peer id. */
  readonly key: string
}

/** A bid with both signatures. */
export interface SignedBid {
  readonly bid: Bid
  /** EIP-712, 65 bytes, by the wallet that pays. */
  readonly walletSignature: Uint8Array
  /** The message as it travels; it carries the communication key's signature too. */
  readonly message: JsonObject
}

/** Who bids. */
export interface BidSigners {
  readonly wallet: DigestSigner
  readonly key: PeerKey
  /** Hash of the exchange's EIP-712 domain. */
  readonly separator: Uint8Array
}

const TYPE = 'bid'
const FIELDS = [
  'nonce',
  'bid',
  'expiration',
  'hash',
  'format',
  'to',
  'payee',
  'asset',
  'duration',
  'segmentSeconds',
  'key',
  'wallet signature',
  'signature',
]
const UINT32 = 2 ** 32 - 1

/** Signs a bid: first the wallet, then the communication key over everything. */
export function signBid(bid: Bid, { wallet, key, separator }: BidSigners): SignedBid {
  assert(bid.key === key.peerId, 'a bid names the key that signs it')
  const walletSignature = wallet.signDigest(digestOfBid(bid, separator))
  const body = { ...bidJson(bid), 'wallet signature': toHex(walletSignature) }
  return { bid, walletSignature, message: signJson(TYPE, body, key) }
}

/** The name of the channel that a bid opens, 32 bytes. */
export function digestOfBid(bid: Bid, separator: Uint8Array): Uint8Array {
  return bidDigest(separator, chainBid(bid))
}

/** A bid as the exchange contract takes it. */
export function chainBid({ to, key, expiration, ...rest }: Bid): ChainBid {
  const [toKey, ownKey] = [publicKeyOfPeer(to), publicKeyOfPeer(key)]
  assert(toKey !== null && ownKey !== null, 'a bid names Ed25519 keys')
  return { ...rest, expiration: BigInt(expiration), to: toKey, key: ownKey }
}

/** Price of the whole video. */
export function priceOfBid({ bid, duration }: Bid): bigint {
  return bid * BigInt(duration)
}

/** A bid as bytes. */
export function encodeBid({ message }: SignedBid): Uint8Array {
  return canonicalBytes(message)
}

/** A bid from the network: shapes checked, signatures not. */
export function parseBid(bytes: Uint8Array): Result<SignedBid, 'MALFORMED'> {
  const parsed = parseCanonical(bytes, checkLimits.maxMessageBytes)
  return parsed.ok ? parseBidMessage(parsed.value) : parsed
}

/** A bid within another message: shapes checked, signatures not. */
export function parseBidMessage(message: Json | undefined): Result<SignedBid, 'MALFORMED'> {
  if (!hasKeys(message, FIELDS)) return err('MALFORMED')
  const { format, to, key } = message
  if (typeof format !== 'string' || format.length > checkLimits.maxFormatLength) {
    return err('MALFORMED')
  }
  if (typeof to !== 'string' || typeof key !== 'string') return err('MALFORMED')
  if (publicKeyOfPeer(to) === null || publicKeyOfPeer(key) === null) return err('MALFORMED')
  const nonce = parseBytes(message['nonce'], 32)
  const hash = parseBytes(message['hash'], 32)
  const bid = parseAmount(message['bid'], 2n ** 96n)
  const expiration = parseCount(message['expiration'], Number.MAX_SAFE_INTEGER)
  const duration = parseCount(message['duration'], UINT32)
  const segmentSeconds = parseCount(message['segmentSeconds'], UINT32)
  const payee = parseWallet(message['payee'])
  const asset = parseWallet(message['asset'])
  const walletSignature = parseBytes(message['wallet signature'], 65)
  if (nonce === null || hash === null || bid === null || expiration === null) {
    return err('MALFORMED')
  }
  if (duration === null || segmentSeconds === null || payee === null || asset === null) {
    return err('MALFORMED')
  }
  if (walletSignature === null || duration === 0 || segmentSeconds === 0) return err('MALFORMED')
  const terms = { nonce, bid, expiration, hash, format, to, payee, asset }
  const value = { ...terms, duration, segmentSeconds, key }
  return ok({ bid: value, walletSignature, message })
}

/** The wallet that a bid is signed by, when the communication key's signature holds too. */
export function verifyBid(
  { bid, walletSignature, message }: SignedBid,
  separator: Uint8Array,
): Result<Address, 'BAD_SIGNATURE' | 'BAD_WALLET_SIGNATURE'> {
  if (!verifyJson(TYPE, message, bid.key)) return err('BAD_SIGNATURE')
  const signer = recoverDigestSigner(digestOfBid(bid, separator), walletSignature)
  return signer.ok ? signer : err('BAD_WALLET_SIGNATURE')
}

/** A checksummed address; null when it is anything else. */
export function parseWallet(value: Json | undefined): Address | null {
  if (typeof value !== 'string') return null
  const address = parseAddress(value)
  return address === value || (value === ETHER && address === ETHER) ? address : null
}

function bidJson({ nonce, bid, hash, ...rest }: Bid): JsonObject {
  return { ...rest, nonce: toHex(nonce), bid: `${bid}`, hash: toHex(hash) }
}
