import { toHex } from '../lib/bytes.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Wei } from '../lib/wei.ts'
import { parsePeerId } from '../net/lanes.ts'
import { hasKeys, type Json, type JsonObject, parseAmount, parseBytes } from '../rails/check/jcs.ts'
import { agentLimits as limits } from './agent-limits.ts'

/** Who watches, and who has which video, as an agent was told. */
export const AGENT_PROTOCOL = '/millrace/agent/1.0.0'

/** A video by its directory's sha256. */
export interface ToldVideo {
  readonly hash: Uint8Array
  readonly title: string
}

/** What a peer tells of itself. */
export interface Told {
  readonly addresses: readonly string[]
  /** Wei a second for which it watches; null when it does not. */
  readonly attention: Wei | null
  readonly videos: readonly ToldVideo[]
}

/** What an agent is told, or asked. */
export type AgentRequest =
  | ({ readonly op: 'tell' } & Told)
  /** Who watches for at most so many wei a second. */
  | { readonly op: 'viewers'; readonly maxPrice: Wei }
  /** Who has a video of that title. */
  | { readonly op: 'videos'; readonly title: string }
  /** Where a peer is. */
  | { readonly op: 'peer'; readonly peerId: string }

/** Somebody an agent knows. It proves nothing: whoever is dialled proves who it is. */
export interface AgentEntry {
  readonly peerId: string
  readonly addresses: readonly string[]
  /** Directory's sha256 for videos, otherwise null. */
  readonly hash: Uint8Array | null
}

type Parsed<T> = Result<T, 'MALFORMED'>

/** A question as it travels. */
export function agentRequestJson(request: AgentRequest): JsonObject {
  const { op } = request
  if (op === 'viewers') return { op, maxPrice: `${request.maxPrice}` }
  if (op === 'videos') return { op, title: request.title }
  if (op === 'peer') return { op, peer: request.peerId }
  const { addresses, attention, videos } = request
  return {
    ...{ op, addresses, attention: attention === null ? '' : `${attention}` },
    videos: videos.map(({ hash, title }) => ({ hash: toHex(hash), title })),
  }
}

/** Reads a question. */
export function parseAgentRequest(message: JsonObject): Parsed<AgentRequest> {
  const { op } = message
  if (op === 'viewers' && hasKeys(message, ['op', 'maxPrice'])) {
    const maxPrice = parseAmount(message['maxPrice'], 2n ** 96n)
    return maxPrice === null ? err('MALFORMED') : ok({ op, maxPrice })
  }
  if (op === 'videos' && hasKeys(message, ['op', 'title'])) {
    const { title } = message
    return isText(title, limits.maxTitleLength) ? ok({ op, title }) : err('MALFORMED')
  }
  if (op === 'peer' && hasKeys(message, ['op', 'peer'])) {
    const peerId = parsePeer(message['peer'])
    return peerId === null ? err('MALFORMED') : ok({ op, peerId })
  }
  if (op !== 'tell' || !hasKeys(message, ['op', 'addresses', 'attention', 'videos'])) {
    return err('MALFORMED')
  }
  const addresses = parseAddresses(message['addresses'])
  const attention =
    message['attention'] === '' ? null : parseAmount(message['attention'], 2n ** 96n)
  const videos = parseList(message['videos'], limits.maxVideos, parseVideo)
  if (addresses === null || videos === null) return err('MALFORMED')
  if (attention === null && message['attention'] !== '') return err('MALFORMED')
  return ok({ op, addresses, attention, videos })
}

/** An answer as it travels. */
export function agentReplyJson(entries: readonly AgentEntry[]): JsonObject {
  return {
    entries: entries.map(({ peerId, addresses, hash }) => {
      return { peer: peerId, addresses, hash: hash === null ? '' : toHex(hash) }
    }),
  }
}

/** Reads an answer. */
export function parseAgentReply(message: JsonObject): Parsed<readonly AgentEntry[]> {
  if (!hasKeys(message, ['entries'])) return err('MALFORMED')
  const entries = parseList(message['entries'], limits.maxEntries, parseEntry)
  return entries === null ? err('MALFORMED') : ok(entries)
}

function parseEntry(value: Json): AgentEntry | null {
  if (!hasKeys(value, ['peer', 'addresses', 'hash'])) return null
  const peerId = parsePeer(value['peer'])
  const addresses = parseAddresses(value['addresses'])
  const hash = value['hash'] === '' ? null : parseBytes(value['hash'], 32)
  if (peerId === null || addresses === null) return null
  return hash === null && value['hash'] !== '' ? null : { peerId, addresses, hash }
}

function parseVideo(value: Json): ToldVideo | null {
  if (!hasKeys(value, ['hash', 'title'])) return null
  const hash = parseBytes(value['hash'], 32)
  const { title } = value
  return hash === null || !isText(title, limits.maxTitleLength) ? null : { hash, title }
}

function parsePeer(value: Json | undefined): string | null {
  if (!isText(value, 128)) return null
  try {
    return parsePeerId(value).toString() === value ? value : null
  } catch {
    return null
  }
}

function parseAddresses(value: Json | undefined): readonly string[] | null {
  return parseList(value, limits.maxAddresses, (item) =>
    isText(item, limits.maxAddressLength) ? item : null,
  )
}

function parseList<T>(
  value: Json | undefined,
  most: number,
  parse: (item: Json) => T | null,
): T[] | null {
  if (!Array.isArray(value) || value.length > most) return null
  const items: T[] = []
  for (const item of value as readonly Json[]) {
    const parsed = parse(item)
    if (parsed === null) return null
    items.push(parsed)
  }
  return items
}

function isText(value: Json | undefined, most: number): value is string {
  return typeof value === 'string' && value.length <= most
}
