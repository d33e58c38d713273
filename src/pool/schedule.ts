import { jobDeadlineMs, poolLimits } from './limits.ts'
import { expectedMs, type Speed } from './speed.ts'

/** A worker as the choice sees it. */
export interface Candidate {
  readonly id: string
  readonly slots: number
  readonly busy: number
  readonly speed: Speed
  /** Whether it can make all that is asked. */
  readonly isAble: boolean
  /** Whether it takes work now: not when it drains, or is left alone after a failure. */
  readonly isOpen: boolean
}

/** What is chosen for. */
export interface Choice {
  /** Encoded pixels, as far as they are known before the work. */
  readonly pixels: bigint
  /** Workers that had this job already. */
  readonly tried: ReadonlySet<string>
}

/** Whether a worker could take a job, now or when a slot gets free. */
export function isEligible({ isAble, isOpen, slots }: Candidate): boolean {
  return isAble && isOpen && slots > 0
}

/**
 * The worker that is expected to be done first, of those that have a free slot. Pure.
 *
 * A worker is taken to slow down as its slots fill. One that was never measured goes first, so that
 * it gets to be; of equals the one with more free slots. Null when nobody has a slot.
 *
 * @param again whether workers that had the job already count too
 */
export function chooseWorker<C extends Candidate>(
  candidates: readonly C[],
  { pixels, tried }: Choice,
  again = false,
): C | null {
  let best: C | null = null
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const { busy, slots, id, speed } = candidate
    if (!isEligible(candidate) || busy >= slots || (!again && tried.has(id))) continue
    const score = (expectedMs(speed, pixels) ?? 0) * (1 + busy / slots)
    const isBetter =
      score < least || (score === least && best !== null && slots - busy > best.slots - best.busy)
    if (best === null || isBetter) {
      best = candidate
      least = score
    }
  }
  return best
}

/**
 * How long an attempt may take before another worker is tried beside it: a few times what was
 * expected, a segment's own duration where nothing is, and never so long that there would be no time
 * left for the other. A payer looks elsewhere itself once a segment takes longer than it plays. Pure.
 */
export function attemptMs(speed: Speed, pixels: bigint, durationMs: number): number {
  const { minAttemptMs, lateFactor } = poolLimits
  const expected = expectedMs(speed, pixels)
  const late = expected === null ? durationMs : expected * lateFactor
  return Math.min(Math.max(minAttemptMs, late), jobDeadlineMs(durationMs) / 2)
}

/** How long a worker is left alone after so many failures in a row. Pure. */
export function benchedMs(failures: number): number {
  const { benchMs, maxBenchMs } = poolLimits
  return failures <= 0 ? 0 : Math.min(maxBenchMs, benchMs * 2 ** Math.min(failures - 1, 16))
}
