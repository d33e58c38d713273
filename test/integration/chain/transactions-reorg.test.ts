import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Anvil, startAnvil } from '../../../scripts/lib/anvil.ts'
import { type ChainClient, connectChain } from '../../../src/chain/client.ts'
import {
  createTransactions,
  type TransactionRequest,
  type Transactions,
  type TransactionsInit,
} from '../../../src/chain/transactions.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { openStore, type Store } from '../../../src/store/store.ts'
import { createCheat, temporaryStore } from '../../helpers/chain.ts'

const target = '0x00000000000000000000000000000000DeaDBeef'
const pay = (id: string): TransactionRequest => {
  return { id, to: target, data: new Uint8Array(0), value: 1n }
}

let anvil: Anvil
let client: ChainClient
let store: Store
let directory: string
let transactions: Transactions
let vanished: string[]
let cheat: ReturnType<typeof createCheat>

async function begin(init: TransactionsInit = {}): Promise<void> {
  transactions = createTransactions(
    { client, store, logger: silentLogger },
    { resendAfterMs: 200, ...init },
  )
  vanished = []
  transactions.onReorganised((id) => vanished.push(id))
  await transactions.start()
}

async function restart(): Promise<void> {
  await transactions.stop()
  await store.close()
  store = await openStore({ directory })
  await begin()
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10))
}

const blockOf = async (id: string): Promise<bigint> =>
  (await transactions.outcome(id))?.blockNumber ?? -1n

/** Puts empty blocks in the place of the newest ones. */
async function reorganise(depth: number): Promise<void> {
  await cheat.request({ method: 'anvil_reorg' as never, params: [depth, []] as never })
}

async function watchedRecords(): Promise<number> {
  let count = 0
  const raw = { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Uint8Array) => bytes }
  const scope = `${client.chainId}-${transactions.address.slice(2).toLowerCase()}`
  for await (const _entry of store.table(`tx-mined-${scope}`, raw).entries()) count += 1
  return count
}

beforeEach(async () => {
  anvil = await startAnvil({})
  const { privateKey } = anvil.account(0)
  client = await connectChain(
    { logger: silentLogger },
    { rpcUrl: anvil.rpcUrl, chainId: anvil.chainId, privateKey, pollingIntervalMs: 50 },
  )
  cheat = createCheat(anvil.rpcUrl)
  ;({ store, directory } = await temporaryStore())
  await begin()
})

afterEach(async () => {
  await transactions.stop()
  await store.close()
  client.close()
  await anvil.stop()
  await rm(directory, { recursive: true, force: true })
})

describe('a mined transaction whose block is reorganised away', () => {
  test('is sent again as it was signed, and paid once', async () => {
    const before = await transactions.submit(pay('a'))
    await cheat.mine({ blocks: 2 })
    await reorganise(3)
    await until(() => vanished.length > 0)
    expect(vanished).toEqual(['a'])
    const after = await transactions.submit(pay('a'))
    expect(after.hash).toEqual(before.hash)
    expect(after.blockHash).not.toEqual(before.blockHash)
    expect(await client.balance(target)).toBe(1n)
  })

  test('keeps its nonce while others are made, so that none is left out', async () => {
    await Promise.all([transactions.submit(pay('a')), transactions.submit(pay('b'))])
    await reorganise(2)
    const others = ['c', 'd', 'e'].map(async (id) => transactions.submit(pay(id)))
    await Promise.all(others)
    for (const id of ['a', 'b']) await transactions.submit(pay(id))
    await until(() => transactions.unmined().length === 0)
    expect(await client.balance(target)).toBe(5n)
    const { address } = transactions
    expect(await client.viem.getTransactionCount({ address: address as never })).toBe(5)
  })

  test('is found by the next process, under the nonce it had', async () => {
    await transactions.submit(pay('a'))
    await transactions.stop()
    await reorganise(1)
    expect(await client.balance(target)).toBe(0n)
    await restart()
    // Made before the loss is noticed or after: it must not take the nonce of the first.
    await transactions.submit(pay('b'))
    await until(async () => (await client.balance(target)) === 2n)
    expect(vanished).toEqual(['a'])
  })

  test('is noticed at once by who asks', async () => {
    await transactions.submit(pay('a'))
    await reorganise(1)
    await transactions.recheck('a')
    await transactions.submit(pay('a'))
    expect(await client.balance(target)).toBe(1n)
    await transactions.recheck('unknown')
  })

  test('is known in its new block when it was mined again meanwhile', async () => {
    await cheat.mine({ blocks: 3 })
    const snapshot = await cheat.snapshot()
    const before = await transactions.submit(pay('a'))
    const raw = await client.viem.request({
      method: 'eth_getRawTransactionByHash' as never,
      params: [`0x${Buffer.from(before.hash).toString('hex')}`] as never,
    })
    await transactions.stop()
    await cheat.revert({ id: snapshot })
    await cheat.mine({ blocks: 5 })
    await client.viem.sendRawTransaction({ serializedTransaction: raw as never })
    await restart()
    await until(async () => (await blockOf('a')) > before.blockNumber)
    expect(vanished).toEqual([])
    expect(await client.balance(target)).toBe(1n)
  })
})

test('what is deep enough is watched no more, and its outcome stays', async () => {
  await transactions.submit(pay('a'))
  await until(async () => (await watchedRecords()) === 1)
  await cheat.mine({ blocks: 11 })
  await until(async () => (await watchedRecords()) === 0)
  expect(await blockOf('a')).toBe(1n)
  await restart()
  expect(await blockOf('a')).toBe(1n)
})

test('nothing is watched when the depth is 0', async () => {
  await transactions.stop()
  await begin({ reorgDepth: 0 })
  await transactions.submit(pay('a'))
  expect(await watchedRecords()).toBe(0)
})
