import { ok, type Result } from '../../lib/result.ts'
import { ceilDiv, formatWei, maxBig, minBig, type Wei } from '../../lib/wei.ts'
import type { RailFault } from '../rail.ts'
import { refuse } from './faults.ts'
import { winProbForEv } from './ticket.ts'

/** How a recipient sizes its tickets. */
export interface TicketParamsConfig {
  /** Smallest expected value of a ticket, in wei. */
  readonly minEv: Wei
  /** How many tickets one step should take; up to 3 when the reserve leaves room for less. */
  readonly ticketsPerStep: bigint
  /** faceValue is at least this many times the expected value; 2 or more. */
  readonly evMultiplier: bigint
  /** faceValue is at least this many times the cost of redeeming. */
  readonly txCostMultiplier: bigint
  /** Gas of one redemption, for as long as nobody measures it. */
  readonly redeemGas: bigint
  /** Largest faceValue; 0 means no limit. */
  readonly maxFaceValue: Wei
  /** Blocks for which params are good. */
  readonly paramsLifeBlocks: bigint
}

/** Face value and winning probability of a ticket. */
export interface TicketSize {
  readonly faceValue: Wei
  readonly winProb: bigint
}

/** Limit: tickets of one step when a small reserve asks for smaller tickets. */
const MOST_TICKETS_PER_STEP = 3n

/**
 * Sizes a ticket for a fee: an expected value of a whole share of the fee, a face value that makes
 * redeeming worth its gas, and the winning probability that follows. Pure.
 *
 * When the sender is good for less, face value shrinks first, down to the cost of redeeming, then
 * the expected value, until a step takes three tickets; only below that it is refused.
 *
 * @param redeemCost - what redeeming a ticket costs, in wei
 * @param maxFloat - what the sender is good for, in wei
 */
export function sizeTicket(
  config: TicketParamsConfig,
  feePerStep: Wei,
  redeemCost: Wei,
  maxFloat: Wei,
): Result<TicketSize, RailFault> {
  const evFor = (tickets: bigint): Wei =>
    maxBig(maxBig(ceilDiv(feePerStep, tickets), config.minEv), 1n)
  const target = evFor(config.ticketsPerStep)
  const leastEv = evFor(maxBig(config.ticketsPerStep, MOST_TICKETS_PER_STEP))
  const ceiling = config.maxFaceValue > 0n ? minBig(maxFloat, config.maxFaceValue) : maxFloat
  const floor = maxBig(2n * leastEv, redeemCost)
  if (ceiling < floor) {
    const detail = `the sender's reserve allows a faceValue of ${formatWei(ceiling)}, at least ${formatWei(floor)} is needed`
    return refuse('underfunded', 'INSUFFICIENT_RESERVE', detail)
  }
  const ev = minBig(target, ceiling / 2n)
  const wanted = maxBig(redeemCost * config.txCostMultiplier, ev * config.evMultiplier)
  const faceValue = minBig(wanted, ceiling)
  return ok({ faceValue, winProb: winProbForEv(faceValue, ev) })
}
