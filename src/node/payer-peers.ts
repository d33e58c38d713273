import { mediaOrderTable } from '../exchange/content-order.ts'
import { orderTable } from '../exchange/order.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { PeerTarget } from '../net/lanes.ts'
import type { Store } from '../store/store.ts'

const MAX_PEERS = 3

/** The peers from which a wallet paid this node last, by its orders, the newest first. */
export function createPayerPeers(store: Store): (payer: Address) => Promise<readonly PeerTarget[]> {
  return async (wanted) => {
    const found: { readonly atMs: number; readonly peer: PeerTarget }[] = []
    for await (const [, { order }] of orderTable(store, 'provider').entries()) {
      const { payer, payerPeerId: peerId, openedAtMs: atMs } = order
      if (payer === wanted) found.push({ atMs, peer: { peerId } })
    }
    for await (const [, { payer, bid, addresses, atMs }] of mediaOrderTable(store).entries()) {
      // Whoever bids is who pays.
      if (payer === wanted) found.push({ atMs, peer: { peerId: bid.bid.key, addresses } })
    }
    const peers = new Map<string, PeerTarget>()
    for (const { peer } of found.sort((a, b) => b.atMs - a.atMs)) {
      if (!peers.has(peer.peerId)) peers.set(peer.peerId, peer)
    }
    return [...peers.values()].slice(0, MAX_PEERS)
  }
}
