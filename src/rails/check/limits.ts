/** Named limits of the check rail. */
export const checkLimits = {
  /** Limit: bytes of a bid, a check, an offer, or a proof with both. */
  maxMessageBytes: 4096,
  /** Limit: characters of a format's name. */
  maxFormatLength: 64,
  /** Limit: segments one check may stand for; the contract counts in 32 bits. */
  maxBalance: 2 ** 32 - 1,
  /** Seconds between the last moment of a video and a bid's expiration, at least. */
  expirationMarginSeconds: 300,
  /** A payee cashes what is still open so many seconds before the expiration. */
  cashBeforeSeconds: 120,
  /** A payee that stops waits so long for what it cashes to be mined. */
  stopCashMs: 1_500,
  /** How often channels are looked at that are about to expire, or did. */
  sweepMs: 5_000,
  /** Parts of a step's price that a check of a general order can tell apart. */
  partsPerStep: 16n,
  /** Steps for which a general order's channel is opened. */
  stepsPerChannel: 120n,
  /** Limit: channels of one side that are open at once. */
  maxOpenChannels: 1024,
} as const
