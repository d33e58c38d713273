import { isAbort } from '../lib/abort.ts'
import type { WalletSigner } from '../lib/crypto/eip191.ts'
import type { Logger } from '../lib/logger.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { createSerial } from '../lib/serial.ts'
import { maxBig, minBig, type Wei } from '../lib/wei.ts'
import { profilesHash } from '../market/quote.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import type { NetHost } from '../net/host.ts'
import type { PaySession } from '../rails/rail.ts'
import { type Account, creditOf, shortfall } from './account.ts'
import type { Chunks } from './chunks.ts'
import { exchangeLimits } from './limits.ts'
import { type Order, type OrderState, orderIdBytes } from './order.ts'
import type { PayerBook } from './payer-books.ts'
import {
  type ErrorMessage,
  encodePayerMessage,
  PAYMENT_PROTOCOL,
  parseProviderMessage,
  type ResultMessage,
  segmentDigest,
} from './segment-wire.ts'
import { connectionFailure, failureOf, OrderEnded, type StepFailure } from './step-failure.ts'
import { wireErrors } from './wire-error.ts'

/** A segment on its way to a provider. */
export interface OutgoingSegment {
  /** From {@link PayerOrder.takeIndex}; the same when the segment is sent again under its order. */
  readonly index: bigint
  readonly sequence: bigint
  readonly durationMs: number
  readonly data: Chunks
  readonly inputHash: Uint8Array
  /** What it will cost by the payer's own reckoning, in wei. */
  readonly fee: Wei
}

/** A provider's answer, not yet verified. */
export interface StepReply {
  readonly result: ResultMessage
  readonly body: Chunks
  readonly roundTripMs: number
}

/** What a payer's order works with. */
export interface PayerOrderComponents {
  readonly host: NetHost
  readonly wallet: WalletSigner
  readonly logger: Logger
}

/** An order as its payer runs it: one stream, many segments in flight. */
export interface PayerOrder {
  readonly order: Order
  /** Fires when the order can take no more segments. */
  readonly ended: AbortSignal
  account(): Account
  /** An index that was never used under this order. */
  takeIndex(): Promise<bigint>
  send(
    segment: OutgoingSegment,
    options: { signal: AbortSignal },
  ): Promise<Result<StepReply, StepFailure>>
  /** Ends the stream; the state says whether the order may be gone on with. */
  close(state: OrderState): Promise<void>
}

type Answer =
  | { readonly type: 'result'; readonly message: ResultMessage; readonly body: Chunks }
  | ErrorMessage

/** An order over a stream that its provider has accepted. */
export function createPayerOrder(
  components: PayerOrderComponents,
  book: PayerBook,
  channel: FrameChannel,
  session: PaySession,
): PayerOrder {
  return new StreamPayerOrder(components, book, channel, session)
}

class StreamPayerOrder implements PayerOrder {
  readonly order: Order
  readonly #components: PayerOrderComponents
  readonly #channel: FrameChannel
  readonly #session: PaySession
  readonly #ended = new AbortController()
  readonly #waiting = new Map<bigint, (answer: Answer) => void>()
  readonly #paying = createSerial()
  readonly #profilesHash: Uint8Array
  readonly #book: PayerBook
  #reserved = 0n
  readonly #reading: Promise<void>
  #closing: Promise<void> | null = null

  constructor(
    components: PayerOrderComponents,
    book: PayerBook,
    channel: FrameChannel,
    session: PaySession,
  ) {
    this.order = book.order
    this.#book = book
    this.#components = components
    this.#channel = channel
    this.#session = session
    this.#profilesHash = profilesHash(book.order.profiles)
    this.#reading = this.#read()
  }

  get ended(): AbortSignal {
    return this.#ended.signal
  }

  account(): Account {
    return this.#book.account()
  }

  async takeIndex(): Promise<bigint> {
    return this.#book.takeIndex()
  }

  async send(
    segment: OutgoingSegment,
    { signal }: { signal: AbortSignal },
  ): Promise<Result<StepReply, StepFailure>> {
    let reserved = 0n
    let dueOf = (): Wei => {
      const due = shortfall(creditOf(this.account()), this.#reserved, segment.fee)
      reserved = segment.fee
      this.#reserved += reserved
      return due
    }
    try {
      for (let retry = 0; ; retry += 1) {
        const answered = await this.#exchange(segment, dueOf, signal)
        if (!answered.ok) return answered
        const { answer, paid, roundTripMs } = answered.value
        if (answer.type === 'result') {
          this.#settle(answer.message, segment.fee)
          return ok({ result: answer.message, body: answer.body, roundTripMs })
        }
        const failure = failureOf(answer)
        if (wireErrors[answer.code].class !== 'pay' || retry >= exchangeLimits.maxPaymentRetries) {
          if (failure.class === 'fatal') this.#end(new Error(failure.code))
          return err(failure)
        }
        if (answer.grant !== null) await this.#useGrant(answer.grant)
        if (answer.code === 'NEW_PAYMENT_PARAMS') this.#book.refused(paid)
        // What is asked for is believed up to twice the fee; more is not worth this provider.
        const asked = minBig(answer.missing, 2n * segment.fee)
        dueOf = () => maxBig(answer.code === 'LOW_PM_BALANCE' ? asked : segment.fee, 1n)
      }
    } catch (error) {
      signal.throwIfAborted()
      const cause: unknown = this.#ended.signal.aborted ? this.#ended.signal.reason : error
      return err(cause instanceof OrderEnded ? cause.failure : connectionFailure(cause))
    } finally {
      this.#reserved -= reserved
    }
  }

  async close(state: OrderState): Promise<void> {
    this.#closing ??= this.#close(state)
    return this.#closing
  }

  async #close(state: OrderState): Promise<void> {
    this.#end(new DOMException('the order was closed', 'AbortError'))
    await this.#channel.close({ signal: AbortSignal.timeout(1_000) }).catch(() => {})
    await this.#reading
    await this.#book.leave(state)
  }

  /** Pays what is due, sends the segment with it, and waits for its answer. */
  async #exchange(
    segment: OutgoingSegment,
    dueOf: () => Wei,
    signal: AbortSignal,
  ): Promise<Result<{ answer: Answer; paid: Wei; roundTripMs: number }, StepFailure>> {
    const bounded = AbortSignal.any([signal, this.#ended.signal])
    // What is due is reckoned in turn: a payment under way for another segment counts already.
    const paid = await this.#paying(async () => {
      bounded.throwIfAborted()
      return this.#pay(dueOf(), bounded)
    })
    if (!paid.ok) return paid
    const { index, sequence, durationMs, inputHash } = segment
    const signed = {
      index,
      sequence,
      durationMs,
      inputHash,
      profilesHash: this.#profilesHash,
      price: this.order.price,
      payment: paid.value.proof,
    }
    const payerSignature = this.#components.wallet.signMessage(
      segmentDigest(orderIdBytes(this.order), signed),
    )
    const header = encodePayerMessage({ type: 'segment', ...signed, payerSignature })
    const startedAt = performance.now()
    const answer = this.#answerTo(index, bounded)
    try {
      await this.#channel.send(header, segment.data, { signal: bounded })
    } catch (error) {
      this.#waiting.delete(index)
      answer.catch(() => {})
      this.#end(error)
      throw error
    }
    const answered = await answer
    return ok({
      answer: answered,
      paid: paid.value.value,
      roundTripMs: performance.now() - startedAt,
    })
  }

  async #pay(
    due: Wei,
    signal: AbortSignal,
  ): Promise<Result<{ proof: Uint8Array; value: Wei }, StepFailure>> {
    if (due === 0n) return ok({ proof: new Uint8Array(0), value: 0n })
    let paid = await this.#session.pay(due)
    if (!paid.ok && paid.error.class === 'new-params') {
      const renewed = await this.#renewGrant(signal)
      if (!renewed.ok) return renewed
      paid = await this.#session.pay(due)
    }
    if (!paid.ok) {
      const { class: faultClass, code, detail } = paid.error
      return err({ class: faultClass === 'underfunded' ? 'fatal' : 'elsewhere', code, detail })
    }
    await this.#book.paid(paid.value.value)
    return paid
  }

  /** Asks for a grant on the other connection, where it does not queue behind segments. */
  async #renewGrant(signal: AbortSignal): Promise<Result<void, StepFailure>> {
    const request = encodePayerMessage({
      type: 'payment',
      orderId: orderIdBytes(this.order),
      payment: new Uint8Array(0),
    })
    const reply = await this.#components.host.request(
      { peerId: this.order.providerPeerId },
      PAYMENT_PROTOCOL,
      request,
      {
        lane: 'control',
        signal,
        maxHeaderBytes: exchangeLimits.maxHeaderBytes,
        timeoutMs: exchangeLimits.openTimeoutMs,
      },
    )
    const message = parseProviderMessage(reply)
    if (!message.ok || message.value.type !== 'paid' || message.value.grant === null) {
      if (message.ok && message.value.type === 'error') return err(failureOf(message.value))
      return err({
        class: 'elsewhere',
        code: 'NO_GRANT',
        detail: 'no fresh payment terms to be had',
      })
    }
    const used = await this.#session.useGrant(message.value.grant)
    if (used.ok) return ok(undefined)
    return err({ class: 'elsewhere', code: used.error.code, detail: used.error.detail })
  }

  /** Books what a result cost; a payer's books are its own, the provider's word is compared. */
  #settle(result: ResultMessage, fee: Wei): void {
    // The result is not verified yet: an overclaim must not raise what other segments pay.
    const debited = minBig(result.debited, fee + fee / 8n)
    this.#book.settled({ debited, units: result.units })
    if (result.grant !== null) void this.#useGrant(result.grant)
    if (this.#waiting.size > 0) return
    const ours = creditOf(this.account())
    if (result.credit === ours) {
      this.#book.confirmed()
      return
    }
    const fields = { orderId: this.order.orderId, ours, theirs: result.credit }
    this.#components.logger.warn(fields, 'the provider reckons another credit')
  }

  /** Takes a grant up before anything more is paid. Never rejects. */
  async #useGrant(grant: Uint8Array): Promise<void> {
    const { logger } = this.#components
    try {
      const used = await this.#paying(() => this.#session.useGrant(grant))
      if (!used.ok) logger.warn({ code: used.error.code }, 'grant not acceptable')
    } catch (error) {
      logger.warn({ err: error }, 'grant not taken up')
    }
  }

  #answerTo(index: bigint, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(index)
        reject(signal.reason as Error)
      }
      this.#waiting.set(index, (answer) => {
        signal.removeEventListener('abort', onAbort)
        resolve(answer)
      })
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
    })
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const frame = await this.#channel.receive({ signal: this.#ended.signal })
        if (frame === null) throw new Error('the provider closed the order')
        const message = parseProviderMessage(frame.header)
        if (!message.ok) throw new Error('the provider sent a malformed frame')
        const { value } = message
        if (value.type === 'result') {
          this.#deliver(value.index, { type: 'result', message: value, body: frame.body })
        } else if (value.type === 'error' && value.index !== null) {
          this.#deliver(value.index, value)
        } else if (value.type === 'error') {
          throw new OrderEnded(failureOf(value))
        }
      }
    } catch (error) {
      this.#end(error)
    }
  }

  #deliver(index: bigint, answer: Answer): void {
    this.#waiting.get(index)?.(answer)
    this.#waiting.delete(index)
  }

  #end(reason: unknown): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort(reason)
    if (!isAbort(reason))
      this.#channel.abort(reason instanceof Error ? reason : new Error('order ended'))
  }
}
