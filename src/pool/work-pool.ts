import { type AbortOptions, isAbort } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import { err, type Result } from '../lib/result.ts'
import { estimatePixels } from '../media/profile.ts'
import {
  type AssignmentComponents,
  createAssignment,
  type PoolFault,
  type PoolWork,
} from './assignment.ts'
import { poolLimits } from './limits.ts'
import type { Member, PoolJob } from './member.ts'
import { createRoster, type Roster, type Seat } from './roster.ts'

/** Frames a second a job is taken to have before it is known. */
const USUAL_FPS = 30

/** The load of a pool. */
export interface PoolLoad {
  readonly workers: number
  readonly slots: number
  readonly busy: number
  readonly waiting: number
}

/** A worker as the status shows it. */
export interface WorkerState {
  readonly id: string
  readonly trust: Member['trust']
  readonly account: string | null
  readonly backend: string
  readonly hardware: boolean
  readonly slots: number
  readonly busy: number
  readonly open: boolean
  readonly jobs: number
  readonly failures: number
  readonly msPerMegapixel: number | null
}

/**
 * Workers of every kind behind one door: each job goes to whoever is expected to be done first, and
 * to another one when that is lost, late or wrong, without whoever asked noticing.
 *
 * Invariant: what a remote worker made leaves only after it was inspected; what a public worker made
 * only after its pictures were looked at too.
 */
export interface WorkPool {
  join(member: Member): void
  leave(member: Member): void
  /** To be called when a worker has a slot again or takes no more. */
  changed(): void
  /** Rejects only with the signal's reason. */
  work(job: PoolJob, options: AbortOptions): Promise<Result<PoolWork, PoolFault>>
  load(): PoolLoad
  /** Whether anyone takes work, now or once a slot is free. */
  isOpen(): boolean
  /** Whether new work would have to wait behind other work that waits, or has nobody at all. */
  isFull(): boolean
  workers(): readonly WorkerState[]
}

/** What a pool works with. */
export interface WorkPoolComponents extends Omit<AssignmentComponents, 'roster'> {
  readonly clock: Clock
}

/** How a pool is set up. */
export interface WorkPoolInit {
  /** Of so many results of a public worker, one is worked again here and compared. */
  readonly spotCheckOneIn: number
}

/** Creates a pool without workers. */
export function createWorkPool(components: WorkPoolComponents, init: WorkPoolInit): WorkPool {
  const { metrics, logger } = components
  const roster = createRoster(components)
  const report = (): void => metrics.load(loadOf(roster))
  return {
    join(member) {
      roster.join(member)
      report()
    },
    leave(member) {
      roster.leave(member)
      report()
    },
    changed() {
      roster.changed()
      report()
    },
    async work(job, options) {
      options.signal?.throwIfAborted()
      if (!roster.canServe(job)) {
        return err({ code: 'BUSY', detail: 'no worker of the pool can do this now' })
      }
      if (roster.waiting() >= poolLimits.maxWaitingJobs && !roster.hasFreeSlot(job)) {
        return err({ code: 'BUSY', detail: `${roster.waiting()} segments wait for a worker` })
      }
      const pixels = estimatePixels(job.profiles, { fps: USUAL_FPS, durationMs: job.durationMs })
      const assignment = createAssignment({ ...components, roster }, { ...init, job, pixels })
      try {
        return await assignment.run(options)
      } catch (error) {
        options.signal?.throwIfAborted()
        if (!isAbort(error)) logger.error({ err: error }, 'a job could not be given out')
        return err({ code: 'WORK_FAILED', detail: messageOf(error) })
      } finally {
        report()
      }
    },
    load: () => loadOf(roster),
    isOpen: () => roster.isOpen(),
    isFull: () => !roster.hasFreeSlot() && (roster.waiting() > 0 || !roster.isOpen()),
    workers: () => roster.seats().slice(0, poolLimits.maxShownWorkers).map(stateOf),
  }
}

function loadOf(roster: Roster): PoolLoad {
  const seats = roster.seats()
  return {
    workers: seats.length,
    slots: seats.reduce((sum, { member }) => sum + member.slots, 0),
    busy: seats.reduce((sum, seat) => sum + busyOf(seat), 0),
    waiting: roster.waiting(),
  }
}

function busyOf({ member, taken }: Seat): number {
  return Math.max(taken, member.busy())
}

function stateOf(seat: Seat): WorkerState {
  const { member, speed, failures } = seat
  return {
    id: member.id,
    trust: member.trust,
    account: member.account,
    backend: member.ability.backend,
    hardware: member.ability.hardware,
    slots: member.slots,
    busy: busyOf(seat),
    open: member.isOpen(),
    jobs: speed.jobs,
    failures,
    msPerMegapixel: speed.msPerMegapixel,
  }
}
