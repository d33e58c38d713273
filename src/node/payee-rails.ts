import { createTurns, type Turns } from '../exchange/turns.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { ChannelPayee } from '../rails/channel/open.ts'
import { checkLimits } from '../rails/check/limits.ts'
import type { CheckPayee } from '../rails/check/payee-port.ts'
import type { PayeeRail } from '../rails/rail.ts'
import type { BuiltRole } from './built-role.ts'
import { buildChannelPayee, payeeChannels } from './channel-payee.ts'
import { buildCheckPayee, earningChecks } from './check-chain.ts'
import type { NodeConfig } from './config.ts'
import { railsInUse } from './config-needs.ts'
import type { Foundation } from './foundation.ts'
import { inOrder } from './in-order.ts'
import { buildTicketPayee, type TicketPayee } from './ticket-payee.ts'

/**
 * All that a node is paid by. Invariant: one of each kind over one store, whatever the roles that
 * earn, and the payments of one payer take turns over all its orders of whatever kind.
 */
export interface PayeeRails extends BuiltRole {
  /** Null in a node that takes no tickets. */
  readonly tickets: TicketPayee | null
  readonly channels: ChannelPayee | null
  readonly checks: CheckPayee | null
  readonly turns: Turns
  /** The rails of these names, in this order. */
  pick(names: readonly string[]): ReadonlyMap<string, PayeeRail>
}

/** Whether a node is paid by anybody. */
export function isPayee({ roles }: Pick<NodeConfig, 'roles'>): boolean {
  return (['orchestrator', 'publisher', 'audience'] as const).some((role) => roles.includes(role))
}

/** Joins all that a node is paid by. */
export async function buildPayeeRails(
  foundation: Foundation,
  config: NodeConfig,
): Promise<PayeeRails> {
  const { earning, chain } = config
  const used = railsInUse(config)
  // Winners of earlier are brought to the chain whatever an orchestrator is paid by now.
  const takesTickets = config.roles.includes('orchestrator') || used.includes('ticket')
  const tickets = takesTickets ? await buildTicketPayee(foundation, earning, chain) : null
  const channels = await buildChannelPayee(foundation, earning, chain)
  const checks = await buildCheckPayee(foundation, config)
  const rails = [tickets?.rail, channels?.rail, checks?.rail].flatMap((rail) => rail ?? [])
  return {
    tickets,
    channels,
    checks: checks?.payee ?? null,
    turns: createTurns(),
    pick: (names) =>
      new Map(
        names.flatMap((name) => rails.filter(({ id }) => id === name).map((rail) => [name, rail])),
      ),
    ...(tickets === null ? {} : { desk: tickets.desk }),
    ...inOrder([
      ...(tickets === null ? [] : [tickets.redemption]),
      ...(channels === null ? [] : [channels.watch]),
      ...(checks === null ? [] : [settledAtStop(checks.payee)]),
    ]),
    complaints: async () => tickets?.handOver?.complaints() ?? [],
    status: async () => ({
      ...(tickets === null ? {} : { tickets: tickets.counts(), winners: tickets.winners.totals() }),
      ...payeeChannels(channels),
      ...(checks === null ? {} : { checks: earningChecks(checks.payee) }),
    }),
  }
}

/** A payee of checks that takes the time at its stop to cash what orders of work were paid. */
function settledAtStop(payee: CheckPayee): Startable {
  return {
    start: async () => payee.start(),
    async stop() {
      // Checks expire, and nobody knows when this node is back.
      await payee.settleOrders({ signal: AbortSignal.timeout(checkLimits.stopCashMs) })
      await payee.stop()
    },
  }
}
