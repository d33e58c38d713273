import { describe, expect, test } from 'vitest'
import {
  MAX_FRAME_PIXELS,
  MAX_SEGMENT_BYTES,
  MAX_SEGMENT_DURATION_MS,
} from '../../../src/media/limits.ts'
import { inspectSegment } from '../../../src/media/ts/inspect.ts'
import { SEGMENT, SEGMENT_MS } from '../../fixtures/media/fixture.ts'
import {
  annexB,
  frames,
  IDR_SLICE,
  P_SLICE,
  sps,
  transportStream,
} from '../../fixtures/media/ts-builder.ts'

function codeOf(bytes: Uint8Array, durationMs?: number): string {
  const result = inspectSegment(bytes, durationMs)
  return result.ok ? 'ok' : result.error.code
}

describe('inspectSegment', () => {
  test('reads a real segment', () => {
    const result = inspectSegment(SEGMENT, SEGMENT_MS)
    expect(result).toMatchObject({
      ok: true,
      value: {
        container: 'mpegts',
        sizeBytes: SEGMENT.length,
        durationMs: 2000,
        startPtsMs: 1000,
        video: { codec: 'h264', width: 640, height: 360, fps: 30, frames: 60, keyframeFirst: true },
        audio: { codec: 'aac', codecString: 'mp4a.40.2', sampleRate: 48_000, channels: 2 },
      },
    })
  })

  test('refuses what is no transport stream, whatever it is called', () => {
    expect(codeOf(new Uint8Array(0))).toBe('NOT_MPEGTS')
    expect(codeOf(Buffer.from('#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n/etc/passwd\n'))).toBe(
      'NOT_MPEGTS',
    )
    expect(codeOf(new Uint8Array(188 * 20).fill(0x47))).toBe('NOT_MPEGTS')
  })

  test('refuses other codecs and a stream without pictures', () => {
    expect(codeOf(transportStream(frames(2), 0x24))).toBe('UNSUPPORTED_CODEC')
    expect(codeOf(transportStream([]))).toBe('NO_VIDEO')
    expect(codeOf(transportStream([{ ticks: 0, payload: annexB(P_SLICE) }]))).toBe('NO_VIDEO')
  })

  test('tells whether the segment decodes alone', () => {
    const open = [{ ticks: 0, payload: annexB(sps(640, 368), P_SLICE) }]
    expect(inspectSegment(transportStream(open))).toMatchObject({
      value: { video: { keyframeFirst: false } },
    })
  })

  test('takes the largest picture allowed and refuses a larger one, wherever it is announced', () => {
    const most = { width: 3840, height: 2336 }
    expect(most.width * most.height).toBeLessThanOrEqual(MAX_FRAME_PIXELS)
    expect(codeOf(transportStream(frames(2, most)))).toBe('ok')
    expect(codeOf(transportStream(frames(2, { width: 3840, height: 2352 })))).toBe(
      'TOO_MANY_PIXELS',
    )
    const later = [...frames(2), { ticks: 96_000, payload: annexB(sps(8192, 8192), IDR_SLICE) }]
    expect(codeOf(transportStream(later))).toBe('TOO_MANY_PIXELS')
  })

  test('refuses a gap in time that would be filled with frames', () => {
    const gap = [...frames(2), { ticks: 90_000 + 600 * 90_000, payload: annexB(P_SLICE) }]
    expect(codeOf(transportStream(gap), 2000)).toBe('BAD_TIMESTAMPS')
    expect(codeOf(transportStream(gap))).toBe('BAD_TIMESTAMPS')
  })

  test('takes the longest duration allowed and refuses what goes on after it', () => {
    const lasting = (ms: number) => transportStream(frames(11, { stepTicks: ms * 9 }))
    expect(codeOf(lasting(MAX_SEGMENT_DURATION_MS))).toBe('ok')
    expect(codeOf(lasting(MAX_SEGMENT_DURATION_MS * 2))).toBe('BAD_TIMESTAMPS')
    expect(codeOf(lasting(2000), 2000)).toBe('ok')
    expect(codeOf(lasting(3000), 2000)).toBe('BAD_TIMESTAMPS')
  })

  test('refuses more frames than a duration holds', () => {
    expect(codeOf(transportStream(frames(120, { stepTicks: 1500 })), 2000)).toBe('ok')
    expect(codeOf(transportStream(frames(240, { stepTicks: 750 })), 2000)).toBe('TOO_MANY_FRAMES')
  })

  test('takes as many bytes as allowed and not one more', () => {
    const full = new Uint8Array(MAX_SEGMENT_BYTES)
    full.set(SEGMENT)
    expect(codeOf(full)).toBe('ok')
    expect(codeOf(new Uint8Array(MAX_SEGMENT_BYTES + 1))).toBe('TOO_LARGE')
  })

  test('follows the clock over its 33-bit end', () => {
    const wrapping = transportStream(frames(60, { startTicks: 2 ** 33 - 90_000 }))
    const result = inspectSegment(wrapping, 2000)
    expect(result).toMatchObject({ ok: true, value: { durationMs: 2000, video: { frames: 60 } } })
  })

  test('counts what is left of a truncated segment', () => {
    const result = inspectSegment(SEGMENT.subarray(0, SEGMENT.length >> 1), SEGMENT_MS)
    const frameCount = result.ok ? result.value.video.frames : 0
    expect(frameCount).toBeGreaterThan(0)
    expect(frameCount).toBeLessThan(60)
  })
})
