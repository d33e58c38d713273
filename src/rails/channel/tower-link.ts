import type { Logger } from '../../lib/logger.ts'
import { TaskGroup } from '../../lib/tasks.ts'
import type { NetHost } from '../../net/host.ts'
import type { PeerTarget } from '../../net/lanes.ts'
import { channelLimits } from './limits.ts'
import type { PayerChannel } from './payer-store.ts'
import type { ChannelDomain } from './terms.ts'
import { encodeWatchRequest, parseWatchReply, WATCH_PROTOCOL } from './watch-wire.ts'

/** A payer's way to its watchtowers. */
export interface TowerLink {
  /** Tells all of them what was revoked of a channel; what fails is logged, and told again later. */
  tell(channel: PayerChannel): void
  /** Waits for what is under way. */
  drain(): Promise<void>
}

/** Gives what was revoked to the configured watchtowers. */
export function createTowerLink(
  components: { readonly host: Pick<NetHost, 'request'>; readonly logger: Logger },
  init: { readonly domain: ChannelDomain; readonly towers: readonly PeerTarget[] },
): TowerLink {
  const { host, logger } = components
  const tasks = new TaskGroup(logger)
  const tellOne = async (tower: PeerTarget, { key, record }: PayerChannel): Promise<void> => {
    const request = encodeWatchRequest({ domain: init.domain, state: record.state })
    try {
      const { watchTimeoutMs } = channelLimits
      const signal = AbortSignal.timeout(watchTimeoutMs)
      const reply = await host.request(tower, WATCH_PROTOCOL, request, {
        maxHeaderBytes: 64,
        signal,
      })
      const verdict = parseWatchReply(reply)
      if (verdict.ok && verdict.value === 'WATCHING') return
      logger.warn({ tower: tower.peerId, channel: key }, 'a watchtower does not take a channel')
    } catch (error) {
      logger.warn({ err: error, tower: tower.peerId, channel: key }, 'a watchtower is not there')
    }
  }
  return {
    tell(channel) {
      if (channel.record.state.commits_revoked.length === 0) return
      for (const tower of init.towers) tasks.run(async () => tellOne(tower, channel))
    },
    drain: async () => tasks.drain(),
  }
}
