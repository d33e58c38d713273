import type { Clock } from '../lib/clock.ts'
import type { WalletSigner } from '../lib/crypto/eip191.ts'
import type { Logger } from '../lib/logger.ts'
import type { MetricsRegistry } from '../lib/metrics.ts'
import type { Directory } from '../market/directory.ts'
import type { MarketMetrics } from '../market/metrics.ts'
import type { Store } from '../store/store.ts'
import type { ChainParts } from './build-chain.ts'
import type { NetParts, WorkerNetParts } from './build-net.ts'

/** What a role without a chain stands on. */
export interface WorkerFoundation {
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  readonly clock: Clock
  readonly store: Store
  readonly net: WorkerNetParts
}

/** What every role of the market stands on. */
export interface Foundation extends WorkerFoundation {
  readonly marketMetrics: MarketMetrics
  readonly wallet: WalletSigner
  readonly chain: ChainParts
  readonly net: NetParts
  readonly directory: Directory
}
