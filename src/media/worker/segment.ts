import { AV_NOPTS_VALUE } from 'node-av/constants'
import { type Packet, Rational, type Stream } from 'node-av/lib'
import { SEGMENTER_MAX_COPY_RATIO } from '../limits.ts'
import {
  Cutter,
  FIRST_VIDEO_TICKS,
  flush,
  type SegmentJob,
  type SegmentSink,
  TS_TIME_BASE,
  toTicks,
} from './cutter.ts'
import { found, withScope } from './native.ts'
import { reencode } from './reencode.ts'
import { canCopy, eachPacket, openSource, startsWithIdr } from './source.ts'

/** A packet moved to the 90 kHz clock of the output. */
function retime(packet: Packet, stream: Stream, originTicks: number): Packet {
  const copy = found(packet.clone(), 'OUT_OF_MEMORY', 'a packet copy')
  copy.rescaleTs(stream.timeBase, new Rational(TS_TIME_BASE.num, TS_TIME_BASE.den))
  const shift = BigInt(FIRST_VIDEO_TICKS - originTicks)
  copy.pts += shift
  copy.dts += shift
  return copy
}

async function copy(job: SegmentJob, deliver: SegmentSink): Promise<void> {
  await withScope(async (scope) => {
    const source = openSource(scope, job.path)
    const { video, audio } = source
    const streams = audio === null ? [video] : [video, audio]
    const cutter = new Cutter(
      streams.map((stream) => ({ parameters: stream.codecpar })),
      { segmentMs: job.segmentMs, frameMs: source.fps > 0 ? 1000 / source.fps : 40 },
      job.segmentMs * SEGMENTER_MAX_COPY_RATIO,
    )
    scope.onClose(() => cutter.discard())
    let origin: number | null = null
    const early: Packet[] = []
    scope.onClose(() => {
      for (const packet of early) packet.free()
    })
    await eachPacket(source, async (packet, stream) => {
      if (packet.pts === AV_NOPTS_VALUE || packet.dts === AV_NOPTS_VALUE) return true
      const isVideo = stream === video
      if (isVideo && origin === null) {
        origin = toTicks(packet.pts, video.timeBase)
        for (const waiting of early.splice(0)) {
          cutter.addAudio(retime(waiting, audio as Stream, origin))
          waiting.free()
        }
      }
      if (origin === null) {
        early.push(found(packet.clone(), 'OUT_OF_MEMORY', 'a packet copy'))
        return true
      }
      const moved = retime(packet, stream, origin)
      const elapsedMs = (Number(moved.pts) - FIRST_VIDEO_TICKS) / 90
      if (isVideo && job.maxDurationMs !== null && elapsedMs >= job.maxDurationMs) {
        moved.free()
        return false
      }
      if (isVideo) cutter.addVideo(moved, startsWithIdr(packet, video))
      else if (job.maxDurationMs === null || elapsedMs < job.maxDurationMs) cutter.addAudio(moved)
      else moved.free()
      await flush(cutter, false, deliver)
      return true
    })
    await flush(cutter, true, deliver)
  })
}

/** Cuts a file into segments, copying its packets where they allow it. */
export async function segmentSource(
  job: SegmentJob,
  opened: (mode: 'copy' | 'encode', durationMs: number | null) => void,
  deliver: SegmentSink,
): Promise<void> {
  const durationMs = await withScope(async (scope) => openSource(scope, job.path).durationMs)
  const mode =
    job.mode === 'auto' ? ((await canCopy(job.path, job.segmentMs)) ? 'copy' : 'encode') : job.mode
  opened(mode, durationMs)
  await (mode === 'copy' ? copy(job, deliver) : reencode(job, deliver))
}
