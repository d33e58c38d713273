import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { isTranscoder } from '../../../src/node/config.ts'
import { configTemplate } from '../../../src/node/config-template.ts'
import { parseAnyConfig, parseConfig } from '../../../src/node/load-config.ts'

const PEER = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'
const orchestrator = { peerId: PEER, addresses: ['/ip4/10.0.0.5/tcp/4001'] }
const SECRET = 'sixteen letters.'
const least = { roles: ['transcoder'], transcoder: { orchestrator, secret: SECRET } }
const contracts = Object.fromEntries(
  ['ticketBroker', 'roundsManager', 'bondingManager', 'serviceRegistry'].map((name) => [
    name,
    '0x5FbDB2315678afecb367f032d93F642f64180aa3',
  ]),
)
const chain = { rpcUrl: 'http://127.0.0.1:8545', chainId: 31337, contracts }
const wallet = { keyFile: './wallet.key' }
const market = {
  ...{ roles: ['orchestrator'], chain, wallet },
  orchestrator: { pricePerUnit: '1' },
}

const complaint = (raw: unknown): string => {
  try {
    parseAnyConfig(raw)
    return 'none'
  } catch (error) {
    return (error as Error).message
  }
}

describe("S1: a transcoder's config", () => {
  test('needs no chain and no wallet, and has none', () => {
    const config = parseAnyConfig(least)
    expect(isTranscoder(config)).toBe(true)
    expect(config).not.toHaveProperty('chain')
    expect(config).not.toHaveProperty('wallet')
    expect(config).toMatchObject({ transcoder: { backend: 'auto' }, network: { listen: [] } })
  })

  test('that has a chain or a wallet is told so', () => {
    expect(complaint({ ...least, chain })).toContain('chain: a transcoder needs no chain')
    expect(complaint({ ...least, wallet })).toContain('wallet: a transcoder needs no chain')
    expect(complaint({ ...least, roles: ['transcoder', 'orchestrator'], chain })).toContain(
      'allowed: transcoder alone',
    )
  })

  test('any other without chain or wallet is told so', () => {
    const { chain: _, ...chainless } = market
    const { wallet: __, ...walletless } = market
    expect(complaint(market)).toBe('none')
    expect(complaint(chainless)).toMatch(/chain .*every role but transcoder needs it/)
    expect(complaint(walletless)).toMatch(/wallet .*every role but transcoder needs it/)
    expect(() => parseConfig(least)).toThrow(/a transcoder has no wallet and no chain/)
  })

  test.each([
    [{ orchestrator, secret: 'fifteen letters' }, 'transcoder.secret'],
    [{ orchestrator, secret: SECRET, secretFile: './x' }, 'secret or secretFile, not both'],
    [{ secret: SECRET }, 'transcoder.orchestrator'],
    [{ orchestrator, slots: 65 }, 'transcoder.slots'],
    [
      { orchestrator, account: { address: contracts['ticketBroker'], signature: '0x00' } },
      'millrace vouch',
    ],
  ])('%j is refused for %s, and no secret is repeated', (transcoder, why) => {
    const said = complaint({ ...least, transcoder })
    expect(said).toContain(why)
    expect(said).not.toContain('letters')
  })

  test('that init writes is a good one', () => {
    expect(complaint(parse(configTemplate('transcoder')))).toBe('none')
  })
})

describe("an orchestrator's pool", () => {
  const pooled = (pool: object) =>
    complaint({ ...market, orchestrator: { pricePerUnit: '1', pool } })

  test('is its own processes unless the config says otherwise', () => {
    const config = parseConfig(market)
    expect(config.orchestrator?.pool).toMatchObject({ local: true, public: false })
    expect(config.orchestrator?.pool.secret).toBe(undefined)
    expect(pooled({ local: false, secret: SECRET })).toBe('none')
    expect(pooled({ local: false, public: true, minDeposit: '1 ether' })).toBe('none')
  })

  test('must have someone to work', () => {
    expect(pooled({ local: false })).toContain('or nobody would work')
    expect(pooled({ maxWorkers: 257 })).toContain('orchestrator.pool.maxWorkers')
    expect(pooled({ spotCheckOneIn: 0 })).toContain('orchestrator.pool.spotCheckOneIn')
  })
})
