import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { createSerial } from '../lib/serial.ts'
import { maxBig, type Wei } from '../lib/wei.ts'
import type { Store, Table } from '../store/store.ts'
import { type Account, emptyAccount } from './account.ts'
import { exchangeLimits } from './limits.ts'
import {
  expectedFee,
  type Order,
  type OrderRecord,
  type OrderState,
  orderTable,
  type PayingState,
} from './order.ts'

/** One order's money as its payer keeps it, in use by one stream at a time. */
export interface PayerBook {
  readonly order: Order
  readonly addresses: readonly string[]
  account(): Account
  /** An index that was never used under this order, not even before a crash. */
  takeIndex(): Promise<bigint>
  /** Books a payment: stored before it resolves, so before the payment leaves. */
  paid(value: Wei): Promise<void>
  /** A payment that was refused was not credited. */
  refused(value: Wei): void
  /** Books what a result cost. */
  settled(result: { readonly debited: Wei; readonly units: bigint }): void
  /** The provider reckons the same credit: everything paid so far has arrived. */
  confirmed(): void
  /**
   * Takes over the provider's reckoning after a break: payments may have been lost on the way, and
   * results that were charged. False when that is more than can have been under way.
   */
  reconcile(theirs: { readonly credited: Wei; readonly debited: Wei }): boolean
  /** Stores where the order stands and gives the book back. */
  leave(state: OrderState): Promise<void>
  /** Gives the book back as it is, not to be tried again at once. */
  unreachable(): void
}

/** All orders of a payer that can be gone on with. */
export interface PayerBooks {
  /** The book of a new order. */
  begin(order: Order, addresses: readonly string[]): PayerBook
  /** The order last in use that broke off and fits; nobody else is given it meanwhile. */
  takeInterrupted(fits: (order: Order) => boolean): PayerBook | null
  /** An order whose stream ended or broke off, at the provider that was chosen. */
  takeIdle(fits: (order: Order) => boolean): PayerBook | null
}

interface Entry {
  record: Required<OrderRecord>
  isTaken: boolean
  retryAtMs: number
  failures: number
}

/** Loads what a payer can go on with. */
export async function openPayerBooks(components: {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
}): Promise<PayerBooks> {
  const { store, clock, logger } = components
  const table = orderTable(store, 'payer')
  const entries = new Map<string, Entry>()
  const enter = (record: Required<OrderRecord>, isTaken: boolean): Entry => {
    const entry = { record, isTaken, retryAtMs: 0, failures: 0 }
    entries.set(record.order.orderId, entry)
    for (const [id, old] of entries) {
      if (entries.size <= exchangeLimits.maxResumableOrders) break
      if (!old.isTaken) entries.delete(id)
    }
    return entry
  }
  const stored: Required<OrderRecord>[] = []
  for await (const [, { order, account, paying }] of table.entries()) {
    if (paying !== undefined && paying.state !== 'over') stored.push({ order, account, paying })
  }
  stored.sort((a, b) => a.paying.usedAtMs - b.paying.usedAtMs)
  for (const record of stored) enter(record, false)

  const bookOf = (entry: Entry): PayerBook => {
    entry.isTaken = true
    const forget = (): void => void entries.delete(entry.record.order.orderId)
    return new StoredBook({ table, clock, logger }, entry, forget)
  }
  const take = (isWanted: (entry: Entry) => boolean): PayerBook | null => {
    const fitting = [...entries.values()]
      .filter((entry) => !entry.isTaken && isWanted(entry))
      .sort((a, b) => b.record.paying.usedAtMs - a.record.paying.usedAtMs)
    return fitting[0] === undefined ? null : bookOf(fitting[0])
  }
  return {
    begin(order, addresses) {
      const known = entries.get(order.orderId)
      if (known !== undefined) return bookOf(known)
      const usedAtMs = clock.now()
      const paying = { state: 'open', nextIndex: 0n, unconfirmed: 0n, addresses, usedAtMs } as const
      return bookOf(enter({ order, account: emptyAccount, paying }, true))
    },
    takeInterrupted: (fits) =>
      take(({ record: { order, paying }, retryAtMs }) => {
        const now = clock.now()
        if (paying.state !== 'open' || retryAtMs > now) return false
        return now - paying.usedAtMs <= exchangeLimits.resumeWithinMs && fits(order)
      }),
    takeIdle: (fits) => take(({ record }) => fits(record.order)),
  }
}

interface BookParts {
  readonly table: Table<OrderRecord>
  readonly clock: Clock
  readonly logger: Logger
}

class StoredBook implements PayerBook {
  readonly order: Order
  readonly #parts: BookParts
  readonly #entry: Entry
  readonly #forget: () => void
  // Writes that overlap may land in any order; in turn, the newest is the last one.
  readonly #writing = createSerial()
  readonly #reserving = createSerial()
  #nextIndex: bigint

  constructor(parts: BookParts, entry: Entry, forget: () => void) {
    this.order = entry.record.order
    this.#parts = parts
    this.#entry = entry
    this.#forget = forget
    this.#nextIndex = entry.record.paying.nextIndex
  }

  get addresses(): readonly string[] {
    return this.#entry.record.paying.addresses
  }

  account(): Account {
    return this.#entry.record.account
  }

  async takeIndex(): Promise<bigint> {
    return this.#reserving(async () => {
      const index = this.#nextIndex
      if (index >= this.#entry.record.paying.nextIndex) {
        this.#set({ paying: { nextIndex: index + exchangeLimits.indexBlock } })
        await this.#write()
      }
      this.#nextIndex = index + 1n
      return index
    })
  }

  async paid(value: Wei): Promise<void> {
    const { account, paying } = this.#entry.record
    this.#set({
      account: { credited: account.credited + value },
      paying: { unconfirmed: paying.unconfirmed + value },
    })
    await this.#write()
  }

  refused(value: Wei): void {
    const { account, paying } = this.#entry.record
    this.#set({
      account: { credited: account.credited - value },
      paying: { unconfirmed: maxBig(paying.unconfirmed - value, 0n) },
    })
    this.#writeLater()
  }

  settled({ debited, units }: { readonly debited: Wei; readonly units: bigint }): void {
    const { account } = this.#entry.record
    this.#set({
      account: {
        debited: account.debited + debited,
        segments: account.segments + 1,
        units: account.units + units,
      },
    })
    this.#writeLater()
  }

  confirmed(): void {
    // Not worth a write of its own: after a crash a little more is allowed for.
    this.#set({ paying: { unconfirmed: 0n } })
  }

  reconcile({ credited, debited }: { readonly credited: Wei; readonly debited: Wei }): boolean {
    const { account, paying } = this.#entry.record
    const { order } = this
    const underWay = 2n * expectedFee(order, order.segmentMs) * BigInt(order.maxInFlight + 1)
    const lost = account.credited - credited
    if (lost > paying.unconfirmed || debited - account.debited > underWay) return false
    if (lost !== 0n || debited !== account.debited) {
      const fields = { orderId: order.orderId, lost, charged: debited - account.debited }
      this.#parts.logger.info(fields, "an order goes on by its provider's books")
    }
    this.#set({ account: { credited, debited }, paying: { unconfirmed: 0n, state: 'open' } })
    this.#entry.failures = 0
    this.#writeLater()
    return true
  }

  async leave(state: OrderState): Promise<void> {
    this.#set({ paying: { state } })
    await this.#write()
    this.#entry.isTaken = false
    if (state === 'over') this.#forget()
  }

  unreachable(): void {
    const { resumePauseMs, maxResumePauseMs } = exchangeLimits
    const pause = Math.min(resumePauseMs * 2 ** this.#entry.failures, maxResumePauseMs)
    this.#entry.failures = Math.min(this.#entry.failures + 1, MAX_DOUBLINGS)
    this.#entry.retryAtMs = this.#parts.clock.now() + pause
    this.#entry.isTaken = false
  }

  #set(change: {
    readonly account?: Partial<Account>
    readonly paying?: Partial<PayingState>
  }): void {
    const { record } = this.#entry
    this.#entry.record = {
      ...record,
      account: { ...record.account, ...change.account },
      paying: { ...record.paying, usedAtMs: this.#parts.clock.now(), ...change.paying },
    }
  }

  async #write(): Promise<void> {
    await this.#writing(() => this.#parts.table.put(this.order.orderId, this.#entry.record))
  }

  #writeLater(): void {
    this.#write().catch((error: unknown) => {
      this.#parts.logger.error({ err: error }, 'the books of an order cannot be kept')
    })
  }
}

const MAX_DOUBLINGS = 10
