import { join } from 'node:path'
import { ETHER, type MediaExchange } from '../chain/media-exchange.ts'
import type { UserRegistry } from '../chain/user-registry.ts'
import { createVideoRegistry, type VideoRegistry } from '../chain/video-registry.ts'
import type { Agents } from '../exchange/agent-client.ts'
import type { BidderComponents } from '../exchange/content-bidder.ts'
import { type Bids, createBids } from '../exchange/content-bids.ts'
import { type Catalog, createCatalog } from '../exchange/content-catalog.ts'
import type { MediaIdentity } from '../exchange/content-client.ts'
import { createMediaDesk } from '../exchange/content-desk.ts'
import {
  type EarnRail,
  mediaOrderTable,
  type SpendRail,
  separatorsOf,
} from '../exchange/content-order.ts'
import { createServing, type Serving } from '../exchange/content-serving.ts'
import type { HostedBlocks } from '../exchange/hosted-blocks.ts'
import { assert } from '../lib/errors.ts'
import type { Startable } from '../lib/lifecycle.ts'
import { ok } from '../lib/result.ts'
import { type BlockStore, createBlockStore } from '../media/content/block-store.ts'
import type { CheckPayee } from '../rails/check/payee-port.ts'
import { CHECK_RAIL } from '../rails/check/payee-rail.ts'
import type { CheckPayer } from '../rails/check/payer.ts'
import { buildHostedBlocks } from './build-hosting.ts'
import { checkChainOf, mostEscrow } from './check-chain.ts'
import type { NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'
import { inOrder } from './in-order.ts'
import { addressBook, buildAgents } from './media-discovery.ts'
import type { PayeeRails } from './payee-rails.ts'
import type { PayerRails } from './payer-rails.ts'

/** What the roles of content and attention pay and are paid by. */
export interface MediaRails {
  readonly earning: PayeeRails | null
  readonly paying: PayerRails | null
}

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
  /** Desk and settlement: started before the roles. */
  readonly base: Startable
}

/** Joins what the roles of content and attention stand on. */
export function buildMediaParts(
  foundation: Foundation,
  config: NodeConfig,
  { earning, paying }: MediaRails,
): MediaParts {
  const { chain, net, store, clock, wallet } = foundation
  const logger = foundation.logger.child({ room: 'content' })
  const { media, chainId } = config.chain
  const at = checkChainOf(foundation, config)
  assert(media !== undefined && at !== null, 'the schema asks for chain.media')
  const { exchange, users, domain } = at
  const calls = { client: chain.client, transactions: chain.transactions }
  const videos = createVideoRegistry(calls, { address: media.videoRegistry })
  const { host, peerKey: key, binding } = net
  const identity: MediaIdentity = { host, key, binding, chainId }
  const separatorOf = separatorsOf(domain)
  const acceptor = { peerId: key.peerId, wallet: wallet.address, assets: [ETHER] }
  const signers = { wallet: chain.digests, key, separator: separatorOf(CHECK_RAIL) }
  const earnRails = earnRailsOf(earning, config.earning.rails)
  const spendRails = spendRailsOf(paying, config.paying.rails)
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
    { ...books, identity, separatorOf, acceptor, registry: videos, clock },
    { sells, attention, batch: watches?.batch ?? 1 },
  )
  const desk = createMediaDesk(
    { host, identity, catalog, bids, serving, separatorOf },
    { rails: [...earnRails.keys()], sells, attention },
  )
  const maxEscrow = mostEscrow(config)
  return {
    ...{ exchange, users, videos, identity, blocks, hosted, catalog, serving, bids },
    ...{ agents, addressesOf },
    bidder: { identity, signers, store, table, clock, rails: spendRails, separatorOf, maxEscrow },
    base: inOrder([hosted, desk, agents]),
  }
}

/** The rails on which this node sells content and attention, the preferred first. */
function earnRailsOf(
  earning: PayeeRails | null,
  names: readonly string[],
): ReadonlyMap<string, EarnRail> {
  if (earning === null) return new Map()
  const { checks, turns } = earning
  return new Map(
    [...earning.pick(names)].map(([name, rail]) => {
      const isCheck = name === CHECK_RAIL && checks !== null
      return [name, isCheck ? earnByCheck(checks, { rail, turns }) : { rail, turns }]
    }),
  )
}

/** The rails on which this node buys content and attention. */
function spendRailsOf(
  paying: PayerRails | null,
  names: readonly string[],
): ReadonlyMap<string, SpendRail> {
  if (paying === null) return new Map()
  const { checks } = paying
  return new Map(
    paying.pick(names).map((rail) => {
      const isCheck = rail.id === CHECK_RAIL && checks !== null
      return [rail.id, isCheck ? spendByCheck(checks, rail) : { rail }]
    }),
  )
}

function earnByCheck(payee: CheckPayee, common: EarnRail): EarnRail {
  return {
    ...common,
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
