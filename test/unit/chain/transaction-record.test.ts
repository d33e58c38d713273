import { describe, expect, test } from 'vitest'
import { capFees, replacementFees } from '../../../src/chain/transaction-record.ts'

const fees = (maxFeePerGas: bigint, maxPriorityFeePerGas: bigint) => {
  return { maxFeePerGas, maxPriorityFeePerGas }
}

describe('the fees of a replacement', () => {
  test('rise by an eighth, rounded up', () => {
    expect(replacementFees(fees(1000n, 81n), fees(0n, 0n), undefined)).toEqual(fees(1125n, 92n))
  })

  test('follow the market when it is higher', () => {
    expect(replacementFees(fees(100n, 10n), fees(500n, 40n), undefined)).toEqual(fees(500n, 40n))
  })

  test('stop at the cap while a node would still take them, and then there are none', () => {
    expect(replacementFees(fees(1000n, 100n), fees(0n, 0n), 1110n)).toEqual(fees(1110n, 113n))
    expect(replacementFees(fees(1000n, 100n), fees(0n, 0n), 1100n)).toEqual(fees(1100n, 113n))
    expect(replacementFees(fees(1000n, 100n), fees(0n, 0n), 1099n)).toBeNull()
    expect(replacementFees(fees(1000n, 1000n), fees(0n, 0n), 1099n)).toBeNull()
  })
})

test('a tip never exceeds the whole fee', () => {
  expect(capFees(fees(100n, 90n), 50n)).toEqual(fees(50n, 50n))
  expect(capFees(fees(100n, 10n), 100n)).toEqual(fees(100n, 10n))
})
