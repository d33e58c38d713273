import type { Wei } from '../../lib/wei.ts'
import type { Wins } from './luck.ts'
import { MAX_WIN_PROB, type TicketParams, ticketEv } from './ticket.ts'

/** Tickets added up, of whatever terms. */
export interface TicketSums {
  readonly tickets: number
  readonly evWei: Wei
  /** Σ winProb, in parts of 2^64. */
  readonly expectedWins: bigint
  /** Σ winProb × (1 − winProb), in parts of 2^64. */
  readonly winVariance: bigint
  /** Σ faceValue² × winProb × (1 − winProb), in wei². */
  readonly valueVariance: bigint
}

/** Wins added up. */
export interface WinSums {
  readonly count: number
  readonly faceValueWei: Wei
}

/** Which side of the tickets an account of the ledger is about. */
export type LedgerSide = 'sent' | 'received'

/** The tickets exchanged with one counterparty, and what became of them as far as is durable here. */
export interface LedgerAccount {
  readonly sums: TicketSums
  /** Winners among the tickets received; of those sent, the ones seen redeemed on chain. */
  readonly won: WinSums
  /** What the chain moved for those that were sent; 0 for those received. */
  readonly paidWei: Wei
}

/** Nothing counted yet. */
export const emptySums: TicketSums = {
  tickets: 0,
  evWei: 0n,
  expectedWins: 0n,
  winVariance: 0n,
  valueVariance: 0n,
}

/** An account in which nothing has happened. */
export const emptyLedgerAccount: LedgerAccount = {
  sums: emptySums,
  won: { count: 0, faceValueWei: 0n },
  paidWei: 0n,
}

const PARTS_BITS = 64n
const PARTS = 1n << PARTS_BITS

/** The sums with more tickets of the same terms. Pure. */
export function addTickets(
  sums: TicketSums,
  terms: Pick<TicketParams, 'faceValue' | 'winProb'>,
  tickets: number,
): TicketSums {
  const count = BigInt(tickets)
  const p = (terms.winProb << PARTS_BITS) / (MAX_WIN_PROB + 1n)
  const variance = (p * (PARTS - p)) >> PARTS_BITS
  return {
    tickets: sums.tickets + tickets,
    evWei: sums.evWei + ticketEv(terms) * count,
    expectedWins: sums.expectedWins + p * count,
    winVariance: sums.winVariance + variance * count,
    valueVariance:
      sums.valueVariance + ((terms.faceValue * terms.faceValue * variance) >> PARTS_BITS) * count,
  }
}

/** Both sums together. Pure. */
export function joinSums(a: TicketSums, b: TicketSums): TicketSums {
  return {
    tickets: a.tickets + b.tickets,
    evWei: a.evWei + b.evWei,
    expectedWins: a.expectedWins + b.expectedWins,
    winVariance: a.winVariance + b.winVariance,
    valueVariance: a.valueVariance + b.valueVariance,
  }
}

/** One sum without another that is part of it; never below nothing. Pure. */
export function withoutSums(all: TicketSums, part: TicketSums): TicketSums {
  const less = (a: bigint, b: bigint): bigint => (a > b ? a - b : 0n)
  return {
    tickets: Math.max(0, all.tickets - part.tickets),
    evWei: less(all.evWei, part.evWei),
    expectedWins: less(all.expectedWins, part.expectedWins),
    winVariance: less(all.winVariance, part.winVariance),
    valueVariance: less(all.valueVariance, part.valueVariance),
  }
}

/** The account with tickets exchanged, some of which won. Pure. */
export function accountTickets(
  account: LedgerAccount,
  terms: Pick<TicketParams, 'faceValue' | 'winProb'>,
  { tickets, won }: { readonly tickets: number; readonly won: number },
): LedgerAccount {
  return {
    ...account,
    sums: addTickets(account.sums, terms, tickets),
    won: addWins(account.won, won, terms.faceValue * BigInt(won)),
  }
}

/** The sums with more wins. Pure. */
export function addWins(wins: WinSums, count: number, faceValueWei: Wei): WinSums {
  return { count: wins.count + count, faceValueWei: wins.faceValueWei + faceValueWei }
}

/** What sums say of the number of wins. */
export function expectedWins({ expectedWins: mean, winVariance }: TicketSums): Wins {
  return { mean: inParts(mean), variance: inParts(winVariance) }
}

/** How many of so many tickets are to be expected to win. */
export function expectedWinsOf(
  terms: Pick<TicketParams, 'faceValue' | 'winProb'>,
  tickets: number,
): number {
  return expectedWins(addTickets(emptySums, terms, tickets)).mean
}

/** Standard deviation of what the tickets of sums win, in wei, rounded down. */
export function valueDeviation({ valueVariance }: TicketSums): Wei {
  if (valueVariance < 2n) return valueVariance
  let root = 1n << BigInt((valueVariance.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + valueVariance / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

function inParts(value: bigint): number {
  return Number(value >> PARTS_BITS) + Number(value & (PARTS - 1n)) / Number(PARTS)
}
