import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import type { Advert } from '../../../src/market/advert.ts'
import { marketLimits } from '../../../src/market/limits.ts'
import { createMarketMetrics } from '../../../src/market/metrics.ts'
import { type Quote, type QuoteRequest, randomId } from '../../../src/market/quote.ts'
import { createQuoteProvider, type QuoteProvider } from '../../../src/market/quote-provider.ts'
import { seekQuotes } from '../../../src/market/quote-seeker.ts'
import type { NetHost } from '../../../src/net/host.ts'
import { createBinding } from '../../../src/net/identity.ts'
import type { PeerKey } from '../../../src/net/peer-key.ts'
import { ticketEv } from '../../../src/rails/ticket/ticket.ts'
import { parseTicketParams } from '../../../src/rails/ticket/wire.ts'
import { type ManualClock, manualClock } from '../../helpers/fakes.ts'
import { type FakeChain, fakeChain } from '../../helpers/fakes-chain.ts'
import { profiles, SEGMENT_MS } from '../../helpers/fakes-media.ts'
import { Cleanup, temporaryStore, walletOf } from '../../helpers/fixtures.ts'
import { advertOf } from '../../helpers/fixtures-adverts.ts'
import { CHAIN_ID, createHost } from '../../helpers/fixtures-hosts.ts'
import { openRecipient, recipientWallet, senderWallet } from '../../helpers/fixtures-tickets.ts'

const { signal } = new AbortController()
const cleanup = new Cleanup()
afterEach(() => cleanup.run())

let asker: { host: NetHost; peerKey: PeerKey }
let clock: ManualClock
let chain: FakeChain
let quotes: QuoteProvider
let advert: Advert
let request: QuoteRequest
let freeSlots: number
let readiness: 'ready' | 'NOT_ACTIVE' | 'NOT_READY'

beforeEach(async () => {
  asker = await createHost(cleanup)
  await asker.host.start()
  clock = manualClock(Date.now())
  chain = fakeChain()
  freeSlots = 3
  readiness = 'ready'
  const { host, peerKey } = await createHost(cleanup)
  const { rail } = await openRecipient((await temporaryStore(cleanup)).store, chain)
  const market = createMarketMetrics(noMetrics)
  quotes = createQuoteProvider(
    {
      host,
      wallet: recipientWallet,
      rails: new Map([[rail.id, rail]]),
      clock,
      logger: silentLogger,
      metrics: market,
      capacity: () => ({ slots: 4, freeSlots }),
      readiness: async () => readiness,
    },
    {
      chainId: CHAIN_ID,
      services: ['transcode'],
      regions: ['eu'],
      price: { num: 3n, den: 2n },
      quoteTtlMs: 5_000,
      maxInFlight: 2,
    },
  )
  await quotes.start()
  await host.start()
  advert = advertOf({ peerKey, wallet: recipientWallet }, { addresses: host.addresses() })
  request = {
    chainId: CHAIN_ID,
    service: 'transcode',
    profiles,
    region: 'eu',
    segmentMs: SEGMENT_MS,
    expectedUnits: 1_000_001n,
    rail: 'ticket',
    payer: createBinding(asker.peerKey, senderWallet, { chainId: CHAIN_ID }),
  }
})

async function ask(over: Partial<QuoteRequest> = {}, of = advert, from = asker) {
  const components = {
    host: from.host,
    clock: systemClock,
    logger: silentLogger,
    metrics: createMarketMetrics(noMetrics),
  }
  const [answer] = await seekQuotes(
    components,
    [of],
    { ...request, ...over },
    { deadlineMs: 5_000, signal },
  )
  if (answer === undefined) throw new Error('not asked')
  return answer.outcome
}

async function quoted(over: Partial<QuoteRequest> = {}): Promise<Quote> {
  const outcome = await ask(over)
  if (outcome.type !== 'quote') throw new Error(JSON.stringify(outcome))
  return outcome.quote
}

describe('a quote', () => {
  test('is the provider’s price, on the payer’s request, with tickets sized for one segment', async () => {
    const quote = await quoted()
    expect(quote).toMatchObject({
      price: { num: 3n, den: 2n },
      provider: recipientWallet.address,
      payer: senderWallet.address,
      payerPeerId: asker.host.peerId,
      maxInFlight: 2,
      freeSlots: 3,
      expiresAtMs: clock.now() + 5_000,
      rail: 'ticket',
    })
    const params = parseTicketParams(quote.offer)
    // Two tickets for 1 000 001 pixels at 3/2 wei, rounded up to whole wei.
    expect(params.ok && ticketEv(params.value)).toBe(750_001n)
  })

  test('is kept by its provider as it was given, until it expires or is taken up', async () => {
    const [first, second] = [await quoted(), await quoted({ region: '' })]
    expect(quotes.find(first.quoteId)).toMatchObject({
      quote: first,
      request: { expectedUnits: 1_000_001n },
      feePerStep: 1_500_002n,
    })
    expect(quotes.find(randomId())).toBeUndefined()
    quotes.takenUp(first.quoteId)
    expect(quotes.find(first.quoteId)).toBeUndefined()
    clock.nowMs += 4_999
    expect(quotes.find(second.quoteId)).toBeDefined()
    clock.nowMs += 1
    expect(quotes.find(second.quoteId)).toBeUndefined()
  })

  test('reckons with at least what the profiles must take, whatever the payer expects', async () => {
    const quote = await quoted({ expectedUnits: 0n })
    const least = quotes.find(quote.quoteId)
    const perFrame = profiles.reduce((sum, { width, height }) => sum + BigInt(width * height), 0n)
    expect(least?.request.expectedUnits).toBeGreaterThanOrEqual(perFrame * 10n)
    expect(least?.feePerStep).toBeGreaterThan(0n)
  })

  test('promises no more segments in flight than there are free slots', async () => {
    freeSlots = 1
    expect(await quoted()).toMatchObject({ maxInFlight: 1 })
  })
})

describe('a refusal', () => {
  const otherBinding = () => createBinding(asker.peerKey, walletOf('other'), { chainId: CHAIN_ID })
  test.each<[string, () => Partial<QuoteRequest>]>([
    ['WRONG_CHAIN', () => ({ chainId: 1n })],
    ['UNKNOWN_SERVICE', () => ({ service: 'cook' })],
    ['UNSERVED_REGION', () => ({ region: 'mars' })],
    ['UNSUPPORTED_RAIL', () => ({ rail: 'barter' })],
    ['MALFORMED_REQUEST', () => ({ profiles: [] })],
    ['PAYER_NOT_BOUND', () => ({ payer: { ...otherBinding(), address: senderWallet.address } })],
    ['PAYER_UNDERFUNDED', () => ((chain.funds = { ...chain.funds, deposit: 0n }), {})],
    ['PAYER_UNDERFUNDED', () => ({ expectedUnits: 10n ** 19n })],
    ['PAYER_UNLOCKING', () => ((chain.funds = { ...chain.funds, withdrawRound: 11n }), {})],
    ['AT_CAPACITY', () => ((freeSlots = 0), {})],
    ['NOT_ACTIVE', () => ((readiness = 'NOT_ACTIVE'), {})],
    ['NOT_READY', () => ((readiness = 'NOT_READY'), {})],
    [
      'NOT_READY',
      () => (
        Object.assign(chain, {
          blockHash: new Uint8Array(32),
          previousBlockHash: new Uint8Array(32),
        }),
        {}
      ),
    ],
  ])('as %s says what is wrong (case %#)', async (code, arrange) => {
    expect(await ask(arrange())).toMatchObject({ type: 'refusal', refusal: { code } })
  })

  test('comes to a peer that borrows another’s binding', async () => {
    const thief = await createHost(cleanup)
    await thief.host.start()
    expect(await ask({}, advert, thief)).toMatchObject({
      type: 'refusal',
      refusal: { code: 'PAYER_NOT_BOUND' },
    })
  })

  test('comes to who asks too often, and nobody else, and ends', async () => {
    const codes = new Set<string>()
    for (let i = 0; i <= marketLimits.maxQuoteRequestsPerPeriod; i += 1) {
      const outcome = await ask()
      codes.add(outcome.type === 'refusal' ? outcome.refusal.code : outcome.type)
    }
    expect([...codes]).toEqual(['quote', 'TOO_MANY_REQUESTS'])
    clock.nowMs += marketLimits.quotePeriodMs
    expect(await ask()).toMatchObject({ type: 'quote' })
  })
})

describe('asking several at once', () => {
  test('has an answer for each: a quote, nobody there, or another than was advertised', async () => {
    const idle = await createHost(cleanup)
    await idle.host.start()
    const silent = advertOf(
      { peerKey: idle.peerKey, wallet: walletOf('idle') },
      { addresses: idle.host.addresses() },
    )
    const gone = await createHost(cleanup)
    const unreachable = advertOf(
      { peerKey: gone.peerKey, wallet: walletOf('gone') },
      { addresses: ['/ip4/127.0.0.1/tcp/1'] },
    )
    const impostor: Advert = { ...advert, address: walletOf('impostor').address }
    const components = {
      host: asker.host,
      clock: systemClock,
      logger: silentLogger,
      metrics: createMarketMetrics(noMetrics),
    }
    const answers = await seekQuotes(components, [silent, advert, unreachable, impostor], request, {
      deadlineMs: 5_000,
      signal,
    })
    expect(answers.map(({ outcome }) => outcome.type)).toEqual([
      'unreachable',
      'quote',
      'unreachable',
      'invalid',
    ])
    expect(answers[3]?.outcome).toMatchObject({ fault: 'BAD_SIGNATURE' })
    for (const { responseMs } of answers) expect(responseMs).toBeGreaterThan(0)
  })

  test('ends with the caller’s reason when it is told to', async () => {
    const controller = new AbortController()
    controller.abort(new DOMException('enough', 'AbortError'))
    const components = {
      host: asker.host,
      clock: systemClock,
      logger: silentLogger,
      metrics: createMarketMetrics(noMetrics),
    }
    const asked = seekQuotes(components, [advert], request, {
      deadlineMs: 5_000,
      signal: controller.signal,
    })
    await expect(asked).rejects.toThrow('enough')
  })
})
