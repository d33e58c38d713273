import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  chainParameters,
  setUpChain,
  type TestnetChain,
} from '../../scripts/testnet/chain-setup.ts'
import { startNode } from '../../scripts/testnet/network.ts'
import type { PeerProcess } from '../../scripts/testnet/peer-process.ts'
import type { ContractAddresses } from '../../src/chain/deploy.ts'
import { createMediaExchange, ETHER } from '../../src/chain/media-exchange.ts'
import { createPaymentChannels } from '../../src/chain/payment-channels.ts'
import { sleep } from '../../src/lib/abort.ts'
import type { Address } from '../../src/lib/crypto/address.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { sampleVideo } from '../helpers/e2e.ts'
import { Cleanup, temporaryDirectory } from '../helpers/fixtures.ts'

/** Wei a second, of a video and of watching one. */
const PRICE = 500_000_000_000_000n
const SEGMENT_SECONDS = 2
const SEGMENTS = 4
const EARNER = 1
const PATIENCE_MS = 90_000

/** A payer for each rail; all of them deal with one earner, which takes all rails. */
const RAILS = ['ticket', 'channel', 'check'] as const
type Rail = (typeof RAILS)[number]

/** Of an advertiser's own video; all lengths differ, for a video belongs to who registered it first. */
const segmentsOf = (rail: Rail): number => SEGMENTS + 1 + RAILS.indexOf(rail)

interface Order {
  readonly orderId: string
  readonly payer: string
  readonly rail: string
  readonly segments: number
  readonly creditedWei: string
  readonly debitedWei: string
}
interface Upload {
  readonly state: string
  readonly error?: string
}
/** What the earner says of itself. */
interface Earner {
  readonly orchestrator: { readonly orders: readonly Order[] }
  readonly publisher: {
    readonly uploads: readonly Upload[]
    readonly sales: readonly {
      readonly payer: string
      readonly rail: string
      readonly paidWei: string
      readonly segments: number
      readonly state: string
    }[]
  }
  readonly audience: {
    readonly watched: readonly {
      readonly payer: string
      readonly rail: string
      readonly intact: number
      readonly earnedWei: string
    }[]
  }
  readonly earning: {
    readonly winners: {
      readonly count: Readonly<Record<string, number>>
      readonly faceValue: Readonly<Record<string, string>>
    }
    readonly channels: readonly { readonly over: boolean; readonly transferred: string }[]
    readonly checks: readonly { readonly state: string }[]
  }
}
/** What a payer says of itself. */
interface Payer {
  readonly address: string
  readonly broadcaster: { readonly orders: readonly Order[] }
  readonly publisher: { readonly uploads: readonly Upload[] }
  readonly viewer: {
    readonly views: readonly {
      readonly state: string
      readonly segments: number
      readonly paidWei: string
      readonly error?: string
    }[]
  }
  readonly advertiser: {
    readonly orders: readonly {
      readonly rail: string
      readonly paidWei: string
      readonly receipted: number
    }[]
    readonly refusals: readonly { readonly code: string }[]
  }
}

const cleanup = new Cleanup()
const { signal } = new AbortController()
let chain: TestnetChain
let earner: PeerProcess
const payers = new Map<Rail, PeerProcess>()

/** Asks a node how it is until that will do. */
async function until<T>(peer: PeerProcess, isSo: (status: T) => boolean): Promise<T> {
  const giveUpAt = Date.now() + PATIENCE_MS
  for (;;) {
    const status = await peer.status<T>()
    if (status !== null && isSo(status)) return status
    if (Date.now() > giveUpAt) throw new Error(`${peer.name}: ${JSON.stringify(status)}`)
    if (!peer.isRunning()) throw new Error(`${peer.name} has died; see ${peer.logFile}`)
    await sleep(200)
  }
}

const contracts = (_role: string, at: ContractAddresses): object => {
  const { paymentChannels, mediaExchange, userRegistry, videoRegistry } = at
  const media = { mediaExchange, userRegistry, videoRegistry }
  return { chain: { paymentChannels, media, reorgDepth: 3, pollIntervalMs: 200 } }
}

const here = (bootstrap: readonly string[]): object => ({
  network: { listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap, allowLoopback: true },
})

beforeAll(async () => {
  const directory = await temporaryDirectory(cleanup)
  const input = await sampleVideo()
  chain = await setUpChain(
    { logger: silentLogger },
    { orchestrators: 1, broadcasters: RAILS.length, directory: join(directory, 'accounts') },
    { signal },
  )
  cleanup.add(() => chain.stop())
  const base = { chain, directory, signal, config: contracts }
  earner = await startNode(base, 'orchestrator', EARNER, EARNER, {
    ...here([]),
    roles: ['orchestrator', 'publisher', 'audience'],
    orchestrator: {
      rails: RAILS,
      pricePerUnit: '100000000',
      transcoding: { workers: 1, backend: 'node-av' },
      // So that of a few tickets some win, and all that is earned is on the chain soon.
      tickets: { ticketsPerSegment: 4, evMultiplier: 2, txCostMultiplier: 5, paramsLifeBlocks: 8 },
      channels: { idleBlocks: 20 },
      checks: { idleMs: 4_000 },
    },
    earning: { rails: RAILS },
    publisher: {
      profiles: ['144p'],
      segmentSeconds: SEGMENT_SECONDS,
      videos: [{ title: 'A film', input, price: `${PRICE}`, maxDurationMs: 8_000 }],
    },
    audience: { price: `${PRICE}` },
  })
  cleanup.add(() => earner.stop())
  await until<Earner>(earner, ({ publisher }) => publisher.uploads[0]?.state === 'published')
  const { peerId, addresses } = earner.ready
  await Promise.all(
    RAILS.map(async (rail, index) => {
      const peer = await startNode(base, 'broadcaster', index + 1, EARNER + 1 + index, {
        ...here(addresses),
        roles: ['broadcaster', 'viewer', 'publisher', 'advertiser'],
        broadcaster: {
          rails: [rail],
          profiles: ['144p'],
          channels: { deposit: '0.05 ether', maxDeposit: '5 ether', delayBlocks: 3 },
        },
        paying: { rails: [rail] },
        viewer: { videos: [{ video: 'A film', maxPrice: `${PRICE}` }] },
        publisher: {
          segmentSeconds: SEGMENT_SECONDS,
          videos: [
            {
              title: `${rail} ad`,
              input,
              maxDurationMs: segmentsOf(rail) * SEGMENT_SECONDS * 1_000,
            },
          ],
        },
        advertiser: {
          campaigns: [
            { video: `${rail} ad`, maxPrice: `${PRICE}`, viewers: [{ peerId, addresses }] },
          ],
        },
      })
      payers.set(rail, peer)
      cleanup.add(() => peer.stop())
    }),
  )
})
afterAll(() => cleanup.run())

const payerOn = (rail: Rail): PeerProcess => payers.get(rail) as PeerProcess
const sum = (amounts: readonly string[]): bigint =>
  amounts.reduce((total, amount) => total + BigInt(amount), 0n)

/** What the earner was credited by the payer on a rail, over all kinds. */
async function creditOn(rail: Rail): Promise<bigint> {
  const own = await until<Earner>(earner, () => true)
  const { address } = payerOn(rail).ready
  const by = <T extends { readonly payer: string; readonly rail: string }>(entries: readonly T[]) =>
    entries.filter((entry) => entry.payer === address && entry.rail === rail)
  return (
    sum(by(own.orchestrator.orders).map(({ creditedWei }) => creditedWei)) +
    sum(by(own.publisher.sales).map(({ paidWei }) => paidWei)) +
    sum(by(own.audience.watched).map(({ earnedWei }) => earnedWei))
  )
}

describe.each(RAILS)('paid by %s', (rail) => {
  const segmentsOfAd = segmentsOf(rail)

  test(`work by ${rail}: segments are transcoded, charged and paid, and both books agree`, async () => {
    const payer = await until<Payer>(payerOn(rail), ({ publisher: { uploads } }) => {
      const [upload] = uploads
      if (upload?.state === 'failed') throw new Error(upload.error)
      return upload?.state === 'published'
    })
    const { orders } = payer.broadcaster
    expect(orders.length).toBeGreaterThan(0)
    expect(orders.every((order) => order.rail === rail)).toBe(true)
    const segments = orders.reduce((count, order) => count + order.segments, 0)
    expect(segments).toBe(segmentsOfAd)
    const theirs = (await until<Earner>(earner, () => true)).orchestrator.orders
    for (const { orderId, creditedWei, debitedWei } of orders) {
      const twin = theirs.find((order) => order.orderId === orderId)
      expect(twin).toMatchObject({ rail, payer: payer.address, creditedWei, debitedWei })
      expect(BigInt(creditedWei)).toBeGreaterThanOrEqual(BigInt(debitedWei))
      expect(BigInt(debitedWei)).toBeGreaterThan(0n)
    }
  })

  test(`content by ${rail}: every segment is bought, paid before it comes, and both books agree`, async () => {
    const payer = await until<Payer>(payerOn(rail), ({ viewer: { views } }) => {
      const [view] = views
      if (view?.state === 'failed') throw new Error(view.error)
      return view?.state === 'done'
    })
    const [view] = payer.viewer.views
    expect(view?.segments).toBe(SEGMENTS)
    const { publisher } = await until<Earner>(earner, (status) =>
      status.publisher.sales.some((sale) => sale.payer === payer.address && sale.state === 'done'),
    )
    const sale = publisher.sales.find((one) => one.payer === payer.address)
    expect(sale).toMatchObject({ rail, segments: SEGMENTS, paidWei: view?.paidWei })
    const price = PRICE * BigInt(SEGMENTS * SEGMENT_SECONDS)
    const paid = BigInt(sale?.paidWei ?? '0')
    expect(paid).toBeGreaterThanOrEqual(price)
    // What a rail that pays in pieces may be over the bid by.
    expect(paid).toBeLessThanOrEqual(price + PRICE * BigInt(SEGMENT_SECONDS))
  })

  test(`attention by ${rail}: every receipt is paid, and both books agree`, async () => {
    const payer = await until<Payer>(payerOn(rail), ({ advertiser: { orders, refusals } }) => {
      if (refusals[0] !== undefined) throw new Error(refusals[0].code)
      return orders[0]?.receipted === segmentsOfAd
    })
    const { audience } = await until<Earner>(earner, (status) =>
      status.audience.watched.some((one) => one.payer === payer.address),
    )
    const watched = audience.watched.find((one) => one.payer === payer.address)
    const [order] = payer.advertiser.orders
    expect(watched).toMatchObject({ rail, intact: segmentsOfAd, earnedWei: order?.paidWei })
    const price = PRICE * BigInt(segmentsOfAd * SEGMENT_SECONDS)
    expect(BigInt(watched?.earnedWei ?? '0')).toBeGreaterThanOrEqual(price)
  })
})

describe('work, content and attention together', () => {
  test('by ticket: winners of all three are redeemed, to the wei of what senders lost', async () => {
    const { earning } = await until<Earner>(earner, ({ earning: { winners } }) => {
      const { count } = winners
      const done = count['redeemed'] ?? 0
      return done > 0 && Object.entries(count).every(([name, n]) => name === 'redeemed' || n === 0)
    })
    const { deposit } = await chain.broker.senderInfo(payerOn('ticket').ready.address as Address)
    expect(BigInt(earning.winners.faceValue['redeemed'] ?? '0')).toBe(
      chainParameters.deposit - deposit,
    )
  })

  test('by check: what was signed for all three is cashed', async () => {
    await until<Earner>(earner, ({ earning: { checks } }) => checks.length === 0)
    const at = { address: chain.contracts.mediaExchange }
    const balance = await createMediaExchange({ client: chain.client }, at).balanceOf(
      ETHER,
      earner.ready.address as Address,
    )
    expect(balance).toBeGreaterThan(0n)
    expect(balance).toBe(await creditOn('check'))
  })

  test('by channel: what was committed for all three is paid out', async () => {
    const { earning } = await until<Earner>(
      earner,
      ({ earning: { channels } }) => channels.length > 0 && channels.every(({ over }) => over),
    )
    const at = { address: chain.contracts.paymentChannels }
    const events = await createPaymentChannels({ client: chain.client }, at).events({
      fromBlock: 0n,
      toBlock: await chain.client.blockNumber(),
    })
    const paidOut = events
      .filter((event) => event.type === 'PaidOut')
      .reduce((total, { quantity }) => total + quantity, 0n)
    expect(paidOut).toBe(sum(earning.channels.map(({ transferred }) => transferred)))
    expect(paidOut).toBe(await creditOn('channel'))
  })
})
