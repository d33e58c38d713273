import type { Address } from '../lib/crypto/address.ts'
import { createJournal } from '../store/journal.ts'
import type { Store } from '../store/store.ts'
import { chainLimits } from './limits.ts'
import {
  type Outcome,
  outcomeCodec,
  recordCodec,
  type TransactionRecord,
} from './transaction-record.ts'

/** The durable side of transactions: what is unmined, and what became of the rest. */
export interface TransactionStore {
  unmined(): Promise<readonly (readonly [id: string, record: TransactionRecord])[]>
  /** Stores a record so that it outlives a power failure. */
  put(id: string, record: TransactionRecord): Promise<void>
  /** Forgets a record that was never taken by the chain. */
  remove(id: string): Promise<void>
  /** Replaces a record by its outcome, in one write. */
  settle(id: string, outcome: Outcome): Promise<void>
  outcome(id: string): Promise<Outcome | undefined>
  /** Drops the oldest outcomes over the limit. */
  prune(): Promise<void>
}

/** The transactions of one account on one chain; several may share a store. */
export function createTransactionStore(
  store: Store,
  chainId: number,
  address: Address,
  limits: { readonly maxOutcomes: number } = chainLimits,
): TransactionStore {
  const scope = `${chainId}-${address.slice(2).toLowerCase()}`
  const journal = createJournal(store, `tx-${scope}`, recordCodec)
  const outcomes = store.table(`tx-done-${scope}`, outcomeCodec)
  return {
    async unmined() {
      const entries: (readonly [string, TransactionRecord])[] = []
      for await (const entry of journal.pending()) entries.push(entry)
      return entries
    },
    put: async (id, record) => store.batch([journal.addOp(id, record)], { sync: true }),
    remove: async (id) => store.batch([journal.doneOp(id)], { sync: true }),
    settle: async (id, outcome) =>
      store.batch([journal.doneOp(id), outcomes.putOp(id, outcome)], { sync: true }),
    outcome: async (id) => outcomes.get(id),
    async prune() {
      const ages: (readonly [id: string, settledAtMs: number])[] = []
      for await (const [id, outcome] of outcomes.entries()) ages.push([id, outcome.settledAtMs])
      const excess = ages.length - limits.maxOutcomes
      if (excess <= 0) return
      const oldest = ages.sort((a, b) => a[1] - b[1]).slice(0, excess)
      await store.batch(oldest.map(([id]) => outcomes.delOp(id)))
    },
  }
}
