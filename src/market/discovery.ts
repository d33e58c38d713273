import { isAbort } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { NetHost } from '../net/host.ts'
import type { FrameHandler } from '../net/inbound.ts'
import * as wire from '../net/wire/advert.ts'
import { advertTopic } from './advert.ts'
import { judgeAdvert } from './advert-validator.ts'
import type { Directory, DiscoveredBy } from './directory.ts'
import { marketLimits } from './limits.ts'
import type { MarketMetrics } from './metrics.ts'
import { createRateLimit } from './rate-limit.ts'

/** Protocol of the catch-up request. */
export const ADVERT_SYNC_PROTOCOL = '/millrace/advert-sync/1.0.0'

/** What discovery works with. */
export interface DiscoveryComponents {
  readonly host: NetHost
  readonly directory: Directory
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MarketMetrics
  /** Null while the chain cannot be asked. */
  isBonded(address: Address): Promise<boolean | null>
}

const SYNC_TIMEOUT_MS = 5_000
const MAX_SYNC_HEADER_BYTES = marketLimits.maxSyncBytes + 64 * 1024

/**
 * Fills the directory: from gossip as adverts are published, and by asking each peer we connect to
 * for what it holds, since gossip tells a newcomer nothing of what was said before.
 */
export function createDiscovery(
  components: DiscoveryComponents,
  init: { readonly chainId: bigint },
): Startable {
  const { host, logger } = components
  const controller = new AbortController()
  const tasks = new TaskGroup(logger)
  let unsubscribe = (): void => {}

  const take = (bytes: Uint8Array, how: DiscoveredBy): ReturnType<typeof takeAdvert> =>
    takeAdvert(components, init.chainId, bytes, how)

  const catchUp = async (peerId: string): Promise<void> => {
    const request = wire.AdvertSyncRequest.encode({ chainId: init.chainId, limit: 0 })
    try {
      const reply = await host.request({ peerId }, ADVERT_SYNC_PROTOCOL, request, {
        lane: 'control',
        maxHeaderBytes: MAX_SYNC_HEADER_BYTES,
        timeoutMs: SYNC_TIMEOUT_MS,
        signal: controller.signal,
      })
      const { adverts } = wire.AdvertSyncReply.decode(reply, {
        limits: { adverts: marketLimits.maxSyncAdverts },
      })
      for (const bytes of adverts) await take(bytes, 'catch-up')
    } catch (error) {
      if (!isAbort(error)) logger.debug({ err: error, peerId }, 'catch-up with a peer failed')
    }
  }
  return {
    async start() {
      const serve = serveSync(components, init.chainId)
      await host.handle(ADVERT_SYNC_PROTOCOL, serve, {
        maxInboundStreams: 4,
        maxHeaderBytes: MAX_SYNC_HEADER_BYTES,
      })
      host.gossip.join(advertTopic(init.chainId), {
        validate: (data) => take(data, 'gossip'),
        onMessage() {},
      })
      unsubscribe = host.onPeerConnect((peerId) => tasks.run(() => catchUp(peerId)))
      for (const peerId of host.connectedPeers()) tasks.run(() => catchUp(peerId))
    },
    async stop() {
      unsubscribe()
      controller.abort()
      await tasks.drain()
    },
  }
}

/** Judges an advert and takes it if it is good. */
async function takeAdvert(
  { directory, clock, logger, metrics, isBonded }: DiscoveryComponents,
  chainId: bigint,
  bytes: Uint8Array,
  how: DiscoveredBy,
): Promise<'accept' | 'ignore' | 'reject'> {
  const verdict = await judgeAdvert(bytes, {
    chainId,
    nowMs: clock.now(),
    latestOf: (peerId) => directory.latestOf(peerId),
    isBonded,
  })
  const fault = 'fault' in verdict ? verdict.fault : ''
  metrics.adverts.inc({ verdict: verdict.verdict, fault })
  if (verdict.verdict === 'accept') directory.add(verdict.signed.advert, bytes, how)
  else logger.debug({ fault, how }, 'advert not taken')
  return verdict.verdict
}

/** Hands the live adverts to whoever asks, within limits. */
function serveSync({ directory, clock }: DiscoveryComponents, chainId: bigint): FrameHandler {
  const { maxSyncRequestsPerPeriod, syncPeriodMs } = marketLimits
  const limit = createRateLimit(clock, maxSyncRequestsPerPeriod, syncPeriodMs)
  return async (channel, { remotePeer, signal }) => {
    const frame = await channel.receive({ maxHeaderBytes: 64, maxBodyBytes: 0, signal })
    if (frame === null) return
    const request = wire.AdvertSyncRequest.decode(frame.header)
    const isServed = request.chainId === chainId && limit.take(remotePeer)
    const adverts = isServed ? selectForSync(directory, request.limit) : []
    await channel.send(wire.AdvertSyncReply.encode({ adverts }), [], { signal })
  }
}

function selectForSync(directory: Directory, limit: number): Uint8Array[] {
  const { maxSyncAdverts, maxSyncBytes } = marketLimits
  const count = limit > 0 ? Math.min(limit, maxSyncAdverts) : maxSyncAdverts
  const chosen: Uint8Array[] = []
  let sizeBytes = 0
  for (const { bytes } of directory.live().slice(0, count)) {
    sizeBytes += bytes.byteLength
    if (sizeBytes > maxSyncBytes) break
    chosen.push(bytes)
  }
  return chosen
}
