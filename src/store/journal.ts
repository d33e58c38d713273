import type { Codec } from './codec.ts'
import type { Store, WriteOp } from './store.ts'

/**
 * Effects that are decided but not yet done.
 *
 * The decision and the effect are written in one batch; the effect is performed; then it is marked
 * done. What is unmarked at start is performed again, so every effect must be idempotent.
 */
export interface Journal<E> {
  /** The write that records an effect; put it into the batch that records the decision. */
  addOp(id: string, effect: E): WriteOp
  /** The write that marks it done. */
  doneOp(id: string): WriteOp
  get(id: string): Promise<E | undefined>
  /** Everything not yet done, in the order of the ids. */
  pending(): AsyncIterable<readonly [id: string, effect: E]>
}

/** A journal kept in a table of the store. */
export function createJournal<E>(store: Store, name: string, codec: Codec<E>): Journal<E> {
  const table = store.table(name, codec)
  return {
    addOp: (id, effect) => table.putOp(id, effect),
    doneOp: (id) => table.delOp(id),
    get: (id) => table.get(id),
    pending: () => table.entries(),
  }
}
