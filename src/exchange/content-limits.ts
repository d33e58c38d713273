/** Named limits of selling content and paying for attention. */
export const contentExchangeLimits = {
  /** Limit: bytes of a message's header. */
  maxHeaderBytes: 64 * 1024,
  /** Limit: bytes of one segment or manifest on a stream. */
  maxBlockBytes: 16 * 1024 * 1024,
  /** Limit: blocks asked for in one hello. */
  maxWantedBlocks: 17,
  /** Limit: segments in one reply. */
  maxBatch: 16,
  /** Limit: segments of one order that are kept back or not wanted. */
  maxSkipped: 4096,
  /** Limit: bytes of a rail's proof, offer or grant. */
  maxPaymentBytes: 24 * 1024,
  /** Limit: characters of a peer's words that are kept. */
  maxDetailLength: 200,
  /** Limit: orders whose stream may be served at once. */
  maxOpenOrders: 256,
  /** Time for the answer to a hello. */
  helloTimeoutMs: 10_000,
  /** Time for the answer to a bid: it waits for the chain. */
  bidTimeoutMs: 60_000,
  /** Time without a byte in the middle of a reply. */
  replyIdleMs: 10_000,
  /** Time without a request before an order's stream is closed. */
  streamIdleMs: 120_000,
  /** Tries to get one segment, the first included. */
  maxSegmentTries: 4,
  /** Tries to open the stream again after it broke. */
  maxReconnects: 5,
  /** Pause before the first of them; doubles each time. */
  reconnectPauseMs: 200,
  /** A payment that the own view of the chain is behind for is looked at so often, */
  maxReadyTries: 20,
  /** and so long after one another. */
  readyPauseMs: 250,
  /** An order whose viewer has all it can get is settled so long after. */
  settleAfterMs: 1_500,
  /** An order whose viewer is gone is settled so long after. */
  settleIdleMs: 120_000,
} as const
