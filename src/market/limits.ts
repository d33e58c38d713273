/** Named limits of the market. */
export const marketLimits = {
  /** Limit: bytes of one signed advert on gossip or in a catch-up reply. */
  maxAdvertBytes: 4 * 1024,
  /** Limit: services, regions and addresses of one advert, each. */
  maxAdvertList: 16,
  /** Limit: characters of one service, region or address. */
  maxAdvertTextLength: 128,
  /** Limit: life an advert may claim. */
  maxAdvertTtlMs: 10 * 60_000,
  /** Limit: how far an author's clock may be ahead of ours. */
  maxClockSkewMs: 60_000,
  /** Limit: adverts of one author are taken at most this often. */
  minAdvertIntervalMs: 1_000,
  /** Limit: authors the directory holds; the one that expires first makes room. */
  maxDirectoryEntries: 5_000,
  /** Limit: adverts, and bytes, of one catch-up reply. */
  maxSyncAdverts: 2_048,
  maxSyncBytes: 2 * 1024 * 1024,
  /** The same for whoever does not say how many it takes. */
  defaultSyncAdverts: 512,
  defaultSyncBytes: 512 * 1024,
  /** Limit: catch-up requests answered per peer and period. */
  maxSyncRequestsPerPeriod: 4,
  syncPeriodMs: 30_000,
  /** Limit: bytes of a quote request and of a reply. */
  maxQuoteRequestBytes: 16 * 1024,
  maxQuoteReplyBytes: 16 * 1024,
  /** Limit: length of the segments of an order. */
  minSegmentMs: 100,
  maxSegmentMs: 30_000,
  /** Limit: renditions of one request. */
  maxProfiles: 8,
  /** Limit: quote requests answered per peer and period. */
  maxQuoteRequestsPerPeriod: 64,
  quotePeriodMs: 10_000,
  /** Limit: quotes given out and neither taken up nor expired. */
  maxOpenQuotes: 2_000,
  /** Limit: orchestrators asked at once. */
  maxAsked: 64,
  /** Limit: peers whose reputation is kept; who was not heard of for longest makes room. */
  maxReputations: 5_000,
  /** Limit: decision records kept in memory. */
  maxDecisions: 200,
  /** Limit: decision records kept on disk; the oldest go first. */
  maxStoredDecisions: 2_000,
  /** Limit: orchestrators named in one decision record; the others are counted. */
  maxConsidered: 64,
  /** Limit: choices handed on as the next best. */
  maxRanked: 16,
  /** Limit: kinds of work a quote table keeps fresh; the one not wanted for longest makes room. */
  maxWants: 16,
  /** Limit: requests for quotes sent by a quote table in each period, whoever they go to. */
  maxAsksPerPeriod: 128,
  askPeriodMs: 10_000,
  /** An answer to a stream: a quote must be good for so long when it is chosen. */
  minQuoteLifeMs: 2_000,
  /** Pause before someone who did not answer is asked again; doubles each time, up to the longest. */
  minSilencePauseMs: 1_000,
  maxSilencePauseMs: 30_000,
  /** Pause after a refusal that names none: nothing will change before the advert does. */
  standingRefusalMs: 60_000,
  /** Limit: peers asked for their adverts at once where there is no gossip. */
  maxPeersPolledAtOnce: 16,
} as const
