import { isAbort } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { NetHost } from '../net/host.ts'
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
  isBonded(address: Address): Promise<boolean | null>
}

const SYNC_TIMEOUT_MS = 5_000

/**
 * Fills the directory: from gossip as adverts are published, and by asking each peer we connect to
 * for what it holds, since gossip tells a newcomer nothing of what was said before.
 */
export function createDiscovery(
  components: DiscoveryComponents,
  init: { readonly chainId: bigint },
): Startable {
  const { host, directory, clock, logger, metrics } = components
  const controller = new AbortController()
  const tasks = new TaskGroup(logger)
  const endings: (() => void)[] = []

  const take = async (
    bytes: Uint8Array,
    how: DiscoveredBy,
  ): Promise<'accept' | 'ignore' | 'reject'> => {
    const verdict = await judgeAdvert(bytes, {
      chainId: init.chainId,
      nowMs: clock.now(),
      latestOf: (peerId) => directory.latestOf(peerId),
      isBonded: (address) => components.isBonded(address),
    })
    metrics.adverts.inc({
      verdict: verdict.verdict,
      fault: 'fault' in verdict ? verdict.fault : '',
    })
    if (verdict.verdict === 'accept') directory.add(verdict.signed.advert, bytes, how)
    else logger.debug({ fault: verdict.fault, how }, 'advert not taken')
    return verdict.verdict
  }

  const catchUp = async (peerId: string): Promise<void> => {
    const request = wire.AdvertSyncRequest.encode({ chainId: init.chainId, limit: 0 })
    try {
      const reply = await host.request({ peerId }, ADVERT_SYNC_PROTOCOL, request, {
        lane: 'control',
        maxHeaderBytes: marketLimits.maxSyncBytes + 64 * 1024,
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
      const limit = createRateLimit(
        clock,
        marketLimits.maxSyncRequestsPerPeriod,
        marketLimits.syncPeriodMs,
      )
      await host.handle(
        ADVERT_SYNC_PROTOCOL,
        async (channel, { remotePeer, signal }) => {
          const frame = await channel.receive({ maxHeaderBytes: 64, maxBodyBytes: 0, signal })
          if (frame === null) return
          const request = wire.AdvertSyncRequest.decode(frame.header)
          const isServed = request.chainId === init.chainId && limit.take(remotePeer)
          const adverts = isServed ? selectForSync(directory, request.limit) : []
          await channel.send(wire.AdvertSyncReply.encode({ adverts }), [], { signal })
        },
        { maxInboundStreams: 4 },
      )
      host.gossip.join(advertTopic(init.chainId), {
        validate: (data) => take(data, 'gossip'),
        onMessage() {},
      })
      endings.push(host.onPeerConnect((peerId) => tasks.run(() => catchUp(peerId))))
      for (const peerId of host.connectedPeers()) tasks.run(() => catchUp(peerId))
    },
    async stop() {
      for (const end of endings) end()
      controller.abort()
      await tasks.drain()
    },
  }
}

function selectForSync(directory: Directory, limit: number): Uint8Array[] {
  const count =
    limit > 0 ? Math.min(limit, marketLimits.maxSyncAdverts) : marketLimits.maxSyncAdverts
  const chosen: Uint8Array[] = []
  let sizeBytes = 0
  for (const { bytes } of directory.live().slice(0, count)) {
    sizeBytes += bytes.byteLength
    if (sizeBytes > marketLimits.maxSyncBytes) break
    chosen.push(bytes)
  }
  return chosen
}
