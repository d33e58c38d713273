import { type AbortOptions, raceSignal } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { canMake } from '../media/ability.ts'
import { poolLimits } from './limits.ts'
import type { Member, PoolJob } from './member.ts'
import { benchedMs, type Candidate, chooseWorker, isEligible } from './schedule.ts'
import { measured, overdue, type Speed, speedAt, unknownSpeed } from './speed.ts'

/** A worker and what is known of it while it is in the pool. */
export interface Seat {
  readonly member: Member
  /** Slots given out, whether or not the worker has heard of the job yet. */
  taken: number
  speed: Speed
  /** Failures in a row. */
  failures: number
  /** Until then it gets no work; ms since the epoch. */
  benchedUntilMs: number
}

/** What a slot is wanted for. */
export interface SeatRequest {
  readonly job: PoolJob
  readonly pixels: bigint
  readonly tried: ReadonlySet<string>
}

/** The workers of a pool, and who waits for one of their slots. */
export interface Roster {
  join(member: Member): void
  leave(member: Member): void
  seats(): readonly Seat[]
  waiting(): number
  /** Whether anyone in the pool could ever do this. */
  canServe(job: PoolJob): boolean
  /** Whether anyone takes work who has not had this job yet, now or once a slot gets free. */
  hasOther(request: SeatRequest): boolean
  /** Whether a job would begin at once. */
  hasFreeSlot(job?: PoolJob): boolean
  /** Whether anyone takes work at all, now or once a slot gets free. */
  isOpen(): boolean
  /** A free slot now, or null. Give it back with {@link Roster.release}. */
  take(request: SeatRequest): Seat | null
  /** A slot, at once or in turn; of a worker that had the job already only if there is no other. */
  acquire(request: SeatRequest, options: AbortOptions): Promise<Seat>
  release(seat: Seat): void
  /** To be called when a worker has a slot or more work, or takes none any more. */
  changed(): void
  /** Notes a job done in so long. */
  succeeded(seat: Seat, pixels: bigint, tookMs: number): void
  /** Notes a failure: the worker is left alone for a while. */
  failed(seat: Seat): void
  /** Notes that a job was not even done in so long. */
  late(seat: Seat, pixels: bigint, tookMs: number): void
}

interface Waiter {
  readonly request: SeatRequest
  readonly give: (seat: Seat) => void
}

/** Creates a pool's roster, empty. */
export function createRoster({ clock }: { readonly clock: Clock }): Roster {
  return new PoolRoster(clock)
}

class PoolRoster implements Roster {
  readonly #clock: Clock
  readonly #seats = new Map<string, Seat>()
  readonly #waiters = new Set<Waiter>()
  /** What was learnt of workers that left, for when they come back. */
  readonly #known = new Map<string, Pick<Seat, 'speed' | 'failures' | 'benchedUntilMs'>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  join(member: Member): void {
    const known = this.#known.get(member.id)
    const { speed = unknownSpeed, failures = 0, benchedUntilMs = 0 } = known ?? {}
    this.#seats.set(member.id, { member, taken: 0, speed, failures, benchedUntilMs })
    this.#serve()
  }

  leave(member: Member): void {
    const seat = this.#seats.get(member.id)
    if (seat?.member !== member) return
    this.#seats.delete(member.id)
    const { speed, failures, benchedUntilMs } = seat
    this.#known.delete(member.id)
    this.#known.set(member.id, { speed, failures, benchedUntilMs })
    for (const id of this.#known.keys()) {
      if (this.#known.size <= poolLimits.maxWorkers) break
      this.#known.delete(id)
    }
    // Who waited for others than this one may have to make do with it, or the other way round.
    this.#serve()
  }

  seats(): readonly Seat[] {
    return [...this.#seats.values()]
  }

  waiting(): number {
    return this.#waiters.size
  }

  canServe(job: PoolJob): boolean {
    return this.seats().some(({ member }) => canMake(member.ability, job.profiles))
  }

  hasOther({ job, tried }: SeatRequest): boolean {
    return this.#candidates(job).some((one) => isEligible(one) && !tried.has(one.id))
  }

  hasFreeSlot(job?: PoolJob): boolean {
    return this.#candidates(job).some((one) => isEligible(one) && one.busy < one.slots)
  }

  isOpen(): boolean {
    return this.#candidates().some(isEligible)
  }

  take(request: SeatRequest): Seat | null {
    const seat = chooseWorker(this.#candidates(request.job), request)?.seat ?? null
    if (seat !== null) seat.taken++
    return seat
  }

  async acquire(request: SeatRequest, options: AbortOptions): Promise<Seat> {
    options.signal?.throwIfAborted()
    const now = this.#match(request)
    if (now !== null) return now
    const { promise, resolve } = Promise.withResolvers<Seat>()
    const waiter: Waiter = { request, give: resolve }
    this.#waiters.add(waiter)
    this.#wakeWhenBenchIsOver()
    try {
      return await raceSignal(promise, options)
    } catch (error) {
      // A slot that was given while the signal fired is given to someone else.
      if (!this.#waiters.delete(waiter)) this.release(await promise)
      throw error
    }
  }

  release(seat: Seat): void {
    seat.taken--
    this.#serve()
  }

  changed(): void {
    this.#serve()
  }

  succeeded(seat: Seat, pixels: bigint, tookMs: number): void {
    seat.speed = measured(seat.speed, pixels, tookMs, this.#clock.now())
    seat.failures = 0
  }

  failed(seat: Seat): void {
    seat.failures++
    seat.benchedUntilMs = this.#clock.now() + benchedMs(seat.failures)
  }

  late(seat: Seat, pixels: bigint, tookMs: number): void {
    seat.speed = overdue(seat.speed, pixels, tookMs, this.#clock.now())
  }

  #candidates(job?: PoolJob): (Candidate & { readonly seat: Seat })[] {
    const now = this.#clock.now()
    const isRested = ({ member, benchedUntilMs }: Seat): boolean =>
      member.trust === 'own' || benchedUntilMs <= now
    const hasRested = this.seats().some((seat) => seat.member.isOpen() && isRested(seat))
    return this.seats().map((seat) => {
      const { member, taken, speed } = seat
      return {
        seat,
        id: member.id,
        slots: member.slots,
        // A called-off job keeps its slot until the worker has let go of it.
        busy: Math.max(taken, member.busy()),
        speed: speedAt(speed, now),
        isAble: job === undefined || canMake(member.ability, job.profiles),
        // Better one that failed lately than nobody.
        isOpen: member.isOpen() && (!hasRested || isRested(seat)),
      }
    })
  }

  /** A seat for a request: of a worker that had the job already only if nobody else ever can. */
  #match(request: SeatRequest): Seat | null {
    const again = !this.hasOther(request)
    const seat = chooseWorker(this.#candidates(request.job), request, again)?.seat ?? null
    if (seat !== null) seat.taken++
    return seat
  }

  #serve(): void {
    for (const waiter of this.#waiters) {
      const seat = this.#match(waiter.request)
      if (seat === null) continue
      this.#waiters.delete(waiter)
      waiter.give(seat)
    }
  }

  #wakeWhenBenchIsOver(): void {
    const now = this.#clock.now()
    const next = Math.min(
      ...this.seats()
        .map(({ benchedUntilMs }) => benchedUntilMs)
        .filter((until) => until > now),
    )
    if (Number.isFinite(next)) setTimeout(() => this.#serve(), next - now + 1).unref()
  }
}
