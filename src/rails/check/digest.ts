import type { ChainBid } from '../../chain/media-exchange.ts'
import { u256, utf8 } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { domainSeparator, typedDigest } from '../../lib/crypto/eip712.ts'
import { keccak256 } from '../../lib/crypto/keccak.ts'

const BID_TYPE =
  'Bid(bytes32 nonce,uint96 bid,uint64 expiration,bytes32 hash,string format,bytes32 to,' +
  'address payee,address asset,uint32 duration,uint32 segmentSeconds,bytes32 key)'
const CHECK_TYPE = 'Check(bytes32 nonce,uint32 balance)'

/** Where bids and checks are good. */
export interface CheckDomain {
  readonly chainId: number
  /** The MediaExchange. */
  readonly exchange: Address
}

/** The EIP-712 domain of a MediaExchange, hashed. */
export function checkSeparator({ chainId, exchange }: CheckDomain): Uint8Array {
  const name = { name: 'MediaExchange', version: '1' }
  return domainSeparator({ ...name, chainId: BigInt(chainId), contract: exchange })
}

/** What a wallet signs of a bid. It names the channel, and is the bidder's next nonce. */
export function bidDigest(separator: Uint8Array, bid: ChainBid): Uint8Array {
  return typedDigest(
    separator,
    BID_TYPE,
    bid.nonce,
    u256(bid.bid),
    u256(bid.expiration),
    bid.hash,
    keccak256(utf8(bid.format)),
    bid.to,
    word(bid.payee),
    word(bid.asset),
    u256(BigInt(bid.duration)),
    u256(BigInt(bid.segmentSeconds)),
    bid.key,
  )
}

/** What a wallet signs of a check. */
export function checkDigest(
  separator: Uint8Array,
  { channel, balance }: { readonly channel: Uint8Array; readonly balance: number },
): Uint8Array {
  return typedDigest(separator, CHECK_TYPE, channel, u256(BigInt(balance)))
}

/** What a number of segments costs in all: the last may be short. */
export function valueOf(
  { bid, duration, segmentSeconds }: Pick<ChainBid, 'bid' | 'duration' | 'segmentSeconds'>,
  balance: number,
): bigint {
  return bid * BigInt(Math.min(balance * segmentSeconds, duration))
}

/** Segments of a whole video. */
export function segmentsOf({
  duration,
  segmentSeconds,
}: Pick<ChainBid, 'duration' | 'segmentSeconds'>): number {
  return Math.ceil(duration / segmentSeconds)
}

function word(address: Address): Uint8Array {
  return u256(BigInt(address))
}

/** How many whole segments a value pays for. */
export function segmentsFor(
  terms: Pick<ChainBid, 'bid' | 'duration' | 'segmentSeconds'>,
  value: bigint,
): number {
  const whole = segmentsOf(terms)
  if (value >= valueOf(terms, whole)) return whole
  return Number(value / (terms.bid * BigInt(terms.segmentSeconds)))
}
