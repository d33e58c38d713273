import { anySignal } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { NetHost } from '../net/host.ts'
import type { Advert } from './advert.ts'
import { marketLimits } from './limits.ts'
import type { MarketMetrics } from './metrics.ts'
import {
  encodeQuoteRequest,
  NEGOTIATE_PROTOCOL,
  parseQuoteReply,
  type Quote,
  type QuoteFault,
  type QuoteRequest,
  type Refusal,
} from './quote.ts'

/** What one orchestrator answered, and how fast. */
export interface QuoteAnswer {
  readonly advert: Advert
  readonly responseMs: number
  readonly outcome:
    | { readonly type: 'quote'; readonly quote: Quote }
    | { readonly type: 'refusal'; readonly refusal: Refusal }
    | { readonly type: 'invalid'; readonly fault: QuoteFault }
    | { readonly type: 'unreachable'; readonly reason: string }
    /** Others came first, or its pause is not over. */
    | { readonly type: 'not-asked' }
}

/** What asking works with. */
export interface QuoteSeekerComponents {
  readonly host: NetHost
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MarketMetrics
}

/** Asks every orchestrator given, all at once, and waits for the last answer or the deadline. */
export async function seekQuotes(
  components: QuoteSeekerComponents,
  adverts: readonly Advert[],
  request: QuoteRequest,
  options: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<QuoteAnswer[]> {
  const signal = anySignal([options.signal], options.deadlineMs)
  const asked = adverts.slice(0, marketLimits.maxAsked)
  const answers = await Promise.all(
    asked.map((advert) => askForQuote(components, advert, request, options.deadlineMs, signal)),
  )
  options.signal.throwIfAborted()
  return answers
}

/** Asks one orchestrator; whatever comes of it is an answer. */
export async function askForQuote(
  { host, clock, metrics, logger }: QuoteSeekerComponents,
  advert: Advert,
  request: QuoteRequest,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<QuoteAnswer> {
  const requestBytes = encodeQuoteRequest(request)
  const startedAt = performance.now()
  const answered = (outcome: QuoteAnswer['outcome']): QuoteAnswer => {
    const responseMs = performance.now() - startedAt
    metrics.quotesReceived.inc({ outcome: outcome.type })
    metrics.quoteSeconds.observe(responseMs / 1000)
    return { advert, responseMs, outcome }
  }
  try {
    const peer = { peerId: advert.peerId, addresses: [...advert.addresses] }
    const reply = await host.request(peer, NEGOTIATE_PROTOCOL, requestBytes, {
      lane: 'control',
      maxHeaderBytes: marketLimits.maxQuoteReplyBytes,
      timeoutMs,
      signal,
    })
    const parsed = parseQuoteReply(reply, {
      requestBytes,
      provider: advert.address,
      providerPeerId: advert.peerId,
      payer: request.payer.address,
      payerPeerId: host.peerId,
      nowMs: clock.now(),
    })
    if (!parsed.ok) return answered({ type: 'invalid', fault: parsed.error })
    return 'quote' in parsed.value
      ? answered({ type: 'quote', quote: parsed.value.quote })
      : answered({ type: 'refusal', refusal: parsed.value.refusal })
  } catch (error) {
    logger.debug({ err: error, peerId: advert.peerId }, 'no answer to a quote request')
    return answered({ type: 'unreachable', reason: messageOf(error) })
  }
}
