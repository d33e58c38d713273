import { compareRatio, formatRatio } from '../lib/wei.ts'
import type { Consideration, DecisionReason, DecisionRecord } from './decision.ts'
import { bestOf, costsOf, type Figures, figuresOf, type PaymentTerms, scoreOf } from './figures.ts'
import { marketLimits } from './limits.ts'
import { paretoFront } from './pareto.ts'
import type { Quote } from './quote.ts'
import type { QuoteAnswer } from './quote-seeker.ts'
import { type ReputationState, successRate } from './reputation-state.ts'
import type { SelectionPolicy } from './selection-policy.ts'

/** One answer with what else is known of who gave it. */
export interface Candidate {
  readonly answer: QuoteAnswer
  readonly stake: bigint
  readonly reputation: ReputationState
  /** Set while it is suspended after a failure. */
  readonly suspendedUntilMs: number | null
  /** What the payer's own rail says to the offer; null when it is fine. */
  readonly railObjection: string | null
  /** What the payment terms of the quote come to; null when the rail has no such figures. */
  readonly terms: PaymentTerms | null
}

/** A candidate that can be taken. */
export interface Choice {
  readonly quote: Quote
  readonly candidate: Candidate
  /** 1 is best in everything; lower is better. */
  readonly score: number
  readonly figures: Figures
}

/** What a choice is made for. */
export interface SelectionContext {
  readonly nowMs: number
  readonly stream: string
  readonly reason: DecisionReason
  /** Pixels of one segment. */
  readonly units: bigint
  readonly isFromTable: boolean
  /** Who works now; left only for someone clearly better. Null for nobody. */
  readonly running: string | null
  /** Who is to be tried, whatever the score; null for nobody. */
  readonly trying: string | null
}

/** The eligible, best first, and what is to be remembered of the choice. */
export interface Selection {
  readonly ranked: readonly Choice[]
  readonly record: DecisionRecord
}

/** Chooses among candidates: the port behind which other ways to choose can stand. */
export type Selector = (
  candidates: readonly Candidate[],
  policy: SelectionPolicy,
  context: SelectionContext,
) => Selection

interface Eligible {
  readonly candidate: Candidate
  readonly quote: Quote
}

interface Ranked extends Choice {
  readonly isPreferred: boolean
  /** Nobody else is as cheap and as fast, and clearly better in one. */
  readonly isOnFront: boolean
  /** Whoever is in a lower one comes first, whatever the score. */
  readonly tier: number
}

/**
 * The default selector. Pure: the same candidates, policy and context give the same choice.
 *
 * Whoever breaks a rule of the policy is out. Of the others the owner's own come first, then those
 * on the front of price and latency, each by score. Who works now stays first unless somebody is
 * better by the hysteresis.
 */
export const select: Selector = (candidates, policy, context) => {
  const eligible: Eligible[] = []
  const refused: { candidate: Candidate; why: string }[] = []
  for (const candidate of candidates) {
    const judged = judge(candidate, policy, context.nowMs)
    if (typeof judged === 'string') refused.push({ candidate, why: judged })
    else eligible.push({ candidate, quote: judged })
  }
  const sorted = rank(eligible, policy, context)
  const stays = staying(sorted, policy, context)
  const tried = sorted.find(({ quote }) => quote.providerPeerId === context.trying)
  const first = tried ?? stays ?? sorted[0]
  const ranked = first === undefined ? [] : [first, ...sorted.filter((one) => one !== first)]
  const whyOf = reasons(first, { isTried: first !== undefined && first === tried, stays })
  const { maxConsidered, maxRanked } = marketLimits
  const considered = [
    ...ranked.slice(0, maxConsidered).map((one) => accepted(one, one === first, whyOf(one))),
    ...refused
      .slice(0, Math.max(0, maxConsidered - ranked.length))
      .map(({ candidate, why }) => consider(candidate, policy, why)),
  ]
  const { nowMs: atMs, stream, reason, isFromTable } = context
  const record: DecisionRecord = {
    ...{ atMs, stream, reason, isFromTable, considered },
    preset: policy.preset,
    omitted: candidates.length - considered.length,
    chosenPeerId: first?.quote.providerPeerId ?? null,
  }
  return { ranked: ranked.slice(0, maxRanked), record }
}

/** The quote, or why this candidate is out. */
function judge(
  { answer, stake, suspendedUntilMs, railObjection }: Candidate,
  { maxPrice, minStake }: SelectionPolicy,
  nowMs: number,
): Quote | string {
  const { outcome } = answer
  if (outcome.type === 'refusal') return `refused: ${outcome.refusal.code}`
  if (outcome.type === 'invalid') return `invalid answer: ${outcome.fault}`
  if (outcome.type === 'unreachable') return 'did not answer'
  if (outcome.type === 'not-asked') return 'not asked: others came first'
  const { quote } = outcome
  if (maxPrice !== null && compareRatio(quote.price, maxPrice) > 0) {
    return `price ${formatRatio(quote.price)} above the maximum ${formatRatio(maxPrice)}`
  }
  if (stake < minStake) return `stake ${stake} below the minimum ${minStake}`
  if (suspendedUntilMs !== null && suspendedUntilMs > nowMs) return 'suspended after a failure'
  return railObjection === null ? quote : `payment terms: ${railObjection}`
}

function rank(
  eligible: readonly Eligible[],
  policy: SelectionPolicy,
  { units }: SelectionContext,
): Ranked[] {
  const figures = figuresOf(eligible, { units, preferRegion: policy.preferRegion })
  const best = bestOf(figures)
  const front = policy.pareto ? paretoFront(figures) : null
  const prefer = new Set<string>(policy.prefer)
  const ranked = eligible.map(({ candidate, quote }, i): Ranked => {
    const own = figures[i] as Figures
    const isPreferred = prefer.has(candidate.answer.advert.address)
    const isOnFront = front === null || front[i] === true
    const tier = (isPreferred ? 0 : 2) + (isOnFront ? 0 : 1)
    const score = scoreOf(costsOf(own, best, policy), policy.weights)
    return { candidate, quote, figures: own, score, isPreferred, isOnFront, tier }
  })
  return ranked.sort((a, b) => a.tier - b.tier || a.score - b.score)
}

/** Who works now, if nobody is clearly better. The owner's own need not be better. */
function staying(
  sorted: readonly Ranked[],
  { hysteresis }: SelectionPolicy,
  { running }: SelectionContext,
): Ranked | undefined {
  const [first] = sorted
  const now = sorted.find(({ quote }) => quote.providerPeerId === running)
  if (first === undefined || now === undefined || now === first) return undefined
  if (first.isPreferred && !now.isPreferred) return undefined
  return now.score <= first.score * (1 + hysteresis) ? now : undefined
}

/** Says of each of the eligible why it was chosen or not. */
function reasons(
  first: Ranked | undefined,
  { isTried, stays }: { readonly isTried: boolean; readonly stays: Ranked | undefined },
): (one: Ranked) => string {
  return (one) => {
    if (one === first) {
      if (isTried) return 'tried, to learn how it works'
      if (one === stays) return 'works now, and nobody is clearly better'
      return one.isPreferred ? 'best score of those the owner prefers' : 'best score'
    }
    if (isTried) return 'another was tried'
    if (first?.isPreferred === true && !one.isPreferred) return 'the owner prefers another'
    if (first === stays && stays !== undefined && one.score < stays.score) {
      return 'not clearly better than who works now'
    }
    return one.isOnFront
      ? 'a better score was to be had'
      : 'another is as cheap and as fast, and clearly better in one'
  }
}

function accepted(
  { candidate, figures, score, isPreferred }: Ranked,
  chosen: boolean,
  why: string,
): Consideration {
  const { latencyMs, isMeasured } = figures
  return {
    ...figuresIn(candidate),
    latencyMs: rounded(latencyMs),
    isMeasured,
    isPreferred,
    accepted: true,
    chosen,
    score: rounded(score),
    why,
  }
}

function consider(candidate: Candidate, policy: SelectionPolicy, why: string): Consideration {
  return {
    ...figuresIn(candidate),
    latencyMs: null,
    isMeasured: candidate.reputation.overheadMs !== null,
    isPreferred: policy.prefer.includes(candidate.answer.advert.address),
    accepted: false,
    chosen: false,
    score: null,
    why,
  }
}

function figuresIn({ answer, stake, reputation, terms }: Candidate) {
  const { advert, outcome, responseMs } = answer
  return {
    peerId: advert.peerId,
    address: advert.address,
    pricePerUnit: outcome.type === 'quote' ? formatRatio(outcome.quote.price) : null,
    responseMs: rounded(responseMs),
    successRate: rounded(successRate(reputation)),
    delivered: rounded(reputation.delivered),
    stake,
    evWei: terms?.evWei ?? null,
    faceValueWei: terms?.faceValueWei ?? null,
    regions: advert.regions,
  }
}

/** For a person: no more digits than mean anything. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
