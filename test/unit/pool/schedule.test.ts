import { describe, expect, test } from 'vitest'
import { jobDeadlineMs, poolLimits } from '../../../src/pool/limits.ts'
import { attemptMs, benchedMs, type Candidate, chooseWorker } from '../../../src/pool/schedule.ts'
import { expectedMs, measured, overdue, speedAt, unknownSpeed } from '../../../src/pool/speed.ts'

const PIXELS = 10_000_000n
const NOW = 1_000_000
const speedOf = (msPerMegapixel: number) => ({ msPerMegapixel, jobs: 1, atMs: NOW })

function worker(id: string, change: Partial<Candidate> = {}): Candidate {
  const usual = { slots: 2, busy: 0, speed: speedOf(10), isAble: true, isOpen: true }
  return { id, ...usual, ...change }
}

const chosen = (candidates: Candidate[], tried: string[] = [], again = false) =>
  chooseWorker(candidates, { pixels: PIXELS, tried: new Set(tried) }, again)?.id ?? null

describe('S2: the choice of a worker', () => {
  test('falls on the fastest of those that are free', () => {
    const slow = worker('slow', { speed: speedOf(30) })
    expect(chosen([slow, worker('fast')])).toBe('fast')
    expect(chosen([slow, worker('fast', { busy: 2 })])).toBe('slow')
    expect(chosen([worker('a', { busy: 2 })])).toBe(null)
  })

  test('counts a worker slower as its slots fill', () => {
    const half = worker('half', { speed: speedOf(10), busy: 1 })
    expect(chosen([half, worker('idle', { speed: speedOf(14) })])).toBe('idle')
    expect(chosen([half, worker('idle', { speed: speedOf(16) })])).toBe('half')
  })

  test('tries one that was never measured, and of equals the one with more free slots', () => {
    expect(chosen([worker('known'), worker('new', { speed: unknownSpeed })])).toBe('new')
    expect(chosen([worker('two'), worker('four', { slots: 4 })])).toBe('four')
  })

  test('leaves out who cannot make it, drains or had it, unless the last may have it again', () => {
    expect(chosen([worker('a', { isAble: false }), worker('b', { isOpen: false })])).toBe(null)
    expect(chosen([worker('a'), worker('b', { speed: speedOf(90) })], ['a'])).toBe('b')
    expect(chosen([worker('a')], ['a'])).toBe(null)
    expect(chosen([worker('a')], ['a'], true)).toBe('a')
  })
})

describe('the speed of a worker', () => {
  test('is an exponentially weighted mean of time for a million pixels', () => {
    const once = measured(unknownSpeed, PIXELS, 100, NOW)
    expect(once).toEqual({ msPerMegapixel: 10, jobs: 1, atMs: NOW })
    const twice = measured(once, PIXELS, 200, NOW)
    expect(twice.msPerMegapixel).toBeCloseTo(13)
    expect(expectedMs(twice, 2n * PIXELS)).toBeCloseTo(260)
    expect(expectedMs(unknownSpeed, PIXELS)).toBe(null)
  })

  test('gets worse when a job is late, and never better', () => {
    expect(overdue(speedOf(10), PIXELS, 50, NOW)).toEqual(speedOf(10))
    expect(overdue(speedOf(10), PIXELS, 1_000, NOW).msPerMegapixel).toBeGreaterThan(10)
  })
})

test('a worker that was slow once is tried again after a while, and then taken as it is now', () => {
  const slow = speedOf(1_000)
  const later = NOW + poolLimits.remeasureMs + 1
  expect(speedAt(slow, later - 1)).toEqual(slow)
  const candidates = [worker('fast'), worker('slow', { speed: speedAt(slow, later) })]
  expect(chosen(candidates)).toBe('slow')
  expect(measured(slow, PIXELS, 100, later)).toMatchObject({ msPerMegapixel: 10, jobs: 2 })
})

describe('S3: an attempt', () => {
  test('is late after a few times what was expected, within bounds', () => {
    const { minAttemptMs, lateFactor } = poolLimits
    expect(attemptMs(speedOf(1), PIXELS, 2_000)).toBe(minAttemptMs)
    expect(attemptMs(speedOf(100), PIXELS, 2_000)).toBe(1_000 * lateFactor)
    expect(attemptMs(speedOf(10_000), PIXELS, 2_000)).toBe(jobDeadlineMs(2_000) / 2)
    // A worker never measured gets the time that the segment plays.
    expect(attemptMs(unknownSpeed, PIXELS, 2_000)).toBe(2_000)
  })

  test('that failed keeps its worker out for longer each time, up to a limit', () => {
    expect([0, 1, 2, 3].map(benchedMs)).toEqual([0, 2_000, 4_000, 8_000])
    expect(benchedMs(1_000)).toBe(poolLimits.maxBenchMs)
  })
})
