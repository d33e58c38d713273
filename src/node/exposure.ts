import type { OrderRecord } from '../exchange/order.ts'
import type { Startable } from '../lib/lifecycle.ts'
import { formatWei } from '../lib/wei.ts'
import { type ExposureGuard, openExposureGuard } from '../rails/ticket/exposure-guard.ts'
import { openTopUp, type TopUp } from '../rails/ticket/exposure-top-up.ts'
import { createLedgerReader } from '../rails/ticket/ledger-reader.ts'
import { createLedger, type Ledger } from '../rails/ticket/ledger-store.ts'
import { createTicketMetrics } from '../rails/ticket/metrics.ts'
import type { SenderInfo } from '../rails/ticket/ports.ts'
import type { PayingConfig } from './config.ts'
import type { Foundation } from './foundation.ts'
import { type LedgerStatus, sentLedger } from './ledger.ts'

/** What a sender of tickets keeps of them, and its guard against owing more than it has. */
export interface SenderBooks extends Startable {
  readonly guard: ExposureGuard
  readonly ledger: Ledger
  /** Why the wallet's funds do not do; empty when they do. */
  complaints(): Promise<readonly string[]>
  /** Exposure and ledger as the status shows them. */
  status(
    orders: AsyncIterable<OrderRecord>,
  ): Promise<{ readonly exposure: object; readonly ledger: LedgerStatus }>
}

/** Joins guard, top-up and ledger of a broadcaster. */
export async function buildSenderBooks(
  foundation: Foundation,
  { tickets }: Pick<PayingConfig, 'tickets'>,
): Promise<SenderBooks> {
  const { chain, store, clock, wallet } = foundation
  const { time, senders, broker } = chain
  const sender = wallet.address
  const logger = foundation.logger.child({ room: 'tickets' })
  const metrics = createTicketMetrics(foundation.metrics)
  const { quantile, warnAtPercent, redemptionLagBlocks } = tickets.exposure
  const guard = await openExposureGuard(
    { store, time, logger, metrics },
    {
      quantile,
      warnAtPermille: warnAtPercent * 10,
      redemptionLagBlocks: BigInt(redemptionLagBlocks),
    },
  )
  const ledger = createLedger(store)
  const reader = createLedgerReader({ ledger, sender, broker, time, senders, logger })
  const topUp: TopUp | null =
    tickets.topUp === undefined
      ? null
      : await openTopUp(
          { store, guard, broker, senders, time, clock, sender, logger, metrics },
          tickets.topUp,
        )
  return {
    guard,
    ledger,
    async start() {
      await reader.start()
      await topUp?.start()
    },
    async stop() {
      await topUp?.stop()
      await reader.stop()
    },
    async complaints() {
      const funds = await senders.getSenderInfo(sender)
      return [...fundsComplaints(funds, guard), ...(topUp?.complaints() ?? [])]
    },
    async status(orders) {
      const { deposit } = await senders.getSenderInfo(sender)
      const { tickets: outstanding, ...rest } = guard.current()
      const level = guard.level(deposit)
      const own = topUp === null ? {} : { topUp: topUp.state() }
      return {
        exposure: { outstanding, ...rest, depositWei: deposit, quantile, level, ...own },
        ledger: await sentLedger(ledger, orders, guard.outstanding()),
      }
    },
  }
}

function fundsComplaints(
  { deposit, reserve, withdrawRound }: SenderInfo,
  guard: ExposureGuard,
): readonly string[] {
  const complaints: string[] = []
  if (deposit === 0n) complaints.push('no deposit: add one with millrace fund')
  if (reserve.fundsRemaining === 0n) complaints.push('no reserve: add one with millrace fund')
  if (withdrawRound !== 0n) complaints.push(`deposit and reserve unlock in round ${withdrawRound}`)
  if (guard.level(deposit) !== 'ok') {
    const { tickets, requiredWei } = guard.needed()
    complaints.push(
      `${tickets} outstanding tickets want a deposit of ${formatWei(requiredWei)}, there is ` +
        `${formatWei(deposit)}: add to it with millrace fund`,
    )
  }
  return complaints
}
