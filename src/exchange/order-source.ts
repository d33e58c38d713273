import { sleep } from '../lib/abort.ts'
import { bytesEqual } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { WalletSigner } from '../lib/crypto/eip191.ts'
import type { Logger } from '../lib/logger.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { compareRatio, priceOf } from '../lib/wei.ts'
import type { Directory } from '../market/directory.ts'
import type { MarketMetrics } from '../market/metrics.ts'
import { profilesHash, type QuoteRequest } from '../market/quote.ts'
import { type QuoteAnswer, seekQuotes } from '../market/quote-seeker.ts'
import {
  type Candidate,
  type Choice,
  type DecisionRecord,
  type SelectionPolicy,
  select,
} from '../market/selection.ts'
import type { Suspensions } from '../market/suspension.ts'
import type { Profile } from '../media/profile.ts'
import type { NetHost } from '../net/host.ts'
import type { Binding } from '../net/identity.ts'
import type { PayerRail } from '../rails/rail.ts'
import type { OrderSource, OrderWanted } from './dispatcher.ts'
import { exchangeLimits } from './limits.ts'
import { openPayerOrder } from './open-order.ts'
import { expectedFee, type Order, orderOf } from './order.ts'
import type { PayerBook, PayerBooks } from './payer-books.ts'
import type { PayerOrder } from './payer-order.ts'
import type { StepFailure } from './step-failure.ts'

/** What finding orders works with. */
export interface OrderSourceComponents {
  readonly host: NetHost
  readonly wallet: WalletSigner
  readonly books: PayerBooks
  readonly directory: Directory
  readonly suspensions: Suspensions
  readonly rail: PayerRail
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MarketMetrics
  stakeOf(address: Address): Promise<bigint>
  /** Told of every choice made. */
  onDecision(record: DecisionRecord): void
}

/** What a stream wants of its providers. */
export interface OrderSourceInit {
  readonly chainId: bigint
  readonly binding: Binding
  readonly service: string
  readonly region: string
  readonly profiles: readonly Profile[]
  readonly manifestId: string
  readonly policy: SelectionPolicy
  /** How long answers are waited for. */
  readonly discoveryTimeoutMs: number
  /** How long the directory may fill after its first advert, before the first choice. */
  readonly settleMs: number
}

/**
 * Goes on with an order that broke off, in one round trip; when there is none, asks the market for
 * quotes, chooses, and opens the order.
 */
export function createOrderSource(
  components: OrderSourceComponents,
  init: OrderSourceInit,
): OrderSource {
  const { directory, suspensions, clock, logger } = components
  let isSettled = false
  return {
    async acquire(wanted, avoid, { signal }) {
      const resumed = await resume(components, init, wanted, avoid, signal)
      if (resumed !== null) return ok(resumed)
      const { durationMs, units } = wanted
      if (!isSettled && directory.live().length > 0) {
        isSettled = true
        await sleep(init.settleMs, { signal })
      }
      const adverts = directory
        .live()
        .map(({ advert }) => advert)
        .filter(({ services }) => services.includes(init.service))
        .filter(({ regions }) => init.region === '' || regions.includes(init.region))
        .filter(({ peerId }) => peerId !== components.host.peerId && !avoid.has(peerId))
      if (adverts.length === 0) {
        return none(
          'NO_ORCHESTRATOR',
          `nobody else advertises ${init.service} ${init.region}`.trim(),
        )
      }
      const request: QuoteRequest = {
        chainId: init.chainId,
        service: init.service,
        profiles: init.profiles,
        region: init.region,
        segmentMs: durationMs,
        expectedUnits: units,
        rail: components.rail.id,
        payer: init.binding,
      }
      const deadlineMs = init.discoveryTimeoutMs
      const answers = await seekQuotes(components, adverts, request, { deadlineMs, signal })
      const candidates = await Promise.all(answers.map((answer) => candidateOf(components, answer)))
      const { ranked, record } = selectOrForgive(candidates, init.policy, clock.now())
      components.onDecision(record)
      if (ranked.length === 0) {
        const reasons = record.considered.map(({ peerId, why }) => `${peerId.slice(-6)}: ${why}`)
        return none('NO_OFFER', reasons.join('; '))
      }
      for (const choice of ranked) {
        const opened = await openChoice(components, init, wanted, request, choice, signal)
        if (opened.ok) return opened
        logger.warn(
          { provider: choice.quote.providerPeerId, code: opened.error.code },
          'order not opened',
        )
        if (isProvidersFault(opened.error)) suspensions.failed(choice.quote.providerPeerId)
      }
      return none('NO_ORDER', 'nobody who quoted took the order')
    },
    failed(providerPeerId, failure) {
      logger.warn({ provider: providerPeerId, ...failure }, 'a segment was not delivered')
      if (isProvidersFault(failure)) suspensions.failed(providerPeerId)
    },
    succeeded: (providerPeerId) => suspensions.succeeded(providerPeerId),
  }
}

/**
 * A full provider, a changed price and an empty deposit of our own are nobody's misdeed; nor is a
 * broken connection, unless it cannot be made again.
 */
function isProvidersFault({ class: failureClass, code }: StepFailure): boolean {
  if (code === 'PAYER_UNDERFUNDED') return false
  return failureClass === 'failed' || failureClass === 'fatal'
}

function none(code: string, detail: string): Result<never, StepFailure> {
  return err({ class: 'elsewhere', code, detail })
}

/** Rather someone who failed lately than nobody. */
function selectOrForgive(
  candidates: readonly Candidate[],
  policy: SelectionPolicy,
  nowMs: number,
): { readonly ranked: readonly Choice[]; readonly record: DecisionRecord } {
  const strict = select(candidates, policy, nowMs)
  if (strict.ranked.length > 0) return strict
  const forgiven = candidates.map((candidate) => ({ ...candidate, suspendedUntilMs: null }))
  return select(forgiven, policy, nowMs)
}

async function candidateOf(
  components: OrderSourceComponents,
  answer: QuoteAnswer,
): Promise<Candidate> {
  const { advert, outcome } = answer
  const suspendedUntilMs = components.suspensions.until(advert.peerId)
  if (outcome.type !== 'quote') {
    return { answer, stake: 0n, suspendedUntilMs, railObjection: null }
  }
  const [stake, judged] = await Promise.all([
    components.stakeOf(advert.address),
    components.rail.judge(outcome.quote.offer, outcome.quote.provider),
  ])
  const railObjection = judged.ok ? null : `${judged.error.code}: ${judged.error.detail}`
  return { answer, stake, suspendedUntilMs, railObjection }
}

async function openChoice(
  components: OrderSourceComponents,
  init: OrderSourceInit,
  wanted: OrderWanted,
  request: QuoteRequest,
  { quote, candidate }: Choice,
  signal: AbortSignal,
): Promise<Result<PayerOrder, StepFailure>> {
  const { books, rail, clock } = components
  const { addresses } = candidate.answer.advert
  // An earlier order with this provider has credit left; its price must be as good.
  const earlier = books.takeIdle(
    (order) =>
      order.providerPeerId === quote.providerPeerId &&
      order.provider === quote.provider &&
      compareRatio(order.price, quote.price) <= 0 &&
      serves(order, init, rail.id, wanted),
  )
  if (earlier !== null) {
    const opened = await openBook(
      components,
      init,
      earlier,
      { addresses, offer: quote.offer },
      signal,
    )
    if (opened.ok || opened.error.class === 'lost') return opened
  }
  const book = books.begin(orderOf(quote, request, clock.now()), addresses)
  return openBook(components, init, book, { addresses, offer: quote.offer }, signal)
}

/** Takes up again what broke off, whoever is the first to answer; null when nobody does. */
async function resume(
  components: OrderSourceComponents,
  init: OrderSourceInit,
  wanted: OrderWanted,
  avoid: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<PayerOrder | null> {
  const { books, directory, rail, suspensions, logger } = components
  const { maxPrice } = init.policy
  for (;;) {
    const book = books.takeInterrupted(
      (order) =>
        !avoid.has(order.providerPeerId) &&
        suspensions.until(order.providerPeerId) === null &&
        (maxPrice === null || compareRatio(order.price, maxPrice) <= 0) &&
        serves(order, init, rail.id, wanted),
    )
    if (book === null) return null
    const { orderId, providerPeerId } = book.order
    const live = directory.live().find(({ advert }) => advert.peerId === providerPeerId)
    const addresses = live?.advert.addresses ?? book.addresses
    const timeoutMs = exchangeLimits.resumeTimeoutMs
    const at = { addresses, offer: null, timeoutMs }
    const opened = await openBook(components, init, book, at, signal)
    if (opened.ok) {
      logger.info({ orderId, provider: providerPeerId }, 'order resumed')
      return opened.value
    }
    logger.info({ orderId, provider: providerPeerId, ...opened.error }, 'order not resumed')
    if (opened.error.class !== 'elsewhere') suspensions.failed(providerPeerId)
  }
}

/** Whether segments of a stream can go under an order that was made for others. */
function serves(
  order: Order,
  { service, profiles }: OrderSourceInit,
  rail: string,
  { durationMs, units }: OrderWanted,
): boolean {
  if (order.service !== service || order.rail !== rail) return false
  if (!bytesEqual(profilesHash(order.profiles), profilesHash(profiles))) return false
  if (durationMs > 2 * order.segmentMs) return false
  // Twice the fee that was foreseen is what the payments of an order are made for.
  const price = order.price
  return priceOf(units, price) <= 2n * expectedFee(order, durationMs)
}

/** Opens an order's stream; its book goes back when that fails. */
async function openBook(
  components: OrderSourceComponents,
  init: OrderSourceInit,
  book: PayerBook,
  at: {
    readonly addresses: readonly string[]
    readonly offer: Uint8Array | null
    readonly timeoutMs?: number
  },
  signal: AbortSignal,
): Promise<Result<PayerOrder, StepFailure>> {
  const { order } = book
  const { offer, ...opening } = at
  const context = { orderId: order.orderId, payer: order.payer, payee: order.provider }
  try {
    const session = await components.rail.openPay(context, offer)
    if (!session.ok) {
      await book.leave('idle')
      return none(session.error.code, session.error.detail)
    }
    const { manifestId } = init
    const open = { book, manifestId, ...opening }
    const opened = await openPayerOrder(components, open, session.value, { signal })
    if (opened.ok) return opened
    const { class: failureClass, code } = opened.error
    if (failureClass === 'lost' || code === 'TIMEOUT') book.unreachable()
    else await book.leave(failureClass === 'elsewhere' ? 'idle' : 'over')
    return opened
  } catch (error) {
    book.unreachable()
    throw error
  }
}
