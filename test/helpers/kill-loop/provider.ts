import { createExchangeMetrics } from '../../../src/exchange/metrics.ts'
import { createProvider } from '../../../src/exchange/provider.ts'
import { createProviderOrders } from '../../../src/exchange/provider-orders.ts'
import { assert } from '../../../src/lib/errors.ts'
import type { Logger } from '../../../src/lib/logger.ts'
import { createQuoteProvider } from '../../../src/market/quote-provider.ts'
import type { OrchestratorConfig } from '../../../src/node/config.ts'
import type { Foundation } from '../../../src/node/foundation.ts'
import { buildTicketPayee } from '../../../src/node/ticket-payee.ts'
import { buildFoundation } from './foundation.ts'
import { passThrough } from './media.ts'
import type { Report, RunningSide } from './messages.ts'
import type { PeerSettings } from './settings.ts'

/** Adverts are not what is tried here: this one outlasts the loop. */
const ADVERT_TTL_MS = 24 * 3_600_000

/** The earning side: a whole orchestrator but for its transcoders and adverts. */
export async function startProvider(
  settings: PeerSettings,
  logger: Logger,
  report: (message: Report) => void,
): Promise<RunningSide> {
  const { foundation, config } = await buildFoundation(settings, logger)
  const { chain, net, store, wallet, clock } = foundation
  const { orchestrator: own } = config
  assert(own !== undefined, 'the provider is an orchestrator')
  const tickets = await buildTicketPayee(foundation, own)
  const rails = new Map([[tickets.rail.id, tickets.rail]])
  const { services, regions } = own
  const capacity = { slots: own.slots, freeSlots: own.slots }
  const quotes = buildQuotes(foundation, own, rails)
  const orders = createProviderOrders({ store, clock, quotes, rails })
  const provider = createProvider({
    host: net.host,
    wallet,
    orders,
    worker: passThrough,
    logger,
    metrics: createExchangeMetrics(foundation.metrics),
  })
  await chain.start()
  await tickets.redemption.start()
  await quotes.start()
  await provider.start()
  await net.host.start()
  report({
    type: 'ready',
    advert: {
      chainId: BigInt(settings.chainId),
      peerId: net.host.peerId,
      address: wallet.address,
      binding: net.binding,
      sequence: 1n,
      issuedAtMs: clock.now(),
      ttlMs: ADVERT_TTL_MS,
      services,
      regions,
      capacity,
      addresses: net.host.addresses(),
    },
  })
  return {
    pending: () => tickets.winners.pending().length,
    async stop() {
      await provider.stop()
      await tickets.redemption.stop()
      await net.host.stop()
      await chain.stop()
      await store.close()
    },
  }
}

function buildQuotes(
  foundation: Foundation,
  own: OrchestratorConfig,
  rails: Parameters<typeof createProviderOrders>[0]['rails'],
): ReturnType<typeof createQuoteProvider> {
  const { net, chain, wallet, marketMetrics } = foundation
  const { services, regions, maxInFlight, quoteTtlMs, pricePerUnit: price, slots } = own
  return createQuoteProvider(
    {
      ...foundation,
      host: net.host,
      rails,
      metrics: marketMetrics,
      capacity: () => ({ slots, freeSlots: slots }),
      readiness: async () => ((await chain.isActive(wallet.address)) ? 'ready' : 'NOT_READY'),
    },
    { chainId: BigInt(chain.client.chainId), services, regions, price, quoteTtlMs, maxInFlight },
  )
}
