import type { Clock } from '../lib/clock.ts'
import { type Advert, expiresAtMs } from './advert.ts'
import { marketLimits } from './limits.ts'

/** How an advert reached us. */
export type DiscoveredBy = 'gossip' | 'catch-up' | 'registry' | 'static'

/** An orchestrator as the directory knows it. */
export interface DirectoryEntry {
  readonly advert: Advert
  /** The signed advert, to be handed to peers that ask. */
  readonly bytes: Uint8Array
  readonly receivedAtMs: number
  /** How the first advert of this author came. */
  readonly discoveredBy: DiscoveredBy
}

/** The newest advert of every author. */
export interface Directory {
  /** Takes an advert that was verified, unless a newer one of its author is held. */
  add(advert: Advert, bytes: Uint8Array, discoveredBy: DiscoveredBy): void
  latestOf(peerId: string): DirectoryEntry | undefined
  /** Everyone whose advert has not expired, newest first. */
  live(): DirectoryEntry[]
  /** When the first advert was taken; null while there was none. */
  firstAtMs(): number | null
  /** Called after each advert taken. Returns a function that ends it. */
  onChange(listener: () => void): () => void
}

/** A bounded directory; expired entries go when room is needed or when read. */
export function createDirectory(clock: Clock): Directory {
  const entries = new Map<string, DirectoryEntry>()
  const listeners = new Set<() => void>()
  let firstAtMs: number | null = null
  const isLive = ({ advert }: DirectoryEntry): boolean =>
    advert.ttlMs > 0 && expiresAtMs(advert) > clock.now()

  const makeRoom = (): void => {
    if (entries.size < marketLimits.maxDirectoryEntries) return
    let first: string | undefined
    let earliest = Number.POSITIVE_INFINITY
    for (const [peerId, { advert }] of entries) {
      if (expiresAtMs(advert) < earliest) {
        earliest = expiresAtMs(advert)
        first = peerId
      }
    }
    if (first !== undefined) entries.delete(first)
  }
  return {
    add(advert, bytes, discoveredBy) {
      const before = entries.get(advert.peerId)
      // Adverts are judged one beside the other; a newer one may have been taken meanwhile.
      if (before !== undefined && before.advert.sequence >= advert.sequence) return
      if (before === undefined) makeRoom()
      firstAtMs ??= clock.now()
      entries.set(advert.peerId, {
        advert,
        bytes,
        receivedAtMs: clock.now(),
        discoveredBy: before?.discoveredBy ?? discoveredBy,
      })
      for (const listener of listeners) listener()
    },
    latestOf: (peerId) => entries.get(peerId),
    live: () =>
      [...entries.values()]
        .filter(isLive)
        .sort((a, b) => b.advert.issuedAtMs - a.advert.issuedAtMs),
    firstAtMs: () => firstAtMs,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
