import type { HandOverVerdict, WinnerOutcome } from './redeem-wire.ts'
import { isPending, type Winner } from './winner-store.ts'

const MAX_BACKOFF_BLOCKS = 64n

/** The chain as a pass over the winners sees it. */
export interface HandOverView {
  readonly block: bigint
  readonly round: bigint
  readonly ticketValidityPeriod: bigint
}

/**
 * What a pass should do with a winner.
 *
 * Invariant: a recipientRand leaves this machine only once its params are void for good, so that a
 * redeemer learns nothing it could use in a draw.
 */
export function nextOf(
  winner: Winner,
  view: HandOverView,
  isHeld = false,
): 'hand-over' | 'ask' | 'leave' {
  if (winner.state === 'handed-over') return 'ask'
  if (!isPending(winner) || isHeld) return 'leave'
  const isVoid = winner.ticket.paramsExpirationBlock <= view.block
  return isVoid && winner.notBeforeBlock <= view.block ? 'hand-over' : 'leave'
}

/** Whether nothing can be had for a winner any more. */
export function isOver({ ticket }: Winner, view: HandOverView): boolean {
  return ticket.creationRound + view.ticketValidityPeriod <= view.round
}

/** A winner after the redeemer's word on taking it. What it refuses is offered again, ever later. */
export function afterVerdict(
  winner: Winner,
  { fault, detail }: HandOverVerdict,
  view: HandOverView,
): Winner {
  const { reason: _, ...rest } = winner
  if (fault === null) return { ...rest, state: 'handed-over', notBeforeBlock: 0n }
  const attempts = winner.attempts + 1
  const doubled = 2n ** BigInt(Math.min(attempts, 6))
  const wait = doubled < MAX_BACKOFF_BLOCKS ? doubled : MAX_BACKOFF_BLOCKS
  const reason = `the redeemer refuses it: ${fault}${detail === '' ? '' : `, ${detail}`}`
  return { ...winner, attempts, reason, notBeforeBlock: view.block + wait }
}

/**
 * A winner after the redeemer's word on what became of it, or null when nothing changes.
 *
 * Invariant: whether a ticket was paid is the chain's word (`isUsed`), never the redeemer's.
 */
export function afterOutcome(
  winner: Winner,
  outcome: WinnerOutcome,
  isUsed: boolean,
): Winner | null {
  if (outcome.state === 'pending') return null
  const { reason: _, ...rest } = winner
  if (isUsed) return redeemed(rest, outcome)
  switch (outcome.state) {
    case 'not-held':
      return { ...rest, state: 'waiting', notBeforeBlock: 0n }
    // A payment that this node's chain does not show yet, or no longer shows: asked again.
    case 'redeemed':
      return null
    case 'failed':
    case 'expired':
      return {
        ...rest,
        state: outcome.state,
        ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
      }
  }
}

/** A winner whose round is over and on which the redeemer says nothing: the chain decides. */
export function afterSilence(winner: Winner, isUsed: boolean): Winner {
  if (isUsed) return redeemed(winner, {})
  return { ...winner, state: 'expired', reason: 'ticket is expired' }
}

function redeemed(
  winner: Winner,
  { transactionHash, gasUsed }: Pick<WinnerOutcome, 'transactionHash' | 'gasUsed'>,
): Winner {
  return {
    ...winner,
    state: 'redeemed',
    ...(transactionHash === undefined ? {} : { transactionHash }),
    ...(gasUsed === undefined ? {} : { gasUsed }),
  }
}
