import { join } from 'node:path'
import { systemClock } from '../../../src/lib/clock.ts'
import { createWalletSigner } from '../../../src/lib/crypto/eip191.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { createDirectory } from '../../../src/market/directory.ts'
import { createMarketMetrics } from '../../../src/market/metrics.ts'
import { buildChain } from '../../../src/node/build-chain.ts'
import { buildNet } from '../../../src/node/build-net.ts'
import type { NodeConfig } from '../../../src/node/config.ts'
import type { Foundation } from '../../../src/node/foundation.ts'
import { loadConfig } from '../../../src/node/load-config.ts'
import { loadWalletKey } from '../../../src/node/wallet.ts'
import { openStore, type Store } from '../../../src/store/store.ts'

/** What a node of a config file stands on, as the node builds it; the store may be looked over. */
export async function buildFoundation(
  configFile: string,
  over: (store: Store) => Store = (store) => store,
): Promise<{ readonly foundation: Foundation; readonly config: NodeConfig }> {
  const config = await loadConfig(configFile)
  const privateKey = await loadWalletKey(config.wallet.keyFile)
  const wallet = createWalletSigner(privateKey)
  const store = over(await openStore({ directory: join(config.dataDirectory, 'store') }))
  const base = { logger: silentLogger, metrics: noMetrics }
  const chain = await buildChain({ ...base, store, privateKey }, config, {})
  const net = await buildNet({ ...base, wallet }, config)
  const foundation: Foundation = {
    ...{ ...base, store, wallet, chain, net },
    marketMetrics: createMarketMetrics(noMetrics),
    clock: systemClock,
    directory: createDirectory(systemClock),
  }
  return { foundation, config }
}
