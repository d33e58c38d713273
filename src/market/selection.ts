import { compareRatio, formatRatio, type Ratio, type Wei } from '../lib/wei.ts'
import type { Quote } from './quote.ts'
import type { QuoteAnswer } from './quote-seeker.ts'

/** What a payer wants of its providers. */
export interface SelectionPolicy {
  /** Most it pays per pixel; null is any price. */
  readonly maxPrice: Ratio | null
  /** Least stake of a provider, in the work token's smallest unit. */
  readonly minStake: bigint
  /** Weights of price and of response time in the score; both 0 or more. */
  readonly priceWeight: number
  readonly latencyWeight: number
}

/** One answer with what else is known of who gave it. */
export interface Candidate {
  readonly answer: QuoteAnswer
  readonly stake: bigint
  /** Set while it is suspended after a failure. */
  readonly suspendedUntilMs: number | null
  /** What the payer's own rail says to the offer; null when it is fine. */
  readonly railObjection: string | null
}

/** How one candidate fared. */
export interface Consideration {
  readonly peerId: string
  readonly address: string
  readonly pricePerUnit: string | null
  readonly responseMs: number
  readonly stake: Wei
  readonly accepted: boolean
  readonly chosen: boolean
  /** Lower is better; null for one that was not eligible. */
  readonly score: number | null
  readonly why: string
}

/** Who was chosen and why not the others. */
export interface DecisionRecord {
  readonly atMs: number
  readonly considered: readonly Consideration[]
  readonly chosenPeerId: string | null
}

/** A candidate that can be taken. */
export interface Choice {
  readonly quote: Quote
  readonly candidate: Candidate
}

/** Chooses and says why. Pure. */
export function select(
  candidates: readonly Candidate[],
  policy: SelectionPolicy,
  nowMs: number,
): { readonly ranked: readonly Choice[]; readonly record: DecisionRecord } {
  const judged = candidates.map((candidate) => ({ candidate, ...judge(candidate, policy, nowMs) }))
  const eligible = judged.filter((entry) => entry.quote !== null)
  const scores = new Map(
    eligible.map(({ candidate, quote }) => [
      candidate,
      score(
        candidate,
        quote as Quote,
        eligible.map((entry) => entry.quote as Quote),
        eligible,
        policy,
      ),
    ]),
  )
  const ranked = eligible
    .map(({ candidate, quote }) => ({ candidate, quote: quote as Quote }))
    .sort((a, b) => (scores.get(a.candidate) ?? 0) - (scores.get(b.candidate) ?? 0))
  const best = ranked[0]
  const considered = judged.map(({ candidate, quote, why }) =>
    consider(candidate, quote, why, scores.get(candidate) ?? null, best?.candidate),
  )
  const chosenPeerId = best?.candidate.answer.advert.peerId ?? null
  return { ranked, record: { atMs: nowMs, considered, chosenPeerId } }
}

function judge(
  { answer, stake, suspendedUntilMs, railObjection }: Candidate,
  policy: SelectionPolicy,
  nowMs: number,
): { quote: Quote | null; why: string } {
  const no = (why: string) => ({ quote: null, why })
  const { outcome } = answer
  if (outcome.type === 'refusal') return no(`refused: ${outcome.refusal.code}`)
  if (outcome.type === 'invalid') return no(`invalid answer: ${outcome.fault}`)
  if (outcome.type === 'unreachable') return no('did not answer')
  const { quote } = outcome
  if (policy.maxPrice !== null && compareRatio(quote.price, policy.maxPrice) > 0) {
    return no(`price ${formatRatio(quote.price)} above the maximum ${formatRatio(policy.maxPrice)}`)
  }
  if (stake < policy.minStake) return no(`stake ${stake} below the minimum ${policy.minStake}`)
  if (suspendedUntilMs !== null && suspendedUntilMs > nowMs) return no('suspended after a failure')
  if (railObjection !== null) return no(`payment terms: ${railObjection}`)
  return { quote, why: '' }
}

/** Price and response time, each against the best of the eligible, weighted. */
function score(
  candidate: Candidate,
  quote: Quote,
  quotes: readonly Quote[],
  eligible: readonly { candidate: Candidate }[],
  policy: SelectionPolicy,
): number {
  const cheapest = quotes.reduce(
    (min, { price }) => (compareRatio(price, min) < 0 ? price : min),
    quote.price,
  )
  const fastestMs = Math.min(...eligible.map((entry) => entry.candidate.answer.responseMs))
  const price = ratioOf(quote.price, cheapest)
  const latency = (candidate.answer.responseMs + 1) / (fastestMs + 1)
  return policy.priceWeight * price + policy.latencyWeight * latency
}

/** a / b as a number, good for ranking only. */
function ratioOf(a: Ratio, b: Ratio): number {
  if (b.num === 0n) return a.num === 0n ? 1 : Number.MAX_SAFE_INTEGER
  return Number((a.num * b.den * 1_000_000n) / (a.den * b.num)) / 1_000_000
}

function consider(
  candidate: Candidate,
  quote: Quote | null,
  why: string,
  scored: number | null,
  best: Candidate | undefined,
): Consideration {
  const { advert, outcome, responseMs } = candidate.answer
  const chosen = candidate === best
  const reason = why === '' ? (chosen ? 'best score' : 'a better score was to be had') : why
  return {
    peerId: advert.peerId,
    address: advert.address,
    pricePerUnit: outcome.type === 'quote' ? formatRatio(outcome.quote.price) : null,
    responseMs,
    stake: candidate.stake,
    accepted: quote !== null,
    chosen,
    score: scored,
    why: reason,
  }
}
