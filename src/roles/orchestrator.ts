import type { Provider } from '../exchange/provider.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { QuoteProvider } from '../market/quote-provider.ts'

/** What an orchestrator joins: each part does one duty, the order of their starts is the point. */
export interface OrchestratorComponents {
  /** Does the work. */
  readonly pool: Startable
  /** Redeems what was won, and calls for what else the chain owes. */
  readonly redemption: Startable
  readonly quotes: QuoteProvider
  readonly provider: Provider
  /** Tells the network; last to start and first to stop. */
  readonly advertiser: Startable
}

/** The role that takes segments and tickets, and returns renditions. */
export function createOrchestrator(components: OrchestratorComponents): Startable {
  const { pool, redemption, quotes, provider, advertiser } = components
  return {
    async start() {
      await pool.start()
      await redemption.start()
      await quotes.start()
      await provider.start()
      await advertiser.start()
    },
    async stop() {
      await advertiser.stop()
      await provider.stop()
      await redemption.stop()
      await pool.stop()
    },
  }
}
