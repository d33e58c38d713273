import { bytesEqual } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { ok, type Result } from '../../lib/result.ts'
import { formatWei, maxBig } from '../../lib/wei.ts'
import type { RailFault } from '../rail.ts'
import type { BlockClock } from './chain-clock.ts'
import { refuse } from './faults.ts'
import { ticketLimits } from './limits.ts'
import { hasNonce, isNonceInRange, type NonceWindow } from './nonce-window.ts'
import type { RecipientSecret } from './recipient-secret.ts'
import type { Claimable } from './sender-monitor.ts'
import {
  type SignedTicket,
  type Ticket,
  type TicketBatch,
  type TicketExpirationParams,
  type TicketParams,
  type TicketSenderParams,
  ticketEv,
  ticketOf,
} from './ticket.ts'
import { checkCommitment, checkParties } from './validator.ts'

/** What a batch is checked against before any signature is. */
export interface CheckComponents {
  readonly address: Address
  readonly secret: RecipientSecret
  readonly blocks: BlockClock
}

/** Everything that costs no curve arithmetic; gives back recipientRand. */
export function checkBatch(
  { address, secret, blocks }: CheckComponents,
  batch: TicketBatch,
): Result<Uint8Array, RailFault> {
  const { params, sender, senderParams } = batch
  const { maxNoncesPerParams } = ticketLimits
  const form = checkForm(address, batch)
  if (!form.ok) return form
  const unexpired = checkExpiry(params, blocks)
  if (!unexpired.ok) return unexpired
  const rand = secret.recipientRand(params, sender)
  const commitment = checkCommitment(params, rand)
  if (!commitment.ok) return commitment
  if (!senderParams.every(({ senderNonce }) => isNonceInRange(senderNonce))) {
    return refuse('new-params', 'NONCE_EXHAUSTED', `nonces are 1 to ${maxNoncesPerParams}`)
  }
  return ok(rand)
}

function checkForm(
  address: Address,
  { params, sender, senderParams, expirationParams }: TicketBatch,
): Result<void, RailFault> {
  const { maxTicketsPerPayment } = ticketLimits
  if (senderParams.length > maxTicketsPerPayment) {
    const detail = `at most ${maxTicketsPerPayment} tickets a payment`
    return refuse('fatal', 'TOO_MANY_TICKETS', detail)
  }
  const parties = checkParties(address, { recipient: params.recipient, sender })
  if (!parties.ok) return parties
  if (!isSameExpiration(expirationParams, params.expirationParams)) {
    const detail = 'tickets must use the creation round of their params'
    return refuse('fatal', 'INVALID_EXPIRATION', detail)
  }
  return ok(undefined)
}

function isSameExpiration(a: TicketExpirationParams, b: TicketExpirationParams): boolean {
  const isSameRound = a.creationRound === b.creationRound
  return isSameRound && bytesEqual(a.creationRoundBlockHash, b.creationRoundBlockHash)
}

/** Refuses params that are void. */
export function checkExpiry(
  { expirationBlock }: TicketParams,
  blocks: BlockClock,
): Result<void, RailFault> {
  const now = blocks.now()
  if (expirationBlock > now) return ok(undefined)
  return refuse(
    'new-params',
    'PARAMS_EXPIRED',
    `params expired at block ${expirationBlock}, now ${now}`,
  )
}

/**
 * Whether what a sender's winners can be paid from has room for one more of this face value, and for
 * all that the batch would be credited. Winners that wait already are counted in full, so credit
 * is never given beyond what the chain would pay.
 */
export function checkRoom(batch: TicketBatch, claimable: Claimable): Result<void, RailFault> {
  const { params, senderParams } = batch
  const { deposit, reserveShare, pending, room } = claimable
  const needed = maxBig(params.faceValue, ticketEv(params) * BigInt(senderParams.length))
  if (needed <= room) return ok(undefined)
  const detail =
    `${formatWei(needed)} more could be won, but deposit ${formatWei(deposit)} and reserve share ` +
    `${formatWei(reserveShare)} less ${formatWei(pending)} of waiting winners leave ${formatWei(room)}`
  return refuse('underfunded', 'CLAIMABLE_EXCEEDED', detail)
}

/** The tickets of a batch not admitted before, each nonce once. */
export function freshTickets(window: NonceWindow, batch: TicketBatch): TicketSenderParams[] {
  const inBatch = new Set<number>()
  return batch.senderParams.filter(({ senderNonce }) => {
    if (hasNonce(window, senderNonce) || inBatch.has(senderNonce)) return false
    inBatch.add(senderNonce)
    return true
  })
}

/** One ticket as a batch under the params it names. */
export function batchOf(ticket: Ticket, sig: Uint8Array, seed: Uint8Array): TicketBatch {
  const { recipient, faceValue, winProb, recipientRandHash: hash, sender, senderNonce } = ticket
  const { creationRound, creationRoundBlockHash, paramsExpirationBlock } = ticket
  const expirationParams = { creationRound, creationRoundBlockHash }
  return {
    params: {
      recipient,
      faceValue,
      winProb,
      recipientRandHash: hash,
      seed,
      expirationBlock: paramsExpirationBlock,
      expirationParams,
    },
    expirationParams,
    sender,
    senderParams: [{ senderNonce, sig }],
  }
}

/** One ticket of a batch with the number that decides whether it won. */
export function signedTicket(
  { params, expirationParams, sender }: TicketBatch,
  { senderNonce, sig }: TicketSenderParams,
  recipientRand: Uint8Array,
): SignedTicket {
  return { ...ticketOf(params, expirationParams, sender, senderNonce), sig, recipientRand }
}
