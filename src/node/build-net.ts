import { join } from 'node:path'
import type { WalletSigner } from '../lib/crypto/eip191.ts'
import type { Logger } from '../lib/logger.ts'
import type { MetricsRegistry } from '../lib/metrics.ts'
import { advertTopic } from '../market/advert.ts'
import { createNetHost, type NetHost } from '../net/host.ts'
import { type Binding, createBinding } from '../net/identity.ts'
import { loadPeerKey, type PeerKey } from '../net/peer-key.ts'
import type { AnyNodeConfig, NodeConfig, TranscoderNodeConfig } from './config.ts'

/** The place on the network of a node without a wallet. */
export interface WorkerNetParts {
  readonly host: NetHost
  readonly peerKey: PeerKey
}

/** The node's place on the network and who it is there. */
export interface NetParts extends WorkerNetParts {
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
  const net = await openNet(components, config, [advertTopic(chainId)])
  return { ...net, binding: createBinding(net.peerKey, components.wallet, { chainId }) }
}

/** The same for a node without a wallet, which has nothing to gossip about. */
export async function buildWorkerNet(
  components: { readonly logger: Logger; readonly metrics: MetricsRegistry },
  config: TranscoderNodeConfig,
): Promise<WorkerNetParts> {
  return openNet(components, config, [])
}

async function openNet(
  components: { readonly logger: Logger; readonly metrics: MetricsRegistry },
  { dataDirectory, network }: Pick<AnyNodeConfig, 'dataDirectory' | 'network'>,
  topics: readonly string[],
): Promise<WorkerNetParts> {
  const peerKey = await loadPeerKey(join(dataDirectory, 'peer.key'))
  const { listen, announce, bootstrap, allowLoopback } = network
  const host = await createNetHost(components, {
    peerKey,
    listen,
    announce,
    bootstrap,
    allowLoopback,
    datastoreDirectory: join(dataDirectory, 'peers'),
    topics,
    agentVersion: 'millrace/0.1.0',
  })
  return { host, peerKey }
}
