import pLimit from 'p-limit'
import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import { createSerial } from '../../lib/serial.ts'
import { TaskGroup } from '../../lib/tasks.ts'
import type { Store } from '../../store/store.ts'
import type { BlockClock } from './chain-clock.ts'
import { ticketLimits } from './limits.ts'
import type { TicketMetrics } from './metrics.ts'
import { createNonceSweep } from './nonce-sweep.ts'
import { nonceWindows } from './nonce-window.ts'
import type { GasPriceMonitor, RedemptionBroker, TimeManager } from './ports.ts'
import { createRedeemGas, type TrackedRedeemGas } from './redeem-gas.ts'
import {
  advance,
  decideNow,
  follow,
  type RedemptionPass,
  redeemTogether,
} from './redemption-batch.ts'
import { createRedemptionDesk, type RedemptionDesk } from './redemption-desk.ts'
import { createGatherer } from './redemption-gatherer.ts'
import { defaultPolicy, type RedemptionPolicy } from './redemption-policy.ts'
import { ticketHash } from './ticket.ts'
import { createTicketQueue } from './ticket-queue.ts'
import { openWinnerOrders, type WinnerOrders } from './winner-orders.ts'
import type { Winner } from './winner-record.ts'
import type { WinnerStore } from './winner-store.ts'

/** What redemption works with. */
export interface RedemptionComponents {
  readonly store: Store
  readonly winners: WinnerStore
  readonly broker: RedemptionBroker
  readonly time: TimeManager
  readonly blocks: BlockClock
  readonly gas: GasPriceMonitor
  readonly logger: Logger
  readonly metrics: TicketMetrics
  /** What redemptions use; without it what this redemption itself has met. */
  readonly redeemGas?: TrackedRedeemGas
}

/** How redemption runs. */
export interface RedemptionInit {
  /** Rounds for which a ticket can be redeemed, from its creation round on. */
  readonly ticketValidityPeriod: bigint
  /** Redemptions in flight at once. */
  readonly concurrency: number
  /** What differs from {@link defaultPolicy}. */
  readonly policy?: Partial<RedemptionPolicy>
  /** Blocks after which a payment can no longer be reorganised away. Default 12. */
  readonly reorgDepth?: number
}

/** Redemption of all winners of one store, and the operator's hand on it. */
export interface Redemption extends Startable {
  readonly desk: RedemptionDesk
}

/** Gas that a redemption is taken to use before anything is known of it. */
const FIRST_GUESS = 90_000n
const REORG_DEPTH = 12

/**
 * Redeems winners on chain once their params are void and gas is worth it, several in a transaction,
 * and drives again at start what a crash left undone. What was paid is looked at again when its
 * transaction was reorganised away, and once when it is too deep for that. The nonces admitted under
 * void params are forgotten with them.
 */
// oxlint-disable-next-line max-lines-per-function
export function createRedemption(
  components: RedemptionComponents,
  init: RedemptionInit,
): Redemption {
  const { store, winners, broker, time, blocks, gas, logger } = components
  const controller = new AbortController()
  const redeemGas = components.redeemGas ?? createRedeemGas({ initial: FIRST_GUESS })
  const policy = { ...defaultPolicy, ...init.policy }
  const orders = lateOrders(store)
  const asking = pLimit(ticketLimits.redemptionSimulations)
  const pass: RedemptionPass = {
    ...components,
    redeemGas,
    policy,
    orders: orders.present,
    signal: controller.signal,
    asking: async (question) => asking(question),
    view: () => ({
      block: blocks.now(),
      round: time.lastInitializedRound(),
      ticketValidityPeriod: init.ticketValidityPeriod,
      // What is sent now is paid at the present price, and a smoothed one is late.
      gasPrice: gas.latestGasPrice?.() ?? gas.gasPrice(),
      redeemGas: redeemGas.gas(),
      roundElapsed: time.roundElapsed?.() ?? null,
    }),
  }
  const queue = createTicketQueue(
    { winners, time, logger },
    {
      isDue(winner) {
        const { type } = decideNow(pass, winner)
        return type !== 'leave' && type !== 'settled'
      },
    },
  )
  const limit = pLimit(init.concurrency)
  const gather = createGatherer((handed) => {
    const { groups, rest } = plan(pass, handed)
    return { groups: groups.map(({ of, work }) => ({ of, done: limit(work) })), rest }
  })
  queue.redeemable(gather)
  const tasks = new TaskGroup(logger)
  const verifier = createPaymentVerifier(pass, BigInt(init.reorgDepth ?? REORG_DEPTH))
  const sweep = createNonceSweep({ store, table: nonceWindows(store), blocks })
  const onBlock = (): void => {
    tasks.run(async () => void (await sweep()))
    tasks.run(async () =>
      verifier(({ paidBlock = 0n }, depth) => blocks.now() >= paidBlock + depth),
    )
  }
  let subscriptions: (() => void)[] = []
  return {
    desk: createRedemptionDesk({
      store,
      winners,
      orders: orders.load,
      decide: (winner) => decideNow(pass, winner),
      wake: () => queue.wake(),
    }),
    async start() {
      await orders.load()
      const onLost = (id: string): void =>
        tasks.run(async () => verifier(({ transactionId }) => transactionId === id))
      subscriptions = [time.onBlock(onBlock), broker.onReorganised(onLost)]
      onBlock()
      // What happened while nobody looked.
      tasks.run(async () => verifier(() => true))
      await queue.start()
    },
    async stop() {
      for (const unsubscribe of subscriptions.splice(0)) unsubscribe()
      controller.abort()
      await queue.stop()
      await tasks.drain()
    },
  }
}

interface Group {
  readonly of: readonly Winner[]
  work(): Promise<void>
}

/** Which of the winners that are due go together; the rest come again with the next block. */
function plan(
  pass: RedemptionPass,
  handed: readonly Winner[],
): { readonly groups: readonly Group[]; readonly rest: readonly Winner[] } {
  const groups: Group[] = []
  const ready: Winner[] = []
  const rest: Winner[] = []
  const submitted = new Map<string, Winner[]>()
  let isAnyInHurry = false
  for (const winner of handed) {
    const decision = decideNow(pass, winner)
    if (decision.type === 'follow') {
      const id = winner.transactionId ?? `${winner.sequence}`
      submitted.set(id, [...(submitted.get(id) ?? []), winner])
    } else if (decision.type === 'redeem') {
      ready.push(winner)
      isAnyInHurry ||= !decision.patient
    } else if (decision.type === 'expire') {
      const work = async (): Promise<void> =>
        void (await advance(pass, [winner], { type: 'round-over' }))
      groups.push({ of: [winner], work })
    } else {
      rest.push(winner)
    }
  }
  for (const of of submitted.values()) groups.push({ of, work: async () => follow(pass, of) })
  const { maxBatch } = pass.policy
  if (!isAnyInHurry && ready.length < maxBatch) return { groups, rest: [...rest, ...ready] }
  for (let at = 0; at < ready.length; at += maxBatch) {
    const of = ready.slice(at, at + maxBatch)
    groups.push({ of, work: async () => redeemTogether(pass, of) })
  }
  return { groups, rest }
}

/** Asks again whether what counts as paid is, of those that are chosen. */
function createPaymentVerifier(pass: RedemptionPass, depth: bigint) {
  const { winners, broker, logger, blocks } = pass
  const inTurn = createSerial()
  const verify = async (winner: Winner): Promise<void> => {
    pass.signal.throwIfAborted()
    const { paidBlock = 0n, transactionId } = winner
    if (!(await broker.isUsedTicket(ticketHash(winner.ticket)))) {
      // Once this resolves, the transaction is waited for when its id is asked for.
      if (transactionId !== undefined) await broker.recheck(transactionId, { signal: pass.signal })
      await advance(pass, [winner], { type: 'vanished' })
      logger.warn({ faceValueWei: winner.ticket.faceValue }, 'a payment was reorganised away')
    } else if (blocks.now() >= paidBlock + depth) {
      await advance(pass, [winner], { type: 'settled' })
    }
  }
  return async (isChosen: (winner: Winner, depth: bigint) => boolean): Promise<void> =>
    inTurn(async () => {
      for (const winner of winners.unsettled()) if (isChosen(winner, depth)) await verify(winner)
    }).catch((error: unknown) => {
      if (pass.signal.aborted) return
      logger.warn({ err: error }, 'payments cannot be looked at again')
    })
}

/** The operator's orders, which are read from disk at the start; until then there are none. */
function lateOrders(store: Store): {
  readonly present: WinnerOrders
  load(): Promise<WinnerOrders>
} {
  let loading: Promise<WinnerOrders> | undefined
  let loaded: WinnerOrders | undefined
  const load = async (): Promise<WinnerOrders> => {
    loading ??= openWinnerOrders(store)
    loaded = await loading
    return loaded
  }
  return {
    load,
    present: {
      of: (ticket) => loaded?.of(ticket),
      give: async (tickets, order) => (await load()).give(tickets, order),
      clearOps: (ticket) => loaded?.clearOps(ticket) ?? [],
      cleared: (ticket) => loaded?.cleared(ticket),
    },
  }
}
