import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import type { AbortOptions } from '../lib/abort.ts'
import { type NetError, netError } from './errors.ts'
import { READ_HIGH_WATER_BYTES, READ_LOW_WATER_BYTES } from './limits.ts'

/** Where a reader puts what arrives. */
export interface ChunkSink {
  readonly bufferedBytes: number
  push(chunk: Uint8Array): void
}

/** How the readable side of a stream stands once everything that arrived has been pushed. */
export type ReadState = 'open' | 'ended' | 'lost'

/**
 * Reads a libp2p stream with backpressure.
 *
 * libp2p 3 pushes: a stream that nobody pauses buffers without bound, and one whose buffer
 * overflows is reset. So this reader pauses the stream above a high-water mark and resumes it below
 * a low one.
 *
 * Invariant: construct it in the same turn in which the stream was handed over, before any await.
 */
export class PacedReader {
  readonly #stream: Stream
  readonly #sink: ChunkSink
  #finSeen: boolean
  #arrivals = 0
  #pausePending = false
  #waiter: PromiseWithResolvers<void> | null = null

  constructor(stream: Stream, sink: ChunkSink) {
    this.#stream = stream
    this.#sink = sink
    // A remote that half-closed earlier fires no event any more: the state tells.
    this.#finSeen = stream.remoteWriteStatus === 'closed' && stream.status === 'open'
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('remoteCloseWrite', this.#onRemoteCloseWrite)
    stream.addEventListener('close', this.#wake)
  }

  /** Where the readable side stands. Decided by state, never by an event that may have passed. */
  get state(): ReadState {
    const stream = this.#stream
    if (stream.status === 'aborted' || stream.status === 'reset') return 'lost'
    if (stream.remoteWriteStatus !== 'closed' || stream.readBufferLength > 0) return 'open'
    return this.#finSeen ? 'ended' : 'lost'
  }

  /** How often bytes have been pushed; tells whether {@link resume} delivered any in this turn. */
  get arrivals(): number {
    return this.#arrivals
  }

  /** Whether the far side said that it has finished. */
  get finished(): boolean {
    return this.#finSeen
  }

  /** Asks for more when the sink has room again. Call it after taking from the sink. */
  relieve(): void {
    if (this.#sink.bufferedBytes <= READ_LOW_WATER_BYTES) this.resume()
  }

  /** Asks for more whatever the sink holds, because a frame cannot be completed without. */
  resume(): void {
    if (this.#stream.readStatus !== 'paused') return
    try {
      this.#stream.resume()
    } catch {
      // The stream ended below us: what was buffered has been dispatched, and `state` says the rest.
    }
  }

  /**
   * Resolves when something may have changed: bytes, end of stream, close.
   *
   * @throws IDLE_TIMEOUT after `idleMs` without a change; the signal's reason when it fires
   */
  async changed(options: AbortOptions & { readonly idleMs: number | undefined }): Promise<void> {
    const { signal, idleMs } = options
    signal?.throwIfAborted()
    const waiter = Promise.withResolvers<void>()
    this.#waiter = waiter
    const onAbort = (): void => waiter.reject(signal?.reason as Error)
    const timer =
      idleMs === undefined ? undefined : setTimeout(() => waiter.reject(idle(idleMs)), idleMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await waiter.promise
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      this.#waiter = null
    }
  }

  readonly #onMessage = (event: StreamMessageEvent): void => {
    const { data } = event
    this.#arrivals += 1
    if (data instanceof Uint8Array) this.#sink.push(data)
    else for (const chunk of data) this.#sink.push(chunk)
    this.#pauseSoon()
    this.#waiter?.resolve()
  }

  readonly #onRemoteCloseWrite = (): void => {
    this.#finSeen = true
    this.#waiter?.resolve()
  }

  readonly #wake = (): void => {
    this.#waiter?.resolve()
  }

  #pauseSoon(): void {
    if (this.#pausePending || this.#sink.bufferedBytes < READ_HIGH_WATER_BYTES) return
    this.#pausePending = true
    // Not at once: a pause inside a message that resume() dispatched is undone at the muxer, which
    // re-opens the window right after the dispatch.
    queueMicrotask(() => {
      this.#pausePending = false
      const stream = this.#stream
      if (stream.readStatus !== 'readable' || stream.status !== 'open') return
      if (this.#sink.bufferedBytes >= READ_HIGH_WATER_BYTES) stream.pause()
    })
  }
}

function idle(idleMs: number): NetError {
  return netError('IDLE_TIMEOUT', 'no bytes arrived in time', { meta: { idleMs } })
}
