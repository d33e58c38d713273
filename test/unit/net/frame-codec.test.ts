import { describe, expect, test } from 'vitest'
import { concatBytes, utf8 } from '../../../src/lib/bytes.ts'
import { ChunkQueue } from '../../../src/net/chunk-queue.ts'
import {
  createFrameDecoder,
  encodeFrameHead,
  MAX_FRAME_PART_BYTES,
} from '../../../src/net/frame-codec.ts'

const CAPS = { maxHeaderBytes: 16, maxBodyBytes: 32 }

describe('the head of a frame', () => {
  test('is two big-endian lengths', () => {
    expect([...encodeFrameHead(1, 0x01020304)]).toEqual([0, 0, 0, 1, 1, 2, 3, 4])
    expect([...encodeFrameHead(MAX_FRAME_PART_BYTES, 0)]).toEqual([255, 255, 255, 255, 0, 0, 0, 0])
  })
})

describe('the decoder', () => {
  test('gives a frame once it is whole', () => {
    const decoder = createFrameDecoder()
    decoder.push(encodeFrameHead(2, 3))
    expect(decoder.pull(CAPS)).toEqual({ ok: true, value: null })
    decoder.push(utf8('hib'))
    expect(decoder.pull(CAPS)).toEqual({ ok: true, value: null })
    expect(decoder.partial).toBe(true)
    decoder.push(utf8('od'))
    const pulled = decoder.pull(CAPS)
    expect(pulled.ok && pulled.value?.header).toEqual(utf8('hi'))
    expect(pulled.ok && concatBytes(...(pulled.value?.body ?? []))).toEqual(utf8('bod'))
    expect(decoder.partial).toBe(false)
  })

  test('accepts a frame of nothing', () => {
    const decoder = createFrameDecoder()
    decoder.push(encodeFrameHead(0, 0))
    expect(decoder.pull({ maxHeaderBytes: 0, maxBodyBytes: 0 })).toEqual({
      ok: true,
      value: { header: new Uint8Array(0), body: [], bodyLength: 0 },
    })
  })

  test.each([
    ['header', 16, 0, 17, 0],
    ['body', 0, 32, 0, 33],
  ])('takes a %s at the cap and refuses one past it, from the head alone', (part, h, b, h2, b2) => {
    const fits = createFrameDecoder()
    fits.push(concatBytes(encodeFrameHead(h, b), new Uint8Array(h + b)))
    expect(fits.pull(CAPS)).toMatchObject({ ok: true, value: { bodyLength: b } })

    const decoder = createFrameDecoder()
    decoder.push(encodeFrameHead(h2, b2))
    expect(decoder.pull(CAPS)).toEqual({
      ok: false,
      error: { part, announcedBytes: h2 + b2, limitBytes: h + b },
    })
  })

  test('holds a body that drips in as few chunks', () => {
    const decoder = createFrameDecoder()
    const length = 300_000
    decoder.push(encodeFrameHead(0, length))
    for (let i = 0; i < length; i += 1) {
      decoder.push(Uint8Array.of(i & 255))
      if (i % 7 === 0) decoder.pull({ maxHeaderBytes: 0, maxBodyBytes: length })
    }
    const pulled = decoder.pull({ maxHeaderBytes: 0, maxBodyBytes: length })
    const body = pulled.ok ? (pulled.value?.body ?? []) : []
    expect(body.length).toBeLessThan(30)
    expect(concatBytes(...body).every((byte, i) => byte === (i & 255))).toBe(true)
  })

  test('does not copy a large body', () => {
    const decoder = createFrameDecoder()
    const chunk = new Uint8Array(100_000)
    decoder.push(encodeFrameHead(0, chunk.byteLength))
    decoder.push(chunk)
    const pulled = decoder.pull({ maxHeaderBytes: 0, maxBodyBytes: chunk.byteLength })
    expect(pulled.ok && pulled.value?.body[0]?.buffer).toBe(chunk.buffer)
  })
})

describe('the queue', () => {
  test('refuses to give what it does not hold', () => {
    const queue = new ChunkQueue()
    queue.push(utf8('abc'))
    expect(() => queue.take(4)).toThrow(RangeError)
  })
})
