import { concatBytes, toHex, u256 } from '../../lib/bytes.ts'
import { keccak256 } from '../../lib/crypto/keccak.ts'
import { hasCode, messageOf } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Store } from '../../store/store.ts'
import type { BlockClock } from './chain-clock.ts'
import type { TicketMetrics } from './metrics.ts'
import type { RedeemReceipt, RedemptionBroker } from './ports.ts'
import type { TrackedRedeemGas } from './redeem-gas.ts'
import {
  type Decision,
  decide,
  type RedemptionPolicy,
  type RedemptionView,
} from './redemption-policy.ts'
import { type RedemptionEvent, step } from './redemption-state.ts'
import { ticketHash } from './ticket.ts'
import type { WinnerOrders } from './winner-orders.ts'
import { isPending, type Winner } from './winner-record.ts'
import type { WinnerStore } from './winner-store.ts'

/** What one pass over some winners works with. */
export interface RedemptionPass {
  readonly store: Store
  readonly winners: WinnerStore
  readonly orders: WinnerOrders
  readonly broker: RedemptionBroker
  readonly blocks: BlockClock
  readonly redeemGas: TrackedRedeemGas
  readonly logger: Logger
  readonly metrics: TicketMetrics
  readonly policy: RedemptionPolicy
  readonly signal: AbortSignal
  view(): RedemptionView
  /** Bounds how many questions are put to the chain at once. */
  asking<T>(question: () => Promise<T>): Promise<T>
}

/**
 * Takes some winners as far as the chain lets them go now, those that it would pay in one
 * transaction. Those that it refuses stay behind alone.
 *
 * Invariant: members and the transaction's id are on disk before anything is sent.
 */
export async function redeemTogether(
  pass: RedemptionPass,
  winners: readonly Winner[],
): Promise<void> {
  const checked = await Promise.all(
    winners.map(async (winner) => pass.asking(async () => check(pass, winner))),
  )
  const chosen = checked.filter((winner) => winner !== null)
  if (chosen.length === 0) return
  const event = {
    type: 'submitted',
    transactionId: transactionIdOf(chosen),
    shares: chosen.length,
  } as const
  await follow(pass, await advance(pass, chosen, event))
}

/** Waits for the transaction of some submitted winners, and judges what became of each. */
export async function follow(pass: RedemptionPass, members: readonly Winner[]): Promise<void> {
  const { logger, signal } = pass
  const [first] = members
  if (first === undefined) return
  const id = first.transactionId ?? legacyId(first)
  try {
    const receipt = await send(pass, members, id)
    await Promise.all(
      members.map(async (member) => pass.asking(async () => judge(pass, member, id, receipt))),
    )
  } catch (error) {
    if (signal.aborted) throw error
    logger.warn({ err: error, id }, 'redemption did not go through')
    const type = NOTHING_SENT.some((code) => hasCode(error, code)) ? 'not-sent' : 'unreachable'
    await advance(pass, stillSubmitted(pass, members), { type, reason: messageOf(error) })
  }
}

/** Moves winners on and makes it durable, with the block that voids their params. */
export async function advance(
  pass: Pick<RedemptionPass, 'store' | 'winners' | 'orders' | 'blocks' | 'metrics'>,
  winners: readonly Winner[],
  event: RedemptionEvent,
): Promise<readonly Winner[]> {
  const { store, orders, blocks, metrics } = pass
  const before = winners
  const after = winners.map((winner) => step(winner, event, blocks.now()))
  const done = after.filter((winner) => isFulfilled(winner, event, orders))
  await store.batch(
    [
      ...after.map((winner) => pass.winners.updateOp(winner)),
      ...done.flatMap(({ ticket }) => orders.clearOps(ticket)),
      blocks.markOp(),
    ],
    { sync: true },
  )
  for (const { ticket } of done) orders.cleared(ticket)
  after.forEach((winner, index) => pass.winners.updated(winner, before[index]))
  metrics.redemptionEvents.inc({ event: event.type }, winners.length)
  return after
}

/** What the transactions say when nothing was sent and the id is free. */
const NOTHING_SENT = ['TX_UNDERFUNDED', 'TX_REJECTED', 'TX_LIMIT'] as const

/** A try uses up the order to try; holding lasts until it is released or nothing is left to hold. */
function isFulfilled(winner: Winner, { type }: RedemptionEvent, orders: WinnerOrders): boolean {
  if (!isPending(winner)) return true
  const isTry = type === 'submitted' || type === 'refused' || type === 'not-sent'
  return isTry && orders.of(winner.ticket) !== 'hold'
}

/** The winner if the chain would pay it and it is worth its gas; its record says why not. */
async function check(pass: RedemptionPass, winner: Winner): Promise<Winner | null> {
  const { broker, logger, signal, redeemGas } = pass
  signal.throwIfAborted()
  const hash = ticketHash(winner.ticket)
  try {
    if (await broker.isUsedTicket(hash)) {
      await advance(pass, [winner], { type: 'used-on-chain' })
      return null
    }
    const simulated = await broker.simulateRedeem(winner.ticket, { signal })
    if (!simulated.ok) {
      await advance(pass, [winner], { type: 'refused', reason: simulated.error })
      return null
    }
    const { gas } = simulated.value
    redeemGas.simulated(gas)
    const estimated = step(winner, { type: 'simulated', gas }, pass.blocks.now())
    if (decideNow(pass, estimated).type === 'redeem') return estimated
    await advance(pass, [winner], { type: 'simulated', gas })
  } catch (error) {
    if (signal.aborted) throw error
    logger.warn({ err: error, ticket: toHex(hash) }, 'a winner cannot be looked at')
    await advance(pass, [winner], { type: 'unreachable', reason: messageOf(error) })
  }
  return null
}

/** What is to be done with a winner as things stand. */
export function decideNow(
  { orders, policy, view }: Pick<RedemptionPass, 'orders' | 'policy' | 'view'>,
  winner: Winner,
): Decision {
  return decide(winner, view(), policy, orders.of(winner.ticket))
}

async function send(
  { broker, signal }: RedemptionPass,
  members: readonly Winner[],
  id: string,
): Promise<RedeemReceipt> {
  const tickets = members.map(({ ticket }) => ticket)
  const [only] = tickets
  if (only !== undefined && tickets.length === 1) return broker.redeem(only, { id, signal })
  return broker.redeemBatch(tickets, { id, signal, ...gasOf(members) })
}

/**
 * The limit of gas for a batch: what each would use alone, and a fifth. An estimate would not do
 * where a batch swallows the failures of its members, lack of gas among them.
 */
function gasOf(members: readonly Winner[]): { gas?: bigint } {
  let gas = 0n
  for (const { gasEstimate } of members) {
    if (gasEstimate === undefined) return {}
    gas += gasEstimate
  }
  return { gas: (gas * 6n) / 5n }
}

/** Only the chain's record of used tickets says whether a winner was paid. */
async function judge(
  pass: RedemptionPass,
  member: Winner,
  id: string,
  receipt: RedeemReceipt,
): Promise<void> {
  const { broker, logger, signal, redeemGas } = pass
  const { transactionHash } = receipt
  const gasShare = receipt.gasUsed / BigInt(member.shares ?? 1)
  const isPaid = await broker.isUsedTicket(ticketHash(member.ticket))
  if (isPaid && receipt.status === 'success') {
    await advance(pass, [member], { type: 'mined', transactionHash, gasShare })
    await redeemGas.mined(gasShare)
    logger.info({ faceValueWei: member.ticket.faceValue, transactionHash }, 'winner redeemed')
    return
  }
  if (isPaid) {
    const lostGas = (member.lostGas ?? 0n) + gasShare
    await advance(pass, [{ ...member, lostGas }], { type: 'used-on-chain' })
    return
  }
  if (receipt.status === 'success') {
    // Either the block is gone since, or the endpoint that was asked lags behind.
    await broker.recheck(id, { signal })
    if ((member.shares ?? 1) === 1) {
      const reason = 'its transaction is mined but the chain does not show the payment'
      await advance(pass, [member], { type: 'unreachable', reason })
      return
    }
  }
  const simulated = await broker.simulateRedeem(member.ticket, { signal })
  const told = receipt.reason ?? 'the batch left it unpaid'
  const reason = simulated.ok ? told : simulated.error
  await advance(pass, [member], { type: 'unpaid', transactionHash, gasShare, reason })
  logger.warn({ reason, transactionHash }, 'winner was not paid')
}

/** Those of a group that nothing was decided about yet. */
function stillSubmitted({ winners }: RedemptionPass, members: readonly Winner[]): Winner[] {
  const pending = new Set(winners.pending())
  return members.filter((member) => pending.has(member))
}

function transactionIdOf(members: readonly Winner[]): string {
  const [first] = members
  if (first !== undefined && members.length === 1) {
    return legacyId({ ...first, attempts: first.attempts + 1 })
  }
  // Every try of the same members has a name of its own.
  const parts = members.flatMap(({ ticket, attempts }) => [
    ticketHash(ticket),
    u256(BigInt(attempts)),
  ])
  return `redeem-batch-${toHex(keccak256(concatBytes(...parts))).slice(2)}`
}

/** The name of a lone winner's transaction; earlier releases did not store it. */
function legacyId({ ticket, attempts }: Winner): string {
  return `redeem-${toHex(ticketHash(ticket)).slice(2)}-${attempts}`
}
