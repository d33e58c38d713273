import { sleep } from '../lib/abort.ts'
import { messageOf } from '../lib/errors.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { Wei } from '../lib/wei.ts'
import { advertise } from '../roles/advertiser.ts'
import { findProspects } from '../roles/audience.ts'
import { findVideo } from '../roles/find-video.ts'
import type { BuiltRole } from './built-role.ts'
import type { NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'
import { registerUser } from './media-discovery.ts'
import type { MediaParts } from './media-parts.ts'

/** Pause before a viewer that could not be reached is tried again. */
const RETRY_MS = 2_000
/** Limit: tries to reach one viewer, the first included. */
const MAX_TRIES = 15

type Campaign = NodeConfig['advertiser']['campaigns'][number]

interface Target {
  readonly peerId: string
  readonly addresses: readonly string[]
}

/** The role that pays viewers to watch. */
export function buildAdvertiser(
  foundation: Foundation,
  config: NodeConfig,
  parts: MediaParts,
): BuiltRole {
  const { logger, chain } = foundation
  const tasks = new TaskGroup(logger)
  const controller = new AbortController()
  const { signal } = controller
  const refusals: { readonly viewer: string; readonly code: string }[] = []
  const components = { ...parts.bidder, serving: parts.serving }
  const sources = {
    ...{ registry: parts.videos, table: parts.bidder.table, agent: parts.agents.videos },
    blockNumber: async () => chain.client.blockNumber(),
  }
  const run = async (campaign: Campaign): Promise<void> => {
    let found = await findVideo(sources, campaign.video, { signal })
    while (found === undefined) {
      await sleep(RETRY_MS, { signal })
      found = await findVideo(sources, campaign.video, { signal })
    }
    const { video } = found
    const format = campaign.format ?? video.formats[0] ?? ''
    const init = { video, format, maxPrice: campaign.maxPrice, rails: config.paying.rails }
    for (const viewer of await targetsOf(foundation, config, parts, campaign, signal)) {
      for (let tries = 1; ; tries += 1) {
        try {
          const order = await advertise(components, viewer, init, { signal })
          if (!order.ok) refusals.push({ viewer: viewer.peerId, code: order.error.code })
          break
        } catch (error) {
          signal.throwIfAborted()
          logger.warn({ err: error, viewer: viewer.peerId }, 'a viewer was not reached')
          if (tries >= MAX_TRIES) {
            refusals.push({ viewer: viewer.peerId, code: messageOf(error) })
            break
          }
          await sleep(RETRY_MS, { signal })
        }
      }
    }
  }
  return {
    async start() {
      for (const campaign of config.advertiser.campaigns) tasks.run(async () => run(campaign))
    },
    async stop() {
      controller.abort(new DOMException('the advertiser is stopping', 'AbortError'))
      await tasks.drain()
    },
    complaints: async () => [],
    async status() {
      const orders: object[] = []
      for await (const [, order] of parts.bidder.table.entries()) {
        if (order.kind !== 'attention' || order.side !== 'owner') continue
        const { channel, bid, rail, paid, receipted } = order
        const viewer = bid.bid.to
        orders.push({ channel, viewer, rail, paidWei: paid, receipted: receipted.length })
      }
      return { orders, refusals }
    },
  }
}

/** The role that is paid to watch. */
export function buildAudience(
  foundation: Foundation,
  config: NodeConfig,
  parts: MediaParts,
): BuiltRole {
  const tasks = new TaskGroup(foundation.logger)
  return {
    async start() {
      if (config.audience?.register === true) tasks.run(async () => registerUser(foundation, parts))
    },
    stop: async () => tasks.drain(),
    complaints: async () => [],
    async status() {
      let earnedWei: Wei = 0n
      for await (const [, order] of parts.bidder.table.entries()) {
        if (order.kind === 'attention' && order.side === 'viewer') earnedWei += order.paid
      }
      return { watched: parts.bids.watched(), earnedWei }
    },
  }
}

/** Who is bid to: those that are named, or whoever is found. */
async function targetsOf(
  { chain, net }: Foundation,
  config: NodeConfig,
  parts: MediaParts,
  { viewers, maxPrice }: Campaign,
  signal: AbortSignal,
): Promise<readonly Target[]> {
  const fromBlock = BigInt(config.discovery.fromBlock)
  if (viewers !== undefined) return viewers
  const range = { fromBlock, toBlock: await chain.client.blockNumber() }
  const found = await findProspects({
    ...{ users: parts.users, orders: parts.bidder.table, self: net.host.peerId, range },
    agent: async () => parts.agents.viewers(maxPrice, { signal }),
  })
  return Promise.all(
    found.map(async ({ peerId, wallet, addresses }) => {
      const known = wallet === null ? [] : await parts.addressesOf(peerId, wallet, { signal })
      return { peerId, addresses: [...new Set([...addresses, ...known])] }
    }),
  )
}
