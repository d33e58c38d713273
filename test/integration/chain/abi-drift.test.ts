import { expect, test } from 'vitest'
import { findDrift } from '../../../scripts/build-contracts.ts'

// The compiler alone takes ten seconds of an idle core.
const timeoutMs = 240_000

test(
  'the generated interfaces are those of the contracts',
  async () => {
    expect(await findDrift()).toEqual([])
  },
  timeoutMs,
)
