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
  /** Replaces a record by its outcome, in one write; with a record it is among the watched. */
  settle(id: string, outcome: Outcome, watched?: TransactionRecord): Promise<void>
  /** What is mined and not known to be final. */
  watched(): Promise<readonly (readonly [id: string, record: TransactionRecord, Outcome])[]>
  /** Puts another outcome in the place of the one that is known. */
  amend(id: string, outcome: Outcome): Promise<void>
  /** Takes an outcome back: the record is unmined again, in one write. */
  reopen(id: string, record: TransactionRecord): Promise<void>
  /** Keeps only the outcomes of these. */
  final(ids: readonly string[]): Promise<void>
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
  const mined = store.table(`tx-mined-${scope}`, recordCodec)
  return {
    async unmined() {
      const entries: (readonly [string, TransactionRecord])[] = []
      for await (const entry of journal.pending()) entries.push(entry)
      return entries
    },
    put: async (id, record) => store.batch([journal.addOp(id, record)], { sync: true }),
    remove: async (id) => store.batch([journal.doneOp(id)], { sync: true }),
    async settle(id, outcome, watched) {
      const watch = watched === undefined ? [] : [mined.putOp(id, watched)]
      await store.batch([journal.doneOp(id), outcomes.putOp(id, outcome), ...watch], { sync: true })
    },
    async watched() {
      const entries: (readonly [string, TransactionRecord, Outcome])[] = []
      for await (const [id, record] of mined.entries()) {
        const outcome = await outcomes.get(id)
        if (outcome !== undefined) entries.push([id, record, outcome])
      }
      return entries
    },
    amend: async (id, outcome) => outcomes.put(id, outcome, { sync: true }),
    reopen: async (id, record) =>
      store.batch([outcomes.delOp(id), mined.delOp(id), journal.addOp(id, record)], { sync: true }),
    final: async (ids) => store.batch(ids.map((id) => mined.delOp(id))),
    outcome: async (id) => outcomes.get(id),
    async prune() {
      const ages: (readonly [id: string, settledAtMs: number])[] = []
      for await (const [id, outcome] of outcomes.entries()) ages.push([id, outcome.settledAtMs])
      const excess = ages.length - limits.maxOutcomes
      if (excess <= 0) return
      const oldest = ages.sort((a, b) => a[1] - b[1]).slice(0, excess)
      await store.batch(oldest.flatMap(([id]) => [outcomes.delOp(id), mined.delOp(id)]))
    },
  }
}
