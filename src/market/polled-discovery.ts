import pLimit from 'p-limit'
import { isAbort, sleep } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Startable } from '../lib/lifecycle.ts'
import { TaskGroup } from '../lib/tasks.ts'
import { type AdvertIntake, askForAdverts, serveAdverts, takeAdvert } from './advert-sync.ts'
import { marketLimits } from './limits.ts'

/** An orchestrator that is known without gossip. */
export interface ListedPeer {
  readonly peerId: string
  /** Multiaddrs. */
  readonly addresses: readonly string[]
  /** The account that its advert must be of; null for any. */
  readonly account: Address | null
}

/** Who is listed, such as in the service registry. */
export interface PeerList {
  /** Untrusted. */
  peers(options: { readonly signal: AbortSignal }): Promise<readonly ListedPeer[]>
}

/** What asking the listed works with. */
export interface PolledDiscoveryComponents extends AdvertIntake {
  readonly list: PeerList
}

/** How they are asked. */
export interface PolledDiscoveryInit {
  readonly chainId: bigint
  readonly how: 'registry' | 'static'
  /** Pause between two rounds of asking; less than adverts live. */
  readonly refreshMs: number
}

/**
 * Fills the directory without gossip: asks each peer of a list for its advert, again and again.
 *
 * Invariant: only adverts of those listed are taken, each by its own peer, and judged as on gossip.
 */
export function createPolledDiscovery(
  components: PolledDiscoveryComponents,
  init: PolledDiscoveryInit,
): Startable {
  const { host, logger, list } = components
  const { chainId, how, refreshMs } = init
  const controller = new AbortController()
  const { signal } = controller
  const tasks = new TaskGroup(logger)
  const atOnce = pLimit(marketLimits.maxPeersPolledAtOnce)

  const ask = async (peer: ListedPeer): Promise<void> => {
    const { peerId, account } = peer
    if (peerId === host.peerId || signal.aborted) return
    try {
      for (const bytes of await askForAdverts(host, chainId, peer, { signal })) {
        await takeAdvert(
          components,
          chainId,
          bytes,
          how,
          (advert) => advert.peerId === peerId && (account === null || advert.address === account),
        )
      }
    } catch (error) {
      if (!isAbort(error)) logger.debug({ err: error, peerId }, 'a listed peer was not asked')
    }
  }
  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const peers = await list.peers({ signal })
        const asked = peers.slice(0, marketLimits.maxDirectoryEntries)
        await Promise.all(asked.map(async (peer) => atOnce(ask, peer)))
      } catch (error) {
        if (!isAbort(error)) logger.warn({ err: error, how }, 'the list of peers is not to be had')
      }
      await sleep(refreshMs, { signal })
    }
  }
  return {
    async start() {
      await serveAdverts(components, chainId)
      tasks.run(loop)
    },
    async stop() {
      controller.abort()
      await tasks.drain()
    },
  }
}
