/**
 * How many of some tickets can be expected to win: mean and variance of the count. Tickets of
 * different probabilities p add up to Σp and Σp(1 − p).
 */
export interface Wins {
  readonly mean: number
  readonly variance: number
}

/** The counts between which all but a given share of cases lie, both ends included. */
export interface WinBand {
  readonly low: number
  readonly high: number
}

/**
 * How the number of wins compares with the draw.
 *
 * - `usual`: within the band of 95 %
 * - `unusual`: outside of it; one case in twenty is
 * - `suspect`: outside the band of 99.9 %; one case in a thousand is
 */
export type LuckVerdict = 'usual' | 'unusual' | 'suspect'

/** The wins there were against those there should have been. */
export interface Luck {
  readonly verdict: LuckVerdict
  /** Standard deviations above what was expected; below when negative. */
  readonly score: number
  readonly band95: WinBand
  readonly band999: WinBand
}

/** Variance above which a quantile is scaled from this one instead of summed up. */
const SUMMED_VARIANCE = 1e6
/** Masses below this part of the largest do not count. */
const NEGLIGIBLE = 1e-20

/**
 * The least number of wins that is not exceeded with a probability of at least `level`.
 *
 * Exact to the precision of a double where all tickets have one probability (a binomial
 * distribution), and for a variance equal to the mean (a Poisson distribution); of mixed
 * probabilities it is the binomial distribution of the same mean and variance.
 *
 * @param level - between 0 and 1, both excluded
 */
export function winsQuantile({ mean, variance }: Wins, level: number): number {
  if (mean <= 0) return 0
  if (variance <= 0) return Math.round(mean)
  if (variance > SUMMED_VARIANCE) {
    const one = { mean: SUMMED_VARIANCE, variance: SUMMED_VARIANCE }
    const deviations = (winsQuantile(one, level) - SUMMED_VARIANCE) / Math.sqrt(SUMMED_VARIANCE)
    return Math.max(0, Math.round(mean + deviations * Math.sqrt(variance)))
  }
  // The probability of one ticket; 0 stands for many tickets of next to none, which is Poisson's.
  const p = Math.max(0, 1 - variance / mean)
  const masses = massesAround(Math.floor(mean + p), (k) => (mean - k * p) / ((k + 1) * (1 - p)))
  const target = level * masses.values.reduce((sum, mass) => sum + mass, 0)
  let sum = 0
  let at = masses.first
  for (const mass of masses.values) {
    sum += mass
    if (sum >= target) return at
    at += 1
  }
  return at - 1
}

/**
 * Masses relative to the largest, from the first that counts to the last.
 *
 * @param ratio - the mass of k + 1 over that of k
 */
function massesAround(
  mode: number,
  ratio: (k: number) => number,
): { readonly first: number; readonly values: readonly number[] } {
  const below: number[] = []
  for (let k = mode, mass = 1; k > 0; k -= 1) {
    mass /= ratio(k - 1)
    if (!(mass > NEGLIGIBLE)) break
    below.push(mass)
  }
  const above: number[] = []
  for (let k = mode, mass = ratio(mode); mass > NEGLIGIBLE; k += 1, mass *= ratio(k)) {
    above.push(mass)
  }
  return { first: mode - below.length, values: [...below.reverse(), 1, ...above] }
}

/** The band outside which the wins are with a probability of at most `outside`, half on each side. */
export function winBand(least: Wins, most: Wins, outside: number): WinBand {
  return { low: winsQuantile(least, outside / 2), high: winsQuantile(most, 1 - outside / 2) }
}

/**
 * Judges a number of wins. Pure.
 *
 * @param least - of the tickets whose wins would all be known by now
 * @param most - of all tickets; the same when every win is known at once
 */
export function luckOf(wins: number, least: Wins, most: Wins = least): Luck {
  const band95 = winBand(least, most, 0.05)
  const band999 = winBand(least, most, 0.001)
  const isWithin = ({ low, high }: WinBand): boolean => wins >= low && wins <= high
  return {
    verdict: isWithin(band95) ? 'usual' : isWithin(band999) ? 'unusual' : 'suspect',
    score: scoreOf(wins, least, most),
    band95,
    band999,
  }
}

function scoreOf(wins: number, least: Wins, most: Wins): number {
  const of = wins > most.mean ? most : wins < least.mean ? least : null
  if (of === null || of.variance <= 0) return 0
  return Math.round(((wins - of.mean) / Math.sqrt(of.variance)) * 100) / 100
}
