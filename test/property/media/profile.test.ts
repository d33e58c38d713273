import fc from 'fast-check'
import { expect, test } from 'vitest'
import { estimatePixels, type Profile, pixelsOf } from '../../../src/media/profile.ts'

const side = fc.integer({ min: 16, max: 2048 }).map((half) => half * 2)

const profiles = fc.array(
  fc.record<Profile>({
    name: fc.constant('any'),
    width: side,
    height: side,
    bitrateBps: fc.constant(1_000_000),
    fps: fc.oneof(
      fc.constant<'source'>('source'),
      fc.record({ num: fc.integer({ min: 1, max: 60 }), den: fc.constant(1) }),
    ),
    gopSeconds: fc.constant(2),
    h264Profile: fc.constant<'main'>('main'),
  }),
  { minLength: 1, maxLength: 8 },
)
const source = fc.record({
  fps: fc.integer({ min: 1, max: 60 }),
  durationMs: fc.integer({ min: 1, max: 30_000 }),
})

test('an estimate is never below what a whole frame rate really encodes', () => {
  fc.assert(
    fc.property(profiles, source, (all, { fps, durationMs }) => {
      const exact = all.map(({ width, height, fps: rate }) => {
        const each = rate === 'source' ? fps : rate.num
        const frames = Math.floor((durationMs * each) / 1000)
        return pixelsOf({ video: { width, height, frames } })
      })
      const sum = exact.reduce((a, b) => a + b, 0n)
      expect(estimatePixels(all, { fps, durationMs })).toBeGreaterThanOrEqual(sum)
    }),
  )
})

test('the estimate of several profiles is the sum of theirs', () => {
  fc.assert(
    fc.property(profiles, source, (all, one) => {
      const parts = all.map((profile) => estimatePixels([profile], one))
      expect(estimatePixels(all, one)).toBe(parts.reduce((a, b) => a + b, 0n))
    }),
  )
})
