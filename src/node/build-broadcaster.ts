import { join } from 'node:path'
import {
  createDispatcher,
  type Dispatcher,
  type DispatcherComponents,
  type OrderSource,
} from '../exchange/dispatcher.ts'
import { createExchangeMetrics } from '../exchange/metrics.ts'
import { orderTable } from '../exchange/order.ts'
import { openPayerBooks } from '../exchange/payer-books.ts'
import type { Prober } from '../exchange/work.ts'
import type { DecisionRecord } from '../market/decision.ts'
import type { DecisionQuery } from '../market/decision-log.ts'
import { createHlsPackager, type HlsPackager } from '../media/playlist.ts'
import type { Profile } from '../media/profile.ts'
import { segmentFile } from '../media/segmenter.ts'
import { createTranscodePool } from '../media/transcode-pool.ts'
import {
  type Broadcaster,
  type BroadcasterComponents,
  createBroadcaster,
} from '../roles/broadcaster.ts'
import { orderStatuses } from './books.ts'
import { buildMarket } from './broadcaster-market.ts'
import type { BuiltRole } from './built-role.ts'
import { payerChannels } from './channel-payer.ts'
import { payingChecks } from './check-chain.ts'
import type { NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'
import { createNodeMedia, type NodeMedia } from './media-face.ts'
import type { PayerRails } from './payer-rails.ts'

/** A broadcaster as the node runs it. */
export interface BuiltBroadcaster extends BuiltRole {
  /** What players and encoders meet. */
  readonly media: NodeMedia
  /** Choices of orchestrators, of this run and those before. */
  decisions(query: DecisionQuery): Promise<readonly DecisionRecord[]>
  /** The market, for other roles of the node that have segments worked. */
  readonly market: MarketAccess
}

/** A way to have segments worked on the market. */
export interface MarketAccess {
  readonly profiles: readonly Profile[]
  readonly prober: Prober
  createDispatcher(manifestId: string): Dispatcher
}

const MAX_STREAMS = 64

/** Joins the parts of a broadcaster. */
export async function buildBroadcaster(
  foundation: Foundation,
  config: NodeConfig,
  paying: PayerRails,
): Promise<BuiltBroadcaster> {
  const { logger, clock, store, directory } = foundation
  const own = config.broadcaster
  // Looks into what comes in and what comes back; the work itself is bought.
  const prober = createTranscodePool(foundation, { workers: 1, backend: 'node-av' })
  const metrics = createExchangeMetrics(foundation.metrics)
  const books = await openPayerBooks({ store, clock, logger: logger.child({ room: 'exchange' }) })
  const rails = paying.pick(own.rails)
  const market = await buildMarket(foundation, config, { rails, books })
  const dispatcherOf = dispatchersOf(own, market.orderSource, { prober, metrics })
  const broadcaster = createBroadcaster(
    {
      prober,
      clock,
      logger: logger.child({ room: 'broadcaster' }),
      createDispatcher: dispatcherOf,
      createPackager: (stream) => packagerOf(foundation, config, stream),
      openFile: ({ input: path, pace, maxDurationMs }, options) =>
        segmentFile({ logger }, { path, segmentMs: own.segmentMs, pace, maxDurationMs }, options),
    },
    { maxInFlight: own.maxInFlight, maxStreams: MAX_STREAMS, files: own.streams },
  )
  return {
    media: createNodeMedia(broadcaster),
    decisions: (query) => market.decisions(query),
    market: { profiles: own.profiles, prober, createDispatcher: dispatcherOf },
    async start() {
      await prober.start()
      await market.start()
      await broadcaster.start()
    },
    async stop() {
      await broadcaster.stop()
      await market.stop()
      await prober.stop()
    },
    complaints: async () => (directory.live().length === 0 ? ['no orchestrator found yet'] : []),
    async status() {
      const orders = () => records(orderTable(store, 'payer').entries())
      const { tickets, channels, checks } = paying
      return {
        streams: streamStatuses(broadcaster),
        decisions: market.recent(),
        orders: await orderStatuses(orders()),
        ...(tickets === null ? {} : { tickets: tickets.sent.totals() }),
        ...payerChannels(channels),
        ...(checks === null ? {} : { checks: payingChecks(checks) }),
        ...(await tickets?.books.status(orders())),
      }
    },
  }
}

/** Makes the dispatcher of each stream. */
function dispatchersOf(
  own: NodeConfig['broadcaster'],
  orders: (manifestId: string) => OrderSource,
  parts: Pick<DispatcherComponents, 'prober' | 'metrics'>,
): (manifestId: string) => Dispatcher {
  return (manifestId) =>
    createDispatcher(
      { ...parts, orders: orders(manifestId) },
      {
        profiles: own.profiles,
        patienceMs: own.patienceMs,
        redundancy: own.redundancy,
        hedgeBudget: own.hedgeBudget,
      },
    )
}

/** A packager whose playlists refer to one another as the HTTP routes lie. */
function packagerOf(
  { logger }: Foundation,
  { broadcaster: own, dataDirectory }: NodeConfig,
  { manifestId, name, firstSeq }: Parameters<BroadcasterComponents['createPackager']>[0],
): Promise<HlsPackager> {
  return createHlsPackager(
    { logger },
    {
      directory: join(dataDirectory, 'media', manifestId),
      renditions: own.profiles,
      targetDurationMs: own.segmentMs,
      window: own.playlistSegments,
      firstSeq,
      uris: {
        media: (rendition) => `${name}/${rendition}.m3u8`,
        segment: (rendition, seq) => `${rendition}/${seq}.ts`,
      },
    },
  )
}

async function* records<V>(entries: AsyncIterable<readonly [string, V]>): AsyncIterable<V> {
  for await (const [, value] of entries) yield value
}

function streamStatuses(broadcaster: Broadcaster): object[] {
  return broadcaster.streams().map((stream) => ({
    name: stream.name,
    ...stream.state(),
    provider: stream.provider(),
    ...stream.stats(),
    packaged: stream.packager.state(),
    master: `/stream/${stream.name}.m3u8`,
  }))
}
