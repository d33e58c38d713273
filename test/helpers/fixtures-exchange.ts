import { hashChunks } from '../../src/exchange/chunks.ts'
import {
  createDispatcher,
  type Dispatcher,
  type DispatchSegment,
} from '../../src/exchange/dispatcher.ts'
import { createExchangeMetrics } from '../../src/exchange/metrics.ts'
import { openPayerOrder } from '../../src/exchange/open-order.ts'
import { type Order, orderIdBytes, orderOf } from '../../src/exchange/order.ts'
import { createOrderSource } from '../../src/exchange/order-source.ts'
import { openPayerBooks, type PayerBooks } from '../../src/exchange/payer-books.ts'
import type { OutgoingSegment, PayerOrder } from '../../src/exchange/payer-order.ts'
import { createProvider } from '../../src/exchange/provider.ts'
import {
  createProviderOrders,
  type ProviderOrder,
  type ProviderOrders,
} from '../../src/exchange/provider-orders.ts'
import type { Worker } from '../../src/exchange/work.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { WalletSigner } from '../../src/lib/crypto/eip191.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import type { Ratio } from '../../src/lib/wei.ts'
import type { Advert } from '../../src/market/advert.ts'
import type { DecisionRecord } from '../../src/market/decision.ts'
import { createDirectory, type Directory } from '../../src/market/directory.ts'
import { createMarketMetrics } from '../../src/market/metrics.ts'
import type { QuoteRequest } from '../../src/market/quote.ts'
import { createQuoteProvider, type QuoteProvider } from '../../src/market/quote-provider.ts'
import { seekQuotes } from '../../src/market/quote-seeker.ts'
import {
  createQuoteTable,
  type QuoteTableInit,
  type WantedWork,
} from '../../src/market/quote-table.ts'
import { openReputation, type Reputation } from '../../src/market/reputation.ts'
import { type PolicyChanges, type Preset, policyOf } from '../../src/market/selection-policy.ts'
import type { NetHost } from '../../src/net/host.ts'
import { type Binding, createBinding } from '../../src/net/identity.ts'
import type { PayerRail } from '../../src/rails/rail.ts'
import type { Store } from '../../src/store/store.ts'
import { countingMetrics, recordingLogger } from './fakes.ts'
import { type FakeChain, fakeChain } from './fakes-chain.ts'
import {
  type FakeWorker,
  fakeProber,
  fakeWorker,
  profiles,
  SEGMENT_MS,
  sourceSegment,
  unitsOf,
} from './fakes-media.ts'
import { type Cleanup, temporaryStore } from './fixtures.ts'
import { CHAIN_ID, createHost } from './fixtures-hosts.ts'
import {
  openPayerRail,
  openRecipient,
  type RecipientParts,
  recipientWallet,
  senderWallet,
} from './fixtures-tickets.ts'

const forever = new AbortController().signal

/** A provider as a node composes it, with a fake chain and a fake worker. */
export interface ProviderNode {
  readonly host: NetHost
  readonly wallet: WalletSigner
  readonly store: Store
  readonly chain: FakeChain
  readonly worker: FakeWorker
  readonly tickets: RecipientParts
  readonly quotes: QuoteProvider
  readonly orders: ProviderOrders
  readonly logger: ReturnType<typeof recordingLogger>
  readonly metrics: ReturnType<typeof countingMetrics>
  readonly advert: Advert
  openStreams(): number
  /** The order's provider side. */
  orderOf(order: Order): Promise<ProviderOrder>
}

export async function startProvider(
  cleanup: Cleanup,
  options: {
    readonly price?: Ratio
    readonly maxInFlight?: number
    readonly wallet?: WalletSigner
    readonly services?: readonly string[]
    readonly quoteTtlMs?: number
    readonly slots?: number
    /** What does the work, when it is not the fake worker. */
    readonly work?: Worker
    freeSlots?(): number
  } = {},
): Promise<ProviderNode> {
  const { host, peerKey } = await createHost(cleanup)
  const { store } = await temporaryStore(cleanup)
  const { wallet = recipientWallet, services = ['transcode'] } = options
  const [chain, worker, logger, metrics] = [
    fakeChain(),
    fakeWorker(),
    recordingLogger(),
    countingMetrics(),
  ]
  const tickets = await openRecipient(store, chain, { address: wallet.address })
  const rails = new Map([[tickets.rail.id, tickets.rail]])
  const clock = systemClock
  const quotes = createQuoteProvider(
    {
      host,
      wallet,
      rails,
      clock,
      logger,
      metrics: createMarketMetrics(metrics),
      capacity: () => ({ slots: 8, freeSlots: options.freeSlots?.() ?? 8 }),
      readiness: async () => 'ready',
    },
    {
      chainId: CHAIN_ID,
      services,
      regions: ['eu'],
      price: options.price ?? { num: 1n, den: 1n },
      quoteTtlMs: options.quoteTtlMs ?? 60_000,
      maxInFlight: options.maxInFlight ?? 2,
    },
  )
  const orders = createProviderOrders({ store, clock, quotes, rails })
  const exchange = createExchangeMetrics(metrics)
  const provider = createProvider({
    ...{ host, wallet, orders, logger, metrics: exchange, worker: options.work ?? worker },
    ...(options.slots === undefined ? {} : { slots: options.slots }),
  })
  await quotes.start()
  await provider.start()
  await host.start()
  cleanup.add(async () => provider.stop())
  const advert: Advert = {
    chainId: CHAIN_ID,
    peerId: host.peerId,
    address: wallet.address,
    binding: createBinding(peerKey, wallet, { chainId: CHAIN_ID }),
    sequence: 1n,
    issuedAtMs: clock.now(),
    ttlMs: 600_000,
    services,
    regions: ['eu'],
    capacity: { slots: 8, freeSlots: 8 },
    addresses: host.addresses(),
  }
  return {
    ...{ host, wallet, store, chain, worker, tickets, quotes, orders, logger, metrics, advert },
    openStreams: provider.openStreams,
    async orderOf(order) {
      const found = await orders.open(orderIdBytes(order), order.payerPeerId)
      if (found === undefined) throw new Error('no such order')
      orders.leave(found)
      return found
    },
  }
}

/** A payer as a node composes it. */
export interface PayerNode {
  readonly host: NetHost
  readonly wallet: WalletSigner
  readonly binding: Binding
  readonly store: Store
  readonly books: PayerBooks
  readonly chain: FakeChain
  readonly rail: PayerRail
  readonly directory: Directory
  readonly reputation: Reputation
  readonly decisions: DecisionRecord[]
  readonly logger: ReturnType<typeof recordingLogger>
}

export async function startPayer(cleanup: Cleanup): Promise<PayerNode> {
  const { host, peerKey } = await createHost(cleanup)
  await host.start()
  const { store } = await temporaryStore(cleanup)
  const chain = fakeChain()
  const logger = recordingLogger()
  return {
    host,
    wallet: senderWallet,
    binding: createBinding(peerKey, senderWallet, { chainId: CHAIN_ID }),
    store,
    books: await openPayerBooks({ store, clock: systemClock, logger }),
    chain,
    rail: openPayerRail(store, chain),
    directory: createDirectory(systemClock),
    reputation: await openReputation({ store, clock: systemClock, logger }),
    decisions: [],
    logger,
  }
}

/** The request for quotes that all orders of these tests come from. */
export function requestOf(payer: PayerNode, over: Partial<QuoteRequest> = {}): QuoteRequest {
  return {
    chainId: CHAIN_ID,
    service: 'transcode',
    profiles,
    region: '',
    segmentMs: SEGMENT_MS,
    expectedUnits: unitsOf(),
    rail: payer.rail.id,
    payer: payer.binding,
    ...over,
  }
}

/** Negotiates, and gives back the order with the offer to pay under. */
export async function negotiate(
  payer: PayerNode,
  provider: ProviderNode,
  over: Partial<QuoteRequest> = {},
): Promise<{ readonly order: Order; readonly offer: Uint8Array }> {
  const request = requestOf(payer, over)
  const components = { ...payer, clock: systemClock, metrics: createMarketMetrics(noMetrics) }
  const [answer] = await seekQuotes(components, [provider.advert], request, {
    deadlineMs: 10_000,
    signal: forever,
  })
  if (answer?.outcome.type !== 'quote')
    throw new Error(`no quote: ${JSON.stringify(answer?.outcome)}`)
  const { quote } = answer.outcome
  return { order: orderOf(quote, request, 0), offer: quote.offer }
}

/** An order opened by its payer. */
export async function openOrder(
  cleanup: Cleanup,
  payer: PayerNode,
  provider: ProviderNode,
  over: Partial<QuoteRequest> = {},
): Promise<PayerOrder> {
  const { order, offer } = await negotiate(payer, provider, over)
  return takeUp(cleanup, payer, provider, order, offer)
}

/** Opens the stream of an order that was negotiated. */
export async function takeUp(
  cleanup: Cleanup,
  payer: PayerNode,
  provider: ProviderNode,
  order: Order,
  offer: Uint8Array,
): Promise<PayerOrder> {
  const context = { orderId: order.orderId, payer: order.payer, payee: order.provider }
  const session = await payer.rail.openPay(context, offer)
  if (!session.ok) throw new Error(session.error.code)
  const addresses = provider.host.addresses()
  const book = payer.books.begin(order, addresses)
  const init = { book, addresses, manifestId: 'stream' }
  const opened = await openPayerOrder(payer, init, session.value, { signal: forever })
  if (!opened.ok) throw new Error(opened.error.code)
  cleanup.add(async () => opened.value.close('idle'))
  return opened.value
}

/** A segment on its way; one an index. */
export function outgoing(
  index: number,
  options: { readonly frames?: number; readonly fee?: bigint; readonly sizeBytes?: number } = {},
): OutgoingSegment {
  const { data } = sourceSegment(index, options)
  return {
    index: BigInt(index),
    sequence: BigInt(index),
    durationMs: SEGMENT_MS,
    data,
    inputHash: hashChunks(data),
    fee: options.fee ?? unitsOf(options.frames),
  }
}

/** A segment as a stream's owner hands it to the dispatcher. */
export function dispatchSegment(sequence: number, sizeBytes?: number): DispatchSegment {
  const options = sizeBytes === undefined ? {} : { sizeBytes }
  return { sequence, durationMs: SEGMENT_MS, ...sourceSegment(sequence, options) }
}

/** How a payer chooses; by the price alone, and only when asked, where nothing else is said. */
export interface MarketOptions {
  readonly preset?: Preset
  readonly policy?: PolicyChanges
  readonly table?: Partial<QuoteTableInit>
}

/** A payer's table of quotes, and what streams share with it. */
export async function marketOf(
  cleanup: Cleanup,
  payer: PayerNode,
  { preset = 'cheapest', policy: changes = {}, table: over = {} }: MarketOptions = {},
) {
  const policy = policyOf(preset, changes)
  const metrics = countingMetrics()
  const components = {
    ...payer,
    clock: systemClock,
    metrics: createMarketMetrics(metrics),
    stakeOf: async () => 1n,
    termsOf: () => null,
    random: () => 0,
    onDecision: (record: DecisionRecord) => void payer.decisions.push(record),
  }
  const { prefer, weights } = policy
  const table = createQuoteTable(components, {
    ...{ chainId: CHAIN_ID, rail: payer.rail.id, payer: payer.binding, prefer, weights },
    isEnabled: false,
    size: 8,
    refreshMs: 20_000,
    hedgeMs: 60_000,
    idleMs: 60_000,
    deadlineMs: 5_000,
    ...over,
  })
  await table.start()
  cleanup.add(async () => table.stop())
  const work: WantedWork = {
    ...{ service: 'transcode', region: '', profiles, segmentMs: SEGMENT_MS },
    expectedUnits: unitsOf(),
    minStake: policy.minStake,
  }
  return { policy, table, work, components: { ...components, table }, counts: metrics }
}

/** A dispatcher that looks for its providers in the payer's directory. */
export async function dispatcherOf(
  cleanup: Cleanup,
  payer: PayerNode,
  providers: readonly ProviderNode[],
  options: {
    readonly patienceMs?: number
    readonly maxPrice?: Ratio
    readonly hedgeBudget?: number
    readonly redundancy?: number
    readonly market?: Awaited<ReturnType<typeof marketOf>>
  } = {},
): Promise<Dispatcher> {
  for (const { advert } of providers) payer.directory.add(advert, new Uint8Array(0), 'gossip')
  const maxPrice = options.maxPrice ?? null
  const market = options.market ?? (await marketOf(cleanup, payer, { policy: { maxPrice } }))
  const source = createOrderSource(market.components, {
    ...{ service: 'transcode', region: '', profiles, manifestId: 'stream' },
    ...{ policy: market.policy, settleMs: 0 },
  })
  const dispatcher = createDispatcher(
    { orders: source, prober: fakeProber, metrics: createExchangeMetrics(noMetrics) },
    {
      profiles,
      patienceMs: options.patienceMs ?? 1_000,
      hedgeBudget: options.hedgeBudget ?? 0,
      redundancy: options.redundancy ?? 1,
    },
  )
  cleanup.add(async () => dispatcher.close('idle'))
  return dispatcher
}
