import { assert } from '../lib/errors.ts'
import { createChannelMetrics } from '../rails/channel/metrics.ts'
import { openWatchtower } from '../rails/channel/watchtower.ts'
import { createWatchtower } from '../roles/watchtower.ts'
import type { BuiltRole } from './built-role.ts'
import type { NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'

/** Joins the parts of a watchtower. */
export async function buildWatchtower(
  { store, net, chain, wallet, logger, metrics }: Foundation,
  { watchtower, chain: { reorgDepth } }: NodeConfig,
): Promise<BuiltRole> {
  assert(chain.channels !== null, 'a watchtower has the contract configured')
  const tower = await openWatchtower(
    {
      host: net.host,
      store,
      chain: chain.channels,
      logger: logger.child({ room: 'channels' }),
      metrics: createChannelMetrics(metrics),
    },
    { ...watchtower, finalityBlocks: reorgDepth },
  )
  return {
    ...createWatchtower({ tower }),
    async complaints() {
      const balance = await chain.client.balance(wallet.address)
      return balance > 0n ? [] : [`no ether for gas: send some to ${wallet.address}`]
    },
    status: async () => ({ channels: tower.watched(), punished: tower.punished() }),
  }
}
