import { creditOf } from '../exchange/account.ts'
import type { OrderRecord } from '../exchange/order.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Wei } from '../lib/wei.ts'
import { type TicketParams, ticketEv, winProbRatio } from '../rails/ticket/ticket.ts'

/** An order in the node's status. Amounts in wei. */
export interface OrderStatus {
  readonly orderId: string
  readonly payer: Address
  readonly provider: Address
  readonly rail: string
  readonly priceNum: bigint
  readonly priceDen: bigint
  readonly segments: number
  readonly units: bigint
  readonly creditedWei: Wei
  readonly debitedWei: Wei
  readonly creditWei: Wei
}

/** Orders as the status shows them. */
export async function orderStatuses(records: AsyncIterable<OrderRecord>): Promise<OrderStatus[]> {
  const statuses: OrderStatus[] = []
  for await (const { order, account } of records) {
    statuses.push({
      orderId: order.orderId,
      payer: order.payer,
      provider: order.provider,
      rail: order.rail,
      priceNum: order.price.num,
      priceDen: order.price.den,
      segments: account.segments,
      units: account.units,
      creditedWei: account.credited,
      debitedWei: account.debited,
      creditWei: creditOf(account),
    })
  }
  return statuses
}

/** What was sent since this process started. */
export interface SentTickets {
  readonly tickets: number
  readonly evWei: Wei
  /** The terms last paid under. */
  readonly faceValueWei: Wei
  /** As a decimal fraction, for reading. */
  readonly winProb: number
}

/** Counts the tickets a payer sends. */
export interface SentBook {
  add(sent: { readonly tickets: number; readonly params: TicketParams }): void
  totals(): SentTickets
}

/** An empty count. */
export function createSentBook(): SentBook {
  let totals: SentTickets = { tickets: 0, evWei: 0n, faceValueWei: 0n, winProb: 0 }
  return {
    add({ tickets, params }) {
      const { num, den } = winProbRatio(params)
      totals = {
        tickets: totals.tickets + tickets,
        evWei: totals.evWei + ticketEv(params) * BigInt(tickets),
        faceValueWei: params.faceValue,
        winProb: Number((num * 1_000_000n) / den) / 1_000_000,
      }
    },
    totals: () => totals,
  }
}
