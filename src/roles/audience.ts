import type { UserRegistry } from '../chain/user-registry.ts'
import type { MediaOrder } from '../exchange/content-order.ts'
import { peerIdOfPublicKey } from '../net/peer-key.ts'
import type { Table } from '../store/store.ts'

/** Somebody who may watch, and how it came to be known. */
export interface Prospect {
  readonly peerId: string
  readonly source: 'registry' | 'agent' | 'sales'
}

/** Where viewers are looked for. */
export interface ProspectSources {
  readonly users: Pick<UserRegistry, 'keys'>
  /** Block up to which the registry is read. */
  readonly toBlock: bigint
  /** Peer ids that somebody who collects them gave. */
  agent(): Promise<readonly string[]>
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
  const add = (peerId: string | null, source: Prospect['source']): void => {
    if (peerId === null || peerId === sources.self || found.has(peerId)) return
    found.set(peerId, { peerId, source })
  }
  for await (const [, { kind, side, bid }] of sources.orders.entries()) {
    if (kind === 'content' && side === 'owner') add(bid.bid.key, 'sales')
  }
  for (const peerId of await sources.agent()) add(peerId, 'agent')
  const listed = await sources.users.keys({ fromBlock: 0n, toBlock: sources.toBlock })
  for (const { key } of listed) add(peerIdOfPublicKey(key), 'registry')
  return [...found.values()]
}
