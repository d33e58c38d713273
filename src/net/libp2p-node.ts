import type { GossipSub } from '@chainsafe/libp2p-gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { type Identify, identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { type Ping, ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { isLoopback } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { LevelDatastore } from 'datastore-level'
import { createLibp2p } from 'libp2p'
import type { Logger } from '../lib/logger.ts'
import { gossipService } from './gossip.ts'
import { createLibp2pLogger } from './libp2p-logger.ts'
import {
  INBOUND_CONNECTIONS_PER_SECOND,
  INBOUND_CONNECTIONS_PER_SECOND_LOOPBACK,
  IP_COLOCATION_THRESHOLD,
  MAX_ADDRESSES_PER_PEER,
  MAX_CONNECTIONS,
  MAX_EARLY_STREAMS,
  MAX_INBOUND_STREAMS_PER_CONNECTION,
  MAX_PENDING_INBOUND_CONNECTIONS,
  MAX_READ_BUFFER_BYTES,
  MAX_STREAM_WINDOW_BYTES,
  MAX_WRITE_BUFFER_BYTES,
} from './limits.ts'
import type { PeerKey } from './peer-key.ts'

/** The services that the host runs on libp2p. */
export type NodeServices = { identify: Identify; ping: Ping; gossip: GossipSub }

/** libp2p as this node sets it up. */
export type Libp2pNode = Libp2p<NodeServices>

/** How libp2p is set up. */
export interface Libp2pNodeInit {
  readonly peerKey: PeerKey
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly agentVersion: string
  readonly allowLoopback: boolean
  readonly topics: readonly string[]
  readonly datastore: LevelDatastore
  readonly limits: HostLimits
}

/** Limits that a deployment may move. */
export interface HostLimits {
  /** Connections in all. */
  readonly maxConnections?: number | undefined
  /** New connections per second from one host. */
  readonly inboundConnectionsPerSecond?: number | undefined
  /** Peers that may share one IP address before it costs them gossip score. */
  readonly ipColocationThreshold?: number | undefined
}

const LOOPBACK_IPS = ['127.0.0.1', '::1']

/**
 * Stream multiplexing, bounded.
 *
 * Invariant: the window is not above the read buffer, and the initial window is untouched.
 */
export const MUXER_OPTIONS = {
  maxInboundStreams: MAX_INBOUND_STREAMS_PER_CONNECTION,
  maxEarlyStreams: MAX_EARLY_STREAMS,
  streamOptions: {
    maxStreamWindowSize: MAX_STREAM_WINDOW_BYTES,
    maxReadBufferLength: MAX_READ_BUFFER_BYTES,
    maxWriteBufferLength: MAX_WRITE_BUFFER_BYTES,
  },
}

/** A libp2p node that has not been started. */
export async function createLibp2pNode(logger: Logger, init: Libp2pNodeInit): Promise<Libp2pNode> {
  const { allowLoopback, limits } = init
  const perSecond = allowLoopback
    ? INBOUND_CONNECTIONS_PER_SECOND_LOOPBACK
    : INBOUND_CONNECTIONS_PER_SECOND
  return createLibp2p<NodeServices>({
    start: false,
    privateKey: init.peerKey.privateKey,
    nodeInfo: { name: 'millrace', userAgent: init.agentVersion },
    logger: createLibp2pLogger(logger),
    datastore: init.datastore,
    addresses: {
      listen: [...init.listen],
      announce: [...init.announce],
      announceFilter: (addresses) => addresses.filter((it) => allowLoopback || !isLoopback(it)),
    },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux(MUXER_OPTIONS)],
    connectionGater: {
      // An advert must not make this node connect to services on its own machine.
      denyDialMultiaddr: (address: Multiaddr) => !allowLoopback && isLoopback(address),
    },
    connectionManager: {
      maxConnections: limits.maxConnections ?? MAX_CONNECTIONS,
      inboundConnectionThreshold: limits.inboundConnectionsPerSecond ?? perSecond,
      maxIncomingPendingConnections: MAX_PENDING_INBOUND_CONNECTIONS,
      maxPeerAddrsToDial: MAX_ADDRESSES_PER_PEER,
    },
    // A ping stuck behind bulk on a slow link must not cut the link; streams have idle timers.
    connectionMonitor: { abortConnectionOnPingFailure: false },
    services: {
      identify: identify(),
      ping: ping(),
      gossip: gossipService({
        topics: init.topics,
        sharedIps: allowLoopback ? LOOPBACK_IPS : [],
        ipColocationThreshold: limits.ipColocationThreshold ?? IP_COLOCATION_THRESHOLD,
      }),
    },
  })
}
