import { toHex } from '../lib/bytes.ts'
import type { WalletSigner } from '../lib/crypto/eip191.ts'
import type { Logger } from '../lib/logger.ts'
import { TaskGroup } from '../lib/tasks.ts'
import { priceOf, type Wei } from '../lib/wei.ts'
import { profilesHash } from '../market/quote.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import { isCharged, shortfall } from './account.ts'
import { type Chunks, hashChunks } from './chunks.ts'
import { exchangeLimits, segmentDeadlineMs } from './limits.ts'
import type { ExchangeMetrics } from './metrics.ts'
import { expectedFee, orderIdBytes } from './order.ts'
import type { ProviderOrder } from './provider-orders.ts'
import { paymentError, refusal, takePayment } from './receive-payment.ts'
import { checkSegment } from './segment-checks.ts'
import {
  type ErrorMessage,
  encodeProviderMessage,
  type PayerMessage,
  type ProviderMessage,
  parsePayerMessage,
  type RenditionMessage,
  resultDigest,
  type SegmentMessage,
} from './segment-wire.ts'
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
  return new OrderStream(components, channel, order)
}

type Worked = { readonly type: 'done'; readonly done: WorkDone } | ErrorMessage

class OrderStream implements ProviderStream {
  readonly #parts: ProviderStreamComponents
  readonly #channel: FrameChannel
  readonly #order: ProviderOrder
  readonly #profilesHash: string
  readonly #tasks: TaskGroup
  #inFlight = 0
  #wake = (): void => {}

  constructor(components: ProviderStreamComponents, channel: FrameChannel, order: ProviderOrder) {
    this.#parts = components
    this.#channel = channel
    this.#order = order
    this.#profilesHash = toHex(profilesHash(order.order.profiles))
    this.#tasks = new TaskGroup(components.logger)
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        const frame = await this.#channel.receive({ signal, idleMs: exchangeLimits.idleMs })
        if (frame === null) return
        const message = parsePayerMessage(frame.header)
        if (!message.ok || !this.#isOurs(message.value)) {
          await this.#send(refusal(this.#order, 'MALFORMED', null, 'unexpected frame'), [], signal)
          return
        }
        if (message.value.type === 'segment') await this.#take(message.value, frame.body, signal)
        else await this.#send(await takePayment(this.#order, message.value.payment), [], signal)
      }
    } finally {
      await this.#tasks.drain()
    }
  }

  /** After the opening there are only segments and payments of this very order. */
  #isOurs(message: PayerMessage): message is Exclude<PayerMessage, { type: 'open' }> {
    if (message.type === 'open') return false
    return message.type === 'segment' || toHex(message.orderId) === this.#order.order.orderId
  }

  /** Starts a segment, and waits while as many as allowed are in flight: that slows the payer. */
  async #take(segment: SegmentMessage, body: Chunks, signal: AbortSignal): Promise<void> {
    this.#inFlight += 1
    this.#tasks.run(() =>
      this.#handle(segment, body, signal)
        .catch((error: unknown) => this.#fail(segment.index, error, signal))
        .finally(() => {
          this.#inFlight -= 1
          this.#wake()
        }),
    )
    while (this.#inFlight >= this.#order.order.maxInFlight) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async #handle(segment: SegmentMessage, body: Chunks, signal: AbortSignal): Promise<void> {
    const { order, desk } = this.#order
    const no = checkSegment(order, this.#profilesHash, segment, body)
    if (no !== null) {
      return this.#send(refusal(this.#order, no.code, segment.index, no.detail), [], signal)
    }
    if (segment.payment.byteLength > 0) {
      const received = await this.#order.receive(segment.payment)
      if (!received.ok) {
        return this.#send(
          await paymentError(this.#order, segment.index, received.error),
          [],
          signal,
        )
      }
    }
    const worked = await desk.inTurn(segment.index, () => this.#work(segment, body, signal))
    if (worked.type === 'error') return this.#send(worked, [], signal)
    // Nothing is charged for an answer that cannot leave; the result is kept for another stream.
    signal.throwIfAborted()
    this.#channel.signal.throwIfAborted()
    const answer = await this.#release(segment, worked.done)
    if (answer.type === 'error') return this.#send(answer, [], signal)
    const outputs = worked.done.outputs.map(({ data }) => data)
    await this.#send(answer, outputs, signal)
    this.#parts.metrics.segments.inc({ side: 'provider' })
  }

  /** Works a segment whose expected fee is covered, or takes the result kept from an earlier try. */
  async #work(segment: SegmentMessage, data: Chunks, signal: AbortSignal): Promise<Worked> {
    const { order, desk } = this.#order
    const { index, durationMs } = segment
    const kept = desk.find(segment)
    const wasCharged = kept === undefined && isCharged(this.#order.account(), index)
    if (kept === 'other' || (wasCharged && !this.#order.owes(segment))) {
      // Whoever pays an index once must not have it worked again and again.
      return refusal(this.#order, 'DUPLICATE_SEGMENT', index, 'this index was used before')
    }
    if (kept !== undefined) return { type: 'done', done: kept }
    const fee = wasCharged ? 0n : expectedFee(order, durationMs)
    const held = this.#order.reserved() + desk.debt()
    const missing = wasCharged ? 0n : shortfall(this.#order.credit(), held, fee)
    if (missing > 0n) return this.#lowBalance(index, missing)
    const giveBack = this.#order.reserve(fee)
    try {
      const deadline = AbortSignal.timeout(segmentDeadlineMs(durationMs))
      const job = { data, durationMs, profiles: order.profiles }
      const bounded = { signal: AbortSignal.any([signal, deadline]) }
      const done = await this.#parts.worker.work(job, bounded)
      if (!done.ok) return refusal(this.#order, done.error.code, index, done.error.detail)
      desk.keep(segment, done.value)
      if (wasCharged) this.#order.madeAgain(index)
      return { type: 'done', done: done.value }
    } catch (error) {
      signal.throwIfAborted()
      const why = error instanceof Error ? error.name : 'failed'
      return refusal(this.#order, 'WORK_FAILED', index, why)
    } finally {
      giveBack()
    }
  }

  /** Charges the worked segment and signs the answer, or withholds the output until it is paid. */
  async #release(segment: SegmentMessage, done: WorkDone): Promise<ProviderMessage> {
    const { order, desk, earn } = this.#order
    const { index, inputHash } = segment
    const units = done.outputs.reduce((sum, { pixels }) => sum + pixels, 0n)
    const fee = priceOf(units, order.price)
    const charge = { type: 'charged', index, inputHash, fee, units } as const
    const { missing, debited } = await this.#order.charge(charge)
    if (missing > 0n) {
      desk.withhold(index, fee)
      return this.#lowBalance(index, missing)
    }
    desk.paid(index)
    const renditions: RenditionMessage[] = done.outputs.map(({ name, data, pixels }) => ({
      name,
      lengthBytes: data.byteLength,
      outputHash: hashChunks([data]),
      pixels,
    }))
    // What an earlier try cost stands in the account that the payer was shown since.
    const signed = { index, renditions, units, debited }
    const digest = resultDigest(orderIdBytes(order), segment.inputHash, signed)
    return {
      type: 'result',
      ...signed,
      credit: this.#order.credit(),
      grant: await earn.grantIfDue(),
      workMs: Math.round(done.workMs),
      providerSignature: this.#parts.wallet.signMessage(digest),
    }
  }

  async #lowBalance(index: bigint, missing: Wei): Promise<ErrorMessage> {
    const grant = await this.#order.earn.grantIfDue()
    const message = refusal(this.#order, 'LOW_PM_BALANCE', index, `${missing} wei are missing`)
    return { ...message, missing, grant }
  }

  /** A payer must not wait for an answer that will not come. */
  async #fail(index: bigint, error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#channel.signal.aborted) return
    this.#parts.logger.error({ err: error }, 'a segment could not be handled')
    await this.#send(refusal(this.#order, 'INTERNAL', index, 'the provider failed'), [], signal)
  }

  async #send(message: ProviderMessage, body: Chunks, signal: AbortSignal): Promise<void> {
    if (message.type === 'error') {
      const { code, detail } = message
      this.#parts.metrics.errors.inc({ code })
      this.#parts.logger.debug({ code, detail }, 'segment refused')
    }
    await this.#channel.send(encodeProviderMessage(message), body, { signal })
  }
}
