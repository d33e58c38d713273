import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Account,
  creditOf,
  emptyAccount,
  isCharged,
  shortfall,
  stepAccount,
} from '../../../src/exchange/account.ts'
import { exchangeLimits } from '../../../src/exchange/limits.ts'

const amount = fc.bigInt({ min: 0n, max: 10n ** 20n })
const event = fc.oneof(
  amount.map((paid) => ({ type: 'paid' as const, amount: paid })),
  fc.record({
    type: fc.constant('charged' as const),
    index: fc.bigInt({ min: 0n, max: 20n }),
    fee: amount,
    units: amount,
    inputHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  }),
)

describe('an account', () => {
  test('is what was paid less what was charged, charges an index once, and is never overdrawn', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let account: Account = emptyAccount
        let [paid, charged] = [0n, 0n]
        const indexes = new Set<bigint>()
        for (const one of events) {
          const isRefused =
            one.type === 'charged' && (indexes.has(one.index) || one.fee > paid - charged)
          if (isRefused) {
            expect(() => stepAccount(account, one)).toThrow(
              expect.objectContaining({ code: 'ASSERTION_FAILED' }),
            )
            continue
          }
          account = stepAccount(account, one)
          if (one.type === 'paid') paid += one.amount
          else {
            charged += one.fee
            indexes.add(one.index)
            expect(isCharged(account, one.index)).toBe(true)
          }
          expect(account).toMatchObject({
            credited: paid,
            debited: charged,
            segments: indexes.size,
          })
          expect(creditOf(account)).toBe(paid - charged)
          expect(creditOf(account)).toBeGreaterThanOrEqual(0n)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('takes no negative payment', () => {
    expect(() => stepAccount(emptyAccount, { type: 'paid', amount: -1n })).toThrow()
  })

  test('remembers as many charged indexes as its limit says, the newest', () => {
    const { maxRememberedIndexes, maxRecentCharges } = exchangeLimits
    const inputHash = new Uint8Array(32)
    let account = emptyAccount
    for (let index = 0n; index <= BigInt(maxRememberedIndexes); index += 1n) {
      account = stepAccount(account, { type: 'charged', index, inputHash, fee: 0n, units: 1n })
    }
    expect(account.charged).toHaveLength(maxRememberedIndexes)
    expect(account.recent.map(({ index }) => index)).toEqual(
      account.charged.slice(-maxRecentCharges),
    )
    expect([isCharged(account, 0n), isCharged(account, 1n)]).toEqual([false, true])
    expect(account.segments).toBe(maxRememberedIndexes + 1)
  })

  test('a shortfall is exactly what makes the fee covered beside what is reserved', () => {
    fc.assert(
      fc.property(amount, amount, amount, (credit, reserved, fee) => {
        const missing = shortfall(credit, reserved, fee)
        expect(missing).toBeGreaterThanOrEqual(0n)
        expect(credit + missing - reserved).toBeGreaterThanOrEqual(fee)
        if (missing > 0n) expect(credit + missing - reserved).toBe(fee)
      }),
    )
  })
})
