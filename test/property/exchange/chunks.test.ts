import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashChunks, splitChunks } from '../../../src/exchange/chunks.ts'
import { toHex } from '../../../src/lib/bytes.ts'

const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 })
const cuts = fc.array(fc.nat(60), { minLength: 1, maxLength: 10 })

describe('a body in chunks', () => {
  test('is cut at the wanted lengths, whatever its chunks, without copying', () => {
    fc.assert(
      fc.property(chunks, cuts, (body, wanted) => {
        const whole = Buffer.concat(body)
        const lengths: number[] = []
        let left = whole.byteLength
        for (const length of wanted) {
          lengths.push(Math.min(length, left))
          left -= lengths.at(-1) as number
        }
        lengths.push(left)
        const parts = splitChunks(body, lengths)
        let at = 0
        for (const [i, part] of parts.entries()) {
          const end = at + (lengths[i] as number)
          expect(toHex(Buffer.concat(part))).toBe(toHex(whole.subarray(at, end)))
          for (const piece of part)
            expect(body.some(({ buffer }) => buffer === piece.buffer)).toBe(true)
          at = end
        }
      }),
      { numRuns: 300 },
    )
  })

  test('is refused when the lengths do not add up to it', () => {
    fc.assert(
      fc.property(chunks, cuts, (body, lengths) => {
        const has = Buffer.concat(body).byteLength
        const wants = lengths.reduce((sum, length) => sum + length, 0)
        fc.pre(has !== wants)
        expect(() => splitChunks(body, lengths)).toThrow(
          expect.objectContaining({ code: 'BODY_LENGTH_MISMATCH' }),
        )
      }),
    )
  })

  test('has one hash, however it is cut', () => {
    fc.assert(
      fc.property(chunks, (body) => {
        expect(toHex(hashChunks(body))).toBe(toHex(hashChunks([Buffer.concat(body)])))
      }),
    )
  })
})
