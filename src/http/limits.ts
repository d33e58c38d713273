/** Named limits of the HTTP room. */
export const httpLimits = {
  /** Limit: bytes of one pushed segment. Beyond it the answer is 413. */
  maxSegmentBytes: 16 * 1024 * 1024,
  /** Limit: segments being received or transcoded at once; each may hold `maxSegmentBytes`. */
  maxIngestInFlight: 16,
  /** Limit: duration that a pushed segment may claim. */
  maxSegmentDurationMs: 60_000,
  /** Limit: digits of a segment's sequence number in a path. */
  maxSeqDigits: 12,
  /** Limit: characters of a stream's or rendition's name. */
  maxNameLength: 64,
  /** Limit: decisions in one answer. */
  maxDecisions: 1_000,
  /** Limit: bytes of an order for winning tickets. */
  maxOrderBytes: 1_024,
  /** Limit: open sockets of one server. */
  maxConnections: 512,
  /** Limit: time a client may take to send a whole request. */
  requestTimeoutMs: 60_000,
  /** Limit: time that requests in flight get to finish once the server stops. */
  stopDeadlineMs: 3_000,
} as const

/** Duration of a pushed segment that does not say its own. */
export const defaultSegmentDurationMs = 2_000
