import type { Delivered, ExtraSends } from '../exchange/dispatcher.ts'
import type { Wei } from '../lib/wei.ts'

/** What a stream has come to so far. */
export interface StreamStats {
  readonly segments: {
    readonly sent: number
    readonly returned: number
    readonly failed: number
    readonly retried: number
  }
  readonly feesWei: Wei
  /** Spent beyond one good answer a segment, on hedges and redundancy. */
  readonly extra: ExtraSends
  /** Segments by the peer id of who worked them. */
  readonly byProvider: Readonly<Record<string, number>>
  readonly sourceDurationMs: number
  readonly startedAtMs: number | null
  readonly endedAtMs: number | null
  readonly overheadMs: { readonly p50: number; readonly p99: number }
}

/** Counts a stream's segments. */
export interface StreamCounter {
  sent(): void
  /** The length of a segment that was sent. */
  measured(durationMs: number): void
  returned(delivered: Delivered): void
  failed(): void
  stats(extra: ExtraSends): StreamStats
}

const MAX_SAMPLES = 10_000

/** A counter; times come from the caller's clock. */
export function createStreamCounter(now: () => number): StreamCounter {
  const segments = { sent: 0, returned: 0, failed: 0, retried: 0 }
  const byProvider: Record<string, number> = {}
  const overheads: number[] = []
  let feesWei = 0n
  let sourceDurationMs = 0
  let startedAtMs: number | null = null
  let endedAtMs: number | null = null
  return {
    sent() {
      startedAtMs ??= now()
      segments.sent += 1
    },
    measured(durationMs) {
      sourceDurationMs += durationMs
    },
    returned({ attempts, feeWei, provider, roundTripMs, workMs }) {
      segments.returned += 1
      segments.retried += attempts - 1
      feesWei += feeWei
      byProvider[provider] = (byProvider[provider] ?? 0) + 1
      endedAtMs = now()
      if (overheads.length < MAX_SAMPLES) overheads.push(Math.max(0, roundTripMs - workMs))
    },
    failed() {
      segments.failed += 1
      endedAtMs = now()
    },
    stats: (extra) => ({
      extra,
      segments: { ...segments },
      feesWei,
      byProvider: { ...byProvider },
      sourceDurationMs,
      startedAtMs,
      endedAtMs,
      overheadMs: { p50: quantile(overheads, 0.5), p99: quantile(overheads, 0.99) },
    }),
  }
}

/** The nearest-rank quantile; 0 of nothing. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0
}
