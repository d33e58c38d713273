import { ok, type Result } from '../../lib/result.ts'
import { formatWei, maxBig, minBig, type Wei } from '../../lib/wei.ts'
import type { RailFault } from '../rail.ts'
import { refuse } from './faults.ts'
import { winProbForEv } from './ticket.ts'

/** How a recipient sizes its tickets. */
export interface TicketParamsConfig {
  /** Smallest expected value of a ticket, in wei. */
  readonly minEv: Wei
  /** How many tickets one step should take. */
  readonly ticketsPerStep: bigint
  /** faceValue is at least this many times the expected value; 2 or more. */
  readonly evMultiplier: bigint
  /** faceValue is at least this many times the cost of redeeming. */
  readonly txCostMultiplier: bigint
  /** Gas of one redemption. */
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

/**
 * Sizes a ticket for a fee: an expected value of a whole share of the fee, a face value that makes
 * redeeming worth its gas, and the winning probability that follows. Pure.
 *
 * @param maxFloat - what the sender is good for, in wei
 */
export function sizeTicket(
  config: TicketParamsConfig,
  feePerStep: Wei,
  gasPrice: Wei,
  maxFloat: Wei,
): Result<TicketSize, RailFault> {
  const share = (feePerStep + config.ticketsPerStep - 1n) / config.ticketsPerStep
  const ev = maxBig(maxBig(share, config.minEv), 1n)
  const txCost = config.redeemGas * gasPrice
  const wanted = maxBig(txCost * config.txCostMultiplier, ev * config.evMultiplier)
  const ceiling = config.maxFaceValue > 0n ? minBig(maxFloat, config.maxFaceValue) : maxFloat
  const faceValue = minBig(wanted, ceiling)
  if (faceValue < 2n * ev || faceValue < txCost) {
    const floor = maxBig(2n * ev, txCost)
    const detail = `the sender's reserve allows a faceValue of ${formatWei(faceValue)}, at least ${formatWei(floor)} is needed`
    return refuse('underfunded', 'INSUFFICIENT_RESERVE', detail)
  }
  return ok({ faceValue, winProb: winProbForEv(faceValue, ev) })
}
