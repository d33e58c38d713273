import { anySignal, sleep } from '../lib/abort.ts'
import { ok, type Result } from '../lib/result.ts'
import { createSerial } from '../lib/serial.ts'
import type { OrderState } from './order.ts'
import type { OrderSource, OrderWanted, Review } from './order-wanted.ts'
import type { PayerOrder } from './payer-order.ts'
import type { StepFailure } from './step-failure.ts'

/** How an order is looked for. */
export interface AcquireOptions {
  readonly signal: AbortSignal
  /** Providers that are not wanted, as of now. */
  avoid(): ReadonlySet<string>
  /** Told of the order before anyone else can be given one. */
  onOrder(order: PayerOrder): void
  /** How long to go on looking when there is nobody. */
  readonly patienceMs: number
  /** Rather someone to be avoided than nobody: told so before the next look. */
  onNobody?(): void
}

const RETRY_MS = 500

/**
 * The open orders of one stream, the preferred one first. More than one are open after a hedge, with
 * redundancy, and while a retired one finishes what it has.
 */
export class OrderPool {
  readonly #source: OrderSource
  readonly #acquiring = createSerial()
  readonly #open: PayerOrder[] = []
  readonly #underWay = new Map<PayerOrder, number>()
  /** What is to become of those that are not open any more. */
  readonly #retired = new WeakMap<PayerOrder, OrderState>()
  readonly #closing = new AbortController()
  /** Opens another order while segments still go to the one in use; nobody waits for it. */
  #preparing: Promise<void> | null = null
  /** The order that one segment is to be tried with. */
  #trial: PayerOrder | null = null

  constructor(source: OrderSource) {
    this.#source = source
  }

  preferred(): PayerOrder | null {
    return this.#open.find((order) => !order.ended.aborted) ?? null
  }

  /** Sends what comes next to this order first. */
  prefer(order: PayerOrder): void {
    const at = this.#open.indexOf(order)
    if (at > 0) this.#open.unshift(...this.#open.splice(at, 1))
  }

  /** An open order whose provider is not to be avoided, or a new one. */
  async acquire(
    wanted: OrderWanted,
    options: AcquireOptions,
  ): Promise<Result<PayerOrder, StepFailure>> {
    return this.#acquiring(async () => {
      const acquired = await this.#acquire(wanted, options)
      if (acquired.ok) options.onOrder(acquired.value)
      return acquired
    })
  }

  /** Works under an order, which is closed afterwards if it was retired meanwhile. */
  async use<T>(order: PayerOrder, work: () => Promise<T>): Promise<T> {
    this.#underWay.set(order, (this.#underWay.get(order) ?? 0) + 1)
    try {
      return await work()
    } finally {
      const left = (this.#underWay.get(order) ?? 1) - 1
      if (left > 0) this.#underWay.set(order, left)
      else this.#underWay.delete(order)
      const state = this.#retired.get(order)
      if (left === 0 && state !== undefined) await order.close(state)
    }
  }

  /** Takes no more segments to an order, and closes it once those under way are done. */
  async retire(order: PayerOrder, state: OrderState): Promise<void> {
    const at = this.#open.indexOf(order)
    if (at >= 0) this.#open.splice(at, 1)
    const worst = this.#retired.get(order) === 'over' ? 'over' : state
    this.#retired.set(order, worst)
    // What is under way on a broken stream is lost, and the order is wanted for another.
    if (!this.#underWay.has(order) || order.ended.aborted) await order.close(worst)
  }

  async close(state: OrderState): Promise<void> {
    this.#closing.abort(new DOMException('the stream is over', 'AbortError'))
    await this.#preparing
    const trial = this.#trial
    this.#trial = null
    await Promise.all([
      ...[...this.#open].map((order) => this.retire(order, state)),
      trial?.close('idle'),
    ])
  }

  async #acquire(
    wanted: OrderWanted,
    { signal, patienceMs, avoid: avoided, onNobody }: AcquireOptions,
  ): Promise<Result<PayerOrder, StepFailure>> {
    const patience = anySignal([signal], Math.max(1, patienceMs))
    // Those that broke off between segments are given back, so that they can be resumed.
    const broken = this.#open.filter((order) => order.ended.aborted)
    for (const order of broken) await this.retire(order, order === this.#open[0] ? 'open' : 'idle')
    for (;;) {
      signal.throwIfAborted()
      const avoid = avoided()
      const usable = this.#open.find(({ order }) => !avoid.has(order.providerPeerId))
      if (usable !== undefined && !usable.ended.aborted) {
        return ok(await this.#review(usable, wanted, avoid))
      }
      const taken = new Set([...avoid, ...this.#open.map(({ order }) => order.providerPeerId)])
      const acquired = await this.#source.acquire(wanted, taken, { signal })
      if (acquired.ok) {
        this.#open.push(acquired.value)
        return acquired
      }
      signal.throwIfAborted()
      if (patienceMs === 0 || patience.aborted) return acquired
      await sleep(RETRY_MS, { signal: patience }).catch(() => signal.throwIfAborted())
      onNobody?.()
    }
  }

  /** The order in use, or one to try; a better one is opened meanwhile, for the next segment. */
  async #review(
    order: PayerOrder,
    wanted: OrderWanted,
    avoid: ReadonlySet<string>,
  ): Promise<PayerOrder> {
    // What is sent again, or twice, goes where the dispatcher has it go.
    if (avoid.size > 0 || this.#source.review === undefined) return order
    const trial = this.#trial
    this.#trial = null
    if (trial !== null && !trial.ended.aborted) {
      this.#retired.set(trial, 'idle')
      return trial
    }
    if (this.#preparing !== null || this.#closing.signal.aborted) return order
    const others = this.#open.filter((one) => one !== order && !one.ended.aborted)
    const review = await this.#source.review(
      wanted,
      order.order,
      others.map((one) => one.order),
    )
    if (review.verdict === 'stay') return order
    const better = others.find((one) => one.order.providerPeerId === review.to)
    if (better !== undefined && !better.ended.aborted) {
      if (review.verdict === 'move') this.prefer(better)
      return better
    }
    this.#preparing = this.#prepare(order, wanted, review)
      .catch(() => {})
      .finally(() => {
        this.#preparing = null
      })
    return order
  }

  async #prepare(
    order: PayerOrder,
    wanted: OrderWanted,
    { verdict, to }: Exclude<Review, { readonly verdict: 'stay' }>,
  ): Promise<void> {
    const { signal } = this.#closing
    const acquired = await this.#source.acquire(wanted, new Set(), { signal, to })
    if (!acquired.ok) return
    const better = acquired.value
    if (signal.aborted) await better.close('idle')
    else if (verdict === 'try') this.#trial = better
    else {
      this.#open.unshift(better)
      await this.retire(order, 'idle')
    }
  }
}
