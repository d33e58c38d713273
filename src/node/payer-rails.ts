import type { OrderRecord } from '../exchange/order.ts'
import type { ChannelPayer } from '../rails/channel/open.ts'
import type { CheckPayer } from '../rails/check/payer.ts'
import type { PayerRail } from '../rails/rail.ts'
import { createTicketMetrics } from '../rails/ticket/metrics.ts'
import { createTicketPayerRail } from '../rails/ticket/payer-rail.ts'
import { createSender } from '../rails/ticket/sender.ts'
import { createSentBook, type SentBook } from './books.ts'
import type { BuiltRole } from './built-role.ts'
import { buildChannelPayer, payerChannels } from './channel-payer.ts'
import { buildCheckPayer, payingChecks } from './check-chain.ts'
import type { NodeConfig, PayingConfig } from './config.ts'
import { railsInUse } from './config-needs.ts'
import { buildSenderBooks, type SenderBooks } from './exposure.ts'
import type { Foundation } from './foundation.ts'
import { inOrder } from './in-order.ts'

/** A sender of tickets with its books. */
export interface TicketPayer {
  readonly rail: PayerRail
  readonly sent: SentBook
  readonly books: SenderBooks
}

/**
 * All that a node pays by. Invariant: one of each kind over one store and one wallet, whatever
 * the roles that pay, for each keeps numbers that nobody may use twice.
 */
export interface PayerRails extends BuiltRole {
  /** Null in a node that does not pay by ticket. */
  readonly tickets: TicketPayer | null
  readonly channels: ChannelPayer | null
  readonly checks: CheckPayer | null
  /** The rails of these names, in this order. */
  pick(names: readonly string[]): readonly PayerRail[]
}

/** Whether a node pays anybody. */
export function isPayer({ roles }: Pick<NodeConfig, 'roles'>): boolean {
  return (['broadcaster', 'viewer', 'advertiser'] as const).some((role) => roles.includes(role))
}

/** Joins all that a node pays by. */
export async function buildPayerRails(
  foundation: Foundation,
  config: NodeConfig,
): Promise<PayerRails> {
  const { paying } = config
  const used = railsInUse(config)
  const isBroadcaster = config.roles.includes('broadcaster')
  const tickets =
    isBroadcaster || used.includes('ticket') ? await buildTicketPayer(foundation, paying) : null
  const channels = await buildChannelPayer(foundation, paying, config.chain)
  const checks = await buildCheckPayer(foundation, config)
  const rails = [tickets?.rail, channels?.rail, checks?.rail]
  return {
    tickets,
    channels,
    checks: checks?.payer ?? null,
    pick: (names) => names.flatMap((name) => rails.find((rail) => rail?.id === name) ?? []),
    ...inOrder([
      ...(tickets === null ? [] : [tickets.books]),
      ...(channels === null ? [] : [channels.watch]),
      ...(checks === null ? [] : [checks.payer]),
    ]),
    complaints: async () =>
      used.includes('ticket') && tickets !== null ? tickets.books.complaints() : [],
    async status() {
      const own = tickets === null ? {} : await tickets.books.status(none())
      return {
        ...(tickets === null ? {} : { tickets: tickets.sent.totals(), ...own }),
        ...payerChannels(channels),
        ...(checks === null ? {} : { checks: payingChecks(checks.payer) }),
      }
    },
  }
}

/** Fees stand where the orders are. */
async function* none(): AsyncIterable<OrderRecord> {}

/** The paying half of the ticket rail. */
async function buildTicketPayer(
  foundation: Foundation,
  paying: Pick<PayingConfig, 'tickets'>,
): Promise<TicketPayer> {
  const { chain, store, wallet, metrics } = foundation
  const { maxEv, maxTotalEv, depositMultiplier } = paying.tickets
  const books = await buildSenderBooks(foundation, paying)
  const sent = createSentBook()
  const { guard: exposure, ledger } = books
  const { time, senders } = chain
  const sender = createSender(
    { signer: wallet, time, senders, store, exposure, ledger },
    { maxEv, maxTotalEv, depositMultiplier: BigInt(depositMultiplier) },
  )
  const rail = createTicketPayerRail({
    sender,
    metrics: createTicketMetrics(metrics),
    onSent: (batch) => sent.add(batch),
  })
  return { rail, sent, books }
}
