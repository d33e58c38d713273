import { AV_NOPTS_VALUE } from 'node-av/constants'
import {
  Codec,
  type CodecContext,
  type FilterContext,
  type Frame,
  type Packet,
  Rational,
  type Stream,
} from 'node-av/lib'
import { MillraceError } from '../../lib/errors.ts'
import { MAX_FRAME_PIXELS } from '../limits.ts'
import {
  Cutter,
  FIRST_VIDEO_TICKS,
  flush,
  isDue,
  type SegmentJob,
  type SegmentSink,
  TS_TIME_BASE,
  toTicks,
} from './cutter.ts'
import type { PacketEncoder } from './encode.ts'
import {
  AAC_INPUT_FILTERS,
  createLocalAudioEncoder,
  createLocalVideoEncoder,
  LOCAL_SAMPLE_RATE,
} from './local.ts'
import {
  allocCodec,
  allocFrame,
  breathe,
  buildGraph,
  check,
  drain,
  found,
  outcome,
  type Scope,
  setOptions,
  withScope,
} from './native.ts'
import { eachPacket, openSource } from './source.ts'

/** Largest picture made of a source; larger ones are scaled down into it. */
const MAX_WIDTH = 1920
const MAX_HEIGHT = 1080

/** Fastest frame rate made of a source, and the one given to a source that tells none. */
const MAX_FPS = 60
const DEFAULT_FPS = 30

/** Damaged packets in a row after which a file counts as unreadable. */
const MAX_DAMAGED_PACKETS = 500

const CODE = 'ENCODE_FAILED'

function openDecoder(scope: Scope, stream: Stream): CodecContext {
  const codec = Codec.findDecoder(stream.codecpar.codecId)
  if (codec === null) throw new MillraceError('UNSUPPORTED_CODEC', 'the codec is not known')
  const context = allocCodec(scope, codec)
  check(context.parametersToContext(stream.codecpar), 'UNREADABLE', 'cannot set the decoder up')
  context.pktTimebase = stream.timeBase
  context.threadCount = 1
  setOptions(context, { max_pixels: MAX_FRAME_PIXELS })
  check(context.open2Sync(codec, null), 'UNSUPPORTED_CODEC', 'cannot open the decoder')
  return context
}

/** One stream on its way: packets in, encoded packets out through `take`. */
interface Lane {
  readonly ready: boolean
  readonly parameters: PacketEncoder['parameters'] | null
  feed(packet: Packet | null): void
}

/** Decodes, filters and encodes. A new filter graph is built when the frames change their form. */
function createLane(
  scope: Scope,
  stream: Stream,
  shape: {
    describe(frame: Frame): string
    sinkName: string
    sourceName: string
    formOf(frame: Frame): string
    open(sink: FilterContext, frame: Frame): PacketEncoder
    isKey(frame: Frame, sink: FilterContext): boolean
  },
): Lane {
  const decoder = openDecoder(scope, stream)
  const decoded = allocFrame(scope)
  const filtered = allocFrame(scope)
  let form = ''
  let ends: readonly FilterContext[] = []
  let encoder: PacketEncoder | null = null
  let lastPts: bigint | null = null
  let damaged = 0
  const push = (frame: Frame | null): void => {
    const [entry, exit] = ends
    if (entry === undefined || exit === undefined) return
    check(entry.buffersrcAddFrameSync(frame), CODE, 'the filters refused a frame')
    drain(
      filtered,
      (holder) => exit.buffersinkGetFrameSync(holder),
      CODE,
      (holder) => {
        encoder ??= shape.open(exit, holder)
        encoder.encode(holder, shape.isKey(holder, exit))
      },
    )
  }
  const takeFrame = (frame: Frame): void => {
    const pts = frame.bestEffortTimestamp
    if (pts === AV_NOPTS_VALUE || (lastPts !== null && pts <= lastPts)) return
    lastPts = pts
    frame.pts = pts
    if (shape.formOf(frame) !== form) {
      push(null)
      form = shape.formOf(frame)
      ends = buildGraph(scope, shape.describe(frame), [shape.sourceName, shape.sinkName])
    }
    push(frame)
  }
  return {
    get ready() {
      return encoder !== null
    },
    get parameters() {
      return encoder?.parameters ?? null
    },
    feed(packet) {
      const returned = decoder.sendPacketSync(packet)
      // A damaged packet of one's own file costs a few frames, not the stream.
      if (returned < 0 && packet !== null) {
        if (++damaged > MAX_DAMAGED_PACKETS) {
          outcome(returned, 'UNREADABLE', 'too many damaged packets')
        }
        return
      }
      damaged = 0
      drain(decoded, (holder) => decoder.receiveFrameSync(holder), 'UNREADABLE', takeFrame)
      if (packet === null) {
        push(null)
        encoder?.finish()
      }
    },
  }
}

function createVideoLane(
  scope: Scope,
  source: { readonly video: Stream; readonly fps: number },
  segmentMs: number,
  take: (packet: Packet, encoder: PacketEncoder) => void,
): Lane {
  const { video } = source
  const { width, height } = video.codecpar
  const scale = Math.min(1, MAX_WIDTH / width, MAX_HEIGHT / height)
  const even = (side: number): number => Math.max(2, Math.round((side * scale) / 2) * 2)
  const fps = source.fps > 0 && source.fps <= MAX_FPS ? source.fps : 0
  const rate = fps > 0 ? fps : source.fps > MAX_FPS ? MAX_FPS : DEFAULT_FPS
  const frameMs = 1000 / rate
  let keyMs: number | null = null
  let encoder: PacketEncoder | null = null
  return createLane(scope, video, {
    sourceName: 'buffer@in',
    sinkName: 'buffersink@out',
    formOf: (frame) => `${frame.width}x${frame.height}/${frame.format}`,
    describe: (frame) => {
      const aspect = frame.sampleAspectRatio
      return [
        `buffer@in=video_size=${frame.width}x${frame.height}:pix_fmt=${frame.format}` +
          `:time_base=${video.timeBase.num}/${video.timeBase.den}` +
          `:pixel_aspect=${aspect.num > 0 ? `${aspect.num}/${aspect.den}` : '1/1'}`,
        `scale=${even(width)}:${even(height)}:flags=bicubic`,
        'format=yuv420p',
        ...(fps > 0 ? [] : [`fps=${rate}`]),
        `settb=${TS_TIME_BASE.num}/${TS_TIME_BASE.den}`,
        'buffersink@out',
      ].join(',')
    },
    open: (_sink, frame) =>
      (encoder = createLocalVideoEncoder(
        scope,
        {
          width: frame.width,
          height: frame.height,
          fps: rate,
          timeBase: TS_TIME_BASE,
          preset: 'veryfast',
          crf: 21,
          gopFrames: Math.ceil((segmentMs / 1000) * rate * 4),
          maxBitrateBps: 6_000_000,
          globalHeader: false,
        },
        (packet) => take(packet, encoder as PacketEncoder),
      )),
    isKey: (frame) => {
      const ms = Number(frame.pts) / 90
      if (keyMs !== null && !isDue(ms - keyMs, segmentMs, frameMs)) return false
      keyMs = ms
      return true
    },
  })
}

/** The channels as a filter argument: by speaker where the frame tells them, else by number. */
function layoutOf(frame: Frame): string {
  const { mask, nbChannels } = frame.channelLayout
  return mask > 0n ? `channel_layout=0x${mask.toString(16)}` : `channels=${nbChannels}`
}

function createAudioLane(scope: Scope, audio: Stream, take: (packet: Packet) => void): Lane {
  return createLane(scope, audio, {
    sourceName: 'abuffer@in',
    sinkName: 'abuffersink@out',
    formOf: (frame) => `${frame.sampleRate}/${frame.format}/${layoutOf(frame)}`,
    describe: (frame) =>
      [
        `abuffer@in=sample_rate=${frame.sampleRate}:sample_fmt=${frame.format}` +
          `:${layoutOf(frame)}:time_base=${audio.timeBase.num}/${audio.timeBase.den}`,
        'aresample=async=1',
        AAC_INPUT_FILTERS,
        `asettb=1/${LOCAL_SAMPLE_RATE}`,
        'abuffersink@out',
      ].join(','),
    open: () => createLocalAudioEncoder(scope, { bitrateBps: 128_000, globalHeader: false }, take),
    isKey: () => false,
  })
}

/** Re-encodes a file with a key frame wherever a segment shall begin, and cuts it there. */
export async function reencode(job: SegmentJob, deliver: SegmentSink): Promise<void> {
  await withScope(async (scope) => {
    const source = openSource(scope, job.path)
    const made: { packet: Packet; isVideo: boolean }[] = []
    scope.onClose(() => {
      for (const { packet } of made) packet.free()
    })
    let origin: number | null = null
    let endTicks = Number.POSITIVE_INFINITY
    const keep = (
      packet: Packet,
      isVideo: boolean,
      timeBase: { num: number; den: number },
    ): void => {
      const copy = found(packet.clone(), 'OUT_OF_MEMORY', 'a packet copy')
      copy.rescaleTs(timeBase, new Rational(TS_TIME_BASE.num, TS_TIME_BASE.den))
      if (isVideo) origin ??= Number(copy.pts)
      made.push({ packet: copy, isVideo })
    }
    const video = createVideoLane(scope, source, job.segmentMs, (packet) =>
      keep(packet, true, TS_TIME_BASE),
    )
    const audio =
      source.audio === null
        ? null
        : createAudioLane(scope, source.audio, (packet) =>
            keep(packet, false, { num: 1, den: LOCAL_SAMPLE_RATE }),
          )
    let cutter: Cutter | null = null
    scope.onClose(() => cutter?.discard())
    const move = async (atEnd: boolean): Promise<void> => {
      // The muxer needs both encoders' parameters, which exist from their first frame on.
      const ready = video.ready && (audio === null || audio.ready || atEnd || made.length > 600)
      if (!ready || origin === null) return
      cutter ??= new Cutter(
        [video, ...(audio?.ready ? [audio] : [])].map((lane) => ({
          parameters: found(lane.parameters, CODE, 'stream parameters'),
        })),
        { segmentMs: job.segmentMs, frameMs: source.fps > 0 ? 1000 / source.fps : 33 },
      )
      const shift = BigInt(FIRST_VIDEO_TICKS - origin)
      if (job.maxDurationMs !== null) endTicks = FIRST_VIDEO_TICKS + job.maxDurationMs * 90
      for (const { packet, isVideo } of made.splice(0)) {
        packet.pts += shift
        packet.dts += shift
        if (Number(packet.pts) >= endTicks) packet.free()
        else if (isVideo) cutter.addVideo(packet, packet.isKeyframe)
        else cutter.addAudio(packet)
      }
      await flush(cutter, atEnd, deliver)
    }
    await eachPacket(source, async (packet, stream) => {
      const lane = stream === source.video ? video : audio
      lane?.feed(packet)
      await move(false)
      await breathe()
      const ticks = packet.pts === AV_NOPTS_VALUE ? 0 : toTicks(packet.pts, stream.timeBase)
      return (
        stream !== source.video ||
        origin === null ||
        ticks - origin + FIRST_VIDEO_TICKS < endTicks + 90_000
      )
    })
    video.feed(null)
    audio?.feed(null)
    await move(true)
    if (cutter === null) throw new MillraceError('NO_VIDEO', 'the file has no decodable video')
  })
}
