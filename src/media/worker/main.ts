import '../../lib/polyfill.ts'
import { rmdirSync } from 'node:fs'
import { setPriority } from 'node:os'
import { MillraceError, messageOf } from '../../lib/errors.ts'
import { MAX_WORKER_RSS_BYTES, RSS_POLL_MS } from '../limits.ts'
import { InspectionError } from './inspection.ts'
import type {
  FaultReply,
  HardwareReply,
  HardwareRequest,
  JobReply,
  JobRequest,
  SampleReply,
  SampleRequest,
  SegmenterReply,
  SegmenterRequest,
  WorkerKind,
} from './protocol.ts'

/**
 * Entry point of every media process. It holds no key and no connection but the one to its parent,
 * and does not outlive it.
 */

type Reply = JobReply | SegmenterReply | SampleReply | HardwareReply

function die(): void {
  try {
    rmdirSync(process.cwd())
  } catch {
    // Shared with a sibling that still runs, or removed already.
  }
  // Not `exit`: native code may be at work, and its clean-up is of no use to anybody now.
  process.kill(process.pid, 'SIGKILL')
}

async function send(reply: Reply): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) return die()
    process.send(reply, undefined, undefined, () => resolve())
  })
}

function faultOf(thrown: unknown): FaultReply {
  return thrown instanceof MillraceError
    ? {
        type: 'fault',
        code: thrown.code,
        message: thrown.message,
        meta: thrown.meta,
        clean: thrown instanceof InspectionError,
      }
    : { type: 'fault', code: 'WORKER_FAILED', message: messageOf(thrown), meta: {}, clean: false }
}

async function serveJobs(): Promise<boolean> {
  const { runJob, warmUp } = await import('./job.ts')
  const libraryLoads = await warmUp()
  process.on('message', (request: JobRequest) => {
    void runJob(request).then(send, async (thrown: unknown) => send(faultOf(thrown)))
  })
  return libraryLoads
}

async function serveSegmenter(): Promise<boolean> {
  const { segmentSource } = await import('./segment.ts')
  await quiet()
  let credits = 0
  let wake: (() => void) | null = null
  const credit = async (): Promise<void> => {
    while (credits === 0) await new Promise<void>((resolve) => (wake = resolve))
    credits--
  }
  let seq = 0
  const run = async (job: Extract<SegmenterRequest, { type: 'open' }>): Promise<void> => {
    await segmentSource(
      job,
      (mode, durationMs) => void send({ type: 'opened', mode, durationMs }),
      async ({ data, durationMs, probe }) => {
        await credit()
        await send({ type: 'segment', seq: seq++, data, durationMs, probe })
      },
    )
    await send({ type: 'end' })
  }
  process.on('message', (request: SegmenterRequest) => {
    if (request.type === 'pull') {
      credits++
      wake?.()
    } else {
      void run(request).catch(async (thrown: unknown) => send(faultOf(thrown)))
    }
  })
  return true
}

async function serveSample(): Promise<boolean> {
  const { makeSample } = await import('./sample.ts')
  await quiet()
  process.on('message', ({ path, spec }: SampleRequest) => {
    const progress = (seconds: number): void => void send({ type: 'progress', seconds })
    void makeSample(path, spec, progress).then(
      async () => send({ type: 'made' }),
      async (thrown: unknown) => send(faultOf(thrown)),
    )
  })
  return true
}

async function serveHardware(): Promise<boolean> {
  const { tryEncoders } = await import('./hardware.ts')
  await quiet()
  process.on('message', ({ encoders }: HardwareRequest) => {
    void tryEncoders(encoders).then(
      async (works) => send({ type: 'works', encoders: works }),
      async (thrown: unknown) => send(faultOf(thrown)),
    )
  })
  return true
}

/** The library writes to stderr what is of use to nobody and can be chosen by a peer. */
async function quiet(): Promise<void> {
  const [{ AV_LOG_QUIET }, { Log }] = await Promise.all([
    import('node-av/constants'),
    import('node-av/lib'),
  ])
  Log.setLevel(AV_LOG_QUIET)
}

async function main(): Promise<void> {
  const parent = process.ppid
  process.on('disconnect', die)
  setInterval(() => {
    if (!process.connected || process.ppid !== parent) die()
    // On Linux the parent watches, which works in the middle of a native call too.
    if (process.platform !== 'linux' && process.memoryUsage.rss() > MAX_WORKER_RSS_BYTES) {
      const code = 'OUT_OF_MEMORY'
      const message = 'the worker used more memory than allowed'
      void send({ type: 'fault', code, message, meta: {}, clean: false }).then(die)
    }
  }, RSS_POLL_MS).unref()
  try {
    setPriority(10)
  } catch {
    // A courtesy that not every system grants.
  }
  const serve: Record<WorkerKind, () => Promise<boolean>> = {
    jobs: serveJobs,
    segmenter: serveSegmenter,
    sample: serveSample,
    hardware: serveHardware,
  }
  try {
    const libraryLoads = await serve[process.argv[2] as WorkerKind]()
    await send({ type: 'ready', libraryLoads })
  } catch (thrown) {
    await send(faultOf(thrown))
    die()
  }
}

await main()
