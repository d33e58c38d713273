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
  /** Limit: sessions a sender keeps in memory; those that rest go first and are begun again. */
  maxPaySessions: 1_000,
  /** Limit: sets of params under which a sender has tickets whose wins may still come. */
  maxOutstandingParams: 10_000,
  /** Limit: payers whose max float is followed at once. */
  maxFollowedPayers: 1_000,
  /** Limit: accounts of the ledger that are shown, those with the most value first. */
  maxLedgerRows: 200,
  /** Limit: blocks whose wins are read in one step. */
  maxLedgerBlocks: 10_000n,
  /** Blocks after which a win on chain counts in the ledger: no reorganisation reaches it then. */
  ledgerConfirmations: 6n,
  /** Blocks after which the ledger reads on though nothing was heard of the account. */
  ledgerStrideBlocks: 32n,
  /** Blocks for which a refusal to sign shows in the sender's state. */
  refusalBlocks: 20n,
  /** Blocks between two tries to add to the deposit. */
  topUpRetryBlocks: 10n,
  /** Limit: winners that are simulated at once. */
  redemptionSimulations: 8,
  /** Limit: winners shown to the operator in one list. */
  maxShownWinners: 1_000,
  /** Limit: blocks that a winner waits after a failure, which doubles from 2. */
  maxBackoffBlocks: 64n,
  /** Limit: entries that one sweep of the nonces looks at. */
  sweepEntries: 1_000,
  /** Limit: bytes of one request to a redeemer: 64 winners of about 310 bytes, 256 hashes. */
  maxRedeemRequestBytes: 64 * 1024,
  /** Limit: bytes of a redeemer's reply. */
  maxRedeemReplyBytes: 128 * 1024,
  /** Limit: winners handed over in one request. */
  maxHandedOverAtOnce: 64,
  /** Limit: outcomes asked, and outcomes acknowledged, in one request. */
  maxOutcomesAtOnce: 128,
  /** Limit: characters of a reason or detail between an orchestrator and its redeemer. */
  maxRedeemTextLength: 200,
  /** Limit: requests that a redeemer serves per peer and period. */
  maxRedeemRequestsPerPeriod: 64,
  redeemPeriodMs: 10_000,
  /** Limit: streams of the redeem protocol that one peer may have open. */
  maxRedeemStreamsPerPeer: 4,
  /** Limit: peers a redeemer counts requests of at once; the one counted longest makes room. */
  maxRedeemPeers: 1_000,
  /** Limit: winners of all orchestrators that wait at a redeemer. */
  maxHeldWinners: 50_000,
  /** Limit: longest pause between two attempts to reach the redeemer; the first is a second. */
  maxHandOverPauseMs: 10_000,
  /** Limit: how long a redeemer may be silent before the orchestrator calls itself not ready. */
  redeemerSilenceMs: 60_000,
  /** Blocks before expiration at which a sender no longer uses params. */
  paramsExpiryBufferBlocks: 1n,
} as const
