import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { configTemplate } from '../../../src/node/config-template.ts'
import { parseConfig } from '../../../src/node/load-config.ts'

type Values = Record<string, unknown>

const ADDRESS = '0x0000000000000000000000000000000000000001'
const NAMES = ['ticketBroker', 'roundsManager', 'bondingManager', 'serviceRegistry']

/** The least config of both sides of the market, with one value set at a path. */
function withValue(path: string, value: unknown): Values {
  const config: Values = {
    roles: ['orchestrator', 'broadcaster'],
    wallet: { keyFile: 'wallet.key' },
    chain: {
      rpcUrl: 'http://127.0.0.1:8545',
      chainId: 1,
      contracts: Object.fromEntries(NAMES.map((name) => [name, ADDRESS])),
    },
    orchestrator: { pricePerUnit: 1200 },
  }
  const keys = path.split('.')
  const last = keys.pop() as string
  let node = config
  for (const key of keys) node = (node[key] ??= {}) as Values
  node[last] = value
  return config
}

function valueAt(config: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Values | undefined)?.[key], config)
}

// Whatever is a matter of opinion is the owner's: a key of the config, with a value that differs
// from the default and one past what is allowed.
describe.each<[string, readonly (readonly [path: string, other: unknown, wrong: unknown])[]]>([
  [
    'risk of what is signed and of what is taken',
    [
      ['broadcaster.tickets.maxEv', 7n, 'much'],
      ['broadcaster.tickets.exposure.quantile', 0.99, 2],
      ['orchestrator.tickets.maxFaceValue', 9n, -1],
      ['broadcaster.reputation.suspendMs', 20_000, 1],
    ],
  ],
  [
    'randomness of trials and spot checks',
    [
      ['broadcaster.selection.explore', 0.1, 0.9],
      ['orchestrator.pool.spotCheckOneIn', 3, 0],
    ],
  ],
  [
    'load that an orchestrator takes from anyone',
    [
      ['orchestrator.slots', 3, 0],
      ['orchestrator.maxInFlight', 1, 99],
      ['orchestrator.quoteTtlMs', 5_000, 1],
      ['orchestrator.pool.maxWorkers', 2, 0],
    ],
  ],
  [
    'redundancy and failover',
    [
      ['broadcaster.redundancy', 3, 4],
      ['broadcaster.hedgeBudget', 0.5, 1.5],
      ['broadcaster.patienceMs', 5, -1],
    ],
  ],
  [
    'price discovery',
    [
      ['broadcaster.selection.preset', 'cheapest', 'dearest'],
      ['broadcaster.table.size', 3, 0],
      ['broadcaster.table.refreshMs', 5_000, 1],
      ['broadcaster.minStake', 5n, 'lots'],
    ],
  ],
  [
    'how early work begins: the length of segments, and how many are under way',
    [
      ['broadcaster.segmentMs', 500, 499],
      ['broadcaster.maxInFlight', 8, 17],
    ],
  ],
])('S41 is a policy of the owner: %s', (_policy, keys) => {
  test.each(keys)('%s', (path, other, wrong) => {
    const written = typeof other === 'bigint' ? String(other) : other
    const given = valueAt(parseConfig(withValue('logLevel', 'info')), path)
    expect(given).not.toEqual(other)
    expect(valueAt(parseConfig(withValue(path, written)), path)).toEqual(other)
    expect(() => parseConfig(withValue(path, wrong))).toThrow(path)
  })

  test('is explained in the config that init writes', () => {
    for (const [path] of keys) {
      const role = path.startsWith('broadcaster') ? 'broadcaster' : 'orchestrator'
      const [name] = path.split('.').slice(-1)
      const isSet = valueAt(parse(configTemplate(role)), path) !== undefined
      expect(isSet || configTemplate(role).includes(`# ${name}:`)).toBe(true)
    }
  })
})
