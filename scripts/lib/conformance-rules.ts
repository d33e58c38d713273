import type { TicketVector } from './conformance-file.ts'
import { isCheckOfOrder } from './conformance-verdicts.ts'

/** What a redemption did. */
export interface RedemptionOutcome {
  readonly accepted: boolean
  /** Why not; null when it was accepted. */
  readonly reason: string | null
  readonly amountPaidWei: bigint
}

/** What our broker must do, and by which rule that differs from the vector's own chain. */
export interface ExpectedOutcome extends RedemptionOutcome {
  readonly differs: string | null
}

const INSUFFICIENT = 'sender deposit and reserve insufficient to cover ticket face value'
const UNREGISTERED = 'transcoder must be registered'

/** Where our broker differs on purpose; `contracts/README.md` explains. */
export const rules = {
  whole: 'a ticket is paid its whole face value or stays unused',
  nothing: 'a ticket is never used up for nothing',
  order: 'deposit and reserve are compared with the face value before the registration',
  shares: 'shares of a reserve do not move within a round',
  inactive: 'a registered recipient without a share of the round is paid from the deposit',
} as const

/** How the vector's chain ended, as far as a rule of ours can stand against it. */
type ChainFault = 'underpaid' | 'panicked' | 'unregistered' | 'none'

/**
 * What our broker must do with a vector, decided from its state and ticket alone. Where that is not
 * what the vector's chain did, and a rule of ours covers how that chain ended, the rule is named.
 */
export function expectedOutcome(vector: TicketVector): ExpectedOutcome {
  const { accepted, revertReason, amountPaid } = vector.result
  const theirs: RedemptionOutcome = {
    accepted,
    reason: accepted ? null : revertReason,
    amountPaidWei: BigInt(amountPaid),
  }
  // The checks before the payment are the same in both.
  if (!accepted && isCheckOfOrder(revertReason)) return { ...theirs, differs: null }
  const ours = payment(vector)
  if (ours.accepted === theirs.accepted && ours.reason === theirs.reason) {
    if (ours.amountPaidWei === theirs.amountPaidWei) return { ...ours, differs: null }
  }
  const differs = ruleAgainst(vector, ours, faultOf(vector))
  return differs === null ? { ...theirs, differs } : { ...ours, differs }
}

/** The payment of a ticket that passed every check of its own. */
function payment({ pre, ticket }: TicketVector): RedemptionOutcome {
  const faceValue = BigInt(ticket.faceValue)
  const deposit = BigInt(pre.senderDeposit)
  const reserve = BigInt(pre.reserveRemaining)
  const refuse = (reason: string): RedemptionOutcome => {
    return { accepted: false, reason, amountPaidWei: 0n }
  }
  const paid: RedemptionOutcome = { accepted: true, reason: null, amountPaidWei: faceValue }
  if (faceValue === 0n) return paid
  if (faceValue > deposit + reserve) return refuse(INSUFFICIENT)
  if (!pre.recipientRegistered) return refuse(UNREGISTERED)
  if (faceValue - deposit > claimableOf(pre)) return refuse(INSUFFICIENT)
  return paid
}

function claimableOf(pre: TicketVector['pre']): bigint {
  if (!pre.recipientActive) return 0n
  const reserve = BigInt(pre.reserveRemaining)
  const divided = reserve + BigInt(pre.reserveClaimedInCurrentRound)
  const left = divided / poolAtStart(pre) - BigInt(pre.reserveClaimedByRecipientInRound)
  if (left <= 0n) return 0n
  return left < reserve ? left : reserve
}

/**
 * How many orchestrators were active when the round began. A recipient that has claimed more than
 * its share of the pool got it from a smaller one: the rest joined since.
 */
export function poolAtStart(pre: TicketVector['pre']): bigint {
  const size = BigInt(pre.activePoolSize)
  const own = BigInt(pre.reserveClaimedByRecipientInRound)
  const divided = BigInt(pre.reserveRemaining) + BigInt(pre.reserveClaimedInCurrentRound)
  if (!pre.recipientActive) return size
  if (size === 0n) return 1n
  if (divided / size >= own || divided < own) return size
  return divided / own
}

function faultOf({ ticket, result }: TicketVector): ChainFault {
  const { accepted, revertReason, amountPaid } = result
  if (accepted) return BigInt(amountPaid) < BigInt(ticket.faceValue) ? 'underpaid' : 'none'
  if (revertReason === UNREGISTERED) return 'unregistered'
  return revertReason === INSUFFICIENT ? 'none' : 'panicked'
}

function ruleAgainst(
  { pre, ticket }: TicketVector,
  ours: RedemptionOutcome,
  fault: ChainFault,
): string | null {
  if (ours.reason === UNREGISTERED) return fault === 'underpaid' ? rules.nothing : null
  if (ours.reason === INSUFFICIENT) {
    if (fault === 'none') return sharesMoved(pre) ? rules.shares : null
    if (fault === 'unregistered') return pre.recipientRegistered ? null : rules.order
    return fault === 'panicked' && pre.recipientActive ? rules.shares : rules.whole
  }
  if (fault === 'none' || fault === 'unregistered') return null
  if (!pre.recipientActive) return rules.inactive
  return BigInt(ticket.faceValue) > BigInt(pre.senderDeposit) ? rules.shares : null
}

/** Whether the vector's chain divides the reserve otherwise than the round's start would. */
function sharesMoved(pre: TicketVector['pre']): boolean {
  return pre.claimableByRecipient !== null && BigInt(pre.claimableByRecipient) !== claimableOf(pre)
}
