import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { MillraceError } from '../lib/errors.ts'
import type { Codec } from './codec.ts'
import { lockDirectory } from './directory-lock.ts'
import { storeLimits } from './limits.ts'
import { openWatermark, type Watermark } from './watermark.ts'

/** One write of a batch. Made by {@link Table.putOp} and {@link Table.delOp}. */
export type WriteOp =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string }

/** Whether a write must have reached the disk before it resolves (power loss), or only the kernel. */
export interface WriteOptions {
  readonly sync?: boolean
}

/** A range of keys within one table, in byte order. */
export interface RangeOptions {
  readonly gte?: string
  readonly gt?: string
  readonly lt?: string
  readonly lte?: string
  readonly limit?: number
  readonly reverse?: boolean
}

/** A typed part of the key space. */
export interface Table<V> {
  get(key: string): Promise<V | undefined>
  put(key: string, value: V, options?: WriteOptions): Promise<void>
  del(key: string, options?: WriteOptions): Promise<void>
  putOp(key: string, value: V): WriteOp
  delOp(key: string): WriteOp
  entries(range?: RangeOptions): AsyncIterable<readonly [key: string, value: V]>
}

/** The node's durable state. */
export interface Store {
  table<V>(name: string, codec: Codec<V>): Table<V>
  /** Applies all writes or none of them. */
  batch(ops: readonly WriteOp[], options?: WriteOptions): Promise<void>
  /** A count outside the database that tells when its newest records are gone. Open each once. */
  watermark(name: string): Promise<Watermark>
  close(): Promise<void>
}

const SEPARATOR = '!'
const AFTER_SEPARATOR = '"'
const NAME = /^[a-z0-9-]+$/

/**
 * Opens the LevelDB of a data directory and holds it for this process alone.
 *
 * @throws `STORE_LOCKED` when another process, or another part of this one, has it open
 * @throws `STORE_CORRUPT` when LevelDB cannot open its files
 */
export async function openStore(init: { readonly directory: string }): Promise<Store> {
  await mkdir(init.directory, { recursive: true })
  const lock = await lockDirectory(init.directory)
  const level = new Level<string, Uint8Array>(join(init.directory, 'db'), {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    writeBufferSize: storeLimits.writeBufferBytes,
  })
  try {
    await level.open()
  } catch (error) {
    await lock.release()
    if (isLocked(error)) {
      throw new MillraceError('STORE_LOCKED', `the database in ${init.directory} is in use`, {
        cause: error,
        hint: 'Stop the process that has it open, or give this one a data directory of its own',
      })
    }
    throw new MillraceError('STORE_CORRUPT', `cannot open the database in ${init.directory}`, {
      cause: error,
      hint: 'Copy the directory before any repair',
    })
  }
  return createStore(level, init.directory, () => lock.release())
}

function isLocked(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED'
}

function createStore(
  level: Level<string, Uint8Array>,
  directory: string,
  release: () => Promise<void>,
): Store {
  const watermarks: Watermark[] = []
  let closing: Promise<void> | undefined
  return {
    table: (name, codec) => createTable(level, name, codec),
    async batch(ops, options) {
      if (ops.length > 0) await level.batch([...ops], { sync: options?.sync === true })
    },
    async watermark(name) {
      if (!NAME.test(name)) throw new RangeError(`watermark name ${name}`)
      const watermark = await openWatermark(join(directory, `${name}.mark`))
      watermarks.push(watermark)
      return watermark
    },
    close() {
      closing ??= closeAll(level, watermarks, release)
      return closing
    },
  }
}

async function closeAll(
  level: Level<string, Uint8Array>,
  watermarks: readonly Watermark[],
  release: () => Promise<void>,
): Promise<void> {
  try {
    await level.close()
    for (const watermark of watermarks) await watermark.close()
  } finally {
    await release()
  }
}

function createTable<V>(level: Level<string, Uint8Array>, name: string, codec: Codec<V>): Table<V> {
  if (!NAME.test(name)) throw new RangeError(`table name ${name}`)
  const prefix = name + SEPARATOR
  const encode = (value: V): Uint8Array => {
    const bytes = codec.encode(value)
    if (bytes.byteLength > storeLimits.maxValueBytes) {
      throw new MillraceError('STORE_VALUE_TOO_LARGE', `a value of ${name} is too large to store`, {
        meta: { sizeBytes: bytes.byteLength, maxBytes: storeLimits.maxValueBytes },
      })
    }
    return bytes
  }
  return {
    async get(key) {
      const bytes = await level.get(prefix + key)
      return bytes === undefined ? undefined : codec.decode(bytes)
    },
    async put(key, value, options) {
      await level.put(prefix + key, encode(value), { sync: options?.sync === true })
    },
    async del(key, options) {
      await level.del(prefix + key, { sync: options?.sync === true })
    },
    putOp: (key, value) => ({ type: 'put', key: prefix + key, value: encode(value) }),
    delOp: (key) => ({ type: 'del', key: prefix + key }),
    async *entries(range = {}) {
      const { gte, gt, lt, lte, limit, reverse } = range
      const iterator = level.iterator({
        ...(gt === undefined ? { gte: prefix + (gte ?? '') } : { gt: prefix + gt }),
        ...(lte === undefined
          ? { lt: lt === undefined ? name + AFTER_SEPARATOR : prefix + lt }
          : { lte: prefix + lte }),
        ...(limit === undefined ? {} : { limit }),
        reverse: reverse === true,
      })
      for await (const [key, value] of iterator) {
        yield [key.slice(prefix.length), codec.decode(value)] as const
      }
    },
  }
}
