/** Named limits of data agents. */
export const agentLimits = {
  /** Limit: bytes of a message's header. */
  maxHeaderBytes: 64 * 1024,
  /** Limit: peers of which an agent knows; whoever was heard of longest ago is forgotten first. */
  maxPeers: 16_384,
  /** Limit: videos of one peer. */
  maxVideos: 64,
  /** Limit: bytes of a title. */
  maxTitleLength: 256,
  /** Limit: addresses of one peer. */
  maxAddresses: 16,
  /** Limit: characters of one address. */
  maxAddressLength: 256,
  /** Limit: entries of one answer. */
  maxEntries: 64,
  /** What was told is forgotten so long after. */
  lifeMs: 180_000,
  /** It is told again so often. */
  tellMs: 60_000,
  /** Time for the answer of an agent. */
  timeoutMs: 5_000,
} as const
