import { randomUUID } from 'node:crypto'
import type { UserRegistry } from '../chain/user-registry.ts'
import { type Agents, createAgents } from '../exchange/agent-client.ts'
import { createAgentDesk } from '../exchange/agent-desk.ts'
import type { ToldVideo } from '../exchange/agent-wire.ts'
import type { Catalog } from '../exchange/content-catalog.ts'
import type { AbortOptions } from '../lib/abort.ts'
import { fromHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { publicKeyOfPeer } from '../net/peer-key.ts'
import { registerKey } from '../roles/user.ts'
import { parseMetadata } from '../roles/user-metadata.ts'
import type { BuiltRole } from './built-role.ts'
import type { NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'

/** The role that collects what peers tell of themselves. */
export function buildAgent({ net, clock }: Foundation): BuiltRole {
  const desk = createAgentDesk({ host: net.host, clock })
  return {
    start: async () => desk.start(),
    stop: async () => {},
    complaints: async () => [],
    status: async () => desk.known(),
  }
}

/** The agents of a node's config: it tells them what it sells and whether it watches. */
export function buildAgents(
  { net, logger }: Foundation,
  { discovery, roles, audience }: NodeConfig,
  catalog: Catalog,
): Agents {
  const watches = roles.includes('audience')
  const sells = roles.includes('publisher')
  const videos = async (): Promise<readonly ToldVideo[]> => {
    const entries = sells ? await catalog.list() : []
    const offered = entries.filter(({ ask }) => ask !== null)
    return offered.map(({ video, title }) => ({ hash: fromHex(video), title }))
  }
  return createAgents(
    {
      host: net.host,
      logger: logger.child({ room: 'agents' }),
      async told() {
        if (!watches && !sells) return null
        return { attention: watches ? (audience?.price ?? null) : null, videos: await videos() }
      },
    },
    { agents: discovery.agents },
  )
}

/** Where a peer may be: as agents heard from it, and as its wallet says on chain. */
export function addressBook(
  { chain, logger }: Pick<Foundation, 'chain' | 'logger'>,
  { users, agents }: { readonly users: UserRegistry; readonly agents: Agents },
  fromBlock: bigint,
): (peerId: string, wallet: Address, options?: AbortOptions) => Promise<readonly string[]> {
  return async (peerId, wallet, options = {}) => {
    const told = await agents.addressesOf(peerId, options)
    try {
      const range = { fromBlock, toBlock: await chain.client.blockNumber() }
      const metadata = await users.metadataOf(wallet, range, options)
      const { addresses } = parseMetadata(metadata ?? '')
      const own = addresses.filter((address) => address.endsWith(`/p2p/${peerId}`))
      return [...new Set([...told, ...own])]
    } catch (error) {
      options.signal?.throwIfAborted()
      logger.warn({ err: error, wallet }, 'the metadata of a wallet was not read')
      return told
    }
  }
}

/** Lists this node's key, and where it can be dialled, under its wallet, if that can pay for it. */
export async function registerUser(
  { logger, chain, net, wallet }: Foundation,
  { users }: { readonly users: UserRegistry },
): Promise<void> {
  const { peerId } = net.host
  const key = publicKeyOfPeer(peerId) as Uint8Array
  try {
    const result = await registerKey(
      {
        ...{ users, wallet: wallet.address },
        balance: async () => chain.client.balance(wallet.address),
        gasPrice: async () => chain.gas.gasPrice(),
        fresh: (what) => ({ id: `user/${what}/${peerId}/${randomUUID()}` }),
      },
      key,
      net.host.addresses(),
    )
    logger.info({ peerId, result }, 'the key is registered')
  } catch (error) {
    logger.warn({ err: error }, 'the key was not registered')
  }
}
