import { sleep } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import { ok, type Result } from '../lib/result.ts'
import type { DecisionReason, DecisionRecord } from '../market/decision.ts'
import { createExplorer } from '../market/explorer.ts'
import type { PaymentTerms } from '../market/figures.ts'
import type { MarketMetrics } from '../market/metrics.ts'
import type { QuoteAnswer } from '../market/quote-seeker.ts'
import type { HeldQuotes, QuoteTable, WantedWork } from '../market/quote-table.ts'
import {
  type Candidate,
  type Selection,
  type SelectionContext,
  type Selector,
  select,
} from '../market/selection.ts'
import type { SelectionPolicy } from '../market/selection-policy.ts'
import { coversNeeded, neededPairs } from '../market/service.ts'
import { type Order, quoteOf } from './order.ts'
import type { AcquireOptions, OrderSource, OrderWanted, Review } from './order-wanted.ts'
import type { PayerOrder } from './payer-order.ts'
import type { StepFailure } from './step-failure.ts'
import {
  nobody,
  openChoice,
  resume,
  type TakeOrderComponents,
  type TakeOrderInit,
} from './take-order.ts'

/** What finding orders works with. */
export interface OrderSourceComponents extends TakeOrderComponents {
  /** The answers of the market; shared by all streams. */
  readonly table: QuoteTable
  readonly metrics: MarketMetrics
  /** How to choose; the default selector where absent. */
  readonly selector?: Selector
  /** 0 inclusive to 1 exclusive; decides who is tried. */
  random(): number
  stakeOf(address: Address): Promise<bigint>
  /** What the payment terms of an offer come to; null when they cannot be read. */
  termsOf(offer: Uint8Array): PaymentTerms | null
  /** Told of every choice made. */
  onDecision(record: DecisionRecord): void
}

/** What a stream wants of its providers. */
export interface OrderSourceInit extends Omit<TakeOrderInit, 'maxPrice'> {
  readonly region: string
  readonly policy: SelectionPolicy
  /** How long the directory may fill after its first advert, before the first choice. */
  readonly settleMs: number
}

/** Whoever is tried may cost so many times what the best costs. */
const MAX_TRY_PRICE = 2

/**
 * Goes on with an order that broke off, in one round trip; when there is none, chooses among the
 * quotes at hand, or asks the market when there are none, and opens the order.
 */
export function createOrderSource(
  components: OrderSourceComponents,
  init: OrderSourceInit,
): Required<OrderSource> {
  const market = new StreamMarket(components, init)
  // As plain functions, so that a caller may replace one of them.
  return {
    acquire: async (wanted, avoid, options) => market.acquire(wanted, avoid, options),
    review: async (wanted, running, others) => market.review(wanted, running, others),
    failed: (providerPeerId, failure) => market.failed(providerPeerId, failure),
    succeeded: (providerPeerId, done) => components.reputation.succeeded(providerPeerId, done),
  }
}

class StreamMarket {
  readonly #components: OrderSourceComponents
  readonly #init: OrderSourceInit
  readonly #take: TakeOrderInit
  readonly #explorer: ReturnType<typeof createExplorer>
  #choices = 0

  constructor(components: OrderSourceComponents, init: OrderSourceInit) {
    this.#components = components
    this.#init = init
    this.#take = { ...init, maxPrice: init.policy.maxPrice }
    this.#explorer = createExplorer({ share: init.policy.explore, random: components.random })
  }

  async acquire(
    wanted: OrderWanted,
    avoid: ReadonlySet<string>,
    { signal, to }: AcquireOptions,
  ): Promise<Result<PayerOrder, StepFailure>> {
    const { table } = this.#components
    if (to !== undefined) return this.#acquireFrom(to, wanted, signal)
    const resumed = await resume(this.#components, this.#take, wanted, avoid, signal)
    if (resumed !== null) return ok(resumed)
    await this.#settle(signal)
    const work = this.#workOf(wanted)
    let held = table.held(work)
    let chosen = held.isWarm ? await this.#choose(held, wanted, avoid) : null
    if (chosen === null || chosen.ranked.length === 0) {
      held = await table.ask(work, avoid, { signal })
      if (this.#answersOf(held, wanted, avoid).length === 0) {
        const { service, region } = this.#init
        return nobody('NO_ORCHESTRATOR', `nobody else advertises ${service} ${region}`.trim())
      }
      chosen = await this.#chooseOrForgive(held, wanted, avoid)
    }
    this.#record(chosen.record)
    if (chosen.ranked.length === 0) {
      const { considered } = chosen.record
      const reasons = considered.map(({ peerId, why }) => `${peerId.slice(-6)}: ${why}`)
      return nobody('NO_OFFER', reasons.join('; '))
    }
    return this.#open(chosen.ranked, held, wanted, signal)
  }

  async review(wanted: OrderWanted, order: Order, open: readonly Order[]): Promise<Review> {
    const { table, clock } = this.#components
    const { providerPeerId: running } = order
    this.#explorer.segment()
    const held = table.held(this.#workOf(wanted))
    const now = await this.#candidateOfOrder(order)
    if (now === null || (!held.isWarm && open.length === 0)) return { verdict: 'stay' }
    const engaged = new Set([running, ...open.map(({ providerPeerId }) => providerPeerId)])
    const others = this.#answersOf(held, wanted, engaged).filter(
      ({ outcome }) => outcome.type === 'quote',
    )
    const spares = await Promise.all(open.map(async (one) => this.#candidateOfOrder(one)))
    const candidates = [
      now,
      ...spares.filter((one) => one !== null),
      ...(await Promise.all(others.map(async (answer) => this.#candidateOf(answer)))),
    ]
    const context = { ...this.#contextOf(wanted, true, 'move'), running }
    const { ranked, record } = this.#select(candidates, context)
    const [first] = ranked
    if (first === undefined) return { verdict: 'stay' }
    if (first.quote.providerPeerId !== running) {
      this.#record(record)
      return { verdict: 'move', to: first.quote.providerPeerId }
    }
    const worth = ranked
      .slice(1)
      .filter(({ figures }) => figures.price <= MAX_TRY_PRICE * first.figures.price)
      .map(({ quote, candidate: { reputation } }) => ({
        peerId: quote.providerPeerId,
        workedAtMs: reputation.workedAtMs,
      }))
    const to = this.#explorer.pick(worth, clock.now())
    if (to === null) return { verdict: 'stay' }
    this.#record(this.#select(candidates, { ...context, reason: 'try', trying: to }).record)
    return { verdict: 'try', to }
  }

  failed(providerPeerId: string, failure: StepFailure): void {
    const { logger, reputation } = this.#components
    logger.warn({ provider: providerPeerId, ...failure }, 'a segment was not delivered')
    if (isProvidersFault(failure)) reputation.failed(providerPeerId, failure.class)
    else if (failure.class === 'lost') reputation.noted(providerPeerId, failure.class)
  }

  /** From one provider, whose quote must be at hand. */
  async #acquireFrom(
    peerId: string,
    wanted: OrderWanted,
    signal: AbortSignal,
  ): Promise<Result<PayerOrder, StepFailure>> {
    const held = this.#components.table.held(this.#workOf(wanted))
    const answer = held.answers.find(({ advert }) => advert.peerId === peerId)
    if (answer?.outcome.type !== 'quote') return nobody('NO_OFFER', 'its quote is gone')
    const candidate = await this.#candidateOf(answer)
    const context = this.#contextOf(wanted, true, 'move')
    const { ranked } = this.#select([candidate], context)
    if (ranked.length === 0) return nobody('NO_OFFER', 'its quote will not do any more')
    return this.#open(ranked, held, wanted, signal)
  }

  /** The directory is given a moment to fill, once in its life. */
  async #settle(signal: AbortSignal): Promise<void> {
    const { directory, clock } = this.#components
    const firstAtMs = directory.firstAtMs()
    if (firstAtMs === null) return
    const leftMs = firstAtMs + this.#init.settleMs - clock.now()
    if (leftMs > 0) await sleep(leftMs, { signal })
  }

  #workOf({ durationMs, units }: OrderWanted): WantedWork {
    const { service, region, profiles, policy } = this.#init
    const { minStake } = policy
    return {
      ...{ service, region, profiles, minStake },
      segmentMs: durationMs,
      expectedUnits: units,
    }
  }

  /** The answers of those that can do the work at all, also by what the segments come as. */
  #answersOf(
    { answers }: HeldQuotes,
    { source }: OrderWanted,
    avoid: ReadonlySet<string>,
  ): QuoteAnswer[] {
    const needed = neededPairs(this.#init.profiles, source ?? null)
    return answers.filter(
      ({ advert: { peerId, services } }) => !avoid.has(peerId) && coversNeeded(services, needed),
    )
  }

  #contextOf(
    { units }: OrderWanted,
    isFromTable: boolean,
    reason: DecisionReason,
  ): SelectionContext {
    const { manifestId: stream } = this.#init
    const nowMs = this.#components.clock.now()
    return { nowMs, stream, reason, units, isFromTable, running: null, trying: null }
  }

  #select(candidates: readonly Candidate[], context: SelectionContext): Selection {
    const { selector = select } = this.#components
    return selector(candidates, this.#init.policy, context)
  }

  async #choose(
    held: HeldQuotes,
    wanted: OrderWanted,
    avoid: ReadonlySet<string>,
  ): Promise<Selection> {
    const candidates = await this.#candidates(held, wanted, avoid)
    return this.#select(candidates, this.#startContext(held, wanted))
  }

  /** Rather someone who failed lately than nobody. */
  async #chooseOrForgive(
    held: HeldQuotes,
    wanted: OrderWanted,
    avoid: ReadonlySet<string>,
  ): Promise<Selection> {
    const candidates = await this.#candidates(held, wanted, avoid)
    const context = this.#startContext(held, wanted)
    const strict = this.#select(candidates, context)
    if (strict.ranked.length > 0) return strict
    const forgiven = candidates.map((candidate) => ({ ...candidate, suspendedUntilMs: null }))
    return this.#select(forgiven, context)
  }

  #startContext({ isWarm }: HeldQuotes, wanted: OrderWanted): SelectionContext {
    return this.#contextOf(wanted, isWarm, this.#choices === 0 ? 'start' : 'next')
  }

  async #candidates(
    held: HeldQuotes,
    wanted: OrderWanted,
    avoid: ReadonlySet<string>,
  ): Promise<Candidate[]> {
    const answers = this.#answersOf(held, wanted, avoid)
    return Promise.all(answers.map(async (answer) => this.#candidateOf(answer)))
  }

  async #candidateOf(
    answer: QuoteAnswer,
    { isOpen = false }: { readonly isOpen?: boolean } = {},
  ): Promise<Candidate> {
    const { reputation, rail, stakeOf, termsOf } = this.#components
    const { advert, outcome } = answer
    const known = {
      answer,
      reputation: reputation.of(advert.peerId),
      suspendedUntilMs: reputation.until(advert.peerId),
    }
    if (outcome.type !== 'quote') {
      return { ...known, stake: 0n, railObjection: null, terms: null }
    }
    const { offer, provider } = outcome.quote
    const [stake, judged] = await Promise.all([
      stakeOf(advert.address),
      // The terms under which it works were taken long ago, and renewed since.
      isOpen ? ok(undefined) : rail.judge(offer, provider),
    ])
    const railObjection = judged.ok ? null : `${judged.error.code}: ${judged.error.detail}`
    return { ...known, stake, railObjection, terms: termsOf(offer) }
  }

  /** One whose order is open keeps its price, which may be less than it is now. */
  async #candidateOfOrder(order: Order): Promise<Candidate | null> {
    const advert = this.#components.directory.latestOf(order.providerPeerId)?.advert
    if (advert === undefined) return null
    const outcome = { type: 'quote', quote: quoteOf(order) } as const
    return this.#candidateOf({ advert, responseMs: 0, outcome }, { isOpen: true })
  }

  #record(record: DecisionRecord): void {
    const { metrics, onDecision } = this.#components
    const source = record.isFromTable ? 'table' : 'asked'
    metrics.choices.inc({ reason: record.reason, source })
    if (record.chosenPeerId !== null) this.#choices += 1
    onDecision(record)
  }

  async #open(
    ranked: Selection['ranked'],
    { request }: HeldQuotes,
    wanted: OrderWanted,
    signal: AbortSignal,
  ): Promise<Result<PayerOrder, StepFailure>> {
    const { table, logger, reputation } = this.#components
    for (const choice of ranked) {
      const { providerPeerId } = choice.quote
      table.taken(choice.quote)
      const opened = await openChoice(this.#components, this.#take, wanted, request, choice, signal)
      if (opened.ok) return opened
      logger.warn({ provider: providerPeerId, code: opened.error.code }, 'order not opened')
      if (isProvidersFault(opened.error)) reputation.failed(providerPeerId, opened.error.class)
    }
    return nobody('NO_ORDER', 'nobody who quoted took the order')
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
