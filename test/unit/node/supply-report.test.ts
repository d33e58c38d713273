import { expect, test } from 'vitest'
import { formatSupply } from '../../../src/cli/market.ts'
import { supplyOf } from '../../../src/node/supply-report.ts'

const member = (stake: bigint, services: readonly string[], regions: readonly string[]) => ({
  orchestrator: '0x00000000000000000000000000000000000000f1' as const,
  stake,
  services,
  regions,
})

test('S45 supply is told for every service in every region, and pairs that nobody covers', () => {
  const members = [
    member(3n, ['CPU', 'GPU'], ['eu']),
    member(4n, ['CPU'], ['us', 'eu']),
    member(9n, [], ['eu']),
    member(1n, ['CPU'], []),
  ]
  const report = supplyOf(members, { services: ['Verify'], regions: [] })
  expect(report).toMatchObject({ orchestrators: 4, silent: 1 })
  expect(report.pairs).toEqual([
    { service: 'CPU', region: 'eu', orchestrators: 2, stake: 7n },
    { service: 'CPU', region: 'us', orchestrators: 1, stake: 4n },
    { service: 'GPU', region: 'eu', orchestrators: 1, stake: 3n },
    { service: 'GPU', region: 'us', orchestrators: 0, stake: 0n },
    { service: 'Verify', region: 'eu', orchestrators: 0, stake: 0n },
    { service: 'Verify', region: 'us', orchestrators: 0, stake: 0n },
  ])
  expect(report.uncovered).toHaveLength(3)
})

test('names that strangers published cannot steer a terminal', () => {
  const members = [member(1n, ['\u001b[2J\u202ebad'], ['eu\n'])]
  expect(formatSupply(supplyOf(members, { services: [], regions: [] }))).toMatch(
    /\?\[2J\?bad +eu\?/,
  )
})
