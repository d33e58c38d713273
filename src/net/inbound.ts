import type { StreamHandler } from '@libp2p/interface'
import { asError, MillraceError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { TaskGroup } from '../lib/tasks.ts'
import { netError } from './errors.ts'
import { createFrameChannel, type FrameChannel } from './frame-channel.ts'
import { DEFAULT_MAX_INBOUND_STREAMS } from './limits.ts'
import type { NetMetrics } from './metrics.ts'

/** What a handler knows of the stream it serves. */
export interface HandlerContext {
  readonly remotePeer: string
  /** Fires when the stream ends or this node stops. */
  readonly signal: AbortSignal
}

/**
 * Serves one inbound stream. When it resolves the stream is finished, when it rejects the stream is
 * reset.
 */
export type FrameHandler = (channel: FrameChannel, context: HandlerContext) => Promise<void>

/** How a protocol is served. */
export interface HandleOptions {
  /** Streams that one peer may have open at once, over all its connections; 8 where absent. */
  readonly maxInboundStreams?: number | undefined
  /** Bytes; 64 KiB where absent. */
  readonly maxHeaderBytes?: number | undefined
  /** Bytes; 0 where absent: a protocol that takes bodies says how long. */
  readonly maxBodyBytes?: number | undefined
}

/** Serves inbound streams and knows which are open. */
export interface Inbound {
  streamHandler(protocol: string, handler: FrameHandler, options: HandleOptions): StreamHandler
  /** Tells every handler to come to an end. */
  abort(reason: Error): void
}

/** What serving takes. */
export interface InboundComponents {
  readonly logger: Logger
  readonly metrics: NetMetrics
  readonly tasks: TaskGroup
}

/** Runs handlers on inbound streams. */
export function createInbound({ logger, metrics, tasks }: InboundComponents): Inbound {
  const running = new Set<AbortController>()
  const perPeer = new Map<string, number>()
  const stopping = new AbortController()

  const serve = async (
    channel: FrameChannel,
    handler: FrameHandler,
    controller: AbortController,
  ): Promise<void> => {
    const { protocol, remotePeer } = channel
    try {
      await handler(channel, { remotePeer, signal: controller.signal })
      await channel.close({ signal: stopping.signal })
    } catch (error) {
      channel.abort(asError(error))
      const code = error instanceof MillraceError ? error.code : 'UNKNOWN'
      metrics.streamErrors.inc({ protocol, code })
      logger.debug({ err: error, protocol, peer: remotePeer }, 'stream handler failed')
    }
  }

  return {
    streamHandler(protocol, handler, options) {
      const limit = options.maxInboundStreams ?? DEFAULT_MAX_INBOUND_STREAMS
      return (stream, connection) => {
        const key = `${protocol} ${connection.remotePeer.toString()}`
        const open = perPeer.get(key) ?? 0
        if (open >= limit) {
          metrics.streamErrors.inc({ protocol, code: 'TOO_MANY_STREAMS' })
          stream.abort(netError('TOO_MANY_STREAMS', 'the peer has too many streams open'))
          return
        }
        perPeer.set(key, open + 1)
        metrics.streams.inc({ protocol, direction: 'inbound' })
        // Attached here, before any await: what arrives before a reader is attached may be missed.
        const channel = createFrameChannel(stream, connection, { ...options, metrics })
        const controller = new AbortController()
        running.add(controller)
        const onEnd = (): void => controller.abort(channel.signal.reason)
        channel.signal.addEventListener('abort', onEnd, { once: true })
        tasks.run(async () => {
          await serve(channel, handler, controller)
          running.delete(controller)
          const left = (perPeer.get(key) ?? 1) - 1
          if (left === 0) perPeer.delete(key)
          else perPeer.set(key, left)
        })
      }
    },
    abort(reason) {
      stopping.abort(reason)
      for (const controller of running) controller.abort(reason)
    },
  }
}
