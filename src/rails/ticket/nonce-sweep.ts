import type { Store, Table } from '../../store/store.ts'
import type { BlockClock } from './chain-clock.ts'
import { ticketLimits } from './limits.ts'

/** What a sweep works with. */
export interface NonceSweepComponents<V> {
  readonly store: Store
  readonly table: Table<V>
  readonly blocks: BlockClock
}

/** Deletes the next of a table's entries whose params are void; resolves with how many. */
export type NonceSweep = () => Promise<number>

/**
 * A sweep over entries that are kept per recipientRandHash. Each pass looks at a limited number of
 * them and goes on where the last one ended, round and round; one pass runs at a time.
 *
 * Invariant: an entry goes in one batch with the block mark that voids its params, so once it is
 * gone its params are refused for good, after a restart too, and nothing is admitted under them
 * as if it were new.
 */
export function createNonceSweep<V extends { readonly expirationBlock: bigint }>({
  store,
  table,
  blocks,
}: NonceSweepComponents<V>): NonceSweep {
  const { sweepEntries: limit } = ticketLimits
  let after = ''
  let running: Promise<number> | undefined
  const pass = async (): Promise<number> => {
    const expired: string[] = []
    let looked = 0
    for await (const [key, { expirationBlock }] of table.entries({ gt: after, limit })) {
      looked += 1
      after = key
      if (expirationBlock <= blocks.now()) expired.push(key)
    }
    if (looked < limit) after = ''
    if (expired.length === 0) return 0
    await store.batch([...expired.map((key) => table.delOp(key)), blocks.markOp()])
    return expired.length
  }
  return async () => {
    running ??= pass().finally(() => (running = undefined))
    return running
  }
}
