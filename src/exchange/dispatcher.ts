import { anySignal, isAbort, sleep } from '../lib/abort.ts'
import { createSerial } from '../lib/serial.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { priceOf, type Wei } from '../lib/wei.ts'
import type { Probe } from '../media/probe.ts'
import { fpsOf, type Profile } from '../media/profile.ts'
import { type Chunks, hashChunks } from './chunks.ts'
import { exchangeLimits, segmentDeadlineMs } from './limits.ts'
import type { ExchangeMetrics } from './metrics.ts'
import type { PayerOrder, StepFailure } from './payer-order.ts'
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

/** Finds a provider and opens an order with it, or says why there is none. */
export interface OrderSource {
  acquire(
    segment: { readonly durationMs: number; readonly units: bigint },
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
  close(): Promise<void>
}

/** Pixels that a segment will become, by the payer's own count. */
export function expectedUnits(profiles: readonly Profile[], source: Probe, durationMs: number): bigint {
  let units = 0n
  for (const profile of profiles) {
    const exact = (fpsOf(profile, source.video.fps) * durationMs) / 1000
    const frames = profile.fps === 'source' ? source.video.frames : Math.ceil(exact) + 1
    units += BigInt(profile.width) * BigInt(profile.height) * BigInt(frames)
  }
  return units
}

const RETRY_MS = 500

/**
 * A dispatcher that keeps to one order while it goes well.
 *
 * Failing over takes no transaction: the deposit stands for any provider.
 */
export function createDispatcher(components: DispatcherComponents, init: DispatcherInit): Dispatcher {
  const { orders, metrics } = components
  const acquiring = createSerial()
  let current: PayerOrder | null = null
  /** The next index of each order's segments. */
  const indexes = new WeakMap<PayerOrder, bigint>()

  const drop = async (order: PayerOrder): Promise<void> => {
    if (current === order) current = null
    await order.close()
  }
  const acquire = (
    units: bigint,
    durationMs: number,
    avoid: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<Result<PayerOrder, StepFailure>> =>
    acquiring(async () => {
      const patience = anySignal([signal], init.patienceMs)
      for (;;) {
        const usable = current !== null && !current.ended.aborted
        if (usable && !avoid.has((current as PayerOrder).order.providerPeerId)) return ok(current as PayerOrder)
        const acquired = await orders.acquire({ durationMs, units }, avoid, { signal })
        if (acquired.ok) {
          if (current !== null && !current.ended.aborted) await current.close()
          current = acquired.value
          return acquired
        }
        signal.throwIfAborted()
        if (patience.aborted) return acquired
        await sleep(RETRY_MS, { signal: patience }).catch(() => signal.throwIfAborted())
      }
    })
  const attempt = async (
    order: PayerOrder,
    segment: DispatchSegment,
    units: bigint,
    inputHash: Uint8Array,
    signal: AbortSignal,
  ): Promise<Result<Omit<Delivered, 'attempts'>, StepFailure>> => {
    const index = indexes.get(order) ?? 0n
    indexes.set(order, index + 1n)
    const { sequence, durationMs, data, probe } = segment
    const bounded = anySignal([signal], segmentDeadlineMs(durationMs))
    const outgoing = {
      index,
      sequence: BigInt(sequence),
      durationMs,
      data,
      inputHash,
      fee: priceOf(units, order.order.price),
    }
    try {
      const reply = await order.send(outgoing, { signal: bounded })
      if (!reply.ok) return reply
      const { result, body, roundTripMs } = reply.value
      const expected = { order: order.order, inputHash, source: probe, durationMs, prober: components.prober }
      const verified = await verifyResult(result, body, expected, { signal: bounded })
      if (!verified.ok) return err({ class: 'failed', ...verified.error })
      metrics.roundTripSeconds.observe(roundTripMs / 1000)
      metrics.overheadSeconds.observe(Math.max(0, roundTripMs - result.workMs) / 1000)
      return ok({
        renditions: verified.value,
        provider: order.order.providerPeerId,
        roundTripMs,
        workMs: result.workMs,
        feeWei: result.debited,
      })
    } catch (error) {
      signal.throwIfAborted()
      if (isAbort(error)) return err({ class: 'failed', code: 'TIMEOUT', detail: 'no result in time' })
      throw error
    }
  }
  return {
    provider: () => (current === null || current.ended.aborted ? null : current.order.providerPeerId),
    async dispatch(segment, { signal }) {
      const units = expectedUnits(init.profiles, segment.probe, segment.durationMs)
      const inputHash = hashChunks(segment.data)
      const avoid = new Set<string>()
      let failure: StepFailure = { class: 'failed', code: 'NOT_TRIED', detail: '' }
      for (let attempts = 1; attempts <= exchangeLimits.maxAttempts; attempts += 1) {
        const acquired = await acquire(units, segment.durationMs, avoid, signal)
        if (!acquired.ok) return acquired
        const order = acquired.value
        const done = await attempt(order, segment, units, inputHash, signal)
        const { providerPeerId } = order.order
        if (done.ok) {
          orders.succeeded(providerPeerId)
          metrics.segments.inc({ side: 'payer' })
          return ok({ ...done.value, attempts })
        }
        failure = done.error
        orders.failed(providerPeerId, failure)
        if (failure.class !== 'requote') avoid.add(providerPeerId)
        await drop(order)
      }
      return err(failure)
    },
    async close() {
      if (current !== null) await drop(current)
    },
  }
}
