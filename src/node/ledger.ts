import type { OrderRecord } from '../exchange/order.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Wei } from '../lib/wei.ts'
import type { OutstandingTickets } from '../rails/ticket/exposure.ts'
import { outstandingByRecipient } from '../rails/ticket/exposure-guard.ts'
import {
  addTickets,
  emptySums,
  expectedWins,
  joinSums,
  type LedgerAccount,
  type LedgerSide,
  type TicketSums,
  valueDeviation,
  withoutSums,
} from '../rails/ticket/ledger.ts'
import type { Ledger } from '../rails/ticket/ledger-store.ts'
import { ticketLimits } from '../rails/ticket/limits.ts'
import { type Luck, luckOf } from '../rails/ticket/luck.ts'
import { isPending } from '../rails/ticket/winner-record.ts'
import type { WinnerStore } from '../rails/ticket/winner-store.ts'

/** A number of tickets, and what they are worth in wei. */
export interface CountedValue {
  readonly count: number
  readonly valueWei: Wei
}

/** What was expected, won and paid between this node and one counterparty, or all. Amounts in wei. */
export interface LedgerRow {
  readonly tickets: number
  readonly evWei: Wei
  /** Standard deviation of what the tickets win. */
  readonly deviationWei: Wei
  readonly expectedWins: number
  /** Winners at face value; of tickets sent, those the chain has shown. */
  readonly won: CountedValue
  /** Received: winners on their way to the chain. Sent: tickets whose win may still come, at EV. */
  readonly open: CountedValue
  /** What the chain has moved. */
  readonly paid: CountedValue
  readonly gasUsed: bigint
  /** Winners that expired, or that the chain refused for good. */
  readonly lost: CountedValue
  /** What the work cost by the orders. */
  readonly feesWei: Wei
  readonly luck: Luck
}

/** The ledger as the status shows it. */
export interface LedgerStatus {
  readonly side: LedgerSide
  readonly total: LedgerRow
  /** By counterparty, those with the most expected value first. */
  readonly rows: readonly (LedgerRow & { readonly counterparty: Address })[]
  /** Counterparties that are not listed. */
  readonly omitted: number
}

/** What is known of an account beside its tickets. */
interface Beside {
  readonly outstanding: TicketSums
  readonly outcome: Outcome
  readonly feesWei: Wei
}

interface Outcome {
  readonly open: CountedValue
  readonly paid: CountedValue
  readonly lost: CountedValue
  readonly gasUsed: bigint
}

const NONE: CountedValue = { count: 0, valueWei: 0n }
const NO_OUTCOME: Outcome = { open: NONE, paid: NONE, lost: NONE, gasUsed: 0n }
const NOTHING: Beside = { outstanding: emptySums, outcome: NO_OUTCOME, feesWei: 0n }

/** The ledger of tickets sent: wins are known once the chain shows them. */
export async function sentLedger(
  ledger: Ledger,
  orders: AsyncIterable<OrderRecord>,
  outstanding: readonly OutstandingTickets[],
): Promise<LedgerStatus> {
  const shares = outstandingByRecipient(outstanding)
  const fees = await feesBy(orders, ({ provider }) => provider)
  return statusOf('sent', ledger, (address, { won, paidWei }) => {
    const open = (shares.get(address) ?? []).reduce(
      (sums, group) => addTickets(sums, group, group.tickets),
      emptySums,
    )
    return {
      outstanding: open,
      outcome: {
        ...NO_OUTCOME,
        open: { count: open.tickets, valueWei: open.evWei },
        paid: { count: won.count, valueWei: paidWei },
      },
      feesWei: fees.get(address) ?? 0n,
    }
  })
}

/** The ledger of tickets received: a recipient knows its winners at once. */
export async function receivedLedger(
  ledger: Ledger,
  orders: AsyncIterable<OrderRecord>,
  outcomes: WinnerOutcomes,
): Promise<LedgerStatus> {
  const fees = await feesBy(orders, ({ payer }) => payer)
  const bySender = await outcomes.bySender()
  return statusOf('received', ledger, (address) => ({
    outstanding: emptySums,
    outcome: bySender.get(address) ?? NO_OUTCOME,
    feesWei: fees.get(address) ?? 0n,
  }))
}

/** What became of winners, by who sent them. */
export interface WinnerOutcomes {
  bySender(): Promise<ReadonlyMap<Address, Outcome>>
}

/** Outcomes that are added up anew only after one has changed. */
export function createWinnerOutcomes(
  winners: Pick<WinnerStore, 'all' | 'onPendingChange'>,
): WinnerOutcomes {
  let added: Promise<ReadonlyMap<Address, Outcome>> | undefined
  winners.onPendingChange(() => (added = undefined))
  const add = async (): Promise<ReadonlyMap<Address, Outcome>> => {
    const outcomes = new Map<Address, Outcome>()
    for await (const winner of winners.all()) {
      const { sender, faceValue } = winner.ticket
      const outcome = outcomes.get(sender) ?? NO_OUTCOME
      const fate = winner.state === 'redeemed' ? 'paid' : isPending(winner) ? 'open' : 'lost'
      const gasUsed = outcome.gasUsed + (winner.gasUsed ?? 0n)
      outcomes.set(sender, { ...outcome, gasUsed, [fate]: more(outcome[fate], 1, faceValue) })
    }
    return outcomes
  }
  return {
    async bySender() {
      added ??= add()
      const adding = added
      try {
        return await adding
      } catch (error) {
        if (added === adding) added = undefined
        throw error
      }
    },
  }
}

async function statusOf(
  side: LedgerSide,
  ledger: Ledger,
  besideOf: (address: Address, account: LedgerAccount) => Beside,
): Promise<LedgerStatus> {
  const rows: (LedgerRow & { counterparty: Address })[] = []
  let all: LedgerAccount = { sums: emptySums, won: { count: 0, faceValueWei: 0n }, paidWei: 0n }
  let beside = NOTHING
  for await (const [counterparty, account] of ledger.accounts(side)) {
    const own = besideOf(counterparty, account)
    rows.push({ counterparty, ...rowOf(account, own) })
    all = {
      sums: joinSums(all.sums, account.sums),
      won: {
        count: all.won.count + account.won.count,
        faceValueWei: all.won.faceValueWei + account.won.faceValueWei,
      },
      paidWei: all.paidWei + account.paidWei,
    }
    beside = joined(beside, own)
  }
  rows.sort((a, b) => (a.evWei === b.evWei ? 0 : a.evWei > b.evWei ? -1 : 1))
  const { maxLedgerRows } = ticketLimits
  return {
    side,
    total: rowOf(all, beside),
    rows: rows.slice(0, maxLedgerRows),
    omitted: Math.max(0, rows.length - maxLedgerRows),
  }
}

function rowOf({ sums, won }: LedgerAccount, { outstanding, outcome, feesWei }: Beside): LedgerRow {
  const expected = expectedWins(sums)
  const settled = expectedWins(withoutSums(sums, outstanding))
  return {
    tickets: sums.tickets,
    evWei: sums.evWei,
    deviationWei: valueDeviation(sums),
    expectedWins: Math.round(expected.mean * 1e6) / 1e6,
    won: { count: won.count, valueWei: won.faceValueWei },
    ...outcome,
    feesWei,
    luck: luckOf(won.count, settled, expected),
  }
}

function joined(a: Beside, b: Beside): Beside {
  const both = (of: 'open' | 'paid' | 'lost'): CountedValue =>
    more(a.outcome[of], b.outcome[of].count, b.outcome[of].valueWei)
  return {
    outstanding: joinSums(a.outstanding, b.outstanding),
    outcome: {
      open: both('open'),
      paid: both('paid'),
      lost: both('lost'),
      gasUsed: a.outcome.gasUsed + b.outcome.gasUsed,
    },
    feesWei: a.feesWei + b.feesWei,
  }
}

function more(value: CountedValue, count: number, valueWei: Wei): CountedValue {
  return { count: value.count + count, valueWei: value.valueWei + valueWei }
}

async function feesBy(
  orders: AsyncIterable<OrderRecord>,
  counterpartyOf: (order: OrderRecord['order']) => Address,
): Promise<ReadonlyMap<Address, Wei>> {
  const fees = new Map<Address, Wei>()
  for await (const { order, account } of orders) {
    const counterparty = counterpartyOf(order)
    fees.set(counterparty, (fees.get(counterparty) ?? 0n) + account.debited)
  }
  return fees
}
