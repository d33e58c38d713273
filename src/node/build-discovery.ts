import { publishedUris } from '../chain/account-events.ts'
import type { ChainProfile } from '../chain/profile.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Startable } from '../lib/lifecycle.ts'
import { createDiscovery } from '../market/discovery.ts'
import {
  createPolledDiscovery,
  type ListedPeer,
  type PeerList,
} from '../market/polled-discovery.ts'
import { publishedOffers } from '../market/service.ts'
import type { ChainParts } from './build-chain.ts'
import type { NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'

/** Fills the directory as the config says: by gossip, from the service registry, or from a list. */
export function buildDiscovery(foundation: Foundation, config: NodeConfig): Startable {
  const { net, directory, clock, logger, marketMetrics: metrics, chain } = foundation
  const { mode, peers, refreshMs, fromBlock } = config.discovery
  const chainId = BigInt(config.chain.chainId)
  const intake = {
    ...{ host: net.host, directory, clock, metrics },
    logger: logger.child({ room: 'market' }),
    isBonded: async (address: Address) => chain.isActive(address),
    publishedBy: async (address: Address) => chain.publishedBy(address),
  }
  if (mode === 'gossip') return createDiscovery(intake, { chainId })
  const wanted = config.roles.includes('broadcaster') ? config.broadcaster : null
  const list =
    mode === 'static' ? staticList(peers) : registryList(chain, BigInt(fromBlock), wanted)
  return createPolledDiscovery({ ...intake, list }, { chainId, how: mode, refreshMs })
}

/** The peers of the config; several addresses of one peer are one peer. */
export function staticList(addresses: readonly string[]): PeerList {
  const peers = new Map<string, ListedPeer>()
  for (const address of addresses) {
    const peer = peerAt(address, null)
    if (peer === null) continue
    const known = peers.get(peer.peerId)?.addresses ?? []
    peers.set(peer.peerId, { ...peer, addresses: [...known, address] })
  }
  return { peers: async () => [...peers.values()] }
}

/**
 * Those active accounts that published a multiaddr with a peer id in the service registry: read from
 * its events once, and then only from the blocks since. Of those that published their services and
 * regions too, only whoever has what is wanted.
 */
export function registryList(
  chain: Pick<ChainParts, 'client' | 'isActive' | 'publishedBy'> & {
    readonly profile: Pick<ChainProfile, 'addresses'>
  },
  fromBlock: bigint,
  wanted: { readonly service: string; readonly region: string } | null,
): PeerList {
  const isOf = async (account: Address): Promise<boolean> => {
    if ((await chain.isActive(account)) !== true) return false
    const published = await chain.publishedBy(account)
    return wanted === null || published === null || publishedOffers(published, wanted)
  }
  const uris = new Map<Address, string>()
  let next = fromBlock
  return {
    async peers(options) {
      const toBlock = await chain.client.blockNumber(options)
      // A block may be replaced by another with other events; the last ones are read again.
      const range = { fromBlock: next, toBlock }
      const { serviceRegistry } = chain.profile.addresses
      for (const [account, uri] of await publishedUris(
        chain.client,
        serviceRegistry,
        range,
        options,
      )) {
        uris.set(account, uri)
      }
      const again = toBlock - REORG_BLOCKS
      next = again > next ? again : next
      const found: ListedPeer[] = []
      for (const [account, uri] of uris) {
        const peer = peerAt(uri, account)
        if (peer !== null && (await isOf(account))) found.push(peer)
      }
      return found
    },
  }
}

const REORG_BLOCKS = 12n

function peerAt(address: string, account: Address | null): ListedPeer | null {
  const peerId = /^\/.*\/p2p\/([A-Za-z0-9]{32,64})$/.exec(address)?.[1]
  return peerId === undefined ? null : { peerId, addresses: [address], account }
}
