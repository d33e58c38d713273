import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { MillraceError } from '../../../src/lib/errors.ts'
import { configTemplate } from '../../../src/node/config-template.ts'
import { loadConfig, parseConfig } from '../../../src/node/load-config.ts'

type Values = Record<string, unknown>

const ADDRESS = '0x0000000000000000000000000000000000000001'

/** The least that both roles need. */
function least(): Values {
  return {
    roles: ['orchestrator', 'broadcaster'],
    wallet: { keyFile: 'wallet.key' },
    chain: {
      rpcUrl: 'http://127.0.0.1:8545',
      chainId: 1,
      contracts: {
        ticketBroker: ADDRESS,
        roundsManager: ADDRESS,
        bondingManager: ADDRESS,
        serviceRegistry: ADDRESS,
      },
    },
    orchestrator: { pricePerUnit: 1200 },
  }
}

/** The least with one value set, at a path such as `chain.chainId`; undefined takes it away. */
function withValue(path: string, value: unknown): Values {
  const config = least()
  const keys = path.split('.')
  const last = keys.pop() as string
  let node = config
  for (const key of keys) node = (node[key] ??= {}) as Values
  if (value === undefined) delete node[last]
  else node[last] = value
  return config
}

function complaintOf(raw: unknown): string {
  try {
    parseConfig(raw)
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'CONFIG_INVALID') return error.message
    throw error
  }
  return 'accepted'
}

describe('a config value that is not allowed is named with its key and what is allowed', () => {
  test.each<[string, unknown, string]>([
    ['roles', ['miner'], '"broadcaster"|"orchestrator"'],
    ['roles', [], '>=1'],
    ['logLevel', 'loud', '"debug"|"info"|"warn"|"error"'],
    ['dataDirectory', '', '>=1'],
    ['wallet', undefined, 'expected object'],
    ['wallet.keyFile', 12, 'expected string'],
    ['chain', undefined, 'expected object'],
    ['chain.rpcUrl', 'ftp://x', 'http(s) or ws(s)'],
    ['chain.chainId', '1', 'expected number'],
    ['chain.chainId', 0, '>0'],
    ['chain.contracts.ticketBroker', '0x12', '40 hex digits'],
    ['chain.contracts.ticketBroker', `0x${'aA'.repeat(20)}`, 'checksum'],
    ['chain.contracts.serviceRegistry', undefined, 'expected string'],
    ['chain.contracts', undefined, 'profile: livepeer and controller'],
    ['chain.contracts', 'here', 'the four addresses'],
    ['chain.contracts', { profile: 'mine' }, 'livepeer, with the address of the controller'],
    ['chain.contracts', { profile: 'livepeer' }, 'expected string'],
    ['chain.contracts', { controller: '0x12' }, '40 hex digits'],
    ['chain.initializeRounds', 'yes', 'expected boolean'],
    ['chain.pollIntervalMs', 10, '>=50'],
    ['chain.minGasPrice', 'cheap', '8gwei'],
    ['chain.minGasPrice', 1.5, '8gwei'],
    ['chain.maxGasPrice', null, '8gwei'],
    ['network.listen', '/ip4/127.0.0.1/tcp/1', 'expected array'],
    ['network.listen', [], '>=1'],
    ['network.listen', ['127.0.0.1:4001'], '/ip4/127.0.0.1/tcp/4001'],
    ['network.bootstrap', ['x'], '/ip4/127.0.0.1/tcp/4001'],
    ['network.allowLoopback', 1, 'expected boolean'],
    ['http.host', '', '>=1'],
    ['http.port', 70_000, '<=65535'],
    ['broadcaster.service', 'a b', '1 to 64 letters'],
    ['broadcaster.region', 5, '"" for any'],
    ['broadcaster.profiles', ['999p'], '720p'],
    ['broadcaster.profiles', [{ name: 'x', width: 3 }], 'for width'],
    ['broadcaster.profiles', [], '>=1'],
    ['broadcaster.segmentMs', 1, '>=500'],
    ['broadcaster.maxPricePerUnit', 'free', 'wei per pixel'],
    ['broadcaster.maxPricePerUnit', [1], 'wei per pixel'],
    ['broadcaster.minStake', -1, '>=0'],
    ['orchestrator.services', ['h264:1080p>'], 'a pair such as'],
    ['discovery.mode', 'luck', '"gossip"|"registry"|"static"'],
    ['discovery.peers', ['/ip4/10.0.0.1/tcp/1'], 'with a peer id'],
    ['discovery', { mode: 'static' }, 'one or more where mode is static'],
    ['broadcaster.prefer', ['me'], '40 hex digits'],
    ['broadcaster.selection.preset', 'best', '"balanced"|"cheapest"'],
    ['broadcaster.selection.weights.price', -1, '>=0'],
    ['broadcaster.selection.explore', 0.6, '<=0.5'],
    ['broadcaster.table.size', 0, '>=1'],
    ['broadcaster.table.refreshMs', 10, '>=1000'],
    ['broadcaster.reputation.halfLifeMs', 1, '>=60000'],
    ['broadcaster.playlistSegments', 'some', '3 to 1000'],
    ['broadcaster.playlistSegments', 2, '>=3'],
    ['broadcaster.tickets.maxEv', 'x', '8gwei'],
    ['broadcaster.tickets.depositMultiplier', 0, '>0'],
    ['broadcaster.streams', [{ name: 'a b', input: 'x' }], '1 to 64 letters'],
    ['broadcaster.streams', [{ name: 'a' }], 'expected string'],
    ['broadcaster.streams', [{ name: 'a', input: 'x', pace: 'slow' }], '"fast"|"realtime"'],
    ['orchestrator', undefined, 'orchestrator.pricePerUnit must be set'],
    ['orchestrator.pricePerUnit', undefined, 'wei per pixel'],
    ['orchestrator.pricePerUnit', '3/0', 'wei per pixel'],
    ['orchestrator.slots', 0, '>=1'],
    ['orchestrator.advert.ttlMs', 1, '>=5000'],
    ['orchestrator.tickets.ticketsPerSegment', 51, '<=50'],
    ['orchestrator.transcoding.backend', 'gpu', '"auto"|"node-av"|"system"'],
    ['orchestrator.transcoding.workers', 0, '>=1'],
    ['orchestrator.redeemer', { peerId: 'x', addresses: [] }, '12D3KooW'],
    ['orchestrator.redeemer.peerId', '0x12', '12D3KooW'],
    ['orchestrator.redeemer.addresses', [], '>=1'],
    ['redeemer.orchestrators', [], 'an empty list serves nobody'],
    ['redeemer.orchestrators', ['everybody'], 'a peer id, 12D3KooW…, or an EVM address'],
    ['redeemer.orchestrators', undefined, 'peer ids or accounts'],
    ['redeemer.concurrency', 0, '>=1'],
  ])('%s: %j', (path, value, allowed) => {
    const said = complaintOf(withValue(path, value))
    const about = said.split('\n').find((line) => line.startsWith(`  ${path}`)) ?? said
    expect(about).toContain(path)
    if (value === undefined) expect(about).toMatch(/missing|required/)
    else if (typeof value !== 'object') expect(about).toContain(JSON.stringify(value))
    expect(about).toContain(allowed)
    expect(said).not.toContain('Invalid')
  })

  test('a key that is unknown, with those that are known there', () => {
    expect(complaintOf(withValue('broadcaster.tickets.maxValue', 1))).toContain(
      'broadcaster.tickets.maxValue: no such key; allowed: maxEv, maxTotalEv, depositMultiplier',
    )
    const inList = withValue('broadcaster.streams', [{ name: 'a', input: 'b', speed: 2 }])
    expect(complaintOf(inList)).toContain('broadcaster.streams.0.speed: no such key; allowed: name')
    expect(complaintOf({ ...least(), price: 1 })).toMatch(/^ {2}price: no such key; .*roles/m)
  })

  test('a key of the contracts, with those that their profile has', () => {
    const own = { ...(least()['chain'] as { contracts: Values }).contracts }
    const keys = 'profile, ticketBroker, roundsManager, bondingManager, serviceRegistry'
    const said = (contracts: Values) => complaintOf(withValue('chain.contracts', contracts))
    const both = said({ ...own, profile: 'own', controller: ADDRESS })
    expect(both).toContain(`chain.contracts.controller: no such key; allowed: ${keys}`)
    expect(both).not.toContain(', controller')
    expect(said({ ...own, profile: 'livepeer', controller: ADDRESS })).toContain(
      'chain.contracts.ticketBroker, chain.contracts.roundsManager',
    )
    expect(said({ controller: ADDRESS, broker: ADDRESS })).toContain(
      `chain.contracts.broker: no such key; allowed: ${keys}, controller`,
    )
  })

  test('all of them at once, each once', () => {
    const raw = withValue('network.listen', '/ip4/127.0.0.1/tcp/1')
    const lines = complaintOf({ ...raw, logLevel: 'loud', surprise: 1 })
      .split('\n')
      .slice(1)
    const keys = lines.map((line) => /^ {2}([\w.]+)/.exec(line)?.[1])
    expect(keys).toHaveLength(3)
    expect(new Set(keys)).toEqual(new Set(['logLevel', 'network.listen', 'surprise']))
  })

  test('never a secret', () => {
    expect(complaintOf(withValue('http.token', 'hunter2'))).toContain('16 characters')
    for (const path of ['http.token', 'wallet.privateKey']) {
      expect(complaintOf(withValue(path, 'hunter2'))).not.toContain('hunter2')
    }
  })

  test.each([null, 12, 'text', [], undefined])('a file that holds %j', (raw) => {
    expect(complaintOf(raw)).toContain('must hold keys and values')
  })
})

describe('a redeemer', () => {
  const PEER = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'
  const alone = (own: unknown): Values => ({ ...least(), roles: ['redeemer'], redeemer: own })

  test('needs to know for whom it works', () => {
    expect(complaintOf(alone(undefined))).toContain('redeemer.orchestrators must be set')
    expect(complaintOf(alone({ orchestrators: [PEER, ADDRESS] }))).toBe('accepted')
  })

  test('is a node of its own', () => {
    const both = { ...alone({ orchestrators: [PEER] }), roles: ['redeemer', 'orchestrator'] }
    expect(complaintOf(both)).toContain('allowed: redeemer or orchestrator')
  })

  test('is named by its peer id, the same in its addresses', () => {
    const named = (...addresses: string[]): string =>
      complaintOf(withValue('orchestrator.redeemer', { peerId: PEER, addresses }))
    expect(named('/ip4/10.0.0.5/tcp/4001', `/ip4/10.0.0.5/tcp/4001/p2p/${PEER}`)).toBe('accepted')
    const other = PEER.replace(/5$/, '6')
    expect(named(`/ip4/10.0.0.5/tcp/4001/p2p/${other}`)).toContain('the peerId beside them')
  })
})

describe('checks', () => {
  test('need the contracts to be named, by whoever pays or is paid for work by them', () => {
    for (const role of ['orchestrator', 'broadcaster']) {
      const config = { ...withValue(`${role}.rails`, ['check']), roles: [role] }
      expect(complaintOf(config)).toContain('chain.media is missing; required by the rail check')
    }
    const contracts = { mediaExchange: ADDRESS, userRegistry: ADDRESS, videoRegistry: ADDRESS }
    const config = withValue('orchestrator.rails', ['check']) as Values
    const chain = { ...(config['chain'] as Values), media: contracts }
    expect(complaintOf({ ...config, chain })).toBe('accepted')
  })

  test('what a role of the market says of a rail goes for the whole node', () => {
    const { earning } = parseConfig(withValue('orchestrator.tickets', { ticketsPerSegment: 7 }))
    expect(earning.tickets.ticketsPerSegment).toBe(7)
    expect(earning.rails).toEqual(['check'])
  })
})

describe('channels', () => {
  test('need the contract to be named, by whoever pays, is paid or watches', () => {
    const needed = 'chain.paymentChannels'
    expect(complaintOf(withValue('orchestrator.rails', ['channel']))).toContain(needed)
    const tower = { ...least(), roles: ['watchtower'] }
    expect(complaintOf(tower)).toContain('role watchtower')
    const chain = { ...((tower as Values)['chain'] as Values), paymentChannels: ADDRESS }
    expect(complaintOf({ ...tower, chain })).toBe('accepted')
  })

  test('are named among the rails once, in the order of preference', () => {
    expect(complaintOf(withValue('orchestrator.rails', ['cash']))).toContain('orchestrator.rails')
    expect(complaintOf(withValue('orchestrator.rails', []))).toContain('orchestrator.rails')
    expect(complaintOf(withValue('orchestrator.rails', ['ticket', 'ticket']))).toContain(
      'each rail once',
    )
  })
})

describe('a config that is good', () => {
  test.each(['orchestrator', 'broadcaster', 'redeemer', 'watchtower'] as const)(
    '%s: the template as it is',
    (role) => {
      const config = parseConfig(parse(configTemplate(role)))
      expect(config.roles).toEqual([role])
    },
  )

  test.each(['orchestrator', 'broadcaster'] as const)(
    '%s: the values written out in the template are the defaults',
    (role) => {
      const written = parse(configTemplate(role)) as Values
      const own = role === 'orchestrator' ? { pricePerUnit: 1200 } : {}
      const bare = { roles: [role], wallet: written['wallet'], [role]: own }
      const { rpcUrl, chainId, contracts } = written['chain'] as Values
      expect(parseConfig(written)).toEqual(
        parseConfig({ ...bare, chain: { rpcUrl, chainId, contracts } }),
      )
    },
  )

  test('takes the addresses of the contracts, or the one that names them', () => {
    const contractsOf = (contracts: unknown) =>
      parseConfig(withValue('chain.contracts', contracts)).chain.contracts
    expect(parseConfig(least()).chain.contracts).toMatchObject({ profile: 'own' })
    const through = { profile: 'livepeer', controller: ADDRESS }
    expect(contractsOf(through)).toEqual(through)
    expect(contractsOf({ controller: ADDRESS })).toEqual(through)
  })

  test('reckons with what a redemption costs on the contracts in use, unless told', () => {
    const gasOf = (raw: Values) => parseConfig(raw).orchestrator?.tickets.redeemGas
    expect(gasOf(least())).toBe(90_000)
    const livepeer = withValue('chain.contracts', { controller: ADDRESS })
    expect(gasOf(livepeer)).toBe(350_000)
    const orchestrator = { pricePerUnit: 1, tickets: { redeemGas: 1_200_000 } }
    expect(gasOf({ ...livepeer, orchestrator })).toBe(1_200_000)
  })

  test('takes amounts and prices in every form', () => {
    const config = parseConfig({
      ...least(),
      broadcaster: { minStake: '0.5 ether', maxPricePerUnit: '3/2', tickets: { maxEv: 7 } },
      orchestrator: { pricePerUnit: 0.25 },
    })
    expect(config.broadcaster.minStake).toBe(5n * 10n ** 17n)
    expect(config.broadcaster.maxPricePerUnit).toEqual({ num: 3n, den: 2n })
    expect(config.broadcaster.tickets.maxEv).toBe(7n)
    expect(config.orchestrator?.pricePerUnit).toEqual({ num: 1n, den: 4n })
  })

  test('lets the command line decide', () => {
    const config = parseConfig(least(), { roles: ['broadcaster'], logLevel: 'warn' })
    expect(config).toMatchObject({ roles: ['broadcaster'], logLevel: 'warn' })
    expect(() => parseConfig(least(), { roles: ['miner'] })).toThrow('roles.0 is "miner"')
  })
})

describe('a config file', () => {
  let home: string
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'millrace-config-'))
  })
  afterAll(() => rm(home, { recursive: true, force: true }))

  const written = async (text: string): Promise<string> => {
    const file = join(home, 'config.yaml')
    await writeFile(file, text)
    return file
  }

  test('has its paths taken from where it lies, those of the command line from here', async () => {
    const streams = [{ name: 'a', input: './clip.mp4' }]
    const file = await written(JSON.stringify({ ...least(), broadcaster: { streams } }))
    const config = await loadConfig(file)
    expect(config.dataDirectory).toBe(join(home, 'millrace-data'))
    expect(config.wallet.keyFile).toBe(join(home, 'wallet.key'))
    expect(config.broadcaster.streams[0]?.input).toBe(join(home, 'clip.mp4'))
    const elsewhere = await loadConfig(file, { dataDirectory: 'here' })
    expect(elsewhere.dataDirectory).toBe(join(process.cwd(), 'here'))
  })

  test.each([
    ['that is missing', undefined, 'cannot read the config file'],
    ['that is no YAML', 'roles: [orchestrator\n', 'is not valid YAML'],
    ['that is empty', '', 'must hold keys and values'],
  ])('%s is refused by name', async (_what, text, says) => {
    const file = text === undefined ? join(home, 'nowhere.yaml') : await written(text)
    const refusal = loadConfig(file)
    await expect(refusal).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(refusal).rejects.toThrow(says)
    if (says !== 'must hold keys and values') await expect(refusal).rejects.toThrow(file)
  })
})
