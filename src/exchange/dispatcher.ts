import { anySignal, isAbort, sleep } from '../lib/abort.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { createSerial } from '../lib/serial.ts'
import { priceOf, type Wei } from '../lib/wei.ts'
import type { Probe } from '../media/probe.ts'
import { fpsOf, type Profile } from '../media/profile.ts'
import { type Chunks, hashChunks } from './chunks.ts'
import { exchangeLimits, segmentDeadlineMs } from './limits.ts'
import type { ExchangeMetrics } from './metrics.ts'
import type { OrderState } from './order.ts'
import type { PayerOrder } from './payer-order.ts'
import type { StepFailure } from './step-failure.ts'
import { type Prober, type Rendition, verifyResult } from './work.ts'

/** A segment to have worked. */
export interface DispatchSegment {
  readonly sequence: number
  readonly durationMs: number
  readonly data: Chunks
  readonly probe: Probe
}

/** A segment worked, verified and paid for. */
export interface Delivered {
  readonly renditions: readonly Rendition[]
  readonly provider: string
  readonly attempts: number
  readonly roundTripMs: number
  readonly workMs: number
  readonly feeWei: Wei
}

/** What an order is wanted for. */
export interface OrderWanted {
  readonly durationMs: number
  /** Pixels the first segment is expected to take. */
  readonly units: bigint
}

/** Finds a provider and opens an order with it, or says why there is none. */
export interface OrderSource {
  acquire(
    wanted: OrderWanted,
    avoid: ReadonlySet<string>,
    options: { readonly signal: AbortSignal },
  ): Promise<Result<PayerOrder, StepFailure>>
  failed(providerPeerId: string, failure: StepFailure): void
  succeeded(providerPeerId: string): void
}

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
}

/** Has the segments of one stream worked by whoever is best, and by another when that fails. */
export interface Dispatcher {
  dispatch(
    segment: DispatchSegment,
    options: { readonly signal: AbortSignal },
  ): Promise<Result<Delivered, StepFailure>>
  /** Who works now; null between orders. */
  provider(): string | null
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
 * A dispatcher that keeps to one order while it goes well.
 *
 * Failing over takes no transaction: the deposit stands for any provider.
 */
export function createDispatcher(
  components: DispatcherComponents,
  init: DispatcherInit,
): Dispatcher {
  return new OrderDispatcher(components, init)
}

const RETRY_MS = 500

class OrderDispatcher implements Dispatcher {
  readonly #components: DispatcherComponents
  readonly #init: DispatcherInit
  readonly #acquiring = createSerial()
  /** Segments under way by order; one that is no longer current is closed after its last. */
  readonly #underWay = new Map<PayerOrder, number>()
  /** What is to become of those that are no longer current. */
  readonly #retired = new WeakMap<PayerOrder, OrderState>()
  #current: PayerOrder | null = null

  constructor(components: DispatcherComponents, init: DispatcherInit) {
    this.#components = components
    this.#init = init
  }

  provider(): string | null {
    return this.#usable()?.order.providerPeerId ?? null
  }

  async dispatch(
    segment: DispatchSegment,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Result<Delivered, StepFailure>> {
    const { orders, metrics } = this.#components
    const { durationMs, data, probe } = segment
    const units = expectedUnits(this.#init.profiles, probe, durationMs)
    const inputHash = hashChunks(data)
    const avoid = new Set<string>()
    const lost = new Set<string>()
    // Sent again under the same order, a segment keeps its index: it is worked and charged once.
    const indexes = new Map<string, bigint>()
    let failure: StepFailure = { class: 'failed', code: 'NOT_TRIED', detail: '' }
    for (let attempts = 1; attempts <= exchangeLimits.maxAttempts; attempts += 1) {
      const acquired = await this.#acquiring(() =>
        this.#acquire({ durationMs, units }, avoid, signal),
      )
      if (!acquired.ok) return acquired
      const order = acquired.value
      const { providerPeerId } = order.order
      const done = await this.#with(order, () =>
        this.#attempt(order, segment, { units, inputHash, indexes }, signal),
      )
      if (done.ok) {
        orders.succeeded(providerPeerId)
        metrics.segments.inc({ side: 'payer' })
        return ok({ ...done.value, attempts })
      }
      failure = done.error
      orders.failed(providerPeerId, failure)
      // A connection that broke is tried once more; who went away for good does not answer.
      const isFirstLoss = failure.class === 'lost' && !lost.has(providerPeerId)
      if (isFirstLoss) lost.add(providerPeerId)
      else if (failure.class !== 'requote') avoid.add(providerPeerId)
      await this.#retire(order, stateAfter(failure))
    }
    return err(failure)
  }

  async close(state: OrderState): Promise<void> {
    if (this.#current !== null) await this.#retire(this.#current, state)
  }

  #usable(): PayerOrder | null {
    return this.#current === null || this.#current.ended.aborted ? null : this.#current
  }

  /** Takes no more segments to an order, and closes it once those under way are done. */
  async #retire(order: PayerOrder, state: OrderState): Promise<void> {
    if (this.#current === order) this.#current = null
    const worst = this.#retired.get(order) === 'over' ? 'over' : state
    this.#retired.set(order, worst)
    // What is under way on a broken stream is lost, and the order is wanted for another.
    if (!this.#underWay.has(order) || order.ended.aborted) await order.close(worst)
  }

  async #with<T>(order: PayerOrder, work: () => Promise<T>): Promise<T> {
    this.#underWay.set(order, (this.#underWay.get(order) ?? 0) + 1)
    try {
      return await work()
    } finally {
      const left = (this.#underWay.get(order) ?? 1) - 1
      if (left > 0) this.#underWay.set(order, left)
      else this.#underWay.delete(order)
      if (left === 0 && this.#current !== order) {
        await order.close(this.#retired.get(order) ?? 'idle')
      }
    }
  }

  /**
   * The order in use, or a new one; looks for one as long as patience lasts. When there is nobody
   * but those to be avoided, rather one of them than nobody.
   */
  async #acquire(
    wanted: OrderWanted,
    avoid: Set<string>,
    signal: AbortSignal,
  ): Promise<Result<PayerOrder, StepFailure>> {
    const patience = anySignal([signal], this.#init.patienceMs)
    // One that broke off between segments is given back, so that it can be resumed.
    if (this.#current?.ended.aborted === true) await this.#retire(this.#current, 'open')
    for (;;) {
      const usable = this.#usable()
      if (usable !== null && !avoid.has(usable.order.providerPeerId)) return ok(usable)
      const acquired = await this.#components.orders.acquire(wanted, avoid, { signal })
      if (acquired.ok) {
        if (usable !== null) await this.#retire(usable, 'idle')
        this.#current = acquired.value
        return acquired
      }
      signal.throwIfAborted()
      if (patience.aborted) return acquired
      await sleep(RETRY_MS, { signal: patience }).catch(() => signal.throwIfAborted())
      avoid.clear()
    }
  }

  async #attempt(
    order: PayerOrder,
    segment: DispatchSegment,
    work: {
      readonly units: bigint
      readonly inputHash: Uint8Array
      readonly indexes: Map<string, bigint>
    },
    signal: AbortSignal,
  ): Promise<Result<Omit<Delivered, 'attempts'>, StepFailure>> {
    const { prober, metrics } = this.#components
    const { sequence, durationMs, data, probe: source } = segment
    const { units, inputHash, indexes } = work
    const { orderId } = order.order
    const index = indexes.get(orderId) ?? (await order.takeIndex())
    indexes.set(orderId, index)
    const fee = priceOf(units, order.order.price)
    const outgoing = { index, sequence: BigInt(sequence), durationMs, data, inputHash, fee }
    const bounded = anySignal([signal], segmentDeadlineMs(durationMs))
    try {
      const reply = await order.send(outgoing, { signal: bounded })
      if (!reply.ok) return reply
      const { result, body, roundTripMs } = reply.value
      const expected = { order: order.order, inputHash, source, durationMs, prober }
      const verified = await verifyResult(result, body, expected, { signal: bounded })
      if (!verified.ok) return err({ class: 'failed', ...verified.error })
      const { workMs, debited: feeWei } = result
      metrics.roundTripSeconds.observe(roundTripMs / 1000)
      metrics.overheadSeconds.observe(Math.max(0, roundTripMs - workMs) / 1000)
      const provider = order.order.providerPeerId
      return ok({ renditions: verified.value, provider, roundTripMs, workMs, feeWei })
    } catch (error) {
      signal.throwIfAborted()
      if (!isAbort(error)) throw error
      return err({ class: 'failed', code: 'TIMEOUT', detail: 'no result in time' })
    }
  }
}

/** Whether an order can be gone on with after a failure under it. */
function stateAfter({ class: failureClass, code }: StepFailure): OrderState {
  if (failureClass === 'lost' || code === 'TIMEOUT') return 'open'
  if (failureClass === 'elsewhere' || code === 'PAYER_UNDERFUNDED') return 'idle'
  return WORTH_ANOTHER_TRY.has(code) ? 'idle' : 'over'
}

/** Failures of one segment, after which the order's credit is still of use. */
const WORTH_ANOTHER_TRY: ReadonlySet<string> = new Set([
  'WORK_FAILED',
  'INTERNAL',
  'SEGMENT_UNREADABLE',
])
