import { concatBytes, readUint, toHex, u256 } from '../../lib/bytes.ts'
import { type Address, addressBytes } from '../../lib/crypto/address.ts'
import { keccak256 } from '../../lib/crypto/keccak.ts'
import type { Ratio, Wei } from '../../lib/wei.ts'

/** The largest winProb: 2^256 − 1. A ticket wins with probability winProb / 2^256. */
export const MAX_WIN_PROB = 2n ** 256n - 1n

/** The round a ticket is created in; it can be redeemed for a number of rounds from there. */
export interface TicketExpirationParams {
  readonly creationRound: bigint
  /** 32 bytes, as the rounds contract stored them. */
  readonly creationRoundBlockHash: Uint8Array
}

/** What a recipient demands of the tickets sent to it. */
export interface TicketParams {
  readonly recipient: Address
  readonly faceValue: Wei
  readonly winProb: bigint
  /** 32 bytes: keccak256 of recipientRand. */
  readonly recipientRandHash: Uint8Array
  /** 32 bytes. */
  readonly seed: Uint8Array
  /** First block at which these params are void. */
  readonly expirationBlock: bigint
  readonly expirationParams: TicketExpirationParams
}

/** A lottery ticket whose expected value is a payment. */
export interface Ticket extends TicketExpirationParams {
  readonly recipient: Address
  readonly sender: Address
  readonly faceValue: Wei
  readonly winProb: bigint
  readonly senderNonce: number
  readonly recipientRandHash: Uint8Array
  readonly paramsExpirationBlock: bigint
}

/** A ticket with its sender's signature and the number that decides whether it won. */
export interface SignedTicket extends Ticket {
  /** r ‖ s ‖ v, 65 bytes. */
  readonly sig: Uint8Array
  /** 32 bytes: the preimage of recipientRandHash. */
  readonly recipientRand: Uint8Array
}

/** One ticket of a batch: all else is shared. */
export interface TicketSenderParams {
  readonly senderNonce: number
  readonly sig: Uint8Array
}

/** Tickets of one sender under the same params. */
export interface TicketBatch {
  readonly params: TicketParams
  readonly expirationParams: TicketExpirationParams
  readonly sender: Address
  readonly senderParams: readonly TicketSenderParams[]
}

const NONCE_OFFSET = 104

/** The 64 bytes the broker contract reads the creation round from; none when both are zero. */
export function auxData(expiration: TicketExpirationParams): Uint8Array {
  const isUnset =
    expiration.creationRound === 0n && readUint(expiration.creationRoundBlockHash) === 0n
  if (isUnset) return new Uint8Array(0)
  return concatBytes(u256(expiration.creationRound), expiration.creationRoundBlockHash)
}

/** A ticket's fields as the contract packs them for hashing: 232 bytes (168 without aux data). */
export function packTicket(ticket: Ticket): Uint8Array {
  return concatBytes(
    addressBytes(ticket.recipient),
    addressBytes(ticket.sender),
    u256(ticket.faceValue),
    u256(ticket.winProb),
    u256(BigInt(ticket.senderNonce)),
    ticket.recipientRandHash,
    auxData(ticket),
  )
}

/** keccak256 of the packed fields: what the sender signs and the contract marks as used. */
export function ticketHash(ticket: Ticket): Uint8Array {
  return keccak256(packTicket(ticket))
}

/** Hashes many tickets that differ in their nonce alone. */
export interface TicketHasher {
  /** The ticket hash for a nonce. */
  hash(senderNonce: number): Uint8Array
}

/** A hasher that packs the shared fields once and pokes each nonce in. */
export function createTicketHasher(
  params: TicketParams,
  expiration: TicketExpirationParams,
  sender: Address,
): TicketHasher {
  const packed = packTicket(ticketOf(params, expiration, sender, 0))
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  return {
    hash(senderNonce) {
      view.setUint32(NONCE_OFFSET + 28, senderNonce)
      return keccak256(packed)
    },
  }
}

/** The ticket that params, expiration, sender and nonce make. */
export function ticketOf(
  params: TicketParams,
  expiration: TicketExpirationParams,
  sender: Address,
  senderNonce: number,
): Ticket {
  return {
    recipient: params.recipient,
    sender,
    faceValue: params.faceValue,
    winProb: params.winProb,
    senderNonce,
    recipientRandHash: params.recipientRandHash,
    paramsExpirationBlock: params.expirationBlock,
    creationRound: expiration.creationRound,
    creationRoundBlockHash: expiration.creationRoundBlockHash,
  }
}

/** The tickets of a batch. */
export function ticketsOf(batch: TicketBatch): Ticket[] {
  return batch.senderParams.map(({ senderNonce }) =>
    ticketOf(batch.params, batch.expirationParams, batch.sender, senderNonce),
  )
}

/** keccak256 of recipientRand as 32 bytes. */
export function recipientRandHash(recipientRand: Uint8Array): Uint8Array {
  return keccak256(recipientRand)
}

/** The draw of a signed ticket: keccak256(sig ‖ recipientRand). */
export function drawOf(sig: Uint8Array, recipientRand: Uint8Array): Uint8Array {
  return keccak256(sig, recipientRand)
}

/**
 * Whether a ticket won: its draw is strictly below winProb.
 *
 * @param winProb - 32 bytes, so that a batch compares bytes and not bigints
 */
export function isWinningDraw(
  sig: Uint8Array,
  recipientRand: Uint8Array,
  winProb: Uint8Array,
): boolean {
  return Buffer.compare(drawOf(sig, recipientRand), winProb) < 0
}

/** Whether a ticket with this signature and recipientRand won. */
export function isWinningTicket(
  ticket: Pick<Ticket, 'winProb'>,
  sig: Uint8Array,
  recipientRand: Uint8Array,
): boolean {
  return isWinningDraw(sig, recipientRand, u256(ticket.winProb))
}

/** Expected value in wei, rounded down. */
export function ticketEv(ticket: Pick<Ticket, 'faceValue' | 'winProb'>): Wei {
  return (ticket.faceValue * ticket.winProb) / MAX_WIN_PROB
}

/** The winning probability as a fraction. */
export function winProbRatio(ticket: Pick<Ticket, 'winProb'>): Ratio {
  return { num: ticket.winProb, den: MAX_WIN_PROB }
}

/**
 * The winProb that gives a ticket of this face value an expected value of exactly `ev`, rounded up
 * so that one ticket never falls short.
 *
 * @param ev - in wei, at most faceValue
 */
export function winProbForEv(faceValue: Wei, ev: Wei): bigint {
  if (faceValue === 0n) return 0n
  if (ev >= faceValue) return MAX_WIN_PROB
  const perWei = (MAX_WIN_PROB + faceValue - 1n) / faceValue
  return ev * perWei
}

/** The name of a pay session: hex of recipientRandHash. */
export function sessionIdOf(params: Pick<TicketParams, 'recipientRandHash'>): string {
  return toHex(params.recipientRandHash)
}
