import type { Result } from '../lib/result.ts'
import type { Wei } from '../lib/wei.ts'
import type { Format } from '../market/service.ts'
import type { Probe } from '../media/probe.ts'
import type { Chunks } from './chunks.ts'
import type { Order } from './order.ts'
import type { PayerOrder } from './payer-order.ts'
import type { StepFailure } from './step-failure.ts'
import type { Rendition } from './work.ts'

/** A segment to have worked. */
export interface DispatchSegment {
  readonly sequence: number
  readonly durationMs: number
  readonly data: Chunks
  readonly probe: Probe
}

/** A segment worked, verified and paid for. */
export interface Delivered {
  readonly renditions: readonly Rendition[]
  readonly provider: string
  /** Sends that failed or came too late, and this one. */
  readonly attempts: number
  readonly roundTripMs: number
  readonly workMs: number
  readonly feeWei: Wei
}

/** What an order is wanted for. */
export interface OrderWanted {
  readonly durationMs: number
  /** Pixels the first segment is expected to take. */
  readonly units: bigint
  /** What the segments come as; asks nothing of a provider while it is not known. */
  readonly source?: Format
}

/** How an order is asked for. */
export interface AcquireOptions {
  readonly signal: AbortSignal
  /** The one provider that will do, as a {@link Review} named it. */
  readonly to?: string
}

/** What should become of the segments that follow. */
export type Review =
  | { readonly verdict: 'stay' }
  /** Somebody is clearly better: leave who works now. */
  | { readonly verdict: 'move'; readonly to: string }
  /** Send one segment there, to learn; then go back. */
  | { readonly verdict: 'try'; readonly to: string }

/** Finds a provider and opens an order with it, or says why there is none. */
export interface OrderSource {
  acquire(
    wanted: OrderWanted,
    avoid: ReadonlySet<string>,
    options: AcquireOptions,
  ): Promise<Result<PayerOrder, StepFailure>>
  /**
   * Judges, as a segment is sent, whether who works now should go on; where it is absent, it does.
   * Asks nobody: what is at hand decides, which is quotes and the stream's other open orders.
   */
  review?(wanted: OrderWanted, running: Order, others: readonly Order[]): Promise<Review>
  failed(providerPeerId: string, failure: StepFailure): void
  succeeded(providerPeerId: string, done: WorkFigures): void
}

/** How a provider did with a segment. */
export interface WorkFigures {
  /** Pixels asked for. */
  readonly units: bigint
  readonly roundTripMs: number
  readonly workMs: number
}

/** What was spent beyond one good answer a segment. */
export interface ExtraSends {
  /** Segments sent to a second provider because they were late. */
  readonly hedges: number
  /** Answers that were paid for and not used. */
  readonly unused: number
  readonly feesWei: Wei
}
