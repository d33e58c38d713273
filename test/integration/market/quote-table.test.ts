import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { raceSignal } from '../../../src/lib/abort.ts'
import type { Advert } from '../../../src/market/advert.ts'
import { NEGOTIATE_PROTOCOL } from '../../../src/market/quote.ts'
import type { HeldQuotes } from '../../../src/market/quote-table.ts'
import { parsePair } from '../../../src/market/service.ts'
import { Cleanup, until, walletOf } from '../../helpers/fixtures.ts'
import {
  marketOf,
  type PayerNode,
  type ProviderNode,
  startPayer,
  startProvider,
} from '../../helpers/fixtures-exchange.ts'
import { createHost } from '../../helpers/fixtures-hosts.ts'

const { signal } = new AbortController()
const nobody: ReadonlySet<string> = new Set()
const nothing = new Uint8Array(0)

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

let payer: PayerNode
let provider: ProviderNode
beforeEach(async () => {
  payer = await startPayer(cleanup)
  provider = await startProvider(cleanup)
  payer.directory.add(provider.advert, nothing, 'gossip')
})

const given = ({ metrics }: ProviderNode): number =>
  metrics.total('millrace_market_quotes_given_total')
const outcomes = ({ answers }: HeldQuotes): Record<string, string> =>
  Object.fromEntries(answers.map(({ advert, outcome }) => [advert.peerId, outcome.type]))
const quoteIn = ({ answers }: HeldQuotes) => {
  const found = answers.flatMap(({ outcome }) => (outcome.type === 'quote' ? [outcome.quote] : []))
  if (found[0] === undefined) throw new Error('no quote')
  return found[0]
}
const warm = { isEnabled: true }

/** Someone who is there and never answers. */
async function frozen(over: Partial<Advert> = {}): Promise<string> {
  const { host, peerKey } = await createHost(cleanup)
  const never = new Promise<void>(() => {})
  await host.handle(NEGOTIATE_PROTOCOL, async (_channel, { signal: ended }) =>
    raceSignal(never, { signal: ended }),
  )
  await host.start()
  const { peerId } = peerKey
  const addresses = host.addresses()
  payer.directory.add({ ...provider.advert, peerId, addresses, ...over }, nothing, 'gossip')
  return peerId
}

describe('a table of quotes', () => {
  test('S16 has quotes at hand for work that is wanted, and has them anew before they end', async () => {
    const { table, work } = await marketOf(cleanup, payer, { table: { ...warm, refreshMs: 100 } })
    expect(table.held(work).isWarm).toBe(false)
    await until(() => table.held(work).isWarm)
    const first = quoteIn(table.held(work))
    await until(() => quoteIn(table.held(work)).expiresAtMs > first.expiresAtMs)
    expect(table.held(work).isWarm).toBe(true)
  })

  test('sends nothing before work is wanted, and nothing after nobody wanted it for a while', async () => {
    const pace = { ...warm, refreshMs: 20, idleMs: 400 }
    const { table, work } = await marketOf(cleanup, payer, { table: pace })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(given(provider)).toBe(0)
    await until(() => table.held(work).answers.length === 1 && given(provider) >= 3)
    let before = -1
    await until(async () => {
      before = given(provider)
      await new Promise((resolve) => setTimeout(resolve, 300))
      return given(provider) === before
    })
    // It is there again for who comes later.
    table.held(work)
    await until(() => given(provider) > before)
  })

  test('sends nothing by itself when it is turned off', async () => {
    const { table, work } = await marketOf(cleanup, payer)
    expect(table.held(work).isWarm).toBe(false)
    const asked = await table.ask(work, nobody, { signal })
    expect(outcomes(asked)).toEqual({ [provider.host.peerId]: 'quote' })
    expect(asked.isWarm).toBe(false)
    expect(given(provider)).toBe(1)
    expect(payer.reputation.of(provider.host.peerId).responseMs).toBeGreaterThan(0)
  })

  test('gives a quote once, and asks for the next one', async () => {
    const { table, work } = await marketOf(cleanup, payer, { table: warm })
    table.held(work)
    await until(() => table.held(work).isWarm)
    const quote = quoteIn(table.held(work))
    table.taken(quote)
    expect(table.held(work).isWarm).toBe(false)
    expect(outcomes(table.held(work))[provider.host.peerId]).not.toBe('quote')
    await until(() => table.held(work).isWarm)
    expect(quoteIn(table.held(work)).quoteId).not.toEqual(quote.quoteId)
  })

  test('asks who advertises later, and forgets who is gone', async () => {
    const { table, work } = await marketOf(cleanup, payer, { table: warm })
    table.held(work)
    await until(() => table.held(work).isWarm)
    const late = await startProvider(cleanup)
    payer.directory.add(late.advert, nothing, 'gossip')
    await until(() => outcomes(table.held(work))[late.host.peerId] === 'quote')
    payer.directory.add({ ...late.advert, sequence: 2n, ttlMs: 0 }, nothing, 'gossip')
    expect(Object.keys(outcomes(table.held(work)))).toEqual([provider.host.peerId])
  })

  test('S9 S7 asks only who fits: service, region, stake, and the pairs that the work needs', async () => {
    const market = await marketOf(cleanup, payer, { policy: { minStake: 1n } })
    const { table, work } = market
    const small = 'h264:1080p>h264:16p'
    expect(parsePair(small)).not.toBeNull()
    const narrow = await startProvider(cleanup, { services: ['transcode', small] })
    payer.directory.add(narrow.advert, nothing, 'gossip')
    const fits = async (over: Partial<typeof work>) =>
      (await table.ask({ ...work, ...over }, nobody, { signal })).answers.length
    expect(await fits({})).toBe(1)
    expect(await fits({ service: 'GPUTranscoding' })).toBe(0)
    expect(await fits({ region: 'eu' })).toBe(1)
    expect(await fits({ region: 'mars' })).toBe(0)
    expect(await fits({ minStake: 2n })).toBe(0)
    expect(given(narrow)).toBe(0)
  })
})

describe('asking the best few', () => {
  test('goes on to the next when one refuses, without holding that against it', async () => {
    const busy = await startProvider(cleanup, { freeSlots: () => 0 })
    payer.directory.add(busy.advert, nothing, 'gossip')
    const prefer = [walletOf('own').address]
    const advert = { ...busy.advert, sequence: 2n, address: walletOf('own').address }
    payer.directory.add(advert, nothing, 'gossip')
    const { table, work } = await marketOf(cleanup, payer, {
      policy: { prefer },
      table: { size: 1, hedgeMs: 60_000 },
    })
    // The one that is asked first is full; its place is taken at once.
    const held = await table.ask(work, nobody, { signal })
    expect(outcomes(held)).toEqual({
      [busy.host.peerId]: 'refusal',
      [provider.host.peerId]: 'quote',
    })
    expect(payer.reputation.until(busy.host.peerId)).toBeNull()
    expect(payer.reputation.of(busy.host.peerId).failed).toEqual({})
    // It named a time before which it is not asked again.
    const asked = given(busy)
    await table.ask(work, nobody, { signal })
    expect(given(busy)).toBe(asked)
  })

  test('asks the next beside one that is late, and does not wait for that one', async () => {
    const own = walletOf('own').address
    const silent = await frozen({ address: own })
    const { table, work } = await marketOf(cleanup, payer, {
      policy: { prefer: [own] },
      table: { size: 1, hedgeMs: 50, deadlineMs: 60_000 },
    })
    const held = await table.ask(work, nobody, { signal })
    expect(outcomes(held)).toEqual({
      [silent]: 'unreachable',
      [provider.host.peerId]: 'quote',
    })
    expect(payer.reputation.until(silent)).toBeNull()
  })

  test('ends with the reason of who asked, and when the table stops', async () => {
    payer.directory.add({ ...provider.advert, sequence: 2n, ttlMs: 0 }, nothing, 'gossip')
    await frozen()
    const { table, work } = await marketOf(cleanup, payer, { table: { deadlineMs: 60_000 } })
    const ended = new AbortController()
    const given = table.ask(work, nobody, { signal: ended.signal })
    ended.abort(new DOMException('enough', 'AbortError'))
    await expect(given).rejects.toThrow('enough')
    const asked = table.ask(work, nobody, { signal })
    await table.stop()
    const { answers } = await asked
    expect(answers.map(({ outcome }) => outcome.type)).toEqual(['unreachable'])
  })
})
