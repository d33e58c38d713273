import type { Dispatcher } from '../exchange/dispatcher.ts'
import type { Prober } from '../exchange/work.ts'
import type { AbortOptions } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { MillraceError } from '../lib/errors.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { HlsPackager } from '../media/playlist.ts'
import {
  type BroadcastStream,
  createBroadcastStream,
  manifestIdOf,
  type StreamSegment,
} from './broadcast-stream.ts'

/** A file to broadcast. */
export interface FileSource {
  readonly name: string
  readonly input: string
  readonly pace: 'fast' | 'realtime'
  readonly maxDurationMs?: number | undefined
}

/** What a broadcaster works with. */
export interface BroadcasterComponents {
  readonly prober: Prober
  readonly clock: Clock
  readonly logger: Logger
  createDispatcher(manifestId: string): Dispatcher
  createPackager(init: {
    readonly manifestId: string
    readonly name: string
    readonly firstSeq: number
  }): Promise<HlsPackager>
  /** Cuts a file into segments. */
  openFile(source: FileSource, options: AbortOptions): AsyncIterable<StreamSegment>
}

/** How a broadcaster runs. */
export interface BroadcasterInit {
  readonly maxInFlight: number
  readonly maxStreams: number
  /** Played from the start on. */
  readonly files: readonly FileSource[]
}

/** The role that has streams: sends them to the market and publishes what comes back. */
export interface Broadcaster extends Startable {
  /** All streams, newest last. */
  streams(): readonly BroadcastStream[]
  stream(name: string): BroadcastStream | undefined
  /** The running stream of this name; a new one when there is none or it has ended. */
  openStream(name: string, firstSeq?: number): Promise<BroadcastStream>
  playFile(source: FileSource): Promise<void>
}

/** Creates the broadcaster role. */
export function createBroadcaster(
  components: BroadcasterComponents,
  init: BroadcasterInit,
): Broadcaster {
  const { logger } = components
  const controller = new AbortController()
  const tasks = new TaskGroup(logger)
  const streams = new Map<string, BroadcastStream>()
  const opening = new Map<string, Promise<BroadcastStream>>()

  const create = async (name: string, firstSeq: number): Promise<BroadcastStream> => {
    const running = [...streams.values()].filter((stream) => stream.state().state === 'running')
    if (running.length >= init.maxStreams) {
      throw new MillraceError('BROADCASTER_FULL', `${running.length} streams are running`, {
        hint: `This node takes ${init.maxStreams} at once; end one first`,
      })
    }
    const manifestId = manifestIdOf(name)
    const stream = createBroadcastStream(
      {
        ...components,
        dispatcher: components.createDispatcher(manifestId),
        packager: await components.createPackager({ manifestId, name, firstSeq }),
        logger: logger.child({ stream: name }),
        signal: controller.signal,
      },
      { name, maxInFlight: init.maxInFlight },
    )
    streams.delete(name)
    streams.set(name, stream)
    return stream
  }
  const openStream = async (name: string, firstSeq = 0): Promise<BroadcastStream> => {
    const existing = streams.get(name)
    if (existing?.state().state === 'running') return existing
    const created = opening.get(name) ?? create(name, firstSeq).finally(() => opening.delete(name))
    opening.set(name, created)
    return created
  }
  const playFile = async (source: FileSource): Promise<void> => {
    const stream = await openStream(source.name)
    await stream.play(components.openFile(source, { signal: controller.signal }))
  }
  return {
    streams: () => [...streams.values()],
    stream: (name) => streams.get(name),
    openStream,
    playFile,
    async start() {
      for (const source of init.files) tasks.run(() => playFile(source))
    },
    async stop() {
      controller.abort()
      await tasks.drain()
      await Promise.all([...streams.values()].map((stream) => stream.end()))
    },
  }
}
