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
import { connect, createCheat, startTestChain, temporaryStore } from '../../helpers/chain.ts'
import { type RpcProxy, startRpcProxy } from './rpc-proxy.ts'

let anvil: Anvil
let proxy: RpcProxy
let client: ChainClient
let store: Store
let directory: string
let transactions: Transactions

const target = '0x00000000000000000000000000000000DeaDBeef'
const pay = (id: string, value = 1n): TransactionRequest => {
  return { id, to: target, data: new Uint8Array(0), value }
}

async function begin(init: TransactionsInit = {}): Promise<void> {
  transactions = createTransactions({ client, store, logger: silentLogger }, init)
  await transactions.start()
}

/** What a restart of the process does to the durable side. */
async function restart(init: TransactionsInit = {}): Promise<void> {
  await transactions.stop()
  await store.close()
  store = await openStore({ directory })
  await begin(init)
}

async function paid(): Promise<bigint> {
  return client.balance(target)
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** What the account's first transaction in the pool offers; 0 without one. Twice raised by an
 * eighth, 1 gwei is 1265625000 wei. */
async function tip(cheat: ReturnType<typeof createCheat>): Promise<bigint> {
  const { pending } = await cheat.getTxpoolContent()
  const own = Object.entries(pending).find(([account]) => {
    return account.toLowerCase() === transactions.address.toLowerCase()
  })
  return BigInt(Object.values(own?.[1] ?? {})[0]?.maxPriorityFeePerGas ?? 0)
}

async function prepare(noMining: boolean, init: TransactionsInit): Promise<void> {
  anvil = await startAnvil({ noMining })
  proxy = await startRpcProxy(anvil.rpcUrl)
  const { privateKey } = anvil.account(0)
  client = await connectChain(
    { logger: silentLogger },
    { rpcUrl: proxy.rpcUrl, chainId: anvil.chainId, privateKey, pollingIntervalMs: 50 },
  )
  ;({ store, directory } = await temporaryStore())
  await begin(init)
}

afterEach(async () => {
  await transactions.stop()
  await store.close()
  await proxy.stop()
  await anvil.stop()
  await rm(directory, { recursive: true, force: true })
})

describe('transactions on a chain that mines at once', () => {
  beforeEach(async () => prepare(false, { resendAfterMs: 200 }))

  test('are made once for an id, now and after a restart', async () => {
    const both = await Promise.all([transactions.submit(pay('a')), transactions.submit(pay('a'))])
    expect(both[0]).toEqual(both[1])
    expect(await transactions.submit(pay('a'))).toEqual(both[0])
    await restart()
    expect(await transactions.submit(pay('a'))).toEqual(both[0])
    expect(await transactions.outcome('a')).toEqual(both[0])
    expect(await paid()).toBe(1n)
    expect(both[0]).toMatchObject({ status: 'success', gasUsed: 21_000n })
  })

  test('take their nonces in order when many are made at once', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `many/${index}`)
    await Promise.all(ids.map(async (id) => transactions.submit(pay(id))))
    expect(await paid()).toBe(20n)
    expect(transactions.unmined()).toEqual([])
  })

  test('that were stored and never sent are sent after a restart', async () => {
    proxy.failWhen((method) => method === 'eth_sendRawTransaction')
    const lost = transactions.submit(pay('a'))
    lost.catch(() => {})
    await until(() => transactions.unmined().length === 1)
    await transactions.stop()
    await expect(lost).rejects.toMatchObject({ name: 'AbortError' })
    expect(await paid()).toBe(0n)
    proxy.failWhen(() => false)
    await restart()
    const receipt = await transactions.submit(pay('a'))
    expect(receipt.status).toBe('success')
    expect(await paid()).toBe(1n)
  })

  test('that were mined while nobody looked are found after a restart', async () => {
    proxy.failWhen((method) => method === 'eth_getTransactionReceipt')
    const unseen = transactions.submit(pay('a'))
    unseen.catch(() => {})
    await until(async () => (await paid()) === 1n)
    await restart()
    proxy.failWhen(() => false)
    expect(await transactions.submit(pay('a'))).toMatchObject({ status: 'success' })
    expect(await paid()).toBe(1n)
  })

  test('outlive an endpoint that goes away', async () => {
    proxy.failWhen((method) => method === 'eth_sendRawTransaction')
    const waiting = transactions.submit(pay('a'))
    await until(() => transactions.unmined().length === 1)
    proxy.failWhen(() => true)
    await expect(transactions.submit(pay('b'))).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' })
    proxy.failWhen(() => false)
    expect(await waiting).toMatchObject({ status: 'success' })
    expect(await transactions.submit(pay('b'))).toMatchObject({ status: 'success' })
    expect(await paid()).toBe(2n)
  })

  test('end the waiting, not the transaction, when the caller aborts', async () => {
    proxy.failWhen((method) => method === 'eth_getTransactionReceipt')
    const controller = new AbortController()
    const waiting = transactions.submit(pay('a'), { signal: controller.signal })
    await until(() => transactions.unmined().length === 1)
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
    proxy.failWhen(() => false)
    expect(await transactions.submit(pay('a'))).toMatchObject({ status: 'success' })
    expect(await paid()).toBe(1n)
  })

  test('that the account cannot pay are refused, and the id stays free', async () => {
    const wealth = await client.balance(transactions.address)
    const work = transactions.submit(pay('a', wealth))
    await expect(work).rejects.toMatchObject({ code: 'TX_UNDERFUNDED' })
    expect(await transactions.submit(pay('a'))).toMatchObject({ status: 'success' })
    expect(proxy.forwarded('eth_sendRawTransaction')).toBe(1)
  })

  test('are refused past the limits of their size', async () => {
    const long = transactions.submit({ ...pay('i'.repeat(201)) })
    await expect(long).rejects.toMatchObject({ code: 'TX_LIMIT' })
    const large = transactions.submit({ ...pay('a'), data: new Uint8Array(128 * 1024 + 1) })
    await expect(large).rejects.toMatchObject({ code: 'TX_LIMIT' })
    await transactions.submit(pay('i'.repeat(200)))
  })
})

describe('transactions on a chain that mines when told', () => {
  beforeEach(async () => prepare(true, { replaceAfterMs: 150, resendAfterMs: 5000 }))

  test('are replaced with higher fees until one is mined', async () => {
    const cheat = createCheat(anvil.rpcUrl)
    const mined = transactions.submit(pay('a'))
    await until(() => proxy.forwarded('eth_sendRawTransaction') >= 3)
    // The third may not have been answered yet.
    await until(async () => (await tip(cheat)) >= 1_265_625_000n)
    await cheat.mine({ blocks: 1 })
    const receipt = await mined
    expect(receipt.status).toBe('success')
    expect(await paid()).toBe(1n)
    const block = await cheat.getBlock({ includeTransactions: true })
    expect(block.transactions).toHaveLength(1)
  })

  test('are replaced across a restart under the same nonce', async () => {
    const lost = transactions.submit(pay('a'))
    lost.catch(() => {})
    await until(() => (transactions.unmined()[0]?.attempts ?? 0) >= 2)
    await restart({ replaceAfterMs: 60_000 })
    expect(transactions.unmined()).toMatchObject([{ id: 'a', nonce: 0 }])
    await createCheat(anvil.rpcUrl).mine({ blocks: 1 })
    expect(await transactions.submit(pay('a'))).toMatchObject({ status: 'success' })
    expect(await paid()).toBe(1n)
  })

  test('are refused past the limit of those that wait', async () => {
    await restart({ replaceAfterMs: 60_000 })
    const ids = Array.from({ length: 257 }, (_, index) => `many/${index}`)
    const outcomes = ids.map(async (id) => transactions.submit({ ...pay(id), gas: 21_000n }))
    const past = outcomes.pop()
    await expect(past).rejects.toMatchObject({ code: 'TX_LIMIT' })
    expect(transactions.unmined()).toHaveLength(256)
    await createCheat(anvil.rpcUrl).mine({ blocks: 1 })
    await Promise.all(outcomes)
    expect(await paid()).toBe(256n)
  })

  test('are signed anew a limited number of times', async () => {
    await restart({ replaceAfterMs: 1, resendAfterMs: 60_000 })
    const waiting = transactions.submit(pay('a'))
    await until(() => transactions.unmined()[0]?.attempts === 12)
    const looks = proxy.forwarded('eth_getTransactionCount')
    await until(() => proxy.forwarded('eth_getTransactionCount') >= looks + 4)
    expect(transactions.unmined()[0]?.attempts).toBe(12)
    await createCheat(anvil.rpcUrl).mine({ blocks: 1 })
    expect(await waiting).toMatchObject({ status: 'success' })
  })

  test('never offer more than the cap', async () => {
    await restart({ replaceAfterMs: 50, maxFeePerGasWei: 2_300_000_000n })
    const mined = transactions.submit(pay('a'))
    await until(() => proxy.forwarded('eth_sendRawTransaction') >= 4)
    expect(transactions.unmined()[0]?.attempts).toBeLessThanOrEqual(2)
    const cheat = createCheat(anvil.rpcUrl)
    await cheat.mine({ blocks: 1 })
    await mined
    const block = await cheat.getBlock({ includeTransactions: true })
    expect(block.transactions[0]?.maxFeePerGas).toBeLessThanOrEqual(2_300_000_000n)
  })

  test('get another nonce when theirs was used by somebody else', async () => {
    const cheat = createCheat(anvil.rpcUrl)
    await restart({ replaceAfterMs: 60_000, resendAfterMs: 60_000 })
    const waiting = transactions.submit(pay('a'))
    await until(async () => (await tip(cheat)) > 0n)
    await cheat.request({ method: 'anvil_dropAllTransactions' } as never)
    const account = transactions.address
    await cheat.sendTransaction({ account, to: account, nonce: 0, chain: null })
    await cheat.mine({ blocks: 1 })
    await until(() => transactions.unmined()[0]?.nonce === 1)
    // Stored before it is sent: a block mined too early would not hold it.
    await until(async () => (await tip(cheat)) > 0n)
    await cheat.mine({ blocks: 1 })
    expect(await waiting).toMatchObject({ status: 'success' })
    expect(await paid()).toBe(1n)
  })
})

test('a transaction that reverts says why, before or after it is mined', async () => {
  const chain = await startTestChain()
  try {
    const { rounds, fresh } = await chain.party(1)
    const reason = 'round already initialized'
    const early = rounds.initializeRound(fresh())
    await expect(early).rejects.toMatchObject({ code: 'TX_REVERTED', meta: { reason } })
    const options = { ...fresh(), gas: 200_000n }
    const receipt = { status: 'reverted' }
    for (let i = 0; i < 2; i += 1) {
      const mined = rounds.initializeRound(options)
      await expect(mined).rejects.toMatchObject({ code: 'TX_REVERTED', meta: { reason, receipt } })
    }
    const other = await connect(chain.anvil, 1)
    expect(await other.viem.getTransactionCount({ address: other.address as never })).toBe(1)
    other.close()
  } finally {
    await chain.stop()
  }
})
