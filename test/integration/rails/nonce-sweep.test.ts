import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bytesEqual, toHex } from '../../../src/lib/bytes.ts'
import type { Startable } from '../../../src/lib/lifecycle.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { openBlockClock } from '../../../src/rails/ticket/chain-clock.ts'
import { ticketLimits } from '../../../src/rails/ticket/limits.ts'
import { createTicketMetrics } from '../../../src/rails/ticket/metrics.ts'
import { createNonceSweep } from '../../../src/rails/ticket/nonce-sweep.ts'
import {
  admitNonces,
  emptyNonceWindow,
  nonceWindows,
} from '../../../src/rails/ticket/nonce-window.ts'
import { createRedemption } from '../../../src/rails/ticket/redemption.ts'
import { createSender } from '../../../src/rails/ticket/sender.ts'
import { ticketEv } from '../../../src/rails/ticket/ticket.ts'
import { bytesCodec } from '../../../src/store/codec.ts'
import type { Store, Table } from '../../../src/store/store.ts'
import { type FakeChain, fakeBroker, fakeChain } from '../../helpers/fakes-chain.ts'
import { bytesOf, Cleanup, temporaryStore, until } from '../../helpers/fixtures.ts'
import {
  openRecipient,
  openSender,
  paramsOf,
  type RecipientParts,
  senderInit,
  senderWallet,
} from '../../helpers/fixtures-tickets.ts'

const cleanup = new Cleanup()
let chain: FakeChain
let store: Store
let reopen: () => Promise<Store>
beforeEach(async () => {
  chain = fakeChain()
  ;({ store, reopen } = await temporaryStore(cleanup))
})
afterEach(() => cleanup.run())

async function keysOf(table: Table<unknown>): Promise<string[]> {
  const keys: string[] = []
  for await (const [key] of table.entries()) keys.push(key)
  return keys
}

describe('what a recipient forgets', () => {
  let parts: RecipientParts
  let redemption: Startable
  beforeEach(async () => {
    parts = await openRecipient(store, chain)
  })

  const startRedemption = async (): Promise<void> => {
    redemption = createRedemption(
      {
        store,
        winners: parts.winners,
        broker: fakeBroker(),
        time: chain,
        blocks: parts.blocks,
        gas: chain,
        logger: silentLogger,
        metrics: createTicketMetrics(noMetrics),
      },
      { ticketValidityPeriod: 2n, concurrency: 1 },
    )
    const mine = redemption
    cleanup.add(async () => mine.stop())
    await redemption.start()
  }

  /** Tells of a block until so many windows are left. */
  const mineUntilLeft = (block: bigint, left: number): Promise<void> =>
    until(async () => {
      chain.mine(block)
      return (await keysOf(nonceWindows(store))).length === left
    })

  /** A payment of three tickets under new params. */
  async function payment() {
    const params = await parts.recipient.ticketParams(senderWallet.address, 20_000n)
    if (!params.ok) throw new Error(params.error.code)
    const sender = createSender(
      { signer: senderWallet, time: chain, senders: chain, store },
      senderInit,
    )
    const batch = await sender.createTicketBatch(await sender.startSession(params.value), 3)
    if (!batch.ok) throw new Error(batch.error.code)
    return batch.value
  }

  async function receive(batch: Awaited<ReturnType<typeof payment>>): Promise<bigint | string> {
    const received = await parts.recipient.receiveBatch(batch)
    if (!received.ok) return received.error.code
    await store.batch(received.value.writes)
    received.value.committed()
    return received.value.credited
  }

  test('are the nonces of void params, block by block, and no others', async () => {
    const old = await payment()
    chain.mine(1_010n)
    const young = await payment()
    const ev = ticketEv(old.params)
    expect(await receive(old)).toBe(3n * ev)
    expect(await receive(young)).toBe(3n * ev)
    await startRedemption()
    chain.mine(1_039n)
    await mineUntilLeft(1_040n, 1)
    expect(await keysOf(nonceWindows(store))).toEqual([toHex(young.params.recipientRandHash)])
    expect(await receive(young)).toBe(0n)
    await mineUntilLeft(1_050n, 0)
  })

  test('earns nothing again, even when a restart meets an endpoint that lags behind', async () => {
    const batch = await payment()
    await receive(batch)
    await startRedemption()
    await mineUntilLeft(1_040n, 0)
    expect(await receive(batch)).toBe('PARAMS_EXPIRED')
    await redemption.stop()
    store = await reopen()
    chain.block = 1_000n
    parts = await openRecipient(store, chain)
    expect(parts.secret.isFresh).toBe(false)
    expect(await receive(batch)).toBe('PARAMS_EXPIRED')
  })

  test('earns nothing again when it goes while a payment under it is being checked', async () => {
    const batch = await payment()
    expect(await receive(batch)).toBe(3n * ticketEv(batch.params))
    chain.block = 1_039n
    const sweep = createNonceSweep({ store, table: nonceWindows(store), blocks: parts.blocks })
    const info = chain.getSenderInfo
    // The funds are asked for after the cheap checks: the params become void in between.
    chain.getSenderInfo = async (address) => {
      chain.block = 1_040n
      await sweep()
      return info(address)
    }
    expect(await receive(batch)).toBe('PARAMS_EXPIRED')
    expect(await keysOf(nonceWindows(store))).toEqual([])
  })
})

test('a pass looks at a limited number of entries, and the next ones at the rest', async () => {
  const table = nonceWindows(store)
  const blocks = await openBlockClock(store, chain)
  const sweep = createNonceSweep({ store, table, blocks })
  const { sweepEntries } = ticketLimits
  const window = (expirationBlock: bigint) => admitNonces(emptyNonceWindow(expirationBlock), [1])
  const keys = Array.from({ length: 2 * sweepEntries }, (_, i) => i.toString().padStart(6, '0'))
  // The first page is live, so a pass that began anew each time would never get past it.
  await store.batch(
    keys.map((key, i) => table.putOp(key, window(i < sweepEntries ? 1_001n : 1_000n))),
  )
  expect(await sweep()).toBe(0)
  expect(await sweep()).toBe(sweepEntries)
  expect(await keysOf(table)).toEqual(keys.slice(0, sweepEntries))
  chain.block = 1_001n
  expect(await sweep()).toBe(0)
  expect(await sweep()).toBe(sweepEntries)
  expect(await keysOf(table)).toEqual([])
})

describe('what a sender forgets', () => {
  const raw = () => store.table('sender-nonces', bytesCodec)

  test('are the nonces of void params, when it begins another session', async () => {
    const sender = openSender(store, chain)
    const first = paramsOf()
    const second = paramsOf({ recipientRandHash: bytesOf(32, 2), expirationBlock: 1_060n })
    for (const params of [first, second]) {
      await sender.createTicketBatch(await sender.startSession(params), 2)
    }
    expect(await keysOf(raw())).toHaveLength(2)
    chain.block = 1_040n
    await sender.startSession(paramsOf({ recipientRandHash: bytesOf(32, 3) }))
    expect(await keysOf(raw())).toEqual([toHex(second.recipientRandHash)])
    expect(bytesEqual(first.recipientRandHash, second.recipientRandHash)).toBe(false)
  })

  test('is not signed anew, even when a restart meets an endpoint that lags behind', async () => {
    const sender = openSender(store, chain)
    await sender.createTicketBatch(await sender.startSession(paramsOf()), 2)
    chain.block = 1_040n
    await sender.startSession(paramsOf({ recipientRandHash: bytesOf(32, 3) }))
    store = await reopen()
    chain.block = 1_000n
    const again = openSender(store, chain)
    const id = await again.startSession(paramsOf())
    expect(await again.createTicketBatch(id, 1)).toMatchObject({
      ok: false,
      error: { class: 'new-params', code: 'PARAMS_EXPIRED' },
    })
  })

  test('is nothing that an older release stored without its expiration', async () => {
    const id = toHex(paramsOf().recipientRandHash)
    // Version 1: the nonce alone, here 5 as CBOR writes it.
    await raw().put(id, Uint8Array.of(1, 5))
    chain.block = 1_039n
    const sender = openSender(store, chain)
    await sender.startSession(paramsOf({ recipientRandHash: bytesOf(32, 3) }))
    expect(await keysOf(raw())).toEqual([id])
    chain.block = 1_000n
    const params = paramsOf({ expirationBlock: 2_000n })
    const batch = await sender.createTicketBatch(await sender.startSession(params), 1)
    expect(batch.ok && batch.value.senderParams[0]?.senderNonce).toBe(6)
  })
})
