import { AVERROR_EAGAIN as AGAIN, AVIO_FLAG_WRITE } from 'node-av/constants'
import { type FilterContext, FormatContext, type Frame, IOContext, type Packet } from 'node-av/lib'
import type { PacketEncoder } from './encode.ts'
import {
  AAC_FRAME_SAMPLES,
  createLocalAudioEncoder,
  createLocalVideoEncoder,
  LOCAL_SAMPLE_RATE,
} from './local.ts'
import { allocFrame, breathe, buildGraph, check, drain, type Scope, withScope } from './native.ts'
import type { SampleSpec } from './protocol.ts'

const CODE = 'ENCODE_FAILED'

/** The audio is computed at this rate and resampled: an expression a sample is what costs. */
const ARPEGGIO_SAMPLE_RATE = 24_000

/** A major arpeggio, four notes a second over a chord that changes every second. */
function arpeggio(): string {
  const note = 'st(0, mod(floor(4*t), 4))'
  const chord = 'st(1, mod(floor(t), 4))'
  const semitones = '4*ld(0) - eq(ld(0), 2) - 3*eq(ld(1), 1) + 5*eq(ld(1), 2) + 7*eq(ld(1), 3)'
  const pitch = `220*pow(2, (${semitones})/12)`
  const fade = 'exp(-5*mod(t, 0.25))*min(1, 200*mod(t, 0.25))'
  const expression = `0.4*(0*${note} + 0*${chord} + ${fade}*sin(2*PI*t*${pitch}))`
  return expression.replaceAll(' ', '').replaceAll(',', '\\,')
}

/**
 * The picture: a zoom into the Mandelbrot set, small and scaled up because that is cheap, its hue
 * turning, the arpeggio drawn along the lower edge.
 */
function describe({ width, height, fps, seconds }: SampleSpec): string {
  const bar = Math.round(height / 24) * 4
  return [
    `aevalsrc=exprs=${arpeggio()}:s=${ARPEGGIO_SAMPLE_RATE}:d=${seconds},` +
      `aresample=${LOCAL_SAMPLE_RATE},asplit[heard][drawn]`,
    `[drawn]showcqt=s=${width / 2}x${bar / 2}:fps=${fps}:sono_h=0:axis_h=0:bar_g=2,` +
      `format=yuv420p,scale=${width}:${bar}:flags=bicubic[bar]`,
    `mandelbrot=s=${width / 2}x${height / 2}:rate=${fps}:maxiter=512:end_pts=${fps * 60},` +
      // The hue filter works out a table whenever its angle changes, so the angle moves in steps.
      'format=yuv420p,hue=H=floor(6*t)/12,' +
      `scale=${width}:${height}:flags=bicubic[zoom]`,
    `[zoom][bar]overlay=y=${height - bar}:format=yuv420:eof_action=repeat,` +
      `trim=end_frame=${Math.round(seconds * fps)},buffersink@video`,
    '[heard]aformat=sample_fmts=fltp:channel_layouts=stereo,' +
      `asetnsamples=n=${AAC_FRAME_SAMPLES}:p=0,abuffersink@audio`,
  ].join(';')
}

function openOutput(scope: Scope, path: string): FormatContext {
  const context = new FormatContext()
  check(context.allocOutputContext2(null, 'mp4', path), CODE, 'cannot open the muxer')
  const io = new IOContext()
  check(io.open2Sync(`file:${path}`, AVIO_FLAG_WRITE), 'UNWRITABLE', 'cannot write the sample')
  context.pb = io
  check(context.setOption('fflags', '+bitexact'), CODE, 'cannot set the muxer up')
  scope.onClose(() => {
    context.pb = null
    io.closepSync()
    context.freeContext()
  })
  return context
}

/** Makes the sample at a path. `onProgress` gets seconds of video made so far. */
export async function makeSample(
  path: string,
  spec: SampleSpec,
  onProgress: (seconds: number) => void,
): Promise<void> {
  await withScope(async (scope) => {
    const sinks = buildGraph(scope, describe(spec), ['buffersink@video', 'abuffersink@audio'])
    const output = openOutput(scope, path)
    const streams: {
      encoder: PacketEncoder
      sink: FilterContext
      ended: boolean
      seconds: number
    }[] = []
    const write =
      (index: number) =>
      (packet: Packet): void => {
        const stream = output.streams[index]
        const encoder = streams[index]?.encoder
        if (stream === undefined || encoder === undefined) return
        packet.streamIndex = index
        // Without it the file ends one frame early and players drop the last picture.
        if (packet.duration === 0n) packet.duration = 1n
        packet.rescaleTs(encoder.timeBase, stream.timeBase)
        check(output.interleavedWriteFrameSync(packet), CODE, 'cannot write a packet')
      }
    const video = createLocalVideoEncoder(
      scope,
      {
        width: spec.width,
        height: spec.height,
        fps: spec.fps,
        timeBase: { num: 1, den: spec.fps },
        preset: 'ultrafast',
        crf: spec.crf,
        gopFrames: Math.round(spec.gopSeconds * spec.fps),
        maxBitrateBps: 4_000_000,
        globalHeader: true,
      },
      write(0),
    )
    const audio = createLocalAudioEncoder(
      scope,
      { bitrateBps: 96_000, globalHeader: true },
      write(1),
    )
    for (const [index, encoder] of [video, audio].entries()) {
      const stream = output.newStream(null)
      check(encoder.parameters.copy(stream.codecpar), CODE, 'cannot describe a stream')
      streams.push({ encoder, sink: sinks[index] as FilterContext, ended: false, seconds: 0 })
    }
    check(output.writeHeaderSync(null), CODE, 'cannot write the header')
    await pull(allocFrame(scope), streams, onProgress)
    check(output.writeTrailerSync(), CODE, 'cannot write the trailer')
  })
}

/** Pulls frames from whichever output is behind, so that neither queue in the graph grows. */
async function pull(
  frame: Frame,
  streams: { encoder: PacketEncoder; sink: FilterContext; ended: boolean; seconds: number }[],
  onProgress: (seconds: number) => void,
): Promise<void> {
  let reported = 0
  for (;;) {
    const live = streams.filter((stream) => !stream.ended)
    const [next] = live.sort((a, b) => a.seconds - b.seconds)
    if (next === undefined) break
    const { num, den } = next.sink.buffersinkGetTimeBase()
    let got = false
    // One frame at a time: `drain` would empty this output and fill the other.
    drain(
      frame,
      (holder) => (got ? AGAIN : next.sink.buffersinkGetFrameSync(holder)),
      CODE,
      (holder) => {
        got = true
        next.seconds = (Number(holder.pts) * num) / den
        next.encoder.encode(holder)
      },
    )
    if (!got) {
      next.ended = true
      next.encoder.finish()
    }
    const seconds = Math.floor(streams[0]?.seconds ?? 0)
    if (seconds > reported) onProgress((reported = seconds))
    await breathe()
  }
}
