import { poolLimits } from './limits.ts'

/** How fast a worker was, in ms per million encoded pixels; null before its first job. */
export interface Speed {
  readonly msPerMegapixel: number | null
  readonly jobs: number
  /** When it was last measured, ms since the epoch; 0 before the first job. */
  readonly atMs: number
}

/** The speed of a worker that has not worked yet. */
export const unknownSpeed: Speed = { msPerMegapixel: null, jobs: 0, atMs: 0 }

/** How much a new measurement counts. */
const WEIGHT = 0.3
const MEGAPIXEL = 1_000_000

/**
 * The speed as it is to be taken now: one that nobody measured for long is not known any more, so
 * that a worker that was slow once gets another chance. Pure.
 */
export function speedAt(speed: Speed, nowMs: number): Speed {
  const isOld = nowMs - speed.atMs > poolLimits.remeasureMs
  return isOld ? { ...speed, msPerMegapixel: null } : speed
}

/** The speed after a job of so many pixels took so long; an exponentially weighted mean. Pure. */
export function measured(speed: Speed, pixels: bigint, tookMs: number, nowMs: number): Speed {
  const sample = (tookMs * MEGAPIXEL) / Math.max(1, Number(pixels))
  const { msPerMegapixel: before, jobs } = speedAt(speed, nowMs)
  const msPerMegapixel = before === null ? sample : before + WEIGHT * (sample - before)
  return { msPerMegapixel, jobs: jobs + 1, atMs: nowMs }
}

/** The speed after a job was late, and not done in so long: never better than what was seen. Pure. */
export function overdue(speed: Speed, pixels: bigint, tookMs: number, nowMs: number): Speed {
  const sample = (tookMs * MEGAPIXEL) / Math.max(1, Number(pixels))
  const known = speed.msPerMegapixel
  return known !== null && known >= sample ? speed : measured(speed, pixels, tookMs, nowMs)
}

/** What a job is expected to take, in ms; null when nothing is known. */
export function expectedMs(speed: Speed, pixels: bigint): number | null {
  if (speed.msPerMegapixel === null) return null
  return (speed.msPerMegapixel * Number(pixels)) / MEGAPIXEL
}
