import { sleep } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { NetHost } from '../net/host.ts'
import type { PeerKey } from '../net/peer-key.ts'
import { versionedCodec } from '../store/codec.ts'
import type { Store } from '../store/store.ts'
import { type Advert, advertTopic, type Capacity, signAdvert } from './advert.ts'
import type { Directory } from './directory.ts'

/** What an advertiser works with. */
export interface AdvertiserComponents {
  readonly host: NetHost
  readonly peerKey: PeerKey
  /** The own advert is kept here too, so that peers that catch up get it. */
  readonly directory: Directory
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  capacity(): Capacity
  /** Whether this node may advertise; an advert of an inactive node would be rejected. */
  isActive(): Promise<boolean>
}

/** What stays the same in every advert of this node. */
export type AdvertiserInit = Pick<
  Advert,
  'chainId' | 'address' | 'binding' | 'services' | 'regions' | 'ttlMs'
> & {
  /** Time between two adverts, give or take a fifth. */
  readonly intervalMs: number
}

const KEY = 'own'
const RETRY_MS = 2_000
/** Time that must lie between two adverts, whatever the reason for the second. */
const MIN_GAP_MS = 3_000

const sequenceCodec = versionedCodec<bigint>({
  name: 'advert sequence',
  version: 1,
  parse: (value) => BigInt(value as number | bigint),
})

/** Publishes this node's advert again and again, and withdraws it at the end. */
export function createAdvertiser(
  components: AdvertiserComponents,
  init: AdvertiserInit,
): Startable {
  const { host, peerKey, directory, store, clock, logger } = components
  const table = store.table('advert-sequence', sequenceCodec)
  const controller = new AbortController()
  const tasks = new TaskGroup(logger)
  let isPublished = false
  let wake = (): void => {}
  let unsubscribe = (): void => {}

  const publish = async (ttlMs: number): Promise<void> => {
    const sequence = ((await table.get(KEY)) ?? 0n) + 1n
    await table.put(KEY, sequence)
    const { intervalMs: _, ...lasting } = init
    const advert: Advert = {
      ...lasting,
      peerId: host.peerId,
      sequence,
      issuedAtMs: clock.now(),
      ttlMs,
      capacity: components.capacity(),
      addresses: host.addresses(),
    }
    const bytes = signAdvert(advert, peerKey)
    directory.add(advert, bytes, 'gossip')
    await host.gossip.publish(advertTopic(init.chainId), bytes)
    isPublished = true
  }
  /** Whether the advert went out; a chain that cannot be asked right now must not end the loop. */
  const advertise = async (): Promise<boolean> => {
    try {
      if (await components.isActive()) {
        await publish(init.ttlMs)
        return true
      }
      logger.warn({}, 'not in the active set, so not advertising')
    } catch (error) {
      logger.warn({ err: error }, 'advert not published')
    }
    return false
  }
  const loop = async (): Promise<void> => {
    const { signal } = controller
    while (!signal.aborted) {
      // A newcomer ends the pause, also one that comes while this advert is on its way.
      const woken = new AbortController()
      wake = () => woken.abort()
      const pauseMs = (await advertise()) ? spread(init.intervalMs) - MIN_GAP_MS : RETRY_MS
      await sleep(MIN_GAP_MS, { signal })
      const either = AbortSignal.any([signal, woken.signal])
      await sleep(Math.max(0, pauseMs), { signal: either }).catch(() => signal.throwIfAborted())
    }
  }
  return {
    async start() {
      unsubscribe = host.gossip.onSubscriber(advertTopic(init.chainId), () => wake())
      tasks.run(loop)
    },
    async stop() {
      unsubscribe()
      controller.abort()
      await tasks.drain()
      if (isPublished) {
        await publish(0).catch((error: unknown) =>
          logger.debug({ err: error }, 'withdrawal failed'),
        )
        isPublished = false
      }
    },
  }
}

/** Give or take a fifth, so that nodes that began together do not speak together. */
function spread(ms: number): number {
  return ms * (0.8 + Math.random() * 0.4)
}
