import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_YUV420P,
  AV_SAMPLE_FMT_FLTP,
  FF_ENCODER_AAC,
  FF_ENCODER_LIBX264,
} from 'node-av/constants'
import { Codec, type Packet, Rational } from 'node-av/lib'
import { createPump, type PacketEncoder } from './encode.ts'
import { allocCodec, check, found, type Scope, setOptions } from './native.ts'

/** Sample rate of audio that is made or remade here. */
export const LOCAL_SAMPLE_RATE = 48_000

/** Samples of one AAC frame. */
export const AAC_FRAME_SAMPLES = 1024

const CODE = 'ENCODE_FAILED'

/** Filters that bring any audio into the form the AAC encoder takes. */
export const AAC_INPUT_FILTERS = [
  `aresample=${LOCAL_SAMPLE_RATE}`,
  'aformat=sample_fmts=fltp:channel_layouts=stereo',
  `asetnsamples=n=${AAC_FRAME_SAMPLES}:p=0`,
].join(',')

/** How the node encodes material of its own: constant quality, key frames where it wants them. */
export interface LocalVideo {
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly timeBase: { readonly num: number; readonly den: number }
  readonly preset: string
  readonly crf: number
  readonly gopFrames: number
  readonly maxBitrateBps: number
  readonly globalHeader: boolean
}

/** Opens the encoder for the node's own video. Key frames come at `gopFrames` or when forced. */
export function createLocalVideoEncoder(
  scope: Scope,
  video: LocalVideo,
  take: (packet: Packet) => void,
): PacketEncoder {
  const codec = found(Codec.findEncoderByName(FF_ENCODER_LIBX264), CODE, 'libx264')
  const context = allocCodec(scope, codec)
  context.width = video.width
  context.height = video.height
  context.pixelFormat = AV_PIX_FMT_YUV420P
  context.timeBase = new Rational(video.timeBase.num, video.timeBase.den)
  context.framerate = new Rational(Math.round(video.fps * 1000), 1000)
  context.gopSize = video.gopFrames
  context.maxBFrames = 0
  context.rcMaxRate = BigInt(video.maxBitrateBps)
  context.rcBufferSize = video.maxBitrateBps
  context.threadCount = 1
  if (video.globalHeader) context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER)
  setOptions(context, {
    preset: video.preset,
    crf: video.crf,
    'forced-idr': 1,
    'x264-params': 'cpu-independent=1:scenecut=0',
  })
  check(context.open2Sync(codec, null), CODE, 'cannot open the video encoder')
  return createPump(scope, context, take)
}

/** Opens the AAC encoder; stereo, {@link LOCAL_SAMPLE_RATE}, time base of one sample. */
export function createLocalAudioEncoder(
  scope: Scope,
  audio: { readonly bitrateBps: number; readonly globalHeader: boolean },
  take: (packet: Packet) => void,
): PacketEncoder {
  const codec = found(Codec.findEncoderByName(FF_ENCODER_AAC), CODE, 'the AAC encoder')
  const context = allocCodec(scope, codec)
  context.sampleFormat = AV_SAMPLE_FMT_FLTP
  context.sampleRate = LOCAL_SAMPLE_RATE
  context.channelLayout = AV_CHANNEL_LAYOUT_STEREO
  context.timeBase = new Rational(1, LOCAL_SAMPLE_RATE)
  context.bitRate = BigInt(audio.bitrateBps)
  if (audio.globalHeader) context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER)
  check(context.open2Sync(codec, null), CODE, 'cannot open the audio encoder')
  return createPump(scope, context, take)
}
