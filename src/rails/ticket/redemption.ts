import pLimit from 'p-limit'
import { toHex } from '../../lib/bytes.ts'
import { messageOf } from '../../lib/errors.ts'
import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import { TaskGroup } from '../../lib/tasks.ts'
import type { Store } from '../../store/store.ts'
import type { BlockClock } from './chain-clock.ts'
import type { TicketMetrics } from './metrics.ts'
import { createNonceSweep } from './nonce-sweep.ts'
import { nonceWindows } from './nonce-window.ts'
import type { GasPriceMonitor, RedemptionBroker, TimeManager } from './ports.ts'
import { due, expire, type RedemptionEvent, type RedemptionView, step } from './redemption-state.ts'
import { ticketHash } from './ticket.ts'
import { createTicketQueue } from './ticket-queue.ts'
import type { Winner, WinnerStore } from './winner-store.ts'

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
}

/** How redemption runs. */
export interface RedemptionInit {
  /** Rounds for which a ticket can be redeemed, from its creation round on. */
  readonly ticketValidityPeriod: bigint
  /** Redemptions in flight at once. */
  readonly concurrency: number
}

/**
 * Redeems winners on chain once their params are void, and drives again at start what a crash
 * left undone. The nonces admitted under void params are forgotten with them.
 */
export function createRedemption(
  components: RedemptionComponents,
  init: RedemptionInit,
): Startable {
  const { store, winners, time, blocks, logger } = components
  const controller = new AbortController()
  const { signal } = controller
  const tasks = new TaskGroup(logger)
  const limit = pLimit(init.concurrency)
  const sweep = createNonceSweep({ store, table: nonceWindows(store), blocks })
  const queue = createTicketQueue(
    { winners, time, logger },
    { isDue: (winner) => due(winner, viewOf(components, init)) !== 'leave' },
  )
  let unsubscribe = (): void => {}

  const drive = async (winner: Winner): Promise<void> => {
    signal.throwIfAborted()
    const view = viewOf(components, init)
    const action = due(winner, view)
    if (action === 'expire') await save(components, expire(winner))
    if (action === 'try') await redeemOne(components, winner, view, signal)
  }
  const forget = (): void => tasks.run(async () => void (await sweep()))
  queue.redeemable((winner) => limit(() => drive(winner)))
  return {
    async start() {
      unsubscribe = time.onBlock(forget)
      forget()
      await queue.start()
    },
    async stop() {
      unsubscribe()
      controller.abort()
      await queue.stop()
      await tasks.drain()
    },
  }
}

function viewOf(
  { time, blocks, gas }: RedemptionComponents,
  { ticketValidityPeriod }: RedemptionInit,
): RedemptionView {
  return {
    block: blocks.now(),
    round: time.lastInitializedRound(),
    ticketValidityPeriod,
    gasPrice: gas.gasPrice(),
  }
}

/** Takes one winner as far as the chain lets it go now. */
async function redeemOne(
  components: RedemptionComponents,
  winner: Winner,
  view: RedemptionView,
  signal: AbortSignal,
): Promise<void> {
  const { broker, logger, metrics } = components
  const { ticket } = winner
  const hash = ticketHash(ticket)
  const advance = async (
    from: Winner,
    event: RedemptionEvent,
  ): Promise<{ winner: Winner; send: boolean }> => {
    const next = step(from, event, view)
    await save(components, next.winner)
    metrics.redemptionEvents.inc({ event: event.type })
    return next
  }
  let current = winner
  try {
    if (winner.state === 'waiting') {
      if (await broker.isUsedTicket(hash)) {
        await advance(winner, { type: 'used-on-chain' })
        return
      }
      const simulated = await broker.simulateRedeem(ticket, { signal })
      const next = await advance(
        winner,
        simulated.ok
          ? { type: 'simulated', gas: simulated.value.gas }
          : { type: 'refused', reason: simulated.error },
      )
      if (!next.send) return
      current = next.winner
    }
    const id = `redeem-${toHex(hash).slice(2)}-${current.attempts}`
    const receipt = await broker.redeem(ticket, { id, signal })
    const { transactionHash, gasUsed } = receipt
    if (receipt.status === 'success') {
      await advance(current, { type: 'mined', transactionHash, gasUsed })
      logger.info({ faceValueWei: ticket.faceValue, transactionHash }, 'winning ticket redeemed')
    } else {
      const isPaid = await broker.isUsedTicket(hash)
      await advance(
        current,
        isPaid
          ? { type: 'used-on-chain' }
          : { type: 'reverted', transactionHash, reason: 'transaction reverted' },
      )
    }
  } catch (error) {
    if (signal.aborted) throw error
    logger.warn({ err: error, ticket: toHex(hash) }, 'redemption did not go through')
    // A submitted one stays submitted: its transaction is durable and is waited for again.
    if (current.state === 'waiting')
      await advance(current, { type: 'unreachable', reason: messageOf(error) })
  }
}

/** Durable before anything is sent, together with the block that voids the params. */
async function save(components: RedemptionComponents, winner: Winner): Promise<void> {
  const { store, winners, blocks } = components
  await store.batch([winners.updateOp(winner), blocks.markOp()], { sync: true })
  winners.updated(winner)
}
