import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHedge } from '../../../src/exchange/hedge.ts'
import { gateOf, unitsOf } from '../../helpers/fakes-media.ts'
import { Cleanup, until } from '../../helpers/fixtures.ts'
import {
  dispatcherOf,
  dispatchSegment,
  type PayerNode,
  type ProviderNode,
  startPayer,
  startProvider,
} from '../../helpers/fixtures-exchange.ts'

const { signal } = new AbortController()
const FEE = unitsOf()

const cleanup = new Cleanup()
let payer: PayerNode
let cheap: ProviderNode
let dear: ProviderNode
beforeEach(async () => {
  payer = await startPayer(cleanup)
  cheap = await startProvider(cleanup)
  dear = await startProvider(cleanup, { price: { num: 3n, den: 1n } })
})
afterEach(() => cleanup.run())

describe('a segment that is late', () => {
  test('is sent to a second provider, whose answer is used; what the first costs is counted', async () => {
    const dispatcher = await dispatcherOf(cleanup, payer, [dear, cheap], { hedgeBudget: 0.1 })
    await dispatcher.dispatch(dispatchSegment(0), { signal })
    const gate = gateOf()
    cheap.worker.gate = (_job, ended) => gate.pass(ended)
    const done = await dispatcher.dispatch(dispatchSegment(1), { signal })
    expect(done).toMatchObject({ ok: true, value: { provider: dear.host.peerId, attempts: 1 } })
    expect(dispatcher.extra()).toEqual({ hedges: 1, unused: 0, feesWei: 0n })
    gate.open()
    await until(() => dispatcher.extra().unused === 1)
    expect(dispatcher.extra().feesWei).toBe(FEE)
    // Being late once is no misdeed, and the one that was in time goes on.
    expect(payer.reputation.until(cheap.host.peerId)).toBeNull()
    expect(dispatcher.provider()).toBe(dear.host.peerId)
  })

  test('waits for its only provider', async () => {
    const dispatcher = await dispatcherOf(cleanup, payer, [cheap], { hedgeBudget: 1 })
    await dispatcher.dispatch(dispatchSegment(0), { signal })
    const gate = gateOf()
    cheap.worker.gate = (_job, ended) => gate.pass(ended)
    const pending = dispatcher.dispatch(dispatchSegment(1), { signal })
    // Looked for another, and found nobody.
    await until(() => payer.decisions.length === 2)
    gate.open()
    expect(await pending).toMatchObject({ ok: true, value: { provider: cheap.host.peerId } })
    expect(dispatcher.extra().hedges).toBe(0)
  })
})

test('S14 S17 N-fold redundancy: every segment goes to two providers, and the first good answer is used', async () => {
  const dispatcher = await dispatcherOf(cleanup, payer, [dear, cheap], { redundancy: 2 })
  for (let sequence = 0; sequence < 3; sequence += 1) {
    expect(await dispatcher.dispatch(dispatchSegment(sequence), { signal })).toMatchObject({
      ok: true,
      value: { attempts: 1 },
    })
  }
  await until(() => dispatcher.extra().unused === 3)
  expect(cheap.worker.jobs).toHaveLength(3)
  expect(dear.worker.jobs).toHaveLength(3)
  expect(payer.decisions).toHaveLength(2)
})

test('hedges stay within their budget, and wait longer where answers take longer', () => {
  const hedge = createHedge(0.1)
  let sent = 0
  for (let i = 0; i < 100; i += 1) {
    if (hedge.delayMs(2_000) !== null && hedge.take()) sent += 1
  }
  expect(sent).toBeLessThanOrEqual(12)
  expect(sent).toBeGreaterThanOrEqual(10)
  // Late together, they all saw the same one left.
  const together = createHedge(0.1)
  const seen = [1, 2, 3].map(() => together.delayMs(2_000))
  expect(seen).not.toContain(null)
  expect([together.take(), together.take(), together.take()]).toEqual([true, true, false])
  together.giveBack()
  expect(together.take()).toBe(true)
  const slow = createHedge(1)
  expect(slow.delayMs(1_000)).toBe(2_000)
  slow.answered(1_200)
  expect(slow.delayMs(1_000)).toBe(3_600)
  slow.answered(100_000)
  expect(slow.delayMs(1_000)).toBe(4_000)
  expect(createHedge(0).delayMs(2_000)).toBeNull()
})
