import { ticketLimits } from './limits.ts'
import type { Winner } from './winner-record.ts'

/**
 * What happened to one winner.
 *
 * `submitted` stands for the decision to send; its transaction must be named before it is made.
 */
export type RedemptionEvent =
  | { readonly type: 'used-on-chain' }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'simulated'; readonly gas: bigint }
  | { readonly type: 'submitted'; readonly transactionId: string; readonly shares: number }
  | {
      readonly type: 'unpaid'
      readonly transactionHash: string
      readonly gasShare: bigint
      readonly reason: string
    }
  | { readonly type: 'mined'; readonly transactionHash: string; readonly gasShare: bigint }
  | { readonly type: 'not-sent'; readonly reason: string }
  | { readonly type: 'unreachable'; readonly reason: string }
  | { readonly type: 'vanished' }
  | { readonly type: 'settled' }
  | { readonly type: 'round-over' }

/** Refusals that no later block can turn into a payment. */
const PERMANENT: readonly string[] = [
  'ticket recipient is null address',
  'ticket sender is null address',
  'invalid length for ticket auxData: must be 64 bytes',
  'ticket creationRound does not have a block hash',
  'ticket creationRoundBlockHash invalid for creationRound',
  'recipientRand does not match recipientRandHash',
  'invalid signature over ticket hash',
  'INVALID_SIGNATURE_LENGTH',
  "ECDSA: invalid signature 's' value",
  "ECDSA: invalid signature 'v' value",
  'ticket did not win',
]
const EXPIRED = 'ticket is expired'

/** Advances one winner. Pure; the caller stores the result before it sends anything. */
export function step(winner: Winner, event: RedemptionEvent, block: bigint): Winner {
  switch (event.type) {
    case 'used-on-chain': {
      // Somebody else's transaction paid it, so none of its own is to be followed again.
      const { transactionId: _, shares: __, ...rest } = winner
      return paid(rest, block)
    }
    case 'mined': {
      const { transactionHash, gasShare } = event
      return { ...paid(winner, block), transactionHash, gasUsed: gasShare }
    }
    case 'round-over':
      return { ...winner, state: 'expired', reason: EXPIRED }
    case 'refused':
      if (event.reason === EXPIRED) return step(winner, { type: 'round-over' }, block)
      if (PERMANENT.includes(event.reason)) {
        return { ...winner, state: 'failed', reason: event.reason }
      }
      return later(winner, event.reason, block)
    case 'unpaid': {
      const { transactionHash, gasShare, reason } = event
      const lostGas = (winner.lostGas ?? 0n) + gasShare
      const known = transactionHash === '' ? {} : { transactionHash }
      return step({ ...winner, ...known, lostGas }, { type: 'refused', reason }, block)
    }
    case 'not-sent':
      return later(winner, event.reason, block)
    case 'unreachable':
      // What was submitted may have been sent: it is asked for again under its id.
      if (winner.state === 'submitted') return { ...winner, reason: event.reason }
      return later(winner, event.reason, block)
    case 'simulated':
      return { ...winner, gasEstimate: event.gas }
    case 'submitted': {
      const { transactionId, shares } = event
      const attempts = winner.attempts + 1
      return { ...winner, state: 'submitted', attempts, transactionId, shares }
    }
    case 'vanished':
      return unpaid(winner)
    case 'settled': {
      const { paidBlock: _, ...rest } = winner
      return rest
    }
  }
}

/** Paid, as far as the block that was seen says so. */
function paid({ reason: _, ...winner }: Winner, block: bigint): Winner {
  return { ...winner, state: 'redeemed', paidBlock: block }
}

/** Not paid after all: its own transaction is followed again, if it had one. */
function unpaid({ paidBlock: _, gasUsed: __, ...winner }: Winner): Winner {
  const state = winner.transactionId === undefined ? 'waiting' : 'submitted'
  return { ...winner, state, notBeforeBlock: 0n, reason: 'its payment was reorganised away' }
}

/** Each winner backs off alone, so one bad ticket holds up no other. */
function later(winner: Winner, reason: string, block: bigint): Winner {
  const attempts = winner.attempts + 1
  const doubled = 2n ** BigInt(Math.min(attempts, 6))
  const most = ticketLimits.maxBackoffBlocks
  const wait = doubled < most ? doubled : most
  return { ...winner, state: 'waiting', attempts, reason, notBeforeBlock: block + wait }
}
