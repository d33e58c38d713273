import { err, ok, type Result } from '../lib/result.ts'
import { ChunkQueue } from './chunk-queue.ts'

/**
 * One frame of a stream protocol.
 *
 * Spec: u32 header length, u32 body length (both big endian), header, body.
 */
export interface Frame {
  /** A protobuf message; the protocol's own codec reads it. */
  readonly header: Uint8Array
  /** The body's chunks in order; never joined here. */
  readonly body: readonly Uint8Array[]
  /** Bytes in {@link Frame.body}. */
  readonly bodyLength: number
}

/** What a receiver accepts of the next frame. */
export interface FrameCaps {
  readonly maxHeaderBytes: number
  readonly maxBodyBytes: number
}

/** A frame that announces more than its receiver accepts. */
export interface FrameFault {
  readonly part: 'header' | 'body'
  readonly announcedBytes: number
  readonly limitBytes: number
}

/** Bytes before the header. */
export const FRAME_HEAD_BYTES = 8

/** The longest header or body that the head can announce. */
export const MAX_FRAME_PART_BYTES = 0xffff_ffff

/** Body bytes move from the queue into the frame in pieces of at least this size. */
const BODY_STEP_BYTES = 64 * 1024

/** The eight bytes before a frame's header. */
export function encodeFrameHead(headerLength: number, bodyLength: number): Uint8Array {
  const head = new Uint8Array(FRAME_HEAD_BYTES)
  const view = new DataView(head.buffer)
  view.setUint32(0, headerLength)
  view.setUint32(4, bodyLength)
  return head
}

/** Cuts a byte stream into frames, however it is split into chunks. */
export interface FrameDecoder {
  /** Bytes that arrived and belong to no frame's body yet. */
  readonly bufferedBytes: number
  /** Whether a frame has begun and is not complete. */
  readonly partial: boolean
  push(chunk: Uint8Array): void
  /**
   * The next frame, or null when more bytes are needed for it.
   *
   * The caps are checked when the head has arrived, before anything of the frame is kept.
   */
  pull(caps: FrameCaps): Result<Frame | null, FrameFault>
  /** Drops everything held. */
  clear(): void
}

interface Begun {
  readonly headerLength: number
  readonly bodyLength: number
  header: Uint8Array | null
  body: Uint8Array[]
  missing: number
}

/** A decoder for one direction of one stream. */
export function createFrameDecoder(): FrameDecoder {
  const queue = new ChunkQueue()
  let begun: Begun | null = null

  const begin = (): Begun | null => {
    if (queue.byteLength < FRAME_HEAD_BYTES) return null
    const head = queue.takeCopy(FRAME_HEAD_BYTES)
    const view = new DataView(head.buffer)
    const bodyLength = view.getUint32(4)
    const headerLength = view.getUint32(0)
    return { headerLength, bodyLength, header: null, body: [], missing: bodyLength }
  }

  return {
    get bufferedBytes() {
      return queue.byteLength
    },
    get partial() {
      return begun !== null || queue.byteLength > 0
    },
    push: (chunk) => queue.push(chunk),
    pull(caps) {
      begun ??= begin()
      if (begun === null) return ok(null)
      const fault = faultOf(begun, caps)
      if (fault !== null) return err(fault)
      if (begun.header === null) {
        if (queue.byteLength < begun.headerLength) return ok(null)
        begun.header = queue.takeCopy(begun.headerLength)
      }
      fill(begun, queue)
      if (begun.missing > 0) return ok(null)
      const { header, body, bodyLength } = begun
      begun = null
      return ok({ header, body, bodyLength })
    },
    clear() {
      queue.clear()
      begun = null
    },
  }
}

function faultOf(begun: Begun, caps: FrameCaps): FrameFault | null {
  if (begun.headerLength > caps.maxHeaderBytes) {
    return { part: 'header', announcedBytes: begun.headerLength, limitBytes: caps.maxHeaderBytes }
  }
  if (begun.bodyLength > caps.maxBodyBytes) {
    return { part: 'body', announcedBytes: begun.bodyLength, limitBytes: caps.maxBodyBytes }
  }
  return null
}

function fill(begun: Begun, queue: ChunkQueue): void {
  // Small pieces stay in the queue, which joins them; the body is a list of few, large chunks.
  if (queue.byteLength < Math.min(begun.missing, BODY_STEP_BYTES)) return
  const chunks = queue.take(Math.min(begun.missing, queue.byteLength))
  for (const chunk of chunks) {
    begun.body.push(chunk)
    begun.missing -= chunk.byteLength
  }
}
