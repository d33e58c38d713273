import { bytesEqual } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { TaskGroup } from '../lib/tasks.ts'
import type { Profile } from '../media/profile.ts'
import type { Binding } from '../net/identity.ts'
import type { Advert } from './advert.ts'
import { type AskPlan, type AskPlanInit, type Prospect, planAsks } from './ask-plan.ts'
import type { Directory, DirectoryEntry } from './directory.ts'
import { profilesHash, type Quote, type QuoteRequest } from './quote.ts'
import { isGood, newEntry, type QuoteEntry, renew, takeAnswer } from './quote-entry.ts'
import { askForQuote, type QuoteAnswer, type QuoteSeekerComponents } from './quote-seeker.ts'
import type { RateLimit } from './rate-limit.ts'
import type { Reputation } from './reputation.ts'
import { successRate } from './reputation-state.ts'
import type { Weights } from './selection-policy.ts'
import { neededPairs, offersService } from './service.ts'

/** Work that quotes are wanted for. */
export interface WantedWork {
  readonly service: string
  /** Empty for any. */
  readonly region: string
  readonly profiles: readonly Profile[]
  readonly segmentMs: number
  /** Pixels of all renditions of one such segment. */
  readonly expectedUnits: bigint
  readonly minStake: bigint
}

/** What asking for one kind of work takes. */
export interface WantComponents extends QuoteSeekerComponents {
  readonly directory: Directory
  readonly reputation: Reputation
  readonly tasks: TaskGroup
  readonly limit: RateLimit
  /** Fires when nobody is to be asked any more. */
  readonly signal: AbortSignal
  stakeOf(address: Address): Promise<bigint>
  onChange(): void
}

/** Who asks, and how. */
export interface WantInit extends AskPlanInit {
  readonly chainId: bigint
  readonly rail: string
  readonly payer: Binding
  /** How long one answer is waited for. */
  readonly deadlineMs: number
  readonly prefer: readonly Address[]
  readonly weights: Weights
}

/** Whether someone waits for the answers, since when, and who is of no use to them. */
export interface PlanOptions {
  readonly waitingSinceMs: number | null
  readonly avoid: ReadonlySet<string>
}

/** The adverts that fit some work: service, region; stake is looked up by the caller. */
export function matching(
  entries: readonly DirectoryEntry[],
  { service, region, profiles }: Pick<WantedWork, 'service' | 'region' | 'profiles'>,
): Advert[] {
  const needed = neededPairs(profiles, null)
  return entries
    .map(({ advert }) => advert)
    .filter(({ regions }) => region === '' || regions.includes(region))
    .filter(({ services }) => offersService(services, service, needed))
}

/** One kind of work, and the answers to the request for it. */
export class QuoteWant {
  readonly request: QuoteRequest
  readonly #components: WantComponents
  readonly #init: WantInit
  readonly #work: WantedWork
  readonly #entries = new Map<string, QuoteEntry>()
  readonly #stakes = new Map<Address, bigint>()
  #change = Promise.withResolvers<void>()
  #wasFilled = false
  touchedAtMs: number

  constructor(components: WantComponents, init: WantInit, work: WantedWork) {
    const { service, profiles, region, segmentMs, expectedUnits } = work
    const { chainId, rail, payer } = init
    this.#components = components
    this.#init = init
    this.#work = work
    this.request = { chainId, service, profiles, region, segmentMs, expectedUnits, rail, payer }
    this.touchedAtMs = components.clock.now()
  }

  touch(): void {
    this.touchedAtMs = this.#components.clock.now()
  }

  /** Whether quotes for this work do for that one: what is paid ahead must be about the same. */
  fits(work: WantedWork): boolean {
    const own = this.#work
    if (own.service !== work.service || own.region !== work.region) return false
    if (own.minStake !== work.minStake) return false
    if (!bytesEqual(profilesHash(own.profiles), profilesHash(work.profiles))) return false
    if (work.segmentMs > 2 * own.segmentMs) return false
    const ours = own.expectedUnits * BigInt(work.segmentMs)
    const theirs = work.expectedUnits * BigInt(own.segmentMs)
    return theirs <= 2n * ours && ours <= 4n * theirs
  }

  /** Quotes that can become orders. */
  quotes(): number {
    return [...this.#entries.values()].filter((entry) => this.#isGood(entry)).length
  }

  /** Whether those worth asking were asked, and nothing that was taken is still to come anew. */
  isFilled(): boolean {
    return this.#wasFilled && ![...this.#entries.values()].some(({ isTaken }) => isTaken)
  }

  /**
   * Whether there is nothing to wait for: enough quotes, or nobody else to come, or at least one
   * quote while all others are late.
   */
  isEnough(avoid: ReadonlySet<string>): boolean {
    const entries = [...this.#entries].filter(([peerId]) => !avoid.has(peerId))
    const good = entries.filter(([, entry]) => this.#isGood(entry)).length
    if (good >= this.#init.size) return true
    const lateBeforeMs = this.#components.clock.now() - this.#init.hedgeMs
    return !entries.some(
      ([, { askingSinceMs }]) =>
        askingSinceMs !== null && (good === 0 || askingSinceMs > lateBeforeMs),
    )
  }

  /** Resolves when the next answer is in. */
  nextChange(): Promise<void> {
    return this.#change.promise
  }

  /** One answer for each that fits, whether it was asked or not. */
  answers(): QuoteAnswer[] {
    return this.#adverts().map((advert) => {
      const entry = this.#entries.get(advert.peerId) ?? newEntry(advert)
      const { answer } = entry
      if (answer !== null && (answer.outcome.type !== 'quote' || this.#isGood(entry))) return answer
      const outcome =
        entry.askingSinceMs === null
          ? ({ type: 'not-asked' } as const)
          : ({ type: 'unreachable', reason: 'not in time' } as const)
      return { advert, responseMs: 0, outcome }
    })
  }

  /** A quote became an order; the next one is asked for at the next plan. */
  taken({ providerPeerId, quoteId }: Quote): void {
    const entry = this.#entries.get(providerPeerId)
    const outcome = entry?.answer?.outcome
    if (entry === undefined || outcome?.type !== 'quote') return
    if (!bytesEqual(outcome.quote.quoteId, quoteId)) return
    entry.quote = null
    entry.isTaken = true
  }

  /** Asks whoever is due, and says when to look again. */
  async plan(options: PlanOptions): Promise<Pick<AskPlan, 'nextAtMs'>> {
    const { clock, limit } = this.#components
    await this.#lookUpStakes()
    const adverts = this.#adverts()
    this.#update(adverts)
    const nowMs = clock.now()
    const prospects = adverts
      .filter(({ peerId }) => !options.avoid.has(peerId))
      .map((advert) => this.#prospect(advert, options))
    const { ask, nextAtMs } = planAsks(prospects, this.#init, nowMs)
    const allowed = ask.filter(() => limit.take('asks'))
    for (const peerId of allowed) this.#ask(this.#entries.get(peerId) as QuoteEntry)
    // Whoever is not asked again although its quote became an order is not waited for.
    for (const entry of this.#entries.values()) {
      if (entry.askingSinceMs === null) entry.isTaken = false
    }
    this.#wasFilled ||= prospects.length > 0 && this.isEnough(options.avoid)
    if (allowed.length < ask.length) return { nextAtMs: nowMs + LIMITED_MS }
    return {
      nextAtMs: ask.length === 0 ? nextAtMs : Math.min(nextAtMs, nowMs + this.#init.hedgeMs),
    }
  }

  #adverts(): Advert[] {
    const { directory, host } = this.#components
    const isPoor = (stake: bigint | undefined): boolean =>
      stake !== undefined && stake < this.#work.minStake
    return matching(directory.live(), this.#work).filter(
      ({ peerId, address }) => peerId !== host.peerId && !isPoor(this.#stakes.get(address)),
    )
  }

  /** Without a minimum nobody is looked up. */
  async #lookUpStakes(): Promise<void> {
    if (this.#work.minStake === 0n) return
    const adverts = matching(this.#components.directory.live(), this.#work)
    this.#stakes.clear()
    await Promise.all(
      adverts.map(async ({ address }) => {
        this.#stakes.set(address, await this.#components.stakeOf(address))
      }),
    )
  }

  #update(adverts: readonly Advert[]): void {
    const here = new Set(adverts.map(({ peerId }) => peerId))
    for (const [peerId, { askingSinceMs }] of this.#entries) {
      if (!here.has(peerId) && askingSinceMs === null) this.#entries.delete(peerId)
    }
    for (const advert of adverts) {
      const entry = this.#entries.get(advert.peerId)
      if (entry === undefined) this.#entries.set(advert.peerId, newEntry(advert))
      else if (entry.advert.sequence !== advert.sequence) renew(entry, advert)
    }
  }

  #prospect({ peerId, address }: Advert, { waitingSinceMs }: PlanOptions): Prospect {
    const entry = this.#entries.get(peerId) as QuoteEntry
    const { askedAtMs, askingSinceMs, quote } = entry
    // When there is nothing at hand, a silence is no reason to make someone wait; once.
    const isForgiven =
      waitingSinceMs !== null &&
      entry.answer?.outcome.type === 'unreachable' &&
      askedAtMs < waitingSinceMs &&
      this.quotes() === 0
    return {
      peerId,
      isPreferred: this.#init.prefer.includes(address),
      isSuspended: this.#components.reputation.until(peerId) !== null,
      hint: this.#hint(peerId, entry),
      retryAtMs: isForgiven ? 0 : entry.retryAtMs,
      ...{ askedAtMs, askingSinceMs, quote },
    }
  }

  /** Its last price and its time, by the weights; a guess at whether it is worth asking. */
  #hint(peerId: string, { price }: QuoteEntry): number | null {
    if (price === null) return null
    const { price: byPrice, latency, response } = this.#init.weights
    const known = this.#components.reputation.of(peerId)
    const timeMs = known.overheadMs ?? known.responseMs ?? 0
    const cost = Math.log1p(price) * byPrice + Math.log1p(timeMs) * (latency + response)
    return cost / successRate(known)
  }

  #isGood(entry: QuoteEntry): boolean {
    return isGood(entry, this.#components.clock.now())
  }

  #ask(entry: QuoteEntry): void {
    const { tasks, clock, signal, onChange } = this.#components
    const { deadlineMs } = this.#init
    entry.askedAtMs = clock.now()
    entry.askingSinceMs = entry.askedAtMs
    tasks.run(async () => {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)])
      const { advert } = entry
      const answer = await askForQuote(this.#components, advert, this.request, deadlineMs, bounded)
      if (signal.aborted) entry.askingSinceMs = null
      else this.#take(entry, answer)
      const { resolve } = this.#change
      this.#change = Promise.withResolvers<void>()
      resolve()
      onChange()
    })
  }

  #take(entry: QuoteEntry, answer: QuoteAnswer): void {
    const { clock, reputation } = this.#components
    const { peerId } = answer.advert
    const { type } = answer.outcome
    takeAnswer(entry, answer, clock.now())
    // A no and a silence are not held against anyone; a wrong signature is no accident.
    if (type === 'quote' || type === 'refusal') reputation.answered(peerId, answer.responseMs)
    if (type === 'invalid') reputation.failed(peerId, 'invalid')
  }
}

/** When nobody else may be asked in this period. */
const LIMITED_MS = 1_000
