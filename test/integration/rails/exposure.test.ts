import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import {
  type ExposureGuard,
  type ExposureInit,
  openExposureGuard,
} from '../../../src/rails/ticket/exposure-guard.ts'
import { openTopUp } from '../../../src/rails/ticket/exposure-top-up.ts'
import { ticketLimits } from '../../../src/rails/ticket/limits.ts'
import { createTicketMetrics } from '../../../src/rails/ticket/metrics.ts'
import { createSender, type Sender } from '../../../src/rails/ticket/sender.ts'
import type { Store } from '../../../src/store/store.ts'
import { type FakeChain, fakeChain } from '../../helpers/fakes-chain.ts'
import { bytesOf, Cleanup, temporaryStore, until, walletOf } from '../../helpers/fixtures.ts'
import { paramsOf, senderInit, senderWallet } from '../../helpers/fixtures-tickets.ts'

const metrics = createTicketMetrics(noMetrics)
const init: ExposureInit = { quantile: 0.999, warnAtPermille: 800, redemptionLagBlocks: 20n }
const FACE = 1_000_000n

const cleanup = new Cleanup()
let chain: FakeChain
let store: Store
let reopen: () => Promise<Store>
beforeEach(async () => {
  chain = fakeChain()
  ;({ store, reopen } = await temporaryStore(cleanup))
})
afterEach(() => cleanup.run())

const open = (over: Partial<ExposureInit> = {}): Promise<ExposureGuard> =>
  openExposureGuard({ store, time: chain, logger: silentLogger, metrics }, { ...init, ...over })

async function senderWith(exposure: ExposureGuard): Promise<Sender> {
  const components = { signer: senderWallet, time: chain, senders: chain, store, exposure }
  return createSender(components, senderInit)
}

/** A deposit of so many face values; params win one time in four. */
function deposit(faces: bigint): void {
  chain.funds = { ...chain.funds, deposit: faces * FACE }
}

const paramsTo = (name: string) =>
  paramsOf({
    recipient: walletOf(name).address,
    recipientRandHash: bytesOf(32, name.length + 40),
    faceValue: FACE,
  })

describe('the exposure guard', () => {
  test('signs as much as the deposit carries and refuses the rest with the numbers', async () => {
    // Eight tickets make a mean of 2, which only 8 wins are surely enough for.
    deposit(7n)
    const sender = await senderWith(await open())
    const id = await sender.startSession(paramsTo('a'))
    expect(await sender.createTicketBatch(id, 4)).toMatchObject({ ok: true })
    const refused = await sender.createTicketBatch(id, 4)
    expect(refused).toMatchObject({
      ok: false,
      error: { class: 'underfunded', code: 'EXPOSURE_TOO_HIGH' },
    })
    expect(refused.ok ? '' : refused.error.detail).toMatch(
      /8 outstanding.*8 times.*add 1000000 wei with millrace fund/,
    )
  })

  test('counts over all recipients, also those asked for at the same time', async () => {
    deposit(5n)
    const sender = await senderWith(await open())
    const ids = await Promise.all(
      ['a', 'bb', 'ccc'].map((name) => sender.startSession(paramsTo(name))),
    )
    const made = await Promise.all(ids.map((id) => sender.createTicketBatch(id, 4)))
    expect(made.filter(({ ok }) => ok)).toHaveLength(1)
  })

  test('judges an offer by what it would add', async () => {
    deposit(2n)
    const sender = await senderWith(await open())
    expect(await sender.validateTicketParams(paramsTo('a'))).toMatchObject({ ok: true })
    expect(await sender.validateTicketParams(paramsTo('a'), 4)).toMatchObject({
      ok: false,
      error: { code: 'EXPOSURE_TOO_HIGH' },
    })
  })

  test('remembers over a restart what may still win, until it can win no more', async () => {
    deposit(5n)
    const sender = await senderWith(await open())
    await sender.createTicketBatch(await sender.startSession(paramsTo('a')), 4)
    store = await reopen()
    const guard = await open()
    expect(guard.current()).toMatchObject({ tickets: 4, wins: 4, requiredWei: 4n * FACE })
    const again = await senderWith(guard)
    const fresh = paramsOf({ ...paramsTo('bb'), expirationBlock: 1_100n })
    const id = await again.startSession(fresh)
    chain.block = 1_059n
    expect(await again.createTicketBatch(id, 4)).toMatchObject({ ok: false })
    chain.block = 1_060n
    expect(guard.current().tickets).toBe(0)
    expect(await again.createTicketBatch(id, 4)).toMatchObject({ ok: true })
    store = await reopen()
    expect((await open()).outstanding()).toMatchObject([{ tickets: 4, expirationBlock: 1_100n }])
  })

  test('warns before it refuses', async () => {
    const guard = await open()
    guard.admit(paramsTo('a'), 4, 100n * FACE)
    expect([5n, 4n, 3n].map((faces) => guard.level(faces * FACE + FACE / 2n))).toEqual([
      'ok',
      'high',
      'over',
    ])
  })
})

describe('the top-up', () => {
  const target = 20n * FACE
  interface Call {
    readonly amount: bigint
    readonly id: string
  }
  const calls: Call[] = []
  let answer: () => Promise<void>
  beforeEach(() => {
    calls.length = 0
    answer = async () => {}
  })

  async function start(guard: ExposureGuard, fund: (amount: bigint) => void) {
    const topUp = await openTopUp(
      {
        ...{ store, guard, time: chain, senders: chain, logger: silentLogger, metrics },
        clock: { now: () => 86_400_000 * 100 },
        sender: senderWallet.address,
        broker: {
          async fundDeposit(amount, { id }) {
            calls.push({ amount, id })
            await answer()
            fund(amount)
          },
        },
      },
      { target, maxPerDay: 2n * target },
    )
    await topUp.start()
    cleanup.add(() => topUp.stop())
    return topUp
  }
  const add = (amount: bigint): void => deposit((chain.funds.deposit + amount) / FACE)

  test('adds once, and signing goes on', async () => {
    deposit(5n)
    const guard = await open()
    const sender = await senderWith(guard)
    const topUp = await start(guard, add)
    const id = await sender.startSession(paramsTo('a'))
    await sender.createTicketBatch(id, 4)
    expect(guard.level(5n * FACE)).toBe('ok')
    expect(await sender.createTicketBatch(id, 4)).toMatchObject({ ok: false })
    expect(guard.level(5n * FACE)).toBe('over')
    chain.mine(1_001n)
    await until(() => topUp.state().count === 1 && topUp.state().pending === null)
    chain.mine(1_002n)
    expect(calls).toEqual([{ amount: target - 5n * FACE, id: 'top-up-0' }])
    expect(await sender.createTicketBatch(id, 4)).toMatchObject({ ok: true })
  })

  test('goes on after a restart with the very transaction that was decided', async () => {
    deposit(4n)
    const guard = await open()
    guard.admit(paramsTo('a'), 4, 4n * FACE)
    await store.batch(guard.writes(paramsTo('a')))
    answer = () => Promise.reject(new Error('the endpoint is gone'))
    const first = await start(guard, add)
    await until(() => first.complaints().length > 0)
    expect(first.complaints()[0]).toContain('the endpoint is gone')
    await first.stop()
    store = await reopen()
    answer = async () => {}
    const second = await start(await open(), add)
    await until(() => second.state().pending === null)
    expect(new Set(calls.map(({ id }) => id))).toEqual(new Set(['top-up-0']))
    expect(new Set(calls.map(({ amount }) => amount)).size).toBe(1)
  })

  test('tries again only some blocks later', async () => {
    deposit(4n)
    const guard = await open()
    guard.admit(paramsTo('a'), 4, 4n * FACE)
    answer = () => Promise.reject(new Error('no ether'))
    const topUp = await start(guard, add)
    await until(() => topUp.complaints().length > 0)
    const { topUpRetryBlocks } = ticketLimits
    chain.mine(1_000n + topUpRetryBlocks - 1n)
    await new Promise((resolve) => setImmediate(resolve))
    expect(calls).toHaveLength(1)
    chain.mine(1_000n + topUpRetryBlocks)
    await until(() => calls.length === 2)
  })
})
