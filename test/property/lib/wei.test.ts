import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ceilDiv,
  compareRatio,
  formatRatio,
  formatWei,
  maxBig,
  minBig,
  parseRatio,
  parseWei,
  priceOf,
  reduceRatio,
} from '../../../src/lib/wei.ts'

const amount = fc.bigInt({ min: 0n, max: 2n ** 128n })
const positive = fc.bigInt({ min: 1n, max: 2n ** 128n })
const ratio = fc.record({ num: amount, den: positive })

describe('amounts', () => {
  test.each([
    ['0', 0n],
    ['12', 12n],
    ['12wei', 12n],
    ['8gwei', 8_000_000_000n],
    ['1.5 gwei', 1_500_000_000n],
    [' 0.5 ETHER ', 500_000_000_000_000_000n],
    ['0.000000000000000001eth', 1n],
    ['1.50 wei', null],
    ['1.00 wei', 1n],
    ['0.0000000000000000001eth', null],
    ['-1', null],
    ['1e18', null],
    ['0x10', null],
    ['', null],
    ['gwei', null],
    ['1 finney', null],
    ['1.', null],
    ['.5', null],
    ['1,5', null],
    ['1 constructor', null],
  ])('%j is %s wei', (text, wei) => {
    expect(parseWei(text)).toBe(wei)
  })

  test('a formatted amount parses to itself', () => {
    fc.assert(
      fc.property(amount, (wei) => {
        expect(parseWei(formatWei(wei))).toBe(wei)
      }),
    )
  })

  test('are shown in a unit that keeps them readable', () => {
    expect(formatWei(0n)).toBe('0 wei')
    expect(formatWei(1_500_000_000n)).toBe('1.5 gwei')
    expect(formatWei(10n ** 18n)).toBe('1 ETH')
    expect(formatWei(-(10n ** 15n))).toBe('-0.001 ETH')
  })
})

describe('what is owed', () => {
  test('is the least whole amount that is not below units times price', () => {
    fc.assert(
      fc.property(amount, ratio, (units, price) => {
        const owed = priceOf(units, price)
        expect(owed * price.den >= units * price.num).toBe(true)
        expect(owed === 0n || (owed - 1n) * price.den < units * price.num).toBe(true)
      }),
    )
  })

  test('division rounds up', () => {
    expect([ceilDiv(0n, 3n), ceilDiv(1n, 3n), ceilDiv(3n, 3n), ceilDiv(4n, 3n)]).toEqual([
      0n,
      1n,
      1n,
      2n,
    ])
  })

  test('the smaller and the larger', () => {
    expect([minBig(1n, 2n), minBig(2n, 1n), maxBig(1n, 2n), maxBig(2n, 1n)]).toEqual([
      1n,
      1n,
      2n,
      2n,
    ])
  })
})

describe('ratios', () => {
  test('reduce to lowest terms without changing their value', () => {
    fc.assert(
      fc.property(ratio, positive, (value, factor) => {
        const reduced = reduceRatio({ num: value.num * factor, den: value.den * factor })
        expect(compareRatio(reduced, value)).toBe(0)
        expect(reduceRatio(value)).toEqual(reduced)
        expect(reduced.den > 0n).toBe(true)
      }),
    )
  })

  test('order like the fractions they are', () => {
    fc.assert(
      fc.property(ratio, ratio, (a, b) => {
        expect(compareRatio(a, b)).toBe(-compareRatio(b, a) + 0)
        expect(compareRatio(a, a)).toBe(0)
        expect(compareRatio({ num: a.num + a.den, den: a.den }, a)).toBe(1)
      }),
    )
  })

  test('a formatted ratio parses to itself', () => {
    fc.assert(
      fc.property(ratio, (value) => {
        const reduced = reduceRatio(value)
        expect(parseRatio(formatRatio(reduced))).toEqual(reduced)
      }),
    )
  })

  test.each([
    ['3/2', { num: 3n, den: 2n }],
    [' 6 / 4 ', { num: 3n, den: 2n }],
    ['1500', { num: 1500n, den: 1n }],
    ['0.25', { num: 1n, den: 4n }],
    ['0', { num: 0n, den: 1n }],
    ['0/7', { num: 0n, den: 1n }],
    ['1/0', null],
    ['-1/2', null],
    ['1/-2', null],
    ['1/2/3', null],
    ['0.5/2', null],
    ['half', null],
    ['', null],
  ])('%j is %o', (text, value) => {
    expect(parseRatio(text)).toEqual(value)
  })
})
