import type { WriteOptions } from '../../chain/contract.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { hasCode, MillraceError, messageOf } from '../../lib/errors.ts'
import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import { createSerial } from '../../lib/serial.ts'
import { formatWei, maxBig, minBig, type Wei } from '../../lib/wei.ts'
import { versionedCodec } from '../../store/codec.ts'
import type { Store } from '../../store/store.ts'
import type { ExposureLevel } from './exposure.ts'
import type { ExposureGuard } from './exposure-guard.ts'
import { ticketLimits } from './limits.ts'
import type { TicketMetrics } from './metrics.ts'
import type { SenderInfo, SenderManager, TimeManager } from './ports.ts'

/** How far a node may add to its own deposit. */
export interface TopUpInit {
  /** What the deposit is raised to, in wei. */
  readonly target: Wei
  /** The most that is added in one day of UTC, in wei. */
  readonly maxPerDay: Wei
}

/** What was added, and what is being added. */
export interface TopUpState {
  /** Days since the epoch. */
  readonly day: number
  /** Added, or being added, on that day. */
  readonly spentWei: Wei
  /** How many additions there were; names the transaction of the next. */
  readonly count: number
  /** Decided and not known to be mined. */
  readonly pending: { readonly id: string; readonly amountWei: Wei } | null
}

/** What a plan depends on. */
export interface TopUpView {
  readonly day: number
  readonly level: ExposureLevel
  readonly funds: SenderInfo
}

/** Adds to the deposit when outstanding tickets come near what it carries. */
export interface TopUp extends Startable {
  /** Why it cannot do its work; empty when it can. */
  complaints(): readonly string[]
  state(): TopUpState
}

/** Nothing added yet. */
export const emptyTopUp: TopUpState = { day: 0, spentWei: 0n, count: 0, pending: null }

/**
 * The state with an addition decided, if there is cause and allowance for one. Pure; the caller
 * stores it before it sends anything. Funds that unlock are left alone: adding would cancel that.
 */
export function planTopUp(state: TopUpState, view: TopUpView, init: TopUpInit): TopUpState {
  if (state.pending !== null || view.level === 'ok' || view.funds.withdrawRound !== 0n) return state
  const spentWei = state.day === view.day ? state.spentWei : 0n
  const wanted = maxBig(init.target - view.funds.deposit, 0n)
  const amountWei = minBig(wanted, maxBig(init.maxPerDay - spentWei, 0n))
  if (amountWei === 0n) return state
  const pending = { id: `top-up-${state.count}`, amountWei }
  return { day: view.day, spentWei: spentWei + amountWei, count: state.count + 1, pending }
}

const DAY_MS = 86_400_000
const KEY = 'state'

const codec = versionedCodec<TopUpState>({
  name: 'top-up',
  version: 1,
  parse(value) {
    const { day, spentWei, count, pending } = value as TopUpState
    if (!Number.isSafeInteger(day) || !Number.isSafeInteger(count)) {
      throw new TypeError('not a top-up')
    }
    return {
      day,
      count,
      spentWei: BigInt(spentWei),
      pending: pending === null ? null : { id: pending.id, amountWei: BigInt(pending.amountWei) },
    }
  },
})

/** What adding to a deposit takes. */
export interface TopUpComponents {
  readonly store: Store
  readonly guard: Pick<ExposureGuard, 'level'>
  readonly broker: { fundDeposit(amount: Wei, options: WriteOptions): Promise<unknown> }
  readonly senders: SenderManager
  readonly time: Pick<TimeManager, 'lastSeenBlock' | 'onBlock'>
  readonly clock: Clock
  readonly sender: Address
  readonly logger: Logger
  readonly metrics: TicketMetrics
}

/**
 * Looks with each block, and adds at most once at a time.
 *
 * Invariant: an addition is stored with the name of its transaction before it is sent, so that a
 * crash neither loses nor repeats it, and what is pending counts against the day's allowance.
 */
export async function openTopUp(components: TopUpComponents, init: TopUpInit): Promise<TopUp> {
  const stored = await components.store.table('top-up', codec).get(KEY)
  return new DurableTopUp(components, init, stored ?? emptyTopUp)
}

class DurableTopUp implements TopUp {
  readonly #components: TopUpComponents
  readonly #init: TopUpInit
  readonly #controller = new AbortController()
  readonly #serial = createSerial()
  #state: TopUpState
  #unsubscribe: (() => void) | undefined
  #retryAt = 0n
  #trouble: string | undefined
  #isLooking = false

  constructor(components: TopUpComponents, init: TopUpInit, state: TopUpState) {
    this.#components = components
    this.#init = init
    this.#state = state
  }

  async start(): Promise<void> {
    this.#unsubscribe ??= this.#components.time.onBlock(() => this.#look())
    this.#look()
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.()
    this.#controller.abort(new DOMException('top-up stopped', 'AbortError'))
    await this.#serial(async () => {})
  }

  complaints(): readonly string[] {
    return this.#trouble === undefined ? [] : [this.#trouble]
  }

  state(): TopUpState {
    return this.#state
  }

  #look(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    const { logger } = this.#components
    void this.#serial(() => this.#plan())
      .catch((error: unknown) => {
        if (!this.#controller.signal.aborted)
          logger.warn({ err: error }, 'cannot see to the deposit')
      })
      .finally(() => (this.#isLooking = false))
  }

  async #plan(): Promise<void> {
    const { clock, guard, senders, sender, time } = this.#components
    if (this.#controller.signal.aborted || time.lastSeenBlock() < this.#retryAt) return
    const funds = await senders.getSenderInfo(sender)
    const level = guard.level(funds.deposit)
    const view = { day: Math.floor(clock.now() / DAY_MS), level, funds }
    await this.#save(planTopUp(this.#state, view, this.#init))
    const { pending } = this.#state
    if (pending !== null) return this.#send(pending)
    this.#trouble = level === 'ok' ? undefined : this.#why(funds)
  }

  async #send({ id, amountWei }: NonNullable<TopUpState['pending']>): Promise<void> {
    const { broker, logger, metrics, senders, sender, time } = this.#components
    const { signal } = this.#controller
    try {
      await broker.fundDeposit(amountWei, { id, signal })
      // What is cached of before would be topped up once more.
      senders.clear(sender)
      await this.#save({ ...this.#state, pending: null })
      this.#trouble = undefined
      metrics.topUps.inc({ outcome: 'added' })
      logger.info({ amountWei }, 'added to the deposit')
    } catch (error) {
      if (signal.aborted) return
      this.#retryAt = time.lastSeenBlock() + ticketLimits.topUpRetryBlocks
      this.#trouble = `cannot add ${formatWei(amountWei)} to the deposit: ${messageOf(error)}`
      metrics.topUps.inc({ outcome: 'failed' })
      logger.error({ err: error, amountWei }, 'cannot add to the deposit')
      // Mined and reverted: nothing was moved, and this id says so for ever.
      if (isMinedRevert(error)) {
        const spentWei = maxBig(this.#state.spentWei - amountWei, 0n)
        await this.#save({ ...this.#state, spentWei, pending: null })
      }
    }
  }

  async #save(state: TopUpState): Promise<void> {
    if (state === this.#state) return
    const table = this.#components.store.table('top-up', codec)
    await table.put(KEY, state, { sync: true })
    this.#state = state
  }

  #why({ deposit, withdrawRound }: SenderInfo): string {
    const { target, maxPerDay } = this.#init
    if (withdrawRound !== 0n) return 'no top-up: deposit and reserve are being unlocked'
    if (deposit >= target) {
      return `no top-up: the deposit of ${formatWei(deposit)} is at its target; raise broadcaster.tickets.topUp.target`
    }
    return `no top-up: the ${formatWei(maxPerDay)} of this day are spent; raise broadcaster.tickets.topUp.maxPerDay`
  }
}

function isMinedRevert(error: unknown): boolean {
  if (!hasCode(error, 'TX_REVERTED')) return false
  return error instanceof MillraceError && error.meta['receipt'] !== undefined
}
