import { randomUUID } from 'node:crypto'
import { pipe } from 'it-pipe'
import pLimit from 'p-limit'
import type { Delivered, Dispatcher } from '../exchange/dispatcher.ts'
import type { StepFailure } from '../exchange/payer-order.ts'
import type { Prober, Rendition } from '../exchange/work.ts'
import { isAbort } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { err, type Result } from '../lib/result.ts'
import type { HlsPackager, PackagedRendition } from '../media/playlist.ts'
import { createStreamCounter, type StreamCounter, type StreamStats } from './stream-stats.ts'

/** One segment of a stream's source. */
export interface StreamSegment {
  readonly seq: number
  readonly data: Uint8Array
  readonly durationMs: number
}

/** Where a stream is. */
export type StreamState = 'running' | 'ended' | 'failed'

/** A stream being broadcast: its segments go to the market, its renditions to the packager. */
export interface BroadcastStream {
  readonly name: string
  readonly packager: HlsPackager
  /** Settles when the segment's renditions are published, or it was given up. */
  submit(segment: StreamSegment): Promise<Result<Delivered, StepFailure>>
  /** Takes a whole source, as many segments at once as may be in flight, and ends with it. */
  play(source: AsyncIterable<StreamSegment>): Promise<void>
  /** Ends the playlists once everything under way is published. */
  end(): Promise<void>
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
  #state: StreamState = 'running'
  #failure: string | null = null

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
    return this.#counter.stats()
  }

  submit(segment: StreamSegment): Promise<Result<Delivered, StepFailure>> {
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
      logger.error({ err: error }, 'the source broke off')
    }
    await this.end()
    if (this.#failure !== null) this.#state = 'failed'
  }

  async end(): Promise<void> {
    await Promise.allSettled(this.#underWay)
    if (this.#state !== 'running') return
    this.#state = 'ended'
    await this.packager.end()
    await this.#parts.dispatcher.close()
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
    const { logger } = this.#parts
    const { seq, durationMs } = segment
    this.#counter.sent(durationMs)
    const delivered = await this.#deliver(segment)
    if (delivered.ok) {
      await this.packager.add(seq, durationMs, delivered.value.renditions.map(packaged))
      this.#counter.returned(delivered.value)
      logger.debug({ seq, provider: delivered.value.provider }, 'segment published')
    } else {
      await this.packager.skip(seq, durationMs)
      this.#counter.failed()
      logger.error({ seq, ...delivered.error }, 'segment failed')
    }
    return delivered
  }

  async #deliver(segment: StreamSegment): Promise<Result<Delivered, StepFailure>> {
    const { prober, dispatcher, signal } = this.#parts
    const data = [segment.data]
    const probe = await prober.probe(data, { signal })
    if (!probe.ok) {
      return err({ class: 'fatal', code: probe.error.code, detail: probe.error.message })
    }
    const { seq: sequence, durationMs } = segment
    return dispatcher.dispatch({ sequence, durationMs, data, probe: probe.value }, { signal })
  }
}

function packaged({ name, data, probe }: Rendition): PackagedRendition {
  return { name, data, probe }
}
