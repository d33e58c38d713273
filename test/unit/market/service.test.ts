import { describe, expect, test } from 'vitest'
import {
  coversNeeded,
  type Format,
  formatPair,
  isService,
  neededPairs,
  offersService,
  parsePair,
  SERVICE_IDS,
} from '../../../src/market/service.ts'
import { parseProfiles } from '../../../src/media/profile.ts'

const h264 = (height: number, fps: number | null = null): Format => ({
  codec: 'h264',
  height,
  fps,
})
const source = h264(1080, 30)
const needed = [{ input: source, output: h264(720, 30) }]

describe('a service', () => {
  test.each([...SERVICE_IDS, 'transcode', 'h264:1080p30>h264:720p30', 'hevc:2160p>h264:1080p60'])(
    'is %s',
    (text) => expect(isService(text)).toBe(true),
  )
  test.each([
    '',
    'a b',
    '>h264:720p',
    'h264:720>h264:360',
    'h264:0p>h264:360p',
    `a${'b'.repeat(64)}`,
  ])('is not %j', (text) => expect(isService(text)).toBe(false))
  test.each(['h264:1080p30>h264:720p30', 'h264:1080p>h264:720p'])(
    '%s is read and written',
    (text) => {
      const pair = parsePair(text)
      expect(pair !== null && formatPair(pair)).toBe(text)
    },
  )
  test('that is an id is no pair', () => expect(parsePair('CPUTranscoding')).toBeNull())
})

describe('S7 services include', () => {
  test('an id that is listed exactly', () => {
    expect(offersService(['CPUTranscoding'], 'CPUTranscoding')).toBe(true)
    expect(offersService(['CPUTranscoding'], 'GPUTranscoding')).toBe(false)
    expect(offersService(['CPUTranscoding2'], 'CPUTranscoding')).toBe(false)
    expect(offersService([], 'CPUTranscoding')).toBe(false)
  })

  test('a pair that a listed one covers: same codecs, no larger, no faster', () => {
    const listed = ['h264:1080p30>h264:720p30']
    for (const wanted of ['h264:1080p30>h264:720p30', 'h264:720p25>h264:360p25']) {
      expect(offersService(listed, wanted)).toBe(true)
    }
    for (const wanted of [
      'h264:2160p30>h264:720p30',
      'h264:1080p60>h264:720p30',
      'h264:1080p30>h264:1080p30',
      'h264:1080p30>h264:720p60',
      'hevc:1080p30>h264:720p30',
      'h264:1080p30>hevc:720p30',
    ]) {
      expect(offersService(listed, wanted)).toBe(false)
    }
  })

  test('an id with all the pairs that the work needs, if pairs are listed at all', () => {
    expect(offersService(['CPUTranscoding'], 'CPUTranscoding', needed)).toBe(true)
    const small = ['CPUTranscoding', 'h264:1080p30>h264:480p30']
    expect(offersService(small, 'CPUTranscoding', needed)).toBe(false)
    const enough = [...small, 'h264:1080p60>h264:720p60']
    expect(offersService(enough, 'CPUTranscoding', needed)).toBe(true)
    // The pairs alone are not the id.
    expect(offersService(['h264:1080p60>h264:720p60'], 'CPUTranscoding', needed)).toBe(false)
    expect(coversNeeded(small, needed)).toBe(false)
  })
})

describe('the pairs that profiles need', () => {
  const profiles = parseProfiles(['720p', { name: 'x', ...size(), fps: { num: 50, den: 1 } }])
  function size() {
    return { width: 640, height: 360, bitrateBps: 500_000 }
  }

  test('are one a rendition, at the source’s rate where the profile says so', () => {
    if (!profiles.ok) throw new Error(profiles.error.allowed)
    const [first, second] = neededPairs(profiles.value, source)
    expect(first).toMatchObject({ input: source, output: { codec: 'h264', height: 720 } })
    expect(second?.output).toEqual({ codec: 'h264', height: 360, fps: 50 })
    const unknown = neededPairs(profiles.value, null)
    expect(unknown[1]).toEqual({ input: null, output: { codec: 'h264', height: 360, fps: 50 } })
  })

  test('ask nothing of an input that is not known yet', () => {
    const outputOnly = [{ input: null, output: h264(720) }]
    expect(offersService(['a', 'hevc:480p>h264:720p30'], 'a', outputOnly)).toBe(true)
    expect(offersService(['a', 'hevc:480p>h264:480p30'], 'a', outputOnly)).toBe(false)
  })
})
