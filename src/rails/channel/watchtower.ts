import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import { createSerial } from '../../lib/serial.ts'
import { TaskGroup } from '../../lib/tasks.ts'
import type { NetHost } from '../../net/host.ts'
import type { FrameHandler } from '../../net/inbound.ts'
import { versionedCodec } from '../../store/codec.ts'
import type { Store, Table } from '../../store/store.ts'
import { effectId } from './channel-chain.ts'
import { channelErrorCode } from './errors.ts'
import type { ChannelFacts } from './facts.ts'
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

/** How a watchtower works. */
interface WatchtowerInit {
  readonly maxChannels: number
  /** Blocks after which nothing of a channel comes back by a reorganisation. */
  readonly finalityBlocks: number
}

/** A watchtower over what its store holds. */
export async function openWatchtower(
  components: WatchtowerComponents,
  init: WatchtowerInit,
): Promise<Watchtower> {
  const table = components.store.table('channel-watched', codec)
  const watched = new Map<string, Watched>()
  for await (const [key, state] of table.entries()) {
    watched.set(key, { id: openState(components.chain.domain, state).channel, state })
  }
  return new StoredWatchtower(components, init, table, watched)
}

class StoredWatchtower implements Watchtower {
  readonly #components: WatchtowerComponents
  readonly #init: WatchtowerInit
  readonly #table: Table<ChannelState>
  readonly #watched: Map<string, Watched>
  readonly #logger: Logger
  readonly #tasks: TaskGroup
  readonly #taking = createSerial()
  readonly #busy = new Set<string>()
  #punished = 0
  #controller = new AbortController()
  #unsubscribe = (): void => {}

  constructor(
    components: WatchtowerComponents,
    init: WatchtowerInit,
    table: Table<ChannelState>,
    watched: Map<string, Watched>,
  ) {
    this.#components = components
    this.#init = init
    this.#table = table
    this.#watched = watched
    this.#logger = components.logger.child({ part: 'watchtower' })
    this.#tasks = new TaskGroup(this.#logger)
  }

  watched(): number {
    return this.#watched.size
  }

  punished(): number {
    return this.#punished
  }

  async take(request: Uint8Array): Promise<WatchVerdict> {
    return this.#taking(async () => this.#take(request))
  }

  async start(): Promise<void> {
    const { chain, host } = this.#components
    this.#controller = new AbortController()
    this.#unsubscribe = chain.onBlock(() => this.#lookAtAll())
    this.#lookAtAll()
    const handle: FrameHandler = async (channel, { signal }) => {
      const frame = await channel.receive({ signal })
      if (frame === null) return
      await channel.send(encodeWatchReply(await this.take(frame.header)), [], { signal })
    }
    await host.handle(WATCH_PROTOCOL, handle, {
      maxInboundStreams: channelLimits.maxWatchStreamsPerPeer,
      maxHeaderBytes: channelLimits.maxWatchRequestBytes,
      maxBodyBytes: 0,
    })
  }

  async stop(): Promise<void> {
    this.#unsubscribe()
    this.#controller.abort(new DOMException('the watchtower stopped', 'AbortError'))
    await this.#tasks.drain()
  }

  async #take(bytes: Uint8Array): Promise<WatchVerdict> {
    const { chain } = this.#components
    const request = parseWatchRequest(bytes)
    if (!request.ok) return 'MALFORMED'
    const { domain, state } = request.value
    const { chainId, contract } = chain.domain
    if (domain.chainId !== chainId || domain.contract !== contract) return 'WRONG_CHAIN'
    const id = channelOf(chain, state)
    if (id === null) return 'MALFORMED'
    const key = bareHex(id)
    const before = this.#watched.get(key)
    if (before === undefined && this.#watched.size >= this.#init.maxChannels) return 'BUSY'
    const onChain = await chain.channelOf(id)
    if (onChain === null || onChain.balance === 0n) return 'NO_CHANNEL'
    const merged = merge(before?.state, state)
    if (merged.commits_revoked.length > channelLimits.maxRevoked) return 'BUSY'
    await this.#table.put(key, merged, { sync: true })
    this.#watched.set(key, { id, state: merged })
    return 'WATCHING'
  }

  #lookAtAll(): void {
    for (const [key, entry] of this.#watched) {
      if (this.#busy.has(key)) continue
      this.#busy.add(key)
      this.#tasks.run(async () => this.#attend(key, entry).finally(() => this.#busy.delete(key)))
    }
  }

  async #attend(key: string, entry: Watched): Promise<void> {
    try {
      await this.#punish(key, entry)
    } catch (error) {
      if (this.#controller.signal.aborted) return
      this.#components.metrics.settlements.inc({ kind: 'watchtower', outcome: 'failed' })
      this.#logger.warn({ err: error, channel: key }, 'a channel could not be looked after yet')
    }
  }

  async #punish(key: string, { id, state }: Watched): Promise<void> {
    const { chain, metrics } = this.#components
    const channel = await chain.channelOf(id)
    const facts = { domain: chain.domain, block: chain.block(), channel }
    const [revoke] = recoverables(state, facts).revoke
    if (revoke !== undefined) {
      const options = { id: effectId('watch-revoke', id), signal: this.#controller.signal }
      await chain.submit(parseUnsigned(revoke.revoke_rawtx), options)
      this.#punished += 1
      metrics.settlements.inc({ kind: 'watchtower', outcome: 'done' })
      this.#logger.info({ channel: key }, 'a revoked commit was published and taken back')
    }
    if (!isOver(facts, this.#init.finalityBlocks)) return
    await this.#table.del(key)
    this.#watched.delete(key)
  }
}

/** Whether nothing is left to be guarded: not before a reorganisation could bring it back. */
function isOver({ channel, block }: ChannelFacts, finalityBlocks: number): boolean {
  if (channel === null) return false
  const { committed, balance, publishedAt, openedAt } = channel
  if (publishedAt === 0n) return balance === 0n && block >= openedAt + BigInt(finalityBlocks)
  return committed === 0n && block >= publishedAt + BigInt(finalityBlocks)
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
