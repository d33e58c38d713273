import { versionedCodec } from '../../store/codec.ts'
import type { Store, WriteOp } from '../../store/store.ts'
import type { SignedTicket } from './ticket.ts'
import { winnerKey } from './winner-record.ts'

/**
 * What the operator wants of a winner.
 *
 * - `hold`: it is not redeemed until it is released
 * - `redeem`: it is redeemed as soon as its params are void, whatever gas costs
 * - `redeem-at-a-loss`: the same, even if that costs more than it brings
 */
export type OperatorOrder = (typeof ORDERS)[number]

const ORDERS = ['hold', 'redeem', 'redeem-at-a-loss'] as const

/** The operator's orders; apart from the winners, so that neither overwrites the other. */
export interface WinnerOrders {
  of(ticket: SignedTicket): OperatorOrder | undefined
  /** Durable when it resolves; undefined takes the order back. */
  give(tickets: readonly SignedTicket[], order: OperatorOrder | undefined): Promise<void>
  /** The writes that take an order back, if there is one; part of the batch that fulfils it. */
  clearOps(ticket: SignedTicket): readonly WriteOp[]
  /** To be called once the batch with those writes is on disk. */
  cleared(ticket: SignedTicket): void
}

const codec = versionedCodec<OperatorOrder>({
  name: "operator's order",
  version: 1,
  parse(value) {
    const order = ORDERS.find((known) => known === value)
    if (order === undefined) throw new TypeError("not an operator's order")
    return order
  },
})

/** Loads the orders that stand. */
export async function openWinnerOrders(store: Store): Promise<WinnerOrders> {
  const table = store.table('winner-orders', codec)
  const orders = new Map<string, OperatorOrder>()
  for await (const [key, order] of table.entries()) orders.set(key, order)
  return {
    of: (ticket) => orders.get(winnerKey(ticket)),
    async give(tickets, order) {
      const keys = tickets.map(winnerKey)
      const op = (key: string): WriteOp =>
        order === undefined ? table.delOp(key) : table.putOp(key, order)
      await store.batch(keys.map(op), { sync: true })
      for (const key of keys) {
        if (order === undefined) orders.delete(key)
        else orders.set(key, order)
      }
    },
    clearOps(ticket) {
      const key = winnerKey(ticket)
      return orders.has(key) ? [table.delOp(key)] : []
    },
    cleared: (ticket) => void orders.delete(winnerKey(ticket)),
  }
}
