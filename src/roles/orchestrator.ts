import type { Provider } from '../exchange/provider.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { QuoteProvider } from '../market/quote-provider.ts'

/** What an orchestrator joins: each part does one duty, the order of their starts is the point. */
export interface OrchestratorComponents {
  /** Does the work. */
  readonly pool: Startable
  /** Calls for its part of the inflation; null where there is none. */
  readonly rewards: Startable | null
  readonly quotes: QuoteProvider
  readonly provider: Provider
  /** Tells the network; last to start and first to stop. */
  readonly advertiser: Startable
}

/** The role that takes segments and payments, and returns renditions; what it is paid by runs already. */
export function createOrchestrator(components: OrchestratorComponents): Startable {
  const { pool, rewards, quotes, provider, advertiser } = components
  return {
    async start() {
      await pool.start()
      await rewards?.start()
      await quotes.start()
      await provider.start()
      await advertiser.start()
    },
    async stop() {
      await advertiser.stop()
      await provider.stop()
      await rewards?.stop()
      await pool.stop()
    },
  }
}
