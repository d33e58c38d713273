import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_FRAME_PIXELS } from '../../../src/media/limits.ts'
import { parseSequenceParameters } from '../../../src/media/ts/h264.ts'
import { inspectSegment } from '../../../src/media/ts/inspect.ts'
import { SEGMENT, SEGMENT_MS } from '../../fixtures/media/fixture.ts'

function expectHarmless(bytes: Uint8Array): void {
  const result = inspectSegment(bytes, SEGMENT_MS)
  if (!result.ok) return
  const { durationMs, video } = result.value
  expect(durationMs).toBeLessThanOrEqual(SEGMENT_MS * 2)
  expect(video.width * video.height).toBeLessThanOrEqual(MAX_FRAME_PIXELS)
  expect(video.frames).toBeLessThanOrEqual(200)
}

test('any bytes are refused or within the limits, and nothing throws', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 4096 }), expectHarmless), { numRuns: 300 })
})

test('so is a damaged segment', () => {
  const damage = fc.array(
    fc.record({
      at: fc.nat({ max: SEGMENT.length - 1 }),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  fc.assert(
    fc.property(damage, fc.nat({ max: SEGMENT.length }), (hits, length) => {
      const bytes = Uint8Array.from(SEGMENT)
      for (const { at, bytes: hit } of hits) bytes.set(hit.subarray(0, bytes.length - at), at)
      expectHarmless(bytes.subarray(0, length))
    }),
    { numRuns: 100 },
  )
})

test('any parameter set is read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const parameters = parseSequenceParameters(bytes)
      if (parameters === null) return
      expect(parameters.width).toBeGreaterThan(0)
      expect(parameters.codedPixels).toBeGreaterThanOrEqual(parameters.width * parameters.height)
    }),
    { numRuns: 2000 },
  )
})
