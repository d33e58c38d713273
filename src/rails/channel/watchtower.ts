import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import { createSerial } from '../../lib/serial.ts'
import { TaskGroup } from '../../lib/tasks.ts'
import type { NetHost } from '../../net/host.ts'
import type { FrameHandler } from '../../net/inbound.ts'
import { versionedCodec } from '../../store/codec.ts'
import type { Store } from '../../store/store.ts'
import { effectId } from './channel-chain.ts'
import { channelErrorCode } from './errors.ts'
import { channelLimits } from './limits.ts'
import type { ChannelMetrics } from './metrics.ts'
import type { ChannelChain } from './ports.ts'
import { recoverables } from './settlement.ts'
import { type ChannelState, openState } from './state.ts'
import { bareHex } from './terms.ts'
import { parseUnsigned } from './unsigned.ts'
import {
  encodeWatchReply,
  parseWatchRequest,
  WATCH_PROTOCOL,
  type WatchVerdict,
} from './watch-wire.ts'

/** What a watchtower works with. It signs nothing of a channel and holds no secret but revoked ones. */
export interface WatchtowerComponents {
  readonly host: Pick<NetHost, 'handle'>
  readonly store: Store
  readonly chain: ChannelChain
  readonly logger: Logger
  readonly metrics: ChannelMetrics
}

/** Watches over other people's channels. */
export interface Watchtower extends Startable {
  /** The verdict on a request; a channel taken is on disk. */
  take(request: Uint8Array): Promise<WatchVerdict>
  /** How many channels are watched over. */
  watched(): number
  /** Commits answered with a revocation since the start. */
  punished(): number
}

const codec = versionedCodec<ChannelState>({
  name: 'watched channel',
  version: 1,
  parse(value) {
    if (typeof value === 'object' && value !== null && 'commits_revoked' in value) {
      return value as ChannelState
    }
    throw new TypeError('not a watched channel')
  },
})

interface Watched {
  readonly id: Uint8Array
  state: ChannelState
}

/** A watchtower over what its store holds. */
export async function openWatchtower(
  components: WatchtowerComponents,
  init: {
    readonly maxChannels: number
    /** Blocks after which nothing of a channel comes back by a reorganisation. */
    readonly finalityBlocks: number
  },
): Promise<Watchtower> {
  const { host, store, chain, metrics } = components
  const logger = components.logger.child({ part: 'watchtower' })
  const table = store.table('channel-watched', codec)
  const watched = new Map<string, Watched>()
  for await (const [key, state] of table.entries()) {
    watched.set(key, { id: openState(chain.domain, state).channel, state })
  }
  const tasks = new TaskGroup(logger)
  const taking = createSerial()
  const busy = new Set<string>()
  let punished = 0
  let controller = new AbortController()
  let unsubscribe = (): void => {}

  const take = async (bytes: Uint8Array): Promise<WatchVerdict> => {
    const request = parseWatchRequest(bytes)
    if (!request.ok) return 'MALFORMED'
    const { domain, state } = request.value
    const { chainId, contract } = chain.domain
    if (domain.chainId !== chainId || domain.contract !== contract) return 'WRONG_CHAIN'
    const id = channelOf(chain, state)
    if (id === null) return 'MALFORMED'
    const key = bareHex(id)
    const before = watched.get(key)
    if (before === undefined && watched.size >= init.maxChannels) return 'BUSY'
    const onChain = await chain.channelOf(id)
    if (onChain === null || onChain.balance === 0n) return 'NO_CHANNEL'
    const merged = merge(before?.state, state)
    if (merged.commits_revoked.length > channelLimits.maxRevoked) return 'BUSY'
    await table.put(key, merged, { sync: true })
    watched.set(key, { id, state: merged })
    return 'WATCHING'
  }
  const attend = async (key: string, entry: Watched): Promise<void> => {
    if (busy.has(key)) return
    busy.add(key)
    try {
      const channel = await chain.channelOf(entry.id)
      const facts = { domain: chain.domain, block: chain.block(), channel }
      const [revoke] = recoverables(entry.state, facts).revoke
      if (revoke !== undefined) {
        const { signal } = controller
        const id = effectId('watch-revoke', entry.id)
        await chain.submit(parseUnsigned(revoke.revoke_rawtx), { id, signal })
        punished += 1
        metrics.settlements.inc({ kind: 'watchtower', outcome: 'done' })
        logger.info({ channel: key }, 'a revoked commit was published and taken back')
      }
      const since = channel?.publishedAt ?? 0n
      const isDone = channel !== null && channel.committed === 0n && since > 0n
      if (isDone && chain.block() >= since + BigInt(init.finalityBlocks)) {
        await table.del(key)
        watched.delete(key)
      }
    } catch (error) {
      if (!controller.signal.aborted) {
        metrics.settlements.inc({ kind: 'watchtower', outcome: 'failed' })
        logger.warn({ err: error, channel: key }, 'a channel could not be looked after yet')
      }
    } finally {
      busy.delete(key)
    }
  }
  const lookAtAll = (): void => {
    for (const [key, entry] of watched) tasks.run(async () => attend(key, entry))
  }
  const handle: FrameHandler = async (channel, { signal }) => {
    const frame = await channel.receive({ signal })
    if (frame === null) return
    const verdict = await taking(() => take(frame.header))
    await channel.send(encodeWatchReply(verdict), [], { signal })
  }
  return {
    take: (bytes) => taking(() => take(bytes)),
    watched: () => watched.size,
    punished: () => punished,
    async start() {
      controller = new AbortController()
      unsubscribe = chain.onBlock(lookAtAll)
      lookAtAll()
      await host.handle(WATCH_PROTOCOL, handle, {
        maxInboundStreams: channelLimits.maxWatchStreamsPerPeer,
        maxHeaderBytes: channelLimits.maxWatchRequestBytes,
        maxBodyBytes: 0,
      })
    },
    async stop() {
      unsubscribe()
      controller.abort(new DOMException('the watchtower stopped', 'AbortError'))
      await tasks.drain()
    },
  }
}

/** The channel of a state whose secrets are all those of its commits; null for any other. */
function channelOf({ domain }: ChannelChain, state: ChannelState): Uint8Array | null {
  try {
    return openState(domain, state).channel
  } catch (error) {
    if (channelErrorCode(error) === undefined) throw error
    return null
  }
}

function merge(before: ChannelState | undefined, more: ChannelState): ChannelState {
  if (before === undefined) return more
  const known = new Set(before.commits_revoked.map(({ script }) => script))
  const added = more.commits_revoked.filter(({ script }) => !known.has(script))
  return { ...before, commits_revoked: [...before.commits_revoked, ...added] }
}
