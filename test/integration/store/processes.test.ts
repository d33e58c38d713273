import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { programOf } from '../../../scripts/lib/program.ts'
import { versionedCodec } from '../../../src/store/codec.ts'
import { openStore, type Store } from '../../../src/store/store.ts'

const numbers = versionedCodec<number>({ name: 'number', version: 1, parse: Number })

let directory: string
const children: Child[] = []
const stores: Store[] = []
let program: string

beforeAll(async () => {
  program = await programOf('test/fixtures/store/child.ts')
})

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-store-'))
})

afterEach(async () => {
  for (const child of children.splice(0)) await child.kill()
  for (const store of stores.splice(0)) await store.close()
  await rm(directory, { recursive: true })
})

interface Child {
  readonly pid: number
  /** The next line that the process says; undefined when it has nothing more to say. */
  next(): Promise<Record<string, unknown> | undefined>
  kill(): Promise<void>
}

function start(mode: 'open' | 'hold' | 'raw' | 'write'): Child {
  const process_: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    [program, mode, directory],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const exited = once(process_, 'exit')
  const lines = createInterface(process_.stdout)[Symbol.asyncIterator]()
  const child: Child = {
    pid: process_.pid!,
    async next() {
      const line = await lines.next()
      return line.done === true ? undefined : JSON.parse(line.value)
    },
    async kill() {
      process_.kill('SIGKILL')
      await exited
    },
  }
  children.push(child)
  return child
}

async function open(path: string = directory): Promise<Store> {
  const store = await openStore({ directory: path })
  stores.push(store)
  return store
}

describe('a data directory in use', () => {
  test('is refused to a second process, again and again, naming the first', async () => {
    const store = await open()
    const table = store.table('numbers', numbers)
    for (const round of [1, 2]) {
      expect(await start('open').next()).toEqual({
        code: 'STORE_LOCKED',
        meta: { directory, pid: process.pid },
      })
      await table.put('round', round)
    }
    expect(await table.get('round')).toBe(2)
  })

  test('is refused to a second opening in the process, which does not loosen the first', async () => {
    const store = await open()
    await expect(openStore({ directory })).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    await symlink(directory, `${directory}-link`)
    try {
      await expect(openStore({ directory: `${directory}-link` })).rejects.toMatchObject({
        code: 'STORE_LOCKED',
      })
    } finally {
      await rm(`${directory}-link`)
    }
    // LevelDB alone would let this process in now, and acknowledged writes would vanish.
    expect(await start('open').next()).toMatchObject({ code: 'STORE_LOCKED' })
    await store.table('numbers', numbers).put('after', 1)
    expect(await store.table('numbers', numbers).get('after')).toBe(1)
  })

  test('is refused when a program without our pid file has the database open', async () => {
    await (await open()).close()
    const raw = start('raw')
    await raw.next()
    await expect(openStore({ directory })).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    await raw.kill()
    await open()
  })

  test('is free once it is closed, to this process and to another', async () => {
    const store = await open()
    await store.close()
    await store.close()
    expect(await start('open').next()).toEqual({ open: true })
    await children[0]!.next()
    await open()
  })
})

describe('a pid file left behind', () => {
  test('by a killed process is taken over', async () => {
    const holder = start('hold')
    expect(await holder.next()).toEqual({ open: true })
    await expect(openStore({ directory })).rejects.toMatchObject({ meta: { pid: holder.pid } })
    await holder.kill()
    expect(await readFile(join(directory, 'millrace.pid'), 'utf8')).toContain(String(holder.pid))
    await open()
    expect(await readFile(join(directory, 'millrace.pid'), 'utf8')).toContain(String(process.pid))
  })

  test.each([
    ['with a pid that was given to another program since', `${process.ppid} 1`],
    ['with the pid of this process in an earlier life', `${process.pid} 1`],
    ['half written', ''],
    ['with nonsense', 'not a pid'],
  ])('%s is taken over', async (_what, content) => {
    await writeFile(join(directory, 'millrace.pid'), content)
    await open()
  })
})

test('a database whose files are damaged is told apart, and the lock is let go', async () => {
  await mkdir(join(directory, 'db'))
  await writeFile(join(directory, 'db', 'CURRENT'), '')
  for (const _attempt of [1, 2]) {
    await expect(openStore({ directory })).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
  }
})

test('kill -9 while writing loses no acknowledged write and tears no batch', async () => {
  for (const enough of [1, 200]) {
    const writer = start('write')
    expect(await writer.next()).toEqual({ open: true })
    let acknowledged = -1
    while (acknowledged < enough) acknowledged = Number((await writer.next())?.['acknowledged'])
    await writer.kill()
    for (let line = await writer.next(); line !== undefined; line = await writer.next()) {
      acknowledged = Number(line['acknowledged'])
    }
    const store = await openStore({ directory })
    const [left, right] = await Promise.all([all(store, 'left'), all(store, 'right')])
    await store.close()
    expect(left).toEqual(right)
    expect(left.length).toBeGreaterThan(acknowledged)
    expect(left.slice(0, acknowledged + 1)).toEqual([...Array(acknowledged + 1).keys()])
    await rm(directory, { recursive: true })
    await mkdir(directory)
  }
})

async function all(store: Store, table: string): Promise<number[]> {
  const values: number[] = []
  for await (const [, value] of store.table(table, numbers).entries()) values.push(value)
  return values
}
