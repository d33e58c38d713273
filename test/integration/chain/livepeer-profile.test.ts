import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Abi } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { roundsManagerAbi } from '../../../src/chain/abi/rounds-manager.ts'
import { serviceRegistryAbi } from '../../../src/chain/abi/service-registry.ts'
import { ticketBrokerAbi } from '../../../src/chain/abi/ticket-broker.ts'
import { openProfile } from '../../../src/chain/open-profile.ts'
import type { ContractPlaces } from '../../../src/chain/profile.ts'
import { createTransactions } from '../../../src/chain/transactions.ts'
import { concatBytes, toHex, u256 } from '../../../src/lib/bytes.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import type { Address } from '../../../src/lib/crypto/address.ts'
import { createWalletSigner, type WalletSigner } from '../../../src/lib/crypto/eip191.ts'
import { keccak256 } from '../../../src/lib/crypto/keccak.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import type { Result } from '../../../src/lib/result.ts'
import { createDirectory } from '../../../src/market/directory.ts'
import { createMarketMetrics } from '../../../src/market/metrics.ts'
import { buildChain } from '../../../src/node/build-chain.ts'
import { buildNet } from '../../../src/node/build-net.ts'
import type { NodeConfig, OrchestratorConfig } from '../../../src/node/config.ts'
import type { Foundation } from '../../../src/node/foundation.ts'
import { parseConfig } from '../../../src/node/load-config.ts'
import { createNodeWallet, type NodeWallet } from '../../../src/node/node-wallet.ts'
import { buildTicketPayee } from '../../../src/node/ticket-payee.ts'
import type { RailFault } from '../../../src/rails/rail.ts'
import { createTicketMetrics } from '../../../src/rails/ticket/metrics.ts'
import { createTicketPayerRail } from '../../../src/rails/ticket/payer-rail.ts'
import { createSender } from '../../../src/rails/ticket/sender.ts'
import { createSenderMonitor } from '../../../src/rails/ticket/sender-monitor.ts'
import type { TicketParams } from '../../../src/rails/ticket/ticket.ts'
import { parseTicketParams } from '../../../src/rails/ticket/wire.ts'
import { openStore } from '../../../src/store/store.ts'
import { always, connect, ether, packedTicketHash, signTicket } from '../../helpers/chain.ts'
import { Cleanup, temporaryDirectory, temporaryStore, until } from '../../helpers/fixtures.ts'
import { artifact, type LivepeerChain, startLivepeerChain } from '../../helpers/livepeer.ts'

/** What is asked of either deployment by the same code. */
const sharedCalls = {
  TicketBroker: [
    ...['getTicketHash', 'usedTickets', 'getSenderInfo', 'getReserveInfo', 'claimableReserve'],
    ...['claimedReserve', 'isUnlockInProgress', 'unlockPeriod', 'ticketValidityPeriod'],
    ...['redeemWinningTicket', 'batchRedeemWinningTickets', 'fundDeposit', 'fundReserve'],
    ...['fundDepositAndReserve', 'fundDepositAndReserveFor', 'unlock', 'cancelUnlock', 'withdraw'],
    ...['DepositFunded', 'ReserveFunded', 'ReserveClaimed', 'WinningTicketTransfer'],
    ...['WinningTicketRedeemed', 'Unlock', 'UnlockCancelled', 'Withdrawal'],
  ],
  RoundsManager: [
    ...['currentRound', 'currentRoundInitialized', 'lastInitializedRound', 'blockHashForRound'],
    ...['currentRoundStartBlock', 'roundLength', 'initializeRound'],
  ],
  ServiceRegistry: ['getServiceURI', 'setServiceURI'],
} as const

const ownAbis: Readonly<Record<keyof typeof sharedCalls, Abi>> = {
  TicketBroker: ticketBrokerAbi,
  RoundsManager: roundsManagerAbi,
  ServiceRegistry: serviceRegistryAbi,
}

/** Inputs, outputs and indexed fields of what has a name, without the names of parameters. */
function signatures(abi: Abi): Map<string, string> {
  const fields = ['type', 'inputs', 'outputs', 'components', 'indexed', 'stateMutability']
  const named = abi.flatMap((item) =>
    item.type === 'function' || item.type === 'event'
      ? [[item.name, JSON.stringify(item, fields)] as const]
      : [],
  )
  return new Map(named)
}

const nobody: Address = '0x0000000000000000000000000000000000000000'
const cleanup = new Cleanup()
let chain: LivepeerChain
let recipient: Member
let sender: Member

/** An account with a config and a data directory. */
interface Member {
  readonly wallet: WalletSigner
  readonly privateKey: Uint8Array
  readonly config: NodeConfig
}

beforeAll(async () => {
  chain = await startLivepeerChain()
  cleanup.add(() => chain.stop())
  sender = await member(1)
  recipient = await member(2)
  const other = await member(3)
  for (const { wallet, config } of [recipient, other]) {
    await chain.mint(wallet.address, ether(100))
    await withWallet(config, async (own) => expect(await own.bond(ether(100))).toBe(ether(100)))
  }
  await withWallet(sender.config, async (own) => {
    const info = await own.fund(ether(1), ether(2))
    expect([info.deposit, info.reserve.fundsRemaining]).toEqual([ether(1), ether(2)])
  })
  await chain.nextRound()
})
afterAll(() => cleanup.run())

async function member(index: number): Promise<Member> {
  const dataDirectory = await temporaryDirectory(cleanup)
  const { privateKey } = chain.anvil.account(index)
  const keyFile = join(dataDirectory, 'wallet.key')
  await writeFile(keyFile, toHex(privateKey), { mode: 0o600 })
  const config = parseConfig({
    roles: ['orchestrator'],
    dataDirectory,
    wallet: { keyFile },
    chain: {
      rpcUrl: chain.anvil.rpcUrl,
      chainId: chain.anvil.chainId,
      contracts: { profile: 'livepeer', controller: chain.controller },
      pollIntervalMs: 50,
    },
    network: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    orchestrator: {
      pricePerUnit: 1,
      tickets: { evMultiplier: 2, txCostMultiplier: 1, paramsLifeBlocks: 5 },
    },
  })
  return { wallet: createWalletSigner(privateKey), privateKey, config }
}

async function withWallet(
  config: NodeConfig,
  use: (wallet: NodeWallet) => Promise<void>,
): Promise<void> {
  const wallet = await createNodeWallet({ logger: silentLogger }, config)
  try {
    await use(wallet)
  } finally {
    await wallet.close()
  }
}

/** All that the ticket rail of a node stands on, with its chain running. */
async function started({ config, wallet, privateKey }: Member, life: Cleanup) {
  const parts = { logger: silentLogger, metrics: noMetrics }
  const store = await openStore({ directory: join(config.dataDirectory, 'store') })
  life.add(() => store.close())
  const chainParts = await buildChain({ ...parts, store, privateKey }, config, {})
  await chainParts.start()
  life.add(() => chainParts.stop())
  return {
    ...parts,
    marketMetrics: createMarketMetrics(noMetrics),
    clock: systemClock,
    store,
    wallet,
    chain: chainParts,
    net: await buildNet({ ...parts, wallet }, config),
    directory: createDirectory(systemClock),
  } satisfies Foundation
}

function value<T>(result: Result<T, RailFault>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`)
  return result.value
}

function termsOf(offer: Uint8Array): TicketParams {
  const params = parseTicketParams(offer)
  if (!params.ok) throw new Error(params.error)
  return params.value
}

describe('the contracts of a controller', () => {
  async function open(contracts: ContractPlaces) {
    const client = await connect(chain.anvil, 0)
    const opening = openProfile({ client, logger: silentLogger }, contracts)
    return opening.finally(() => client.close())
  }
  const through = (controller: Address) => open({ profile: 'livepeer', controller })

  test('are found by their names', async () => {
    const { name, addresses, rounds } = await through(chain.controller)
    expect([name, rounds.roundUnit]).toEqual(['livepeer', 'block'])
    expect(addresses).toEqual({
      ticketBroker: chain.addressOf('TicketBroker'),
      roundsManager: chain.addressOf('RoundsManager'),
      bondingManager: chain.addressOf('BondingManager'),
      serviceRegistry: chain.addressOf('ServiceRegistry'),
    })
  })

  test('are refused when the controller is none, or nothing is there', async () => {
    await expect(through(chain.addressOf('TicketBroker'))).rejects.toMatchObject({
      code: 'CONTROLLER_INVALID',
      meta: { address: chain.addressOf('TicketBroker') },
    })
    const empty: Address = '0x00000000000000000000000000000000000000aa'
    await expect(through(empty)).rejects.toMatchObject({
      code: 'CONTRACT_MISSING',
      meta: { name: 'controller', address: empty },
    })
    const ticketBroker = chain.addressOf('TicketBroker')
    const own = {
      ticketBroker,
      roundsManager: empty,
      bondingManager: empty,
      serviceRegistry: empty,
    }
    await expect(open({ profile: 'own', ...own })).rejects.toMatchObject({
      code: 'CONTRACT_MISSING',
      meta: { name: 'roundsManager', address: empty },
    })
  })

  test('are missed by name when the controller does not know one, or knows an empty place', async () => {
    const registry = chain.addressOf('ServiceRegistry')
    await chain.setContract('ServiceRegistry', nobody)
    await expect(through(chain.controller)).rejects.toMatchObject({
      code: 'CONTRACT_UNREGISTERED',
      meta: { name: 'ServiceRegistry', controller: chain.controller },
    })
    await chain.setContract('ServiceRegistry', '0x00000000000000000000000000000000000000aa')
    await expect(through(chain.controller)).rejects.toMatchObject({
      code: 'CONTRACT_MISSING',
      meta: { name: 'serviceRegistry' },
    })
    await chain.setContract('ServiceRegistry', registry)
    await expect(through(chain.controller)).resolves.toMatchObject({ name: 'livepeer' })
  })

  test.each(Object.entries(sharedCalls))('take the calls of our own %s', async (name, calls) => {
    const theirs = signatures((await artifact(name as keyof typeof sharedCalls)).abi)
    const ours = signatures(ownAbis[name as keyof typeof sharedCalls])
    for (const call of calls) {
      expect(ours.has(call)).toBe(true)
      expect([call, theirs.get(call)]).toEqual([call, ours.get(call)])
    }
  })
})

describe('a node on contracts with the interface of Livepeer', () => {
  test('publishes where it serves', async () => {
    await withWallet(recipient.config, (own) => own.register('https://serves.example:8935'))
    const client = await connect(chain.anvil, 0)
    const { registry } = await openProfile(
      { client, logger: silentLogger },
      recipient.config.chain.contracts,
    )
    expect(await registry.serviceUri(recipient.wallet.address)).toBe('https://serves.example:8935')
    client.close()
  })

  test('negotiates, is paid, redeems its winners and withdraws the fees', async () => {
    const life = new Cleanup()
    const payeeNode = await started(recipient, life)
    const payerNode = await started(sender, life)
    const { orchestrator } = recipient.config
    const payee = await buildTicketPayee(payeeNode, orchestrator as OrchestratorConfig)
    const me = recipient.wallet.address
    const them = sender.wallet.address

    // Two are in the pool, so this one may count on half of the reserve.
    expect(payeeNode.chain.time.poolSize()).toBe(2n)
    expect(await payeeNode.chain.isActive(me)).toBe(true)
    expect(await payeeNode.chain.stakeOf(me)).toBe(ether(100))
    expect(await payeeNode.chain.isActive(them)).toBe(false)
    const { time, senders, broker } = payeeNode.chain
    const monitor = createSenderMonitor({ claimant: me, time, senders, winners: payee.winners })
    expect(await monitor.maxFloat(them)).toBe(ether(1))
    expect(await monitor.validateSender(them)).toMatchObject({ ok: true })

    const paying = createSender(
      {
        signer: sender.wallet,
        time: payerNode.chain.time,
        senders: payerNode.chain.senders,
        store: payerNode.store,
      },
      { maxEv: ether(0.01), maxTotalEv: ether(0.1), depositMultiplier: 1n },
    )
    const payer = createTicketPayerRail({
      sender: paying,
      metrics: createTicketMetrics(noMetrics),
    })
    const init = { payer: them, feePerStep: ether(0.01) }
    const offer = value(await payee.rail.offer(init))
    const { faceValue } = termsOf(offer)
    expect(faceValue).toBeLessThanOrEqual(ether(1))
    const context = { orderId: '0x01', payer: them, payee: me }
    const earn = payee.rail.openEarn(context, init)
    const session = value(await payer.openPay(context, offer))
    while (payee.counts().won < 2) {
      const paid = value(await session.pay(init.feePerStep))
      const received = value(await earn.receive(paid.proof))
      await payeeNode.store.batch(received.writes, { sync: received.sync })
      received.committed()
      expect(received.credited).toBe(paid.value)
    }

    const won = BigInt(payee.counts().won)
    await payee.redemption.start()
    await chain.cheat.mine({ blocks: 8 })
    await until(async () => {
      await chain.cheat.mine({ blocks: 1 })
      return payee.winners.pending().length === 0
    })
    await payee.redemption.stop()
    expect(await broker.pendingFees(me)).toBe(won * faceValue)
    expect((await broker.senderInfo(them)).deposit).toBe(ether(1) - won * faceValue)
    await life.run()
    await withWallet(recipient.config, async (own) => {
      expect(await own.withdrawFees()).toBe(won * faceValue)
      expect(await own.withdrawFees()).toBe(0n)
    })
  })

  test('has stake that it unbonds kept until a later round', async () => {
    const client = await connect(chain.anvil, 3)
    const { store } = await temporaryStore(cleanup)
    const transactions = createTransactions({ client, store, logger: silentLogger })
    await transactions.start()
    const { bonding, rounds } = await openProfile(
      { client, transactions, logger: silentLogger },
      recipient.config.chain.contracts,
    )
    expect(await bonding.transcoderPoolMaxSize()).toBe(10n)
    expect(await bonding.unbondingLock(transactions.address, 0n)).toBeNull()
    await bonding.unbond(ether(1), { id: 'unbond' })
    const round = await rounds.currentRound()
    expect(await bonding.unbondingLock(transactions.address, 0n)).toEqual({
      amount: ether(1),
      withdrawRound: round + (await bonding.unbondingPeriod()),
    })
    await expect(bonding.withdrawStake(0n, { id: 'withdraw' })).rejects.toMatchObject({
      code: 'TX_REVERTED',
    })
    await transactions.stop()
    client.close()
  })

  test('keeps a ticket that would be used up for less than its face value', async () => {
    const life = new Cleanup()
    const { chain: parts } = await started(recipient, life)
    const round = parts.time.lastInitializedRound()
    const { deposit, reserve } = await parts.broker.senderInfo(sender.wallet.address)
    const recipientRand = 77n
    const ticketOf = (faceValue: bigint) => {
      const ticket = {
        recipient: recipient.wallet.address,
        sender: sender.wallet.address,
        faceValue,
        winProb: always,
        senderNonce: 1n,
        recipientRandHash: keccak256(u256(recipientRand)),
        auxData: concatBytes(u256(round), parts.time.lastInitializedBlockHash()),
      }
      return { ticket, sig: signTicket(sender.wallet, ticket), recipientRand }
    }
    const covered = deposit + reserve.fundsRemaining / 2n
    expect(await parts.broker.simulateRedeem(ticketOf(covered))).toMatchObject({ ok: true })
    const dear = ticketOf(covered + 1n)
    expect(await parts.broker.ticketHash(dear.ticket)).toEqual(packedTicketHash(dear.ticket))
    expect(await parts.broker.simulateRedeem(dear)).toEqual({
      ok: false,
      error: { reason: 'sender deposit and reserve insufficient to cover ticket face value' },
    })
    // The contract itself would take it.
    await parts.broker.redeemWinningTicket(dear, { id: 'dear' })
    expect(await parts.broker.isUsedTicket(packedTicketHash(dear.ticket))).toBe(true)
    expect(await parts.broker.pendingFees(recipient.wallet.address)).toBe(covered)
    await life.run()
  })

  test('starts a round that is measured in blocks, and finds the shares of that round', async () => {
    const life = new Cleanup()
    const { wallet, privateKey, config } = recipient
    const starting = { ...config, chain: { ...config.chain, initializeRounds: true } }
    const { chain: parts } = await started({ wallet, privateKey, config: starting }, life)
    const before = parts.time.lastInitializedRound()
    await chain.cheat.mine({ blocks: 100 })
    await until(() => parts.time.lastInitializedRound() > before)
    expect(parts.time.lastInitializedRound()).toBe(before + 1n)
    expect(parts.time.currentRoundInitialized()).toBe(true)
    expect(await parts.broker.claimedReserve(sender.wallet.address, wallet.address)).toBe(0n)
    await life.run()
  })
})
