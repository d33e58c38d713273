import type { ProbeFault } from './probe.ts'

/** Why a pool did not do a job, besides what is wrong with the segment itself. */
export type PoolFaultCode =
  /** Every worker is busy and the queue is full: a price signal. */
  | 'BUSY'
  /** The job took longer than its deadline and its worker was killed. */
  | 'DEADLINE'
  /** The worker ended in the middle of the job. */
  | 'WORKER_CRASHED'
  /** The worker used more memory than allowed and was killed. */
  | 'OUT_OF_MEMORY'
  /** The job itself is out of limits: its profiles or its duration. */
  | 'BAD_JOB'
  /** The pool is not running. */
  | 'STOPPED'

/** Why a transcode job gave nothing. */
export interface TranscodeFault {
  readonly code: ProbeFault['code'] | PoolFaultCode | 'DECODE_FAILED' | 'ENCODE_FAILED'
  readonly message: string
  readonly meta?: Readonly<Record<string, unknown>>
}

/** Why a segment could not be probed. */
export type PoolProbeFault = ProbeFault | (TranscodeFault & { readonly code: PoolFaultCode })
