/** One order as one of its sides keeps it; amounts in wei. */
export interface OrderBooks {
  readonly orderId: string
  readonly creditedWei: bigint
  readonly debitedWei: bigint
  readonly segments: number
}

/** Everything the money is known by, from both sides and from the chain; amounts in wei. */
export interface Books {
  readonly payerOrders: readonly OrderBooks[]
  readonly providerOrders: readonly OrderBooks[]
  readonly ticketsSent: number
  readonly ticketsReceived: number
  readonly winners: {
    readonly won: number
    readonly redeemed: number
    readonly expired: number
    readonly failed: number
    readonly pending: number
  }
  readonly redeemedFaceValueWei: bigint
  readonly chain: {
    readonly redemptions: number
    readonly redeemedFaceValueWei: bigint
    /** What deposits and reserves held at the start and hold now. */
    readonly fundedWei: bigint
    readonly remainingWei: bigint
    /** What recipients have to draw, and have drawn. */
    readonly feesWei: bigint
    readonly brokerBalanceWei: bigint
  }
  /** Winners that a redeemer redeemed; null where every recipient redeems its own. */
  readonly redeemedForOthers: number | null
  /** Whether a peer died on the way, so that its books are not at hand. */
  readonly isPartial: boolean
}

/** One statement about the money, and whether it holds to the wei. */
export interface Check {
  readonly what: string
  readonly left: bigint
  readonly right: bigint
  readonly holds: boolean
}

/** Compares all the books. Pure. */
export function reconcile(books: Books): Check[] {
  const { chain } = books
  const sum = (orders: readonly OrderBooks[], key: 'creditedWei' | 'debitedWei'): bigint =>
    orders.reduce((total, order) => total + order[key], 0n)
  const checks = [
    check(
      'deposits and reserves paid out = face value redeemed',
      chain.fundedWei - chain.remainingWei,
      chain.redeemedFaceValueWei,
    ),
    check(
      'fees booked for recipients = face value redeemed',
      chain.feesWei,
      chain.redeemedFaceValueWei,
    ),
    check(
      'broker balance = funds left + fees',
      chain.brokerBalanceWei,
      chain.remainingWei + chain.feesWei,
    ),
  ]
  if (books.isPartial) return checks
  const { redeemedForOthers } = books
  return [
    ...checks,
    ...(redeemedForOthers === null
      ? []
      : [
          check(
            "the redeemer's redeemed winners = redemptions on chain",
            BigInt(redeemedForOthers),
            BigInt(chain.redemptions),
          ),
        ]),
    check(
      "recipients' redeemed winners = redemptions on chain",
      BigInt(books.winners.redeemed),
      BigInt(chain.redemptions),
    ),
    check(
      "recipients' redeemed face value = on chain",
      books.redeemedFaceValueWei,
      chain.redeemedFaceValueWei,
    ),
    check(
      'winners = redeemed + expired + failed + pending',
      BigInt(books.winners.won),
      outcome(books.winners),
    ),
    check(
      'tickets received = tickets sent',
      BigInt(books.ticketsReceived),
      BigInt(books.ticketsSent),
    ),
    check(
      'value credited = value of the tickets sent',
      sum(books.providerOrders, 'creditedWei'),
      sum(books.payerOrders, 'creditedWei'),
    ),
    check(
      'fees charged = fees booked by payers',
      sum(books.providerOrders, 'debitedWei'),
      sum(books.payerOrders, 'debitedWei'),
    ),
  ]
}

function outcome({ redeemed, expired, failed, pending }: Books['winners']): bigint {
  return BigInt(redeemed + expired + failed + pending)
}

function check(what: string, left: bigint, right: bigint): Check {
  return { what, left, right, holds: left === right }
}
