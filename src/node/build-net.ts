import { join } from 'node:path'
import type { WalletSigner } from '../lib/crypto/eip191.ts'
import type { Logger } from '../lib/logger.ts'
import type { MetricsRegistry } from '../lib/metrics.ts'
import { advertTopic } from '../market/advert.ts'
import { createNetHost, type NetHost } from '../net/host.ts'
import { type Binding, createBinding } from '../net/identity.ts'
import { loadPeerKey, type PeerKey } from '../net/peer-key.ts'
import type { NodeConfig } from './config.ts'

/** The node's place on the network and who it is there. */
export interface NetParts {
  readonly host: NetHost
  readonly peerKey: PeerKey
  /** Peer key and wallet, vouching for each other. */
  readonly binding: Binding
}

/** Loads the peer key and creates the host, not yet started. */
export async function buildNet(
  components: {
    readonly logger: Logger
    readonly metrics: MetricsRegistry
    readonly wallet: WalletSigner
  },
  config: NodeConfig,
): Promise<NetParts> {
  const chainId = BigInt(config.chain.chainId)
  const peerKey = await loadPeerKey(join(config.dataDirectory, 'peer.key'))
  const { listen, announce, bootstrap, allowLoopback } = config.network
  const host = await createNetHost(components, {
    peerKey,
    listen,
    announce,
    bootstrap,
    allowLoopback,
    datastoreDirectory: join(config.dataDirectory, 'peers'),
    topics: [advertTopic(chainId)],
    agentVersion: 'millrace/0.1.0',
  })
  return { host, peerKey, binding: createBinding(peerKey, components.wallet, { chainId }) }
}
