import { segmentDeadlineMs } from './limits.ts'

/** When a segment that is late is sent to a second provider, and how often that may be. */
export interface Hedge {
  /** Notes a segment sent; how long to wait for it until a second send, null when not at all. */
  delayMs(durationMs: number): number | null
  /** Takes one second send out of the budget, if there is one left by now. */
  take(): boolean
  /** A second send that was taken is not made after all. */
  giveBack(): void
  /** Notes how long a good answer took. */
  answered(roundTripMs: number): void
}

/** Weight of a new round trip, as a share. */
const WEIGHT = 0.2
/** A segment is late after so many times the usual round trip. */
const LATE = 3

/**
 * Hedges within a budget: of all segments at most this share, and one more, are sent twice.
 *
 * @param budget - 0 to 1; 0 never hedges
 */
export function createHedge(budget: number): Hedge {
  let segments = 0
  let hedges = 0
  let usualMs: number | null = null
  const isLeft = (): boolean => budget > 0 && hedges < 1 + budget * segments
  return {
    delayMs(durationMs) {
      segments += 1
      if (!isLeft()) return null
      const late = Math.max(durationMs, usualMs === null ? 2 * durationMs : LATE * usualMs)
      // Later than this, the second answer would come after the deadline as well.
      return Math.min(late, segmentDeadlineMs(durationMs) / 2)
    },
    take() {
      // Several segments under way may be late at once, each with the same hedge in view.
      const isTaken = isLeft()
      if (isTaken) hedges += 1
      return isTaken
    },
    giveBack() {
      hedges -= 1
    },
    answered(roundTripMs) {
      usualMs = usualMs === null ? roundTripMs : usualMs + WEIGHT * (roundTripMs - usualMs)
    },
  }
}
