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
  maxSyncAdverts: 512,
  maxSyncBytes: 512 * 1024,
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
  /** Limit: decision records kept in memory. */
  maxDecisions: 200,
} as const
