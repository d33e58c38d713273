import { createHash } from 'node:crypto'
import type { AbortOptions } from '../lib/abort.ts'
import { fromHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { MillraceError } from '../lib/errors.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Wei } from '../lib/wei.ts'
import { type Bid, encodeBid, parseBid, priceOfBid, type SignedBid } from '../rails/check/bid.ts'
import { type CheckDomain, checkSeparator, segmentsOf } from '../rails/check/digest.ts'
import { CHECK_RAIL } from '../rails/check/payee-rail.ts'
import type { PayeeRail, PayerRail, PaymentContext, RailFault } from '../rails/rail.ts'
import { versionedCodec } from '../store/codec.ts'
import type { Store, Table } from '../store/store.ts'
import type { Turns } from './turns.ts'

/** What is bought: segments, or somebody's watching them. */
export type MediaKind = 'content' | 'attention'

/** An order about a video, as one of its sides keeps it. */
export interface MediaOrder {
  readonly kind: MediaKind
  /** `owner` has the segments, `viewer` gets them. */
  readonly side: 'owner' | 'viewer'
  /** Hex of the bid's digest; the order's name. */
  readonly channel: string
  readonly bid: SignedBid
  readonly rail: string
  readonly payer: Address
  /** Multiaddrs of the other side. */
  readonly addresses: readonly string[]
  /** Value of what was paid so far: credited by the payee's books, sent by the payer's. */
  readonly paid: Wei
  /** Segments paid for. */
  readonly balance: number
  /** Segments that are not for sale, by index. */
  readonly withheld: readonly number[]
  /** Attention: segments whose receipts were given or taken, by index. */
  readonly receipted: readonly number[]
  /** The payer's last proof: sent again when the answer to it got lost. */
  readonly lastPayment: Uint8Array
  /**
   * Content, its owner's: what was given back last, for a viewer that the answer with it did not
   * reach. Absent when nothing was, or something was credited since.
   */
  readonly reversal?: Uint8Array
  readonly state: 'open' | 'done'
  readonly atMs: number
}

/** The EIP-712 domain, hashed, of bids that are paid on a rail. */
export type SeparatorOf = (rail: string) => Uint8Array

/**
 * A bid that the check rail pays from is signed for the exchange. A bid that is paid on another rail
 * is signed for no contract: it is the agreement alone, and nobody can open a channel with it.
 */
export function separatorsOf({ chainId, exchange }: CheckDomain): SeparatorOf {
  const escrow = checkSeparator({ chainId, exchange })
  const agreement = checkSeparator({ chainId, exchange: NO_CONTRACT })
  return (rail) => (rail === CHECK_RAIL ? escrow : agreement)
}

const NO_CONTRACT: Address = '0x0000000000000000000000000000000000000000'

/** The first of some rails, the preferred first, that a payee takes too. */
export function commonRail(
  own: readonly string[],
  theirs: readonly string[],
): Result<string, { readonly code: 'RAIL_UNKNOWN'; readonly detail: string }> {
  const rail = own.find((name) => theirs.includes(name))
  const detail = `pays by ${own.join(', ')}, is paid by ${theirs.join(', ')}`
  return rail === undefined ? err({ code: 'RAIL_UNKNOWN', detail }) : ok(rail)
}

/** A rail on which this node is paid. */
export interface EarnRail {
  readonly rail: PayeeRail
  /** Shared with whatever else is paid on this rail. */
  readonly turns: Turns
  /** Opens what a bid pays from, where the rail is made for bids. */
  acceptBid?(
    bid: SignedBid,
    payer: Address,
    options: AbortOptions,
  ): Promise<Result<void, RailFault>>
  /** Turns an order's proofs into money, where that is done order by order. */
  settle?(orderId: string, options: AbortOptions): Promise<Wei>
}

/** A rail on which this node pays. */
export interface SpendRail {
  readonly rail: PayerRail
  /** Signs a bid that the rail itself pays from. */
  bid?(
    terms: Omit<Bid, 'nonce' | 'key' | 'expiration'>,
    options: AbortOptions & { readonly fresh: boolean },
  ): Promise<Result<SignedBid, RailFault>>
}

/** Orders about videos, by the hex of their bids' digests. */
export function mediaOrderTable(store: Store): Table<MediaOrder> {
  type Stored = Omit<MediaOrder, 'bid'> & { readonly bid: Uint8Array }
  const codec = versionedCodec<Stored>({
    name: 'media order',
    version: 1,
    parse: (value) => value as Stored,
  })
  return store.table('media-orders', {
    encode: ({ bid, ...rest }: MediaOrder) => codec.encode({ ...rest, bid: encodeBid(bid) }),
    decode(bytes): MediaOrder {
      const stored = codec.decode(bytes)
      const bid = parseBid(stored.bid)
      if (!bid.ok) throw new MillraceError('STORE_CORRUPT', 'the bid of an order cannot be read')
      return { ...stored, bid: bid.value }
    },
  })
}

/** A new order, in which nothing was paid. */
export function newMediaOrder(
  init: Pick<
    MediaOrder,
    'kind' | 'side' | 'channel' | 'bid' | 'rail' | 'payer' | 'addresses' | 'withheld' | 'atMs'
  >,
): MediaOrder {
  const nothing = { paid: 0n, balance: 0, receipted: [], lastPayment: new Uint8Array() }
  return { ...init, ...nothing, state: 'open' }
}

/** Who pays whom under an order. */
export function contextOf({ channel, payer, bid }: MediaOrder): PaymentContext {
  return { orderId: channel, payer, payee: bid.bid.payee }
}

/** The price of one segment that is not cut short: what a rail sizes its offer by. */
export function feePerStepOf({ bid, segmentSeconds }: Bid): Wei {
  return bid * BigInt(segmentSeconds)
}

/**
 * Whether a payment would come to more than a bid can ask for: the price of the whole, and what a
 * rail that pays in pieces may be over it by, at most a segment's price.
 */
export function isOverBid({ bid, paid }: Pick<MediaOrder, 'bid' | 'paid'>, value: Wei): boolean {
  return paid + value > priceOfBid(bid.bid) + feePerStepOf(bid.bid)
}

/** Indexes that are for sale, in their order. */
export function forSale({ bid, withheld }: MediaOrder): number[] {
  const hidden = new Set(withheld)
  const indexes = Array.from({ length: segmentsOf(bid.bid) }, (_, index) => index)
  return indexes.filter((index) => !hidden.has(index))
}

/** Proof that a segment was there: sha256(nonce ‖ segment). */
export function receiptOf(channel: string, segment: Uint8Array): Uint8Array {
  return createHash('sha256').update(fromHex(channel)).update(segment).digest()
}
