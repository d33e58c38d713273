import { sleep } from '../../lib/abort.ts'
import { fromHex, toHex } from '../../lib/bytes.ts'
import type { Clock } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import { TaskGroup } from '../../lib/tasks.ts'
import { bytesCodec } from '../../store/codec.ts'
import type { Store, Table } from '../../store/store.ts'
import type { BlockClock } from './chain-clock.ts'
import type { RedeemerLink } from './handover-link.ts'
import {
  afterOutcome,
  afterSilence,
  afterVerdict,
  type HandOverView,
  isOver,
  nextOf,
} from './handover-state.ts'
import { ticketLimits } from './limits.ts'
import type { TicketMetrics } from './metrics.ts'
import type { RedemptionBroker, TimeManager } from './ports.ts'
import type { TrackedRedeemGas } from './redeem-gas.ts'
import type { RedeemAnswer } from './redeem-wire.ts'
import { createRedemptionDesk, type RedemptionDesk } from './redemption-desk.ts'
import { decide, defaultPolicy, type RedemptionView } from './redemption-policy.ts'
import { ticketHash } from './ticket.ts'
import type { WinnerOrders } from './winner-orders.ts'
import { isPending, type Winner, type WinnerStore, winnerKey } from './winner-store.ts'

/** What handing over works with. */
export interface HandOverComponents {
  readonly link: RedeemerLink
  readonly store: Store
  readonly winners: WinnerStore
  readonly orders: WinnerOrders
  readonly broker: Pick<RedemptionBroker, 'isUsedTicket'>
  readonly time: Pick<TimeManager, 'lastInitializedRound'>
  readonly blocks: BlockClock
  /** Learns what redemptions use, where tickets are sized by it. */
  readonly redeemGas?: Pick<TrackedRedeemGas, 'mined'>
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: TicketMetrics
}

/** How handing over runs. */
export interface HandOverInit {
  /** Rounds for which a ticket can be redeemed, from its creation round on. */
  readonly ticketValidityPeriod: bigint
  /** Between two passes while all is well, and before the second attempt when it is not. */
  readonly pauseMs: number
}

/** How an orchestrator and its redeemer get on. */
export interface HandOverStatus {
  readonly peerId: string
  readonly lastAnswerAtMs: number | null
  /** Winners whose params are void and that the redeemer does not have yet. */
  readonly toHandOver: number
  /** Winners it has and whose outcome is not known yet. */
  readonly handedOver: number
  /** Why it gave no answer to the last request; null when it did. */
  readonly fault: string | null
}

/** An orchestrator's winners on their way to the redeemer, and their outcomes on the way back. */
export interface HandOver extends Startable {
  /** The operator's hand on winners that are still here; what the redeemer has is ordered there. */
  readonly desk: RedemptionDesk
  status(): HandOverStatus
  complaints(): readonly string[]
}

/**
 * Hands winners over once their params are void, keeps each until the redeemer says that it is on
 * its disk, and asks until it knows what became of it. Nothing is kept in memory that a restart of
 * either side could lose, and everything is repeated until it is answered.
 */
export function createHandOver(components: HandOverComponents, init: HandOverInit): HandOver {
  return new WinnerHandOver(components, init)
}

class WinnerHandOver implements HandOver {
  readonly desk: RedemptionDesk
  readonly #components: HandOverComponents
  readonly #init: HandOverInit
  readonly #logger: Logger
  readonly #tasks: TaskGroup
  /** Outcomes that are on this disk and that the redeemer need not keep any longer. */
  readonly #receipts: Table<Uint8Array>
  readonly #controller = new AbortController()
  /** Where the next question about outcomes begins, by the key of a winner. */
  #askFrom = ''
  #failures = 0
  #fault: string | null = null
  #lastAnswerAtMs: number | null = null
  #silentSinceMs = 0

  constructor(components: HandOverComponents, init: HandOverInit) {
    this.#components = components
    this.#init = init
    this.#logger = components.logger.child({ part: 'handover' })
    this.#tasks = new TaskGroup(this.#logger)
    this.#receipts = components.store.table('handover-receipts', bytesCodec)
    const { store, winners, orders } = components
    this.desk = createRedemptionDesk({
      store,
      winners,
      orders: async () => orders,
      decide: (winner) => decide(winner, this.#costless(), AT_ONCE, orders.of(winner.ticket)),
      wake() {},
    })
  }

  async start(): Promise<void> {
    this.#silentSinceMs = this.#components.clock.now()
    this.#tasks.run(() => this.#run())
  }

  async stop(): Promise<void> {
    this.#controller.abort()
    await this.#tasks.drain()
  }

  status(): HandOverStatus {
    const view = this.#view()
    const actions = this.#components.winners.pending().map((winner) => this.#nextOf(winner, view))
    return {
      peerId: this.#components.link.peerId,
      lastAnswerAtMs: this.#lastAnswerAtMs,
      toHandOver: actions.filter((action) => action === 'hand-over').length,
      handedOver: actions.filter((action) => action === 'ask').length,
      fault: this.#fault,
    }
  }

  complaints(): readonly string[] {
    const { clock, winners } = this.#components
    const complaints: string[] = []
    const silentMs = clock.now() - this.#silentSinceMs
    if (this.#fault !== null && silentMs >= ticketLimits.redeemerSilenceMs) {
      const { toHandOver, handedOver } = this.status()
      complaints.push(
        `the redeemer has not answered for ${Math.round(silentMs / 1000)} s: ${this.#fault}; ` +
          `${toHandOver} winners wait for it and ${handedOver} are with it`,
      )
    }
    const refused = winners.pending().filter(({ reason }) => reason?.startsWith(REFUSED) === true)
    if (refused.length > 0) {
      complaints.push(`${refused.length} winners are not taken: ${refused[0]?.reason}`)
    }
    return complaints
  }

  async #run(): Promise<void> {
    const { signal } = this.#controller
    while (!signal.aborted) {
      let pauseMs = this.#init.pauseMs
      try {
        pauseMs = await this.#pass(signal)
      } catch (error) {
        signal.throwIfAborted()
        this.#failed(messageOf(error))
        this.#logger.error({ err: error }, 'handing over failed')
        pauseMs = this.#backoff()
      }
      await sleep(pauseMs, { signal })
    }
  }

  /** One request, if there is anything to say; how long to wait for the next. */
  async #pass(signal: AbortSignal): Promise<number> {
    const { link, store, winners, blocks, clock } = this.#components
    const view = this.#view()
    const pending = winners.pending()
    const due = pending.filter((winner) => this.#nextOf(winner, view) === 'hand-over')
    const asked = this.#askNext(pending.filter(({ state }) => state === 'handed-over'))
    const stored: string[] = []
    for await (const [hash] of this.#receipts.entries({ limit: ticketLimits.maxOutcomesAtOnce }))
      stored.push(hash)
    const offered = due.slice(0, ticketLimits.maxHandedOverAtOnce)
    if (offered.length + asked.length + stored.length === 0) {
      this.#silentSinceMs = clock.now()
      return this.#init.pauseMs
    }
    // The block that voids the params is durable before anyone learns a recipientRand.
    if (offered.length > 0) await store.batch([blocks.markOp()], { sync: true })
    const question = {
      winners: offered.map(({ ticket }) => ticket),
      asked: asked.map(({ ticket }) => ticketHash(ticket)),
      stored: stored.map(fromHex),
    }
    const answer = await link.ask(question, { signal })
    if (!answer.ok) {
      this.#failed(answer.error.detail)
      await this.#settleOverdue(view)
      return Math.max(answer.error.retryAfterMs, this.#backoff())
    }
    this.#answered()
    await this.#settle({ offered, asked, answer: answer.value, view })
    await store.batch(stored.map((hash) => this.#receipts.delOp(hash)))
    return due.length > offered.length ? 0 : this.#init.pauseMs
  }

  /** The next share of those whose outcome is open; all have their turn. */
  #askNext(open: readonly Winner[]): Winner[] {
    const rest = open.filter(({ ticket }) => winnerKey(ticket) > this.#askFrom)
    const asked = (rest.length > 0 ? rest : open).slice(0, ticketLimits.maxOutcomesAtOnce)
    const last = asked.at(-1)
    this.#askFrom = last === undefined ? '' : winnerKey(last.ticket)
    return asked
  }

  async #settle({
    offered,
    asked,
    answer,
    view,
  }: {
    readonly offered: readonly Winner[]
    readonly asked: readonly Winner[]
    readonly answer: RedeemAnswer
    readonly view: HandOverView
  }): Promise<void> {
    const { metrics } = this.#components
    const changed: Winner[] = []
    for (const [i, verdict] of answer.verdicts.entries()) {
      const winner = await this.#unchanged(offered[i])
      if (winner === undefined) continue
      changed.push(afterVerdict(winner, verdict, view))
      metrics.handOverEvents.inc({ event: verdict.fault ?? 'handed-over' })
    }
    for (const [i, outcome] of answer.outcomes.entries()) {
      const winner = await this.#unchanged(asked[i])
      if (winner === undefined || outcome.state === 'pending') continue
      const isUsed = await this.#isUsed(winner)
      const after = isUsed === null ? null : afterOutcome(winner, outcome, isUsed)
      if (after !== null) changed.push(after)
    }
    await this.#save(changed)
  }

  /** While the redeemer is silent, what is over for good is settled by the chain alone. */
  async #settleOverdue(view: HandOverView): Promise<void> {
    const overdue = this.#components.winners.pending().filter((winner) => isOver(winner, view))
    const changed: Winner[] = []
    for (const winner of overdue.slice(0, ticketLimits.maxHandedOverAtOnce)) {
      const isUsed = await this.#isUsed(winner)
      if (isUsed !== null) changed.push(afterSilence(winner, isUsed))
    }
    await this.#save(changed)
  }

  async #isUsed({ ticket }: Winner): Promise<boolean | null> {
    try {
      return await this.#components.broker.isUsedTicket(ticketHash(ticket))
    } catch (error) {
      this.#logger.warn({ err: error }, 'the chain cannot be asked about a winner')
      return null
    }
  }

  /** The winner as it stands, unless somebody else moved it while the redeemer was asked. */
  async #unchanged(winner: Winner | undefined): Promise<Winner | undefined> {
    if (winner === undefined) return undefined
    const now = await this.#components.winners.find(winnerKey(winner.ticket))
    return now?.state === winner.state ? now : undefined
  }

  /** Durable at once, and with an outcome the receipt that the redeemer is still to get. */
  async #save(changed: readonly Winner[]): Promise<void> {
    if (changed.length === 0) return
    const { store, winners, orders, metrics } = this.#components
    const settled = changed.filter((winner) => !isPending(winner))
    const receipts = settled.map(({ ticket }) =>
      this.#receipts.putOp(toHex(ticketHash(ticket)), new Uint8Array(0)),
    )
    const updates = changed.map((winner) => winners.updateOp(winner))
    const fulfilled = settled.flatMap(({ ticket }) => orders.clearOps(ticket))
    await store.batch([...updates, ...receipts, ...fulfilled], { sync: true })
    for (const { ticket } of settled) orders.cleared(ticket)
    for (const winner of changed) winners.updated(winner)
    for (const { state, ticket, transactionHash, reason, gasUsed } of settled) {
      if (gasUsed !== undefined) await this.#components.redeemGas?.mined(gasUsed)
      metrics.handOverEvents.inc({ event: state })
      const { faceValue: faceValueWei } = ticket
      this.#logger.info({ state, faceValueWei, transactionHash, reason }, 'outcome of a winner')
    }
  }

  #answered(): void {
    const nowMs = this.#components.clock.now()
    if (this.#fault !== null) this.#logger.info({}, 'the redeemer answers again')
    this.#failures = 0
    this.#fault = null
    this.#lastAnswerAtMs = nowMs
    this.#silentSinceMs = nowMs
  }

  #failed(detail: string): void {
    if (this.#fault === null) this.#logger.warn({ detail }, 'the redeemer does not answer')
    this.#failures += 1
    this.#fault = detail
  }

  #backoff(): number {
    const doubled = this.#init.pauseMs * 2 ** Math.min(this.#failures - 1, 16)
    const pauseMs = Math.min(doubled, ticketLimits.maxHandOverPauseMs)
    return pauseMs * (0.75 + Math.random() / 2)
  }

  #nextOf(winner: Winner, view: HandOverView): ReturnType<typeof nextOf> {
    return nextOf(winner, view, this.#components.orders.of(winner.ticket) === 'hold')
  }

  /** What redeeming costs is the redeemer's affair. */
  #costless(): RedemptionView {
    return { ...this.#view(), gasPrice: 0n, redeemGas: 0n, roundElapsed: null }
  }

  #view(): HandOverView {
    const { blocks, time } = this.#components
    const { ticketValidityPeriod } = this.#init
    return { block: blocks.now(), round: time.lastInitializedRound(), ticketValidityPeriod }
  }
}

const REFUSED = 'the redeemer refuses it'
/** Nothing waits here for company. */
const AT_ONCE = { ...defaultPolicy, companyBlocks: 0n }
