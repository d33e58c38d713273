import { sleep } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { WalletSigner } from '../lib/crypto/eip191.ts'
import type { Logger } from '../lib/logger.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Directory } from '../market/directory.ts'
import type { MarketMetrics } from '../market/metrics.ts'
import type { QuoteRequest } from '../market/quote.ts'
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
import type { Store } from '../store/store.ts'
import type { OrderSource } from './dispatcher.ts'
import { orderOf } from './order.ts'
import { openPayerOrder, type PayerOrder } from './payer-order.ts'
import type { StepFailure } from './step-failure.ts'

/** What finding orders works with. */
export interface OrderSourceComponents {
  readonly host: NetHost
  readonly wallet: WalletSigner
  readonly store: Store
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

/** Asks the market for quotes, chooses, and opens the order. */
export function createOrderSource(
  components: OrderSourceComponents,
  init: OrderSourceInit,
): OrderSource {
  const { directory, suspensions, clock, logger } = components
  let isSettled = false
  return {
    async acquire({ durationMs, units }, avoid, { signal }) {
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
        const opened = await openChoice(components, init, request, choice, signal)
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

/** A full provider, a changed price and an empty deposit of our own are nobody's misdeed. */
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
  request: QuoteRequest,
  { quote, candidate }: Choice,
  signal: AbortSignal,
): Promise<Result<PayerOrder, StepFailure>> {
  const order = orderOf(quote, request, components.clock.now())
  const context = { orderId: order.orderId, payer: order.payer, payee: order.provider }
  const session = await components.rail.openPay(context, quote.offer)
  if (!session.ok) return none(session.error.code, session.error.detail)
  const { addresses } = candidate.answer.advert
  const opening = { order, addresses, manifestId: init.manifestId }
  const opened = await openPayerOrder(components, opening, session.value, { signal })
  return opened.ok ? ok(opened.value) : opened
}
