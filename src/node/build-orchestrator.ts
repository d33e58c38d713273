import { createExchangeMetrics } from '../exchange/metrics.ts'
import { createProvider, type Provider } from '../exchange/provider.ts'
import { createProviderOrders, type ProviderOrders } from '../exchange/provider-orders.ts'
import { assert } from '../lib/errors.ts'
import { createAdvertiser } from '../market/advertiser.ts'
import { createQuoteProvider } from '../market/quote-provider.ts'
import { createOrchestrator } from '../roles/orchestrator.ts'
import { orderStatuses } from './books.ts'
import { type BuiltPool, buildPool } from './build-pool.ts'
import type { BuiltRole } from './built-role.ts'
import { payeeChannels } from './channel-payee.ts'
import { earningChecks } from './check-chain.ts'
import type { NodeConfig, OrchestratorConfig } from './config.ts'
import type { Foundation } from './foundation.ts'
import { receivedLedger } from './ledger.ts'
import type { PayeeRails } from './payee-rails.ts'
import { workerOver } from './pool-worker.ts'
import { createRoundRewards, type RoundRewards } from './round-rewards.ts'
import type { TicketPayee } from './ticket-payee.ts'

/** Winners in the status; all are in the list of winners. */
const SHOWN_WINNERS = 50

/** Joins the parts of an orchestrator. */
export async function buildOrchestrator(
  foundation: Foundation,
  config: NodeConfig,
  own: OrchestratorConfig,
  earning: PayeeRails,
): Promise<BuiltRole> {
  const { logger, clock, store, wallet, net, chain, marketMetrics, metrics } = foundation
  const { host, peerKey, binding } = net
  const { services, regions, maxInFlight, quoteTtlMs, pricePerUnit: price, slots } = own
  const chainId = BigInt(config.chain.chainId)
  const built = await buildPool(foundation, own, chainId)
  const { pool } = built
  const rails = earning.pick(own.rails)
  const { tickets, channels, checks, turns } = earning
  assert(tickets !== null, 'an orchestrator keeps its winners')
  const active = (): Promise<boolean | null> => chain.isActive(wallet.address)
  // Streams that would have to wait for a transcoder are not taken, however few there are.
  const capacity = () => ({
    slots,
    freeSlots: pool.isFull() ? 0 : Math.max(0, slots - provider.openStreams()),
  })
  const readiness = async (): Promise<'ready' | 'NOT_ACTIVE' | 'NOT_READY'> => {
    const isActive = await active()
    return isActive === null ? 'NOT_READY' : isActive ? 'ready' : 'NOT_ACTIVE'
  }
  const market = { ...foundation, host, rails, metrics: marketMetrics, capacity }
  const quotes = createQuoteProvider(
    { ...market, readiness },
    { chainId, services, regions, price, quoteTtlMs, maxInFlight },
  )
  const orders = createProviderOrders({ store, clock, quotes, rails, turns })
  const provider = createProvider({
    slots,
    host,
    wallet,
    orders,
    worker: workerOver(pool),
    logger: logger.child({ room: 'exchange' }),
    metrics: createExchangeMetrics(metrics),
  })
  const advertiser = createAdvertiser(
    { ...market, peerKey, isActive: async () => (await active()) === true },
    { chainId, address: wallet.address, binding, services, regions, ...own.advert },
  )
  const rewards = rewardsOf(foundation, own)
  return {
    ...createOrchestrator({ pool: built, rewards, quotes, provider, advertiser }),
    complaints: async () => [
      ...((await active()) === true ? [] : ['not in the active set of this round']),
      ...built.complaints(),
      ...(rewards?.complaints() ?? []),
    ],
    status: async () => ({
      ...(await statusOf(own, { pool: built, tickets, provider, orders })),
      ...payeeChannels(channels),
      ...(checks === null ? {} : { checks: earningChecks(checks) }),
      ...(rewards === null ? {} : { lastRewardRound: rewards.lastRound() }),
    }),
  }
}

/** Calls for rewards; null where the contracts have none, or the operator does not want it. */
function rewardsOf(
  { chain, logger }: Foundation,
  { reward }: OrchestratorConfig,
): RoundRewards | null {
  const { profile, time, transactions, isActive } = chain
  if (profile.name !== 'own' || !reward) return null
  const delegation = profile.bonding
  return createRoundRewards({ delegation, time, transactions, logger, isActive })
}

async function statusOf(
  { pricePerUnit: price, services, regions }: OrchestratorConfig,
  parts: {
    readonly pool: BuiltPool
    readonly tickets: TicketPayee
    readonly provider: Provider
    readonly orders: ProviderOrders
  },
): Promise<object> {
  const { pool, tickets, provider, orders } = parts
  return {
    price,
    services,
    regions,
    openStreams: provider.openStreams(),
    transcoding: pool.transcoding(),
    pool: pool.status(),
    orders: await orderStatuses(orders.records()),
    tickets: tickets.counts(),
    winners: tickets.winners.totals(),
    pendingWinners: await tickets.desk.list({ limit: SHOWN_WINNERS }),
    sizing: tickets.sizing(),
    ledger: await receivedLedger(tickets.ledger, orders.records(), tickets.outcomes),
    ...(tickets.handOver === null ? {} : { redeemer: tickets.handOver.status() }),
  }
}
