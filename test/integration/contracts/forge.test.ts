import { expect, test } from 'vitest'
import { runForge } from '../../../scripts/lib/forge.ts'

test('fuzzed calls and sequences of calls move funds by the rules alone', async () => {
  const { code, output } = await runForge({ profile: 'short', output: 'keep' })
  expect(code, output).toBe(0)
  const suites = ['AccountsTest', 'RedemptionTest', 'InvariantsTest', 'BondingInvariantsTest']
  for (const suite of suites) {
    expect(output).toContain(`:${suite}\n`)
  }
  expect(output).toMatch(/ [1-9]\d* tests passed, 0 failed/)
}, 240_000)
