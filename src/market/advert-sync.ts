import type { AbortOptions } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Logger } from '../lib/logger.ts'
import type { NetHost } from '../net/host.ts'
import type { FrameHandler } from '../net/inbound.ts'
import type { PeerTarget } from '../net/lanes.ts'
import * as wire from '../net/wire/advert.ts'
import type { Advert } from './advert.ts'
import { judgeAdvert } from './advert-validator.ts'
import type { Directory, DiscoveredBy } from './directory.ts'
import { marketLimits } from './limits.ts'
import type { MarketMetrics } from './metrics.ts'
import { createRateLimit } from './rate-limit.ts'
import type { Published } from './service.ts'

/** Protocol of the catch-up request. */
export const ADVERT_SYNC_PROTOCOL = '/millrace/advert-sync/1.0.0'

/** What taking adverts in works with. */
export interface AdvertIntake {
  readonly host: NetHost
  readonly directory: Directory
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MarketMetrics
  /** Null while the chain cannot be asked. */
  isBonded(address: Address): Promise<boolean | null>
  /** What an account published on chain; null for nothing, and where nobody can tell. */
  publishedBy?(address: Address): Promise<Published | null>
}

const SYNC_TIMEOUT_MS = 5_000
const MAX_SYNC_HEADER_BYTES = marketLimits.maxSyncBytes + 64 * 1024

/** Asks a peer for the adverts it holds; nothing is checked yet. */
export async function askForAdverts(
  host: NetHost,
  chainId: bigint,
  peer: PeerTarget,
  options: AbortOptions,
): Promise<readonly Uint8Array[]> {
  const { maxSyncAdverts: limit } = marketLimits
  const request = wire.AdvertSyncRequest.encode({ chainId, limit })
  const reply = await host.request(peer, ADVERT_SYNC_PROTOCOL, request, {
    lane: 'control',
    maxHeaderBytes: MAX_SYNC_HEADER_BYTES,
    timeoutMs: SYNC_TIMEOUT_MS,
    signal: options.signal,
  })
  return wire.AdvertSyncReply.decode(reply, { limits: { adverts: limit } }).adverts
}

/** Judges an advert and takes it if it is good, and one of those that are wanted. */
export async function takeAdvert(
  { directory, clock, logger, metrics, isBonded, publishedBy }: AdvertIntake,
  chainId: bigint,
  bytes: Uint8Array,
  how: DiscoveredBy,
  isWanted: (advert: Advert) => boolean = () => true,
): Promise<'accept' | 'ignore' | 'reject'> {
  const verdict = await judgeAdvert(bytes, {
    chainId,
    nowMs: clock.now(),
    latestOf: (peerId) => directory.latestOf(peerId),
    isBonded,
    ...(publishedBy === undefined ? {} : { publishedBy }),
  })
  if (verdict.verdict === 'accept' && !isWanted(verdict.signed.advert)) return 'ignore'
  const fault = 'fault' in verdict ? verdict.fault : ''
  metrics.adverts.inc({ verdict: verdict.verdict, fault })
  if (verdict.verdict === 'accept') directory.add(verdict.signed.advert, bytes, how)
  else logger.debug({ fault, how }, 'advert not taken')
  return verdict.verdict
}

/** Hands the live adverts to whoever asks, within limits. */
export async function serveAdverts(
  { host, directory, clock }: Pick<AdvertIntake, 'host' | 'directory' | 'clock'>,
  chainId: bigint,
): Promise<void> {
  const { maxSyncRequestsPerPeriod, syncPeriodMs } = marketLimits
  const limit = createRateLimit(clock, maxSyncRequestsPerPeriod, syncPeriodMs)
  const serve: FrameHandler = async (channel, { remotePeer, signal }) => {
    const frame = await channel.receive({ maxHeaderBytes: 64, maxBodyBytes: 0, signal })
    if (frame === null) return
    const request = wire.AdvertSyncRequest.decode(frame.header)
    const isServed = request.chainId === chainId && limit.take(remotePeer)
    const adverts = isServed ? selectForSync(directory, request.limit) : []
    await channel.send(wire.AdvertSyncReply.encode({ adverts }), [], { signal })
  }
  await host.handle(ADVERT_SYNC_PROTOCOL, serve, {
    maxInboundStreams: 4,
    maxHeaderBytes: MAX_SYNC_HEADER_BYTES,
  })
}

function selectForSync(directory: Directory, limit: number): Uint8Array[] {
  const { maxSyncAdverts, maxSyncBytes, defaultSyncAdverts, defaultSyncBytes } = marketLimits
  const count = limit > 0 ? Math.min(limit, maxSyncAdverts) : defaultSyncAdverts
  const maxBytes = limit > 0 ? maxSyncBytes : defaultSyncBytes
  const chosen: Uint8Array[] = []
  let sizeBytes = 0
  for (const { bytes } of directory.live().slice(0, count)) {
    sizeBytes += bytes.byteLength
    if (sizeBytes > maxBytes) break
    chosen.push(bytes)
  }
  return chosen
}
