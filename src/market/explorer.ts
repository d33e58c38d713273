/** Who could be tried. */
export interface Explorable {
  readonly peerId: string
  /** When it last worked for us; 0 for never. */
  readonly workedAtMs: number
}

/** Sends a small share of the segments to those of whom little is known. */
export interface Explorer {
  /** Notes a segment that is about to be sent. */
  segment(): void
  /** Whom to try now, within the budget; null for nobody. Counts as tried. */
  pick(candidates: readonly Explorable[], nowMs: number): string | null
}

/** What was measured longer ago is worth measuring again. */
export const STALE_MS = 600_000

/**
 * An explorer with a budget.
 *
 * Invariant: at any time at most this share of the segments noted were tries. Given the same
 * randomness it tries the same.
 */
export function createExplorer(init: {
  readonly share: number
  /** 0 inclusive to 1 exclusive. */
  random(): number
}): Explorer {
  let segments = 0
  let tries = 0
  return {
    segment() {
      segments += 1
    },
    pick(candidates, nowMs) {
      if (tries + 1 > init.share * segments) return null
      const stale = candidates.filter(({ workedAtMs }) => nowMs - workedAtMs >= STALE_MS)
      const oldestMs = Math.min(...stale.map(({ workedAtMs }) => workedAtMs))
      const oldest = stale.filter(({ workedAtMs }) => workedAtMs === oldestMs)
      const picked = oldest[Math.floor(init.random() * oldest.length)]
      if (picked === undefined) return null
      tries += 1
      return picked.peerId
    },
  }
}
