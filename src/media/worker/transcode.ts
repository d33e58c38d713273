import {
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_H264,
  AVERROR_EOF,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants'
import {
  Codec,
  type FilterContext,
  type FormatContext,
  type Frame,
  type Packet,
  Rational,
  type Stream,
} from 'node-av/lib'
import { MillraceError } from '../../lib/errors.ts'
import { MAX_FRAME_PIXELS } from '../limits.ts'
import type { Probe } from '../probe.ts'
import type { Profile } from '../profile.ts'
import { createRenditionEncoder, type EncoderInput, type PacketEncoder } from './encode.ts'
import { createSegmentWriter } from './mux.ts'
import {
  allocCodec,
  allocFrame,
  allocPacket,
  breathe,
  buildGraph,
  check,
  drain,
  keepPacket,
  openTransportStream,
  outcome,
  type Scope,
  setOptions,
  withScope,
} from './native.ts'

const TICKS = { num: 1, den: 90_000 }

/** A segment's packets, by stream. */
export interface Demuxed {
  readonly video: Stream
  readonly audio: Stream | null
  readonly videoPackets: readonly Packet[]
  readonly audioPackets: readonly Packet[]
}

/** Reads all packets of a transport stream. */
export function demux(scope: Scope, input: FormatContext): Demuxed {
  const streams = input.streams
  const pick = (type: number, codec: number): Stream | null =>
    streams.find((s) => s.codecpar.codecType === type && s.codecpar.codecId === codec) ?? null
  const video = pick(AVMEDIA_TYPE_VIDEO, AV_CODEC_ID_H264)
  const audio = pick(AVMEDIA_TYPE_AUDIO, AV_CODEC_ID_AAC)
  if (video === null) throw new MillraceError('NO_VIDEO', 'the segment has no H.264 video')
  const videoPackets: Packet[] = []
  const audioPackets: Packet[] = []
  const packet = allocPacket(scope)
  for (;;) {
    const returned = input.readFrameSync(packet)
    if (returned === AVERROR_EOF) break
    check(returned, 'DECODE_FAILED', 'cannot read the segment')
    if (packet.streamIndex === video.index) videoPackets.push(keepPacket(scope, packet))
    if (packet.streamIndex === audio?.index) audioPackets.push(keepPacket(scope, packet))
    packet.unref()
  }
  return { video, audio, videoPackets, audioPackets }
}

/** Decodes strictly: the first damaged frame ends the job. */
export async function decode(
  scope: Scope,
  source: Demuxed,
  frameLimit: number,
  take: (frame: Frame) => void,
): Promise<void> {
  const codec = Codec.findDecoder(AV_CODEC_ID_H264)
  if (codec === null) throw new MillraceError('DECODE_FAILED', 'there is no H.264 decoder')
  const context = allocCodec(scope, codec)
  context.threadCount = 1
  context.pktTimebase = new Rational(TICKS.num, TICKS.den)
  setOptions(context, { max_pixels: MAX_FRAME_PIXELS, err_detect: 'explode' })
  check(context.open2Sync(codec, null), 'DECODE_FAILED', 'cannot open the decoder')
  const frame = allocFrame(scope)
  let frames = 0
  const collect = (): void =>
    drain(
      frame,
      (holder) => context.receiveFrameSync(holder),
      'DECODE_FAILED',
      (holder) => {
        if (++frames > frameLimit) {
          throw new MillraceError('TOO_MANY_FRAMES', 'the segment decodes to too many frames')
        }
        if (holder.decodeErrorFlags !== 0) {
          throw new MillraceError('DECODE_FAILED', 'a frame of the segment is damaged')
        }
        holder.pts = holder.bestEffortTimestamp
        take(holder)
      },
    )
  for (const packet of [...source.videoPackets, null]) {
    const returned = context.sendPacketSync(packet)
    if (outcome(returned, 'DECODE_FAILED', 'the decoder refused a packet') === 'again') {
      throw new MillraceError('DECODE_FAILED', 'the decoder is stuck')
    }
    collect()
    await breathe()
  }
}

interface Ladder {
  readonly source: FilterContext
  readonly sinks: readonly FilterContext[]
}

/** One graph for all renditions: the picture is split, scaled, and its rate changed if asked. */
function buildLadder(
  scope: Scope,
  frame: Frame,
  fps: number,
  profiles: readonly Profile[],
  pixelFormat: string,
): Ladder {
  const aspect = frame.sampleAspectRatio.num > 0 ? frame.sampleAspectRatio : { num: 1, den: 1 }
  const args = [
    `video_size=${frame.width}x${frame.height}`,
    `pix_fmt=${frame.format}`,
    `time_base=${TICKS.num}/${TICKS.den}`,
    `frame_rate=${Math.round(fps * 1000)}/1000`,
    `pixel_aspect=${aspect.num}/${aspect.den}`,
  ].join(':')
  const chains = profiles.map((profile, i) => {
    const same = frame.width === profile.width && frame.height === profile.height
    const steps = [
      ...(same ? [] : [`scale=${profile.width}:${profile.height}:flags=bicubic`]),
      `format=${pixelFormat}`,
      // After the scaler, so that a changed rate never multiplies full-size pictures.
      ...(profile.fps === 'source' ? [] : [`fps=${profile.fps.num}/${profile.fps.den}`]),
    ]
    return `[s${i}]${steps.join(',')},buffersink@out${i}`
  })
  const labels = profiles.map((_, i) => `[s${i}]`).join('')
  const description = `buffer@in=${args},split=${profiles.length}${labels};${chains.join(';')}`
  const outs = profiles.map((_, i) => `buffersink@out${i}`)
  const [source, ...sinks] = buildGraph(scope, description, ['buffer@in', ...outs])
  return { source: source as FilterContext, sinks }
}

interface Encoded {
  readonly encoder: PacketEncoder
  readonly packets: readonly Packet[]
}

function startRendition(
  scope: Scope,
  encoder: string,
  profile: Profile,
  input: EncoderInput,
): Encoded {
  const packets: Packet[] = []
  let floor = 0n
  const collector = createRenditionEncoder(scope, encoder, profile, input, (packet) => {
    // Reordering puts the first decode times before the first presentation time: below zero, which
    // a transport stream cannot say, when the stream starts there. Those are moved up, ascending.
    if (packet.dts < floor) packet.dts = floor
    floor = packet.dts + 1n
    packets.push(keepPacket(scope, packet))
  })
  return { encoder: collector, packets }
}

/** Encodes every frame for every profile. */
async function encodeAll(
  scope: Scope,
  source: Demuxed,
  job: NativeJob,
): Promise<readonly Encoded[]> {
  const { profiles, probe, encoder, frameLimit } = job
  const encoded: Encoded[] = []
  let ladder: Ladder | null = null
  const scaled = allocFrame(scope)
  const push = (frame: Frame | null): void => {
    if (ladder === null) return
    const { source: entry, sinks } = ladder
    check(entry.buffersrcAddFrameSync(frame), 'ENCODE_FAILED', 'the filters refused a frame')
    for (const [i, sink] of sinks.entries()) {
      drain(
        scaled,
        (holder) => sink.buffersinkGetFrameSync(holder),
        'ENCODE_FAILED',
        (holder) => {
          const rendition = (encoded[i] ??= startRendition(scope, encoder, profiles[i] as Profile, {
            fps: probe.video.fps,
            timeBase: sink.buffersinkGetTimeBase(),
            aspect: sink.buffersinkGetSampleAspectRatio(),
            frame: holder,
          }))
          if (rendition.encoder.frames >= frameLimit) {
            throw new MillraceError('TOO_MANY_FRAMES', 'a rendition has too many frames')
          }
          rendition.encoder.encode(holder)
        },
      )
    }
  }
  const format = encoder === 'libx264' ? 'yuv420p' : 'nv12'
  await decode(scope, source, frameLimit, (frame) => {
    ladder ??= buildLadder(scope, frame, probe.video.fps, profiles, format)
    push(frame)
  })
  push(null)
  for (const rendition of encoded) rendition.encoder.finish()
  if (encoded.length !== profiles.length) {
    throw new MillraceError('DECODE_FAILED', 'the segment decodes to no frame')
  }
  return encoded
}

/** Writes one rendition: its video, the source's audio untouched. */
function write(scope: Scope, source: Demuxed, probe: Probe, { encoder, packets }: Encoded): Buffer {
  const { timeBase } = encoder
  const writer = createSegmentWriter(scope)
  writer.addStream(encoder.parameters, timeBase)
  const { audio } = source
  const withAudio = audio !== null && probe.audio !== null
  if (withAudio) {
    const stream = writer.addStream(audio.codecpar, TICKS)
    // Unknown to the demuxer, which was kept from looking into the streams; the muxer wants it.
    stream.codecpar.sampleRate = probe.audio.sampleRate
  }
  const ticks = (time: bigint): bigint =>
    (time * 90_000n * BigInt(timeBase.num)) / BigInt(timeBase.den)
  const queue = [
    ...packets.map((packet) => ({ packet, stream: 0, at: ticks(packet.dts) })),
    ...(withAudio ? source.audioPackets : []).map((packet) => {
      const copy = keepPacket(scope, packet)
      return { packet: copy, stream: 1, at: packet.dts }
    }),
  ].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.stream - b.stream))
  for (const { packet, stream } of queue) writer.write(packet, stream)
  return writer.finish()
}

/** A job after its bytes were inspected. */
export interface NativeJob {
  readonly bytes: Buffer
  readonly probe: Probe
  readonly profiles: readonly Profile[]
  readonly encoder: string
  /** Limit: decoded frames, and frames of one rendition. */
  readonly frameLimit: number
}

/** Transcodes an inspected segment into one MPEG-TS segment per profile, in the profiles' order. */
export async function transcodeNative(job: NativeJob): Promise<readonly Buffer[]> {
  return withScope(async (scope) => {
    const source = demux(scope, openTransportStream(scope, job.bytes))
    const renditions = await encodeAll(scope, source, job)
    return renditions.map((rendition) => write(scope, source, job.probe, rendition))
  })
}
