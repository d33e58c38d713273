import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bytesCodec, type Codec, versionedCodec } from '../../../src/store/codec.ts'
import { createJournal } from '../../../src/store/journal.ts'
import { storeLimits } from '../../../src/store/limits.ts'
import { openStore, type RangeOptions, type Store } from '../../../src/store/store.ts'

const format1 = fileURLToPath(new URL('../../fixtures/store/format-1', import.meta.url))

const numbers = versionedCodec<number>({
  name: 'number',
  version: 1,
  parse(value) {
    if (typeof value !== 'number') throw new TypeError('not a number')
    return value
  },
})
const objects = versionedCodec<unknown>({ name: 'object', version: 1, parse: (value) => value })

let directory: string
let store: Store

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-store-'))
  store = await openStore({ directory })
})

afterEach(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

async function reopen(): Promise<void> {
  await store.close()
  store = await openStore({ directory })
}

async function entriesOf<V>(
  name: string,
  codec: Codec<V>,
  range?: RangeOptions,
): Promise<[string, V][]> {
  const found: [string, V][] = []
  for await (const [key, value] of store.table(name, codec).entries(range)) found.push([key, value])
  return found
}

const keysOf = async (name: string, range?: RangeOptions): Promise<string[]> =>
  (await entriesOf(name, numbers, range)).map(([key]) => key)

describe('a table', () => {
  test('keeps its values over a restart', async () => {
    const table = store.table('numbers', numbers)
    await table.put('a', 1)
    await table.put('b', 2, { sync: true })
    await table.put('a', 3)
    await table.del('b')
    await reopen()
    expect(await store.table('numbers', numbers).get('a')).toBe(3)
    expect(await store.table('numbers', numbers).get('b')).toBeUndefined()
  })

  test('keeps raw bytes as they are', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    const table = store.table('raw', bytesCodec)
    await table.put('all', bytes)
    await table.put('none', new Uint8Array(0))
    expect(new Uint8Array((await table.get('all'))!)).toEqual(bytes)
    expect((await table.get('none'))?.byteLength).toBe(0)
  })

  test('tells a value that another build wrote in a newer format', async () => {
    const newer = versionedCodec<number>({ name: 'number', version: 2, parse: Number })
    await store.table('numbers', newer).put('a', 1)
    await expect(store.table('numbers', numbers).get('a')).rejects.toMatchObject({
      code: 'STORE_NEWER',
    })
    await expect(keysOf('numbers')).rejects.toMatchObject({ code: 'STORE_NEWER' })
  })

  test.each(['', 'Upper', 'with!mark', 'with space', 'quote"', '../up'])(
    'is not named %j',
    (name) => {
      expect(() => store.table(name, numbers)).toThrow(RangeError)
    },
  )
})

describe('a range', () => {
  beforeEach(async () => {
    // Names around `b` in byte order, among them one that begins with it.
    for (const name of ['a', 'b', 'b-', 'b0', 'bb', 'c']) {
      const table = store.table(name, numbers)
      for (const key of ['', '1', '2', '3', '!', '~', '\u{10ffff}']) await table.put(key, 0)
    }
  })

  const everything = ['', '!', '1', '2', '3', '~', '\u{10ffff}']

  test.each<[RangeOptions, string[]]>([
    [{}, everything],
    [{ reverse: true }, [...everything].reverse()],
    [{ limit: 2 }, ['', '!']],
    [{ limit: 2, reverse: true }, ['\u{10ffff}', '~']],
    [{ limit: 0 }, []],
    [{ gte: '2' }, ['2', '3', '~', '\u{10ffff}']],
    [{ gt: '2' }, ['3', '~', '\u{10ffff}']],
    [{ gt: '\u{10ffff}' }, []],
    [{ lt: '2' }, ['', '!', '1']],
    [{ lte: '2' }, ['', '!', '1', '2']],
    [{ lt: '' }, []],
    [{ gte: '1', lt: '3' }, ['1', '2']],
    [{ gt: '1', lte: '3' }, ['2', '3']],
    [{ gte: '3', lt: '1' }, []],
    [{ lt: '3', reverse: true, limit: 1 }, ['2']],
  ])('%o stays within its table', async (range, keys) => {
    expect(await keysOf('b', range)).toEqual(keys)
  })

  test('is a view of one moment: writes during a walk do not show in it', async () => {
    const table = store.table('b', numbers)
    const seen: string[] = []
    for await (const [key] of table.entries()) {
      seen.push(key)
      await table.del('3')
      await table.put('4', 0)
    }
    expect(seen).toEqual(everything)
  })

  test('left early lets the store be closed', async () => {
    for await (const _entry of store.table('b', numbers).entries()) break
    await store.close()
  })
})

describe('a batch', () => {
  test('writes over several tables at once, in order', async () => {
    const left = store.table('left', numbers)
    const right = store.table('right', numbers)
    await left.put('gone', 1)
    await store.batch([left.putOp('a', 1), right.putOp('a', 2), left.delOp('gone')], { sync: true })
    await store.batch([left.putOp('a', 5), left.delOp('a'), right.putOp('a', 6)])
    await store.batch([])
    await reopen()
    expect(await entriesOf('left', numbers)).toEqual([])
    expect(await entriesOf('right', numbers)).toEqual([['a', 6]])
  })

  test('writes nothing when one of its writes is refused', async () => {
    const table = store.table('numbers', numbers)
    const broken = { type: 'put', key: null, value: null } as unknown as ReturnType<
      typeof table.putOp
    >
    await expect(store.batch([table.putOp('a', 1), broken])).rejects.toThrow()
    expect(await entriesOf('numbers', numbers)).toEqual([])
  })
})

describe('the size of a value', () => {
  const largest = new Uint8Array(storeLimits.maxValueBytes).fill(7)
  const larger = new Uint8Array(storeLimits.maxValueBytes + 1)

  test('at the limit passes, past it is refused before anything is written', async () => {
    const table = store.table('raw', bytesCodec)
    await table.put('at', largest)
    expect((await table.get('at'))?.byteLength).toBe(storeLimits.maxValueBytes)
    const refusal = expect.objectContaining({ code: 'STORE_VALUE_TOO_LARGE' })
    await expect(table.put('past', larger)).rejects.toEqual(refusal)
    expect(() => table.putOp('past', larger)).toThrow(refusal)
    expect(await table.get('past')).toBeUndefined()
  })
})

describe('a journal', () => {
  test('holds what is decided and not done, in the order of the ids, over a restart', async () => {
    const effects = createJournal(store, 'effects', objects)
    const state = store.table('state', numbers)
    await store.batch([state.putOp('n', 1), effects.addOp('2', { pay: 20n })])
    await store.batch([state.putOp('n', 2), effects.addOp('1', { pay: 10n })])
    await store.batch([state.putOp('n', 3), effects.addOp('3', { pay: 30n })])
    await store.batch([effects.doneOp('2')])
    await reopen()
    const again = createJournal(store, 'effects', objects)
    const pending = []
    for await (const entry of again.pending()) pending.push(entry)
    expect(pending).toEqual([
      ['1', { pay: 10n }],
      ['3', { pay: 30n }],
    ])
    expect(await again.get('2')).toBeUndefined()
    expect(await store.table('state', numbers).get('n')).toBe(3)
  })
})

test('a data directory of format 1 is read', async () => {
  await store.close()
  await cp(format1, directory, { recursive: true })
  store = await openStore({ directory })
  expect(await entriesOf('objects', objects)).toEqual([
    ['bytes', Uint8Array.of(0, 1, 255)],
    ['integers', [0, -1, 4294967296]],
    ['nested', { name: 'café', list: [true, null, 1.5] }],
    ['wei', { small: 5n, word: 18446744073709551615n, large: 2n ** 255n, negative: -3n }],
  ])
  expect(await entriesOf('raw', bytesCodec)).toEqual([['bytes', Buffer.of(9, 8, 7)]])
})
