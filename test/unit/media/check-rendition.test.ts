import { describe, expect, test } from 'vitest'
import { checkRendition, type Probe } from '../../../src/media/probe.ts'
import { PRESETS, type Profile } from '../../../src/media/profile.ts'

const profile = PRESETS.get('240p') as Profile

function probe(video: Partial<Probe['video']> = {}, rest: Partial<Probe> = {}): Probe {
  return {
    container: 'mpegts',
    sizeBytes: 1000,
    durationMs: 2000,
    startPtsMs: 4000,
    video: {
      codec: 'h264',
      codecString: 'avc1.64001e',
      width: 432,
      height: 240,
      fps: 30,
      frames: 60,
      keyframeFirst: true,
      ...video,
    },
    audio: {
      codec: 'aac',
      codecString: 'mp4a.40.2',
      sampleRate: 48_000,
      channels: 2,
      packets: 94,
      startPtsMs: 4000,
      hash: 'aa',
    },
    ...rest,
  }
}

const source = probe({ width: 640, height: 360 })

function codeOf(rendition: Probe, wanted: Profile = profile, durationMs = 2000): string {
  const result = checkRendition(source, rendition, wanted, durationMs)
  return result.ok ? 'ok' : result.error.code
}

describe('checkRendition', () => {
  test('accepts what the profile asks for', () => {
    expect(codeOf(probe())).toBe('ok')
  })

  test('accepts a shift of one frame and refuses two', () => {
    expect(codeOf(probe({}, { startPtsMs: 4033 }))).toBe('ok')
    expect(codeOf(probe({}, { startPtsMs: 4067 }))).toBe('WRONG_START')
    expect(codeOf(probe({}, { durationMs: 2033 }))).toBe('ok')
    expect(codeOf(probe({}, { durationMs: 1933 }))).toBe('WRONG_DURATION')
  })

  test('wants every frame of the source back, or one more or less at another rate', () => {
    expect(codeOf(probe({ frames: 59 }))).toBe('WRONG_FRAME_COUNT')
    const half: Profile = { ...profile, fps: { num: 15, den: 1 } }
    for (const [frames, expected] of [
      [28, 'WRONG_FRAME_COUNT'],
      [29, 'ok'],
      [31, 'ok'],
      [60, 'WRONG_FRAME_COUNT'],
    ] as const) {
      expect(codeOf(probe({ frames, fps: 15 }), half)).toBe(expected)
    }
  })

  test('refuses another size, an open start and more time than was ordered', () => {
    expect(codeOf(probe({ width: 426 }))).toBe('WRONG_SIZE')
    expect(codeOf(probe({ keyframeFirst: false }))).toBe('NO_KEYFRAME')
    expect(codeOf(probe(), profile, 1000)).toBe('WRONG_DURATION')
  })

  test('wants the audio back as it was', () => {
    expect(codeOf(probe({}, { audio: null }))).toBe('AUDIO_MISSING')
    const other = probe().audio as NonNullable<Probe['audio']>
    expect(codeOf(probe({}, { audio: { ...other, hash: 'bb' } }))).toBe('AUDIO_CHANGED')
  })

  test('says what was expected and what came', () => {
    expect(checkRendition(source, probe({ width: 426 }), profile, 2000)).toEqual({
      ok: false,
      error: { code: 'WRONG_SIZE', expected: '432x240', actual: '426x240' },
    })
  })
})
