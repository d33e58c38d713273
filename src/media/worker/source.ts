import {
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_H264,
  AV_DISPOSITION_ATTACHED_PIC,
  AV_NOPTS_VALUE,
  AVERROR_EOF,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants'
import type { FormatContext, Packet, Stream } from 'node-av/lib'
import { MillraceError } from '../../lib/errors.ts'
import {
  MAX_FRAME_PIXELS,
  MAX_FRAMES_PER_SECOND,
  MAX_SEGMENT_BYTES,
  SEGMENTER_SCAN_MS,
  SEGMENTER_SCAN_PACKETS,
} from '../limits.ts'
import { scanNals } from '../ts/h264.ts'
import { allocPacket, check, openFile, type Scope, withScope } from './native.ts'

/** An opened file and the streams that are worked on. */
export interface SourceFile {
  readonly context: FormatContext
  readonly video: Stream
  readonly audio: Stream | null
  /** Frames a second as the container tells; 0 when it does not. */
  readonly fps: number
  readonly durationMs: number | null
}

/** Opens a file and picks its best video and audio. */
export function openSource(scope: Scope, path: string): SourceFile {
  const context = openFile(scope, path)
  const best = (type: typeof AVMEDIA_TYPE_VIDEO | typeof AVMEDIA_TYPE_AUDIO): Stream | null => {
    const index = context.findBestStream(type)
    const stream = index < 0 ? undefined : context.streams[index]
    return stream === undefined || (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) !== 0
      ? null
      : stream
  }
  const video = best(AVMEDIA_TYPE_VIDEO)
  if (video === null) {
    throw new MillraceError('NO_VIDEO', 'the file has no video', {
      hint: 'Give a file with at least one video stream',
    })
  }
  const { width, height } = video.codecpar
  if (width * height > MAX_FRAME_PIXELS) {
    throw new MillraceError('TOO_MANY_PIXELS', 'the picture of the file is larger than allowed', {
      meta: { width, height, allowed: MAX_FRAME_PIXELS },
    })
  }
  const rate = video.avgFrameRate
  const duration = Number(context.duration)
  return {
    context,
    video,
    audio: best(AVMEDIA_TYPE_AUDIO),
    fps: rate.num > 0 && rate.den > 0 ? rate.num / rate.den : 0,
    durationMs: duration > 0 ? duration / 1000 : null,
  }
}

/** Calls `take` with each packet of the chosen streams until it returns false or the file ends. */
export async function eachPacket(
  source: SourceFile,
  take: (packet: Packet, stream: Stream) => Promise<boolean> | boolean,
): Promise<void> {
  await withScope(async (scope) => {
    const packet = allocPacket(scope)
    for (;;) {
      const returned = source.context.readFrameSync(packet)
      if (returned === AVERROR_EOF) return
      check(returned, 'UNREADABLE', 'cannot read on')
      const stream =
        packet.streamIndex === source.video.index
          ? source.video
          : packet.streamIndex === source.audio?.index
            ? source.audio
            : null
      const goOn = stream === null || (await take(packet, stream))
      packet.unref()
      if (!goOn) return
    }
  })
}

/** Whether a decoder can start at this packet with nothing before it. */
export function startsWithIdr(packet: Packet, stream: Stream): boolean {
  if (!packet.isKeyframe) return false
  const data = packet.data
  if (data === null) return false
  const extra = stream.codecpar.extradata
  if (extra === null || extra.length < 7 || extra[0] !== 1) {
    return scanNals(data).firstIsIdr === true
  }
  const lengthBytes = ((extra[4] as number) & 3) + 1
  for (let at = 0; at + lengthBytes < data.length; ) {
    const type = (data[at + lengthBytes] as number) & 0x1f
    if (type >= 1 && type <= 5) return type === 5
    at += lengthBytes + data.readUIntBE(at, lengthBytes)
  }
  return false
}

/**
 * Whether the file's own packets can be cut into segments of about the wanted length.
 *
 * Looks at the first part of the file only; if key frames are rarer later, segments get longer.
 */
export async function canCopy(path: string, segmentMs: number): Promise<boolean> {
  return withScope(async (scope) => {
    const source = openSource(scope, path)
    const { video, audio } = source
    if (video.codecpar.codecId !== AV_CODEC_ID_H264) return false
    if (audio !== null && audio.codecpar.codecId !== AV_CODEC_ID_AAC) return false
    if (source.fps > MAX_FRAMES_PER_SECOND) return false
    const scan = { packets: 0, bytes: 0, first: -1, last: -1, key: -1, gapMs: 0, usable: true }
    await eachPacket(source, (packet, stream) => {
      scan.packets++
      scan.bytes += packet.size
      if (packet.pts === AV_NOPTS_VALUE || packet.dts === AV_NOPTS_VALUE) scan.usable = false
      if (stream !== video) return scan.usable && scan.packets < SEGMENTER_SCAN_PACKETS
      const ms = (Number(packet.pts) * 1000 * video.timeBase.num) / video.timeBase.den
      if (scan.first < 0 && !startsWithIdr(packet, video)) scan.usable = false
      if (startsWithIdr(packet, video)) scan.key = ms
      if (scan.first < 0) scan.first = ms
      scan.last = Math.max(scan.last, ms)
      scan.gapMs = Math.max(scan.gapMs, scan.last - scan.key)
      return scan.usable && ms - scan.first < SEGMENTER_SCAN_MS
    })
    const seconds = Math.max(1, scan.last - scan.first) / 1000
    const segmentBytes = (scan.bytes / seconds) * (segmentMs / 1000) * 2
    return scan.usable && scan.gapMs < segmentMs && segmentBytes < MAX_SEGMENT_BYTES
  })
}
