import type { Ratio } from '../lib/wei.ts'
import type { Advert } from './advert.ts'
import type { Quote } from './quote.ts'
import { type ReputationState, successRate } from './reputation-state.ts'
import { CRITERIA, type SelectionPolicy, type Weights } from './selection-policy.ts'

/** What a payment's terms say, as far as a choice cares. */
export interface PaymentTerms {
  /** Expected value of one ticket, in wei. */
  readonly evWei: bigint
  /** What one winner takes from the deposit, in wei. */
  readonly faceValueWei: bigint
}

/** Everything that a choice weighs of one candidate, as numbers; good for ranking only. */
export interface Figures {
  /** Wei per pixel. */
  readonly price: number
  /** Expected round trip of a segment of the wanted size. */
  readonly latencyMs: number
  /** Whether that was measured with work, not only with a question. */
  readonly isMeasured: boolean
  readonly responseMs: number
  readonly successRate: number
  /** Segments delivered, faded. */
  readonly delivered: number
  readonly stake: number
  readonly isInRegion: boolean
  readonly terms: PaymentTerms | null
}

/** What the figures of one candidate come from. */
export interface FiguresInput {
  readonly candidate: {
    /** The answer at hand. */
    readonly answer: { readonly advert: Advert; readonly responseMs: number }
    readonly reputation: ReputationState
    readonly stake: bigint
    readonly terms: PaymentTerms | null
  }
  readonly quote: Quote
}

/** A fraction as a number, good for ranking only. */
export function ratioNumber({ num, den }: Ratio): number {
  return Number(num) / Number(den)
}

/**
 * The figures of all candidates for work of so many pixels.
 *
 * Latency is what segments took, without a word of where somebody claims to be: the overhead
 * measured, plus the work measured for each pixel. Of who never worked for us the time to answer,
 * and what segments take beyond that with the others, stand in for the overhead, and the middle of
 * the others for the work, so that a newcomer is neither favoured nor shut out.
 */
export function figuresOf(
  candidates: readonly FiguresInput[],
  wanted: { readonly units: bigint; readonly preferRegion: string },
): Figures[] {
  const megapixels = Number(wanted.units) / 1e6
  const works: number[] = []
  const extras: number[] = []
  for (const { candidate } of candidates) {
    const { workMsPerMpx, overheadMs, responseMs } = candidate.reputation
    if (workMsPerMpx !== null) works.push(workMsPerMpx)
    if (overheadMs !== null) extras.push(Math.max(0, overheadMs - (responseMs ?? 0)))
  }
  const usualWork = middle(works)
  const usualExtra = middle(extras)
  return candidates.map(({ candidate: { answer, reputation, stake, terms }, quote }) => {
    const response = reputation.responseMs ?? answer.responseMs
    const overhead = reputation.overheadMs ?? response + usualExtra
    const { preferRegion } = wanted
    return {
      price: ratioNumber(quote.price),
      latencyMs: overhead + (reputation.workMsPerMpx ?? usualWork) * megapixels,
      isMeasured: reputation.overheadMs !== null,
      responseMs: response,
      successRate: successRate(reputation),
      delivered: reputation.delivered,
      stake: Number(stake),
      isInRegion: preferRegion === '' || answer.advert.regions.includes(preferRegion),
      terms,
    }
  })
}

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[(numbers.length - 1) >> 1] ?? 0
}

/** The best of each figure, against which the others are measured. */
export interface Best {
  readonly price: number
  readonly latencyMs: number
  readonly responseMs: number
  readonly stake: number
  readonly faceValue: number
}

/** The best of each figure among candidates. */
export function bestOf(all: readonly Figures[]): Best {
  let price = Number.POSITIVE_INFINITY
  let latencyMs = Number.POSITIVE_INFINITY
  let responseMs = Number.POSITIVE_INFINITY
  let faceValue = Number.POSITIVE_INFINITY
  let stake = 0
  for (const one of all) {
    price = Math.min(price, one.price)
    latencyMs = Math.min(latencyMs, one.latencyMs)
    responseMs = Math.min(responseMs, one.responseMs)
    stake = Math.max(stake, one.stake)
    if (one.terms !== null) faceValue = Math.min(faceValue, Number(one.terms.faceValueWei))
  }
  return { price, latencyMs, responseMs, stake, faceValue }
}

/** Times this near are the same to a person, and the smallest must not be divided by. */
const TIME_FLOOR_MS = 5

/** Each criterion as a cost: 1 is the best there is, 2 is twice as bad. */
export function costsOf(
  figures: Figures,
  best: Best,
  policy: Pick<SelectionPolicy, 'maxEv'>,
): Weights {
  return {
    price: best.price === 0 ? (figures.price === 0 ? 1 : 1e6) : figures.price / best.price,
    latency: (figures.latencyMs + TIME_FLOOR_MS) / (best.latencyMs + TIME_FLOOR_MS),
    response: (figures.responseMs + TIME_FLOOR_MS) / (best.responseMs + TIME_FLOOR_MS),
    history: 1 / figures.successRate,
    terms: termsCost(figures.terms, best, policy.maxEv),
    stake: best.stake === 0 ? 1 : 2 - figures.stake / best.stake,
    region: figures.isInRegion ? 1 : 2,
    relation: 1 + 1 / (1 + figures.delivered),
  }
}

/**
 * Tickets near the largest that the payer would sign tie up credit; winners far above the least of
 * the offers tie up deposit.
 */
function termsCost(terms: PaymentTerms | null, best: Best, maxEv: bigint | null): number {
  if (terms === null) return 1
  const ev = maxEv === null || maxEv === 0n ? 0 : Math.min(1, Number(terms.evWei) / Number(maxEv))
  const face = Number(terms.faceValueWei)
  return 1 + ev / 2 + (face > best.faceValue ? (1 - best.faceValue / face) / 2 : 0)
}

/** The weighted mean of the costs; lower is better, 1 is best in everything. */
export function scoreOf(costs: Weights, weights: Weights): number {
  let sum = 0
  let total = 0
  for (const key of CRITERIA) {
    sum += costs[key] * weights[key]
    total += weights[key]
  }
  return total === 0 ? 1 : sum / total
}
