import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountsInEvents } from '../../../src/chain/account-events.ts'
import { createTimeManager, type TimeManager } from '../../../src/chain/time-manager.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { staysWithin } from '../../../src/market/service.ts'
import { createRegistryView } from '../../../src/node/registry-view.ts'
import { createRoundRewards } from '../../../src/node/round-rewards.ts'
import {
  bondOrchestrator,
  ether,
  type Party,
  startTestChain,
  type TestChain,
} from '../../helpers/chain.ts'
import { Cleanup, until } from '../../helpers/fixtures.ts'

const logger = silentLogger
const cleanup = new Cleanup()
let chain: TestChain
let operator: Party
let orchestrator: Party
let time: TimeManager

beforeAll(async () => {
  chain = await startTestChain()
  operator = await chain.party(0)
  orchestrator = await chain.party(1)
  await bondOrchestrator(operator, orchestrator, ether(10))
  await chain.nextRound()
  time = createTimeManager({ ...operator, logger }, { pollingIntervalMs: 20 })
  await time.start()
  cleanup.add(async () => time.stop())
})
afterAll(async () => {
  await cleanup.run()
  await chain?.stop()
})

test('S23 the reward of each round is called for, once, and never while not active', async () => {
  const { bonding, transactions, address } = orchestrator
  const components = { delegation: bonding, time, transactions, logger }
  const isActive = async () => bonding.isActiveTranscoder(address)
  const rewards = createRoundRewards({ ...components, isActive })
  const lastReward = async () => (await bonding.activity(address)).lastRewardRound
  await rewards.start()
  cleanup.add(async () => rewards.stop())
  const first = time.lastInitializedRound()
  await until(async () => (await lastReward()) === first)
  const stake = await bonding.transcoderTotalStake(address)
  expect(stake).toBeGreaterThan(ether(10))
  await chain.cheat.mine({ blocks: 3 })
  await chain.nextRound()
  await until(async () => (await lastReward()) === first + 1n)
  expect(await bonding.transcoderTotalStake(address)).toBeGreaterThan(stake)
  await until(() => rewards.lastRound() === first + 1n)
  expect(rewards.complaints()).toEqual([])
  const idle = await chain.party(2)
  const idleRewards = createRoundRewards({
    ...{ ...components, delegation: idle.bonding, transactions: idle.transactions },
    isActive: async () => idle.bonding.isActiveTranscoder(idle.address),
  })
  await idleRewards.start()
  cleanup.add(async () => idleRewards.stop())
  await until(() => idleRewards.lastRound() !== null)
  await chain.cheat.mine({ blocks: 2 })
  expect(idle.transactions.unmined()).toEqual([])
  expect(await idle.client.viem.getTransactionCount({ address: idle.address })).toBe(0)
})

test('S9 an advert is held to what its account published on chain, as of the newest block', async () => {
  const { serviceRegistry } = chain.addresses
  let asked = 0
  const view = createRegistryView({
    ...{ time, logger },
    registry: {
      async records(accounts) {
        asked += accounts.length
        return operator.registry.records(accounts)
      },
    },
    usual: async () => operator.bonding.transcoderPool(),
    changes: async (range) => accountsInEvents(operator.client, serviceRegistry, range),
  })
  const { address, registry, fresh } = orchestrator
  expect(await view.publishedBy(address)).toBeNull()
  const services = [{ id: 'CPUTranscoding', verifier: null }]
  await registry.register({ serviceUri: '', services, regions: ['eu'] }, fresh())
  await until(async () => (await view.publishedBy(address)) !== null)
  const before = asked
  const record = await view.publishedBy(address)
  if (record === null) throw new Error('no record')
  for (let i = 0; i < 5; i += 1) expect(await view.publishedBy(address)).toEqual(record)
  expect(asked).toBe(before)
  expect(staysWithin(record, { services: ['CPUTranscoding'], regions: ['eu'] })).toBe(true)
  expect(staysWithin(record, { services: ['CPUTranscoding'], regions: [] })).toBe(true)
  expect(staysWithin(record, { services: ['GPUTranscoding'], regions: ['eu'] })).toBe(false)
  expect(staysWithin(record, { services: ['CPUTranscoding'], regions: ['eu', 'us'] })).toBe(false)
  await registry.register({ serviceUri: '', services, regions: ['us'] }, fresh())
  await until(async () => (await view.publishedBy(address))?.regions[0] === 'us')
})
