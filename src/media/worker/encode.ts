import {
  AV_CODEC_FLAG_CLOSED_GOP,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_YUV420P,
  type FFEncoderCodec,
} from 'node-av/constants'
import {
  Codec,
  type CodecContext,
  CodecParameters,
  type Frame,
  type Packet,
  Rational,
} from 'node-av/lib'
import { fpsOf, type Profile } from '../profile.ts'
import { allocCodec, allocPacket, check, drain, found, type Scope, setOptions } from './native.ts'

/** B-frames by H.264 profile: the two that name none in their definition get none. */
export function bFrames(profile: Profile): number {
  return profile.h264Profile === 'main' || profile.h264Profile === 'high' ? 3 : 0
}

/** An encoder fed frame by frame. */
export interface PacketEncoder {
  readonly parameters: CodecParameters
  readonly timeBase: { readonly num: number; readonly den: number }
  /** How many frames went in. */
  readonly frames: number
  /** Encodes a frame, as a key frame when asked. */
  encode(frame: Frame, key?: boolean): void
  finish(): void
}

const CODE = 'ENCODE_FAILED'

/** Private options of an encoder; only software x264 gives reproducible output. */
function encoderOptions(encoder: string, profile: Profile): Record<string, string | number> {
  const h264 = profile.h264Profile === 'constrained-high' ? 'high' : profile.h264Profile
  switch (encoder) {
    case 'libx264':
      return {
        preset: 'veryfast',
        profile: h264,
        'forced-idr': 1,
        // One thread and this switch make the output a function of input and options alone.
        'x264-params': 'cpu-independent=1',
      }
    case 'h264_nvenc':
      return { preset: 'p4', rc: 'cbr', profile: h264, 'forced-idr': 1 }
    default:
      return { profile: h264 }
  }
}

/** What a rendition's encoder has to know of the frames it will get. */
export interface EncoderInput {
  readonly fps: number
  readonly timeBase: { readonly num: number; readonly den: number }
  readonly aspect: { readonly num: number; readonly den: number }
  /** The first frame: its colours are described as those of the rendition. */
  readonly frame: Frame
}

/** Opens the encoder of a profile for frames with the given time base. */
export function createRenditionEncoder(
  scope: Scope,
  encoder: string,
  profile: Profile,
  source: EncoderInput,
  take: (packet: Packet) => void,
): PacketEncoder {
  const codec = found(Codec.findEncoderByName(encoder as FFEncoderCodec), CODE, encoder)
  const context = allocCodec(scope, codec)
  const fps = fpsOf(profile, source.fps)
  context.width = profile.width
  context.height = profile.height
  context.pixelFormat = encoder === 'libx264' ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_NV12
  context.timeBase = new Rational(source.timeBase.num, source.timeBase.den)
  context.framerate = new Rational(Math.round(fps * 1000), 1000)
  context.sampleAspectRatio = new Rational(source.aspect.num, source.aspect.den)
  context.colorRange = source.frame.colorRange
  context.colorPrimaries = source.frame.colorPrimaries
  context.colorTrc = source.frame.colorTrc
  context.colorSpace = source.frame.colorSpace
  context.gopSize = Math.max(1, Math.round(profile.gopSeconds * fps))
  context.maxBFrames = bFrames(profile)
  context.bitRate = BigInt(profile.bitrateBps)
  context.rcMaxRate = BigInt(profile.bitrateBps)
  context.rcMinRate = BigInt(profile.bitrateBps)
  context.rcBufferSize = profile.bitrateBps
  context.threadCount = 1
  context.setFlags(AV_CODEC_FLAG_CLOSED_GOP)
  setOptions(context, encoderOptions(encoder, profile))
  check(context.open2Sync(codec, null), CODE, `cannot open ${encoder}`)
  return createPump(scope, context, take)
}

/** Feeds an opened encoder and hands on what comes out; a packet is the taker's during the call. */
export function createPump(
  scope: Scope,
  context: CodecContext,
  take: (packet: Packet) => void,
): PacketEncoder {
  const parameters = new CodecParameters()
  parameters.alloc()
  scope.onClose(() => parameters.free())
  check(parameters.fromContext(context), CODE, 'cannot describe the encoded stream')
  const packet = allocPacket(scope)
  let frames = 0
  const collect = (): void =>
    drain(packet, (holder) => context.receivePacketSync(holder), CODE, take)
  return {
    parameters,
    timeBase: { num: context.timeBase.num, den: context.timeBase.den },
    get frames() {
      return frames
    },
    encode(frame, key = false) {
      // What the source had as picture types is of no concern, but the first must be an IDR.
      frame.pictType = frames === 0 || key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
      check(context.sendFrameSync(frame), CODE, 'the encoder refused a frame')
      frames++
      collect()
    },
    finish() {
      check(context.sendFrameSync(null), CODE, 'the encoder refused to finish')
      collect()
    },
  }
}
