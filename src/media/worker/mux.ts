import { AVFMT_FLAG_CUSTOM_IO } from 'node-av/constants'
import {
  type CodecParameters,
  FormatContext,
  IOContext,
  type Packet,
  Rational,
  type Stream,
} from 'node-av/lib'
import { MillraceError } from '../../lib/errors.ts'
import { MAX_SEGMENT_BYTES } from '../limits.ts'
import { check, type Scope, setOptions } from './native.ts'

/** Bytes of one transport packet on the output's write buffer; 7 of them make the usual unit. */
const WRITE_BUFFER_BYTES = 188 * 7 * 32

/** Writes one MPEG-TS segment to memory. Timestamps are kept as they come. */
export interface SegmentWriter {
  addStream(parameters: CodecParameters, timeBase: { num: number; den: number }): Stream
  /** Takes packets in decode order over all streams; times in the base given for the stream. */
  write(packet: Packet, stream: number): void
  finish(): Buffer
}

/** Opens a writer; the header goes out with the first packet. */
export function createSegmentWriter(scope: Scope): SegmentWriter {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  const io = new IOContext()
  io.allocContextWithCallbacks(WRITE_BUFFER_BYTES, 1, null, (chunk) => {
    sizeBytes += chunk.length
    // The library reuses its buffer after the callback returns.
    chunks.push(Buffer.from(chunk))
    return chunk.length
  })
  const context = new FormatContext()
  const code = 'ENCODE_FAILED'
  check(context.allocOutputContext2(null, 'mpegts', null), code, 'cannot open the muxer')
  context.pb = io
  context.setFlags(AVFMT_FLAG_CUSTOM_IO)
  // Without these the muxer moves every timestamp by its own delay, once more at each hop.
  setOptions(context, { max_delay: 0, avoid_negative_ts: 'disabled', mpegts_copyts: 1 })
  scope.onClose(() => {
    context.pb = null
    context.freeContext()
    io.freeContext()
  })
  const bases: { num: number; den: number }[] = []
  let begun = false
  return {
    addStream(parameters, timeBase) {
      const stream = context.newStream(null)
      check(parameters.copy(stream.codecpar), code, 'cannot describe a stream')
      stream.codecpar.codecTag = 0
      stream.timeBase = new Rational(timeBase.num, timeBase.den)
      bases.push(timeBase)
      return stream
    },
    write(packet, index) {
      if (!begun) check(context.writeHeaderSync(null), code, 'cannot write the header')
      begun = true
      const stream = context.streams[index] as Stream
      packet.streamIndex = index
      packet.rescaleTs(bases[index] as { num: number; den: number }, stream.timeBase)
      check(context.interleavedWriteFrameSync(packet), code, 'cannot write a packet')
      if (sizeBytes > MAX_SEGMENT_BYTES) {
        throw new MillraceError('TOO_LARGE', 'a written segment has more bytes than allowed', {
          meta: { sizeBytes, allowed: MAX_SEGMENT_BYTES },
        })
      }
    },
    finish() {
      if (begun) check(context.writeTrailerSync(), code, 'cannot write the trailer')
      io.flushSync()
      return Buffer.concat(chunks)
    },
  }
}
