import { join } from 'node:path'
import { silentLogger } from '../../src/lib/logger.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import { createNetHost, type NetHost, type NetHostInit } from '../../src/net/host.ts'
import { createPeerKey, type PeerKey } from '../../src/net/peer-key.ts'
import { type Cleanup, temporaryDirectory } from './fixtures.ts'

/** The chain of all tests that have no real one. */
export const CHAIN_ID = 31_337n

/** A host on a free loopback port, and the key it goes by. */
export async function createHost(
  cleanup: Cleanup,
  init: Partial<NetHostInit> = {},
): Promise<{ host: NetHost; peerKey: PeerKey }> {
  const peerKey = init.peerKey ?? (await createPeerKey())
  const directory = await temporaryDirectory(cleanup)
  const host = await createNetHost(
    { logger: silentLogger, metrics: noMetrics },
    {
      listen: ['/ip4/127.0.0.1/tcp/0'],
      bootstrap: [],
      datastoreDirectory: join(directory, 'peers'),
      topics: [],
      agentVersion: 'millrace-test',
      allowLoopback: true,
      ...init,
      peerKey,
    },
  )
  cleanup.add(async () => host.stop())
  return { host, peerKey }
}
