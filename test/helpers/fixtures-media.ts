import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ETHER } from '../../src/chain/media-exchange.ts'
import type { RegisteredVideo } from '../../src/chain/video-registry.ts'
import type { BlockHost } from '../../src/exchange/block-hosts.ts'
import { agree, type BidderComponents } from '../../src/exchange/content-bidder.ts'
import { type Bids, createBids } from '../../src/exchange/content-bids.ts'
import { type Catalog, createCatalog, type Defence } from '../../src/exchange/content-catalog.ts'
import { fetchToc, type MediaIdentity } from '../../src/exchange/content-client.ts'
import { createMediaDesk } from '../../src/exchange/content-desk.ts'
import {
  type EarnRail,
  type MediaOrder,
  mediaOrderTable,
  type SpendRail,
  separatorsOf,
} from '../../src/exchange/content-order.ts'
import { createPurchase, type Purchase } from '../../src/exchange/content-purchase.ts'
import { createServing, type Serving } from '../../src/exchange/content-serving.ts'
import { createHostedBlocks, type HostedBlocks } from '../../src/exchange/hosted-blocks.ts'
import { createTurns } from '../../src/exchange/turns.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import { ok } from '../../src/lib/result.ts'
import { type BlockStore, createBlockStore } from '../../src/media/content/block-store.ts'
import { createNetHost, type NetHost } from '../../src/net/host.ts'
import { createBinding } from '../../src/net/identity.ts'
import type { PeerTarget } from '../../src/net/lanes.ts'
import { createPeerKey, publicKeyOfPeer } from '../../src/net/peer-key.ts'
import type { BidSigners } from '../../src/rails/check/bid.ts'
import { createCheckMetrics } from '../../src/rails/check/metrics.ts'
import { openCheckPayee } from '../../src/rails/check/payee.ts'
import type { CheckPayee } from '../../src/rails/check/payee-port.ts'
import { CHECK_RAIL, createCheckPayeeRail } from '../../src/rails/check/payee-rail.ts'
import { type CheckPayer, openCheckPayer } from '../../src/rails/check/payer.ts'
import { createCheckPayerRail } from '../../src/rails/check/payer-rail.ts'
import { publishVideo } from '../../src/roles/publisher.ts'
import type { Store, Table } from '../../src/store/store.ts'
import type { Party, TestChain } from './chain.ts'

/** Segments nobody can mistake for another's, each of a few KB. */
export async function* syntheticSegments(seed: string, count: number, bytes = 4096) {
  for (let seq = 0; seq < count; seq += 1) {
    const data = Buffer.alloc(bytes, createHash('sha256').update(`${seed}/${seq}`).digest())
    yield { seq, data: new Uint8Array(data), durationMs: 2000 }
  }
}

/** Everything a party to the exchange of media has. */
export interface MediaParty {
  readonly party: Party
  /** Where its blocks are. */
  readonly directory: string
  readonly host: NetHost
  readonly identity: MediaIdentity
  readonly target: PeerTarget
  readonly signers: BidSigners
  readonly store: Store
  readonly table: Table<MediaOrder>
  readonly blocks: BlockStore
  readonly catalog: Catalog
  /** Its segments are with hosts alone. */
  readonly hosted: HostedBlocks
  readonly payee: CheckPayee
  readonly payer: CheckPayer
  readonly bids: Bids
  readonly serving: Serving
  readonly bidder: BidderComponents
  publish(init?: {
    readonly count?: number
    readonly ask?: bigint | null
    readonly title?: string
    readonly defence?: Defence
    readonly formats?: readonly string[]
  }): Promise<RegisteredVideo>
  /** Agrees on a video at its asked price. */
  buy(video: RegisteredVideo, owner: PeerTarget, rail?: string): Promise<Purchase>
  /** Everything but its store, as after a crash, and its directory if that is to stay. */
  stop(options?: { readonly keep?: boolean }): Promise<void>
}

/** How a party takes part. */
export interface MediaPartyInit {
  readonly sells?: boolean
  readonly attention?: bigint | null
  readonly batch?: number
  /** Without it the party answers nobody. */
  readonly desk?: boolean
  readonly random?: () => number
  /** What it was before: the same key, store and directory. */
  readonly before?: MediaParty
  readonly source?: (own: BlockStore) => { get: BlockStore['get'] }
  /** Where its segments are, instead of here. */
  readonly hosts?: (host: NetHost) => readonly BlockHost[]
  readonly earnRails?: (checks: EarnRail) => ReadonlyMap<string, EarnRail>
  readonly spendRails?: (checks: SpendRail) => ReadonlyMap<string, SpendRail>
}

/** A party with a host of its own, started. */
export async function startMediaParty(
  chain: TestChain,
  party: Party,
  init: MediaPartyInit = {},
): Promise<MediaParty> {
  const directory = init.before?.directory ?? (await mkdtemp(join(tmpdir(), 'millrace-media-')))
  const key = init.before?.identity.key ?? (await createPeerKey())
  const { chainId } = chain.anvil
  const logger = silentLogger
  const host = await createNetHost(
    { logger, metrics: noMetrics },
    {
      ...{ peerKey: key, listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap: [], topics: [] },
      ...{ datastoreDirectory: join(directory, 'peers'), agentVersion: 'test/1' },
      allowLoopback: true,
    },
  )
  const binding = createBinding(key, party.signer, { chainId })
  const identity: MediaIdentity = { host, key, binding, chainId }
  const domain = { chainId, exchange: chain.addresses.mediaExchange }
  const separatorOf = separatorsOf(domain)
  const separator = separatorOf(CHECK_RAIL)
  const { store } = party
  const common = { store, clock: systemClock, logger }
  const { exchange, users, transactions } = party
  const contracts = { exchange, users, transactions }
  const metrics = createCheckMetrics(noMetrics)
  const signers = { wallet: party.digests, key, separator }
  const acceptor = { peerId: key.peerId, wallet: party.address, assets: [ETHER] }
  const payee = await openCheckPayee({ ...common, ...contracts, metrics }, { acceptor, separator })
  const payer = await openCheckPayer(
    { ...common, ...contracts, metrics },
    { signers, maxEscrow: 10n ** 20n, autoFund: true },
  )
  const table = mediaOrderTable(store)
  const blocks = createBlockStore({ directory: join(directory, 'blocks') })
  const catalog = createCatalog({ store, blocks })
  const { address: wallet } = party
  const checkEarn: EarnRail = {
    turns: createTurns(),
    rail: createCheckPayeeRail({ payee }, { domain, peerId: key.peerId, wallet, asset: ETHER }),
    async acceptBid(bid, from, options) {
      const accepted = await payee.accept(bid, { payer: from, orderId: null }, options)
      return accepted.ok ? ok(undefined) : accepted
    },
    settle: async (orderId, options) => payee.settle(orderId, options),
  }
  const checkSpend: SpendRail = {
    rail: createCheckPayerRail({ payer }, { domain, assets: [ETHER] }),
    async bid(terms, options) {
      const made = await payer.bid(terms, null, options)
      return made.ok ? ok(made.value.record.bid) : made
    },
  }
  const earnRails = init.earnRails?.(checkEarn) ?? new Map([['check', checkEarn]])
  const spendRails = init.spendRails?.(checkSpend) ?? new Map([['check', checkSpend]])
  const hosted = createHostedBlocks(
    {
      ...{ own: blocks, hosts: init.hosts?.(host) ?? [], clock: systemClock, logger },
      async segments() {
        const tocs = (await catalog.list()).map(async ({ video }) => catalog.toc(video, '720p'))
        return (await Promise.all(tocs)).flatMap((toc) => toc ?? [])
      },
    },
    { keepsSegments: init.hosts === undefined },
  )
  const source = init.source?.(blocks) ?? hosted
  const sells = init.sells ?? true
  const attention = init.attention ?? null
  const serving = createServing({
    ...{ ...common, key, table, catalog, blocks: source, earnRails, spendRails },
  })
  const bids = createBids(
    {
      ...{ ...common, identity, separatorOf, acceptor, registry: party.videos, catalog, table },
      ...{ earnRails, ...(init.random === undefined ? {} : { random: init.random }) },
    },
    { sells, attention, batch: init.batch ?? 2 },
  )
  const desk = createMediaDesk(
    { host, identity, catalog, bids, serving, separatorOf },
    { rails: [...earnRails.keys()], sells, attention },
  )
  await payee.start()
  await payer.start()
  await host.start()
  if (init.desk !== false) await desk.start()
  const target = { peerId: key.peerId, addresses: [...host.addresses()] }
  const bidder = {
    ...{ identity, signers, store, table, clock: systemClock, rails: spendRails },
    ...{ separatorOf, maxEscrow: 10n ** 20n },
  }
  return {
    ...{ party, directory, host, identity, target, signers, store, table, blocks, catalog, hosted },
    ...{ payee, payer, bids, serving, bidder },
    async publish(video = {}) {
      const { count = 5, ask = 1000n, title = 'a film', formats = ['720p'] } = video
      const { defence = { type: 'none' } } = video
      return publishVideo(
        {
          ...{ blocks: hosted, catalog, registry: party.videos, logger },
          transcode: async ({ data }) =>
            ok({ renditions: formats.map((name) => ({ name, data: [data] })) }),
        },
        syntheticSegments(`${title}/${key.peerId}`, count),
        {
          ...{ title, ask, segmentSeconds: 2, formats, defence, maxInFlight: 2 },
          ...{ owner: publicKeyOfPeer(key.peerId) as Uint8Array, payee: wallet },
        },
      )
    },
    async buy(video, owner, rail = 'check') {
      const format = video.formats[0] as string
      const fetched = await fetchToc(identity, owner, { video: video.directory, format })
      if (!fetched.ok) throw new Error(`${fetched.error.code}: ${fetched.error.detail}`)
      const { introduction, toc } = fetched.value
      const terms = {
        ...{ bid: introduction.ask ?? 0n, hash: video.directory, format, asset: ETHER },
        ...{ to: owner.peerId, payee: introduction.binding.address },
        ...{ duration: video.duration, segmentSeconds: video.segment.length },
      }
      const agreed = await agree(bidder, { kind: 'content', peer: owner, rail, terms })
      if (!agreed.ok) throw new Error(`${agreed.error.code}: ${agreed.error.detail}`)
      return createPurchase({ ...bidder, blocks, logger }, { ...agreed.value, toc, peer: owner })
    },
    async stop({ keep = false } = {}) {
      await desk.stop()
      await payer.stop()
      await payee.stop()
      await host.stop()
      if (!keep) await rm(directory, { recursive: true, force: true })
    },
  }
}
