import { anySignal, isAbort } from '../lib/abort.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { priceOf } from '../lib/wei.ts'
import { segmentDeadlineMs } from './limits.ts'
import type { ExchangeMetrics } from './metrics.ts'
import type { OrderState } from './order.ts'
import type { Delivered, DispatchSegment } from './order-wanted.ts'
import type { PayerOrder } from './payer-order.ts'
import type { StepFailure } from './step-failure.ts'
import { type Prober, verifyResult } from './work.ts'

/** A segment as all attempts at it share it. */
export interface SegmentWork {
  readonly segment: DispatchSegment
  /** Pixels it will become, by the payer's own count. */
  readonly units: bigint
  readonly inputHash: Uint8Array
  /** Sent again under the same order, it keeps its index: it is worked and charged once. */
  readonly indexes: Map<string, bigint>
}

/** What one attempt brought. */
export type Attempted = Result<Omit<Delivered, 'attempts'>, StepFailure>

/** Sends a segment under one order and verifies what comes back. */
export async function attempt(
  components: { readonly prober: Prober; readonly metrics: ExchangeMetrics },
  order: PayerOrder,
  { segment, units, inputHash, indexes }: SegmentWork,
  signal: AbortSignal,
): Promise<Attempted> {
  const { prober, metrics } = components
  const { sequence, durationMs, data, probe: source } = segment
  const { orderId, price, providerPeerId: provider } = order.order
  const bounded = anySignal([signal], segmentDeadlineMs(durationMs))
  try {
    const index = indexes.get(orderId) ?? (await order.takeIndex())
    indexes.set(orderId, index)
    const fee = priceOf(units, price)
    const outgoing = { index, sequence: BigInt(sequence), durationMs, data, inputHash, fee }
    const reply = await order.send(outgoing, { signal: bounded })
    if (!reply.ok) return reply
    const { result, body, roundTripMs } = reply.value
    const expected = { order: order.order, inputHash, source, durationMs, prober }
    const verified = await verifyResult(result, body, expected, { signal: bounded })
    if (!verified.ok) return err({ class: 'failed', ...verified.error })
    const { workMs, debited: feeWei } = result
    metrics.roundTripSeconds.observe(roundTripMs / 1000)
    metrics.overheadSeconds.observe(Math.max(0, roundTripMs - workMs) / 1000)
    return ok({ renditions: verified.value, provider, roundTripMs, workMs, feeWei })
  } catch (error) {
    signal.throwIfAborted()
    if (!isAbort(error)) throw error
    return err({ class: 'failed', code: 'TIMEOUT', detail: 'no result in time' })
  }
}

/** Whether an order can be gone on with after a failure under it. */
export function stateAfter({ class: failureClass, code }: StepFailure): OrderState {
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
