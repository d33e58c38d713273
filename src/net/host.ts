import { mkdir } from 'node:fs/promises'
import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { LevelDatastore } from 'datastore-level'
import { type AbortOptions, anySignal, isAbort, sleep } from '../lib/abort.ts'
import { asError, MillraceError } from '../lib/errors.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import type { MetricsRegistry } from '../lib/metrics.ts'
import { TaskGroup } from '../lib/tasks.ts'
import { keepConnected, parseMultiaddr } from './bootstrap.ts'
import { netError } from './errors.ts'
import { createFrameChannel, type FrameChannel } from './frame-channel.ts'
import { createGossip, type Gossip, type HostedGossip } from './gossip.ts'
import { createInbound, type FrameHandler, type HandleOptions, type Inbound } from './inbound.ts'
import { createLanes, type Lane, type Lanes, type PeerTarget, parsePeerId } from './lanes.ts'
import { createLibp2pNode, type HostLimits, type Libp2pNode } from './libp2p-node.ts'
import { DEFAULT_REQUEST_TIMEOUT_MS, OPEN_TIMEOUT_MS, STOP_GRACE_MS } from './limits.ts'
import { createNetMetrics, type NetMetrics } from './metrics.ts'
import type { PeerKey } from './peer-key.ts'

/** What the host takes from the rest of the node. */
export interface NetHostComponents {
  readonly logger: Logger
  readonly metrics: MetricsRegistry
}

/** How the host is set up. */
export interface NetHostInit {
  readonly peerKey: PeerKey
  /** Multiaddrs to listen on; `/tcp/0` takes a free port. */
  readonly listen: readonly string[]
  /** Multiaddrs to tell instead of those listened on. */
  readonly announce?: readonly string[] | undefined
  /** Multiaddrs to stay connected to. */
  readonly bootstrap: readonly string[]
  /** Where the peer store keeps its LevelDB database. */
  readonly datastoreDirectory: string
  /** The only gossip topics there will be. */
  readonly topics: readonly string[]
  readonly agentVersion: string
  /** Dials, announces and tolerates loopback addresses: for tests and networks on one machine. */
  readonly allowLoopback?: boolean | undefined
  readonly limits?: HostLimits | undefined
}

/** How a stream is opened. */
export interface OpenOptions extends AbortOptions {
  /** `control` where absent. */
  readonly lane?: Lane | undefined
  /** The channel's caps for what comes back; 64 KiB and 0 where absent. */
  readonly maxHeaderBytes?: number | undefined
  readonly maxBodyBytes?: number | undefined
}

/** How one question is asked. */
export interface RequestOptions extends AbortOptions {
  readonly lane?: Lane | undefined
  /** Bytes of the answer; 64 KiB where absent. */
  readonly maxHeaderBytes?: number | undefined
  /** For all of it, the dial included; 10 s where absent. */
  readonly timeoutMs?: number | undefined
}

/** Stops a subscription. */
export type Unsubscribe = () => void

/** The node's place on the network. */
export interface NetHost extends Startable {
  readonly peerId: string
  readonly gossip: Gossip
  /** Multiaddrs at which others can dial this node, each with its peer id. */
  addresses(): readonly string[]
  /** Serves a protocol. Handlers may be set before the start. */
  handle(protocol: string, handler: FrameHandler, options?: HandleOptions): Promise<void>
  /**
   * Opens a stream, dialling the peer if needed. A lost lane is dialled again.
   *
   * @throws PEER_UNREACHABLE, PROTOCOL_UNSUPPORTED, INVALID_PEER, NET_STOPPED, STREAM_RESET
   */
  open(peer: PeerTarget, protocol: string, options?: OpenOptions): Promise<FrameChannel>
  /**
   * One frame there, one frame back, on a stream of its own; bodies are not used.
   *
   * @throws as {@link NetHost.open} and {@link FrameChannel.receive}, NO_REPLY, TimeoutError
   */
  request(
    peer: PeerTarget,
    protocol: string,
    header: Uint8Array,
    options?: RequestOptions,
  ): Promise<Uint8Array>
  onPeerConnect(listener: (peerId: string) => void): Unsubscribe
  onPeerDisconnect(listener: (peerId: string) => void): Unsubscribe
  connectedPeers(): readonly string[]
  disconnect(peerId: string): Promise<void>
}

/** A host that has not been started. @throws INVALID_PEER for a malformed bootstrap address */
export async function createNetHost(
  components: NetHostComponents,
  init: NetHostInit,
): Promise<NetHost> {
  const logger = components.logger.child({ room: 'net' })
  const bootstrap = init.bootstrap.map(parseMultiaddr)
  await mkdir(init.datastoreDirectory, { recursive: true })
  const datastore = new LevelDatastore(init.datastoreDirectory)
  const node = await createLibp2pNode(logger, {
    peerKey: init.peerKey,
    listen: init.listen,
    announce: init.announce ?? [],
    agentVersion: init.agentVersion,
    allowLoopback: init.allowLoopback ?? false,
    topics: init.topics,
    datastore,
    limits: init.limits ?? {},
  })
  const metrics = createNetMetrics(components.metrics)
  return new Libp2pHost({ logger, metrics, node, datastore }, { ...init, bootstrap })
}

interface HostParts {
  readonly logger: Logger
  readonly metrics: NetMetrics
  readonly node: Libp2pNode
  readonly datastore: LevelDatastore
}

interface HostPartsInit {
  readonly topics: readonly string[]
  readonly bootstrap: readonly ReturnType<typeof parseMultiaddr>[]
}

class Libp2pHost implements NetHost {
  readonly peerId: string
  readonly gossip: HostedGossip
  readonly #parts: HostParts
  readonly #init: HostPartsInit
  readonly #tasks: TaskGroup
  readonly #inbound: Inbound
  readonly #lanes: Lanes
  readonly #handlers = new Map<string, () => Promise<void>>()
  readonly #stopping = new AbortController()
  #state: 'new' | 'running' | 'stopped' = 'new'

  constructor(parts: HostParts, init: HostPartsInit) {
    const { logger, metrics, node } = parts
    this.#parts = parts
    this.#init = init
    this.#tasks = new TaskGroup(logger)
    this.#inbound = createInbound({ logger, metrics, tasks: this.#tasks })
    this.#lanes = createLanes({ node, logger, metrics, tasks: this.#tasks })
    this.gossip = createGossip(node.services.gossip, { topics: init.topics, logger, metrics })
    this.peerId = node.peerId.toString()
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') throw netError('NET_STOPPED', 'a host is started once')
    const { node, datastore, logger } = this.#parts
    try {
      await datastore.open()
    } catch (cause) {
      throw netError('DATASTORE_UNAVAILABLE', 'the peer store cannot be opened', { cause })
    }
    this.#state = 'running'
    for (const register of this.#handlers.values()) await register()
    node.addEventListener('connection:open', this.#observe)
    node.addEventListener('connection:close', this.#observe)
    await node.start()
    this.gossip.begin()
    const { signal } = this.#stopping
    for (const address of this.#init.bootstrap) {
      this.#tasks.run(async () => keepConnected({ node, logger }, address, { signal }))
    }
    logger.info({ peerId: this.peerId, addresses: this.addresses() }, 'network host started')
  }

  async stop(): Promise<void> {
    if (this.#state !== 'running') return
    this.#state = 'stopped'
    const { node, datastore } = this.#parts
    const reason = netError('NET_STOPPED', 'the network host is stopping')
    this.#stopping.abort(new DOMException('the network host is stopping', 'AbortError'))
    this.#inbound.abort(reason)
    await Promise.race([this.#tasks.drain(), sleep(STOP_GRACE_MS)])
    await Promise.race([this.gossip.drain(), sleep(STOP_GRACE_MS)])
    this.#lanes.close()
    await node.stop()
    await this.#tasks.drain()
    node.removeEventListener('connection:open', this.#observe)
    node.removeEventListener('connection:close', this.#observe)
    await datastore.close()
  }

  addresses(): readonly string[] {
    return this.#parts.node.getMultiaddrs().map((address) => address.toString())
  }

  async handle(
    protocol: string,
    handler: FrameHandler,
    options: HandleOptions = {},
  ): Promise<void> {
    const serve = this.#inbound.streamHandler(protocol, handler, options)
    const { maxInboundStreams } = options
    const register = async (): Promise<void> =>
      this.#parts.node.handle(
        protocol,
        serve,
        maxInboundStreams === undefined ? {} : { maxInboundStreams },
      )
    this.#handlers.set(protocol, register)
    if (this.#state === 'running') await register()
  }

  async open(peer: PeerTarget, protocol: string, options: OpenOptions = {}): Promise<FrameChannel> {
    const lane = options.lane ?? 'control'
    const signal = anySignal([options.signal], OPEN_TIMEOUT_MS)
    for (let attempt = 0; ; attempt += 1) {
      this.#running()
      let connection: Connection | undefined
      let stream: Stream
      try {
        connection = await this.#lanes.connection(peer, lane, { signal })
        stream = await connection.newStream([protocol], { signal })
      } catch (error) {
        // The connection was lost just now; the next attempt dials a new one.
        const lost = connection !== undefined && connection.status !== 'open'
        if (lost && attempt === 0 && !signal.aborted) continue
        options.signal?.throwIfAborted()
        throw openFailure(error, peer, protocol)
      }
      this.#parts.metrics.streams.inc({ protocol, direction: 'outbound' })
      const { maxHeaderBytes, maxBodyBytes } = options
      const { metrics } = this.#parts
      return createFrameChannel(stream, connection, { maxHeaderBytes, maxBodyBytes, metrics })
    }
  }

  async request(
    peer: PeerTarget,
    protocol: string,
    header: Uint8Array,
    options: RequestOptions = {},
  ): Promise<Uint8Array> {
    const { lane, maxHeaderBytes } = options
    const signal = anySignal([options.signal], options.timeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS)
    const channel = await this.open(peer, protocol, { lane, maxHeaderBytes, signal })
    try {
      await channel.send(header, [], { signal })
      await channel.closeWrite({ signal })
      const reply = await channel.receive({ signal, maxBodyBytes: 0 })
      if (reply === null) throw netError('NO_REPLY', 'the peer ended the stream without an answer')
      this.#tasks.run(async () => channel.close({ signal: this.#stopping.signal }))
      return reply.header
    } catch (error) {
      channel.abort(asError(error))
      throw error
    }
  }

  onPeerConnect(listener: (peerId: string) => void): Unsubscribe {
    return this.#onPeer('peer:connect', listener)
  }

  onPeerDisconnect(listener: (peerId: string) => void): Unsubscribe {
    return this.#onPeer('peer:disconnect', listener)
  }

  connectedPeers(): readonly string[] {
    return this.#parts.node.getPeers().map((peer) => peer.toString())
  }

  async disconnect(peerId: string): Promise<void> {
    await this.#parts.node.hangUp(parsePeerId(peerId))
  }

  #running(): void {
    if (this.#state !== 'running') {
      throw netError('NET_STOPPED', 'the network host is not running')
    }
  }

  #onPeer(
    type: 'peer:connect' | 'peer:disconnect',
    listener: (peerId: string) => void,
  ): Unsubscribe {
    const { node } = this.#parts
    const onEvent = (event: CustomEvent<PeerId>): void => listener(event.detail.toString())
    node.addEventListener(type, onEvent)
    return () => node.removeEventListener(type, onEvent)
  }

  readonly #observe = (_event: CustomEvent<Connection>): void => {
    const { metrics, node } = this.#parts
    metrics.connections.set(node.getConnections().length)
    metrics.peers.set(node.getPeers().length)
  }
}

function openFailure(error: unknown, peer: PeerTarget, protocol: string): Error {
  if (error instanceof MillraceError) return error
  const cause = asError(error)
  const meta = { peerId: peer.peerId, protocol }
  if (cause.name === 'UnsupportedProtocolError') {
    return netError('PROTOCOL_UNSUPPORTED', 'the peer does not speak the protocol', { cause, meta })
  }
  if (isAbort(cause)) {
    return netError('PEER_UNREACHABLE', 'the peer did not answer in time', { cause, meta })
  }
  return netError('STREAM_RESET', 'the stream could not be opened', { cause, meta })
}
