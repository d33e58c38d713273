import { err, ok, type Result } from '../lib/result.ts'
import { MAX_FRAME_PIXELS, MAX_PROFILES } from './limits.ts'

/** Frames a second as a fraction. */
export interface FrameRate {
  readonly num: number
  readonly den: number
}

/** H.264 profiles a rendition can ask for. `constrained-high` is high without B-frames. */
export const H264_PROFILES = ['baseline', 'constrained-high', 'main', 'high'] as const

/** One of {@link H264_PROFILES}. */
export type H264Profile = (typeof H264_PROFILES)[number]

/**
 * What one rendition shall look like.
 *
 * `fps: 'source'` keeps every frame and its timestamp. Widths that are a multiple of 16 make the
 * encoder's output reproducible between runs.
 */
export interface Profile {
  /** Letters, digits, `-` and `_`; also the rendition's folder in playlists. */
  readonly name: string
  readonly width: number
  readonly height: number
  readonly bitrateBps: number
  readonly fps: FrameRate | 'source'
  readonly gopSeconds: number
  readonly h264Profile: H264Profile
}

/** Why a value is not a profile: the key at fault, what was given, what is allowed. */
export interface ProfileFault {
  readonly code: 'BAD_PROFILE'
  readonly key: string
  readonly value: unknown
  readonly allowed: string
}

function preset(
  name: string,
  width: number,
  height: number,
  kbps: number,
  fps: FrameRate | 'source',
): readonly [string, Profile] {
  const bitrateBps = kbps * 1000
  return [
    name,
    { name, width, height, bitrateBps, fps, gopSeconds: 2, h264Profile: 'constrained-high' },
  ]
}

const FPS_30: FrameRate = { num: 30, den: 1 }

/**
 * Profiles by name. `P…` are the names other transcoding networks use, at a fixed 30 frames a
 * second; the plain ones keep the source's frame rate and have widths that are multiples of 16.
 */
export const PRESETS: ReadonlyMap<string, Profile> = new Map([
  preset('P720p30', 1280, 720, 4000, FPS_30),
  preset('P576p30', 1024, 576, 1500, FPS_30),
  preset('P360p30', 640, 360, 1200, FPS_30),
  preset('P240p30', 426, 240, 600, FPS_30),
  preset('P144p30', 256, 144, 400, FPS_30),
  preset('720p', 1280, 720, 3000, 'source'),
  preset('480p', 848, 480, 1600, 'source'),
  preset('360p', 640, 360, 800, 'source'),
  preset('240p', 432, 240, 400, 'source'),
  preset('144p', 256, 144, 200, 'source'),
])

/** The renditions a stream gets when nothing else is asked for; two cores keep up with them. */
export const DEFAULT_LADDER: readonly Profile[] = ['360p', '240p'].map(
  (name) => PRESETS.get(name) as Profile,
)

/** Whether a name is safe as a rendition name, a folder and a part of a URL. */
export function isProfileName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)
}

const KEYS: ReadonlySet<string> = new Set([
  'name',
  'width',
  'height',
  'bitrateBps',
  'fps',
  'gopSeconds',
  'h264Profile',
])

function integerIn(value: unknown, low: number, high: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high
}

function parseFps(value: unknown): FrameRate | 'source' | null {
  if (value === undefined || value === 'source') return 'source'
  const { num, den } =
    typeof value === 'number'
      ? { num: value, den: 1 }
      : typeof value === 'object' && value !== null
        ? (value as { num?: unknown; den?: unknown })
        : {}
  if (!integerIn(num, 1, 240_000) || !integerIn(den, 1, 4_000)) return null
  return num / den <= 60 && num / den >= 1 ? { num, den } : null
}

/** The first rule that a profile breaks, as key and what is allowed. */
function brokenRule(input: Readonly<Record<string, unknown>>): readonly [string, string] | null {
  const { name, width, height, bitrateBps, gopSeconds, h264Profile } = input
  const even = (side: unknown): boolean => integerIn(side, 32, 4096) && side % 2 === 0
  if (typeof name !== 'string' || !isProfileName(name)) {
    return ['name', '1 to 64 letters, digits, "-" or "_"']
  }
  if (!even(width)) return ['width', 'an even number from 32 to 4096']
  if (!even(height)) return ['height', 'an even number from 32 to 4096']
  if ((width as number) * (height as number) > MAX_FRAME_PIXELS) {
    return ['height', `width × height of at most ${MAX_FRAME_PIXELS}`]
  }
  if (!integerIn(bitrateBps, 32_000, 20_000_000)) {
    return ['bitrateBps', 'a whole number from 32000 to 20000000']
  }
  if (parseFps(input['fps']) === null) {
    return ['fps', '"source", a whole number, or {num, den}, from 1 to 60']
  }
  if (
    gopSeconds !== undefined &&
    !(typeof gopSeconds === 'number' && gopSeconds >= 0.1 && gopSeconds <= 30)
  ) {
    return ['gopSeconds', 'a number from 0.1 to 30']
  }
  if (h264Profile !== undefined && !H264_PROFILES.includes(h264Profile as H264Profile)) {
    return ['h264Profile', H264_PROFILES.join(', ')]
  }
  const unknownKey = Object.keys(input).find((key) => !KEYS.has(key))
  return unknownKey === undefined ? null : [unknownKey, `one of ${[...KEYS].join(', ')}`]
}

/**
 * Reads a profile from a preset's name or from an object.
 *
 * `fps` may be left out (`'source'`), `gopSeconds` (2) and `h264Profile` (`constrained-high`) too.
 */
export function parseProfile(input: unknown): Result<Profile, ProfileFault> {
  if (typeof input === 'string') {
    const found = PRESETS.get(input)
    const allowed = `a profile or one of ${[...PRESETS.keys()].join(', ')}`
    return found ? ok(found) : err({ code: 'BAD_PROFILE', key: 'name', value: input, allowed })
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return err({ code: 'BAD_PROFILE', key: '', value: input, allowed: 'a name or an object' })
  }
  const fields = input as Readonly<Record<string, unknown>>
  const broken = brokenRule(fields)
  if (broken !== null) {
    const [key, allowed] = broken
    return err({ code: 'BAD_PROFILE', key, value: fields[key], allowed })
  }
  return ok({
    name: fields['name'] as string,
    width: fields['width'] as number,
    height: fields['height'] as number,
    bitrateBps: fields['bitrateBps'] as number,
    fps: parseFps(fields['fps']) as FrameRate | 'source',
    gopSeconds: (fields['gopSeconds'] as number | undefined) ?? 2,
    h264Profile: (fields['h264Profile'] as H264Profile | undefined) ?? 'constrained-high',
  })
}

/** Reads 1 to {@link MAX_PROFILES} profiles with distinct names; keys are prefixed with the index. */
export function parseProfiles(input: unknown): Result<readonly Profile[], ProfileFault> {
  if (!Array.isArray(input) || input.length === 0 || input.length > MAX_PROFILES) {
    const allowed = `a list of 1 to ${MAX_PROFILES} profiles`
    return err({ code: 'BAD_PROFILE', key: '', value: input, allowed })
  }
  const profiles: Profile[] = []
  for (const [index, item] of input.entries()) {
    const parsed = parseProfile(item)
    if (!parsed.ok) return err({ ...parsed.error, key: `${index}.${parsed.error.key}` })
    if (profiles.some((other) => other.name === parsed.value.name)) {
      const value = parsed.value.name
      return err({ code: 'BAD_PROFILE', key: `${index}.name`, value, allowed: 'a distinct name' })
    }
    profiles.push(parsed.value)
  }
  return ok(profiles)
}

/** Frames a second of a profile as a number; `sourceFps` stands in for `'source'`. */
export function fpsOf(profile: Profile, sourceFps: number): number {
  return profile.fps === 'source' ? sourceFps : profile.fps.num / profile.fps.den
}

/**
 * What a sender expects to pay for, in encoded pixels: width × height × ⌈fps⌉ × ⌈seconds⌉ summed
 * over the profiles. An upper bound of the exact count for whole frame rates.
 *
 * `fps` is the source's; when it is unknown, 60 is assumed.
 */
export function estimatePixels(
  profiles: readonly Profile[],
  source: { readonly fps?: number | undefined; readonly durationMs: number },
): bigint {
  const seconds = BigInt(Math.ceil(source.durationMs / 1000))
  let pixels = 0n
  for (const profile of profiles) {
    const fps = BigInt(Math.ceil(fpsOf(profile, source.fps ?? 60)))
    pixels += BigInt(profile.width) * BigInt(profile.height) * fps * seconds
  }
  return pixels
}

/** Encoded pixels of a probed segment: width × height × frames. The unit that is paid. */
export function pixelsOf(probe: {
  readonly video: { readonly width: number; readonly height: number; readonly frames: number }
}): bigint {
  const { width, height, frames } = probe.video
  return BigInt(width) * BigInt(height) * BigInt(frames)
}
