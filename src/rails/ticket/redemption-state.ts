import type { Wei } from '../../lib/wei.ts'
import type { Winner } from './winner-store.ts'

/** The chain as one pass over the winners sees it. */
export interface RedemptionView {
  readonly block: bigint
  readonly round: bigint
  readonly ticketValidityPeriod: bigint
  readonly gasPrice: Wei
}

/** What happened to one winner. */
export type RedemptionEvent =
  | { readonly type: 'used-on-chain' }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'simulated'; readonly gas: bigint }
  | { readonly type: 'reverted'; readonly transactionHash: string; readonly reason: string }
  | { readonly type: 'mined'; readonly transactionHash: string; readonly gasUsed: bigint }
  | { readonly type: 'unreachable'; readonly reason: string }

/** The winner as it now stands, and whether its redemption is to be sent. */
export interface RedemptionStep {
  readonly winner: Winner
  readonly send: boolean
}

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
const MAX_BACKOFF_BLOCKS = 64n

/**
 * What a pass should do with a winner before it asks the chain.
 *
 * Invariant: a recipientRand is revealed only once its params are void for good.
 */
export function due(winner: Winner, view: RedemptionView): 'expire' | 'try' | 'leave' {
  const { ticket } = winner
  if (winner.state === 'submitted') return 'try'
  if (winner.state !== 'waiting') return 'leave'
  if (ticket.creationRound + view.ticketValidityPeriod <= view.round) return 'expire'
  if (ticket.paramsExpirationBlock > view.block || winner.notBeforeBlock > view.block)
    return 'leave'
  return 'try'
}

/** The winner after its round is over. */
export function expire(winner: Winner): Winner {
  return { ...winner, state: 'expired', reason: EXPIRED }
}

/**
 * Advances one winner. Pure; the caller stores the result before it sends anything.
 *
 * A redemption that costs more than it brings waits for cheaper gas until its round is over.
 */
export function step(winner: Winner, event: RedemptionEvent, view: RedemptionView): RedemptionStep {
  switch (event.type) {
    case 'used-on-chain':
      return settled({ ...winner, state: 'redeemed' })
    case 'mined':
      return settled({
        ...winner,
        state: 'redeemed',
        transactionHash: event.transactionHash,
        gasUsed: event.gasUsed,
      })
    case 'refused':
      if (event.reason === EXPIRED) return settled(expire(winner))
      if (PERMANENT.includes(event.reason)) {
        return settled({ ...winner, state: 'failed', reason: event.reason })
      }
      return settled(later(winner, event.reason, view))
    case 'reverted':
      return settled(
        later({ ...winner, transactionHash: event.transactionHash }, event.reason, view),
      )
    case 'unreachable':
      return settled(later(winner, event.reason, view))
    case 'simulated':
      if (event.gas * view.gasPrice >= winner.ticket.faceValue) {
        return settled(later(winner, 'redeeming costs more than the face value', view))
      }
      return {
        winner: { ...winner, state: 'submitted', attempts: winner.attempts + 1 },
        send: true,
      }
  }
}

function settled(winner: Winner): RedemptionStep {
  return { winner, send: false }
}

/** Each winner backs off alone, so one bad ticket holds up no other. */
function later(winner: Winner, reason: string, view: RedemptionView): Winner {
  const attempts = winner.attempts + 1
  const doubled = 2n ** BigInt(Math.min(attempts, 6))
  const wait = doubled < MAX_BACKOFF_BLOCKS ? doubled : MAX_BACKOFF_BLOCKS
  return { ...winner, state: 'waiting', attempts, reason, notBeforeBlock: view.block + wait }
}
