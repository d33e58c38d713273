import { describe, expect, test } from 'vitest'
import type { Delivered } from '../../../src/exchange/dispatcher.ts'
import { createStreamCounter, quantile } from '../../../src/roles/stream-stats.ts'
import { manualClock } from '../../helpers/fakes.ts'

const delivered = (over: Partial<Delivered> = {}): Delivered => ({
  renditions: [],
  provider: 'peer-a',
  attempts: 1,
  roundTripMs: 500,
  workMs: 400,
  feeWei: 7n,
  ...over,
})

describe('a quantile', () => {
  test.each<[readonly number[], number, number]>([
    [[], 0.5, 0],
    [[4], 0.5, 4],
    [[4], 0.99, 4],
    [[3, 1, 2], 0, 1],
    [[3, 1, 2], 0.5, 2],
    [[3, 1, 2], 1, 3],
    [[4, 1, 3, 2], 0.5, 2],
    [[10, 9, 2], 0.5, 9],
    [Array.from({ length: 100 }, (_, i) => i + 1), 0.99, 99],
    [Array.from({ length: 101 }, (_, i) => i + 1), 0.99, 100],
    [Array.from({ length: 15 }, (_, i) => i + 1), 0.99, 15],
  ])('of %j at %d is the nearest rank', (samples, q, expected) => {
    expect(quantile(samples, q)).toBe(expected)
  })

  test('leaves the samples as they were', () => {
    const samples = [3, 1, 2]
    quantile(samples, 0.5)
    expect(samples).toEqual([3, 1, 2])
  })
})

const extra = { hedges: 1, unused: 1, feesWei: 3n }

describe('a stream counter', () => {
  test('has nothing to tell at first', () => {
    expect(createStreamCounter(() => 1).stats(extra)).toEqual({
      segments: { sent: 0, returned: 0, failed: 0, retried: 0 },
      feesWei: 0n,
      extra,
      byProvider: {},
      sourceDurationMs: 0,
      startedAtMs: null,
      endedAtMs: null,
      overheadMs: { p50: 0, p99: 0 },
    })
  })

  test('counts segments, attempts, fees and who did the work', () => {
    const clock = manualClock(1_000)
    const counter = createStreamCounter(() => clock.now())
    for (let i = 0; i < 4; i += 1) {
      counter.sent()
      counter.measured(2_000)
      clock.nowMs += 100
    }
    counter.returned(delivered())
    counter.returned(delivered({ attempts: 3, provider: 'peer-b', roundTripMs: 900, feeWei: 5n }))
    counter.failed()
    expect(counter.stats(extra)).toEqual({
      segments: { sent: 4, returned: 2, failed: 1, retried: 2 },
      feesWei: 12n,
      extra,
      byProvider: { 'peer-a': 1, 'peer-b': 1 },
      sourceDurationMs: 8_000,
      startedAtMs: 1_000,
      endedAtMs: 1_400,
      overheadMs: { p50: 100, p99: 500 },
    })
  })

  test('counts no overhead below zero when a provider claims more work than there was time', () => {
    const counter = createStreamCounter(() => 1)
    counter.returned(delivered({ roundTripMs: 10, workMs: 5_000 }))
    expect(counter.stats(extra).overheadMs).toEqual({ p50: 0, p99: 0 })
  })
})
