import type { AbortOptions } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Result } from '../lib/result.ts'
import type { Ability } from '../media/ability.ts'
import type { Profile } from '../media/profile.ts'

/** A segment to be worked in a pool. */
export interface PoolJob {
  readonly data: readonly Uint8Array[]
  readonly durationMs: number
  readonly profiles: readonly Profile[]
}

/** One rendition as a worker gave it. */
export interface RawOutput {
  readonly name: string
  readonly data: Uint8Array
}

/** One rendition that may leave the pool. */
export interface PoolOutput extends RawOutput {
  /** Encoded pixels, counted here, never taken from a worker's word. */
  readonly pixels: bigint
}

/**
 * Why a worker did not do a job.
 *
 * - `LOST`: its stream or process ended, or it fell silent
 * - `UNREADABLE`: it says that the segment cannot be decoded
 * - `FAILED`: it could not do it, for whatever reason
 * - `NO_SLOT`: it has no free slot, or stops
 */
export interface MemberFault {
  readonly code: 'LOST' | 'UNREADABLE' | 'FAILED' | 'NO_SLOT'
  readonly detail: string
}

/** A job as a worker did it. */
export interface MemberWork {
  readonly outputs: readonly RawOutput[]
  /** Counted pixels in the order of the outputs, when whoever worked is this node itself. */
  readonly pixels: readonly bigint[] | null
}

/** How far a worker's results are believed. */
export type Trust = 'own' | 'private' | 'public'

/** One worker of a pool: this machine's processes, or a node at the end of a stream. */
export interface Member {
  /** `local`, or a peer id. */
  readonly id: string
  readonly trust: Trust
  /** Who answers and is paid for it. */
  readonly account: Address | null
  readonly slots: number
  readonly ability: Ability
  /** Jobs under way. */
  busy(): number
  /** Whether it takes more jobs: not while it drains. */
  isOpen(): boolean
  /** Rejects only with the signal's reason; a job that nobody waits for any more is called off. */
  work(job: PoolJob, options: AbortOptions): Promise<Result<MemberWork, MemberFault>>
}
