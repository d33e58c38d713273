import type { Store, Table } from '../../store/store.ts'
import type { BlockClock } from './chain-clock.ts'
import { ticketLimits } from './limits.ts'

/** What a sweep works with. */
export interface NonceSweepComponents<V> {
  readonly store: Store
  readonly table: Table<V>
  readonly blocks: BlockClock
}

/** How a sweep tells what may go. */
export interface NonceSweepInit<V> {
  /** First block at which the params of an entry are void. */
  expirationOf(entry: V): bigint
  /** Told of every entry before it is deleted. */
  forgotten?(key: string): void
}

/** Deletes the next of a table's entries whose params are void; resolves with how many. */
export type NonceSweep = () => Promise<number>

/**
 * A sweep over entries that are kept per recipientRandHash. Each pass looks at a limited number of
 * them and goes on where the last one ended, round and round.
 *
 * Invariant: an entry goes in one batch with the block mark that voids its params, so once it is
 * gone its params are refused for good, after a restart too, and nothing is admitted under them
 * as if it were new.
 */
export function createNonceSweep<V>(
  { store, table, blocks }: NonceSweepComponents<V>,
  { expirationOf, forgotten }: NonceSweepInit<V>,
): NonceSweep {
  let after = ''
  return async () => {
    const block = blocks.now()
    const expired: string[] = []
    let looked = 0
    for await (const [key, entry] of table.entries({ gt: after, limit: ticketLimits.sweepEntries })) {
      looked += 1
      after = key
      if (expirationOf(entry) <= block) expired.push(key)
    }
    if (looked < ticketLimits.sweepEntries) after = ''
    if (expired.length === 0) return 0
    for (const key of expired) forgotten?.(key)
    await store.batch([...expired.map((key) => table.delOp(key)), blocks.markOp()])
    return expired.length
  }
}
