import { anySignal, sleep } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Startable } from '../lib/lifecycle.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { Directory } from './directory.ts'
import { marketLimits } from './limits.ts'
import type { Quote, QuoteRequest } from './quote.ts'
import type { QuoteAnswer, QuoteSeekerComponents } from './quote-seeker.ts'
import { QuoteWant, type WantComponents, type WantedWork, type WantInit } from './quote-want.ts'
import { createRateLimit } from './rate-limit.ts'
import type { Reputation } from './reputation.ts'

export type { WantedWork } from './quote-want.ts'

/** What a table works with. */
export interface QuoteTableComponents extends QuoteSeekerComponents {
  readonly directory: Directory
  readonly reputation: Reputation
  stakeOf(address: Address): Promise<bigint>
}

/** Who asks, how, and for how long. */
export interface QuoteTableInit extends WantInit {
  /** Whether quotes are kept fresh while nobody waits for them. */
  readonly isEnabled: boolean
  /** Work that nobody wanted for so long is not asked for any more. */
  readonly idleMs: number
}

/** The answers at hand for some work. */
export interface HeldQuotes {
  /** The request that all of the quotes answer. */
  readonly request: QuoteRequest
  /** One for each orchestrator that fits; of those that were not asked too. */
  readonly answers: readonly QuoteAnswer[]
  /** Whether a choice can be made of these alone, without a round trip. */
  readonly isWarm: boolean
}

/**
 * Quotes of the best candidates for the work that streams want, kept fresh in the background, so
 * that a new stream begins without asking anyone.
 *
 * Invariant: a quote is taken once; it becomes an order.
 */
export interface QuoteTable extends Startable {
  /** What is at hand now; nothing is sent for it. The work counts as wanted from now on. */
  held(work: WantedWork): HeldQuotes
  /** Asks those that are due, and waits for enough answers or for the deadline. */
  ask(
    work: WantedWork,
    avoid: ReadonlySet<string>,
    options: { readonly signal: AbortSignal },
  ): Promise<HeldQuotes>
  /** A quote became an order. */
  taken(quote: Quote): void
}

/** A table of quotes; it sends nothing by itself before it is started. */
export function createQuoteTable(
  components: QuoteTableComponents,
  init: QuoteTableInit,
): QuoteTable {
  return new BackgroundTable(components, init)
}

/** Pause after something changed, for more that changes with it. */
const SETTLE_MS = 50
const MAX_PAUSE_MS = 60_000

class BackgroundTable implements QuoteTable {
  readonly #components: WantComponents
  readonly #init: QuoteTableInit
  readonly #stopping = new AbortController()
  #wants: QuoteWant[] = []
  #isRunning = false
  #wake = new AbortController()
  #unsubscribe = (): void => {}

  constructor(components: QuoteTableComponents, init: QuoteTableInit) {
    const { maxAsksPerPeriod, askPeriodMs } = marketLimits
    this.#init = init
    this.#components = {
      ...components,
      tasks: new TaskGroup(components.logger),
      limit: createRateLimit(components.clock, maxAsksPerPeriod, askPeriodMs),
      signal: this.#stopping.signal,
      onChange: () => this.#wake.abort(),
    }
  }

  async start(): Promise<void> {
    if (!this.#init.isEnabled) return
    const { directory, tasks } = this.#components
    this.#isRunning = true
    this.#unsubscribe = directory.onChange(() => this.#wake.abort())
    tasks.run(async () => this.#loop())
  }

  async stop(): Promise<void> {
    this.#isRunning = false
    this.#unsubscribe()
    this.#stopping.abort(new DOMException('the table of quotes is stopping', 'AbortError'))
    await this.#components.tasks.drain()
  }

  held(work: WantedWork): HeldQuotes {
    const want = this.#wantOf(work)
    const isWarm = this.#isRunning && want.isFilled()
    return { request: want.request, answers: want.answers(), isWarm }
  }

  async ask(
    work: WantedWork,
    avoid: ReadonlySet<string>,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<HeldQuotes> {
    const { clock } = this.#components
    const want = this.#wantOf(work)
    const waitingSinceMs = clock.now()
    const bounded = anySignal([signal, this.#stopping.signal], this.#init.deadlineMs)
    for (;;) {
      const changed = want.nextChange()
      const { nextAtMs } = await want.plan({ waitingSinceMs, avoid })
      signal.throwIfAborted()
      if (want.isEnough(avoid) || bounded.aborted) break
      await soonest(changed, nextAtMs - clock.now(), bounded)
    }
    return { request: want.request, answers: want.answers(), isWarm: false }
  }

  taken(quote: Quote): void {
    for (const want of this.#wants) want.taken(quote)
    this.#wake.abort()
  }

  #wantOf(work: WantedWork): QuoteWant {
    const known = this.#wants.find((want) => want.fits(work))
    if (known !== undefined) {
      if (known.touchedAtMs + this.#init.idleMs <= this.#components.clock.now()) this.#wake.abort()
      known.touch()
      return known
    }
    const want = new QuoteWant(this.#components, this.#init, work)
    this.#wants = [want, ...this.#wants]
      .sort((a, b) => b.touchedAtMs - a.touchedAtMs)
      .slice(0, marketLimits.maxWants)
    this.#wake.abort()
    return want
  }

  /** Looks after everything that was wanted lately; sleeps while nothing is. */
  async #loop(): Promise<void> {
    const { signal } = this.#stopping
    const { clock, metrics } = this.#components
    while (!signal.aborted) {
      this.#wake = new AbortController()
      let nextAtMs = Number.POSITIVE_INFINITY
      let quotes = 0
      for (const want of this.#wants) {
        const idleAtMs = want.touchedAtMs + this.#init.idleMs
        if (idleAtMs <= clock.now()) continue
        const planned = await want.plan({ waitingSinceMs: null, avoid: new Set() })
        nextAtMs = Math.min(nextAtMs, planned.nextAtMs)
        quotes += want.quotes()
      }
      metrics.tableQuotes.set(quotes)
      const pauseMs = Math.min(Math.max(0, nextAtMs - clock.now()), MAX_PAUSE_MS)
      const either = AbortSignal.any([signal, this.#wake.signal])
      await sleep(pauseMs, { signal: either }).catch(() => signal.throwIfAborted())
      await sleep(SETTLE_MS, { signal })
    }
  }
}

/** Waits for a change, a time or the signal, whichever comes first. */
async function soonest(change: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const pauseMs = Math.min(Math.max(1, ms), MAX_PAUSE_MS)
  const pause = sleep(pauseMs, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => {})
  await Promise.race([change, pause])
  over.abort()
}
