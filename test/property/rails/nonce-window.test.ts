import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ticketLimits } from '../../../src/rails/ticket/limits.ts'
import {
  admitNonces,
  emptyNonceWindow,
  hasNonce,
  isNonceInRange,
  nonceWindowCodec,
} from '../../../src/rails/ticket/nonce-window.ts'

const nonce = fc.integer({ min: 1, max: ticketLimits.maxNoncesPerParams })
const batches = fc.array(fc.array(nonce, { maxLength: 20 }), { maxLength: 20 })

describe('the nonce window', () => {
  test('admits each nonce once, whatever the batches, and knows exactly those', () => {
    fc.assert(
      fc.property(batches, (list) => {
        let window = emptyNonceWindow(7n)
        const seen = new Set<number>()
        for (const batch of list) {
          const fresh = [...new Set(batch)].filter((one) => !hasNonce(window, one))
          expect(new Set(fresh)).toEqual(new Set([...batch].filter((one) => !seen.has(one))))
          window = nonceWindowCodec.decode(nonceWindowCodec.encode(admitNonces(window, batch)))
          for (const one of batch) seen.add(one)
        }
        const held = Array.from({ length: ticketLimits.maxNoncesPerParams + 9 }, (_, one) => one)
        expect(new Set(held.filter((one) => hasNonce(window, one)))).toEqual(seen)
        expect(window).toMatchObject({ count: seen.size, expirationBlock: 7n })
      }),
    )
  })

  test('leaves the window it started from as it was', () => {
    const before = admitNonces(emptyNonceWindow(1n), [3])
    admitNonces(before, [4, 500])
    expect([3, 4, 500].map((one) => hasNonce(before, one))).toEqual([true, false, false])
  })

  test('holds 1 up to the limit and nothing else', () => {
    const { maxNoncesPerParams } = ticketLimits
    expect([1, maxNoncesPerParams].every(isNonceInRange)).toBe(true)
    expect([0, -1, 1.5, Number.NaN, maxNoncesPerParams + 1].some(isNonceInRange)).toBe(false)
  })
})
