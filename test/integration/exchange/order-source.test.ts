import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Dispatcher } from '../../../src/exchange/dispatcher.ts'
import { sleep } from '../../../src/lib/abort.ts'
import { ok } from '../../../src/lib/result.ts'
import { Cleanup, until, walletOf } from '../../helpers/fixtures.ts'
import {
  dispatcherOf,
  dispatchSegment,
  type MarketOptions,
  marketOf,
  type PayerNode,
  type ProviderNode,
  startPayer,
  startProvider,
} from '../../helpers/fixtures-exchange.ts'

const { signal } = new AbortController()

const cleanup = new Cleanup()
let payer: PayerNode
let next: number
beforeEach(async () => {
  payer = await startPayer(cleanup)
  next = 0
})
afterEach(() => cleanup.run())

/** A market whose table has quotes of all of these at hand. */
async function warmMarket(providers: readonly ProviderNode[], options: MarketOptions) {
  const table = { isEnabled: true, refreshMs: 200, ...options.table }
  const market = await marketOf(cleanup, payer, { ...options, table })
  const dispatcher = await dispatcherOf(cleanup, payer, providers, { market })
  const quoted = () =>
    market.table.held(market.work).answers.filter(({ outcome }) => outcome.type === 'quote')
  market.table.held(market.work)
  await until(() => market.table.held(market.work).isWarm && quoted().length > 0)
  return { ...market, dispatcher, quoted }
}

async function deliver(dispatcher: Dispatcher) {
  next += 1
  const done = await dispatcher.dispatch(dispatchSegment(next), { signal })
  if (!done.ok) throw new Error(`${done.error.code}: ${done.error.detail}`)
  return done.value.provider
}

/** Sends segments until one was worked there; the test runner's timeout bounds it. */
async function deliverUntil(dispatcher: Dispatcher, provider: ProviderNode): Promise<string[]> {
  const went: string[] = []
  while (went.at(-1) !== provider.host.peerId) {
    went.push(await deliver(dispatcher))
    await sleep(20)
  }
  return went
}

const asked = (...providers: readonly ProviderNode[]): number =>
  providers.reduce(
    (sum, { metrics }) => sum + metrics.total('millrace_market_quotes_given_total'),
    0,
  )
const reasons = () => payer.decisions.map(({ reason }) => reason)

describe('a stream', () => {
  test('S16 begins without asking anyone when quotes are at hand', async () => {
    const cheap = await startProvider(cleanup)
    const dear = await startProvider(cleanup, { price: { num: 3n, den: 1n } })
    const { dispatcher } = await warmMarket([dear, cheap], { table: { refreshMs: 60_000 } })
    const before = asked(cheap, dear)
    expect(before).toBe(2)
    // What is taken is asked for anew, after the order is open and not before.
    expect(await deliver(dispatcher)).toBe(cheap.host.peerId)
    expect(payer.decisions).toMatchObject([
      { reason: 'start', isFromTable: true, stream: 'stream', chosenPeerId: cheap.host.peerId },
    ])
    expect(asked(dear)).toBe(1)
    await until(() => asked(cheap) === 2)
  })

  test('S18 goes to another at once when its provider dies, from what is at hand', async () => {
    const cheap = await startProvider(cleanup)
    const dear = await startProvider(cleanup, { price: { num: 3n, den: 1n } })
    const market = await warmMarket([dear, cheap], { table: { refreshMs: 60_000 } })
    const { dispatcher, table, work } = market
    expect(await deliver(dispatcher)).toBe(cheap.host.peerId)
    await until(() => table.held(work).isWarm)
    await cheap.host.stop()
    expect(await deliver(dispatcher)).toBe(dear.host.peerId)
    expect(payer.decisions.at(-1)).toMatchObject({ reason: 'next', isFromTable: true })
  })

  test('S17 goes to the owner’s own first, elsewhere while that is full, and back', async () => {
    const wallet = walletOf('own')
    let freeSlots = 1
    const price = { num: 9n, den: 1n }
    const own = await startProvider(cleanup, { wallet, price, freeSlots: () => freeSlots })
    const other = await startProvider(cleanup)
    const { dispatcher } = await warmMarket([own, other], {
      preset: 'own-first',
      policy: { prefer: [wallet.address] },
    })
    expect(await deliver(dispatcher)).toBe(own.host.peerId)
    own.worker.gate = async () => ({ ok: false, error: { code: 'BUSY', detail: 'full' } })
    freeSlots = 0
    expect(await deliver(dispatcher)).toBe(other.host.peerId)
    expect(payer.reputation.until(own.host.peerId)).toBeNull()
    own.worker.gate = async () => ok(undefined)
    freeSlots = 1
    await deliverUntil(dispatcher, own)
    expect(reasons()).toEqual(['start', 'next', 'move'])
  })
})

describe('while a stream runs', () => {
  test('it moves to someone clearly better, between two segments and without a gap', async () => {
    const first = await startProvider(cleanup, { price: { num: 10n, den: 1n } })
    const { dispatcher } = await warmMarket([first], { policy: { hysteresis: 0.15 } })
    expect(await deliver(dispatcher)).toBe(first.host.peerId)
    const slightly = await startProvider(cleanup, { price: { num: 9n, den: 1n } })
    payer.directory.add(slightly.advert, new Uint8Array(0), 'gossip')
    await until(() => asked(slightly) > 0)
    for (let i = 0; i < 5; i += 1) expect(await deliver(dispatcher)).toBe(first.host.peerId)
    const clearly = await startProvider(cleanup, { price: { num: 8n, den: 1n } })
    payer.directory.add(clearly.advert, new Uint8Array(0), 'gossip')
    const went = await deliverUntil(dispatcher, clearly)
    expect(new Set(went.slice(0, -1))).toEqual(new Set([first.host.peerId]))
    expect(reasons()).toEqual(['start', 'move'])
    // What it left is closed, with its credit kept for another time.
    await until(() => first.openStreams() === 0)
    expect(dispatcher.provider()).toBe(clearly.host.peerId)
  })

  test('one segment goes to someone not tried lately, and the next ones do not', async () => {
    const first = await startProvider(cleanup)
    const other = await startProvider(cleanup, { price: { num: 3n, den: 2n } })
    const { dispatcher } = await warmMarket([first, other], { policy: { explore: 0.2 } })
    const went: string[] = []
    for (let i = 0; i < 14; i += 1) {
      went.push(await deliver(dispatcher))
      await sleep(30)
    }
    expect(went.filter((peerId) => peerId === other.host.peerId)).toHaveLength(1)
    expect(went.at(-1)).toBe(first.host.peerId)
    expect(reasons()).toEqual(['start', 'try'])
    expect(payer.reputation.of(other.host.peerId).measured).toBeCloseTo(1, 3)
    await until(() => other.openStreams() === 0)
  })

  test('S8 a provider that is not where it says is left for one that is, by what is measured', async () => {
    const far = await startProvider(cleanup, { price: { num: 7n, den: 10n } })
    const near = await startProvider(cleanup)
    // As far away as that; it says that its work took no time.
    far.worker.gate = async () => {
      await sleep(400)
      return ok(undefined)
    }
    const { dispatcher, quoted } = await warmMarket([far, near], {
      preset: 'balanced',
      policy: { preferRegion: 'eu', explore: 0.25 },
    })
    await until(() => quoted().length === 2)
    const went = [await deliver(dispatcher)]
    expect(went[0]).toBe(far.host.peerId)
    // One segment is tried with the other; what it took is enough to go there for good.
    while (went.slice(-3).some((peerId) => peerId !== near.host.peerId) || went.length < 3) {
      went.push(await deliver(dispatcher))
    }
    expect(reasons()).toEqual(['start', 'try', 'move'])
    const [chosen, left] = payer.decisions.at(-1)?.considered ?? []
    expect(chosen).toMatchObject({ peerId: near.host.peerId })
    expect(left?.latencyMs).toBeGreaterThan(300)
  })

  test('S13 a second order that is open is weighed too, and taken without asking anyone', async () => {
    // So cheap that a few milliseconds more or less do not count.
    const first = await startProvider(cleanup, { price: { num: 1n, den: 4n } })
    const second = await startProvider(cleanup)
    const table = { refreshMs: 60_000 }
    const options = { preset: 'balanced', policy: { explore: 0 }, table } as const
    const market = await marketOf(cleanup, payer, options)
    const init = { market, redundancy: 2 }
    const dispatcher = await dispatcherOf(cleanup, payer, [first, second], init)
    await deliver(dispatcher)
    await until(() => dispatcher.provider() === first.host.peerId)
    const before = asked(first, second)
    first.worker.gate = async () => {
      await sleep(300)
      return ok(undefined)
    }
    while (dispatcher.provider() !== second.host.peerId) {
      await deliver(dispatcher)
      // Whoever is slower answers too before the next.
      await sleep(350)
    }
    expect(asked(first, second)).toBe(before)
    expect(reasons().at(-1)).toBe('move')
    expect(payer.decisions.at(-1)?.chosenPeerId).toBe(second.host.peerId)
  })
})
