/** Named limits of the chain room. */
export const chainLimits = {
  /** Limit: attempts of one request before the endpoint counts as unreachable. */
  rpcRetries: 3,
  /** First pause between those attempts; it doubles. */
  rpcRetryDelayMs: 100,
  /** Limit: time for one answer of the endpoint. */
  rpcTimeoutMs: 10_000,
  /** Limit: registry entries asked for in one call. */
  maxRecordsAtOnce: 50,
  /** Limit: terms of an orchestrator, and unbonding locks of an account, that are read: the newest. */
  maxTermsRead: 500,
  maxLocksRead: 100,
  /** Limit: blocks asked of the endpoint in one query for logs. */
  maxLogBlocks: 2_000,
  /** Limit: new blocks whose logs are read one by one; past it the caches are dropped instead. */
  maxCatchUpBlocks: 20_000,
  /** Blocks before the head that are read again, since a reorganisation may have changed them. */
  reorgBlocks: 6,
  /** Limit: senders whose accounts are cached. */
  maxCachedSenders: 4_096,
  /** Added to an estimate of gas, in percent: the state may change before the block. */
  gasMarginPercent: 20,
  /** Raise of both fees when a transaction is replaced, in thousandths. Nodes ask for 100. */
  replacementRaisePermille: 125,
  /** The least raise a node accepts for a replacement, in thousandths. */
  minReplacementRaisePermille: 100,
  /** Limit: signed versions of one transaction. */
  maxAttempts: 12,
  /** Limit: transactions of one account that are not mined yet. */
  maxUnmined: 256,
  /** Limit: outcomes kept so that an id can be asked for again. The oldest go first. */
  maxOutcomes: 10_000,
  /** Limit: bytes of the id and of the call data of one transaction. */
  maxIdChars: 200,
  maxDataBytes: 128 * 1024,
  /** Looks without a receipt, after the nonce was used, before the transaction counts as displaced. */
  missesBeforeDisplaced: 8,
  /** Blocks for which a mined transaction is watched. */
  reorgDepth: 12,
  /** Limit: mined transactions watched at once; the oldest are taken for final. */
  maxWatched: 1_024,
  /** First pause before asking for a receipt; it doubles up to the polling interval. */
  firstReceiptDelayMs: 25,
  /** Limit: characters kept of a revert reason or of an answer of the endpoint. */
  maxReasonChars: 300,
} as const
