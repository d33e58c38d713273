import type { Clock } from '../lib/clock.ts'

/** Who is left alone for a while after failing. */
export interface Suspensions {
  /** Notes a failure: each in a row, after the last time out, doubles the next. */
  failed(peerId: string): void
  /** Notes a success: the next failure starts from the shortest time again. */
  succeeded(peerId: string): void
  /** When the suspension ends; null when there is none. */
  until(peerId: string): number | null
}

const BASE_MS = 10_000
const MAX_DOUBLINGS = 6

/** Suspensions that end by the clock, so that a long stream takes a recovered peer back. */
export function createSuspensions(clock: Clock): Suspensions {
  const failures = new Map<string, { count: number; untilMs: number }>()
  return {
    failed(peerId) {
      // What was under way beside the first failure is no second one.
      const running = failures.get(peerId)
      if (running !== undefined && running.untilMs > clock.now()) return
      const count = Math.min((failures.get(peerId)?.count ?? 0) + 1, MAX_DOUBLINGS)
      failures.set(peerId, { count, untilMs: clock.now() + BASE_MS * 2 ** (count - 1) })
    },
    succeeded: (peerId) => void failures.delete(peerId),
    until(peerId) {
      const entry = failures.get(peerId)
      return entry !== undefined && entry.untilMs > clock.now() ? entry.untilMs : null
    },
  }
}
