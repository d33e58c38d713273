import { createHash } from 'node:crypto'
import { err, ok, type Result } from '../../lib/result.ts'
import {
  MAX_FRAME_PIXELS,
  MAX_FRAMES_PER_SECOND,
  MAX_SEGMENT_BYTES,
  MAX_SEGMENT_DURATION_MS,
  MAX_SPAN_RATIO,
  SPAN_SLACK_MS,
} from '../limits.ts'
import type { AudioProbe, Probe, ProbeFault, VideoProbe } from '../probe.ts'
import { scanAdts } from './adts.ts'
import { demuxTransportStream, type Pes, unwrap } from './demux.ts'
import { type SequenceParameters, scanNals } from './h264.ts'

const TICKS_PER_MS = 90

function fault(
  code: ProbeFault['code'],
  message: string,
  meta: Readonly<Record<string, unknown>> = {},
): Result<never, ProbeFault> {
  return err({ code, message, meta })
}

interface Pictures {
  readonly parameters: SequenceParameters
  readonly frames: number
  readonly keyframeFirst: boolean
}

function readPictures(units: readonly Pes[]): Result<Pictures, ProbeFault> {
  let first: SequenceParameters | null = null
  let pictures = 0
  let keyframeFirst: boolean | null = null
  for (const unit of units) {
    const scan = scanNals(unit.payload)
    pictures += scan.pictures
    keyframeFirst ??= scan.firstIsIdr
    for (const parameters of scan.parameters) {
      if (parameters === null) return fault('NO_VIDEO', 'a parameter set of the video is damaged')
      // Every set is checked, not the first alone: a later one can ask for a far larger picture.
      if (parameters.codedPixels > MAX_FRAME_PIXELS) {
        const meta = { pixels: parameters.codedPixels, allowed: MAX_FRAME_PIXELS }
        return fault('TOO_MANY_PIXELS', 'the picture is larger than allowed', meta)
      }
      first ??= parameters
    }
  }
  if (first === null || pictures === 0) {
    return fault('NO_VIDEO', 'the video stream has no decodable picture')
  }
  // Two fields make one frame, each its own picture; muxers put both into one unit.
  const frames = first.interlaced ? units.length : pictures
  return ok({ parameters: first, frames, keyframeFirst: keyframeFirst === true })
}

/** Presentation times in ticks, ascending, unwrapped around the first. */
function timesOf(units: readonly Pes[]): readonly number[] {
  const times = units.flatMap((unit) => (unit.pts === null ? [] : [unit.pts]))
  const reference = times[0] ?? 0
  return times.map((ticks) => unwrap(ticks, reference)).sort((a, b) => a - b)
}

function readAudio(units: readonly Pes[]): AudioProbe | null {
  if (units.length === 0) return null
  const hash = createHash('sha256')
  const bytes = Buffer.concat(units.map((unit) => unit.payload))
  const scan = scanAdts(bytes, (frame) => hash.update(frame))
  if (scan === null) return null
  const { frames, sampleRate, channels, codecString } = scan
  const startPtsMs = (timesOf(units)[0] ?? 0) / TICKS_PER_MS
  return {
    codec: 'aac',
    codecString,
    sampleRate,
    channels,
    packets: frames,
    startPtsMs,
    hash: hash.digest('hex'),
  }
}

/**
 * Reads a segment's properties from its bytes and refuses what would be dangerous to decode.
 *
 * Pure TypeScript, linear in the input, no decoder involved: it runs before any native code sees
 * hostile bytes. `durationMs` is what the sender declared; without it only the general limits hold.
 */
export function inspectSegment(
  bytes: Uint8Array,
  durationMs: number = MAX_SEGMENT_DURATION_MS,
): Result<Probe, ProbeFault> {
  if (bytes.length > MAX_SEGMENT_BYTES) {
    const meta = { sizeBytes: bytes.length, allowed: MAX_SEGMENT_BYTES }
    return fault('TOO_LARGE', 'the segment has more bytes than allowed', meta)
  }
  const stream = demuxTransportStream(bytes)
  if (stream === null) return fault('NOT_MPEGTS', 'the bytes are no MPEG transport stream')
  if (stream.streamTypes.length === 0) {
    return fault('NOT_MPEGTS', 'the transport stream has no program map')
  }
  if (stream.video.length === 0) {
    const meta = { streamTypes: stream.streamTypes }
    const other = stream.streamTypes.some((type) => type === 0x24 || type === 0x01 || type === 0x02)
    return other
      ? fault('UNSUPPORTED_CODEC', 'the video is not H.264', meta)
      : fault('NO_VIDEO', 'the transport stream has no H.264 video', meta)
  }
  const pictures = readPictures(stream.video)
  if (!pictures.ok) return pictures
  const { parameters, frames, keyframeFirst } = pictures.value

  const times = timesOf(stream.video)
  const [start = 0] = times
  if (times.length === 0) return fault('BAD_TIMESTAMPS', 'the video has no timestamps')
  const spanMs = ((times.at(-1) as number) - start) / TICKS_PER_MS
  const allowedMs = Math.min(durationMs, MAX_SEGMENT_DURATION_MS) * MAX_SPAN_RATIO + SPAN_SLACK_MS
  if (spanMs > allowedMs) {
    return fault('BAD_TIMESTAMPS', 'the timestamps span more than allowed', { spanMs, allowedMs })
  }
  const frameMs = frames > 1 && spanMs > 0 ? spanMs / (frames - 1) : 40
  const allowedFrames = Math.ceil((allowedMs / 1000) * MAX_FRAMES_PER_SECOND)
  if (frames > allowedFrames || (frames > 8 && 1000 / frameMs > MAX_FRAMES_PER_SECOND)) {
    const meta = { frames, allowedFrames }
    return fault('TOO_MANY_FRAMES', 'the segment has more frames than its duration allows', meta)
  }
  const video: VideoProbe = {
    codec: 'h264',
    codecString: parameters.codecString,
    width: parameters.width,
    height: parameters.height,
    fps: Math.round(1e6 / frameMs) / 1000,
    frames,
    keyframeFirst,
  }
  return ok({
    container: 'mpegts',
    sizeBytes: bytes.length,
    durationMs: spanMs + frameMs,
    startPtsMs: start / TICKS_PER_MS,
    video,
    audio: readAudio(stream.audio),
  })
}
