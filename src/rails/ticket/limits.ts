/** Named limits of the ticket rail. */
export const ticketLimits = {
  /** Limit: tickets of one payment. */
  maxTicketsPerPayment: 100,
  /** Limit: nonces under one recipientRandHash; further ones need new params. */
  maxNoncesPerParams: 600,
  /** Limit: bytes of one encoded payment: 100 tickets of about 72 bytes, and the params. */
  maxPaymentBytes: 16 * 1024,
  /** Limit: bytes of one encoded offer or grant. */
  maxParamsBytes: 512,
  /** Limit: winners of one sender that wait for redemption. */
  maxPendingWinners: 10_000,
  /** Limit: entries that one sweep of the nonces looks at. */
  sweepEntries: 1_000,
  /** Blocks before expiration at which a sender no longer uses params. */
  paramsExpiryBufferBlocks: 1n,
} as const
