import { MillraceError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { createSerial } from '../lib/serial.ts'
import { versionedCodec } from '../store/codec.ts'
import type { Store } from '../store/store.ts'
import type { DecisionRecord } from './decision.ts'
import { marketLimits } from './limits.ts'

/** Which decisions are wanted. */
export interface DecisionQuery {
  /** A stream's name, or the manifest id of one run of it. */
  readonly stream?: string | undefined
  /** At most so many, the newest. */
  readonly last?: number | undefined
}

/** Every choice that was made, over restarts, up to a number. */
export interface DecisionLog {
  add(record: DecisionRecord): void
  /** Oldest first. */
  list(query?: DecisionQuery): Promise<readonly DecisionRecord[]>
  /** Resolves when all that was added is stored. */
  flush(): Promise<void>
}

const codec = versionedCodec<DecisionRecord>({
  name: 'decision',
  version: 1,
  parse(value) {
    const record = value as DecisionRecord
    if (!Array.isArray(record?.considered)) {
      throw new MillraceError('STORE_CORRUPT', 'not a decision')
    }
    const amount = (found: unknown): bigint | null =>
      found === null ? null : BigInt(found as bigint | number)
    return {
      ...record,
      considered: record.considered.map((one) => ({
        ...one,
        stake: BigInt(one.stake),
        evWei: amount(one.evWei),
        faceValueWei: amount(one.faceValueWei),
      })),
    }
  },
})

/** Opens the log; beyond `max` the oldest go. */
export async function openDecisionLog(
  components: { readonly store: Store; readonly logger: Logger },
  init: { readonly max: number } = { max: marketLimits.maxStoredDecisions },
): Promise<DecisionLog> {
  const { store, logger } = components
  const table = store.table('decisions', codec)
  const serial = createSerial()
  let next = 0
  for await (const [key] of table.entries({ reverse: true, limit: 1 })) next = Number(key) + 1

  return {
    add(record) {
      const at = next
      next += 1
      serial(async () => {
        const stale = at - init.max
        await store.batch([
          table.putOp(keyOf(at), record),
          ...(stale < 0 ? [] : [table.delOp(keyOf(stale))]),
        ])
      }).catch((error: unknown) => logger.error({ err: error }, 'a decision cannot be kept'))
    },
    async list({ stream, last = init.max } = {}) {
      const found: DecisionRecord[] = []
      for await (const [, record] of table.entries({ reverse: true })) {
        if (found.length >= last) break
        if (stream === undefined || isOf(record, stream)) found.push(record)
      }
      return found.reverse()
    },
    flush: () => serial(async () => {}),
  }
}

/** Keys of one length, so that their order is that of the numbers. */
function keyOf(at: number): string {
  return String(at).padStart(12, '0')
}

/** A manifest id is the stream's name, a dash and a UUID that tells its runs apart. */
function isOf({ stream }: DecisionRecord, wanted: string): boolean {
  if (stream === wanted) return true
  return stream.startsWith(`${wanted}-`) && stream.length === wanted.length + 1 + UUID_LENGTH
}

const UUID_LENGTH = 36
