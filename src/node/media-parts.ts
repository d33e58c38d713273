import { join } from 'node:path'
import { createMediaExchange, ETHER, type MediaExchange } from '../chain/media-exchange.ts'
import { createUserRegistry, type UserRegistry } from '../chain/user-registry.ts'
import { createVideoRegistry, type VideoRegistry } from '../chain/video-registry.ts'
import type { Agents } from '../exchange/agent-client.ts'
import type { BidderComponents } from '../exchange/content-bidder.ts'
import { type Bids, createBids } from '../exchange/content-bids.ts'
import { type Catalog, createCatalog } from '../exchange/content-catalog.ts'
import type { MediaIdentity } from '../exchange/content-client.ts'
import { createMediaDesk } from '../exchange/content-desk.ts'
import { type EarnRail, mediaOrderTable, type SpendRail } from '../exchange/content-order.ts'
import { createServing, type Serving } from '../exchange/content-serving.ts'
import type { HostedBlocks } from '../exchange/hosted-blocks.ts'
import type { DigestSigner } from '../lib/crypto/digest-signer.ts'
import type { Startable } from '../lib/lifecycle.ts'
import { ok } from '../lib/result.ts'
import { maxBig } from '../lib/wei.ts'
import { type BlockStore, createBlockStore } from '../media/content/block-store.ts'
import { checkSeparator } from '../rails/check/digest.ts'
import { createCheckMetrics } from '../rails/check/metrics.ts'
import { type CheckPayee, openCheckPayee } from '../rails/check/payee.ts'
import { CHECK_RAIL, createCheckPayeeRail } from '../rails/check/payee-rail.ts'
import { type CheckPayer, openCheckPayer } from '../rails/check/payer.ts'
import { createCheckPayerRail } from '../rails/check/payer-rail.ts'
import { buildHostedBlocks } from './build-hosting.ts'
import type { NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'
import { addressBook, buildAgents } from './media-discovery.ts'

/** A foundation whose wallet signs typed data too. */
export type MediaFoundation = Foundation & { readonly digests: DigestSigner }

/** What the roles of content and attention share. */
export interface MediaParts {
  readonly exchange: MediaExchange
  readonly users: UserRegistry
  readonly videos: VideoRegistry
  readonly identity: MediaIdentity
  readonly bidder: BidderComponents
  readonly agents: Agents
  /** Multiaddrs of a peer with a wallet, as far as they are known. */
  readonly addressesOf: ReturnType<typeof addressBook>
  /** Of this node alone. */
  readonly blocks: BlockStore
  /** What this node publishes: its hosts have it too. */
  readonly hosted: HostedBlocks
  readonly catalog: Catalog
  readonly serving: Serving
  readonly bids: Bids
  readonly payer: CheckPayer
  readonly payee: CheckPayee
  /** Rails, desk and settlement: started before the roles. */
  readonly base: Startable
}

/** Joins what the roles of content and attention stand on. */
export async function buildMediaParts(
  foundation: MediaFoundation,
  config: NodeConfig,
): Promise<MediaParts> {
  const { chain, net, store, clock, wallet, digests } = foundation
  const logger = foundation.logger.child({ room: 'content' })
  const { media, chainId } = config.chain
  if (media === undefined) throw new RangeError('the schema asks for chain.media')
  const calls = { client: chain.client, transactions: chain.transactions }
  const exchange = createMediaExchange(calls, { address: media.mediaExchange })
  const users = createUserRegistry(calls, { address: media.userRegistry })
  const videos = createVideoRegistry(calls, { address: media.videoRegistry })
  const { host, peerKey: key, binding } = net
  const identity: MediaIdentity = { host, key, binding, chainId }
  const domain = { chainId, exchange: media.mediaExchange }
  const separator = checkSeparator(domain)
  const acceptor = { peerId: key.peerId, wallet: wallet.address, assets: [ETHER] }
  const signers = { wallet: digests, key, separator }
  const metrics = createCheckMetrics(foundation.metrics)
  const common = { exchange, users, store, clock, logger, metrics }
  const payee = await openCheckPayee(common, { acceptor, separator })
  const maxEscrow = maxBig(config.viewer.maxEscrow, config.advertiser.maxEscrow)
  const payer = await openCheckPayer(common, { signers, maxEscrow, autoFund: true })
  const own = { domain, peerId: key.peerId, wallet: wallet.address, asset: ETHER }
  const earnRails = new Map([
    [CHECK_RAIL, earnByCheck(payee, createCheckPayeeRail({ payee }, own))],
  ])
  const paying = createCheckPayerRail({ payer }, { domain, assets: [ETHER] })
  const spendRails = new Map([[CHECK_RAIL, spendByCheck(payer, paying)]])
  const table = mediaOrderTable(store)
  const blocks = createBlockStore({ directory: join(config.dataDirectory, 'content') })
  const catalog = createCatalog({ store, blocks })
  const books = { store, table, catalog, logger, earnRails }
  const hosted = buildHostedBlocks(foundation, config, { own: blocks, catalog })
  const serving = createServing({ ...books, key, blocks: hosted, spendRails })
  const agents = buildAgents(foundation, config, catalog)
  const fromBlock = BigInt(config.discovery.fromBlock)
  const addressesOf = addressBook(foundation, { users, agents }, fromBlock)
  const sells = config.roles.includes('publisher')
  const watches = config.roles.includes('audience') ? config.audience : undefined
  const attention = watches?.price ?? null
  const bids = createBids(
    { ...books, identity, separator, acceptor, registry: videos, clock },
    { sells, attention, batch: watches?.batch ?? 1 },
  )
  const desk = createMediaDesk(
    { host, identity, catalog, bids, serving, separator },
    { rails: [...earnRails.keys()], sells, attention },
  )
  return {
    ...{ exchange, users, videos, identity, blocks, hosted, catalog, serving, bids, payer, payee },
    ...{ agents, addressesOf },
    bidder: { identity, signers, store, table, clock, rails: spendRails },
    base: inTurn([payee, payer, hosted, desk, agents]),
  }
}

function earnByCheck(payee: CheckPayee, rail: EarnRail['rail']): EarnRail {
  return {
    rail,
    async acceptBid(bid, payer, options) {
      const accepted = await payee.accept(bid, { payer, orderId: null }, options)
      return accepted.ok ? ok(undefined) : accepted
    },
    settle: async (orderId, options) => payee.settle(orderId, options),
  }
}

function spendByCheck(payer: CheckPayer, rail: SpendRail['rail']): SpendRail {
  return {
    rail,
    async bid(terms, options) {
      const made = await payer.bid(terms, null, options)
      return made.ok ? ok(made.value.record.bid) : made
    },
  }
}

function inTurn(parts: readonly Startable[]): Startable {
  return {
    async start() {
      for (const part of parts) await part.start()
    },
    async stop() {
      for (const part of [...parts].reverse()) await part.stop()
    },
  }
}
