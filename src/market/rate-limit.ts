import type { Clock } from '../lib/clock.ts'

/** Counts events per key in fixed periods. */
export interface RateLimit {
  /** Takes one; false when the key has used up its share of this period. */
  take(key: string): boolean
}

/** At most `max` events per key and period. Keys of past periods are forgotten. */
export function createRateLimit(clock: Clock, max: number, periodMs: number): RateLimit {
  let period = -1
  let counts = new Map<string, number>()
  return {
    take(key) {
      const current = Math.floor(clock.now() / periodMs)
      if (current !== period) {
        period = current
        counts = new Map()
      }
      const count = counts.get(key) ?? 0
      if (count >= max) return false
      counts.set(key, count + 1)
      return true
    },
  }
}
