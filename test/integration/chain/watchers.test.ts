import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectChain } from '../../../src/chain/client.ts'
import { createGasPriceMonitor } from '../../../src/chain/gas-price-monitor.ts'
import { createRoundsManager } from '../../../src/chain/rounds-manager.ts'
import { createSenderManager } from '../../../src/chain/sender-manager.ts'
import {
  createTimeManager,
  type TimeManager,
  type TimeManagerInit,
} from '../../../src/chain/time-manager.ts'
import type { Startable } from '../../../src/lib/lifecycle.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import {
  bondOrchestrator,
  ether,
  type Party,
  roundSeconds,
  startTestChain,
  type TestChain,
  winningTicket,
} from '../../helpers/chain.ts'
import { startRpcProxy } from './rpc-proxy.ts'

let chain: TestChain
let operator: Party
let sender: Party
let recipient: Party
let running: Startable[] = []

beforeAll(async () => {
  chain = await startTestChain()
  operator = await chain.party(0)
  sender = await chain.party(1)
  recipient = await chain.party(2)
  await bondOrchestrator(operator, recipient, ether(10))
  await chain.nextRound()
  await sender.broker.fundDepositAndReserve(ether(1), ether(1), sender.fresh())
})

beforeEach(() => async () => {
  for (const part of running.toReversed()) await part.stop()
  running = []
})

afterAll(async () => chain?.stop())

async function started<T extends Startable>(part: T): Promise<T> {
  await part.start()
  running.push(part)
  return part
}

async function timeManagerOf(party: Party, init: TimeManagerInit = {}): Promise<TimeManager> {
  const { client, rounds, bonding } = party
  const settings = { pollingIntervalMs: 20, ...init }
  return started(createTimeManager({ client, rounds, bonding, logger: silentLogger }, settings))
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10))
}

describe('the time manager', () => {
  test('follows blocks and rounds', async () => {
    const time = await timeManagerOf(operator)
    expect(time.lastSeenBlock()).toBe(await operator.client.blockNumber())
    const round = await operator.rounds.currentRound()
    expect(time.lastInitializedRound()).toBe(round)
    expect(time.currentRoundInitialized()).toBe(true)
    expect(time.poolSize()).toBe(1n)
    const before = time.lastInitializedBlockHash()
    expect(before).toEqual(await operator.rounds.blockHashForRound(round))
    const blocks: bigint[] = []
    const rounds: bigint[] = []
    const unsubscribe = time.onBlock((block) => blocks.push(block))
    time.onBlock(() => {
      throw new Error('a listener that fails must not stop the others')
    })
    time.onRound(({ number }) => rounds.push(number))
    await chain.nextRound()
    await until(() => rounds.length === 1)
    expect(rounds).toEqual([round + 1n])
    expect(time.preLastInitializedBlockHash()).toEqual(before)
    expect(time.lastInitializedBlockHash()).not.toEqual(before)
    expect(blocks.at(-1)).toBe(time.lastSeenBlock())
    unsubscribe()
    const heard = blocks.length
    const seen = time.lastSeenBlock()
    await chain.cheat.mine({ blocks: 1 })
    await until(() => time.lastSeenBlock() > seen)
    expect(blocks).toHaveLength(heard)
  })

  test('initializes rounds that are due, and does not mind losing the race', async () => {
    const round = await operator.rounds.currentRound()
    const first = await timeManagerOf(operator, { initializeRounds: true })
    const second = await timeManagerOf(sender, { initializeRounds: true })
    for (const next of [round + 1n, round + 2n]) {
      await chain.cheat.increaseTime({ seconds: roundSeconds })
      await until(() => first.lastInitializedRound() === next)
      await until(() => second.lastInitializedRound() === next)
    }
  })

  test('survives an endpoint that goes away', async () => {
    const proxy = await startRpcProxy(chain.anvil.rpcUrl)
    const client = await connectChain(
      { logger: silentLogger },
      { rpcUrl: proxy.rpcUrl, chainId: chain.anvil.chainId },
    )
    let warnings = 0
    const logger = { ...silentLogger, warn: () => void (warnings += 1), child: () => logger }
    const rounds = createRoundsManager({ client }, { address: chain.addresses.roundsManager })
    const { bonding } = operator
    const time = createTimeManager({ client, rounds, bonding, logger }, { pollingIntervalMs: 20 })
    const gas = createGasPriceMonitor({ client, logger }, { pollingIntervalMs: 20 })
    await started(time)
    await started(gas)
    proxy.failWhen(() => true)
    await until(() => warnings >= 2)
    const seen = time.lastSeenBlock()
    await chain.cheat.mine({ blocks: 1 })
    proxy.failWhen(() => false)
    await until(() => time.lastSeenBlock() > seen)
    await time.stop()
    await gas.stop()
    await proxy.stop()
  })
})

test('the gas price monitor starts at the market and follows it smoothly', async () => {
  const { client } = operator
  const monitor = await started(
    createGasPriceMonitor(
      { client, logger: silentLogger },
      { pollingIntervalMs: 10, capWei: 50_000_000_000n },
    ),
  )
  const before = monitor.gasPrice()
  expect(before).toBe(await client.viem.getGasPrice())
  await chain.cheat.setNextBlockBaseFeePerGas({ baseFeePerGas: 100_000_000_000n })
  // Seen before the block is mined: the base fee falls again with an empty one.
  await until(() => monitor.latestGasPrice() >= 100_000_000_000n)
  await chain.cheat.mine({ blocks: 1 })
  await until(() => monitor.gasPrice() === 50_000_000_000n)
  await chain.cheat.setNextBlockBaseFeePerGas({ baseFeePerGas: 1_000_000_000n })
  await chain.cheat.mine({ blocks: 1 })
})

describe('the sender manager', () => {
  test('answers from memory until an event touches the sender', async () => {
    const timeManager = await timeManagerOf(operator)
    let reads = 0
    const broker: typeof operator.broker = {
      ...operator.broker,
      senderInfo: async (...args) => {
        reads += 1
        return operator.broker.senderInfo(...args)
      },
    }
    const senders = await started(
      createSenderManager({ broker, timeManager, logger: silentLogger }),
    )
    const changed: string[] = []
    senders.subscribeReserveChange((address) => changed.push(address))
    const { address } = sender
    const { deposit } = await senders.getSenderInfo(address)
    await senders.getSenderInfo(address)
    expect(reads).toBe(1)
    await sender.broker.fundDeposit(7n, sender.fresh())
    await until(() => changed.length > 0)
    expect(changed).toEqual([address])
    expect((await senders.getSenderInfo(address)).deposit).toBe(deposit + 7n)
    expect(reads).toBe(2)
    // Events near the head are read again with every block, and must not count again.
    const seen = timeManager.lastSeenBlock()
    await chain.cheat.mine({ blocks: 1 })
    await until(() => timeManager.lastSeenBlock() > seen)
    await recipient.broker.redeemWinningTicket(
      await winningTicket({ sender, recipient }, { faceValue: deposit + 8n }),
      recipient.fresh(),
    )
    await until(() => changed.length > 1)
    expect(changed).toEqual([address, address])
    expect((await senders.getSenderInfo(address)).reserve.claimedInCurrentRound).toBe(1n)
    expect(await senders.claimedReserve(address, recipient.address)).toBe(1n)
    await chain.nextRound()
    await until(() => changed.length > 2)
    expect(await senders.claimedReserve(address, recipient.address)).toBe(0n)
    senders.clear(address)
    const before = reads
    await senders.getSenderInfo(address)
    expect(reads).toBe(before + 1)
  })
})
