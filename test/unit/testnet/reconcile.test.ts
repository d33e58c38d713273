import { describe, expect, test } from 'vitest'
import { type Books, reconcile } from '../../../scripts/testnet/reconcile.ts'

/** A run whose books all agree: 12 sent, 5 won, 3 redeemed at 100 each, 1 expired, 1 pending. */
const good: Books = {
  payerOrders: [
    { orderId: 'a', creditedWei: 500n, debitedWei: 450n, segments: 5 },
    { orderId: 'b', creditedWei: 100n, debitedWei: 90n, segments: 1 },
  ],
  providerOrders: [
    { orderId: 'b', creditedWei: 100n, debitedWei: 90n, segments: 1 },
    { orderId: 'a', creditedWei: 500n, debitedWei: 450n, segments: 5 },
  ],
  ticketsSent: 12,
  ticketsReceived: 12,
  winners: { won: 5, redeemed: 3, expired: 1, failed: 0, pending: 1 },
  redeemedFaceValueWei: 300n,
  chain: {
    redemptions: 3,
    redeemedFaceValueWei: 300n,
    fundedWei: 10_000n,
    remainingWei: 9_700n,
    feesWei: 300n,
    brokerBalanceWei: 10_000n,
  },
  redeemedForOthers: null,
  isPartial: false,
}

const chain = (over: Partial<Books['chain']>): Partial<Books> => ({
  chain: { ...good.chain, ...over },
})
const winners = (over: Partial<Books['winners']>): Partial<Books> => ({
  winners: { ...good.winners, ...over },
})
const [firstPaid, ...otherPaid] = good.payerOrders
const [firstEarned, ...otherEarned] = good.providerOrders
const paid = (over: object): Partial<Books> => ({
  payerOrders: [{ ...(firstPaid as NonNullable<typeof firstPaid>), ...over }, ...otherPaid],
})
const earned = (over: object): Partial<Books> => ({
  providerOrders: [
    { ...(firstEarned as NonNullable<typeof firstEarned>), ...over },
    ...otherEarned,
  ],
})

const failing = (over: Partial<Books>): string[] =>
  reconcile({ ...good, ...over })
    .filter(({ holds }) => !holds)
    .map(({ what }) => what)

describe('reconcile', () => {
  test('holds in all points when every book agrees', () => {
    const checks = reconcile(good)
    expect(checks.filter(({ holds }) => !holds)).toEqual([])
    expect(checks.length).toBeGreaterThanOrEqual(9)
    for (const { left, right } of checks) expect(left).toBe(right)
  })

  test.each<[string, Partial<Books>, readonly string[]]>([
    [
      'the broker paid a wei more than was redeemed',
      chain({ remainingWei: 9_699n, brokerBalanceWei: 9_999n }),
      ['deposits and reserves paid out = face value redeemed'],
    ],
    [
      'recipients were booked a wei too little',
      chain({ feesWei: 299n, brokerBalanceWei: 9_999n }),
      ['fees booked for recipients = face value redeemed'],
    ],
    [
      'the broker holds a wei less than it owes',
      chain({ brokerBalanceWei: 9_999n }),
      ['broker balance = funds left + fees'],
    ],
    [
      'a redemption on chain is not in any book',
      chain({ redemptions: 4 }),
      ["recipients' redeemed winners = redemptions on chain"],
    ],
    [
      'a recipient believes to have redeemed more',
      { redeemedFaceValueWei: 301n },
      ["recipients' redeemed face value = on chain"],
    ],
    [
      'a winner is nowhere',
      winners({ pending: 0 }),
      ['winners = redeemed + expired + failed + pending'],
    ],
    ['a ticket was lost', { ticketsReceived: 11 }, ['tickets received = tickets sent']],
    [
      'a ticket was credited a wei too high',
      earned({ creditedWei: 101n }),
      ['value credited = value of the tickets sent'],
    ],
    [
      'a fee was charged a wei too high',
      earned({ debitedWei: 91n }),
      ['fees charged = fees booked by payers'],
    ],
    [
      'a payer forgot a payment and a fee',
      paid({ creditedWei: 0n, debitedWei: 0n }),
      ['value credited = value of the tickets sent', 'fees charged = fees booked by payers'],
    ],
  ])('notices when %s', (_what, over, points) => {
    expect(failing(over)).toEqual(points)
  })

  test('asks only the chain when a peer took its books to the grave', () => {
    const lost = { providerOrders: [], ticketsReceived: 0, winners: winners({}).winners as never }
    expect(failing({ ...lost, isPartial: true })).toEqual([])
    expect(failing({ ...lost, isPartial: true, ...chain({ feesWei: 299n }) }).length).toBe(2)
  })
})
