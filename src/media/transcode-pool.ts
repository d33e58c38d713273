import type { AbortOptions } from '../lib/abort.ts'
import { totalLength } from '../lib/bytes.ts'
import { MillraceError } from '../lib/errors.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import type { MetricsRegistry } from '../lib/metrics.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { type BackendPreference, chooseBackend } from './backend.ts'
import { createWorkingDirectory } from './child.ts'
import type { PoolProbeFault, TranscodeFault } from './faults.ts'
import { type Job, type JobEnd, JobWorker } from './job-worker.ts'
import type { Likeness } from './likeness.ts'
import {
  DEADLINE_FLOOR_MS,
  DEADLINE_RATIO,
  MAX_JOBS_PER_WORKER,
  MAX_PROFILES,
  MAX_QUEUED_JOBS,
  MAX_SEGMENT_BYTES,
  MAX_SEGMENT_DURATION_MS,
  MAX_WORKER_RSS_BYTES,
  MAX_WORKERS,
  RSS_POLL_MS,
} from './limits.ts'
import { createMediaMetrics, type MediaMetrics } from './metrics.ts'
import type { Probe, ProbeFault } from './probe.ts'
import { type Profile, pixelsOf } from './profile.ts'
import type { BackendSpec, CompareExtent, JobReply, JobRequest } from './worker/protocol.ts'

export type { PoolFaultCode, PoolProbeFault, TranscodeFault } from './faults.ts'

/** One segment to be transcoded. `durationMs` is what was ordered; caps are derived from it. */
export interface TranscodeJob {
  readonly data: readonly Uint8Array[]
  readonly durationMs: number
  readonly profiles: readonly Profile[]
}

/** One finished rendition. */
export interface Rendition {
  readonly profile: string
  readonly data: Uint8Array
  readonly probe: Probe
  /** Encoded pixels, the unit that is paid. */
  readonly pixels: bigint
}

/** What a transcode job gives: renditions in the order of the job's profiles. */
export interface TranscodeResult {
  readonly source: Probe
  readonly renditions: readonly Rendition[]
  readonly transcodeMs: number
}

/**
 * Transcodes segments in processes of their own.
 *
 * Invariant: hostile bytes never meet native code in this process, and no worker holds a key, a
 * connection or an environment. A job that is aborted or late loses its worker.
 */
export interface TranscodePool extends Startable {
  /** Jobs that run at the same time. */
  readonly capacity: number
  /** What encodes, such as `node-av:libx264`; empty before the start. */
  readonly backend: string
  load(): { readonly busy: number; readonly queued: number }
  /** Process ids of the living workers, for reports and watchdogs. */
  workerPids(): readonly number[]
  /** Rejects only with the signal's reason; every other failure is a fault. */
  transcode(
    job: TranscodeJob,
    options?: AbortOptions,
  ): Promise<Result<TranscodeResult, TranscodeFault>>
  /** Reads a segment's properties; rejects only with the signal's reason. */
  probe(data: readonly Uint8Array[], options?: AbortOptions): Promise<Result<Probe, PoolProbeFault>>
  /**
   * Decodes two segments and says how alike they look, by their first frames or by all. Needs the
   * built-in library, whatever transcodes. Rejects only with the signal's reason.
   */
  compare(
    segments: readonly [readonly Uint8Array[], readonly Uint8Array[]],
    extent: CompareExtent,
    options?: AbortOptions,
  ): Promise<Result<Likeness, TranscodeFault>>
}

/** How a pool is set up. */
export interface TranscodePoolInit {
  /** Jobs at the same time; 1 to {@link MAX_WORKERS}. */
  readonly workers: number
  readonly backend?: BackendPreference
  readonly deadlineFloorMs?: number
  /** A job's deadline is this many times its duration, if that is more than the floor. */
  readonly deadlineRatio?: number
  readonly maxQueuedJobs?: number
  readonly maxJobsPerWorker?: number
  readonly maxWorkerRssBytes?: number
}

/** Starts of a worker that may fail in a row before waiting jobs are given up. */
const MAX_START_FAILURES = 3

class Pool implements TranscodePool {
  readonly capacity: number
  readonly #logger: Logger
  readonly #metrics: MediaMetrics
  readonly #init: Required<TranscodePoolInit>
  readonly #workers = new Set<JobWorker>()
  readonly #queue: Job[] = []
  #backend: BackendSpec | null = null
  #directory: Awaited<ReturnType<typeof createWorkingDirectory>> | null = null
  #startFailures = 0
  #watchdog: NodeJS.Timeout | null = null
  #ending: Promise<void> | null = null

  constructor(
    components: { readonly logger: Logger; readonly metrics: MetricsRegistry },
    init: TranscodePoolInit,
  ) {
    if (!Number.isInteger(init.workers) || init.workers < 1 || init.workers > MAX_WORKERS) {
      throw new MillraceError('BAD_POOL', `workers must be from 1 to ${MAX_WORKERS}`, {
        meta: { workers: init.workers },
      })
    }
    this.capacity = init.workers
    this.#logger = components.logger.child({ room: 'media' })
    this.#metrics = createMediaMetrics(components.metrics)
    this.#init = {
      backend: 'auto',
      deadlineFloorMs: DEADLINE_FLOOR_MS,
      deadlineRatio: DEADLINE_RATIO,
      maxQueuedJobs: MAX_QUEUED_JOBS,
      maxJobsPerWorker: MAX_JOBS_PER_WORKER,
      maxWorkerRssBytes: MAX_WORKER_RSS_BYTES,
      ...init,
    }
  }

  get backend(): string {
    return this.#backend === null ? '' : `${this.#backend.kind}:${this.#backend.encoder}`
  }

  async start(): Promise<void> {
    if (this.#directory !== null) return
    this.#directory = await createWorkingDirectory()
    this.#ending = null
    try {
      const first = this.#spawn()
      const libraryLoads = await first.started
      this.#backend = await chooseBackend(
        { logger: this.#logger, workingDirectory: this.#directory.path },
        { preference: this.#init.backend, libraryLoads },
      )
    } catch (thrown) {
      await this.stop()
      throw thrown
    }
    this.#watchdog = setInterval(() => {
      for (const worker of this.#workers) void worker.checkMemory(this.#init.maxWorkerRssBytes)
    }, RSS_POLL_MS)
    this.#watchdog.unref()
    this.#logger.info({ backend: this.backend, workers: this.capacity }, 'transcode pool started')
  }

  async stop(): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  load(): { readonly busy: number; readonly queued: number } {
    return { busy: this.#busy(), queued: this.#queue.length }
  }

  workerPids(): readonly number[] {
    return [...this.#workers].map((worker) => worker.pid)
  }

  async transcode(
    job: TranscodeJob,
    options: AbortOptions = {},
  ): Promise<Result<TranscodeResult, TranscodeFault>> {
    const { data, durationMs, profiles } = job
    const backend = this.#backend
    const broken = brokenLimit(job)
    if (broken !== null) return this.#finish('transcode', err(broken))
    if (backend === null) return this.#finish('transcode', err(STOPPED))
    const { deadlineFloorMs, deadlineRatio } = this.#init
    const deadlineMs = Math.max(deadlineFloorMs, deadlineRatio * durationMs)
    const request: JobRequest = { type: 'transcode', data, durationMs, profiles, backend }
    const reply = await this.#run(request, deadlineMs, options)
    if (!reply.ok) return this.#finish('transcode', reply)
    if (reply.value.type !== 'transcoded') return this.#finish('transcode', err(CRASHED))
    const { source, transcodeMs } = reply.value
    const renditions = reply.value.renditions.map((one) => ({
      ...one,
      pixels: pixelsOf(one.probe),
    }))
    for (const { pixels } of renditions) this.#metrics.pixels(pixels)
    this.#metrics.transcodeSeconds(transcodeMs / 1000)
    return this.#finish('transcode', ok({ source, renditions, transcodeMs }))
  }

  async probe(
    data: readonly Uint8Array[],
    options: AbortOptions = {},
  ): Promise<Result<Probe, PoolProbeFault>> {
    const sizeBytes = totalLength(data)
    const finish = (result: Result<Probe, TranscodeFault>): Result<Probe, PoolProbeFault> =>
      // A probe runs no codec, so the codec's codes cannot come from it.
      this.#finish('probe', result) as Result<Probe, PoolProbeFault>
    if (sizeBytes > MAX_SEGMENT_BYTES) return finish(err(tooLarge(sizeBytes)))
    const request: JobRequest = { type: 'probe', data }
    const reply = await this.#run(request, this.#init.deadlineFloorMs, options)
    if (!reply.ok) return finish(reply)
    return finish(reply.value.type === 'probed' ? ok(reply.value.probe) : err(CRASHED))
  }

  async compare(
    [data, other]: readonly [readonly Uint8Array[], readonly Uint8Array[]],
    extent: CompareExtent,
    options: AbortOptions = {},
  ): Promise<Result<Likeness, TranscodeFault>> {
    const largest = Math.max(totalLength(data), totalLength(other))
    if (largest > MAX_SEGMENT_BYTES) return this.#finish('compare', err(tooLarge(largest)))
    const request: JobRequest = { type: 'compare', data, other, extent }
    const reply = await this.#run(request, this.#init.deadlineFloorMs, options)
    if (!reply.ok) return this.#finish('compare', reply)
    const { value } = reply
    return this.#finish('compare', value.type === 'compared' ? ok(value.likeness) : err(CRASHED))
  }

  #finish<T>(
    kind: 'transcode' | 'probe' | 'compare',
    result: Result<T, TranscodeFault>,
  ): Result<T, TranscodeFault> {
    this.#metrics.jobDone(kind, result.ok ? 'ok' : result.error.code)
    return result
  }

  async #run(
    request: JobRequest,
    deadlineMs: number,
    { signal }: AbortOptions,
  ): Promise<Result<JobReply, TranscodeFault>> {
    signal?.throwIfAborted()
    if (this.#directory === null || this.#ending !== null) return err(STOPPED)
    const { maxQueuedJobs } = this.#init
    const waiting = this.#queue.length
    if (waiting >= maxQueuedJobs && this.#busy() >= this.capacity) {
      const meta = { queued: waiting, allowed: maxQueuedJobs }
      return err({ code: 'BUSY', message: 'every worker is busy and the queue is full', meta })
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        const at = this.#queue.indexOf(job)
        if (at >= 0) this.#queue.splice(at, 1)
        job.abort?.()
        reject(signal?.reason as Error)
      }
      const job: Job = {
        request,
        deadlineMs,
        queuedAt: performance.now(),
        abort: null,
        done(result) {
          signal?.removeEventListener('abort', onAbort)
          resolve(result)
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#queue.push(job)
      this.#pump()
    })
  }

  #busy(): number {
    let busy = 0
    for (const worker of this.#workers) if (worker.state === 'busy') busy++
    return busy
  }

  /** Hands jobs to idle workers and keeps one more process warm than is at work. */
  #pump(): void {
    for (const worker of this.#workers) {
      if (this.#queue.length === 0 || this.#busy() >= this.capacity) break
      if (worker.state !== 'idle') continue
      const job = this.#queue.shift() as Job
      this.#metrics.queueSeconds((performance.now() - job.queuedAt) / 1000)
      worker.run(job)
    }
    const wanted = Math.min(this.capacity + 1, this.#busy() + this.#queue.length + 1)
    while (this.#ending === null && this.#workers.size < wanted) this.#spawn()
    this.#metrics.load(this.#busy(), this.#queue.length, this.#workers.size)
  }

  #spawn(): JobWorker {
    const worker = new JobWorker(this.#directory?.path as string, {
      maxJobs: this.#init.maxJobsPerWorker,
      onIdle: () => this.#pump(),
      onEnd: (end) => this.#onWorkerEnd(worker, end),
    })
    this.#workers.add(worker)
    worker.started.then(
      () => {
        this.#startFailures = 0
      },
      () => {},
    )
    return worker
  }

  #onWorkerEnd(worker: JobWorker, end: JobEnd): void {
    this.#workers.delete(worker)
    this.#metrics.workerEnded(end.reason)
    if (this.#ending !== null) return
    this.#logger.debug({ ...end }, 'media worker ended')
    if (end.reason === 'start') {
      this.#startFailures++
      this.#logger.warn(
        { failures: this.#startFailures, ...end.exit },
        'media worker did not start',
      )
      if (this.#startFailures >= MAX_START_FAILURES) {
        for (const job of this.#queue.splice(0)) job.done(err(CRASHED))
        this.#startFailures = 0
        return
      }
    }
    this.#pump()
  }

  async #end(): Promise<void> {
    if (this.#watchdog !== null) clearInterval(this.#watchdog)
    for (const job of this.#queue.splice(0)) job.done(err(STOPPED))
    const running = [...this.#workers]
    await Promise.all(running.map(async (worker) => worker.end()))
    await this.#directory?.release()
    this.#directory = null
    this.#backend = null
    this.#metrics.load(0, 0, 0)
  }
}

const STOPPED: TranscodeFault = { code: 'STOPPED', message: 'the pool is not running' }
const CRASHED: TranscodeFault = { code: 'WORKER_CRASHED', message: 'no worker answered' }

function tooLarge(sizeBytes: number): ProbeFault {
  const meta = { sizeBytes, allowed: MAX_SEGMENT_BYTES }
  return { code: 'TOO_LARGE', message: 'the segment has more bytes than allowed', meta }
}

function brokenLimit({ data, durationMs, profiles }: TranscodeJob): TranscodeFault | null {
  const sizeBytes = totalLength(data)
  if (sizeBytes > MAX_SEGMENT_BYTES) return tooLarge(sizeBytes)
  const bad = (message: string, meta: Record<string, unknown>): TranscodeFault => ({
    code: 'BAD_JOB',
    message,
    meta,
  })
  if (!(durationMs > 0 && durationMs <= MAX_SEGMENT_DURATION_MS)) {
    return bad('the duration is out of limits', { durationMs, allowed: MAX_SEGMENT_DURATION_MS })
  }
  if (profiles.length === 0 || profiles.length > MAX_PROFILES) {
    return bad('too few or too many profiles', { profiles: profiles.length, allowed: MAX_PROFILES })
  }
  const names = new Set(profiles.map((profile) => profile.name))
  return names.size === profiles.length ? null : bad('two profiles have one name', {})
}

/** Creates a pool; {@link TranscodePool.start} chooses the backend and warms the first worker. */
export function createTranscodePool(
  components: { readonly logger: Logger; readonly metrics: MetricsRegistry },
  init: TranscodePoolInit,
): TranscodePool {
  return new Pool(components, init)
}
