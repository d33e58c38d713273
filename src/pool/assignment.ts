import { type AbortOptions, anySignal, sleep } from '../lib/abort.ts'
import { messageOf } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { WorkerAccounts } from './accounts.ts'
import type { Inspector, Scrutiny } from './inspector.ts'
import { poolLimits } from './limits.ts'
import type { Member, MemberFault, MemberWork, PoolJob, PoolOutput } from './member.ts'
import type { PoolMetrics } from './metrics.ts'
import type { Roster, Seat } from './roster.ts'
import { attemptMs } from './schedule.ts'

/** A job done. */
export interface PoolWork {
  readonly outputs: readonly PoolOutput[]
  /** Who did it. */
  readonly worker: string
}

/**
 * Why a pool did not do a job.
 *
 * - `BUSY`: nobody has a slot for it, and too many wait
 * - `UNREADABLE`: the segment cannot be decoded, which was seen here
 * - `WORK_FAILED`: too many workers failed at it
 */
export interface PoolFault {
  readonly code: 'BUSY' | 'UNREADABLE' | 'WORK_FAILED'
  readonly detail: string
}

/** What an attempt came to: done, the segment's fault for good, or someone else's turn. */
type Outcome =
  | { readonly type: 'done'; readonly work: PoolWork }
  | { readonly type: 'final'; readonly fault: PoolFault }
  | { readonly type: 'next'; readonly why: string; readonly detail: string }

/** Why a second worker is tried beside the first. */
type LateCode = 'LATE'

type Turn = { readonly seat: Seat; readonly outcome: Outcome } | 'late'

/** One job and the workers it was given to. */
export interface Assignment {
  /** Rejects only with the signal's reason. */
  run(options: AbortOptions): Promise<Result<PoolWork, PoolFault>>
}

/** What an assignment works with. */
export interface AssignmentComponents {
  readonly roster: Roster
  /** Null where every worker is this machine's own. */
  readonly inspector: Inspector | null
  readonly accounts: WorkerAccounts
  readonly logger: Logger
  readonly metrics: PoolMetrics
  /** Ends a worker's stream for good. */
  dismiss(member: Member, why: string): void
  /** A random whole number from 0 below the given one, that nobody can foresee. */
  draw(below: number): number
}

/** The job, and what it is expected to be. */
export interface AssignmentInit {
  readonly job: PoolJob
  readonly pixels: bigint
  readonly spotCheckOneIn: number
}

/** Prepares to have a job done; the first good result is taken and all other attempts end. */
export function createAssignment(
  components: AssignmentComponents,
  init: AssignmentInit,
): Assignment {
  return new Attempts(components, init)
}

class Attempts implements Assignment {
  readonly #parts: AssignmentComponents
  readonly #init: AssignmentInit
  readonly #tried = new Set<string>()
  readonly #running = new Map<Seat, Promise<Turn>>()
  readonly #ended = new AbortController()
  #started = 0
  #lateAfterMs = 0

  constructor(components: AssignmentComponents, init: AssignmentInit) {
    this.#parts = components
    this.#init = init
  }

  async run({ signal }: AbortOptions): Promise<Result<PoolWork, PoolFault>> {
    const bounded = anySignal([signal, this.#ended.signal])
    try {
      for (;;) {
        if (this.#running.size === 0) {
          const request = { ...this.#init, tried: this.#tried }
          this.#start(await this.#parts.roster.acquire(request, { signal }), bounded)
        }
        const event = await this.#next(bounded)
        if (event === 'late') {
          this.#hedge(bounded)
          continue
        }
        this.#running.delete(event.seat)
        const { outcome } = event
        if (outcome.type === 'done') return ok(outcome.work)
        if (outcome.type === 'final') return err(outcome.fault)
        this.#parts.metrics.reassigned(outcome.why)
        this.#parts.logger.info(
          { worker: event.seat.member.id, why: outcome.why, detail: outcome.detail },
          'segment is given to another worker',
        )
        if (this.#running.size === 0 && !this.#mayGoOn(outcome.why)) {
          return err({ code: 'WORK_FAILED', detail: `${outcome.why}: ${outcome.detail}` })
        }
      }
    } finally {
      this.#ended.abort(new DOMException('nobody waits for this any more', 'AbortError'))
    }
  }

  /** What a worker could not do it will not do the second time; whoever was lost may come back. */
  #mayGoOn(why: string): boolean {
    if (this.#started >= poolLimits.maxAttempts) return false
    const request = { ...this.#init, tried: this.#tried }
    return why !== 'FAILED' || this.#parts.roster.hasOther(request)
  }

  #start(seat: Seat, signal: AbortSignal): void {
    const { job, pixels } = this.#init
    this.#started++
    this.#tried.add(seat.member.id)
    this.#lateAfterMs = attemptMs(seat.speed, pixels, job.durationMs)
    const attempt = this.#attempt(seat, signal).then((outcome) => ({ seat, outcome }))
    // The last ones to end have nobody left who waits for them.
    attempt.catch(() => {})
    this.#running.set(seat, attempt)
  }

  /** What happens next: an attempt ends, or the newest of them is late. */
  async #next(signal: AbortSignal): Promise<Turn> {
    const waiting = new AbortController()
    const late = async (): Promise<Turn> => {
      await sleep(this.#lateAfterMs, { signal: anySignal([signal, waiting.signal]) })
      return 'late'
    }
    const mayHedge = this.#started < poolLimits.maxAttempts
    const timer = mayHedge ? [late()] : []
    for (const one of timer) one.catch(() => {})
    try {
      return await Promise.race([...this.#running.values(), ...timer])
    } finally {
      waiting.abort(new DOMException('settled', 'AbortError'))
    }
  }

  /** Tries a worker that is free beside the late one; if there is none, looks again soon. */
  #hedge(signal: AbortSignal): void {
    const seat = this.#parts.roster.take({ ...this.#init, tried: this.#tried })
    if (seat === null) {
      this.#lateAfterMs = poolLimits.hedgePollMs
      return
    }
    const why: LateCode = 'LATE'
    this.#parts.metrics.reassigned(why)
    this.#start(seat, signal)
  }

  async #attempt(seat: Seat, signal: AbortSignal): Promise<Outcome> {
    const { roster, metrics } = this.#parts
    const { job, pixels } = this.#init
    const { member } = seat
    const lateAfterMs = attemptMs(seat.speed, pixels, job.durationMs)
    const begunAt = performance.now()
    try {
      const worked = await member.work(job, { signal })
      const took = performance.now() - begunAt
      const outcome = worked.ok
        ? await this.#judge(member, worked.value, signal)
        : await this.#excuse(member, worked.error, signal)
      if (outcome.type === 'done') {
        const made = outcome.work.outputs.reduce((sum, output) => sum + output.pixels, 0n)
        roster.succeeded(seat, made, took)
      } else if (outcome.type === 'next') {
        if (outcome.why !== 'NO_SLOT' && outcome.why !== 'NOT_INSPECTED') roster.failed(seat)
      }
      metrics.attempt(member.trust, outcome.type === 'next' ? outcome.why : outcome.type)
      return outcome
    } catch (error) {
      const took = performance.now() - begunAt
      // Called off early it says nothing of the worker; called off late, that it is not fast.
      if (took >= lateAfterMs) roster.late(seat, pixels, took)
      metrics.attempt(member.trust, 'called-off')
      if (signal.aborted) throw error
      return { type: 'next', why: 'FAILED', detail: messageOf(error) }
    } finally {
      roster.release(seat)
    }
  }

  /** A result is taken, or is a reason to do without its maker. */
  async #judge(member: Member, work: MemberWork, signal: AbortSignal): Promise<Outcome> {
    const { inspector, accounts, metrics } = this.#parts
    const { job } = this.#init
    if (member.trust === 'own' && work.pixels !== null) {
      const { pixels } = work
      const outputs = work.outputs.map((output, i) => ({ ...output, pixels: pixels[i] ?? 0n }))
      return { type: 'done', work: { outputs, worker: member.id } }
    }
    if (inspector === null) return { type: 'next', why: 'NOT_INSPECTED', detail: 'no inspector' }
    const scrutiny = this.#scrutiny(member)
    const inspected = await inspector.inspect(job, work, scrutiny, { signal })
    metrics.inspected(inspected.ok ? 'ok' : inspected.error.code)
    if (!inspected.ok) {
      const { code, detail } = inspected.error
      const isProven = code !== 'NOT_INSPECTED'
      if (isProven && member.trust === 'public') await this.#eject(member, `${code}: ${detail}`)
      return { type: 'next', why: code, detail }
    }
    const outputs = inspected.value
    const pixels = outputs.reduce((sum, output) => sum + output.pixels, 0n)
    const checked = scrutiny.reworked !== null
    metrics.pay('earned', await accounts.worked(member, { pixels, checked }))
    return { type: 'done', work: { outputs, worker: member.id } }
  }

  /** Drawn once the result is there, so that nobody knows which one will be looked at closely. */
  #scrutiny({ trust }: Member): Scrutiny {
    const { draw } = this.#parts
    const { spotCheckOneIn, job } = this.#init
    if (trust !== 'public') return { pictures: false, reworked: null }
    const isDrawn = draw(spotCheckOneIn) === 0
    return { pictures: true, reworked: isDrawn ? draw(job.profiles.length) : null }
  }

  async #eject(member: Member, why: string): Promise<void> {
    const { accounts, metrics, logger, dismiss, roster } = this.#parts
    const withheld = await accounts.eject(member, why)
    metrics.ejected()
    metrics.pay('withheld', withheld)
    logger.warn({ worker: member.id, account: member.account, why, withheld }, 'worker ejected')
    roster.leave(member)
    dismiss(member, why)
  }

  /** No result: the segment's own fault only if this node sees it too. */
  async #excuse(member: Member, fault: MemberFault, signal: AbortSignal): Promise<Outcome> {
    const { code, detail } = fault
    if (code !== 'UNREADABLE') return { type: 'next', why: code, detail }
    const { inspector } = this.#parts
    const isReadable =
      member.trust !== 'own' && inspector !== null
        ? await inspector.isReadable(this.#init.job, { signal })
        : false
    if (isReadable) return { type: 'next', why: 'FAILED', detail: `called unreadable: ${detail}` }
    return { type: 'final', fault: { code: 'UNREADABLE', detail } }
  }
}
