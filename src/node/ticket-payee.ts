import type { Startable } from '../lib/lifecycle.ts'
import type { PayeeRail } from '../rails/rail.ts'
import { openBlockClock } from '../rails/ticket/chain-clock.ts'
import { createTicketMetrics } from '../rails/ticket/metrics.ts'
import { createTicketPayeeRail } from '../rails/ticket/payee-rail.ts'
import { createRecipient } from '../rails/ticket/recipient.ts'
import { openRecipientSecret } from '../rails/ticket/recipient-secret.ts'
import { createRedemption } from '../rails/ticket/redemption.ts'
import { createSenderMonitor } from '../rails/ticket/sender-monitor.ts'
import { openWinnerStore, type WinnerStore } from '../rails/ticket/winner-store.ts'
import type { OrchestratorConfig } from './config.ts'
import type { Foundation } from './foundation.ts'

/** The earning half of the ticket rail. */
export interface TicketPayee {
  readonly rail: PayeeRail
  readonly redemption: Startable
  readonly winners: WinnerStore
  /** What was received since this process started. */
  counts(): { readonly received: number; readonly won: number }
}

/** Joins recipient, winners and redemption over the node's store and chain. */
export async function buildTicketPayee(
  foundation: Foundation,
  { tickets }: Pick<OrchestratorConfig, 'tickets'>,
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
  const recipient = createRecipient(
    { address, secret, time, blocks, gas, monitor, winners, store },
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
  const counts = { received: 0, won: 0 }
  const onReceived = ({ accepted, won }: { accepted: number; won: number }): void => {
    counts.received += accepted
    counts.won += won
  }
  return {
    winners,
    counts: () => counts,
    rail: createTicketPayeeRail({ recipient, blocks, metrics, onReceived }, { paramsLifeBlocks }),
    redemption: createRedemption(
      { store, winners, broker, time, blocks, gas, logger, metrics },
      { ticketValidityPeriod, concurrency: tickets.redemptionConcurrency },
    ),
  }
}
