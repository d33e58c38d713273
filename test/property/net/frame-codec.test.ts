import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, totalLength } from '../../../src/lib/bytes.ts'
import { createFrameDecoder, encodeFrameHead } from '../../../src/net/frame-codec.ts'
import { SEND_SLICE_BYTES } from '../../../src/net/limits.ts'
import { slicesOf } from '../../../src/net/paced-writer.ts'

const CAPS = { maxHeaderBytes: 1_000, maxBodyBytes: 20_000 }

const frames = fc.array(
  fc.record({
    header: fc.uint8Array({ maxLength: 40 }),
    body: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ minLength: 5_000, maxLength: 9_000 }),
    ),
  }),
  { maxLength: 6 },
)

function encode(list: readonly { header: Uint8Array; body: Uint8Array }[]): Uint8Array {
  return concatBytes(
    ...list.flatMap(({ header, body }) => [
      encodeFrameHead(header.byteLength, body.byteLength),
      header,
      body,
    ]),
  )
}

/** Cuts bytes at places given as fractions. */
function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = cuts.map((cut) => Math.floor(cut * bytes.byteLength)).sort((a, b) => a - b)
  return [...places, bytes.byteLength].map((end, i) => bytes.slice(places[i - 1] ?? 0, end))
}

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 })

describe('frames', () => {
  test('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(frames, cuts, fc.boolean(), (list, places, eager) => {
        const decoder = createFrameDecoder()
        const out: { header: Uint8Array; body: Uint8Array }[] = []
        const pullAll = (): void => {
          for (;;) {
            const pulled = decoder.pull(CAPS)
            expect(pulled.ok).toBe(true)
            if (!pulled.ok || pulled.value === null) return
            const { header, body, bodyLength } = pulled.value
            expect(totalLength(body)).toBe(bodyLength)
            out.push({ header, body: concatBytes(...body) })
          }
        }
        for (const chunk of split(encode(list), places)) {
          decoder.push(chunk)
          if (eager) pullAll()
        }
        pullAll()
        expect(out).toEqual(list)
        expect(decoder.partial).toBe(false)
      }),
    )
  })

  test('cut short are never taken for whole', () => {
    fc.assert(
      fc.property(frames, cuts, fc.double({ min: 0, max: 1, noNaN: true }), (list, places, end) => {
        const whole = encode(list)
        const kept = Math.floor(end * whole.byteLength)
        const decoder = createFrameDecoder()
        for (const chunk of split(whole.slice(0, kept), places)) decoder.push(chunk)
        let consumed = 0
        for (;;) {
          const pulled = decoder.pull(CAPS)
          if (!pulled.ok || pulled.value === null) break
          consumed += 8 + pulled.value.header.byteLength + pulled.value.bodyLength
        }
        expect(consumed).toBeLessThanOrEqual(kept)
        expect(decoder.partial).toBe(consumed < kept)
      }),
    )
  })

  test('with arbitrary bytes never hold more than was pushed, and never throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (chunks) => {
        const decoder = createFrameDecoder()
        for (const chunk of chunks) {
          decoder.push(chunk)
          if (!decoder.pull(CAPS).ok) break
        }
        expect(decoder.bufferedBytes).toBeLessThanOrEqual(totalLength(chunks))
      }),
    )
  })
})

describe('slices', () => {
  test('join to what was cut, none above the limit', () => {
    const chunk = fc
      .integer({ min: 0, max: 3 * SEND_SLICE_BYTES })
      .map((length) => new Uint8Array(length).map((_, i) => (i * 31 + length) & 255))
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 5 }), (chunks) => {
        const slices = [...slicesOf(chunks)]
        expect(slices.every((it) => it.byteLength > 0 && it.byteLength <= SEND_SLICE_BYTES)).toBe(
          true,
        )
        const joined = concatBytes(...slices.map((slice) => slice.subarray()))
        expect(Buffer.compare(joined, concatBytes(...chunks))).toBe(0)
      }),
      { numRuns: 20 },
    )
  })
})
