import type { Startable } from '../lib/lifecycle.ts'
import type { PayeeRail } from '../rails/rail.ts'
import { openBlockClock } from '../rails/ticket/chain-clock.ts'
import type { HandOver } from '../rails/ticket/handover.ts'
import { createTakeBack } from '../rails/ticket/handover-take-back.ts'
import { createLedger, type Ledger } from '../rails/ticket/ledger-store.ts'
import { createTicketMetrics, type TicketMetrics } from '../rails/ticket/metrics.ts'
import { createTicketPayeeRail } from '../rails/ticket/payee-rail.ts'
import { createRecipient } from '../rails/ticket/recipient.ts'
import { openRecipientSecret } from '../rails/ticket/recipient-secret.ts'
import type { RedeemCostInUse } from '../rails/ticket/redeem-cost.ts'
import { openRedeemGas } from '../rails/ticket/redeem-gas.ts'
import { createRedemption } from '../rails/ticket/redemption.ts'
import type { RedemptionDesk } from '../rails/ticket/redemption-desk.ts'
import type { RedemptionPolicy } from '../rails/ticket/redemption-policy.ts'
import { createSenderMonitor } from '../rails/ticket/sender-monitor.ts'
import { openWinnerStore, type WinnerStore } from '../rails/ticket/winner-store.ts'
import { buildHandOver } from './build-redeemer.ts'
import type { EarningConfig, NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'
import { inOrder } from './in-order.ts'
import { createWinnerOutcomes, type WinnerOutcomes } from './ledger.ts'

/** Tickets that came, since the process started. */
export interface TicketCounts {
  readonly received: number
  readonly won: number
  /** Too late to be credited; what is redeemed of them was kept all the same. */
  readonly late: number
  readonly lateWon: number
}

/** The earning half of the ticket rail. */
export interface TicketPayee {
  readonly rail: PayeeRail
  readonly redemption: Startable
  /** The way to the redeemer; null where this node redeems by itself. */
  readonly handOver: HandOver | null
  /** The operator's hand on the winners that are here, not with a redeemer. */
  readonly desk: RedemptionDesk
  readonly winners: WinnerStore
  readonly ledger: Ledger
  readonly outcomes: WinnerOutcomes
  /** What tickets are sized by. */
  sizing(): RedeemCostInUse
  /** What was received since this process started. */
  counts(): TicketCounts
}

/** Joins recipient, winners and redemption over the node's store and chain. */
export async function buildTicketPayee(
  foundation: Foundation,
  { tickets, redeemer }: Pick<EarningConfig, 'tickets' | 'redeemer'>,
  { reorgDepth }: Partial<Pick<NodeConfig['chain'], 'reorgDepth'>> = {},
): Promise<TicketPayee> {
  const { store, wallet, chain } = foundation
  const { time, senders, gas, ticketValidityPeriod, redemptionBroker: broker } = chain
  const { address } = wallet
  const metrics = createTicketMetrics(foundation.metrics)
  const logger = foundation.logger.child({ room: 'tickets' })
  const paramsLifeBlocks = BigInt(tickets.paramsLifeBlocks)
  const winners = await openWinnerStore(store, logger, {
    isActive: (account) => chain.isActive(account),
  })
  const blocks = await openBlockClock(store, time)
  const secret = await openRecipientSecret(store)
  const monitor = createSenderMonitor({ claimant: address, time, senders, winners })
  const redeemGas = await openRedeemGas(store, { initial: BigInt(tickets.redeemGas) })
  const { counts, onLate, onReceived } = countTickets(metrics)
  const recipient = createRecipient(
    {
      ...{ address, secret, time, blocks, gas, monitor, winners, store },
      redeemGas: () => redeemGas.gas(),
      onLate,
    },
    {
      minEv: tickets.minEv,
      ticketsPerStep: BigInt(tickets.ticketsPerSegment),
      evMultiplier: BigInt(tickets.evMultiplier),
      txCostMultiplier: BigInt(tickets.txCostMultiplier),
      redeemGas: BigInt(tickets.redeemGas),
      maxFaceValue: tickets.maxFaceValue,
      paramsLifeBlocks,
    },
  )
  const ledger = createLedger(store)
  const handOver =
    redeemer === undefined
      ? null
      : await buildHandOver(foundation, redeemer, { winners, blocks, redeemGas, metrics, logger })
  const takeBack = createTakeBack({ store, winners, broker, time, blocks, logger })
  const redemption = createRedemption(
    { store, winners, broker, time, blocks, gas, logger, metrics, redeemGas },
    {
      ticketValidityPeriod,
      concurrency: tickets.redemptionConcurrency,
      policy: redemptionPolicy(tickets),
      ...(reorgDepth === undefined ? {} : { reorgDepth }),
    },
  )
  return {
    winners,
    counts,
    ledger,
    outcomes: createWinnerOutcomes(winners),
    sizing: () => recipient.redeemCost(),
    rail: createTicketPayeeRail(
      { recipient, blocks, metrics, monitor, ledger, onReceived },
      { paramsLifeBlocks },
    ),
    handOver,
    desk: (handOver ?? redemption).desk,
    redemption: inOrder([monitor, ...(handOver === null ? [takeBack, redemption] : [handOver])]),
  }
}

/** Gas at five times the price for which a ticket was made, unless a share is configured. */
function redemptionPolicy({
  redemption,
  txCostMultiplier,
}: EarningConfig['tickets']): RedemptionPolicy {
  const { maxCostPercent, cheapGasPrice, deadlinePercent, companyBlocks, maxBatch } = redemption
  return {
    maxCostShare:
      maxCostPercent === undefined
        ? { num: 5n, den: BigInt(txCostMultiplier) }
        : { num: BigInt(maxCostPercent), den: 100n },
    cheapGasPrice,
    deadlineShare: deadlinePercent / 100,
    companyBlocks: BigInt(companyBlocks),
    maxBatch,
  }
}

/** Counts tickets as they come. */
function countTickets({ late }: TicketMetrics) {
  const counts = { received: 0, won: 0, late: 0, lateWon: 0 }
  return {
    counts: (): TicketCounts => counts,
    onReceived({ accepted, won }: { readonly accepted: number; readonly won: number }): void {
      counts.received += accepted
      counts.won += won
    },
    onLate({ tickets, won }: { readonly tickets: number; readonly won: number }): void {
      late.inc({}, tickets)
      counts.late += tickets
      counts.lateWon += won
    },
  }
}
