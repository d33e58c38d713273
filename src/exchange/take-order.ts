import { bytesEqual } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import type { WalletSigner } from '../lib/crypto/eip191.ts'
import type { Logger } from '../lib/logger.ts'
import { err, type Result } from '../lib/result.ts'
import { compareRatio, priceOf, type Ratio } from '../lib/wei.ts'
import type { Directory } from '../market/directory.ts'
import { profilesHash, type QuoteRequest } from '../market/quote.ts'
import type { Reputation } from '../market/reputation.ts'
import type { Choice } from '../market/selection.ts'
import type { Profile } from '../media/profile.ts'
import type { NetHost } from '../net/host.ts'
import type { PayerRail } from '../rails/rail.ts'
import { exchangeLimits } from './limits.ts'
import { openPayerOrder } from './open-order.ts'
import { expectedFee, type Order, orderOf } from './order.ts'
import type { OrderWanted } from './order-wanted.ts'
import type { PayerBook, PayerBooks } from './payer-books.ts'
import type { PayerOrder } from './payer-order.ts'
import type { StepFailure } from './step-failure.ts'

/** What taking an order up works with. */
export interface TakeOrderComponents {
  readonly host: NetHost
  readonly wallet: WalletSigner
  readonly books: PayerBooks
  readonly directory: Directory
  readonly reputation: Reputation
  readonly rail: PayerRail
  readonly clock: Clock
  readonly logger: Logger
}

/** The stream that orders are taken up for. */
export interface TakeOrderInit {
  readonly service: string
  readonly profiles: readonly Profile[]
  readonly manifestId: string
  readonly maxPrice: Ratio | null
}

/** A refusal that is nobody's misdeed: there is nobody, or not now. */
export function nobody(code: string, detail: string): Result<never, StepFailure> {
  return err({ class: 'elsewhere', code, detail })
}

/** Opens an order on a quote, or takes one up again that stands with its provider at no higher price. */
export async function openChoice(
  components: TakeOrderComponents,
  init: TakeOrderInit,
  wanted: OrderWanted,
  request: QuoteRequest,
  { quote, candidate }: Pick<Choice, 'quote' | 'candidate'>,
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
export async function resume(
  components: TakeOrderComponents,
  init: TakeOrderInit,
  wanted: OrderWanted,
  avoid: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<PayerOrder | null> {
  const { books, directory, rail, reputation, logger } = components
  const { maxPrice } = init
  for (;;) {
    const book = books.takeInterrupted(
      (order) =>
        !avoid.has(order.providerPeerId) &&
        reputation.until(order.providerPeerId) === null &&
        (maxPrice === null || compareRatio(order.price, maxPrice) <= 0) &&
        serves(order, init, rail.id, wanted),
    )
    if (book === null) return null
    const { orderId, providerPeerId } = book.order
    const addresses = directory.latestOf(providerPeerId)?.advert.addresses ?? book.addresses
    const timeoutMs = exchangeLimits.resumeTimeoutMs
    const at = { addresses, offer: null, timeoutMs }
    const opened = await openBook(components, init, book, at, signal)
    if (opened.ok) {
      logger.info({ orderId, provider: providerPeerId }, 'order resumed')
      return opened.value
    }
    logger.info({ orderId, provider: providerPeerId, ...opened.error }, 'order not resumed')
    if (opened.error.class !== 'elsewhere') reputation.failed(providerPeerId, opened.error.class)
  }
}

/** Whether segments of a stream can go under an order that was made for others. */
function serves(
  order: Order,
  { service, profiles }: TakeOrderInit,
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
  components: TakeOrderComponents,
  init: TakeOrderInit,
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
      return nobody(session.error.code, session.error.detail)
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
