import { describe, expect, test } from 'vitest'
import {
  fade,
  type ReputationEvent,
  type ReputationInit,
  type ReputationState,
  stepReputation,
  successRate,
  unknownPeer,
} from '../../../src/market/reputation-state.ts'

const init: ReputationInit = { halfLifeMs: 1_000_000, suspendMs: 10_000 }
const strike: ReputationEvent = { type: 'failed', class: 'failed', isStrike: true }
const delivered = (roundTripMs = 300, workMs = 100, units = 1_000_000n): ReputationEvent => ({
  type: 'delivered',
  sample: { roundTripMs, workMs, units },
})

function after(
  events: readonly ReputationEvent[],
  from: ReputationState = unknownPeer(0),
): ReputationState {
  return events.reduce((state, event) => stepReputation(state, event, from.atMs, init), from)
}

describe('a suspension', () => {
  test('doubles with each failure in a row, up to a ceiling, and ends by the clock', () => {
    let nowMs = 0
    let state = unknownPeer(nowMs)
    const times: number[] = []
    for (let i = 0; i < 9; i += 1) {
      state = stepReputation(state, strike, nowMs, init)
      const ms = state.suspendedUntilMs - nowMs
      // What fails beside the first is the same failure.
      expect(stepReputation(state, strike, nowMs, init).suspendedUntilMs - nowMs).toBe(ms)
      times.push(ms)
      nowMs += ms
    }
    expect(times.slice(0, 4)).toEqual([10_000, 20_000, 40_000, 80_000])
    expect(times.slice(5)).toEqual(Array(4).fill(320_000))
  })

  test('starts from the shortest time again after a success, not after its end alone', () => {
    const twice = stepReputation(after([strike]), strike, 10_000, init)
    expect(twice.suspendedUntilMs).toBe(30_000)
    const good = stepReputation(twice, delivered(), 30_000, init)
    expect(good.suspendedUntilMs).toBe(0)
    expect(stepReputation(good, strike, 30_000, init).suspendedUntilMs).toBe(40_000)
  })

  test('is forgotten with time, and does not fade while it lasts', () => {
    const state = after([strike])
    // Long after: as if it had never failed.
    const late = stepReputation(state, strike, 10_000 + 10 * init.halfLifeMs, init)
    expect(late.strikes).toBe(1)
    expect(fade(state, 10_000, init.halfLifeMs).strikes).toBe(1)
  })

  test('does not follow from a failure that is nobody’s fault', () => {
    const state = after([{ type: 'failed', class: 'lost', isStrike: false }])
    expect(state).toMatchObject({ failed: { lost: 1 }, suspendedUntilMs: 0, strikes: 0 })
  })
})

describe('what is known of a peer', () => {
  test('fades by half in each half-life', () => {
    const state = after([delivered(), delivered(), strike])
    const half = fade(state, init.halfLifeMs, init.halfLifeMs)
    expect(half.delivered).toBeCloseTo(1)
    expect(half.failed['failed']).toBeCloseTo(0.5)
    // Measured times are forgotten when hardly a segment vouches for them.
    expect(half.overheadMs).toBe(200)
    const old = fade(state, 4 * init.halfLifeMs, init.halfLifeMs)
    expect(old).toMatchObject({ overheadMs: null, workMsPerMpx: null, measured: 0 })
  })

  test('tells the time of the work from that of the way, each by the size of the segment', () => {
    const state = after([delivered(300, 100), delivered(400, 200, 2_000_000n)])
    expect(state.overheadMs).toBeCloseTo(200)
    expect(state.workMsPerMpx).toBeCloseTo(100)
  })

  test('is not made better by a provider that says its work took longer or shorter', () => {
    const liar = after([delivered(500, 10_000)])
    expect((liar.overheadMs ?? 0) + (liar.workMsPerMpx ?? 0)).toBe(500)
    const other = after([delivered(500, -5)])
    expect((other.overheadMs ?? 0) + (other.workMsPerMpx ?? 0)).toBe(500)
  })

  test('S12 has the time of its answers, the newest counting most', () => {
    const answered = (responseMs: number): ReputationEvent => ({ type: 'answered', responseMs })
    expect(after([answered(100)]).responseMs).toBe(100)
    expect(after([answered(100), answered(200)]).responseMs).toBeCloseTo(120)
  })

  test('is a success rate that an unknown peer has in full', () => {
    expect(successRate(unknownPeer(0))).toBe(1)
    expect(successRate(after([strike]))).toBeCloseTo(2 / 3)
    const many = after(Array.from({ length: 98 }, () => delivered()))
    expect(successRate(after([strike], many))).toBeCloseTo(100 / 101)
  })
})
