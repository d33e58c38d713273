import type { Address } from '../lib/crypto/address.ts'
import type { Result } from '../lib/result.ts'
import type { Wei } from '../lib/wei.ts'
import type { WriteOp } from '../store/store.ts'

/**
 * Why a rail refused. The class says what the other side should do:
 *
 * - `fatal`: stop dealing with this counterparty under this order
 * - `new-params`: fetch a fresh grant and pay again, once
 * - `underfunded`: the payer must fund its deposit first
 * - `limit`: the payer's own limits forbid it; choose another provider
 * - `not-ready`: the chain view is not there yet; try again shortly
 */
export type RailFaultClass = 'fatal' | 'new-params' | 'underfunded' | 'limit' | 'not-ready'

/** A refusal of a rail, with a code of the rail's own. */
export interface RailFault {
  readonly class: RailFaultClass
  readonly code: string
  /** For a person, with the numbers that decided; never parsed. */
  readonly detail: string
}

/** Who pays whom under which order. */
export interface PaymentContext {
  readonly orderId: string
  readonly payer: Address
  readonly payee: Address
}

/** What a payment put into the payee's credit. */
export interface Received {
  readonly credited: Wei
  /**
   * Invariant: these writes go into the same batch as the credit, before anything is acknowledged.
   */
  readonly writes: readonly WriteOp[]
  /** Whether the batch must have reached the disk, not only the kernel. */
  readonly sync: boolean
  /** To be called once the batch is written. */
  committed(): void
}

/** Payments given back, where a rail can. */
export interface Reversal {
  readonly refunded: Wei
  /** For the payer's {@link PaySession.onRefund}. */
  readonly reversal: Uint8Array
  /** Invariant: these reach the disk before the reversal leaves. */
  readonly writes: readonly WriteOp[]
  /** To be called once they are written. */
  committed(): void
}

/** The payee's side of one order. */
export interface EarnSession {
  /**
   * Checks a proof and says what it is worth. A proof seen before is worth 0 and is no fault.
   * Calls for one order must not overlap.
   */
  receive(proof: Uint8Array): Promise<Result<Received, RailFault>>
  /** What the payer needs for its next payments; also refreshes what is about to run out. */
  grant(): Promise<Result<Uint8Array, RailFault>>
  /** A new grant when the one in use is about to run out, otherwise null. */
  grantIfDue(): Promise<Uint8Array | null>
  /** Gives back as much of an amount as the rail's payments can be divided into; never more. */
  refund?(amount: Wei): Promise<Result<Reversal, RailFault>>
}

/** A payment made: its proof, and what the payee will credit for it. */
export interface Paid {
  readonly proof: Uint8Array
  readonly value: Wei
}

/** The payer's side of one order. */
export interface PaySession {
  /** A proof worth at least `due`; what it is worth beyond that stays as credit with the payee. */
  pay(due: Wei): Promise<Result<Paid, RailFault>>
  /** Takes up a grant that came with a reply, if it is acceptable. */
  useGrant(grant: Uint8Array): Promise<Result<void, RailFault>>
  /**
   * The newest proof once more, where a proof holds all before it; its value is that of all. Null
   * when there is none. Whoever ended between paying and noting it goes on from there.
   */
  last?(): Promise<Paid | null>
  /**
   * Takes a reversal in, and says what came back: 0 for one that was taken in before. It is on disk
   * before this resolves.
   *
   * @param note what the caller's own books write of it, in the same batch: neither without the other
   */
  onRefund?(
    reversal: Uint8Array,
    note?: (refunded: Wei) => readonly WriteOp[],
  ): Promise<Result<Wei, RailFault>>
}

/** What the payee wants to be paid, so that the rail can size its offer. */
export interface OfferInit {
  readonly payer: Address
  /** Expected price of one step. */
  readonly feePerStep: Wei
}

/** One way to pay: the half that earns. */
export interface PayeeRail {
  readonly id: string
  offer(init: OfferInit): Promise<Result<Uint8Array, RailFault>>
  openEarn(context: PaymentContext, init: OfferInit): EarnSession
}

/** One way to pay: the half that pays. */
export interface PayerRail {
  readonly id: string
  /** Judges an offer without committing to it. */
  judge(offer: Uint8Array, payee: Address): Promise<Result<void, RailFault>>
  /**
   * Begins to pay under an order, or goes on with one of before: then there is no offer, and nothing
   * is paid until a grant is taken up.
   */
  openPay(context: PaymentContext, offer: Uint8Array | null): Promise<Result<PaySession, RailFault>>
}

/** A fault, in one line. */
export function railFault(faultClass: RailFaultClass, code: string, detail: string): RailFault {
  return { class: faultClass, code, detail }
}
