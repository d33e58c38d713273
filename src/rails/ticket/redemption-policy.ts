import { formatWei, type Ratio, type Wei } from '../../lib/wei.ts'
import type { OperatorOrder } from './winner-orders.ts'
import type { Winner } from './winner-record.ts'

/** The chain as one pass over the winners sees it. */
export interface RedemptionView {
  readonly block: bigint
  readonly round: bigint
  readonly ticketValidityPeriod: bigint
  readonly gasPrice: Wei
  /** What a redemption uses that was not simulated yet. */
  readonly redeemGas: bigint
  /** The share of the current round that is over; null when nobody can tell. */
  readonly roundElapsed: number | null
}

/** When a winner is worth its gas, and for how long it waits for others. */
export interface RedemptionPolicy {
  /** Most of the face value that its redemption may cost before the deadline nears. */
  readonly maxCostShare: Ratio
  /** At or below this price of gas the share does not matter. */
  readonly cheapGasPrice: Wei
  /** The deadline is near in this last share of the last round in which a ticket is valid. */
  readonly deadlineShare: number
  /** Blocks that a winner waits for others to share a transaction with. */
  readonly companyBlocks: bigint
  /** Winners of one transaction at most. */
  readonly maxBatch: number
}

/**
 * The policy of a redemption that knows nothing of how its tickets were made: any gas that costs less
 * than it brings. Who made them should configure a share.
 */
export const defaultPolicy: RedemptionPolicy = {
  maxCostShare: { num: 1n, den: 1n },
  cheapGasPrice: 0n,
  deadlineShare: 0.25,
  companyBlocks: 2n,
  maxBatch: 20,
}

/** Why a winner that is not settled is not being sent. */
export interface Waiting {
  readonly code: WaitCode
  /** For the operator. */
  readonly text: string
  /** The block at which it is looked at again, where one is known. */
  readonly untilBlock?: bigint
}

/**
 * - `PARAMS_LIVE`: redeeming shows recipientRand, with which tickets under the same params could be won
 * - `BACKING_OFF`: the chain did not pay it the last time
 * - `HELD`: by the operator
 * - `COSTS_MORE`: than it brings
 * - `GAS_DEAR`: it would cost more than the configured share
 * - `AWAITS_COMPANY`: others may share its transaction
 * - `IN_FLIGHT`: its transaction is not mined yet
 * - `HANDED_OVER`: a redeemer has it
 */
export type WaitCode =
  | 'PARAMS_LIVE'
  | 'BACKING_OFF'
  | 'HELD'
  | 'COSTS_MORE'
  | 'GAS_DEAR'
  | 'AWAITS_COMPANY'
  | 'IN_FLIGHT'
  | 'HANDED_OVER'

/** What is to be done with a winner now. */
export type Decision =
  | { readonly type: 'settled' }
  | { readonly type: 'follow'; readonly why: Waiting }
  | { readonly type: 'expire' }
  | { readonly type: 'leave'; readonly why: Waiting }
  /** `patient` ones wait for company, unless there is enough of it. */
  | { readonly type: 'redeem'; readonly patient: boolean; readonly why?: Waiting }

/**
 * Decides on one winner. Pure.
 *
 * Invariant: a recipientRand is revealed only once its params are void for good, whoever orders it.
 */
export function decide(
  winner: Winner,
  view: RedemptionView,
  policy: RedemptionPolicy,
  order?: OperatorOrder,
): Decision {
  const { ticket, state } = winner
  if (state === 'submitted') return { type: 'follow', why: IN_FLIGHT }
  if (state === 'handed-over') return leave('HANDED_OVER', 'a redeemer has it')
  if (state !== 'waiting') return { type: 'settled' }
  if (ticket.creationRound + view.ticketValidityPeriod <= view.round) return { type: 'expire' }
  if (order === 'hold') return leave('HELD', 'held by the operator')
  if (ticket.paramsExpirationBlock > view.block) {
    return leave('PARAMS_LIVE', 'its params are not void yet', ticket.paramsExpirationBlock)
  }
  if (winner.notBeforeBlock > view.block) {
    return leave('BACKING_OFF', winner.reason ?? 'it failed before', winner.notBeforeBlock)
  }
  const dear = judgeCost(winner, view, policy, order)
  if (dear !== null) return { type: 'leave', why: dear }
  return company(winner, view, policy, order)
}

/** Whether the last round in which a ticket is valid draws to its end. */
export function isDeadlineNear(
  { ticket }: Winner,
  { round, ticketValidityPeriod, roundElapsed }: RedemptionView,
  { deadlineShare }: RedemptionPolicy,
): boolean {
  if (ticket.creationRound + ticketValidityPeriod > round + 1n) return false
  // Without a clock the whole last round counts.
  return roundElapsed === null || roundElapsed >= 1 - deadlineShare
}

/** Why gas is too dear for a winner now; null when it is not. */
function judgeCost(
  winner: Winner,
  view: RedemptionView,
  policy: RedemptionPolicy,
  order: OperatorOrder | undefined,
): Waiting | null {
  if (order === 'redeem-at-a-loss') return null
  const { faceValue } = winner.ticket
  const cost = (winner.gasEstimate ?? view.redeemGas) * view.gasPrice
  const price = `redeeming costs ${formatWei(cost)}`
  if (cost >= faceValue) {
    return { code: 'COSTS_MORE', text: `${price}, the face value is ${formatWei(faceValue)}` }
  }
  if (order === 'redeem' || isDeadlineNear(winner, view, policy)) return null
  const { num, den } = policy.maxCostShare
  if (view.gasPrice <= policy.cheapGasPrice || cost * den <= faceValue * num) return null
  const most = formatWei((faceValue * num) / den)
  return { code: 'GAS_DEAR', text: `${price}, at most ${most} before the deadline nears` }
}

function company(
  winner: Winner,
  view: RedemptionView,
  policy: RedemptionPolicy,
  order: OperatorOrder | undefined,
): Decision {
  const { paramsExpirationBlock } = winner.ticket
  const { notBeforeBlock } = winner
  const since = paramsExpirationBlock > notBeforeBlock ? paramsExpirationBlock : notBeforeBlock
  const until = since + policy.companyBlocks
  const hurries = order !== undefined || isDeadlineNear(winner, view, policy)
  if (hurries || policy.maxBatch <= 1 || until <= view.block) {
    return { type: 'redeem', patient: false }
  }
  const text = 'others may share its transaction'
  return { type: 'redeem', patient: true, why: { code: 'AWAITS_COMPANY', text, untilBlock: until } }
}

const IN_FLIGHT: Waiting = { code: 'IN_FLIGHT', text: 'its transaction is not mined yet' }

function leave(code: WaitCode, text: string, untilBlock?: bigint): Decision {
  return { type: 'leave', why: { code, text, ...(untilBlock === undefined ? {} : { untilBlock }) } }
}
