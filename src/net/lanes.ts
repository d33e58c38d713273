import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { type AbortOptions, raceSignal } from '../lib/abort.ts'
import type { Logger } from '../lib/logger.ts'
import type { TaskGroup } from '../lib/tasks.ts'
import { parseMultiaddr, peerIdOf } from './bootstrap.ts'
import { netError } from './errors.ts'
import type { Libp2pNode } from './libp2p-node.ts'
import { MAX_ADDRESSES_PER_PEER, OPEN_TIMEOUT_MS } from './limits.ts'
import type { NetMetrics } from './metrics.ts'

/** A peer, and where to find it if it is not connected. */
export interface PeerTarget {
  readonly peerId: string
  /** Multiaddrs; where absent, those that the peer itself told earlier. */
  readonly addresses?: readonly string[] | undefined
}

/**
 * Which of the two connections to a peer a stream uses. Tickets and negotiation must not queue
 * behind segments, and streams of one connection share its TCP socket.
 */
export type Lane = 'control' | 'bulk'

/** The connections to each peer, by lane. */
export interface Lanes {
  /** The connection of a lane, dialled if there is none. @throws PEER_UNREACHABLE, INVALID_PEER */
  connection(peer: PeerTarget, lane: Lane, options?: AbortOptions): Promise<Connection>
  close(): void
}

/** What the lanes work with. */
export interface LanesComponents {
  readonly node: Libp2pNode
  readonly logger: Logger
  readonly metrics: NetMetrics
  readonly tasks: TaskGroup
}

/** Attempts to get a second connection before giving up; a dial may join one under way. */
const BULK_ATTEMPTS = 3

/** Keeps a control and a bulk connection to each peer that asks for both. */
export function createLanes(components: LanesComponents): Lanes {
  return new PeerLanes(components)
}

class PeerLanes implements Lanes {
  readonly #components: LanesComponents
  /** The bulk connection of each peer, and how to reach the peer again. */
  readonly #bulk = new Map<string, { readonly id: string; readonly peer: PeerTarget }>()
  readonly #dialling = new Map<string, Promise<Connection>>()

  constructor(components: LanesComponents) {
    this.#components = components
    components.node.addEventListener('connection:close', this.#onClose)
  }

  async connection(peer: PeerTarget, lane: Lane, options: AbortOptions = {}): Promise<Connection> {
    options.signal?.throwIfAborted()
    const id = parsePeerId(peer.peerId)
    const existing = lane === 'bulk' ? this.#findBulk(id) : this.#findControl(id)
    return existing ?? raceSignal(this.#dialOnce(id, peer, lane), options)
  }

  close(): void {
    this.#components.node.removeEventListener('connection:close', this.#onClose)
    this.#bulk.clear()
  }

  #findBulk(id: PeerId): Connection | undefined {
    const marked = this.#bulk.get(id.toString())
    return open(this.#components.node, id).find((connection) => connection.id === marked?.id)
  }

  #findControl(id: PeerId): Connection | undefined {
    const marked = this.#bulk.get(id.toString())
    return open(this.#components.node, id)
      .filter((connection) => connection.id !== marked?.id)
      .sort((a, b) => a.timeline.open - b.timeline.open)[0]
  }

  async #dialOnce(id: PeerId, peer: PeerTarget, lane: Lane): Promise<Connection> {
    const key = `${lane} ${peer.peerId}`
    const current = this.#dialling.get(key)
    if (current !== undefined) return current
    const dial = this.#dialLane(id, peer, lane).finally(() => this.#dialling.delete(key))
    this.#dialling.set(key, dial)
    return dial
  }

  async #dialLane(id: PeerId, peer: PeerTarget, lane: Lane): Promise<Connection> {
    const { metrics } = this.#components
    try {
      const connection = await (lane === 'bulk' ? this.#second(id, peer) : this.#dial(id, peer))
      metrics.dials.inc({ lane, outcome: 'connected' })
      return connection
    } catch (cause) {
      metrics.dials.inc({ lane, outcome: 'failed' })
      throw netError('PEER_UNREACHABLE', 'no connection to the peer could be made', {
        cause,
        meta: { peerId: peer.peerId, lane },
      })
    }
  }

  async #second(id: PeerId, peer: PeerTarget): Promise<Connection> {
    for (let attempt = 0; attempt < BULK_ATTEMPTS; attempt += 1) {
      const control = await this.connection(peer, 'control')
      const connection = await this.#dial(id, peer)
      // A dial joins one of the same peer that is under way, which may be the control lane's own.
      if (connection.id === control.id) continue
      this.#bulk.set(peer.peerId, { id: connection.id, peer })
      return connection
    }
    throw netError('PEER_UNREACHABLE', 'no second connection came about')
  }

  async #dial(id: PeerId, peer: PeerTarget): Promise<Connection> {
    const { node } = this.#components
    const addresses = this.#addresses(id, peer)
    const signal = AbortSignal.timeout(OPEN_TIMEOUT_MS)
    return node.dial(addresses.length === 0 ? id : addresses, { force: true, signal })
  }

  #addresses(id: PeerId, peer: PeerTarget): Multiaddr[] {
    const told = (peer.addresses ?? []).slice(0, MAX_ADDRESSES_PER_PEER).flatMap((text) => {
      const address = parseMultiaddr(text)
      const named = peerIdOf(address)
      if (named === null) return [address.encapsulate(`/p2p/${peer.peerId}`)]
      return named.equals(id) ? [address] : []
    })
    if (told.length > 0) return told
    return open(this.#components.node, id)
      .filter((connection) => connection.direction === 'outbound')
      .map((connection) => connection.remoteAddr)
  }

  readonly #onClose = (event: CustomEvent<Connection>): void => {
    const connection = event.detail
    const id = connection.remotePeer
    const name = id.toString()
    const marked = this.#bulk.get(name)
    if (marked === undefined) return
    if (marked.id === connection.id) {
      this.#bulk.delete(name)
      return
    }
    // Gossip lives on the control lane and starts again only with a new connection.
    if (this.#findBulk(id) === undefined || this.#findControl(id) !== undefined) return
    this.#components.tasks.run(async () => {
      await this.connection(marked.peer, 'control').catch((error: unknown) => {
        this.#components.logger.debug({ err: error, peer: name }, 'control lane not re-dialled')
      })
    })
  }
}

function open(node: Libp2pNode, id: PeerId): Connection[] {
  return node.getConnections(id).filter((connection) => connection.status === 'open')
}

/** @throws INVALID_PEER */
export function parsePeerId(text: string): PeerId {
  try {
    return peerIdFromString(text)
  } catch (cause) {
    throw netError('INVALID_PEER', 'not a peer id', { cause, meta: { peerId: text } })
  }
}
