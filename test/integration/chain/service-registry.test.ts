import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serviceRegistryAbi } from '../../../src/chain/abi/service-registry.ts'
import type { ServiceOffer } from '../../../src/chain/service-registry.ts'
import type { Receipt } from '../../../src/chain/transactions.ts'
import {
  bondOrchestrator,
  ether,
  type Party,
  startTestChain,
  type TestChain,
} from '../../helpers/chain.ts'

const verifier = '0x00000000000000000000000000000000000000AA' as const
const offer: ServiceOffer = {
  serviceUri: '/ip4/192.0.2.7/tcp/4001/p2p/12D3KooW',
  services: [
    { id: 'CPUTranscoding', verifier },
    { id: 'GPUTranscoding', verifier: null },
    { id: 'H264 1080p -> 720p', verifier: null },
  ],
  regions: ['eu-west', 'us-east'],
}

let chain: TestChain
let operator: Party
let orchestrator: Party

beforeAll(async () => {
  chain = await startTestChain()
  operator = await chain.party(0)
  orchestrator = await chain.party(1)
  await bondOrchestrator(operator, orchestrator, ether(10))
})

afterAll(async () => chain?.stop())

async function reverts(work: Promise<Receipt>, reason: string): Promise<void> {
  await expect(work).rejects.toMatchObject({ code: 'TX_REVERTED', meta: { reason } })
}

describe('S6 the registry', () => {
  test('S6 has connection, services with their verifiers, regions and shares, and no price', async () => {
    const { registry, address, bonding, fresh } = orchestrator
    await bonding.setShares({ rewardCut: 120_000n, feeShare: 340_000n }, fresh())
    await registry.register(offer, fresh())
    expect(await registry.record(address)).toEqual({ ...offer, rewardCut: 0n, feeShare: 0n })
    await chain.nextRound()
    expect(await registry.record(address)).toEqual({
      ...offer,
      rewardCut: 120_000n,
      feeShare: 340_000n,
    })
    expect(JSON.stringify(serviceRegistryAbi)).not.toMatch(/price/i)
    expect(await registry.serviceUri(address)).toBe(offer.serviceUri)
  })

  test('S6 replaces the whole entry, or the URI alone', async () => {
    const { registry, address, fresh } = orchestrator
    const smaller = { ...offer, services: [{ id: 'SegmentVerification', verifier: null }] }
    await registry.register({ ...smaller, regions: [] }, fresh())
    await registry.setServiceUri('/dns4/example.org/tcp/4001', fresh())
    const { serviceUri, services, regions } = await registry.record(address)
    expect({ serviceUri, services, regions }).toEqual({
      serviceUri: '/dns4/example.org/tcp/4001',
      services: smaller.services,
      regions: [],
    })
  })

  test('S6 gives many records in the order asked for, empty ones for the unknown', async () => {
    const { registry, address } = orchestrator
    const accounts = Array.from({ length: 60 }, (_, i) => (i === 55 ? address : operator.address))
    const records = await registry.records(accounts)
    expect(records).toHaveLength(60)
    expect(records[55]).toEqual(await registry.record(address))
    expect(records[54]).toEqual({
      serviceUri: '',
      services: [],
      regions: [],
      rewardCut: 0n,
      feeShare: 0n,
    })
  })

  test('S6 takes what is at its limits and nothing past them', async () => {
    const { registry, address, fresh } = orchestrator
    const full = {
      serviceUri: 'u'.repeat(256),
      services: Array.from({ length: 16 }, (_, i) => ({ id: `${i}`.padEnd(64, 's'), verifier })),
      regions: Array.from({ length: 16 }, (_, i) => `${i}`.padEnd(64, 'r')),
    }
    await registry.register(full, fresh())
    expect(await registry.record(address)).toMatchObject(full)
    const name = 'a name has 1 to 64 bytes'
    const put = async (change: Partial<ServiceOffer>) =>
      registry.register({ ...offer, ...change }, fresh())
    await reverts(put({ serviceUri: 'u'.repeat(257) }), 'serviceURI is too long')
    await reverts(put({ regions: Array<string>(17).fill('r') }), 'too many regions')
    await reverts(put({ services: Array(17).fill({ id: 's', verifier }) }), 'too many services')
    await reverts(put({ regions: ['r'.repeat(65)] }), name)
    await reverts(put({ regions: [''] }), name)
    await reverts(put({ services: [{ id: 's'.repeat(65), verifier }] }), name)
  })
})

describe('the work token', () => {
  test('is minted by minters and the owner alone, and burnt by whoever holds it', async () => {
    const { token, address, fresh } = orchestrator
    await reverts(token.mint(address, 1n, fresh()), 'caller must be a minter or the owner')
    await reverts(token.setMinter(address, true, fresh()), 'caller must be owner')
    expect(await token.isMinter(operator.bonding.address)).toBe(true)
    await operator.token.setMinter(address, true, operator.fresh())
    await token.mint(address, 5n, fresh())
    const supply = await token.totalSupply()
    await token.burn(5n, fresh())
    expect(supply - (await token.totalSupply())).toBe(5n)
    await reverts(token.burn(1n, fresh()), 'burn amount exceeds balance')
    await operator.token.setMinter(address, false, operator.fresh())
    await reverts(token.mint(address, 1n, fresh()), 'caller must be a minter or the owner')
  })
})
