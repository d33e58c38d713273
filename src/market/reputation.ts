import type { Clock } from '../lib/clock.ts'
import { MillraceError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { createSerial } from '../lib/serial.ts'
import { versionedCodec } from '../store/codec.ts'
import type { Store, Table } from '../store/store.ts'
import { marketLimits } from './limits.ts'
import {
  fade,
  type ReputationEvent,
  type ReputationInit,
  type ReputationState,
  stepReputation,
  unknownPeer,
  type WorkSample,
} from './reputation-state.ts'

/** What peers did, kept over restarts, and who is left alone for a while after failing. */
export interface Reputation {
  /** What is known of a peer now, faded. */
  of(peerId: string): ReputationState
  /** When the suspension ends; null when there is none. */
  until(peerId: string): number | null
  /** A segment was accepted: no suspension, and the next one starts from the shortest again. */
  succeeded(peerId: string, sample?: WorkSample | null): void
  /** A failure of this peer's own: each in a row doubles the time it is left alone. */
  failed(peerId: string, failureClass?: string): void
  /** A failure that is counted and not held against it, such as a broken connection. */
  noted(peerId: string, failureClass: string): void
  /** It answered a request for a quote. */
  answered(peerId: string, responseMs: number): void
  /** How many peers are known. */
  size(): number
  /** Resolves when all that happened so far is stored. */
  flush(): Promise<void>
}

/** Half-life and first suspension where nothing else is configured. */
export const DEFAULT_REPUTATION: ReputationInit = { halfLifeMs: 86_400_000, suspendMs: 10_000 }

const codec = versionedCodec<ReputationState>({
  name: 'reputation',
  version: 1,
  parse(value) {
    const state = value as ReputationState
    if (typeof state?.atMs !== 'number' || typeof state.failed !== 'object') {
      throw new MillraceError('STORE_CORRUPT', 'not a reputation')
    }
    return { ...unknownPeer(state.atMs), ...state }
  },
})

/**
 * Loads what is known of peers, and keeps it.
 *
 * Invariant: every count fades with its half-life, suspensions end by the clock: a long stream takes
 * a peer that recovered back, and a good name is not for ever.
 */
export async function openReputation(
  components: { readonly store: Store; readonly clock: Clock; readonly logger: Logger },
  init: ReputationInit = DEFAULT_REPUTATION,
): Promise<Reputation> {
  const { store, clock, logger } = components
  const table = store.table('reputation', codec)
  const peers = new Map<string, ReputationState>()
  for await (const [peerId, state] of table.entries()) peers.set(peerId, state)
  const writer = createWriter(table, peers, logger)
  makeRoom(peers, writer, marketLimits.maxReputations)

  const of = (peerId: string): ReputationState => {
    const known = peers.get(peerId)
    return known === undefined
      ? unknownPeer(clock.now())
      : fade(known, clock.now(), init.halfLifeMs)
  }
  const step = (peerId: string, event: ReputationEvent): void => {
    if (!peers.has(peerId)) makeRoom(peers, writer, marketLimits.maxReputations - 1)
    const before = peers.get(peerId) ?? unknownPeer(clock.now())
    peers.set(peerId, stepReputation(before, event, clock.now(), init))
    writer.touch(peerId)
  }
  return {
    of,
    until(peerId) {
      const untilMs = peers.get(peerId)?.suspendedUntilMs ?? 0
      return untilMs > clock.now() ? untilMs : null
    },
    succeeded: (peerId, sample = null) => step(peerId, { type: 'delivered', sample }),
    failed: (peerId, failureClass = 'failed') =>
      step(peerId, { type: 'failed', class: failureClass, isStrike: true }),
    noted: (peerId, failureClass) =>
      step(peerId, { type: 'failed', class: failureClass, isStrike: false }),
    answered: (peerId, responseMs) => step(peerId, { type: 'answered', responseMs }),
    size: () => peers.size,
    flush: () => writer.flush(),
  }
}

/** Whoever was not heard of for longest goes first. */
function makeRoom(peers: Map<string, ReputationState>, writer: Writer, max: number): void {
  while (peers.size > max) {
    let oldest: string | undefined
    let oldestMs = Number.POSITIVE_INFINITY
    for (const [peerId, { atMs }] of peers) {
      if (atMs >= oldestMs) continue
      oldest = peerId
      oldestMs = atMs
    }
    if (oldest === undefined) return
    peers.delete(oldest)
    writer.touch(oldest)
  }
}

interface Writer {
  touch(peerId: string): void
  flush(): Promise<void>
}

/** Writes what changed; changes that come while a write is under way go out together after it. */
function createWriter(
  table: Table<ReputationState>,
  peers: ReadonlyMap<string, ReputationState>,
  logger: Logger,
): Writer {
  const dirty = new Set<string>()
  const serial = createSerial()
  let isQueued = false
  const write = async (): Promise<void> => {
    isQueued = false
    const batch = [...dirty]
    dirty.clear()
    for (const peerId of batch) {
      const state = peers.get(peerId)
      await (state === undefined ? table.del(peerId) : table.put(peerId, state))
    }
  }
  return {
    touch(peerId) {
      dirty.add(peerId)
      if (isQueued) return
      isQueued = true
      serial(write).catch((error: unknown) => {
        logger.error({ err: error }, 'what is known of peers cannot be kept')
      })
    },
    flush: () => serial(write),
  }
}
