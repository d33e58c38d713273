import { expect, test } from 'vitest'
import { runForge } from '../../../scripts/lib/forge.ts'

const SUITES = [
  'AccountsTest',
  'RedemptionTest',
  'InvariantsTest',
  'BondingInvariantsTest',
  'ExchangeTest',
  'VideosTest',
  'ExchangeInvariantsTest',
  'PaymentChannelsTest',
  'ChannelInvariantsTest',
]

test('fuzzed calls and sequences of calls move funds by the rules alone', async () => {
  const { code, output } = await runForge({ profile: 'short', output: 'keep' })
  expect(code, output).toBe(0)
  for (const suite of SUITES) {
    expect(output).toContain(`:${suite}\n`)
  }
  expect(output).toMatch(/ [1-9]\d* tests passed, 0 failed/)
}, 240_000)
