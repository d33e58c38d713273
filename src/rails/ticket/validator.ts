import { bytesEqual, u256 } from '../../lib/bytes.ts'
import { type Address, addressBytes } from '../../lib/crypto/address.ts'
import { createSigVerifier, type SignerCheck, type SigVerifier } from '../../lib/crypto/eip191.ts'
import { ok, type Result } from '../../lib/result.ts'
import type { RailFault } from '../rail.ts'
import { refuse } from './faults.ts'
import {
  createTicketHasher,
  isWinningDraw,
  isWinningTicket,
  recipientRandHash,
  type Ticket,
  type TicketBatch,
  type TicketSenderParams,
  ticketHash,
} from './ticket.ts'

/** Judges tickets by themselves: no clock, no nonces, no funds. */
export interface Validator {
  /** Whether a ticket names this recipient and a sender, who signed it, and rests on recipientRand. */
  validateTicket(
    recipient: Address,
    ticket: Ticket,
    sig: Uint8Array,
    recipientRand: Uint8Array,
  ): Result<void, RailFault>
  /** Whether a batch's sender signed these tickets of it: the first that is bad decides. */
  validateSignatures(
    batch: TicketBatch,
    tickets: readonly TicketSenderParams[],
  ): Result<void, RailFault>
  /** Whether a ticket won; says nothing of whether it is valid. */
  isWinningTicket(ticket: Ticket, sig: Uint8Array, recipientRand: Uint8Array): boolean
  /** Those of a batch's tickets that won. */
  winners(
    batch: TicketBatch,
    tickets: readonly TicketSenderParams[],
    recipientRand: Uint8Array,
  ): TicketSenderParams[]
}

/** A validator; by default over the fastest curve there is. */
export function createValidator(verifier: SigVerifier = createSigVerifier()): Validator {
  return {
    validateTicket(recipient, ticket, sig, recipientRand) {
      const parties = checkParties(recipient, ticket)
      if (!parties.ok) return parties
      const commitment = checkCommitment(ticket, recipientRand)
      if (!commitment.ok) return commitment
      const fault = verifier.checkOf(ticket.sender)(ticketHash(ticket), sig)
      return fault === null ? ok(undefined) : badSignature(fault, ticket.senderNonce)
    },
    validateSignatures(batch, tickets) {
      const hasher = createTicketHasher(batch.params, batch.expirationParams, batch.sender)
      const check = verifier.checkOf(batch.sender)
      for (const { senderNonce, sig } of tickets) {
        const fault = check(hasher.hash(senderNonce), sig)
        if (fault !== null) return badSignature(fault, senderNonce)
      }
      return ok(undefined)
    },
    isWinningTicket,
    winners({ params }, tickets, recipientRand) {
      const winProb = u256(params.winProb)
      return tickets.filter(({ sig }) => isWinningDraw(sig, recipientRand, winProb))
    },
  }
}

/** Whether a ticket is for this recipient, and from anybody. */
export function checkParties(
  recipient: Address,
  ticket: Pick<Ticket, 'recipient' | 'sender'>,
): Result<void, RailFault> {
  if (ticket.recipient !== recipient) {
    return refuse('fatal', 'INVALID_RECIPIENT', 'invalid ticket recipient')
  }
  if (addressBytes(ticket.sender).every((byte) => byte === 0)) {
    return refuse('fatal', 'INVALID_SENDER', 'invalid ticket sender')
  }
  return ok(undefined)
}

/**
 * Whether recipientRand is what a ticket was committed to. Changed params and params from before a
 * restart look alike; neither is credited, and the remedy for an honest sender is the same.
 */
export function checkCommitment(
  ticket: Pick<Ticket, 'recipientRandHash'>,
  recipientRand: Uint8Array,
): Result<void, RailFault> {
  if (bytesEqual(recipientRandHash(recipientRand), ticket.recipientRandHash)) return ok(undefined)
  const detail = 'invalid recipientRand for ticket recipientRandHash'
  return refuse('new-params', 'UNKNOWN_PARAMS', detail)
}

function badSignature(
  fault: NonNullable<ReturnType<SignerCheck>>,
  senderNonce: number,
): Result<never, RailFault> {
  return fault === 'WRONG_SIGNER'
    ? refuse('fatal', fault, `ticket ${senderNonce} was not signed by its sender`)
    : refuse('fatal', fault, `invalid ticket signature, nonce ${senderNonce}`)
}
