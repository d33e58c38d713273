import { segmentDeadlineMs } from './limits.ts'

/** When a segment that is late is sent to a second provider, and how often that may be. */
export interface Hedge {
  /** Notes a segment sent; how long to wait for it until a second send, null when not at all. */
  delayMs(durationMs: number): number | null
  /** A second send was made. */
  spent(): void
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
  return {
    delayMs(durationMs) {
      segments += 1
      if (budget <= 0 || hedges >= 1 + budget * segments) return null
      const late = Math.max(durationMs, usualMs === null ? 2 * durationMs : LATE * usualMs)
      // Later than this, the second answer would come after the deadline as well.
      return Math.min(late, segmentDeadlineMs(durationMs) / 2)
    },
    spent() {
      hedges += 1
    },
    answered(roundTripMs) {
      usualMs = usualMs === null ? roundTripMs : usualMs + WEIGHT * (roundTripMs - usualMs)
    },
  }
}
