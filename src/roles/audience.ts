import type { BlockRange } from '../chain/ticket-broker.ts'
import type { UserRegistry } from '../chain/user-registry.ts'
import type { AgentEntry } from '../exchange/agent-wire.ts'
import type { MediaOrder } from '../exchange/content-order.ts'
import type { Address } from '../lib/crypto/address.ts'
import { peerIdOfPublicKey } from '../net/peer-key.ts'
import type { Table } from '../store/store.ts'

/** Somebody who may watch, and how it came to be known. */
export interface Prospect {
  readonly peerId: string
  readonly source: 'registry' | 'agent' | 'sales'
  /** Multiaddrs that came with it. */
  readonly addresses: readonly string[]
  /** Its wallet, where that is known; it may have published addresses. */
  readonly wallet: Address | null
}

/** Where viewers are looked for. */
export interface ProspectSources {
  readonly users: Pick<UserRegistry, 'keys'>
  /** Blocks of the registry that are read. */
  readonly range: BlockRange
  /** Those that data agents know. */
  agent(): Promise<readonly Pick<AgentEntry, 'peerId' | 'addresses'>[]>
  readonly orders: Table<MediaOrder>
  /** Own peer id, which is nobody's audience. */
  readonly self: string
}

/**
 * Who may be bid to: keys of the registry, those a data agent knows, and those who bought before.
 * Each once, by the first source that knows it.
 */
export async function findProspects(sources: ProspectSources): Promise<readonly Prospect[]> {
  const found = new Map<string, Prospect>()
  const add = (prospect: Prospect): void => {
    const { peerId } = prospect
    if (peerId !== sources.self && !found.has(peerId)) found.set(peerId, prospect)
  }
  for await (const [, { kind, side, bid, payer, addresses }] of sources.orders.entries()) {
    if (kind !== 'content' || side !== 'owner') continue
    add({ peerId: bid.bid.key, source: 'sales', addresses, wallet: payer })
  }
  for (const { peerId, addresses } of await sources.agent()) {
    add({ peerId, source: 'agent', addresses, wallet: null })
  }
  for (const { key, wallet } of await sources.users.keys(sources.range)) {
    const peerId = peerIdOfPublicKey(key)
    if (peerId !== null) add({ peerId, source: 'registry', addresses: [], wallet })
  }
  return [...found.values()]
}
