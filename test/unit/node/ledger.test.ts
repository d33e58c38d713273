import { describe, expect, test } from 'vitest'
import { formatLedger, type LedgerJson } from '../../../src/cli/ledger.ts'
import { emptyAccount } from '../../../src/exchange/account.ts'
import type { OrderRecord } from '../../../src/exchange/order.ts'
import type { Address } from '../../../src/lib/crypto/address.ts'
import { createWinnerOutcomes, receivedLedger, sentLedger } from '../../../src/node/ledger.ts'
import {
  accountTickets,
  emptyLedgerAccount,
  type LedgerAccount,
} from '../../../src/rails/ticket/ledger.ts'
import type { Ledger } from '../../../src/rails/ticket/ledger-store.ts'
import { ticketLimits } from '../../../src/rails/ticket/limits.ts'
import { MAX_WIN_PROB } from '../../../src/rails/ticket/ticket.ts'
import type { Winner } from '../../../src/rails/ticket/winner-record.ts'
import { walletOf } from '../../helpers/fixtures.ts'
import { winnerOf } from '../../helpers/fixtures-tickets.ts'

const one = walletOf('one').address
const two = walletOf('two').address
const terms = { faceValue: 1_000n, winProb: MAX_WIN_PROB / 4n }

const accountWith = (tickets: number, won: number): LedgerAccount =>
  accountTickets(emptyLedgerAccount, terms, { tickets, won })

async function* each<T>(values: readonly T[]): AsyncIterable<T> {
  for (const value of values) yield value
}

function ledgerOf(accounts: readonly (readonly [Address, LedgerAccount])[]): Ledger {
  return { accounts: () => each(accounts) } as unknown as Ledger
}

function orderOf(payer: Address, provider: Address, debited: bigint): OrderRecord {
  return {
    order: { payer, provider } as OrderRecord['order'],
    account: { ...emptyAccount, debited },
  }
}

const winner = (sequence: number, state: Winner['state'], gasUsed?: bigint): Winner => ({
  sequence,
  ticket: winnerOf(sequence, { sender: one, faceValue: 1_000n }),
  state,
  attempts: 0,
  notBeforeBlock: 0n,
  ...(gasUsed === undefined ? {} : { gasUsed }),
})

describe('the ledger of tickets received', () => {
  test('puts tickets, fees and what became of winners beside each other', async () => {
    const winners = [
      winner(1, 'waiting'),
      winner(2, 'submitted'),
      winner(3, 'redeemed', 90_000n),
      winner(4, 'redeemed', 80_000n),
      winner(5, 'failed'),
      winner(6, 'expired'),
    ]
    const outcomes = createWinnerOutcomes({
      all: () => each(winners),
      onPendingChange: () => () => {},
    })
    const ledger = ledgerOf([
      [two, accountWith(10, 2)],
      [one, accountWith(100, 41)],
    ])
    const orders = each([orderOf(one, two, 3_000n), orderOf(one, two, 4n), orderOf(two, one, 7n)])
    const { rows, total } = await receivedLedger(ledger, orders, outcomes)
    expect(rows.map(({ counterparty }) => counterparty)).toEqual([one, two])
    expect(rows[0]).toMatchObject({
      tickets: 100,
      evWei: 24_900n,
      won: { count: 41, valueWei: 41_000n },
      open: { count: 2, valueWei: 2_000n },
      paid: { count: 2, valueWei: 2_000n },
      lost: { count: 2, valueWei: 2_000n },
      gasUsed: 170_000n,
      feesWei: 3_004n,
      luck: { verdict: 'suspect', band95: { low: 17, high: 34 } },
    })
    expect(rows[1]).toMatchObject({ feesWei: 7n, luck: { verdict: 'usual' } })
    expect(total).toMatchObject({ tickets: 110, feesWei: 3_011n, gasUsed: 170_000n })
  })

  test('lists a limited number of accounts and adds up all of them', async () => {
    const { maxLedgerRows } = ticketLimits
    const count = maxLedgerRows + 3
    const many = Array.from(
      { length: count },
      (_, i) => [`0x${i}` as Address, accountWith(1, 0)] as const,
    )
    const outcomes = { bySender: async () => new Map<Address, never>() }
    const status = await receivedLedger(ledgerOf(many), each<OrderRecord>([]), outcomes)
    expect(status).toMatchObject({ omitted: 3, total: { tickets: count } })
    expect(status.rows).toHaveLength(maxLedgerRows)
  })
})

describe('the ledger of tickets sent', () => {
  test('judges luck without what may still win', async () => {
    const ledger = ledgerOf([[two, accountWith(100, 0)]])
    const outstanding = { recipient: two, ...terms, tickets: 100, expirationBlock: 9n }
    const orders = () => each([orderOf(one, two, 9n)])
    const open = await sentLedger(ledger, orders(), [outstanding])
    expect(open.rows[0]).toMatchObject({
      open: { count: 100 },
      feesWei: 9n,
      luck: { verdict: 'usual' },
    })
    const settled = await sentLedger(ledger, orders(), [])
    expect(settled.rows[0]).toMatchObject({ open: { count: 0 }, luck: { verdict: 'suspect' } })
  })

  test('reads as a table', async () => {
    const status = await sentLedger(
      ledgerOf([[two, accountWith(100, 30)]]),
      each<OrderRecord>([]),
      [],
    )
    const json = JSON.parse(
      JSON.stringify(status, (_key, field: unknown) =>
        typeof field === 'bigint' ? field.toString() : field,
      ),
    ) as LedgerJson
    const [title, head, row, all] = formatLedger(json).split('\n')
    expect(title).toBe('tickets sent')
    expect(head).toMatch(/^counterparty +tickets +fees +expected/)
    expect(row).toContain(two)
    expect(row).toMatch(/30: 30000 wei +25 \(17-34\)/)
    expect(all).toMatch(/^all .*\+1\.15 usual$/)
  })
})
