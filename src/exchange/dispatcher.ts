import { anySignal, sleep } from '../lib/abort.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Probe } from '../media/probe.ts'
import { fpsOf, type Profile } from '../media/profile.ts'
import { type Attempted, attempt, type SegmentWork, stateAfter } from './attempt.ts'
import { hashChunks } from './chunks.ts'
import { createHedge, type Hedge } from './hedge.ts'
import { exchangeLimits } from './limits.ts'
import type { ExchangeMetrics } from './metrics.ts'
import type { OrderState } from './order.ts'
import { OrderPool } from './order-pool.ts'
import type { Delivered, DispatchSegment, ExtraSends, OrderSource } from './order-wanted.ts'
import type { PayerOrder } from './payer-order.ts'
import type { StepFailure } from './step-failure.ts'
import type { Prober } from './work.ts'

export type {
  Delivered,
  DispatchSegment,
  ExtraSends,
  OrderSource,
  OrderWanted,
  WorkFigures,
} from './order-wanted.ts'

/** What a dispatcher works with. */
export interface DispatcherComponents {
  readonly orders: OrderSource
  readonly prober: Prober
  readonly metrics: ExchangeMetrics
}

/** What stays the same for all segments of a stream. */
export interface DispatcherInit {
  readonly profiles: readonly Profile[]
  /** How long to look for a provider when there is none. */
  readonly patienceMs: number
  /** Providers that get every segment; the first good answer is used. Default 1. */
  readonly redundancy?: number
  /** Share of segments that may be sent once more when they are late. Default 0, never. */
  readonly hedgeBudget?: number
}

/** Has the segments of one stream worked by whoever is best, and by another when that fails. */
export interface Dispatcher {
  dispatch(
    segment: DispatchSegment,
    options: { readonly signal: AbortSignal },
  ): Promise<Result<Delivered, StepFailure>>
  /** Who works now; null between orders. */
  provider(): string | null
  extra(): ExtraSends
  /** The state says whether the order in use may be gone on with. */
  close(state: OrderState): Promise<void>
}

/** Pixels that a segment will become, by the payer's own count. */
export function expectedUnits(
  profiles: readonly Profile[],
  source: Probe,
  durationMs: number,
): bigint {
  let units = 0n
  for (const profile of profiles) {
    const exact = (fpsOf(profile, source.video.fps) * durationMs) / 1000
    const frames = profile.fps === 'source' ? source.video.frames : Math.ceil(exact) + 1
    units += BigInt(profile.width) * BigInt(profile.height) * BigInt(frames)
  }
  return units
}

/**
 * A dispatcher that keeps to one order while it goes well, asks a second provider when an answer is
 * late, and another when it fails.
 *
 * Failing over takes no transaction: the deposit stands for any provider.
 */
export function createDispatcher(
  components: DispatcherComponents,
  init: DispatcherInit,
): Dispatcher {
  return new OrderDispatcher(components, init)
}

/** One send of a segment, from looking for an order to the verified answer. */
interface Send {
  /** Null until there is one. */
  order: PayerOrder | null
  readonly isHedge: boolean
  readonly unsent: AbortController
  readonly done: Promise<{ readonly send: Send; readonly result: Attempted }>
}

class OrderDispatcher implements Dispatcher {
  readonly #components: DispatcherComponents
  readonly #init: DispatcherInit
  readonly #pool: OrderPool
  readonly #hedge: Hedge
  readonly #extra = { hedges: 0, unused: 0, feesWei: 0n }

  constructor(components: DispatcherComponents, init: DispatcherInit) {
    this.#components = components
    this.#init = init
    this.#pool = new OrderPool(components.orders)
    this.#hedge = createHedge(init.hedgeBudget ?? 0)
  }

  provider(): string | null {
    return this.#pool.preferred()?.order.providerPeerId ?? null
  }

  extra(): ExtraSends {
    return { ...this.#extra }
  }

  async close(state: OrderState): Promise<void> {
    await this.#pool.close(state)
  }

  async dispatch(
    segment: DispatchSegment,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Result<Delivered, StepFailure>> {
    const { durationMs, data, probe } = segment
    const { redundancy = 1, patienceMs } = this.#init
    const units = expectedUnits(this.#init.profiles, probe, durationMs)
    const work = { segment, units, inputHash: hashChunks(data), indexes: new Map() }
    const avoid = new Set<string>()
    const lost = new Set<string>()
    const sends = new Set<Send>()
    const start = (options: { readonly patienceMs: number; readonly isHedge: boolean }): void =>
      void sends.add(this.#send(work, { ...options, avoid, sends }, signal))
    start({ patienceMs, isHedge: false })
    for (let n = 1; n < redundancy; n += 1) start({ patienceMs: 0, isHedge: false })
    const late = lateAfter(this.#hedge.delayMs(durationMs), signal)
    let attempts = 0
    let failure: StepFailure = { class: 'failed', code: 'NOT_TRIED', detail: '' }
    while (sends.size > 0) {
      const first = await Promise.race([...[...sends].map(({ done }) => done), late.next()])
      if (first === 'late') {
        const hasRoom = attempts + sends.size < exchangeLimits.maxAttempts
        if (hasRoom && this.#hedge.take()) start({ patienceMs: 0, isHedge: true })
        continue
      }
      const { send, result } = first
      sends.delete(send)
      if (send.order !== null) attempts += 1
      if (result.ok) {
        late.cancel()
        this.#leave(sends, work)
        return ok({ ...this.#won(send, work, result.value), attempts })
      }
      // That a second provider was not to be had says nothing of the first.
      if (send.order !== null || attempts === 0) failure = result.error
      if (send.order !== null) await this.#failed(send.order, failure, avoid, lost)
      const isOver = send.order === null && sends.size === 0
      if (isOver || attempts >= exchangeLimits.maxAttempts) continue
      if (sends.size === 0) start({ patienceMs, isHedge: false })
    }
    late.cancel()
    return err(failure)
  }

  /** Begins a send to a provider that has not got the segment yet. */
  #send(
    work: SegmentWork,
    how: {
      readonly patienceMs: number
      readonly isHedge: boolean
      readonly avoid: Set<string>
      readonly sends: ReadonlySet<Send>
    },
    signal: AbortSignal,
  ): Send {
    const { patienceMs, isHedge, avoid, sends } = how
    const unsent = new AbortController()
    let isMade = false
    const run = async (send: Send): Promise<Attempted> => {
      const { durationMs, probe } = work.segment
      const { codec, height, fps } = probe.video
      // A measured rate is never quite the nominal one that services are told by.
      const source = { codec, height, fps: Math.round(fps) }
      const wanted = { durationMs, units: work.units, source }
      const busy = () => [...sends].flatMap(({ order }) => order?.order.providerPeerId ?? [])
      const acquired = await this.#pool.acquire(wanted, {
        signal: AbortSignal.any([signal, unsent.signal]),
        patienceMs,
        avoid: () => new Set([...avoid, ...busy()]),
        onOrder(order) {
          send.order = order
        },
        onNobody: () => avoid.clear(),
      })
      if (!acquired.ok) return acquired
      unsent.signal.throwIfAborted()
      const order = acquired.value
      if (isHedge) {
        isMade = true
        this.#extra.hedges += 1
      }
      return this.#pool.use(order, () => attempt(this.#components, order, work, signal))
    }
    const { promise: done, resolve, reject } = Promise.withResolvers<Awaited<Send['done']>>()
    const send: Send = { order: null, isHedge, unsent, done }
    run(send)
      .finally(() => {
        if (isHedge && !isMade) this.#hedge.giveBack()
      })
      .then((result) => resolve({ send, result }), reject)
    // Whoever wins first leaves the others alone.
    done.catch(() => {})
    return send
  }

  #won(
    { order, isHedge }: Send,
    { units }: SegmentWork,
    value: Omit<Delivered, 'attempts'>,
  ): Omit<Delivered, 'attempts'> {
    const { orders, metrics } = this.#components
    const { roundTripMs, workMs, provider } = value
    orders.succeeded(provider, { units, roundTripMs, workMs })
    metrics.segments.inc({ side: 'payer' })
    this.#hedge.answered(roundTripMs)
    if (isHedge && order !== null) this.#pool.prefer(order)
    return value
  }

  /** The answers that are not needed any more still cost, and are counted when they come. */
  #leave(sends: ReadonlySet<Send>, { units }: SegmentWork): void {
    for (const { unsent, order, isHedge, done } of sends) {
      if (order === null && isHedge)
        unsent.abort(new DOMException('not needed any more', 'AbortError'))
      done
        .then(async ({ send, result }) => {
          if (send.order === null) return
          if (!result.ok) {
            await this.#failed(send.order, result.error, new Set(), new Set())
            return
          }
          const { provider, roundTripMs, workMs, feeWei } = result.value
          this.#components.orders.succeeded(provider, { units, roundTripMs, workMs })
          this.#extra.unused += 1
          this.#extra.feesWei += feeWei
        })
        .catch(() => {})
    }
  }

  async #failed(
    order: PayerOrder,
    failure: StepFailure,
    avoid: Set<string>,
    lost: Set<string>,
  ): Promise<void> {
    const { providerPeerId } = order.order
    this.#components.orders.failed(providerPeerId, failure)
    // A connection that broke is tried once more; who went away for good does not answer.
    const isFirstLoss = failure.class === 'lost' && !lost.has(providerPeerId)
    if (isFirstLoss) lost.add(providerPeerId)
    else if (failure.class !== 'requote') avoid.add(providerPeerId)
    await this.#pool.retire(order, stateAfter(failure))
  }
}

/** Fires once after the delay; null never does. */
function lateAfter(
  delayMs: number | null,
  signal: AbortSignal,
): { next(): Promise<'late'>; cancel(): void } {
  const never = new Promise<'late'>(() => {})
  if (delayMs === null) return { next: () => never, cancel() {} }
  const controller = new AbortController()
  const bounded = anySignal([signal, controller.signal])
  let timer: Promise<'late'> = sleep(delayMs, { signal: bounded }).then(
    () => 'late' as const,
    () => never,
  )
  return {
    next: () =>
      timer.then((fired) => {
        timer = never
        return fired
      }),
    cancel: () => controller.abort(new DOMException('answered', 'AbortError')),
  }
}
