import { randomUUID } from 'node:crypto'
import { pipe } from 'it-pipe'
import pLimit from 'p-limit'
import type { Delivered, Dispatcher } from '../exchange/dispatcher.ts'
import type { StepFailure } from '../exchange/step-failure.ts'
import type { Prober, Rendition } from '../exchange/work.ts'
import { isAbort } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { err, type Result } from '../lib/result.ts'
import type { HlsPackager, PackagedRendition } from '../media/playlist.ts'
import type { Probe } from '../media/probe.ts'
import { createStreamCounter, type StreamCounter, type StreamStats } from './stream-stats.ts'

/** One segment of a stream's source. */
export interface StreamSegment {
  readonly seq: number
  readonly data: Uint8Array
  /** As the source knows it, to the start of the next segment; measured when left out. */
  readonly durationMs?: number
}

/** Where a stream is. One that ended without a single segment published has failed. */
export type StreamState = 'running' | 'ended' | 'failed'

/** A stream being broadcast: its segments go to the market, its renditions to the packager. */
export interface BroadcastStream {
  readonly name: string
  readonly packager: HlsPackager
  /**
   * Settles when the segment's renditions are published, or it was given up. A sequence number is
   * worked, and paid for, once.
   */
  submit(segment: StreamSegment): Promise<Result<Delivered, StepFailure>>
  /** Takes a whole source, as many segments at once as may be in flight, and ends with it. */
  play(source: AsyncIterable<StreamSegment>): Promise<void>
  /** Ends the playlists once everything under way is published. */
  end(): Promise<void>
  /** The error is the last there was; a stream goes on after it when it can. */
  state(): { readonly state: StreamState; readonly error: string | null }
  provider(): string | null
  stats(): StreamStats
}

/** What a stream works with. */
export interface BroadcastStreamComponents {
  readonly dispatcher: Dispatcher
  readonly packager: HlsPackager
  readonly prober: Prober
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** A unique name for one run of a stream. */
export function manifestIdOf(name: string): string {
  return `${name}-${randomUUID()}`
}

/** Creates a stream. */
export function createBroadcastStream(
  components: BroadcastStreamComponents,
  init: { readonly name: string; readonly maxInFlight: number },
): BroadcastStream {
  return new MarketStream(components, init)
}

class MarketStream implements BroadcastStream {
  readonly name: string
  readonly packager: HlsPackager
  readonly #parts: BroadcastStreamComponents
  readonly #counter: StreamCounter
  readonly #slots: ReturnType<typeof pLimit>
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #taken = new Set<number>()
  #state: StreamState = 'running'
  #failure: string | null = null
  #isBroken = false
  #nextHole: number | null = null

  constructor(
    components: BroadcastStreamComponents,
    init: { readonly name: string; readonly maxInFlight: number },
  ) {
    this.name = init.name
    this.packager = components.packager
    this.#parts = components
    this.#counter = createStreamCounter(() => components.clock.now())
    this.#slots = pLimit(init.maxInFlight)
  }

  state(): { readonly state: StreamState; readonly error: string | null } {
    return { state: this.#state, error: this.#failure }
  }

  provider(): string | null {
    return this.#parts.dispatcher.provider()
  }

  stats(): StreamStats {
    return this.#counter.stats(this.#parts.dispatcher.extra())
  }

  async submit(segment: StreamSegment): Promise<Result<Delivered, StepFailure>> {
    const { seq } = segment
    if (this.#taken.has(seq)) {
      const detail = `segment ${seq} was sent before; what became of it stays`
      return err({ class: 'failed', code: 'DUPLICATE_SEQUENCE', detail })
    }
    this.#taken.add(seq)
    const [oldest = seq] = this.#taken
    if (this.#taken.size > MAX_TAKEN) this.#taken.delete(oldest)
    const running = this.#slots(() => this.#publish(segment))
    this.#underWay.add(running)
    const settled = (): void => void this.#underWay.delete(running)
    running.then(settled, settled)
    return running
  }

  async play(source: AsyncIterable<StreamSegment>): Promise<void> {
    const { signal, logger } = this.#parts
    try {
      await pipe(source, (segments) => this.#submitAll(segments))
    } catch (error) {
      if (signal.aborted) return
      this.#failure = messageOf(error)
      this.#isBroken = true
      logger.error({ err: error }, 'the source broke off')
    }
    await this.end()
  }

  async end(): Promise<void> {
    await Promise.allSettled(this.#underWay)
    if (this.#state !== 'running') return
    const { returned, failed } = this.stats().segments
    this.#state = this.#isBroken || (returned === 0 && failed > 0) ? 'failed' : 'ended'
    await this.packager.end()
    // A stream that its node cuts off goes on after a restart, under the same order.
    await this.#parts.dispatcher.close(this.#parts.signal.aborted ? 'open' : 'idle')
  }

  /** Reads the source no faster than the market takes it. */
  async #submitAll(segments: AsyncIterable<StreamSegment>): Promise<void> {
    for await (const segment of segments) {
      this.submit(segment).catch((error: unknown) => {
        if (!isAbort(error)) this.#parts.logger.error({ err: error }, 'segment failed')
      })
      while (this.#slots.pendingCount > 0) await Promise.race(this.#underWay).catch(() => {})
    }
  }

  /** Has one segment worked and puts it, or a gap in its place, into the playlists. */
  async #publish(segment: StreamSegment): Promise<Result<Delivered, StepFailure>> {
    const { logger, prober, signal } = this.#parts
    const { seq } = segment
    this.#counter.sent()
    const probe = keyed(await prober.probe([segment.data], { signal }))
    const durationMs = segment.durationMs ?? (probe.ok ? probe.value.durationMs : UNKNOWN_MS)
    this.#counter.measured(durationMs)
    const delivered = probe.ok
      ? await this.#deliver(segment, probe.value, durationMs)
      : err(unreadable(probe.error))
    if (delivered.ok) {
      await this.packager.add(seq, durationMs, delivered.value.renditions.map(packaged))
      await this.#closeHoles(seq, durationMs)
      this.#counter.returned(delivered.value)
      logger.debug({ seq, provider: delivered.value.provider }, 'segment published')
    } else {
      const { code, detail } = delivered.error
      await this.packager.skip(seq, durationMs)
      this.#counter.failed()
      this.#failure = `${code}: ${detail}`
      logger.error({ seq, ...delivered.error }, 'segment failed')
    }
    return delivered
  }

  /** A number that was never sent must not hold up those after it for ever. */
  async #closeHoles(seq: number, durationMs: number): Promise<void> {
    this.#nextHole ??= Math.min(...this.#taken)
    while (this.#nextHole < seq - HOLE_PATIENCE) {
      const hole = this.#nextHole
      this.#nextHole += 1
      if (this.#taken.has(hole)) continue
      this.#taken.add(hole)
      await this.packager.skip(hole, durationMs)
      this.#parts.logger.warn({ seq: hole }, 'a segment never came')
    }
  }

  async #deliver(
    { seq: sequence, data }: StreamSegment,
    probe: Probe,
    durationMs: number,
  ): Promise<Result<Delivered, StepFailure>> {
    const { dispatcher, signal } = this.#parts
    return dispatcher.dispatch({ sequence, durationMs, data: [data], probe }, { signal })
  }
}

/** Limit: sequence numbers remembered as taken; the packager refuses what is older. */
const MAX_TAKEN = 1_024

/** How many segments later a number that was not sent is given up. */
const HOLE_PATIENCE = 4

/** Length of the gap that a segment leaves of which nothing can be told. */
const UNKNOWN_MS = 2_000

/** Without a key frame at its beginning a segment cannot be worked alone. */
function keyed(probe: Awaited<ReturnType<Prober['probe']>>): typeof probe {
  if (!probe.ok || probe.value.video.keyframeFirst) return probe
  return err({ code: 'NO_KEYFRAME', message: 'the segment does not begin with an IDR picture' })
}

function unreadable({ code, message }: { code: string; message: string }): StepFailure {
  return { class: 'failed', code, detail: message }
}

function packaged({ name, data, probe }: Rendition): PackagedRendition {
  return { name, data, probe }
}
