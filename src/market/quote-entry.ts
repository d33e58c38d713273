import type { Advert } from './advert.ts'
import { ratioNumber } from './figures.ts'
import { marketLimits } from './limits.ts'
import type { QuoteAnswer } from './quote-seeker.ts'

/** What is at hand of one orchestrator for one kind of work. */
export interface QuoteEntry {
  advert: Advert
  answer: QuoteAnswer | null
  /** Null when there is no quote, or it was taken. */
  quote: { readonly sinceMs: number; readonly untilMs: number } | null
  /** Its quote became an order, and the next has not come yet. */
  isTaken: boolean
  /** Of its last quote, in wei a pixel. */
  price: number | null
  askedAtMs: number
  retryAtMs: number
  askingSinceMs: number | null
  silences: number
}

/** Someone who was not asked yet. */
export function newEntry(advert: Advert): QuoteEntry {
  return {
    advert,
    answer: null,
    quote: null,
    isTaken: false,
    price: null,
    askedAtMs: 0,
    retryAtMs: 0,
    askingSinceMs: null,
    silences: 0,
  }
}

/** Whether its quote can still become an order. */
export function isGood({ quote }: QuoteEntry, nowMs: number): boolean {
  return quote !== null && quote.untilMs > nowMs + marketLimits.minQuoteLifeMs
}

/** A new advert says that its author is there, and may offer what it did not. */
export function renew(entry: QuoteEntry, advert: Advert): void {
  const offerOf = ({ services, regions, address }: Advert): string =>
    JSON.stringify([services, regions, address])
  const outcome = entry.answer?.outcome
  if (outcome?.type === 'unreachable' || offerOf(entry.advert) !== offerOf(advert)) {
    entry.retryAtMs = 0
    entry.silences = 0
  }
  entry.advert = advert
}

/** Takes in an answer. An older quote that is still good is better than a no. */
export function takeAnswer(entry: QuoteEntry, answer: QuoteAnswer, nowMs: number): void {
  const { outcome } = answer
  entry.askingSinceMs = null
  if (outcome.type === 'quote') {
    entry.answer = answer
    entry.quote = { sinceMs: nowMs, untilMs: outcome.quote.expiresAtMs }
    entry.isTaken = false
    entry.price = ratioNumber(outcome.quote.price)
    entry.retryAtMs = 0
    entry.silences = 0
    return
  }
  entry.retryAtMs = nowMs + pauseAfter(entry, answer)
  if (outcome.type !== 'invalid' && isGood(entry, nowMs)) return
  entry.answer = answer
  entry.quote = null
  entry.isTaken = false
}

/** How long to leave someone alone after an answer that was no quote. */
function pauseAfter(entry: QuoteEntry, { outcome }: QuoteAnswer): number {
  const { minSilencePauseMs, maxSilencePauseMs, standingRefusalMs } = marketLimits
  if (outcome.type === 'refusal') {
    const { retryAfterMs } = outcome.refusal
    return retryAfterMs > 0 ? Math.min(retryAfterMs, standingRefusalMs) : standingRefusalMs
  }
  const pauseMs = Math.min(minSilencePauseMs * 2 ** entry.silences, maxSilencePauseMs)
  entry.silences = Math.min(entry.silences + 1, 10)
  return pauseMs
}
