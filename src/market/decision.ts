import type { Wei } from '../lib/wei.ts'
import type { Preset } from './selection-policy.ts'

/**
 * What a choice was made for.
 *
 * - `start`: a stream's first
 * - `next`: one more order, after a failure or beside those that are open
 * - `move`: someone was clearly better than who worked
 * - `try`: to learn how someone works
 */
export type DecisionReason = 'start' | 'next' | 'move' | 'try'

/** How one candidate fared, with every figure that counted. */
export interface Consideration {
  readonly peerId: string
  readonly address: string
  readonly pricePerUnit: string | null
  /** Of the answer at hand. */
  readonly responseMs: number
  /** Expected round trip of such a segment; null for one that was not eligible. */
  readonly latencyMs: number | null
  /** Whether the latency comes from segments, not from an answer alone. */
  readonly isMeasured: boolean
  readonly successRate: number
  /** Segments it delivered to us, faded. */
  readonly delivered: number
  readonly stake: Wei
  /** Expected value of one of its tickets; null when it is not known. */
  readonly evWei: Wei | null
  /** What one winning ticket would take; null when it is not known. */
  readonly faceValueWei: Wei | null
  readonly regions: readonly string[]
  readonly isPreferred: boolean
  readonly accepted: boolean
  readonly chosen: boolean
  /** 1 is best in everything, lower is better; null for one that was not eligible. */
  readonly score: number | null
  readonly why: string
}

/** Who was chosen and why not the others. */
export interface DecisionRecord {
  readonly atMs: number
  /** Manifest id of the stream. */
  readonly stream: string
  readonly reason: DecisionReason
  readonly preset: Preset
  /** Whether the quotes were at hand, so that nobody had to be waited for. */
  readonly isFromTable: boolean
  /** The eligible first, best first. */
  readonly considered: readonly Consideration[]
  /** Candidates beyond those named. */
  readonly omitted: number
  readonly chosenPeerId: string | null
}
