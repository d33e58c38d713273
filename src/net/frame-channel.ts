import type { Connection, Stream, StreamCloseEvent } from '@libp2p/interface'
import { type AbortOptions, anySignal, isAbort, raceSignal } from '../lib/abort.ts'
import { totalLength } from '../lib/bytes.ts'
import { asError, MillraceError } from '../lib/errors.ts'
import { createSerial } from '../lib/serial.ts'
import { type NetError, netError } from './errors.ts'
import {
  createFrameDecoder,
  encodeFrameHead,
  FRAME_HEAD_BYTES,
  type Frame,
  type FrameFault,
  MAX_FRAME_PART_BYTES,
} from './frame-codec.ts'
import {
  CLOSE_GRACE_MS,
  DEFAULT_FRAME_IDLE_MS,
  DEFAULT_MAX_BODY_BYTES,
  DEFAULT_MAX_HEADER_BYTES,
  DEFAULT_SEND_IDLE_MS,
} from './limits.ts'
import type { NetMetrics } from './metrics.ts'
import { PacedReader } from './paced-reader.ts'
import { slicesOf, writable } from './paced-writer.ts'

/** How a receiver bounds the next frame and the wait for it. */
export interface ReceiveOptions extends AbortOptions {
  /** Bytes; the channel's own cap where absent. */
  readonly maxHeaderBytes?: number | undefined
  /** Bytes; the channel's own cap where absent. */
  readonly maxBodyBytes?: number | undefined
  /**
   * Milliseconds without a byte, between frames and within one. Where absent, the wait for a frame
   * to begin is bounded by the signal alone and a frame that has begun by 30 s.
   */
  readonly idleMs?: number | undefined
}

/** How a sender bounds its wait for a peer that does not read. */
export interface SendOptions extends AbortOptions {
  /** Milliseconds in which the peer takes nothing; 60 s where absent. */
  readonly idleMs?: number | undefined
}

/**
 * A stream of one protocol to one peer, cut into frames, with backpressure both ways.
 *
 * Invariant: concurrent sends do not interleave; a frame is on the stream whole or the stream is
 * reset. Concurrent receives get successive frames.
 */
export interface FrameChannel {
  readonly remotePeer: string
  readonly protocol: string
  /** Which connection carries it; the two lanes to a peer never share one. */
  readonly connectionId: string
  /** Fires when the stream has ended, for whatever reason. */
  readonly signal: AbortSignal
  /** Resolves when the stream has ended: with null after a clean end of both sides. Never rejects. */
  readonly closed: Promise<NetError | null>
  /**
   * Sends one frame. Resolves when the stream has taken it, which does not prove receipt.
   *
   * An abort or a timeout in the middle of a frame resets the stream.
   *
   * @throws FRAME_TOO_LARGE, STREAM_CLOSED, STREAM_RESET, IDLE_TIMEOUT, the signal's reason
   */
  send(header: Uint8Array, body?: readonly Uint8Array[], options?: SendOptions): Promise<void>
  /**
   * The next frame; null once the far side has half-closed.
   *
   * A fault or an idle timeout resets the stream; an abort of the signal does not.
   *
   * @throws FRAME_TOO_LARGE, TRUNCATED_FRAME, STREAM_CLOSED, STREAM_RESET, IDLE_TIMEOUT, the
   * signal's reason
   */
  receive(options?: ReceiveOptions): Promise<Frame | null>
  /** Half-closes: nothing more will be sent, the far side may still answer. */
  closeWrite(options?: AbortOptions): Promise<void>
  /** Half-closes, drops what still comes and waits a little for the far side's end. */
  close(options?: AbortOptions): Promise<void>
  /** Resets the stream: both sides see an error, unsent bytes are dropped. */
  abort(error: Error): void
}

/** What a channel needs besides its stream. */
export interface FrameChannelInit {
  readonly maxHeaderBytes?: number | undefined
  readonly maxBodyBytes?: number | undefined
  readonly metrics: NetMetrics
}

/**
 * Frames a libp2p stream.
 *
 * Invariant: call it in the turn in which the stream was handed over, before any await.
 */
export function createFrameChannel(
  stream: Stream,
  connection: Connection,
  init: FrameChannelInit,
): FrameChannel {
  return new StreamFrameChannel(stream, connection, init)
}

class StreamFrameChannel implements FrameChannel {
  readonly remotePeer: string
  readonly protocol: string
  readonly connectionId: string
  readonly closed: Promise<NetError | null>
  readonly #stream: Stream
  readonly #init: FrameChannelInit
  readonly #decoder = createFrameDecoder()
  readonly #reader: PacedReader
  readonly #sending = createSerial()
  readonly #receiving = createSerial()
  readonly #ended = new AbortController()
  /** Why this side gave the stream up, if it did. */
  #failure: Error | null = null

  constructor(stream: Stream, connection: Connection, init: FrameChannelInit) {
    this.#stream = stream
    this.#init = init
    this.#reader = new PacedReader(stream, this.#decoder)
    this.remotePeer = connection.remotePeer.toString()
    this.protocol = stream.protocol
    this.connectionId = connection.id
    const { promise, resolve } = Promise.withResolvers<NetError | null>()
    this.closed = promise
    const onClose = (event?: StreamCloseEvent): void => {
      const error = event?.error === undefined && !this.#cutShort() ? null : this.#ending()
      this.#ended.abort(error ?? netError('STREAM_CLOSED', 'the stream has ended'))
      resolve(error)
    }
    if (stream.status === 'open') stream.addEventListener('close', onClose, { once: true })
    else onClose()
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  async send(
    header: Uint8Array,
    body: readonly Uint8Array[] = [],
    options: SendOptions = {},
  ): Promise<void> {
    const bodyLength = totalLength(body)
    if (header.byteLength > MAX_FRAME_PART_BYTES || bodyLength > MAX_FRAME_PART_BYTES) {
      throw netError('FRAME_TOO_LARGE', 'a frame part is longer than its length field can say')
    }
    const head = encodeFrameHead(header.byteLength, bodyLength)
    await inTurn(this.#sending, async () => this.#write([head, header, ...body], options), options)
    this.#count('framesSent', 'bytesSent', header.byteLength + bodyLength)
  }

  async receive(options: ReceiveOptions = {}): Promise<Frame | null> {
    return inTurn(this.#receiving, async () => this.#read(options), options)
  }

  async closeWrite(options: AbortOptions = {}): Promise<void> {
    const { signal } = options
    const section = async (): Promise<void> => {
      signal?.throwIfAborted()
      try {
        await this.#stream.close(signal === undefined ? {} : { signal })
      } catch (error) {
        if (signal?.aborted === true) throw error
        throw this.#ending(error)
      }
    }
    await inTurn(this.#sending, section, options)
  }

  async close(options: AbortOptions = {}): Promise<void> {
    const bounded = anySignal([options.signal], CLOSE_GRACE_MS)
    try {
      await this.closeWrite({ signal: bounded })
      await inTurn(this.#receiving, async () => this.#discard(bounded), { signal: bounded })
    } catch (error) {
      this.abort(asError(error))
      options.signal?.throwIfAborted()
    }
  }

  abort(error: Error): void {
    this.#failure ??= error
    this.#decoder.clear()
    this.#stream.abort(error)
  }

  async #write(parts: readonly Uint8Array[], options: SendOptions): Promise<void> {
    const { signal } = options
    const idleMs = options.idleMs ?? DEFAULT_SEND_IDLE_MS
    let begun = false
    try {
      for (const slice of slicesOf(parts)) {
        signal?.throwIfAborted()
        await writable(this.#stream, { signal, idleMs })
        if (this.#stream.writeStatus !== 'writable') throw this.#ending()
        begun = true
        this.#stream.send(slice)
      }
    } catch (error) {
      const failure = error instanceof MillraceError || isAbort(error) ? error : null
      if (begun || (failure === null && signal?.aborted !== true)) this.abort(asError(error))
      throw signal?.aborted === true ? error : (failure ?? this.#ending(error))
    }
  }

  async #read(options: ReceiveOptions): Promise<Frame | null> {
    const caps = {
      maxHeaderBytes:
        options.maxHeaderBytes ?? this.#init.maxHeaderBytes ?? DEFAULT_MAX_HEADER_BYTES,
      maxBodyBytes: options.maxBodyBytes ?? this.#init.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    }
    for (;;) {
      options.signal?.throwIfAborted()
      const { arrivals } = this.#reader
      const pulled = this.#decoder.pull(caps)
      if (!pulled.ok) throw this.#refuse(pulled.error)
      if (pulled.value !== null) {
        this.#reader.relieve()
        const { header, bodyLength } = pulled.value
        this.#count('framesReceived', 'bytesReceived', header.byteLength + bodyLength)
        return pulled.value
      }
      this.#reader.resume()
      if (this.#reader.arrivals !== arrivals) continue
      const state = this.#reader.state
      if (state === 'lost') throw this.#ending()
      if (state === 'ended') return this.#endOfStream()
      await this.#changed(options)
    }
  }

  async #changed(options: ReceiveOptions): Promise<void> {
    const within = this.#decoder.partial ? DEFAULT_FRAME_IDLE_MS : undefined
    try {
      await this.#reader.changed({ signal: options.signal, idleMs: options.idleMs ?? within })
    } catch (error) {
      if (options.signal?.aborted !== true) this.abort(asError(error))
      throw error
    }
  }

  #endOfStream(): null {
    if (!this.#decoder.partial) return null
    const error = netError('TRUNCATED_FRAME', 'the peer half-closed in the middle of a frame')
    this.abort(error)
    throw error
  }

  #refuse(fault: FrameFault): NetError {
    const error = netError('FRAME_TOO_LARGE', `a frame's ${fault.part} is longer than accepted`, {
      meta: { ...fault },
    })
    this.abort(error)
    return error
  }

  async #discard(signal: AbortSignal): Promise<void> {
    while (this.#reader.state === 'open') {
      const { arrivals } = this.#reader
      this.#decoder.clear()
      this.#reader.resume()
      if (this.#reader.arrivals !== arrivals || this.#reader.state !== 'open') continue
      await this.#reader.changed({ signal, idleMs: undefined })
    }
    this.#decoder.clear()
  }

  /** Whether the stream ended although the far side never said that it had finished. */
  #cutShort(): boolean {
    return !this.#reader.finished
  }

  /** Why the stream cannot be used any more. */
  #ending(cause?: unknown): NetError {
    if (this.#failure instanceof MillraceError) return this.#failure as NetError
    const { status } = this.#stream
    if (this.#failure !== null) {
      return netError('STREAM_CLOSED', 'the stream was given up', { cause: this.#failure })
    }
    if (status === 'open' || (status === 'closed' && !this.#cutShort())) {
      return netError('STREAM_CLOSED', 'the stream was already closed for writing', { cause })
    }
    return netError('STREAM_RESET', 'the peer or the connection ended the stream', {
      cause,
      meta: { status },
    })
  }

  #count(
    frames: 'framesSent' | 'framesReceived',
    bytes: 'bytesSent' | 'bytesReceived',
    n: number,
  ): void {
    const labels = { protocol: this.protocol }
    this.#init.metrics[frames].inc(labels)
    this.#init.metrics[bytes].inc(labels, n + FRAME_HEAD_BYTES)
  }
}

/** Waits for a turn and its end, or for the signal; what began then goes on unheard. */
async function inTurn<T>(
  serial: ReturnType<typeof createSerial>,
  section: () => Promise<T>,
  options: AbortOptions,
): Promise<T> {
  options.signal?.throwIfAborted()
  return raceSignal(serial(section), options)
}
