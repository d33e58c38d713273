import { readFile } from 'node:fs/promises'
import { MillraceError } from '../lib/errors.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { type ChildExit, forkMediaChild, type MediaChild, untilReady } from './child.ts'
import type { TranscodeFault } from './faults.ts'
import { STOP_DRAIN_MS } from './limits.ts'
import type { JobReply, JobRequest } from './worker/protocol.ts'

/** A request on its way to a worker. */
export interface Job {
  readonly request: JobRequest
  readonly deadlineMs: number
  readonly queuedAt: number
  /** Set while a worker runs it: ends the worker. */
  abort: (() => void) | null
  done(result: Result<JobReply, TranscodeFault>): void
}

/** Why a worker process ended. */
export interface JobEnd {
  readonly reason:
    | 'start'
    | 'crash'
    | 'deadline'
    | 'memory'
    | 'abort'
    | 'recycle'
    | 'fault'
    | 'stop'
  readonly exit: ChildExit
}

/** What a pool wants to hear from a worker. */
export interface JobWorkerInit {
  readonly maxJobs: number
  onIdle(): void
  onEnd(end: JobEnd): void
}

/** Faults that a worker reports by these codes are the segment's; anything else is the worker's. */
const SEGMENT_FAULTS: ReadonlySet<string> = new Set<TranscodeFault['code']>([
  'TOO_LARGE',
  'NOT_MPEGTS',
  'NO_VIDEO',
  'UNSUPPORTED_CODEC',
  'TOO_MANY_PIXELS',
  'TOO_MANY_FRAMES',
  'BAD_TIMESTAMPS',
  'NO_KEYFRAME',
  'DECODE_FAILED',
  'ENCODE_FAILED',
  'OUT_OF_MEMORY',
])

/** One worker process: it starts, does one job at a time, and ends once. */
export class JobWorker {
  /** Settles when it can work, with whether the built-in codec library loads there. */
  readonly started: Promise<boolean>
  state: 'starting' | 'idle' | 'busy' | 'ending' = 'starting'
  readonly #child: MediaChild<JobRequest, JobReply>
  readonly #init: JobWorkerInit
  #job: Job | null = null
  #deadline: NodeJS.Timeout | null = null
  #jobs = 0
  #reason: JobEnd['reason'] = 'start'
  #draining: (() => void) | null = null

  constructor(workingDirectory: string, init: JobWorkerInit) {
    this.#init = init
    this.#child = forkMediaChild<JobRequest, JobReply>('jobs', workingDirectory)
    this.started = untilReady(this.#child).then((reply) => {
      if (reply.type !== 'ready') throw new MillraceError('WORKER_START_FAILED', startFault(reply))
      this.#reason = 'crash'
      if (this.state === 'starting') {
        this.state = 'idle'
        this.#child.onReply((answer) => this.#onReply(answer))
        queueMicrotask(() => init.onIdle())
      }
      return reply.libraryLoads
    })
    this.started.catch(() => {})
    void this.#child.exited.then((exit) => this.#onExit(exit))
  }

  get pid(): number {
    return this.#child.pid
  }

  /** Gives it a job; only when idle. */
  run(job: Job): void {
    this.state = 'busy'
    this.#job = job
    this.#jobs++
    job.abort = () => this.#kill('abort')
    this.#deadline = setTimeout(() => this.#kill('deadline'), job.deadlineMs)
    this.#child.send(job.request)
  }

  /** Kills it when its resident memory is over the limit. Reads it where the system tells. */
  async checkMemory(limitBytes: number): Promise<void> {
    if (this.state !== 'busy' || process.platform !== 'linux') return
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8').catch(() => '')
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(status)
    if (match !== null && Number(match[1]) * 1024 > limitBytes) this.#kill('memory')
  }

  /** Gives a running job a little time to finish, then ends the process; resolves when it is gone. */
  async end(): Promise<void> {
    if (this.state === 'busy') {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, STOP_DRAIN_MS)
        this.#draining = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#kill('stop')
    await this.#child.exited
  }

  #kill(reason: JobEnd['reason']): void {
    if (this.state === 'ending') return
    this.state = 'ending'
    this.#reason = reason
    this.#child.kill()
  }

  #take(): Job | null {
    const job = this.#job
    this.#job = null
    if (this.#deadline !== null) clearTimeout(this.#deadline)
    this.#deadline = null
    if (job !== null) job.abort = null
    return job
  }

  #onReply(reply: JobReply): void {
    if (this.state !== 'busy') return
    const job = this.#take()
    const failed = reply.type === 'fault'
    // A fault found before any codec ran left nothing behind in the process.
    if (failed && !reply.clean) this.#kill('fault')
    else if (this.#jobs >= this.#init.maxJobs) this.#kill('recycle')
    else this.state = 'idle'
    job?.done(failed ? err(faultOf(reply)) : ok(reply))
    this.#draining?.()
    if (this.state === 'idle') this.#init.onIdle()
  }

  #onExit(exit: ChildExit): void {
    const reason = this.#reason
    this.state = 'ending'
    this.#take()?.done(err(endFault(reason, exit)))
    this.#draining?.()
    this.#init.onEnd({ reason, exit })
  }
}

function startFault(reply: JobReply): string {
  return reply.type === 'fault' ? reply.message : 'a media process began with a wrong word'
}

function faultOf(reply: Extract<JobReply, { type: 'fault' }>): TranscodeFault {
  const { code, message, meta } = reply
  return SEGMENT_FAULTS.has(code)
    ? { code: code as TranscodeFault['code'], message, meta }
    : { code: 'WORKER_CRASHED', message, meta: { ...meta, reported: code } }
}

function endFault(reason: JobEnd['reason'], exit: ChildExit): TranscodeFault {
  const meta = { exitCode: exit.code, signal: exit.signal }
  switch (reason) {
    case 'deadline':
      return { code: 'DEADLINE', message: 'the job took longer than its deadline', meta }
    case 'memory':
      return { code: 'OUT_OF_MEMORY', message: 'the worker used more memory than allowed', meta }
    case 'stop':
      return { code: 'STOPPED', message: 'the pool was stopped', meta }
    default:
      return { code: 'WORKER_CRASHED', message: 'the worker ended in the middle of the job', meta }
  }
}
