/** Named limits of keeping blocks for others, and with others. */
export const hostingLimits = {
  /** Limit: bytes of a message's header. */
  maxHeaderBytes: 32 * 1024,
  /** Limit: blocks asked for in one question which of them are missing. */
  maxCids: 256,
  /** Limit: characters of a host's words that are kept. */
  maxDetailLength: 200,
  /** Time for one block to go to a host or to come from it. */
  transferTimeoutMs: 20_000,
  /** A host that failed is passed over for so long while others have the block. */
  pauseMs: 15_000,
  /** Pause after which what hosts still lack is brought to them again. */
  repairMs: 30_000,
} as const
