import { describe, expect, test } from 'vitest'
import { luckOf, winsQuantile } from '../../../src/rails/ticket/luck.ts'

const LEVELS = [0.0005, 0.025, 0.5, 0.975, 0.999, 0.9995]

const binomial = (n: number, p: number) => ({ mean: n * p, variance: n * p * (1 - p) })
const poisson = (mean: number) => ({ mean, variance: mean })

describe('quantiles of the number of wins', () => {
  // Reference values of another implementation.
  test.each([
    [0.0001, [0, 0, 0, 0, 0, 0]],
    [0.01, [0, 0, 0, 0, 1, 1]],
    [0.3, [0, 0, 0, 2, 3, 3]],
    [1, [0, 0, 1, 3, 5, 6]],
    [4.5, [0, 1, 4, 9, 12, 13]],
    [20, [7, 12, 20, 29, 35, 36]],
    [250, [200, 219, 250, 281, 300, 304]],
    [12_345, [11_981, 12_128, 12_345, 12_563, 12_690, 12_712]],
  ])('are those of Poisson for a mean of %d', (mean, expected) => {
    expect(LEVELS.map((level) => winsQuantile(poisson(mean), level))).toEqual(expected)
  })

  test.each([
    [1, 0.5, [0, 0, 0, 1, 1, 1]],
    [10, 0.5, [0, 2, 5, 8, 9, 10]],
    [100, 0.25, [12, 17, 25, 34, 39, 40]],
    [600, 0.01, [0, 2, 6, 11, 15, 15]],
    [5_000, 0.9, [4_429, 4_458, 4_500, 4_541, 4_564, 4_568]],
    [100_000, 0.001, [69, 81, 100, 120, 132, 134]],
    [1_000_000, 0.3, [298_493, 299_102, 300_000, 300_898, 301_417, 301_509]],
  ])('are the binomial ones for %d tickets that win with %d', (n, p, expected) => {
    expect(LEVELS.map((level) => winsQuantile(binomial(n, p), level))).toEqual(expected)
  })

  test('go on where the sum would be long, and stand still where nothing is left to chance', () => {
    const mean = 4e6
    expect(winsQuantile(poisson(mean), 0.999)).toBeCloseTo(mean + 3.09 * 2_000, -2)
    expect(winsQuantile(poisson(mean), 0.001)).toBeCloseTo(mean - 3.09 * 2_000, -2)
    expect(winsQuantile({ mean: 0, variance: 0 }, 0.999)).toBe(0)
    expect(winsQuantile({ mean: 7, variance: 0 }, 0.999)).toBe(7)
  })
})

describe('luck', () => {
  test('is usual within the band, and says when it is not', () => {
    const wins = binomial(100, 0.25)
    expect(luckOf(25, wins)).toMatchObject({ verdict: 'usual', score: 0 })
    expect(luckOf(17, wins).verdict).toBe('usual')
    expect(luckOf(34, wins).verdict).toBe('usual')
    expect(luckOf(16, wins).verdict).toBe('unusual')
    expect(luckOf(40, wins).verdict).toBe('unusual')
    expect(luckOf(11, wins).verdict).toBe('suspect')
    expect(luckOf(41, wins)).toMatchObject({
      verdict: 'suspect',
      band95: { low: 17, high: 34 },
      band999: { low: 12, high: 40 },
    })
    expect(luckOf(41, wins).score).toBeCloseTo(3.7, 1)
  })

  test('of wins that are still to come is judged from both ends', () => {
    const all = binomial(100, 0.25)
    const settled = binomial(40, 0.25)
    expect(luckOf(10, settled, all).verdict).toBe('usual')
    expect(luckOf(17, settled, all)).toMatchObject({ verdict: 'usual', score: 0 })
    expect(luckOf(1, settled, all).verdict).toBe('suspect')
    expect(luckOf(41, settled, all).verdict).toBe('suspect')
  })

  test('of nothing is usual', () => {
    expect(luckOf(0, { mean: 0, variance: 0 })).toMatchObject({ verdict: 'usual', score: 0 })
    expect(luckOf(1, { mean: 0, variance: 0 }).verdict).toBe('suspect')
  })
})
