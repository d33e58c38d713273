/** Named limits of the channel rail. */
export const channelLimits = {
  /** Limit: largest quantity, which is what the contract's slots hold. */
  maxQuantity: 2n ** 112n - 1n,
  /** Limit: expire and delay times, in blocks. */
  maxSequence: 65_535,
  /** Limit: entries of each list of a state. */
  maxCommits: 4_096,
  /** Commits kept of one channel; the highest is the one that counts, the others make reversals finer. */
  keptCommits: 16,
  /** Revoke hashes given out at once, so that payments need not wait for one another. */
  grantedHashes: 8,
  /** Limit: revoke hashes given out and not used. The oldest are void first. */
  maxRequested: 32,
  /** Blocks before the expiry at which the payee publishes. */
  clearanceBlocks: 6,
  /** Limit: bytes of an offer, of a grant and of a payment. */
  maxOfferBytes: 1_024,
  maxGrantBytes: 2_048,
  maxProofBytes: 1_024,
  /** Limit: bytes of revoke secrets that come with a reversal. */
  maxReversalBytes: 16_384,
  /** Limit: commits of one channel that were revoked. */
  maxRevoked: 256,
  /** Limit: confirmations of a deposit that a payer waits for. */
  maxConfirmations: 64,
  /** Limit: channels that a watchtower watches over, unless configured. */
  maxWatched: 4_096,
  /** Limit: bytes of one request to a watchtower. */
  maxWatchRequestBytes: 65_536,
  /** Limit: streams a peer may have open with a watchtower. */
  maxWatchStreamsPerPeer: 4,
  /** Limit: bytes of a request to close a channel, and of its answer. */
  maxCloseBytes: 256,
  /** Limit: such streams that a peer may have open. */
  maxCloseStreamsPerPeer: 2,
  /** Time for a payer's answer, and looks for it before the payee publishes instead. */
  closeTimeoutMs: 5_000,
  maxCloseTries: 3,
  /** Time for a watchtower's answer. */
  watchTimeoutMs: 10_000,
} as const
