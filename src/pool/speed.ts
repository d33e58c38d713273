/** How fast a worker was, in ms per million encoded pixels; null before its first job. */
export interface Speed {
  readonly msPerMegapixel: number | null
  readonly jobs: number
}

/** The speed of a worker that has not worked yet. */
export const unknownSpeed: Speed = { msPerMegapixel: null, jobs: 0 }

/** How much a new measurement counts. */
const WEIGHT = 0.3
const MEGAPIXEL = 1_000_000

/** The speed after a job of so many pixels took so long; an exponentially weighted mean. Pure. */
export function measured(speed: Speed, pixels: bigint, tookMs: number): Speed {
  const sample = (tookMs * MEGAPIXEL) / Math.max(1, Number(pixels))
  const { msPerMegapixel: before, jobs } = speed
  const msPerMegapixel = before === null ? sample : before + WEIGHT * (sample - before)
  return { msPerMegapixel, jobs: jobs + 1 }
}

/** The speed after a job was late, and not done in so long: never better than what was seen. Pure. */
export function overdue(speed: Speed, pixels: bigint, tookMs: number): Speed {
  const sample = (tookMs * MEGAPIXEL) / Math.max(1, Number(pixels))
  const known = speed.msPerMegapixel
  return known !== null && known >= sample ? speed : measured(speed, pixels, tookMs)
}

/** What a job is expected to take, in ms; null when nothing is known. */
export function expectedMs(speed: Speed, pixels: bigint): number | null {
  if (speed.msPerMegapixel === null) return null
  return (speed.msPerMegapixel * Number(pixels)) / MEGAPIXEL
}
