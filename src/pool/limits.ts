/** Named limits of the pool. */
export const poolLimits = {
  /** Limit: workers of one pool that are joined at a time, unless the config says fewer. */
  maxWorkers: 256,
  /** Limit: jobs one worker may say that it does at the same time. */
  maxSlotsPerWorker: 64,
  /** Limit: jobs that wait for a free slot before the pool answers that it is busy. */
  maxWaitingJobs: 16,
  /** Limit: looks at results that wait for a process; many workers may be done at once. */
  maxQueuedInspections: 1_024,
  /** Limit: workers that one job is given to, the first included. */
  maxAttempts: 4,
  /** Limit: bytes of one segment on its way to a worker. */
  maxSegmentBytes: 16 * 1024 * 1024,
  /** Limit: bytes of all renditions of one segment on their way back. */
  maxResultBytes: 64 * 1024 * 1024,
  /** Limit: bytes of a frame's header in either direction. */
  maxHeaderBytes: 64 * 1024,
  /** Limit: renditions of one job. */
  maxProfiles: 8,
  /** Limit: characters of a peer's words that are kept. */
  maxDetailLength: 200,
  /** Limit: characters of a backend's name. */
  maxBackendLength: 64,
  /** Limit: streams of this protocol that one peer may have open. */
  maxStreamsPerPeer: 2,
  /** Limit: characters of a pool's secret, at least. */
  minSecretLength: 16,
  /** Time for the whole of the greeting. */
  greetingTimeoutMs: 10_000,
  /** How often each side says that it is there. */
  beatMs: 500,
  /** A side that is silent for so long is lost. */
  silenceMs: 3_000,
  /** Time a worker gets beyond a job's deadline before its stream is given up. */
  stalledGraceMs: 2_000,
  /** Least time an attempt gets before another worker is tried beside it. */
  minAttemptMs: 500,
  /** An attempt is late after so many times what it was expected to take. */
  lateFactor: 2.5,
  /** How often a late job looks for a second worker. */
  hedgePollMs: 250,
  /** A speed that was not measured for so long is not known any more. */
  remeasureMs: 30_000,
  /** A worker that failed is left alone for so long; doubles each time, up to the most. */
  benchMs: 2_000,
  maxBenchMs: 60_000,
  /** Limit: workers shown in the status. */
  maxShownWorkers: 256,
  /** Limit: payments to one worker in a row. */
  maxPaymentsAtOnce: 8,
  /** How often it is asked whether the accounts of public workers still have their deposit. */
  reviewMs: 15_000,
  /** Time for a worker's answer to what it is offered as pay. */
  payTimeoutMs: 10_000,
  /** First pause before a worker joins again; doubles, up to the most. */
  rejoinMs: 250,
  maxRejoinMs: 5_000,
  /** Pause after a refusal that time alone does not mend. */
  refusedPauseMs: 15_000,
  /** Time a worker gets to finish what it has when it is stopped. */
  drainMs: 20_000,
  /** Time for the orchestrator to end a stream that its worker has ended. */
  endingMs: 1_000,
} as const

/** Time one job may take in all, retries included. */
export function jobDeadlineMs(durationMs: number): number {
  return Math.max(8_000, 4 * durationMs)
}
