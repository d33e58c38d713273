/** Named limits of the exchange. */
export const exchangeLimits = {
  /** Limit: bytes of one segment going in. */
  maxSegmentBytes: 16 * 1024 * 1024,
  /** Limit: bytes of all renditions of one segment coming back. */
  maxResultBytes: 128 * 1024 * 1024,
  /** Limit: bytes of a frame's header in either direction. */
  maxHeaderBytes: 64 * 1024,
  /** Limit: characters of a manifest id. */
  maxManifestIdLength: 128,
  /** Limit: results kept per order, so that a reply that got lost costs nothing twice. */
  maxKeptResults: 4,
  /** Limit: orders without an open stream that stay in memory. */
  maxIdleOrders: 256,
  /** Limit: charged indexes remembered per order; the index of a new segment grows. */
  maxRememberedIndexes: 256,
  /** Limit: charges remembered with their input, of which a result lost in a crash is made again. */
  maxRecentCharges: 16,
  /** Indexes reserved by one write of a payer's books. */
  indexBlock: 64n,
  /** Limit: orders a payer keeps in mind to go on with. */
  maxResumableOrders: 256,
  /** For so long a payer goes on with an order that broke off; a provider may have forgotten more. */
  resumeWithinMs: 600_000,
  /** Time to take an order up again, before another provider is sought. */
  resumeTimeoutMs: 3_000,
  /** Pause before an order is tried again that could not be taken up; doubles each time. */
  resumePauseMs: 500,
  /** Longest such pause. */
  maxResumePauseMs: 30_000,
  /** Limit: order streams one peer may have open. */
  maxStreamsPerPeer: 128,
  /** Time for the first frame of an order's stream, and for the answer to it. */
  openTimeoutMs: 10_000,
  /** An order's stream is closed after so long without a frame. */
  idleMs: 70_000,
  /** Attempts at one segment, the first included. */
  maxAttempts: 3,
  /** Times a payment is put right and the segment sent again to the same provider. */
  maxPaymentRetries: 2,
  /** Limit: characters of a peer's words that are kept. */
  maxDetailLength: 200,
} as const

/** Time one segment may take from sending to the last byte back. */
export function segmentDeadlineMs(durationMs: number): number {
  return Math.max(8_000, 4 * durationMs)
}
