import type { Wei } from '../../lib/wei.ts'
import { WINNER_STATES, type Winner, type WinnerState } from './winner-record.ts'

/** Totals over all winners. */
export interface WinnerTotals {
  readonly count: Readonly<Record<WinnerState, number>>
  readonly faceValue: Readonly<Record<WinnerState, Wei>>
  readonly gasUsed: bigint
}

/** {@link WinnerTotals} as they are kept. */
export interface MutableTotals {
  count: Record<WinnerState, number>
  faceValue: Record<WinnerState, Wei>
  gasUsed: bigint
}

/** Nothing counted yet. */
export function emptyTotals(): MutableTotals {
  const of = <T>(zero: T): Record<WinnerState, T> =>
    Object.fromEntries(WINNER_STATES.map((state) => [state, zero])) as Record<WinnerState, T>
  return { count: of(0), faceValue: of(0n), gasUsed: 0n }
}

/** Counts a winner, or with a sign of -1 takes it out. */
export function countWinner(totals: MutableTotals, winner: Winner, sign: 1 | -1): void {
  totals.count[winner.state] += sign
  totals.faceValue[winner.state] += BigInt(sign) * winner.ticket.faceValue
  totals.gasUsed += BigInt(sign) * ((winner.gasUsed ?? 0n) + (winner.lostGas ?? 0n))
}
