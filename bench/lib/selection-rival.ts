import { bestOf, costsOf, type Figures, figuresOf, scoreOf } from '../../src/market/figures.ts'
import { dominates } from '../../src/market/pareto.ts'
import type { Candidate, SelectionContext } from '../../src/market/selection.ts'
import type { SelectionPolicy } from '../../src/market/selection-policy.ts'

/**
 * The same choice as one would write it first: each compared with each for the front, and all sorted
 * anew by a comparator that reckons the scores. It keeps no record.
 */
export function sortAndCompare(
  candidates: readonly Candidate[],
  policy: SelectionPolicy,
  { nowMs, units }: SelectionContext,
): readonly string[] {
  const eligible = candidates
    .filter(({ suspendedUntilMs }) => suspendedUntilMs === null || suspendedUntilMs <= nowMs)
    .filter(({ stake }) => stake >= policy.minStake)
    .flatMap((candidate) => {
      const { outcome } = candidate.answer
      return outcome.type === 'quote' ? [{ candidate, quote: outcome.quote }] : []
    })
  const figures = figuresOf(eligible, { units, preferRegion: policy.preferRegion })
  const best = bestOf(figures)
  const score = (of: Figures) => scoreOf(costsOf(of, best, policy), policy.weights)
  const tier = (of: Figures) => (figures.some((other) => dominates(other, of)) ? 1 : 0)
  return eligible
    .map(({ quote }, i) => ({ peerId: quote.providerPeerId, own: figures[i] as Figures }))
    .map((one) => ({ ...one, tier: tier(one.own) }))
    .sort((a, b) => a.tier - b.tier || score(a.own) - score(b.own))
    .map(({ peerId }) => peerId)
}
