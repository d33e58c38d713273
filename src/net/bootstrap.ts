import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { anySignal, raceSignal, sleep } from '../lib/abort.ts'
import type { Logger } from '../lib/logger.ts'
import { netError } from './errors.ts'
import type { Libp2pNode } from './libp2p-node.ts'
import {
  BOOTSTRAP_BACKOFF_MAX_MS,
  BOOTSTRAP_BACKOFF_MIN_MS,
  BOOTSTRAP_DIAL_TIMEOUT_MS,
} from './limits.ts'

/** Parses a configured address. @throws INVALID_PEER */
export function parseMultiaddr(text: string): Multiaddr {
  try {
    return multiaddr(text)
  } catch (cause) {
    throw netError('INVALID_PEER', 'not a multiaddr', { cause, meta: { address: text } })
  }
}

/** The peer id that a multiaddr ends in, or null. */
export function peerIdOf(address: Multiaddr): PeerId | null {
  const name = address.getComponents().findLast((component) => component.name === 'p2p')?.value
  return name === undefined ? null : peerIdFromString(name)
}

/**
 * Stays connected to one configured address until the signal fires: dials with growing pauses until
 * the peer answers, and again whenever it is lost.
 */
export async function keepConnected(
  { node, logger }: { readonly node: Libp2pNode; readonly logger: Logger },
  address: Multiaddr,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  let peer = peerIdOf(address)
  let pauseMs = BOOTSTRAP_BACKOFF_MIN_MS
  while (!signal.aborted && !(peer !== null && node.peerId.equals(peer))) {
    if (peer !== null && node.getConnections(peer).length > 0) {
      pauseMs = BOOTSTRAP_BACKOFF_MIN_MS
      await disconnected(node, peer, signal)
      logger.info({ peer: peer.toString() }, 'bootstrap peer lost')
      continue
    }
    try {
      const bounded = anySignal([signal], BOOTSTRAP_DIAL_TIMEOUT_MS)
      const connection = await node.dial(address, { signal: bounded })
      peer = connection.remotePeer
      logger.info({ peer: peer.toString() }, 'connected to bootstrap peer')
    } catch (error) {
      logger.debug({ err: error, address: address.toString() }, 'bootstrap peer not reached')
      await sleep(pauseMs * (0.75 + Math.random() / 2), { signal })
      pauseMs = Math.min(pauseMs * 2, BOOTSTRAP_BACKOFF_MAX_MS)
    }
  }
}

async function disconnected(node: Libp2pNode, peer: PeerId, signal: AbortSignal): Promise<void> {
  const gone = Promise.withResolvers<void>()
  const onDisconnect = (event: CustomEvent<PeerId>): void => {
    if (event.detail.equals(peer)) gone.resolve()
  }
  node.addEventListener('peer:disconnect', onDisconnect)
  try {
    await raceSignal(gone.promise, { signal })
  } finally {
    node.removeEventListener('peer:disconnect', onDisconnect)
  }
}
