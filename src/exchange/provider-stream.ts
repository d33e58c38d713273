import { fromHex, toHex } from '../lib/bytes.ts'
import { verifySignature, type WalletSigner } from '../lib/crypto/eip191.ts'
import type { Logger } from '../lib/logger.ts'
import { TaskGroup } from '../lib/tasks.ts'
import { compareRatio, priceOf } from '../lib/wei.ts'
import { profilesHash } from '../market/quote.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import { isCharged, shortfall } from './account.ts'
import { type Chunks, hashChunks } from './chunks.ts'
import { exchangeLimits, segmentDeadlineMs } from './limits.ts'
import type { ExchangeMetrics } from './metrics.ts'
import { expectedFee, orderIdBytes } from './order.ts'
import type { ProviderOrder } from './provider-orders.ts'
import { paymentError, takePayment } from './receive-payment.ts'
import {
  type ErrorMessage,
  encodeProviderMessage,
  type ProviderMessage,
  parsePayerMessage,
  type RenditionMessage,
  resultDigest,
  type SegmentMessage,
  segmentDigest,
} from './segment-wire.ts'
import type { WireErrorCode } from './wire-error.ts'
import type { WorkDone, Worker } from './work.ts'

/** What a stream works with. */
export interface ProviderStreamComponents {
  readonly wallet: WalletSigner
  readonly worker: Worker
  readonly logger: Logger
  readonly metrics: ExchangeMetrics
}

/** One order's stream, seen from its provider. */
export interface ProviderStream {
  /** Serves until the payer half-closes, errs, or the signal fires. */
  run(signal: AbortSignal): Promise<void>
}

/** A segment worked, kept until it is paid for and has surely arrived. */
interface Kept {
  readonly done: WorkDone
  readonly inputHash: string
}

/** The segments of an order, over all of its streams. */
interface Desk {
  /** Results outlive a stream, so that a payer that reconnects gets what it paid for. */
  readonly kept: Map<bigint, Kept>
  /** Ends of the work under way, by index; a repeated segment waits for the first. */
  readonly working: Map<bigint, Promise<unknown>>
}

const desks = new WeakMap<ProviderOrder, Desk>()

/**
 * Serves one order's stream: payment first, then the work, then the charge, then the output.
 *
 * Invariant: no output leaves before its fee is covered by stored credit and charged.
 */
export function createProviderStream(
  components: ProviderStreamComponents,
  channel: FrameChannel,
  order: ProviderOrder,
): ProviderStream {
  const { metrics, logger } = components
  const wantedHash = toHex(profilesHash(order.order.profiles))
  const tasks = new TaskGroup(logger)
  let inFlight = 0
  let wake = (): void => {}

  const send = async (
    message: ProviderMessage,
    body: Chunks,
    signal: AbortSignal,
  ): Promise<void> => {
    if (message.type === 'error') {
      metrics.errors.inc({ code: message.code })
      logger.debug({ code: message.code, detail: message.detail }, 'segment refused')
    }
    await channel.send(encodeProviderMessage(message), body, { signal })
  }
  const handleSegment = async (
    segment: SegmentMessage,
    body: Chunks,
    signal: AbortSignal,
  ): Promise<void> => {
    const refusal =
      checkSegment(order, wantedHash, segment, body) ?? (await takeSegmentPayment(order, segment))
    if (refusal !== null) return send(refusal, [], signal)
    const worked = await inTurn(order, segment.index, () =>
      workSegment(components, order, segment, body, signal),
    )
    if (worked.type === 'error') return send(worked, [], signal)
    const answer = await release(components, order, segment, worked.done)
    if (answer.type === 'error') return send(answer, [], signal)
    await send(
      answer,
      worked.done.outputs.map(({ data }) => data),
      signal,
    )
    metrics.segments.inc({ side: 'provider' })
  }
  /** A payer must not wait for an answer that will not come. */
  const fail = async (index: bigint, error: unknown, signal: AbortSignal): Promise<void> => {
    if (signal.aborted || channel.signal.aborted) return
    logger.error({ err: error }, 'a segment could not be handled')
    await send(errorOf(order, 'INTERNAL', index, 'the provider failed'), [], signal)
  }
  return {
    async run(signal) {
      const idleMs = exchangeLimits.idleMs
      try {
        for (;;) {
          const frame = await channel.receive({ signal, idleMs })
          if (frame === null) break
          const message = parsePayerMessage(frame.header)
          if (!message.ok || message.value.type === 'open') {
            await send(errorOf(order, 'MALFORMED', null, 'unexpected frame'), [], signal)
            break
          }
          if (message.value.type === 'payment') {
            await send(await takePayment(order, message.value.payment), [], signal)
            continue
          }
          const segment = message.value
          inFlight += 1
          tasks.run(() =>
            handleSegment(segment, frame.body, signal)
              .catch((error: unknown) => fail(segment.index, error, signal))
              .finally(() => {
                inFlight -= 1
                wake()
              }),
          )
          // Reading on only when there is room is what tells the payer to slow down.
          while (inFlight >= order.order.maxInFlight) {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
        }
      } finally {
        await tasks.drain()
      }
    },
  }
}

function errorOf(
  order: ProviderOrder,
  code: WireErrorCode,
  index: bigint | null,
  detail: string,
): ErrorMessage {
  return { type: 'error', code, index, detail, credit: order.credit(), grant: null }
}

/** Everything that can be refused before money or work is touched. */
function checkSegment(
  order: ProviderOrder,
  wantedHash: string,
  segment: SegmentMessage,
  body: Chunks,
): ErrorMessage | null {
  const no = (code: WireErrorCode, detail: string): ErrorMessage =>
    errorOf(order, code, segment.index, detail)
  const terms = order.order
  if (compareRatio(segment.price, terms.price) !== 0) {
    return no(
      'PRICE_MISMATCH',
      `this order's price is ${terms.price.num}/${terms.price.den} wei a pixel`,
    )
  }
  if (toHex(segment.profilesHash) !== wantedHash) {
    return no(
      'SEGMENT_FORMAT_DIDNT_MATCH_JOB_INPUT_PARAMS',
      'other profiles than the order was quoted for',
    )
  }
  if (segment.durationMs > 2 * terms.segmentMs) {
    const detail = `${segment.durationMs} ms, the order was quoted for ${terms.segmentMs} ms`
    return no('SEGMENT_FORMAT_DIDNT_MATCH_JOB_INPUT_PARAMS', detail)
  }
  const digest = segmentDigest(orderIdBytes(terms), segment)
  if (!verifySignature(terms.payer, digest, segment.payerSignature)) {
    return no('BAD_SIGNATURE', 'the segment is not signed by the payer')
  }
  if (toHex(hashChunks(body)) !== toHex(segment.inputHash)) {
    return no('BAD_SIGNATURE', 'the body is not the one that was signed')
  }
  return null
}

async function takeSegmentPayment(
  order: ProviderOrder,
  segment: SegmentMessage,
): Promise<ErrorMessage | null> {
  if (segment.payment.byteLength === 0) return null
  const received = await order.receive(segment.payment)
  return received.ok ? null : paymentError(order, segment.index, received.error)
}

type Worked = { readonly type: 'done'; readonly done: WorkDone } | ErrorMessage

/** Works a segment whose expected fee is covered, or takes the result kept from an earlier try. */
async function workSegment(
  { worker }: ProviderStreamComponents,
  order: ProviderOrder,
  segment: SegmentMessage,
  body: Chunks,
  signal: AbortSignal,
): Promise<Worked> {
  const kept = deskOf(order).kept.get(segment.index)
  if (kept !== undefined) {
    if (kept.inputHash === toHex(segment.inputHash)) return { type: 'done', done: kept.done }
    return errorOf(
      order,
      'DUPLICATE_SEGMENT',
      segment.index,
      'this index was used for another segment',
    )
  }
  // Whoever pays an index once must not have it worked again and again.
  if (isCharged(order.account(), segment.index)) {
    return errorOf(order, 'DUPLICATE_SEGMENT', segment.index, 'this index was worked and paid for')
  }
  const fee = expectedFee(order.order, segment.durationMs)
  const missing = shortfall(order.credit(), order.reserved(), fee)
  if (missing > 0n) return lowBalance(order, segment.index, missing)
  const giveBack = order.reserve(fee)
  try {
    const deadline = AbortSignal.any([
      signal,
      AbortSignal.timeout(segmentDeadlineMs(segment.durationMs)),
    ])
    const { durationMs } = segment
    const job = { data: body, durationMs, profiles: order.order.profiles }
    const done = await worker.work(job, { signal: deadline })
    if (!done.ok) return errorOf(order, done.error.code, segment.index, done.error.detail)
    keep(order, segment, done.value)
    return { type: 'done', done: done.value }
  } catch (error) {
    signal.throwIfAborted()
    return errorOf(
      order,
      'WORK_FAILED',
      segment.index,
      error instanceof Error ? error.name : 'failed',
    )
  } finally {
    giveBack()
  }
}

/** Charges the worked segment and signs the answer, or withholds the output until it is paid. */
async function release(
  { wallet }: ProviderStreamComponents,
  order: ProviderOrder,
  segment: SegmentMessage,
  done: WorkDone,
): Promise<ProviderMessage> {
  const { index } = segment
  const units = done.outputs.reduce((sum, { pixels }) => sum + pixels, 0n)
  const fee = priceOf(units, order.order.price)
  const missing = await order.charge({ type: 'charged', index, fee, units })
  if (missing > 0n) return lowBalance(order, index, missing)
  const renditions: RenditionMessage[] = done.outputs.map(({ name, data, pixels }) => ({
    name,
    lengthBytes: data.byteLength,
    outputHash: hashChunks([data]),
    pixels,
  }))
  const signed = { index, renditions, units, debited: fee }
  const orderId = fromHex(order.order.orderId)
  return {
    type: 'result',
    ...signed,
    credit: order.credit(),
    grant: await order.earn.grantIfDue(),
    workMs: Math.round(done.workMs),
    providerSignature: wallet.signMessage(resultDigest(orderId, segment.inputHash, signed)),
  }
}

async function lowBalance(
  order: ProviderOrder,
  index: bigint,
  missing: bigint,
): Promise<ErrorMessage> {
  const grant = await order.earn.grantIfDue()
  return { ...errorOf(order, 'LOW_PM_BALANCE', index, `${missing} wei are missing`), grant }
}

/** Works one index at a time: a repeat that overtakes the first try waits for its result. */
async function inTurn<T>(order: ProviderOrder, index: bigint, work: () => Promise<T>): Promise<T> {
  const { working } = deskOf(order)
  while (working.has(index)) await working.get(index)
  const running = work()
  working.set(
    index,
    running.catch(() => {}).finally(() => working.delete(index)),
  )
  return running
}

function deskOf(order: ProviderOrder): Desk {
  const existing = desks.get(order)
  if (existing !== undefined) return existing
  const created: Desk = { kept: new Map(), working: new Map() }
  desks.set(order, created)
  return created
}

function keep(order: ProviderOrder, segment: SegmentMessage, done: WorkDone): void {
  const { kept } = deskOf(order)
  kept.set(segment.index, { done, inputHash: toHex(segment.inputHash) })
  for (const index of kept.keys()) {
    if (kept.size <= exchangeLimits.maxKeptResults) break
    kept.delete(index)
  }
}
