import { toHex } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import type { WalletSigner } from '../lib/crypto/eip191.ts'
import type { Logger } from '../lib/logger.ts'
import { maxBig, priceOf, type Ratio } from '../lib/wei.ts'
import { fpsOf } from '../media/profile.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import type { NetHost } from '../net/host.ts'
import { verifyBinding } from '../net/identity.ts'
import type { PayeeRail, RailFault } from '../rails/rail.ts'
import { marketLimits } from './limits.ts'
import type { MarketMetrics } from './metrics.ts'
import {
  encodeQuoteReply,
  encodeRefusalReply,
  NEGOTIATE_PROTOCOL,
  parseQuoteRequest,
  type Quote,
  type QuoteRequest,
  type Refusal,
  type RefusalCode,
  randomId,
  sha256,
} from './quote.ts'
import { createRateLimit } from './rate-limit.ts'
import { neededPairs, offersService } from './service.ts'

/** What the provider of quotes works with. */
export interface QuoteProviderComponents {
  readonly host: NetHost
  readonly wallet: WalletSigner
  readonly rails: ReadonlyMap<string, PayeeRail>
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MarketMetrics
  capacity(): { readonly slots: number; readonly freeSlots: number }
  /** Whether this node may work at all; otherwise a refusal. */
  readiness(): Promise<'ready' | 'NOT_ACTIVE' | 'NOT_READY'>
}

/** On which terms this node works. */
export interface QuoteProviderInit {
  readonly chainId: bigint
  readonly services: readonly string[]
  readonly regions: readonly string[]
  /** Wei per pixel. */
  readonly price: Ratio
  readonly quoteTtlMs: number
  readonly maxInFlight: number
}

/** A quote given out, with the request it answers. */
export interface OpenQuote {
  readonly quote: Quote
  readonly request: QuoteRequest
  /** What one segment is expected to cost, in wei. */
  readonly feePerStep: bigint
}

/** Answers quote requests and keeps what was promised. */
export interface QuoteProvider {
  start(): Promise<void>
  /** The quote of this id while it is good. */
  find(quoteId: Uint8Array): OpenQuote | undefined
  /** Forgets a quote that became an order. */
  takenUp(quoteId: Uint8Array): void
}

/** Creates the negotiating side of an orchestrator. */
export function createQuoteProvider(
  components: QuoteProviderComponents,
  init: QuoteProviderInit,
): QuoteProvider {
  const { host, wallet, clock, metrics } = components
  const open = new Map<string, OpenQuote>()
  const limit = createRateLimit(
    clock,
    marketLimits.maxQuoteRequestsPerPeriod,
    marketLimits.quotePeriodMs,
  )

  const keep = (entry: OpenQuote): void => {
    for (const [id, { quote }] of open) {
      if (quote.expiresAtMs > clock.now() && open.size < marketLimits.maxOpenQuotes) break
      open.delete(id)
    }
    open.set(toHex(entry.quote.quoteId), entry)
  }
  const answer = async (bytes: Uint8Array, remotePeer: string): Promise<Uint8Array> => {
    const decided = limit.take(remotePeer)
      ? await decide(components, init, bytes, remotePeer)
      : refuse('TOO_MANY_REQUESTS', 'ask less often', marketLimits.quotePeriodMs)
    if ('code' in decided) {
      metrics.quotesGiven.inc({ outcome: decided.code })
      return encodeRefusalReply(decided)
    }
    keep(decided)
    metrics.quotesGiven.inc({ outcome: 'quoted' })
    return encodeQuoteReply(decided.quote, wallet)
  }
  const serve = async (
    channel: FrameChannel,
    { remotePeer, signal }: { remotePeer: string; signal: AbortSignal },
  ): Promise<void> => {
    const maxHeaderBytes = marketLimits.maxQuoteRequestBytes
    const frame = await channel.receive({ maxHeaderBytes, maxBodyBytes: 0, signal })
    if (frame === null) return
    await channel.send(await answer(frame.header, remotePeer), [], { signal })
  }
  return {
    async start() {
      await host.handle(NEGOTIATE_PROTOCOL, serve, { maxInboundStreams: 8 })
    },
    find(quoteId) {
      const entry = open.get(toHex(quoteId))
      return entry !== undefined && entry.quote.expiresAtMs > clock.now() ? entry : undefined
    },
    takenUp: (quoteId) => void open.delete(toHex(quoteId)),
  }
}

async function decide(
  components: QuoteProviderComponents,
  init: QuoteProviderInit,
  bytes: Uint8Array,
  remotePeer: string,
): Promise<OpenQuote | Refusal> {
  const parsed = parseQuoteRequest(bytes, remotePeer)
  if (!parsed.ok) return refuse(parsed.error.code, parsed.error.detail)
  const request = parsed.value
  if (request.chainId !== init.chainId)
    return refuse('WRONG_CHAIN', `this is chain ${init.chainId}`)
  if (!offersService(init.services, request.service, neededPairs(request.profiles, null))) {
    return refuse('UNKNOWN_SERVICE', `services here: ${init.services.join(', ')}`)
  }
  if (request.region !== '' && !init.regions.includes(request.region)) {
    return refuse('UNSERVED_REGION', `regions here: ${init.regions.join(', ')}`)
  }
  const rail = components.rails.get(request.rail)
  if (rail === undefined) {
    return refuse('UNSUPPORTED_RAIL', `rails here: ${[...components.rails.keys()].join(', ')}`)
  }
  const readiness = await components.readiness()
  if (readiness !== 'ready') return refuse(readiness, 'not taking work at present', 5_000)
  const { freeSlots } = components.capacity()
  if (freeSlots <= 0) return refuse('AT_CAPACITY', 'all slots are taken', 2_000)
  if (!verifyBinding(request.payer, { chainId: init.chainId }).ok) {
    return refuse('PAYER_NOT_BOUND', 'the payer account and this peer do not vouch for each other')
  }
  const expectedUnits = maxBig(request.expectedUnits, leastUnits(request))
  const feePerStep = priceOf(expectedUnits, init.price)
  const offer = await rail.offer({ payer: request.payer.address, feePerStep })
  if (!offer.ok) return refuse(refusalOf(offer.error), offer.error.detail, 2_000)
  const quote: Quote = {
    chainId: init.chainId,
    quoteId: randomId(),
    requestHash: sha256(bytes),
    provider: components.wallet.address,
    providerPeerId: components.host.peerId,
    payer: request.payer.address,
    payerPeerId: remotePeer,
    service: request.service,
    price: init.price,
    maxInFlight: Math.min(init.maxInFlight, Math.max(1, freeSlots)),
    freeSlots,
    expiresAtMs: components.clock.now() + init.quoteTtlMs,
    rail: rail.id,
    offer: offer.value,
  }
  return { quote, request: { ...request, expectedUnits }, feePerStep }
}

const LEAST_FPS = 10

/**
 * Pixels that a segment of this request cannot well stay below. What is expected decides how much
 * is paid before the work, so it must not be the payer's word alone.
 */
function leastUnits({ profiles, segmentMs }: QuoteRequest): bigint {
  let units = 0n
  for (const profile of profiles) {
    const frames = BigInt(Math.floor((fpsOf(profile, LEAST_FPS) * segmentMs) / 1000))
    units += BigInt(profile.width) * BigInt(profile.height) * frames
  }
  return units
}

function refusalOf(fault: RailFault): RefusalCode {
  if (fault.class === 'underfunded') {
    return fault.code === 'UNLOCKING_SOON' ? 'PAYER_UNLOCKING' : 'PAYER_UNDERFUNDED'
  }
  return 'NOT_READY'
}

function refuse(code: RefusalCode, detail: string, retryAfterMs = 0): Refusal {
  return { code, detail, retryAfterMs }
}
