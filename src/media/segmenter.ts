import { access, constants } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type AbortOptions, sleep } from '../lib/abort.ts'
import { MillraceError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { createWorkingDirectory, forkMediaChild, type MediaChild, untilReady } from './child.ts'
import { SEGMENTER_READ_AHEAD, SEGMENTER_STALL_MS } from './limits.ts'
import type { Probe } from './probe.ts'
import type { SegmenterReply, SegmenterRequest, SegmentMode } from './worker/protocol.ts'

/** One segment of a source: MPEG-TS with H.264 and perhaps AAC, beginning with an IDR picture. */
export interface SourceSegment {
  readonly seq: number
  readonly data: Uint8Array
  /** To the start of the next segment; the sum over a file has no drift. */
  readonly durationMs: number
  /** Time of the first frame on the stream's clock. */
  readonly ptsMs: number
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly frames: number
  readonly hasAudio: boolean
}

/** How a file is cut. */
export interface SegmentFileInit {
  readonly path: string
  /** Wanted length; copied segments end at the first key frame from there on. */
  readonly segmentMs?: number
  /**
   * `realtime` gives each segment when a live source would begin it: the first at once, the others
   * by their time. `fast` gives them as they are asked for.
   */
  readonly pace: 'fast' | 'realtime'
  readonly maxDurationMs?: number | undefined
  /** `auto` copies when the file's codecs and key frames allow and re-encodes otherwise. */
  readonly mode?: SegmentMode
}

/** Codes of the errors that {@link segmentFile} throws. */
export type SegmenterErrorCode =
  | 'UNREADABLE'
  | 'NO_VIDEO'
  | 'UNSUPPORTED_CODEC'
  | 'TOO_MANY_PIXELS'
  | 'GOP_TOO_LONG'
  | 'SEGMENTER_CRASHED'
  | 'SEGMENTER_STALLED'

const DEFAULT_SEGMENT_MS = 2_000

function toSource(seq: number, data: Uint8Array, durationMs: number, probe: Probe): SourceSegment {
  const { width, height, fps, frames } = probe.video
  const hasAudio = probe.audio !== null
  return { seq, data, durationMs, ptsMs: probe.startPtsMs, width, height, fps, frames, hasAudio }
}

/** Replies of a child one by one; a reply, its end, the stall or the signal, whichever is first. */
class Inbox {
  readonly #queue: SegmenterReply[] = []
  #wake: (() => void) | null = null
  #ended: { readonly code: number | null; readonly signal: string | null } | null = null

  constructor(child: MediaChild<SegmenterRequest, SegmenterReply>) {
    child.onReply((reply) => {
      this.#queue.push(reply)
      this.#wake?.()
    })
    void child.exited.then((exit) => {
      this.#ended = exit
      this.#wake?.()
    })
  }

  async next(signal: AbortSignal | undefined): Promise<SegmenterReply> {
    const deadline = Date.now() + SEGMENTER_STALL_MS
    for (;;) {
      signal?.throwIfAborted()
      const reply = this.#queue.shift()
      if (reply !== undefined) return reply
      if (this.#ended !== null) {
        throw new MillraceError('SEGMENTER_CRASHED', 'the segmenter process ended', {
          meta: { exitCode: this.#ended.code, signal: this.#ended.signal },
        })
      }
      const leftMs = deadline - Date.now()
      if (leftMs <= 0) {
        throw new MillraceError('SEGMENTER_STALLED', 'the segmenter made no segment in time')
      }
      await new Promise<void>((done) => {
        const finish = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', finish)
          this.#wake = null
          done()
        }
        const timer = setTimeout(finish, leftMs)
        signal?.addEventListener('abort', finish, { once: true })
        this.#wake = finish
      })
    }
  }
}

async function assertReadable(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK)
  } catch (cause) {
    throw new MillraceError('UNREADABLE', `cannot read ${path}`, {
      cause,
      hint: 'Check that the file exists and that this user may read it',
      meta: { path },
    })
  }
}

/**
 * Cuts a media file into segments, in a process of its own that holds a few segments at most and
 * works only as fast as they are taken.
 *
 * Timestamps run on from segment to segment. Throws MillraceErrors with a
 * {@link SegmenterErrorCode}; leaving the loop or the signal ends the process.
 */
export async function* segmentFile(
  components: { readonly logger: Logger },
  init: SegmentFileInit,
  options: AbortOptions = {},
): AsyncGenerator<SourceSegment, void, undefined> {
  const { signal } = options
  const path = resolve(init.path)
  const segmentMs = init.segmentMs ?? DEFAULT_SEGMENT_MS
  const logger = components.logger.child({ room: 'media' })
  await assertReadable(path)
  const directory = await createWorkingDirectory()
  const child = forkMediaChild<SegmenterRequest, SegmenterReply>('segmenter', directory.path)
  try {
    failOn(await untilReady(child, signal))
    const inbox = new Inbox(child)
    const { maxDurationMs = null, mode = 'auto' } = init
    child.send({ type: 'open', path, segmentMs, maxDurationMs, mode })
    for (let i = 0; i < SEGMENTER_READ_AHEAD; i++) child.send({ type: 'pull' })
    let origin: { readonly wallMs: number; readonly ptsMs: number } | null = null
    for (;;) {
      const reply = failOn(await inbox.next(signal))
      if (reply.type === 'end') return
      if (reply.type === 'opened') {
        logger.info({ path, mode: reply.mode, durationMs: reply.durationMs }, 'source opened')
      }
      if (reply.type !== 'segment') continue
      const segment = toSource(reply.seq, reply.data, reply.durationMs, reply.probe)
      origin ??= { wallMs: performance.now(), ptsMs: segment.ptsMs }
      if (init.pace === 'realtime') {
        const dueMs = origin.wallMs + segment.ptsMs - origin.ptsMs
        await sleep(Math.max(0, dueMs - performance.now()), options)
      }
      yield segment
      child.send({ type: 'pull' })
    }
  } finally {
    child.kill()
    await child.exited
    await directory.release()
  }
}

/** The reply, unless it is a fault: that is thrown. */
function failOn(reply: SegmenterReply): Exclude<SegmenterReply, { type: 'fault' }> {
  if (reply.type !== 'fault') return reply
  const { code, message, meta } = reply
  throw new MillraceError(code === 'WORKER_FAILED' ? 'SEGMENTER_CRASHED' : code, message, { meta })
}
