import { err, ok, type Result } from '../lib/result.ts'
import { fpsOf, type Profile } from './profile.ts'

/** What a segment is, read from its bytes. Times in ms, exact to the 90 kHz tick. */
export interface Probe {
  readonly container: 'mpegts'
  readonly sizeBytes: number
  /** From the first frame's time to the end of the last frame. */
  readonly durationMs: number
  /** Presentation time of the earliest video frame. */
  readonly startPtsMs: number
  readonly video: VideoProbe
  readonly audio: AudioProbe | null
}

/** The video of a {@link Probe}. */
export interface VideoProbe {
  readonly codec: 'h264'
  /** RFC 6381 name, for playlists. */
  readonly codecString: string
  readonly width: number
  readonly height: number
  /** Mean frames a second, to three decimals. */
  readonly fps: number
  readonly frames: number
  /** Whether the first picture is an IDR, so that the segment decodes alone. */
  readonly keyframeFirst: boolean
}

/** The audio of a {@link Probe}. */
export interface AudioProbe {
  readonly codec: 'aac'
  /** RFC 6381 name, for playlists. */
  readonly codecString: string
  readonly sampleRate: number
  readonly channels: number
  readonly packets: number
  readonly startPtsMs: number
  /** SHA-256 over the packets, as hex: equal after a stream copy. */
  readonly hash: string
}

/** Why bytes are not a segment the node works on. */
export interface ProbeFault {
  readonly code:
    | 'TOO_LARGE'
    | 'NOT_MPEGTS'
    | 'NO_VIDEO'
    | 'UNSUPPORTED_CODEC'
    | 'TOO_MANY_PIXELS'
    | 'TOO_MANY_FRAMES'
    | 'BAD_TIMESTAMPS'
    | 'NO_KEYFRAME'
  readonly message: string
  readonly meta?: Readonly<Record<string, unknown>>
}

/** What is wrong with a rendition: the property, what was expected and what came. */
export interface RenditionFault {
  readonly code:
    | 'WRONG_CODEC'
    | 'WRONG_SIZE'
    | 'WRONG_FRAME_COUNT'
    | 'WRONG_DURATION'
    | 'WRONG_START'
    | 'NO_KEYFRAME'
    | 'AUDIO_MISSING'
    | 'AUDIO_CHANGED'
  readonly expected: string | number | boolean
  readonly actual: string | number | boolean
}

function within(actual: number, expected: number, tolerance: number): boolean {
  return Math.abs(actual - expected) <= tolerance
}

/**
 * Whether a rendition is what its profile and source call for, judged by the container alone.
 *
 * Timestamps may be off by one frame of the slower of both rates. Audio is never worked on, so it
 * must come back byte for byte. `durationMs` is what was ordered; it bounds the rendition when the
 * source's own clock is broken.
 */
export function checkRendition(
  source: Probe,
  rendition: Probe,
  profile: Profile,
  durationMs: number,
): Result<void, RenditionFault> {
  const { video } = rendition
  const fail = (
    code: RenditionFault['code'],
    expected: RenditionFault['expected'],
    actual: RenditionFault['actual'],
  ): Result<void, RenditionFault> => err({ code, expected, actual })

  if (video.codec !== 'h264') return fail('WRONG_CODEC', 'h264', video.codec)
  if (video.width !== profile.width || video.height !== profile.height) {
    const size = (picture: { width: number; height: number }): string =>
      `${picture.width}x${picture.height}`
    return fail('WRONG_SIZE', size(profile), size(video))
  }
  if (!video.keyframeFirst) return fail('NO_KEYFRAME', true, false)

  const fps = fpsOf(profile, source.video.fps)
  const frameMs = 1000 / Math.min(fps, source.video.fps)
  const keepsFrames = profile.fps === 'source'
  const frames = keepsFrames ? source.video.frames : Math.round((source.durationMs * fps) / 1000)
  if (!within(video.frames, frames, keepsFrames ? 0 : 1)) {
    return fail('WRONG_FRAME_COUNT', frames, video.frames)
  }
  const tolerance = frameMs + 1
  if (
    !within(rendition.durationMs, source.durationMs, tolerance) ||
    rendition.durationMs > durationMs * 1.2 + tolerance
  ) {
    return fail('WRONG_DURATION', source.durationMs, rendition.durationMs)
  }
  if (!within(rendition.startPtsMs, source.startPtsMs, tolerance)) {
    return fail('WRONG_START', source.startPtsMs, rendition.startPtsMs)
  }
  if (source.audio !== null) {
    if (rendition.audio === null) return fail('AUDIO_MISSING', source.audio.packets, 0)
    if (rendition.audio.hash !== source.audio.hash) {
      return fail('AUDIO_CHANGED', source.audio.hash, rendition.audio.hash)
    }
  }
  return ok(undefined)
}
