import { describe, expect, test } from 'vitest'
import { boundPrice, smoothPrice } from '../../../src/chain/gas-price-monitor.ts'

describe('the smoothed gas price', () => {
  test('takes a quarter of the way to a new price', () => {
    expect(smoothPrice(1000n, 2000n, 250)).toBe(1250n)
    expect(smoothPrice(2000n, 1000n, 250)).toBe(1750n)
  })

  test('arrives where the market stays', () => {
    for (const target of [0n, 7n, 10_000_000_007n]) {
      let price = 3_000_000_000n
      for (let i = 0; i < 200; i += 1) price = smoothPrice(price, target, 250)
      expect(price).toBe(target)
    }
  })

  test('stays between floor and cap', () => {
    expect(boundPrice(5n, 10n, undefined)).toBe(10n)
    expect(boundPrice(50n, 10n, 40n)).toBe(40n)
    expect(boundPrice(20n, 10n, 40n)).toBe(20n)
    expect(boundPrice(5n, 60n, 40n)).toBe(40n)
  })
})
