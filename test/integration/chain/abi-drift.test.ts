import { expect, test } from 'vitest'
import { findDrift } from '../../../scripts/build-contracts.ts'

test('the generated interfaces are those of the contracts', async () => {
  expect(await findDrift()).toEqual([])
})
