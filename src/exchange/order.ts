import { fromHex, toHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { MillraceError } from '../lib/errors.ts'
import { priceOf, type Ratio, type Wei } from '../lib/wei.ts'
import type { Quote, QuoteRequest } from '../market/quote.ts'
import type { Profile } from '../media/profile.ts'
import { versionedCodec } from '../store/codec.ts'
import type { Store, Table } from '../store/store.ts'
import { type Account, emptyAccount } from './account.ts'

/** An accepted quote: who pays, who provides, at which price, on which rail. */
export interface Order {
  /** Hex of the quote's id. */
  readonly orderId: string
  readonly payer: Address
  readonly payerPeerId: string
  readonly provider: Address
  readonly providerPeerId: string
  readonly service: string
  /** Wei per pixel. Invariant: the quote's; nothing that comes later changes it. */
  readonly price: Ratio
  readonly rail: string
  readonly profiles: readonly Profile[]
  readonly segmentMs: number
  readonly expectedUnits: bigint
  readonly maxInFlight: number
  readonly openedAtMs: number
}

/** An order and its money. */
export interface OrderRecord {
  readonly order: Order
  readonly account: Account
  /** What only its payer keeps. */
  readonly paying?: PayingState
}

/**
 * Whether a payer may go on with an order.
 *
 * - `open`: in use, or broken off while it was: it is resumed before anything new is sought
 * - `idle`: its stream ended; taken up again when its provider is chosen at no lower price
 * - `over`: never again
 */
export type OrderState = 'open' | 'idle' | 'over'

/** What a payer must know to go on with an order after a crash. */
export interface PayingState {
  readonly state: OrderState
  /** No index from here on was used. */
  readonly nextIndex: bigint
  /** Paid since the provider last reckoned the same credit, in wei. */
  readonly unconfirmed: Wei
  /** Multiaddrs under which the provider was reached. */
  readonly addresses: readonly string[]
  readonly usedAtMs: number
}

/** The order that a quote becomes. */
export function orderOf(quote: Quote, request: QuoteRequest, nowMs: number): Order {
  return {
    orderId: toHex(quote.quoteId),
    payer: quote.payer,
    payerPeerId: quote.payerPeerId,
    provider: quote.provider,
    providerPeerId: quote.providerPeerId,
    service: quote.service,
    price: quote.price,
    rail: quote.rail,
    profiles: request.profiles,
    segmentMs: request.segmentMs,
    expectedUnits: request.expectedUnits,
    maxInFlight: quote.maxInFlight,
    openedAtMs: nowMs,
  }
}

/** The terms of an order as the quote that it was; of no use for another order. */
export function quoteOf(order: Order): Quote {
  const { payer, payerPeerId, provider, providerPeerId, service, price, rail, maxInFlight } = order
  return {
    ...{ payer, payerPeerId, provider, providerPeerId, service, price, rail, maxInFlight },
    chainId: 0n,
    quoteId: orderIdBytes(order),
    requestHash: new Uint8Array(0),
    freeSlots: 0,
    expiresAtMs: order.openedAtMs,
    offer: new Uint8Array(0),
  }
}

/** The 16 bytes of an order's id. */
export function orderIdBytes(order: Pick<Order, 'orderId'>): Uint8Array {
  return fromHex(order.orderId)
}

/** What a segment of this length is expected to cost, in wei. */
export function expectedFee(order: Order, durationMs: number): Wei {
  const units =
    (order.expectedUnits * BigInt(durationMs) + BigInt(order.segmentMs) - 1n) /
    BigInt(order.segmentMs)
  return priceOf(units, order.price)
}

const codec = versionedCodec<OrderRecord>({
  name: 'order',
  version: 1,
  parse(value) {
    const { order, account, paying } = value as OrderRecord
    if (typeof order?.orderId !== 'string') throw new MillraceError('STORE_CORRUPT', 'not an order')
    return {
      order: {
        ...order,
        price: { num: BigInt(order.price.num), den: BigInt(order.price.den) },
        expectedUnits: BigInt(order.expectedUnits),
      },
      account: {
        ...emptyAccount,
        ...account,
        credited: BigInt(account.credited),
        debited: BigInt(account.debited),
        units: BigInt(account.units),
        charged: account.charged.map(BigInt),
        recent: (account.recent ?? []).map(({ index, inputHash }) => ({
          index: BigInt(index),
          inputHash,
        })),
      },
      ...(paying === undefined
        ? {}
        : {
            paying: {
              ...paying,
              nextIndex: BigInt(paying.nextIndex),
              unconfirmed: BigInt(paying.unconfirmed),
            },
          }),
    }
  },
})

/** The orders of one side: what a provider earns by, or what a payer pays by. */
export function orderTable(store: Store, side: 'provider' | 'payer'): Table<OrderRecord> {
  return store.table(`orders-${side}`, codec)
}
