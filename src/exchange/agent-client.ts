import { type AbortOptions, sleep } from '../lib/abort.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { Wei } from '../lib/wei.ts'
import type { NetHost } from '../net/host.ts'
import type { PeerTarget } from '../net/lanes.ts'
import { canonicalBytes } from '../rails/check/jcs.ts'
import { agentLimits as limits } from './agent-limits.ts'
import {
  AGENT_PROTOCOL,
  type AgentEntry,
  type AgentRequest,
  agentRequestJson,
  parseAgentReply,
  type Told,
} from './agent-wire.ts'
import { readMessage } from './content-stream.ts'

/** The agents a node tells of itself and asks for others. */
export interface Agents extends Startable {
  viewers(maxPrice: Wei, options?: AbortOptions): Promise<readonly AgentEntry[]>
  videos(title: string, options?: AbortOptions): Promise<readonly AgentEntry[]>
  addressesOf(peerId: string, options?: AbortOptions): Promise<readonly string[]>
  /** Tells all of them now. */
  tell(options?: AbortOptions): Promise<void>
}

/** What a node's agents work with. */
export interface AgentsComponents {
  readonly host: Pick<NetHost, 'request' | 'addresses'>
  readonly logger: Logger
  /** What is told of this node; null when there is nothing to tell. */
  told(): Promise<Omit<Told, 'addresses'> | null>
}

/**
 * Asks agents. One that does not answer is none: what it would have known may be found elsewhere.
 */
export function createAgents(
  { host, logger, told }: AgentsComponents,
  { agents }: { readonly agents: readonly PeerTarget[] },
): Agents {
  const tasks = new TaskGroup(logger)
  let controller = new AbortController()
  const askOne = async (
    agent: PeerTarget,
    request: AgentRequest,
    options: AbortOptions,
  ): Promise<readonly AgentEntry[]> => {
    const { maxHeaderBytes, timeoutMs } = limits
    const header = canonicalBytes(agentRequestJson(request))
    try {
      const bounds = { ...options, maxHeaderBytes, timeoutMs }
      const answer = await host.request(agent, AGENT_PROTOCOL, header, bounds)
      const entries = parseAgentReply(readMessage(answer))
      return entries.ok ? entries.value : []
    } catch (error) {
      options.signal?.throwIfAborted()
      logger.debug({ err: error, agent: agent.peerId }, 'an agent did not answer')
      return []
    }
  }
  const ask = async (request: AgentRequest, options: AbortOptions): Promise<AgentEntry[]> =>
    (await Promise.all(agents.map(async (agent) => askOne(agent, request, options)))).flat()
  const tell = async (options: AbortOptions = {}): Promise<void> => {
    const own = agents.length === 0 ? null : await told()
    if (own === null) return
    const addresses = host.addresses().slice(0, limits.maxAddresses)
    const videos = own.videos.slice(0, limits.maxVideos)
    await ask({ op: 'tell', ...own, videos, addresses }, options)
  }
  return {
    tell,
    viewers: async (maxPrice, options = {}) => ask({ op: 'viewers', maxPrice }, options),
    videos: async (title, options = {}) => ask({ op: 'videos', title }, options),
    async addressesOf(peerId, options = {}) {
      const found = (await ask({ op: 'peer', peerId }, options)).filter(
        (entry) => entry.peerId === peerId,
      )
      return [...new Set(found.flatMap(({ addresses }) => addresses))]
    },
    async start() {
      controller = new AbortController()
      const { signal } = controller
      if (agents.length === 0) return
      tasks.run(async () => {
        for (;;) {
          await tell({ signal })
          await sleep(limits.tellMs, { signal })
        }
      })
    },
    async stop() {
      controller.abort(new DOMException('the agents are left', 'AbortError'))
      await tasks.drain()
    },
  }
}
