import { AV_CODEC_ID_H264, AV_PIX_FMT_NV12 } from 'node-av/constants'
import { Codec, Frame, type Packet, Rational } from 'node-av/lib'
import type { Profile } from '../profile.ts'
import { createRenditionEncoder } from './encode.ts'
import { allocCodec, allocFrame, check, drain, found, keepPacket, withScope } from './native.ts'

const FRAMES = 5
const TRIAL: Profile = {
  name: 'trial',
  width: 256,
  height: 144,
  bitrateBps: 400_000,
  fps: 'source',
  gopSeconds: 2,
  h264Profile: 'constrained-high',
}

/** Encodes a few grey pictures and decodes what came out; throws when either fails. */
async function tryEncoder(encoder: string): Promise<void> {
  await withScope(async (scope) => {
    const { width, height } = TRIAL
    const packets: Packet[] = []
    const grey = Buffer.alloc((width * height * 3) / 2, 128)
    const timeBase = { num: 1, den: 90_000 }
    const picture = (pts: bigint): Frame =>
      Frame.fromVideoBuffer(grey, { width, height, format: AV_PIX_FMT_NV12, pts, timeBase })
    const first = picture(0n)
    scope.onClose(() => first.free())
    const input = { fps: 30, timeBase, aspect: { num: 1, den: 1 }, frame: first }
    const target = createRenditionEncoder(scope, encoder, TRIAL, input, (packet) => {
      packets.push(keepPacket(scope, packet))
    })
    for (let i = 0; i < FRAMES; i++) {
      const frame = picture(BigInt(i * 3000))
      target.encode(frame)
      frame.free()
    }
    target.finish()
    const codec = found(Codec.findDecoder(AV_CODEC_ID_H264), 'DECODE_FAILED', 'the H.264 decoder')
    const decoder = allocCodec(scope, codec)
    decoder.pktTimebase = new Rational(timeBase.num, timeBase.den)
    check(decoder.open2Sync(codec, null), 'DECODE_FAILED', 'cannot open the decoder')
    const decoded = allocFrame(scope)
    let frames = 0
    for (const packet of [...packets, null]) {
      check(decoder.sendPacketSync(packet), 'DECODE_FAILED', 'the decoder refused a packet')
      drain(
        decoded,
        (holder) => decoder.receiveFrameSync(holder),
        'DECODE_FAILED',
        () => frames++,
      )
    }
    if (frames !== FRAMES) throw new Error(`decoded ${frames} of ${FRAMES} frames`)
  })
}

/**
 * The encoders that really work here, in the given order. Runs in a process of its own: drivers
 * that are half there can crash.
 */
export async function tryEncoders(encoders: readonly string[]): Promise<readonly string[]> {
  const works: string[] = []
  for (const encoder of encoders) {
    try {
      await tryEncoder(encoder)
      works.push(encoder)
    } catch {
      // Not there, or there without its hardware: the usual case.
    }
  }
  return works
}
