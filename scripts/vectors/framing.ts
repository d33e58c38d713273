import { concatBytes, toHex, utf8 } from '../../src/lib/bytes.ts'
import { createFrameDecoder, encodeFrameHead } from '../../src/net/frame-codec.ts'
import { type FrameText, frameOf } from './json.ts'

/** Cuts a stream of bytes into frames and says how that ended. */
export function cutFrames(
  chunks: readonly Uint8Array[],
  caps: { maxHeaderBytes: number; maxBodyBytes: number },
) {
  const decoder = createFrameDecoder()
  const frames: FrameText[] = []
  let fault: 'FRAME_TOO_LARGE' | 'TRUNCATED_FRAME' | null = null
  for (const chunk of chunks) {
    decoder.push(chunk)
    for (;;) {
      const pulled = decoder.pull(caps)
      if (!pulled.ok) return { frames, fault: 'FRAME_TOO_LARGE' as const }
      if (pulled.value === null) break
      const { header, body: parts } = pulled.value
      frames.push({ header: toHex(header), body: toHex(concatBytes(...parts)) })
    }
  }
  if (decoder.partial) fault = 'TRUNCATED_FRAME'
  return { frames, fault }
}

/** How bytes become frames. */
export function framing() {
  const one = frameOf(utf8('header'), utf8('body'))
  const two = concatBytes(one, frameOf(utf8('next')))
  const caps = { maxHeaderBytes: 16, maxBodyBytes: 32 }
  const cases: [name: string, chunks: readonly Uint8Array[]][] = [
    ['header and body', [one]],
    ['two frames at once', [two]],
    ['a byte at a time', [...two].map((byte) => Uint8Array.of(byte))],
    ['a frame of nothing', [frameOf(new Uint8Array(0))]],
    ['header and body at their caps', [frameOf(new Uint8Array(16), new Uint8Array(32))]],
    ['header past its cap, refused by its head', [encodeFrameHead(17, 0)]],
    ['body past its cap, refused by its head', [encodeFrameHead(0, 33)]],
    ['end within the body', [one.subarray(0, -1)]],
    ['end within the head', [one.subarray(0, 7)]],
    ['end after a frame', [one]],
  ]
  return {
    caps,
    cases: cases.map(([name, chunks]) => ({
      name,
      chunks: chunks.map((chunk) => toHex(chunk)),
      ...cutFrames(chunks, caps),
    })),
  }
}
