import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import hls from 'hls-parser'
import { totalLength } from '../lib/bytes.ts'
import { MillraceError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { createSerial } from '../lib/serial.ts'
import { MAX_PENDING_SEGMENTS, WINDOW_GRACE_SEGMENTS } from './limits.ts'
import type { Probe } from './probe.ts'
import { isProfileName } from './profile.ts'

// It takes the second gap of a playlist for a mistake and says so on stderr, though it writes it.
hls.setOptions({ silent: true })

/** A rendition as the master playlist announces it. A profile is one. */
export interface PlaylistRendition {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly bitrateBps: number
}

/** One rendition of one segment, ready to be published. */
export interface PackagedRendition {
  readonly name: string
  readonly data: readonly Uint8Array[]
  readonly probe: Probe
}

/** How a stream is packaged. */
export interface HlsPackagerInit {
  /** Where segment files go; made when missing, one folder a rendition. */
  readonly directory: string
  readonly renditions: readonly PlaylistRendition[]
  readonly targetDurationMs: number
  /** Segments a media playlist lists: the latest so many, or all. */
  readonly window: number | 'all'
  /** The first sequence number; 0 unless given. */
  readonly firstSeq?: number
  /** How the playlists refer to one another; as the files lie in the directory unless given. */
  readonly uris?: PlaylistUris | undefined
}

/** Where players find what a playlist names, relative to the playlist. */
export interface PlaylistUris {
  /** A rendition's media playlist, from the master playlist. */
  media(rendition: string): string
  /** A segment, from its rendition's media playlist. */
  segment(rendition: string, seq: number): string
}

const FILE_URIS: PlaylistUris = {
  media: (rendition) => `${rendition}/index.m3u8`,
  segment: (_rendition, seq) => `${seq}.ts`,
}

/** What a packager has done so far. */
export interface HlsPackagerState {
  readonly listed: number
  readonly skipped: number
  /** Complete, but an earlier segment is missing. */
  readonly pending: number
  readonly ended: boolean
  readonly renditions: readonly {
    readonly name: string
    readonly segments: number
    readonly bytes: number
    readonly durationMs: number
  }[]
}

/**
 * Publishes a stream as HLS: `master.m3u8`, and for each rendition `<name>/index.m3u8` and
 * `<name>/<seq>.ts`, which is also how the playlists refer to one another.
 *
 * Invariant: a segment is listed only when all renditions of it and of every segment before it are
 * whole on disk, so a player never meets a hole or a half-written file.
 */
export interface HlsPackager {
  /**
   * Stores a segment's renditions, in any order of segments; false when the number was taken
   * already. Throws `PACKAGER_BACKLOG` when too many wait for an earlier one, `BAD_RENDITIONS`
   * when the set is not the announced one.
   */
  add(seq: number, durationMs: number, renditions: readonly PackagedRendition[]): Promise<boolean>
  /** Gives a segment up: players are told of a gap and go on. */
  skip(seq: number, durationMs: number): Promise<boolean>
  /** Ends the playlists. Whatever still waits is listed after a discontinuity. */
  end(): Promise<void>
  master(): string
  /** The media playlist of a rendition, or null when there is no such rendition. */
  media(rendition: string): string | null
  /** The file of a published segment, or null. */
  segment(rendition: string, seq: number): string | null
  state(): HlsPackagerState
}

interface Entry {
  readonly seq: number
  readonly durationMs: number
  readonly gap: boolean
  readonly discontinuity: boolean
  /** By rendition. */
  readonly sizes: ReadonlyMap<string, number>
}

interface Tally {
  segments: number
  bytes: number
  durationMs: number
  peakBps: number
  codecs: string | null
  fps: number | null
}

/** Room for the peak of a rate-controlled stream while the real peak is not known yet. */
const PEAK_RATIO = 1.45
const AUDIO_ALLOWANCE_BPS = 160_000

/** What a duration in ms is in seconds, to the microsecond. */
function seconds(ms: number): number {
  return Math.round(ms * 1000) / 1e6
}

class Packager implements HlsPackager {
  readonly #init: HlsPackagerInit
  readonly #logger: Logger
  readonly #tallies = new Map<string, Tally>()
  readonly #taken = new Set<number>()
  readonly #pending = new Map<number, Entry>()
  readonly #serial = createSerial()
  #listed: Entry[] = []
  #nextSeq: number
  #listedCount = 0
  #skippedCount = 0
  #targetSeconds: number
  #ended = false

  constructor(logger: Logger, init: HlsPackagerInit) {
    this.#init = init
    this.#logger = logger
    this.#nextSeq = init.firstSeq ?? 0
    this.#targetSeconds = Math.max(1, Math.round(init.targetDurationMs / 1000))
    for (const { name } of init.renditions) {
      const none = { segments: 0, bytes: 0, durationMs: 0, peakBps: 0, codecs: null, fps: null }
      this.#tallies.set(name, none)
    }
  }

  async add(
    seq: number,
    durationMs: number,
    renditions: readonly PackagedRendition[],
  ): Promise<boolean> {
    const names = renditions.map(({ name }) => name)
    if (names.length !== this.#tallies.size || !names.every((name) => this.#tallies.has(name))) {
      throw new MillraceError('BAD_RENDITIONS', 'a segment has other renditions than announced', {
        meta: { seq, names, announced: [...this.#tallies.keys()] },
      })
    }
    if (!this.#take(seq)) return false
    try {
      await Promise.all(renditions.map(async (one) => this.#store(seq, one)))
    } catch (thrown) {
      this.#taken.delete(seq)
      throw thrown
    }
    for (const one of renditions) this.#count(durationMs, one)
    const sizes = new Map(renditions.map(({ name, data }) => [name, totalLength(data)]))
    this.#publish({ seq, durationMs, gap: false, discontinuity: false, sizes })
    return true
  }

  async skip(seq: number, durationMs: number): Promise<boolean> {
    if (!this.#take(seq)) return false
    this.#publish({ seq, durationMs, gap: true, discontinuity: false, sizes: new Map() })
    return true
  }

  async end(): Promise<void> {
    if (this.#ended) return
    for (const seq of [...this.#pending.keys()].sort((a, b) => a - b)) {
      const entry = this.#pending.get(seq) as Entry
      this.#pending.delete(seq)
      this.#list({ ...entry, discontinuity: seq !== this.#nextSeq })
      this.#nextSeq = seq + 1
    }
    this.#ended = true
    await this.#serial(async () => {})
  }

  master(): string {
    const variants = this.#init.renditions.map(({ name, width, height, bitrateBps }) => {
      const tally = this.#tallies.get(name) as Tally
      const expected = Math.ceil(bitrateBps * PEAK_RATIO) + AUDIO_ALLOWANCE_BPS
      const mean = (tally.bytes * 8000) / tally.durationMs
      return new hls.types.Variant({
        uri: (this.#init.uris ?? FILE_URIS).media(name),
        bandwidth: Math.ceil(
          this.#ended && tally.peakBps > 0 ? tally.peakBps : Math.max(tally.peakBps, expected),
        ),
        resolution: { width, height },
        ...(tally.segments > 0 ? { averageBandwidth: Math.ceil(mean) } : {}),
        ...(tally.codecs === null ? {} : { codecs: tally.codecs }),
        ...(tally.fps === null ? {} : { frameRate: tally.fps }),
      })
    })
    return `${hls.stringify(
      new hls.types.MasterPlaylist({ version: 3, independentSegments: true, variants }),
    )}\n`
  }

  media(rendition: string): string | null {
    if (!this.#tallies.has(rendition)) return null
    const { window } = this.#init
    const entries = window === 'all' ? this.#listed : this.#listed.slice(-window)
    const segments = entries.map(
      (entry) =>
        new hls.types.Segment({
          uri: (this.#init.uris ?? FILE_URIS).segment(rendition, entry.seq),
          duration: seconds(entry.durationMs),
          mediaSequenceNumber: entry.seq,
          discontinuitySequence: 0,
          discontinuity: entry.discontinuity,
          gap: entry.gap,
        }),
    )
    const playlistType = window === 'all' ? (this.#ended ? 'VOD' : 'EVENT') : null
    return `${hls.stringify(
      new hls.types.MediaPlaylist({
        version: entries.some(({ gap }) => gap) ? 8 : 3,
        independentSegments: true,
        targetDuration: this.#targetSeconds,
        mediaSequenceBase: entries[0]?.seq ?? this.#nextSeq,
        endlist: this.#ended,
        segments,
        ...(playlistType === null ? {} : { playlistType }),
      }),
    )}\n`
  }

  segment(rendition: string, seq: number): string | null {
    const entry = this.#listed.find((one) => one.seq === seq)
    return entry?.sizes.has(rendition) === true ? this.#path(rendition, seq) : null
  }

  state(): HlsPackagerState {
    return {
      listed: this.#listedCount,
      skipped: this.#skippedCount,
      pending: this.#pending.size,
      ended: this.#ended,
      renditions: [...this.#tallies].map(([name, { segments, bytes, durationMs }]) => ({
        name,
        segments,
        bytes,
        durationMs,
      })),
    }
  }

  /** Reserves a number; false when it is taken or past. */
  #take(seq: number): boolean {
    if (!Number.isSafeInteger(seq) || seq < 0) {
      throw new MillraceError('BAD_SEQUENCE', 'a sequence number is a whole number from 0', {
        meta: { seq },
      })
    }
    if (this.#ended || seq < this.#nextSeq || this.#taken.has(seq)) return false
    if (seq >= this.#nextSeq + MAX_PENDING_SEGMENTS) {
      throw new MillraceError('PACKAGER_BACKLOG', 'too many segments wait for an earlier one', {
        meta: { seq, waitingFor: this.#nextSeq, allowed: MAX_PENDING_SEGMENTS },
      })
    }
    this.#taken.add(seq)
    return true
  }

  async #store(seq: number, { name, data }: PackagedRendition): Promise<void> {
    const path = this.#path(name, seq)
    await writeFile(`${path}.tmp`, data)
    await rename(`${path}.tmp`, path)
  }

  #path(rendition: string, seq: number): string {
    return join(this.#init.directory, rendition, `${seq}.ts`)
  }

  #count(durationMs: number, { name, data, probe }: PackagedRendition): void {
    const tally = this.#tallies.get(name) as Tally
    const bytes = totalLength(data)
    tally.segments++
    tally.bytes += bytes
    tally.durationMs += durationMs
    // A stub of a segment says nothing about the rate of the stream.
    if (durationMs * 2 >= this.#init.targetDurationMs || tally.peakBps === 0) {
      tally.peakBps = Math.max(tally.peakBps, (bytes * 8000) / durationMs)
    }
    const codecs = [probe.video.codecString, probe.audio?.codecString]
    tally.codecs ??= codecs.filter((codec) => codec !== undefined).join(',')
    tally.fps ??= probe.video.fps
  }

  /** Puts a complete segment in line and lists every one whose turn has come. */
  #publish(entry: Entry): void {
    this.#pending.set(entry.seq, entry)
    if (this.#ended) return
    for (;;) {
      const next = this.#pending.get(this.#nextSeq)
      if (next === undefined) return
      this.#pending.delete(next.seq)
      this.#nextSeq++
      this.#list(next)
    }
  }

  #list(entry: Entry): void {
    this.#taken.delete(entry.seq)
    this.#listed.push(entry)
    if (entry.gap) this.#skippedCount++
    else this.#listedCount++
    this.#targetSeconds = Math.max(this.#targetSeconds, Math.round(entry.durationMs / 1000))
    const { window } = this.#init
    if (window === 'all') return
    const surplus = this.#listed.length - window - WINDOW_GRACE_SEGMENTS
    for (const old of surplus > 0 ? this.#listed.splice(0, surplus) : []) {
      for (const name of old.sizes.keys()) {
        void this.#serial(async () => rm(this.#path(name, old.seq), { force: true })).catch(
          (error: unknown) => {
            this.#logger.warn({ err: error, seq: old.seq }, 'old segment not removed')
          },
        )
      }
    }
  }
}

/** Creates a packager and its folders. Names of renditions must be safe as folder names. */
export async function createHlsPackager(
  components: { readonly logger: Logger },
  init: HlsPackagerInit,
): Promise<HlsPackager> {
  const { directory, renditions, window } = init
  const names = new Set(renditions.map(({ name }) => name))
  if (
    names.size !== renditions.length ||
    names.size === 0 ||
    ![...names].every(isProfileName) ||
    (window !== 'all' && !(Number.isInteger(window) && window >= 1))
  ) {
    throw new MillraceError(
      'BAD_PACKAGER',
      'renditions need distinct plain names, the window ≥ 1',
      {
        meta: { names: [...names], window },
      },
    )
  }
  for (const name of names) await mkdir(join(directory, name), { recursive: true })
  return new Packager(components.logger.child({ room: 'media' }), init)
}
