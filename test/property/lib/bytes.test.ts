import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bytesEqual,
  concatBytes,
  fromHex,
  fromUtf8,
  minimalUint,
  parseHex,
  readUint,
  toHex,
  totalLength,
  u64,
  u256,
  utf8,
  writeU256,
} from '../../../src/lib/bytes.ts'

const bytes = fc.uint8Array({ maxLength: 200 })
const uint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })

describe('hex', () => {
  test('round trips, with or without 0x, in either case', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const hex = toHex(value)
        expect(hex).toMatch(/^0x[0-9a-f]*$/)
        expect(fromHex(hex)).toEqual(value)
        expect(parseHex(hex.slice(2).toUpperCase())).toEqual(value)
      }),
    )
  })

  test('reads the bytes of a view, not of the buffer under it', () => {
    const whole = Uint8Array.of(1, 2, 3, 4)
    expect(toHex(whole.subarray(1, 3))).toBe('0x0203')
  })

  test.each(['0x1', 'abc', '0xzz', '0x 1', '1 ', 'xx', '0x0x'])('%j is refused', (text) => {
    expect(parseHex(text)).toBeNull()
    expect(() => fromHex(text)).toThrow(RangeError)
  })

  test('arbitrary text is parsed only when it is hex', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const isHex = /^(0x)?([0-9a-fA-F]{2})*$/.test(text)
        expect(parseHex(text) !== null).toBe(isHex)
      }),
    )
  })
})

describe('joining and comparing', () => {
  test('concatenation keeps every byte in order', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 8 }), (parts) => {
        const joined = concatBytes(...parts)
        expect([...joined]).toEqual(parts.flatMap((part) => [...part]))
        expect(joined.byteLength).toBe(totalLength(parts))
      }),
    )
  })

  test('equality is that of the content', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(bytesEqual(a, Uint8Array.from(a))).toBe(true)
        expect(bytesEqual(a, b)).toBe(toHex(a) === toHex(b))
      }),
    )
  })

  test('UTF-8 round trips and refuses what is not UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fromUtf8(utf8(text))).toBe(text)
      }),
    )
    expect(() => fromUtf8(Uint8Array.of(0xc3, 0x28))).toThrow()
  })
})

describe('integers', () => {
  test('256 bits round trip in 32 big-endian bytes, at any offset', () => {
    fc.assert(
      fc.property(uint256, fc.nat(40), (value, offset) => {
        expect(readUint(u256(value))).toBe(value)
        expect(toHex(u256(value))).toBe(`0x${value.toString(16).padStart(64, '0')}`)
        const target = new Uint8Array(offset + 32).fill(0xff)
        writeU256(target.subarray(offset), 0, value)
        expect(readUint(target.subarray(offset))).toBe(value)
        expect(target.subarray(0, offset).every((byte) => byte === 0xff)).toBe(true)
      }),
    )
  })

  test('minimal form round trips and has no leading zero', () => {
    fc.assert(
      fc.property(uint256, (value) => {
        const minimal = minimalUint(value)
        expect(readUint(minimal)).toBe(value)
        expect(minimal[0]).not.toBe(0)
      }),
    )
    expect(minimalUint(0n).byteLength).toBe(0)
  })

  test('what does not fit is refused', () => {
    expect(readUint(u256(2n ** 256n - 1n))).toBe(2n ** 256n - 1n)
    expect(() => u256(2n ** 256n)).toThrow(RangeError)
    expect(() => u256(-1n)).toThrow(RangeError)
    expect(() => minimalUint(-1n)).toThrow(RangeError)
    expect(() => readUint(new Uint8Array(33))).toThrow(RangeError)
  })

  test('64 bits order as bytes the way they order as numbers', () => {
    const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    fc.assert(
      fc.property(uint64, uint64, (a, b) => {
        expect(Math.sign(Buffer.compare(u64(a), u64(b)))).toBe(a < b ? -1 : a > b ? 1 : 0)
      }),
    )
  })
})
