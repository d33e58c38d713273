import { describe, expect, test } from 'vitest'
import { exposureLevel } from '../../../src/rails/ticket/exposure.ts'
import { emptyTopUp, planTopUp, type TopUpView } from '../../../src/rails/ticket/exposure-top-up.ts'

const init = { target: 100n, maxPerDay: 70n }
const funds = {
  deposit: 40n,
  withdrawRound: 0n,
  reserve: { fundsRemaining: 1n, claimedInCurrentRound: 0n },
}
const view: TopUpView = { day: 7, level: 'high', funds }

describe('a plan to top up', () => {
  test('raises the deposit to its target, under a name of its own', () => {
    expect(planTopUp(emptyTopUp, view, init)).toEqual({
      day: 7,
      spentWei: 60n,
      count: 1,
      pending: { id: 'top-up-0', amountWei: 60n },
    })
  })

  test('keeps to the allowance of a day, and has it anew the next', () => {
    const first = { ...planTopUp(emptyTopUp, view, init), pending: null }
    const second = planTopUp(first, view, init)
    expect(second).toMatchObject({ spentWei: 70n, pending: { id: 'top-up-1', amountWei: 10n } })
    const spent = { ...second, pending: null }
    expect(planTopUp(spent, view, init)).toBe(spent)
    expect(planTopUp(spent, { ...view, day: 8 }, init)).toMatchObject({
      day: 8,
      spentWei: 60n,
      pending: { id: 'top-up-2', amountWei: 60n },
    })
  })

  test.each<[string, Partial<TopUpView>]>([
    ['nothing presses', { level: 'ok' }],
    ['the deposit is at its target', { funds: { ...funds, deposit: 100n } }],
    ['the funds are being unlocked', { funds: { ...funds, withdrawRound: 12n } }],
  ])('is none while %s', (_what, over) => {
    expect(planTopUp(emptyTopUp, { ...view, ...over }, init)).toBe(emptyTopUp)
  })

  test('waits for the one before', () => {
    const pending = planTopUp(emptyTopUp, view, init)
    expect(planTopUp(pending, { ...view, day: 8 }, init)).toBe(pending)
  })
})

test('an exposure is high above its share of the deposit, and over above all of it', () => {
  const levelAt = (requiredWei: bigint) => exposureLevel({ requiredWei }, 1_000n, 800)
  expect([800n, 801n, 1_000n, 1_001n].map(levelAt)).toEqual(['ok', 'high', 'high', 'over'])
})
