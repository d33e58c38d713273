import type {
  Prober,
  WorkDone,
  Worker,
  WorkFault,
  WorkJob,
  WorkOutput,
} from '../../src/exchange/work.ts'
import { raceSignal } from '../../src/lib/abort.ts'
import { concatBytes, fromUtf8, utf8 } from '../../src/lib/bytes.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import type { Probe } from '../../src/media/probe.ts'
import { type Profile, parseProfile } from '../../src/media/profile.ts'
import { bytesOf } from './fixtures.ts'

function profileOf(input: object): Profile {
  const profile = parseProfile(input)
  if (!profile.ok) throw new RangeError(profile.error.key)
  return profile.value
}

/** Two small renditions. */
export const profiles: readonly Profile[] = [
  profileOf({ name: 'large', width: 64, height: 48, bitrateBps: 64_000 }),
  profileOf({ name: 'small', width: 32, height: 32, bitrateBps: 32_000 }),
]

export const SEGMENT_MS = 2_000
export const FRAMES = 60

/** Pixels that a segment of so many frames becomes. */
export function unitsOf(frames = FRAMES, of = profiles): bigint {
  return of.reduce((sum, { width, height }) => sum + BigInt(width * height * frames), 0n)
}

function probeOf(width: number, height: number, frames: number): Probe {
  return {
    container: 'mpegts',
    sizeBytes: 1_000,
    durationMs: SEGMENT_MS,
    startPtsMs: 0,
    video: {
      codec: 'h264',
      codecString: 'avc1.640015',
      width,
      height,
      fps: 30,
      frames,
      keyframeFirst: true,
    },
    audio: null,
  }
}

/** Stand-in for a segment: says what it is in its first bytes, and is otherwise noise. */
export function mediaBytes(probe: Probe, sizeBytes = 600, seed = 1): Uint8Array {
  return concatBytes(utf8(`${JSON.stringify(probe)}\0`), bytesOf(sizeBytes, seed))
}

/** A source segment; one a seed. */
export function sourceSegment(
  seed: number,
  options: { readonly frames?: number; readonly sizeBytes?: number } = {},
): { readonly probe: Probe; readonly data: readonly Uint8Array[] } {
  const probe = probeOf(128, 96, options.frames ?? FRAMES)
  const bytes = mediaBytes(probe, options.sizeBytes, seed)
  return { probe, data: [bytes.subarray(0, 100), bytes.subarray(100)] }
}

/** Reads what {@link mediaBytes} wrote. */
export function readMedia(data: readonly Uint8Array[]): Probe | null {
  const bytes = concatBytes(...data)
  try {
    return JSON.parse(fromUtf8(bytes.subarray(0, bytes.indexOf(0)))) as Probe
  } catch {
    return null
  }
}

/** A prober of such stand-ins. */
export const fakeProber: Prober = {
  async probe(data) {
    const probe = readMedia(data)
    return probe === null ? err({ code: 'NOT_MPEGTS', message: 'not a stand-in' }) : ok(probe)
  },
}

/** A worker whose conduct a test can set. */
export interface FakeWorker extends Worker {
  readonly jobs: WorkJob[]
  /** The most jobs that were under way at once. */
  readonly most: number
  /** Awaited by each job before its outputs are there. */
  gate: (job: WorkJob, signal: AbortSignal | undefined) => Promise<Result<void, WorkFault>>
  outputs: (job: WorkJob) => readonly WorkOutput[]
}

/** What an honest worker makes of a job: frames as in the source, one output a profile. */
export function honestOutputs(job: WorkJob): WorkOutput[] {
  const frames = readMedia(job.data)?.video.frames ?? 0
  return job.profiles.map(({ name, width, height }, seed) => ({
    name,
    data: mediaBytes(probeOf(width, height, frames), 300, seed),
    pixels: BigInt(width * height * frames),
  }))
}

/** A worker that is done at once. */
export function fakeWorker(): FakeWorker {
  let running = 0
  let most = 0
  const worker: FakeWorker = {
    jobs: [],
    get most() {
      return most
    },
    gate: async () => ok(undefined),
    outputs: honestOutputs,
    async work(job, { signal }): Promise<Result<WorkDone, WorkFault>> {
      worker.jobs.push(job)
      running += 1
      most = Math.max(most, running)
      try {
        const gated = await worker.gate(job, signal)
        return gated.ok ? ok({ outputs: worker.outputs(job), workMs: 3 }) : gated
      } finally {
        running -= 1
      }
    },
  }
  return worker
}

/** A promise that a test settles, or that the signal ends. */
export function gateOf(): {
  readonly open: () => void
  readonly pass: (signal: AbortSignal | undefined) => Promise<Result<void, WorkFault>>
} {
  const { promise, resolve } = Promise.withResolvers<void>()
  return {
    open: () => resolve(),
    async pass(signal) {
      await raceSignal(promise, { signal })
      return ok(undefined)
    },
  }
}
