import type { CodecParameters, Packet } from 'node-av/lib'
import { MillraceError } from '../../lib/errors.ts'
import { MAX_SEGMENT_DURATION_MS, SEGMENTER_AUDIO_LAG_MS } from '../limits.ts'
import type { Probe } from '../probe.ts'
import { inspectOrThrow } from './inspection.ts'
import { createSegmentWriter } from './mux.ts'
import { breathe, found, withScope } from './native.ts'
import type { SegmentMode } from './protocol.ts'

/** The clock of transport streams. */
export const TS_TIME_BASE = { num: 1, den: 90_000 } as const

const TICKS_PER_MS = 90

/**
 * Time of the first video frame in what is made, in ticks: late enough for audio that begins before
 * the video and for decode times that lie before the first presentation time.
 */
export const FIRST_VIDEO_TICKS = 90_000

/** A stream to be cut, with its packets' times already in ticks of 90 kHz. */
export interface CutStream {
  readonly parameters: CodecParameters
}

/** A finished segment. */
export interface CutSegment {
  readonly data: Buffer
  readonly durationMs: number
  readonly probe: Probe
}

/** What is asked of the segmenter. */
export interface SegmentJob {
  readonly path: string
  readonly segmentMs: number
  readonly maxDurationMs: number | null
  readonly mode: SegmentMode
}

/** Where finished segments go; resolves when the reader wants the next. */
export type SegmentSink = (segment: CutSegment) => Promise<void>

interface Draft {
  readonly startTicks: number
  readonly packets: { readonly packet: Packet; readonly stream: number }[]
}

/** Whether a segment that has run for so long may end at this key frame. */
export function isDue(elapsedMs: number, segmentMs: number, frameMs: number): boolean {
  return elapsedMs >= segmentMs - frameMs / 2
}

/**
 * Collects packets of one video and at most one audio stream and cuts them into segments at key
 * frames. A segment is complete when the audio has passed its end too, files being interleaved
 * only roughly.
 *
 * Invariant: every packet that is taken is freed, by writing or by {@link Cutter.discard}.
 */
export class Cutter {
  readonly #streams: readonly CutStream[]
  readonly #segmentMs: number
  readonly #frameMs: number
  readonly #maxSegmentMs: number
  readonly #drafts: Draft[] = []
  /** Audio the video has not reached yet, in order of arrival. */
  #ahead: Packet[] = []
  #videoTicks = 0
  #audioTicks: number

  constructor(
    streams: readonly CutStream[],
    timing: { readonly segmentMs: number; readonly frameMs: number },
    maxSegmentMs: number = MAX_SEGMENT_DURATION_MS,
  ) {
    this.#maxSegmentMs = Math.min(maxSegmentMs, MAX_SEGMENT_DURATION_MS)
    this.#streams = streams
    this.#segmentMs = timing.segmentMs
    this.#frameMs = timing.frameMs
    this.#audioTicks = streams.length > 1 ? -1 : Number.POSITIVE_INFINITY
  }

  /** Takes over a video packet; `canCut` says that a decoder can start at it. */
  addVideo(packet: Packet, canCut: boolean): void {
    const ticks = Number(packet.pts)
    const current = this.#drafts.at(-1)
    if (current === undefined && !canCut) {
      packet.free()
      return
    }
    this.#videoTicks = Math.max(this.#videoTicks, ticks)
    const elapsedMs = current === undefined ? 0 : (ticks - current.startTicks) / TICKS_PER_MS
    if (current === undefined || (canCut && isDue(elapsedMs, this.#segmentMs, this.#frameMs))) {
      this.#drafts.push({ startTicks: ticks, packets: [{ packet, stream: 0 }] })
    } else {
      current.packets.push({ packet, stream: 0 })
    }
    this.#placeAudio(this.#videoTicks)
    if (elapsedMs > this.#maxSegmentMs) {
      throw new MillraceError('GOP_TOO_LONG', 'key frames are too far apart to cut the file', {
        hint: 'Let it be re-encoded',
        meta: { elapsedMs, allowed: this.#maxSegmentMs },
      })
    }
  }

  /** Takes over an audio packet and puts it into the segment its time belongs to. */
  addAudio(packet: Packet): void {
    const ticks = Number(packet.pts)
    this.#audioTicks = Math.max(this.#audioTicks, ticks)
    if (packet.dts < 0n) {
      packet.free()
      return
    }
    this.#ahead.push(packet)
    this.#placeAudio(this.#videoTicks)
  }

  /**
   * Puts waiting audio into the segments it belongs to, as far as the video has come: further on it
   * is not known yet where the next segment begins.
   */
  #placeAudio(upTo: number): void {
    if (this.#drafts.length === 0) return
    const waiting: Packet[] = []
    for (const packet of this.#ahead) {
      const ticks = Number(packet.pts)
      const home = this.#drafts.findLast((draft) => draft.startTicks <= ticks) ?? this.#drafts[0]
      if (ticks < upTo) home?.packets.push({ packet, stream: 1 })
      else waiting.push(packet)
    }
    this.#ahead = waiting
  }

  /** The next segment that is complete, or null; with `atEnd` all that is left. */
  async next(atEnd: boolean): Promise<CutSegment | null> {
    if (atEnd) {
      // Sound that goes on after the last picture belongs to no segment.
      this.#placeAudio(this.#videoTicks + this.#frameMs * TICKS_PER_MS)
      for (const packet of this.#ahead.splice(0)) packet.free()
    }
    const [draft, following] = this.#drafts
    if (draft === undefined || (following === undefined && !atEnd)) return null
    if (following !== undefined && !atEnd && this.#audioTicks < following.startTicks) {
      const lagMs = (this.#videoTicks - following.startTicks) / TICKS_PER_MS
      if (lagMs < SEGMENTER_AUDIO_LAG_MS) return null
    }
    this.#drafts.shift()
    try {
      const data = await this.#write(draft)
      const probe = inspectOrThrow(data)
      const durationMs =
        following === undefined
          ? probe.durationMs
          : (following.startTicks - draft.startTicks) / TICKS_PER_MS
      return { data, durationMs, probe }
    } finally {
      for (const { packet } of draft.packets) packet.free()
    }
  }

  /** Frees what was taken and not written. */
  discard(): void {
    for (const draft of this.#drafts.splice(0)) {
      for (const { packet } of draft.packets) packet.free()
    }
    for (const packet of this.#ahead.splice(0)) packet.free()
  }

  async #write(draft: Draft): Promise<Buffer> {
    return withScope(async (scope) => {
      const writer = createSegmentWriter(scope)
      const withAudio = draft.packets.some(({ stream }) => stream === 1)
      for (const { parameters } of withAudio ? this.#streams : this.#streams.slice(0, 1)) {
        writer.addStream(found(parameters, 'ENCODE_FAILED', 'stream parameters'), TS_TIME_BASE)
      }
      const ordered = draft.packets
        .map((entry, order) => ({ ...entry, order, at: Number(entry.packet.dts) }))
        .sort((a, b) => a.at - b.at || a.order - b.order)
      for (const { packet, stream } of ordered) writer.write(packet, stream)
      return writer.finish()
    })
  }
}

/** Hands on every segment that is complete. */
export async function flush(cutter: Cutter, atEnd: boolean, deliver: SegmentSink): Promise<void> {
  for (;;) {
    const segment = await cutter.next(atEnd)
    if (segment === null) return
    await deliver(segment)
    await breathe()
  }
}

/** A stream's time in 90 kHz ticks. */
export function toTicks(time: bigint, timeBase: { num: number; den: number }): number {
  return Math.round((Number(time) * timeBase.num * TS_TIME_BASE.den) / timeBase.den)
}
