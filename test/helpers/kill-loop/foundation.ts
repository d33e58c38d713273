import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../../src/lib/clock.ts'
import { createWalletSigner } from '../../../src/lib/crypto/eip191.ts'
import type { Logger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { createDirectory } from '../../../src/market/directory.ts'
import { createMarketMetrics } from '../../../src/market/metrics.ts'
import { buildChain } from '../../../src/node/build-chain.ts'
import { buildNet } from '../../../src/node/build-net.ts'
import type { NodeConfig } from '../../../src/node/config.ts'
import type { Foundation } from '../../../src/node/foundation.ts'
import { parseConfig } from '../../../src/node/load-config.ts'
import { openStore } from '../../../src/store/store.ts'
import { type PeerSettings, rawConfig } from './settings.ts'

/** Where a side's store is. */
export function storeDirectory(settings: Pick<PeerSettings, 'directory'>): string {
  return join(settings.directory, 'store')
}

/** What a node of this side stands on, built as the node builds it. */
export async function buildFoundation(
  settings: PeerSettings,
  logger: Logger,
): Promise<{ readonly foundation: Foundation; readonly config: NodeConfig }> {
  const { privateKey } = settings
  const config = parseConfig(rawConfig(settings))
  const wallet = createWalletSigner(privateKey)
  await mkdir(settings.directory, { recursive: true })
  const store = await openStore({ directory: storeDirectory(settings) })
  const base = { logger, metrics: noMetrics }
  const chain = await buildChain({ ...base, store, privateKey }, config, {})
  const net = await buildNet({ ...base, wallet }, config)
  const foundation: Foundation = {
    ...base,
    marketMetrics: createMarketMetrics(noMetrics),
    clock: systemClock,
    store,
    wallet,
    chain,
    net,
    directory: createDirectory(systemClock),
  }
  return { foundation, config }
}
