import { randomUUID } from 'node:crypto'
import pLimit from 'p-limit'
import { isAbort } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { messageOf } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { err, type Result } from '../lib/result.ts'
import type { Delivered, Dispatcher } from '../exchange/dispatcher.ts'
import type { StepFailure } from '../exchange/payer-order.ts'
import type { Prober, Rendition } from '../exchange/work.ts'
import type { HlsPackager } from '../media/playlist.ts'
import type { Probe } from '../media/probe.ts'
import { createStreamCounter, type StreamStats } from './stream-stats.ts'

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
  /** Takes a whole source, as many segments at once as may be in flight. */
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
  const { dispatcher, packager, prober, clock, logger, signal } = components
  const counter = createStreamCounter(() => clock.now())
  const slots = pLimit(init.maxInFlight)
  const underWay = new Set<Promise<unknown>>()
  let state: StreamState = 'running'
  let failure: string | null = null

  const work = async (segment: StreamSegment): Promise<Result<Delivered, StepFailure>> => {
    counter.sent(segment.durationMs)
    const { seq, durationMs } = segment
    const delivered = await deliver(segment)
    if (delivered.ok) {
      await packager.add(seq, durationMs, delivered.value.renditions.map(asPackaged))
      counter.returned(delivered.value)
      logger.debug({ seq, provider: delivered.value.provider }, 'segment published')
    } else {
      await packager.skip(seq, durationMs)
      counter.failed()
      logger.error({ seq, code: delivered.error.code, detail: delivered.error.detail }, 'segment failed')
    }
    return delivered
  }
  const deliver = async (segment: StreamSegment): Promise<Result<Delivered, StepFailure>> => {
    const data = [segment.data]
    const probed = await prober.probe(data, { signal })
    if (!probed.ok) {
      return err({ class: 'fatal', code: probed.error.code, detail: probed.error.message })
    }
    const probe: Probe = probed.value
    const { seq: sequence, durationMs } = segment
    return dispatcher.dispatch({ sequence, durationMs, data, probe }, { signal })
  }
  const submit = (segment: StreamSegment): Promise<Result<Delivered, StepFailure>> => {
    const running = slots(() => work(segment))
    underWay.add(running)
    void running.catch(() => {}).finally(() => underWay.delete(running))
    return running
  }
  const end = async (): Promise<void> => {
    await Promise.allSettled(underWay)
    if (state !== 'running') return
    state = 'ended'
    await packager.end()
    await dispatcher.close()
  }
  return {
    name: init.name,
    packager,
    submit,
    end,
    async play(source) {
      try {
        for await (const segment of source) {
          submit(segment).catch((error: unknown) => {
            if (!isAbort(error)) logger.error({ err: error }, 'segment failed')
          })
          // The source is read no faster than the market takes it.
          while (slots.pendingCount > 0) await Promise.race([...underWay].map((one) => one.catch(() => {})))
        }
      } catch (error) {
        if (signal.aborted) return
        failure = messageOf(error)
        logger.error({ err: error, stream: init.name }, 'the source broke off')
      }
      await end()
      if (failure !== null) state = 'failed'
    },
    state: () => ({ state, error: failure }),
    provider: () => dispatcher.provider(),
    stats: () => counter.stats(),
  }
}

function asPackaged({ name, data, probe }: Rendition): { name: string; data: readonly Uint8Array[]; probe: Probe } {
  return { name, data, probe }
}
