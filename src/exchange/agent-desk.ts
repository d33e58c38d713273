import type { Clock } from '../lib/clock.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import type { NetHost } from '../net/host.ts'
import type { HandlerContext } from '../net/inbound.ts'
import { canonicalBytes } from '../rails/check/jcs.ts'
import { agentLimits as limits } from './agent-limits.ts'
import {
  AGENT_PROTOCOL,
  type AgentEntry,
  type AgentRequest,
  agentReplyJson,
  parseAgentRequest,
  type Told,
} from './agent-wire.ts'
import { readMessage } from './content-stream.ts'

/** Somebody who watches, or has videos, and tells an agent. */
export interface AgentDesk {
  start(): Promise<void>
  /** How many peers and videos it knows of. */
  known(): { readonly peers: number; readonly viewers: number; readonly videos: number }
}

/**
 * Collects what peers tell of themselves, and answers who has what.
 *
 * Invariant: of a peer it knows only what that peer told over a connection that proves its key; in
 * memory, and for a few minutes.
 */
export function createAgentDesk({
  host,
  clock,
}: {
  readonly host: Pick<NetHost, 'handle'>
  readonly clock: Clock
}): AgentDesk {
  const told = new Map<string, Told & { readonly atMs: number }>()
  const forget = (): void => {
    const before = clock.now() - limits.lifeMs
    for (const [peerId, { atMs }] of told) {
      // The longest ago is first.
      if (atMs > before && told.size <= limits.maxPeers) break
      told.delete(peerId)
    }
  }
  const answer = (request: AgentRequest, peerId: string): readonly AgentEntry[] => {
    if (request.op === 'tell') {
      told.delete(peerId)
      told.set(peerId, { ...request, atMs: clock.now() })
    }
    forget()
    return request.op === 'tell' ? [] : find(told, request).slice(0, limits.maxEntries)
  }
  const serve = async (
    channel: FrameChannel,
    { remotePeer, signal }: HandlerContext,
  ): Promise<void> => {
    const options = { idleMs: limits.timeoutMs, maxBodyBytes: 0, signal }
    const frame = await channel.receive(options)
    const request = frame === null ? null : parseAgentRequest(readMessage(frame.header))
    if (request?.ok !== true) return
    const entries = answer(request.value, remotePeer)
    await channel.send(canonicalBytes(agentReplyJson(entries)), [], { signal })
  }
  return {
    start: async () =>
      host.handle(AGENT_PROTOCOL, serve, { maxHeaderBytes: limits.maxHeaderBytes }),
    known() {
      forget()
      const all = [...told.values()]
      const viewers = all.filter(({ attention }) => attention !== null).length
      const videos = all.reduce((sum, one) => sum + one.videos.length, 0)
      return { peers: all.length, viewers, videos }
    },
  }
}

/** What fits a question; whoever was heard of last comes first. */
function find(
  told: ReadonlyMap<string, Told>,
  request: Exclude<AgentRequest, { readonly op: 'tell' }>,
): readonly AgentEntry[] {
  const found: AgentEntry[] = []
  for (const [peerId, { addresses, attention, videos }] of [...told].reverse()) {
    const entry = { peerId, addresses, hash: null }
    if (request.op === 'peer' && peerId === request.peerId) found.push(entry)
    if (request.op === 'viewers' && attention !== null && attention <= request.maxPrice) {
      found.push(entry)
    }
    if (request.op !== 'videos') continue
    for (const { hash, title } of videos) {
      if (title === request.title) found.push({ ...entry, hash })
    }
  }
  return found
}
