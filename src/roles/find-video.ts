import type { RegisteredVideo, VideoRegistry } from '../chain/video-registry.ts'
import type { AgentEntry } from '../exchange/agent-wire.ts'
import type { MediaOrder } from '../exchange/content-order.ts'
import type { AbortOptions } from '../lib/abort.ts'
import { parseHex } from '../lib/bytes.ts'
import { digestOfCid } from '../media/content/cid.ts'
import { peerIdOfPublicKey } from '../net/peer-key.ts'
import type { Table } from '../store/store.ts'

/** How a video, or a peer, came to be known. */
export type FoundBy = 'name' | 'sales' | 'agent' | 'registry'

/** Where videos are looked for. */
export interface VideoSources {
  readonly registry: Pick<VideoRegistry, 'videoOf' | 'announced'>
  /** The newest block, to which titles are looked for. */
  blockNumber(): Promise<bigint>
  /** Earlier sales. */
  readonly table: Table<MediaOrder>
  /** What data agents know of a title. */
  agent(title: string, options: AbortOptions): Promise<readonly AgentEntry[]>
}

/** A registered video, and where its owner was seen. */
export interface FoundVideo {
  readonly video: RegisteredVideo
  readonly source: FoundBy
  /** Multiaddrs of the owner that came with it. */
  readonly addresses: readonly string[]
}

/**
 * Finds a video by its CID or digest, or by its title: one bought before, then one an agent knows,
 * then the newest in the registry. Whoever says it, a video is what the registry says.
 */
export async function findVideo(
  sources: VideoSources,
  name: string,
  options: AbortOptions = {},
): Promise<FoundVideo | undefined> {
  const { registry, blockNumber } = sources
  const digest = digestOfCid(name, 'dag-cbor') ?? (name.startsWith('0x') ? parseHex(name) : null)
  if (digest?.byteLength === 32) {
    const video = await registry.videoOf(digest, options)
    return video && { video, source: 'name', addresses: [] }
  }
  const known = (await bySales(sources, name, options)) ?? (await byAgent(sources, name, options))
  if (known !== undefined) return known
  const range = { fromBlock: 0n, toBlock: await blockNumber() }
  const titled = (await registry.announced(range, options)).filter(({ title }) => title === name)
  const newest = titled.at(-1)
  const video = newest && (await registry.videoOf(newest.directory, options))
  return video && { video, source: 'registry', addresses: [] }
}

async function bySales(
  { registry, table }: VideoSources,
  name: string,
  options: AbortOptions,
): Promise<FoundVideo | undefined> {
  let [found, foundMs]: [FoundVideo | undefined, number] = [undefined, 0]
  for await (const [, { kind, side, bid, addresses, atMs }] of table.entries()) {
    if (kind !== 'content' || side !== 'viewer' || atMs < foundMs) continue
    const video = await registry.videoOf(bid.bid.hash, options)
    if (video?.title !== name) continue
    ;[found, foundMs] = [{ video, source: 'sales', addresses }, atMs]
  }
  return found
}

async function byAgent(
  { registry, agent }: VideoSources,
  name: string,
  options: AbortOptions,
): Promise<FoundVideo | undefined> {
  for (const { peerId, addresses, hash } of await agent(name, options)) {
    const video = hash === null ? undefined : await registry.videoOf(hash, options)
    // Anybody may tell an agent anything: only the owner's own word counts.
    if (video?.title !== name || peerIdOfPublicKey(video.owner) !== peerId) continue
    return { video, source: 'agent', addresses }
  }
  return undefined
}
