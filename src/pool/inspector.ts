import type { AbortOptions } from '../lib/abort.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { isAlike } from '../media/likeness.ts'
import { checkRendition, type Probe } from '../media/probe.ts'
import { type Profile, pixelsOf } from '../media/profile.ts'
import type { PoolProbeFault, TranscodePool } from '../media/transcode-pool.ts'
import type { MemberWork, PoolJob, PoolOutput, RawOutput } from './member.ts'

/**
 * What an inspection found wrong.
 *
 * - `UNREADABLE_OUTPUT`: a rendition is no segment that can be probed and decoded
 * - `WRONG_RENDITION`: codec, size, frames, times or audio are not what was asked
 * - `WRONG_PICTURE`: the first picture is not the source's
 * - `UNLIKE_OWN`: it does not look like this node's own work on the same segment
 * - `NOT_INSPECTED`: the inspection could not be made, which is nobody's proof of anything
 */
export interface InspectionFault {
  readonly code:
    | 'UNREADABLE_OUTPUT'
    | 'WRONG_RENDITION'
    | 'WRONG_PICTURE'
    | 'UNLIKE_OWN'
    | 'NOT_INSPECTED'
  readonly detail: string
}

/** How closely a result is looked at. */
export interface Scrutiny {
  /** Whether the pictures are looked at too, and not the containers alone. */
  readonly pictures: boolean
  /** Of how many profiles this node's own work is compared: the index of one, or null. */
  readonly reworked: number | null
}

/** Looks at what workers made before it leaves the node. */
export interface Inspector {
  inspect(
    job: PoolJob,
    work: MemberWork,
    scrutiny: Scrutiny,
    options: AbortOptions,
  ): Promise<Result<readonly PoolOutput[], InspectionFault>>
  /** Works a segment here, to see whether a worker that calls it unreadable is right. */
  isReadable(job: PoolJob, options: AbortOptions): Promise<boolean>
}

/** Creates an inspector over processes that do nothing else, so that it never waits for work. */
export function createInspector(
  processes: Pick<TranscodePool, 'probe' | 'compare' | 'transcode'>,
): Inspector {
  const sources = new WeakMap<PoolJob, Promise<Result<Probe, PoolProbeFault>>>()
  const sourceOf = (job: PoolJob): Promise<Result<Probe, PoolProbeFault>> => {
    const known = sources.get(job) ?? processes.probe(job.data)
    sources.set(job, known)
    return known
  }
  return {
    async inspect(job, work, scrutiny, options) {
      if (work.pixels !== null) {
        const { pixels } = work
        return ok(work.outputs.map((output, i) => ({ ...output, pixels: pixels[i] ?? 0n })))
      }
      const source = await sourceOf(job)
      if (!source.ok) return notInspected(`the source: ${source.error.code}`)
      const outputs: PoolOutput[] = []
      for (const [i, profile] of job.profiles.entries()) {
        const raw = work.outputs[i] as RawOutput
        const probed = await probeOne(
          processes,
          raw,
          profile,
          { job, source: source.value },
          options,
        )
        if (!probed.ok) return probed
        outputs.push({ ...raw, pixels: pixelsOf(probed.value) })
        if (!scrutiny.pictures) continue
        const seen = await compareFirst(processes, job, raw, options)
        if (!seen.ok) return seen
      }
      const { reworked } = scrutiny
      if (reworked === null) return ok(outputs)
      const alike = await compareWithOwn(processes, job, work, reworked, options)
      return alike.ok ? ok(outputs) : alike
    },
    async isReadable(job, options) {
      const done = await processes.transcode(
        { ...job, profiles: job.profiles.slice(0, 1) },
        options,
      )
      // Only a fault of the segment itself counts against it.
      return done.ok || !['DECODE_FAILED', 'NO_VIDEO', 'NOT_MPEGTS'].includes(done.error.code)
    },
  }
}

function notInspected(detail: string): Result<never, InspectionFault> {
  return err({ code: 'NOT_INSPECTED', detail })
}

async function probeOne(
  processes: Pick<TranscodePool, 'probe'>,
  { name, data }: RawOutput,
  profile: Profile,
  { job, source }: { readonly job: PoolJob; readonly source: Probe },
  options: AbortOptions,
): Promise<Result<Probe, InspectionFault>> {
  const probed = await processes.probe([data], options)
  if (!probed.ok) return faultOf(name, probed.error)
  const checked = checkRendition(source, probed.value, profile, job.durationMs)
  if (checked.ok) return probed
  const { code, expected, actual } = checked.error
  const detail = `${name}: ${code}, expected ${expected}, got ${actual}`
  return err({ code: 'WRONG_RENDITION', detail })
}

async function compareFirst(
  processes: Pick<TranscodePool, 'compare'>,
  job: PoolJob,
  { name, data }: RawOutput,
  options: AbortOptions,
): Promise<Result<void, InspectionFault>> {
  const seen = await processes.compare([job.data, [data]], 'first', options)
  if (!seen.ok) return faultOf(name, seen.error)
  if (isAlike(seen.value)) return ok(undefined)
  const detail = `${name}: similarity ${seen.value.similarity.toFixed(2)}`
  return err({ code: 'WRONG_PICTURE', detail })
}

async function compareWithOwn(
  processes: Pick<TranscodePool, 'compare' | 'transcode'>,
  job: PoolJob,
  work: MemberWork,
  index: number,
  options: AbortOptions,
): Promise<Result<void, InspectionFault>> {
  const profile = job.profiles[index]
  const raw = work.outputs[index]
  if (profile === undefined || raw === undefined) return ok(undefined)
  const own = await processes.transcode({ ...job, profiles: [profile] }, options)
  if (!own.ok) return notInspected(`own work: ${own.error.code}`)
  const reference = own.value.renditions[0]?.data ?? new Uint8Array(0)
  const seen = await processes.compare([[reference], [raw.data]], 'all', options)
  if (!seen.ok) return faultOf(raw.name, seen.error)
  if (seen.value.sameFrames && isAlike(seen.value)) return ok(undefined)
  const { similarity, motion } = seen.value
  const detail = `${raw.name}: similarity ${similarity.toFixed(2)}, motion ${motion.toFixed(2)}`
  return err({ code: 'UNLIKE_OWN', detail })
}

/** A fault of the inspecting processes is no fault of the worker. */
function faultOf(
  name: string,
  { code, message }: { readonly code: string; readonly message: string },
): Result<never, InspectionFault> {
  const detail = `${name}: ${code}, ${message}`
  return ['BUSY', 'STOPPED', 'WORKER_CRASHED', 'OUT_OF_MEMORY', 'DEADLINE'].includes(code)
    ? notInspected(detail)
    : err({ code: 'UNREADABLE_OUTPUT', detail })
}
