import {
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVFMT_FLAG_CUSTOM_IO,
  AVSEEK_CUR,
  AVSEEK_END,
  AVSEEK_SIZE,
} from 'node-av/constants'
import {
  type Codec,
  CodecContext,
  FFmpegError,
  type FilterContext,
  FilterGraph,
  FormatContext,
  Frame,
  InputFormat,
  IOContext,
  Packet,
} from 'node-av/lib'
import { MillraceError } from '../../lib/errors.ts'

/**
 * Thin helpers over the codec library's own calls, all synchronous: a worker does one job, so
 * nothing is gained by leaving its thread, and the pieces stay free of the high-level layer's
 * queues. Everything that is opened registers its release with a {@link Scope}.
 */

const IO_BUFFER_BYTES = 64 * 1024

/** Releases what it was given, last first, whatever happened. */
export interface Scope {
  onClose(release: () => void): void
}

/** Runs a section with a scope and releases everything at its end. */
export async function withScope<T>(section: (scope: Scope) => Promise<T>): Promise<T> {
  const releases: (() => void)[] = []
  try {
    return await section({ onClose: (release) => releases.push(release) })
  } finally {
    for (const release of releases.reverse()) {
      try {
        release()
      } catch {
        // What cannot be released dies with the worker, which is recycled after an error.
      }
    }
  }
}

/** Throws the code's error unless a return value of the library means success. */
export function check(returned: number, code: string, what: string): number {
  if (returned < 0) {
    const reason = FFmpegError.strerror(returned)
    throw new MillraceError(code, `${what}: ${reason}`, { meta: { reason } })
  }
  return returned
}

/** The value, or the code's error when the library had none. */
export function found<T>(value: T | null | undefined, code: string, what: string): T {
  if (value === null || value === undefined) throw new MillraceError(code, `${what} is missing`)
  return value
}

/** Lets pending events in: the death of the parent among them. */
export async function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Opens a file by the `file` protocol alone, whatever the path looks like. */
export function openFile(scope: Scope, path: string): FormatContext {
  const context = new FormatContext()
  context.allocContext()
  context.setOption('protocol_whitelist', 'file')
  check(context.openInputSync(`file:${path}`, null, null), 'UNREADABLE', 'cannot open the file')
  scope.onClose(() => context.closeInputSync())
  check(context.findStreamInfoSync(null), 'UNREADABLE', 'cannot read the streams of the file')
  return context
}

/**
 * Opens bytes as an MPEG transport stream and nothing else, without decoding a frame to guess at
 * stream details: hostile input never meets a decoder that has no limits set.
 */
export function openTransportStream(scope: Scope, bytes: Buffer): FormatContext {
  const io = new IOContext()
  let position = 0
  io.allocContextWithCallbacks(
    IO_BUFFER_BYTES,
    0,
    (size) => {
      if (position >= bytes.length) return null
      const chunk = bytes.subarray(position, position + size)
      position += chunk.length
      return chunk
    },
    null,
    (offset, whence) => {
      if (whence === AVSEEK_SIZE) return BigInt(bytes.length)
      const base = whence === AVSEEK_CUR ? position : whence === AVSEEK_END ? bytes.length : 0
      position = Math.max(0, Math.min(base + Number(offset), bytes.length))
      return BigInt(position)
    },
  )
  const context = new FormatContext()
  context.allocContext()
  context.pb = io
  context.setFlags(AVFMT_FLAG_CUSTOM_IO)
  const format = found(InputFormat.findInputFormat('mpegts'), 'DECODE_FAILED', 'the demuxer')
  check(context.openInputSync('', format, null), 'DECODE_FAILED', 'cannot open the segment')
  scope.onClose(() => {
    context.closeInputSync()
    io.freeContext()
  })
  return context
}

/** A codec context, not yet opened. */
export function allocCodec(scope: Scope, codec: Codec): CodecContext {
  const context = new CodecContext()
  context.allocContext3(codec)
  scope.onClose(() => context.freeContext())
  return context
}

/** A packet that is reused and freed at the end. */
export function allocPacket(scope: Scope): Packet {
  const packet = new Packet()
  packet.alloc()
  scope.onClose(() => packet.free())
  return packet
}

/** A frame that is reused and freed at the end. */
export function allocFrame(scope: Scope): Frame {
  const frame = new Frame()
  frame.alloc()
  scope.onClose(() => frame.free())
  return frame
}

/** A copy of a packet that shares its bytes and lives until the scope ends. */
export function keepPacket(scope: Scope, packet: Packet): Packet {
  const copy = found(packet.clone(), 'OUT_OF_MEMORY', 'a packet copy')
  scope.onClose(() => copy.free())
  return copy
}

/** Whether the library wants more input (`again`), is finished (`eof`) or gave something. */
export function outcome(returned: number, code: string, what: string): 'some' | 'again' | 'eof' {
  if (returned === AVERROR_EAGAIN) return 'again'
  if (returned === AVERROR_EOF) return 'eof'
  check(returned, code, what)
  return 'some'
}

/** Calls `take` with every frame that a decoder or a filter has ready. */
export function drain<T extends Frame | Packet>(
  holder: T,
  next: (holder: T) => number,
  code: string,
  take: (holder: T) => void,
): void {
  for (;;) {
    if (outcome(next(holder), code, 'the codec failed') !== 'some') return
    try {
      take(holder)
    } finally {
      holder.unref()
    }
  }
}

/**
 * A configured filter graph and its filters by name. Ends are named in the description itself, as
 * in `buffer@in=…` and `buffersink@out`; joining them from outside loses all but the first.
 */
export function buildGraph(
  scope: Scope,
  description: string,
  names: readonly string[],
): readonly FilterContext[] {
  const graph = new FilterGraph()
  graph.alloc()
  graph.nbThreads = 1
  scope.onClose(() => graph.free())
  const code = 'ENCODE_FAILED'
  check(graph.parsePtr(description, null, null), code, 'cannot build the filters')
  check(graph.configSync(), code, 'cannot configure the filters')
  return names.map((name) => found(graph.getFilter(name), code, `the filter ${name}`))
}

/** Sets private and generic codec options by name; an unknown one is a fault of ours. */
export function setOptions(
  target: { setOption(name: string, value: string): number },
  options: Readonly<Record<string, string | number>>,
): void {
  for (const [name, value] of Object.entries(options)) {
    check(target.setOption(name, String(value)), 'ENCODE_FAILED', `option ${name}`)
  }
}
