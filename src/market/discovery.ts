import { isAbort } from '../lib/abort.ts'
import type { Startable } from '../lib/lifecycle.ts'
import { TaskGroup } from '../lib/tasks.ts'
import { advertTopic } from './advert.ts'
import { type AdvertIntake, askForAdverts, serveAdverts, takeAdvert } from './advert-sync.ts'

/** What discovery works with. */
export type DiscoveryComponents = AdvertIntake

/**
 * Fills the directory: from gossip as adverts are published, and by asking each peer we connect to
 * for what it holds, since gossip tells a newcomer nothing of what was said before.
 */
export function createDiscovery(
  components: DiscoveryComponents,
  init: { readonly chainId: bigint },
): Startable {
  const { host, logger } = components
  const { chainId } = init
  const controller = new AbortController()
  const tasks = new TaskGroup(logger)
  let unsubscribe = (): void => {}

  const catchUp = async (peerId: string): Promise<void> => {
    const { signal } = controller
    try {
      for (const bytes of await askForAdverts(host, chainId, { peerId }, { signal })) {
        await takeAdvert(components, chainId, bytes, 'catch-up')
      }
    } catch (error) {
      if (!isAbort(error)) logger.debug({ err: error, peerId }, 'catch-up with a peer failed')
    }
  }
  return {
    async start() {
      await serveAdverts(components, chainId)
      host.gossip.join(advertTopic(chainId), {
        validate: (data) => takeAdvert(components, chainId, data, 'gossip'),
        onMessage() {},
      })
      unsubscribe = host.onPeerConnect((peerId) => tasks.run(() => catchUp(peerId)))
      for (const peerId of host.connectedPeers()) tasks.run(() => catchUp(peerId))
    },
    async stop() {
      unsubscribe()
      controller.abort()
      await tasks.drain()
    },
  }
}
