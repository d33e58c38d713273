import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Dispatcher } from '../../../src/exchange/dispatcher.ts'
import { exchangeLimits } from '../../../src/exchange/limits.ts'
import { orderTable } from '../../../src/exchange/order.ts'
import { gateOf, honestOutputs, unitsOf } from '../../helpers/fakes-media.ts'
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

async function deliver(dispatcher: Dispatcher, sequence: number) {
  const done = await dispatcher.dispatch(dispatchSegment(sequence), { signal })
  if (!done.ok) throw new Error(`${done.error.code}: ${done.error.detail}`)
  return done.value
}

async function ordersOf({ store }: ProviderNode): Promise<number> {
  let count = 0
  for await (const _ of orderTable(store, 'provider').entries()) count += 1
  return count
}

describe('a dispatcher', () => {
  test('S14 keeps to the best provider, in one order, two segments at a time', async () => {
    const dispatcher = await dispatcherOf(cleanup, payer, [dear, cheap])
    for (let sequence = 0; sequence < 6; sequence += 2) {
      for (const done of await Promise.all([
        deliver(dispatcher, sequence),
        deliver(dispatcher, sequence + 1),
      ])) {
        expect(done).toMatchObject({ provider: cheap.host.peerId, attempts: 1, feeWei: FEE })
        expect(done.renditions.map(({ name }) => name)).toEqual(['large', 'small'])
      }
    }
    expect(dispatcher.provider()).toBe(cheap.host.peerId)
    expect(await ordersOf(cheap)).toBe(1)
    expect(payer.decisions).toHaveLength(1)
    const [decision] = payer.decisions
    expect(decision?.considered.map(({ chosen, why }) => ({ chosen, why }))).toEqual(
      expect.arrayContaining([
        { chosen: true, why: 'best score' },
        { chosen: false, why: 'a better score was to be had' },
      ]),
    )
  })

  test('S35 has the segment worked by another when its provider dies in the middle of it', async () => {
    const dispatcher = await dispatcherOf(cleanup, payer, [dear, cheap])
    await deliver(dispatcher, 0)
    const gate = gateOf()
    cheap.worker.gate = (_job, ended) => gate.pass(ended)
    const pending = [deliver(dispatcher, 1), deliver(dispatcher, 2)]
    await until(() => cheap.worker.jobs.length === 3)
    await cheap.host.stop()
    for (const done of await Promise.all(pending)) {
      expect(done).toMatchObject({ provider: dear.host.peerId, attempts: 2, feeWei: 3n * FEE })
    }
    expect(await deliver(dispatcher, 3)).toMatchObject({ provider: dear.host.peerId, attempts: 1 })
    expect(payer.reputation.until(cheap.host.peerId)).not.toBeNull()
    expect(payer.reputation.until(dear.host.peerId)).toBeNull()
  })

  test.each<[string, (provider: ProviderNode) => void]>([
    [
      'fails at its work',
      ({ worker }) =>
        (worker.gate = async () => ({ ok: false, error: { code: 'WORK_FAILED', detail: '' } })),
    ],
    [
      'returns the wrong picture',
      ({ worker }) =>
        (worker.outputs = (job) =>
          honestOutputs({ ...job, profiles: [...job.profiles].reverse() })),
    ],
    [
      'claims more pixels than there are',
      ({ worker }) =>
        (worker.outputs = (job) =>
          honestOutputs(job).map((output) => ({ ...output, pixels: output.pixels + 1n }))),
    ],
    [
      'leaves out a rendition',
      ({ worker }) => (worker.outputs = (job) => honestOutputs(job).slice(1)),
    ],
  ])('S35 goes to another when a provider %s', async (_what, spoil) => {
    spoil(cheap)
    const dispatcher = await dispatcherOf(cleanup, payer, [cheap, dear])
    expect(await deliver(dispatcher, 0)).toMatchObject({ provider: dear.host.peerId, attempts: 2 })
    expect(payer.reputation.until(cheap.host.peerId)).not.toBeNull()
  })

  test('goes to another when its provider is busy, and does not hold that against it', async () => {
    cheap.worker.gate = async () => ({ ok: false, error: { code: 'BUSY', detail: 'full' } })
    const dispatcher = await dispatcherOf(cleanup, payer, [cheap, dear])
    expect(await deliver(dispatcher, 0)).toMatchObject({ provider: dear.host.peerId, attempts: 2 })
    expect(payer.reputation.until(cheap.host.peerId)).toBeNull()
  })

  test('says what went wrong last when nobody delivers, and can go on with the next segment', async () => {
    const third = await startProvider(cleanup, { price: { num: 5n, den: 1n } })
    const fourth = await startProvider(cleanup, { price: { num: 9n, den: 1n } })
    const all = [cheap, dear, third, fourth]
    const gates = all.map(({ worker }) => worker.gate)
    for (const { worker } of all) {
      worker.gate = async () => ({ ok: false, error: { code: 'WORK_FAILED', detail: 'no' } })
    }
    const dispatcher = await dispatcherOf(cleanup, payer, all)
    const failed = await dispatcher.dispatch(dispatchSegment(0), { signal })
    expect(failed).toMatchObject({ ok: false, error: { code: 'WORK_FAILED' } })
    expect(all.map(({ worker }) => worker.jobs.length)).toEqual([1, 1, 1, 0])
    expect(exchangeLimits.maxAttempts).toBe(3)
    for (const [i, { worker }] of all.entries()) worker.gate = gates[i] as (typeof gates)[number]
    expect(await deliver(dispatcher, 1)).toMatchObject({ attempts: 1 })
  })

  test('takes nobody above its maximum price, and says why', async () => {
    const dispatcher = await dispatcherOf(cleanup, payer, [dear], {
      maxPrice: { num: 2n, den: 1n },
      patienceMs: 10,
    })
    const failed = await dispatcher.dispatch(dispatchSegment(0), { signal })
    expect(failed).toMatchObject({ ok: false, error: { class: 'elsewhere', code: 'NO_OFFER' } })
    expect(payer.decisions[0]?.considered[0]?.why).toBe('price 3 above the maximum 2')
  })

  test('S36 makes a new order when the segments outgrow the one it has', async () => {
    const dispatcher = await dispatcherOf(cleanup, payer, [cheap])
    await deliver(dispatcher, 0)
    const long = { ...dispatchSegment(1), durationMs: 5_000 }
    const done = await dispatcher.dispatch(long, { signal })
    expect(done).toMatchObject({ ok: true, value: { attempts: 2, provider: cheap.host.peerId } })
    const code = 'SEGMENT_FORMAT_DIDNT_MATCH_JOB_INPUT_PARAMS'
    expect(cheap.metrics.total('millrace_exchange_errors_total', code)).toBe(1)
    expect(await ordersOf(cheap)).toBe(2)
    expect(payer.reputation.until(cheap.host.peerId)).toBeNull()
  })

  test('waits for a provider when there is none yet', async () => {
    const dispatcher = await dispatcherOf(cleanup, payer, [], { patienceMs: 20_000 })
    const pending = deliver(dispatcher, 0)
    payer.directory.add(cheap.advert, new Uint8Array(0), 'gossip')
    expect(await pending).toMatchObject({ provider: cheap.host.peerId, attempts: 1 })
  })

  test('ends at once when it is told to', async () => {
    const dispatcher = await dispatcherOf(cleanup, payer, [cheap])
    const gate = gateOf()
    cheap.worker.gate = (_job, ended) => gate.pass(ended)
    const controller = new AbortController()
    const pending = dispatcher.dispatch(dispatchSegment(0), { signal: controller.signal })
    await until(() => cheap.worker.jobs.length === 1)
    controller.abort(new DOMException('over', 'AbortError'))
    await expect(pending).rejects.toThrow('over')
  })
})
