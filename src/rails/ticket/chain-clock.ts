import { versionedCodec } from '../../store/codec.ts'
import type { Store, WriteOp } from '../../store/store.ts'
import type { TimeManager } from './ports.ts'

const codec = versionedCodec<bigint>({
  name: 'block high-water mark',
  version: 1,
  parse(value) {
    if (typeof value === 'bigint') return value
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
    throw new TypeError('not an integer')
  },
})

const KEY = 'highest'

/** The block number that decides whether params are void; it never goes back. */
export interface BlockClock {
  now(): bigint
  /** The write that makes the present mark durable; part of any batch that leads to a reveal. */
  markOp(): WriteOp
}

/**
 * A block clock that remembers the highest block across restarts.
 *
 * Invariant: once a recipientRand was revealed because its params were void at block N, this clock
 * never shows less than N again, even when an RPC endpoint lags behind after a restart.
 */
export async function openBlockClock(store: Store, time: TimeManager): Promise<BlockClock> {
  const table = store.table('block-clock', codec)
  let highest = (await table.get(KEY)) ?? 0n
  const now = (): bigint => {
    const seen = time.lastSeenBlock()
    if (seen > highest) highest = seen
    return highest
  }
  return { now, markOp: () => table.putOp(KEY, now()) }
}
