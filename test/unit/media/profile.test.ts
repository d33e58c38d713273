import { describe, expect, test } from 'vitest'
import { MAX_PROFILES } from '../../../src/media/limits.ts'
import {
  DEFAULT_LADDER,
  estimatePixels,
  PRESETS,
  type Profile,
  parseProfile,
  parseProfiles,
} from '../../../src/media/profile.ts'

const GOOD = { name: 'mine', width: 640, height: 360, bitrateBps: 800_000 }

function faultOf(input: unknown): { key: string; value: unknown } | null {
  const parsed = parseProfile(input)
  return parsed.ok ? null : { key: parsed.error.key, value: parsed.error.value }
}

describe('parseProfile', () => {
  test('takes a preset by name and fills in what an object leaves out', () => {
    expect(parseProfile('P240p30')).toMatchObject({ ok: true, value: { width: 426, height: 240 } })
    expect(parseProfile(GOOD)).toEqual({
      ok: true,
      value: { ...GOOD, fps: 'source', gopSeconds: 2, h264Profile: 'constrained-high' },
    })
    expect(parseProfile({ ...GOOD, fps: 25 })).toMatchObject({
      value: { fps: { num: 25, den: 1 } },
    })
  })

  test('names the key and the value at fault', () => {
    expect(faultOf('P241p30')).toEqual({ key: 'name', value: 'P241p30' })
    expect(faultOf({ ...GOOD, name: '../etc' })).toEqual({ key: 'name', value: '../etc' })
    expect(faultOf({ ...GOOD, width: 641 })).toEqual({ key: 'width', value: 641 })
    expect(faultOf({ ...GOOD, width: 4096, height: 4096 })).toEqual({ key: 'height', value: 4096 })
    expect(faultOf({ ...GOOD, bitrateBps: 1.5 })).toEqual({ key: 'bitrateBps', value: 1.5 })
    expect(faultOf({ ...GOOD, fps: { num: 61, den: 1 } })?.key).toBe('fps')
    expect(faultOf({ ...GOOD, gopSeconds: 0 })).toEqual({ key: 'gopSeconds', value: 0 })
    expect(faultOf({ ...GOOD, h264Profile: 'extended' })?.key).toBe('h264Profile')
    expect(faultOf({ ...GOOD, colour: 1 })).toEqual({ key: 'colour', value: 1 })
    expect(faultOf(null)).toEqual({ key: '', value: null })
  })

  test('every preset is itself a profile', () => {
    for (const preset of PRESETS.values()) expect(parseProfile(preset).ok).toBe(true)
    expect(DEFAULT_LADDER.length).toBeGreaterThanOrEqual(2)
  })
})

describe('parseProfiles', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ ...GOOD, name: `p${i}` }))

  test('takes as many as allowed and not one more', () => {
    expect(parseProfiles(many(MAX_PROFILES)).ok).toBe(true)
    expect(parseProfiles(many(MAX_PROFILES + 1)).ok).toBe(false)
    expect(parseProfiles([]).ok).toBe(false)
  })

  test('refuses two of one name and tells which', () => {
    expect(parseProfiles(['360p', '360p'])).toMatchObject({ ok: false, error: { key: '1.name' } })
  })
})

test('estimatePixels rounds frame rate and seconds up and takes 60 for an unknown rate', () => {
  const profile = PRESETS.get('144p') as Profile
  const frame = 256n * 144n
  expect(estimatePixels([profile], { fps: 30, durationMs: 2000 })).toBe(frame * 60n)
  expect(estimatePixels([profile], { fps: 29.97, durationMs: 2002 })).toBe(frame * 90n)
  expect(estimatePixels([profile], { durationMs: 1000 })).toBe(frame * 60n)
  expect(estimatePixels([PRESETS.get('P144p30') as Profile], { fps: 60, durationMs: 1000 })).toBe(
    frame * 30n,
  )
})
