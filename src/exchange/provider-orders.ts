import { bytesEqual, toHex } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { createSerial } from '../lib/serial.ts'
import type { Wei } from '../lib/wei.ts'
import type { QuoteProvider } from '../market/quote-provider.ts'
import type { EarnSession, PayeeRail, RailFault } from '../rails/rail.ts'
import type { Store, Table } from '../store/store.ts'
import {
  type Account,
  type AccountEvent,
  type Charge,
  creditOf,
  emptyAccount,
  isCharged,
  shortfall,
  stepAccount,
} from './account.ts'
import { exchangeLimits } from './limits.ts'
import { expectedFee, type Order, type OrderRecord, orderOf, orderTable } from './order.ts'
import { SegmentDesk } from './segment-desk.ts'
import { createTurns, type Turns } from './turns.ts'

/** An order as its provider runs it, over one stream or several in turn. */
export interface ProviderOrder {
  readonly order: Order
  readonly earn: EarnSession
  /** Its segments, over all of its streams. */
  readonly desk: SegmentDesk
  /** Whether it was opened before this process took it up, so that its payer may lack terms. */
  readonly isResumed: boolean
  account(): Account
  credit(): Wei
  /** Expected fees of the segments being worked. */
  reserved(): Wei
  /** Sets a fee aside while its segment is worked; the function gives it back. */
  reserve(fee: Wei): () => void
  /** Takes a payment: stored before it resolves. A repeated payment credits 0. */
  receive(proof: Uint8Array): Promise<Result<Wei, RailFault>>
  /** Charges a segment, unless its index was charged before: stored before it resolves. */
  charge(event: Extract<AccountEvent, { type: 'charged' }>): Promise<Charged>
  /** Whether a segment was charged and its result lost with the process before. */
  owes(charge: Charge): boolean
  /** The lost result was made again, which is done once and for nothing. */
  madeAgain(index: bigint): void
}

/** What came of a charge, in wei. */
export interface Charged {
  /** What the credit lacks; when it is not 0 nothing was charged. */
  readonly missing: Wei
  /** What was taken now; 0 for an index charged before. */
  readonly debited: Wei
}

/** The orders of a provider. */
export interface ProviderOrders {
  /**
   * Takes up a quote, or an order opened before; undefined when there is neither. What was opened
   * is given back with {@link ProviderOrders.leave}.
   */
  open(orderId: Uint8Array, payerPeerId: string): Promise<ProviderOrder | undefined>
  /** The caller is done with an order for now. */
  leave(order: ProviderOrder): void
  /** Every order there ever was, with its money. */
  records(): AsyncIterable<OrderRecord>
}

/** What the orders work with. */
export interface ProviderOrdersComponents {
  readonly store: Store
  readonly clock: Clock
  readonly quotes: QuoteProvider
  readonly rails: ReadonlyMap<string, PayeeRail>
  /** Shared with whatever else is paid on these rails. */
  readonly turns?: Turns
}

/** Keeps a provider's orders, and their credit, in the store. */
export function createProviderOrders(components: ProviderOrdersComponents): ProviderOrders {
  const { store, clock, quotes, rails } = components
  const table = orderTable(store, 'provider')
  const live = new LiveOrders()
  const turnOf = components.turns ?? createTurns()

  const load = async (orderId: Uint8Array): Promise<ProviderOrder | undefined> => {
    const id = toHex(orderId)
    let record = await table.get(id)
    const isResumed = record !== undefined
    if (record === undefined) {
      const open = quotes.find(orderId)
      if (open === undefined) return undefined
      record = { order: orderOf(open.quote, open.request, clock.now()), account: emptyAccount }
      await table.put(id, record)
      quotes.takenUp(orderId)
    }
    const rail = rails.get(record.order.rail)
    return rail === undefined
      ? undefined
      : runOrder({ store, table, rail, paying: turnOf(record.order.payer) }, record, isResumed)
  }
  return {
    async open(orderId, payerPeerId) {
      const id = toHex(orderId)
      const order = await live.use(id, () => load(orderId))
      if (order?.order.payerPeerId === payerPeerId) return order
      live.leave(id)
      return undefined
    },
    leave: ({ order }) => live.leave(order.orderId),
    async *records() {
      for await (const [, record] of table.entries()) yield record
    },
  }
}

type Serial = ReturnType<typeof createSerial>

/**
 * The orders in memory. Those in use stay; of the others a limited number, so that a payer that
 * comes back finds its results.
 */
class LiveOrders {
  readonly #orders = new Map<string, Promise<ProviderOrder | undefined>>()
  readonly #uses = new Map<string, number>()

  async use(
    id: string,
    load: () => Promise<ProviderOrder | undefined>,
  ): Promise<ProviderOrder | undefined> {
    const loading = this.#orders.get(id) ?? load()
    // Set anew, so that the map's order is the order of use.
    this.#orders.delete(id)
    this.#orders.set(id, loading)
    this.#uses.set(id, (this.#uses.get(id) ?? 0) + 1)
    try {
      return await loading
    } catch (error) {
      this.leave(id)
      this.#orders.delete(id)
      throw error
    }
  }

  leave(id: string): void {
    const uses = (this.#uses.get(id) ?? 0) - 1
    if (uses > 0) this.#uses.set(id, uses)
    else this.#uses.delete(id)
    for (const old of this.#orders.keys()) {
      if (this.#orders.size <= exchangeLimits.maxIdleOrders + this.#uses.size) return
      if (!this.#uses.has(old)) this.#orders.delete(old)
    }
  }
}

function runOrder(
  components: {
    readonly store: Store
    readonly table: Table<OrderRecord>
    readonly rail: PayeeRail
    readonly paying: Serial
  },
  record: OrderRecord,
  isResumed: boolean,
): ProviderOrder {
  const { store, table, rail, paying } = components
  const { order } = record
  const feePerStep = expectedFee(order, order.segmentMs)
  const context = { orderId: order.orderId, payer: order.payer, payee: order.provider }
  const earn = rail.openEarn(context, { payer: order.payer, feePerStep })
  const serial = createSerial()
  let { account } = record
  let reserved = 0n
  const owed = new Map(account.recent.map(({ index, inputHash }) => [index, inputHash]))
  return {
    order,
    earn,
    isResumed,
    desk: new SegmentDesk(order.maxInFlight),
    account: () => account,
    credit: () => creditOf(account),
    reserved: () => reserved,
    reserve(fee) {
      reserved += fee
      let isHeld = true
      return () => {
        if (isHeld) reserved -= fee
        isHeld = false
      }
    },
    receive: (proof) =>
      paying(async () => {
        const received = await earn.receive(proof)
        if (!received.ok) return err(received.error)
        const { credited, writes, sync, committed } = received.value
        await serial(async () => {
          const next = stepAccount(account, { type: 'paid', amount: credited })
          // Invariant: credit, nonces and winners reach the store together, before any answer.
          await store.batch([...writes, table.putOp(order.orderId, { order, account: next })], {
            sync,
          })
          account = next
        })
        committed()
        return ok(credited)
      }),
    charge: (event) =>
      serial(async () => {
        if (isCharged(account, event.index)) return { missing: 0n, debited: 0n }
        const missing = shortfall(creditOf(account), reserved, event.fee)
        if (missing > 0n) return { missing, debited: 0n }
        const next = stepAccount(account, event)
        await table.put(order.orderId, { order, account: next })
        account = next
        return { missing, debited: event.fee }
      }),
    owes({ index, inputHash }) {
      const hash = owed.get(index)
      return hash !== undefined && bytesEqual(hash, inputHash)
    },
    madeAgain: (index) => void owed.delete(index),
  }
}
