import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createTicketBroker } from '../../../src/chain/ticket-broker.ts'
import { createTransactions } from '../../../src/chain/transactions.ts'
import { u256 } from '../../../src/lib/bytes.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { createBroker } from '../../../src/rails/ticket/broker.ts'
import { openBlockClock } from '../../../src/rails/ticket/chain-clock.ts'
import { createTicketMetrics } from '../../../src/rails/ticket/metrics.ts'
import { createRedemption, type Redemption } from '../../../src/rails/ticket/redemption.ts'
import {
  MAX_WIN_PROB,
  recipientRandHash,
  type SignedTicket,
  ticketHash,
} from '../../../src/rails/ticket/ticket.ts'
import {
  openWinnerStore,
  type Winner,
  type WinnerStore,
} from '../../../src/rails/ticket/winner-store.ts'
import {
  bondOrchestrator,
  ether,
  type Party,
  startTestChain,
  type TestChain,
} from '../../helpers/chain.ts'
import { type FakeChain, fakeChain } from '../../helpers/fakes-chain.ts'
import { Cleanup, temporaryStore, until } from '../../helpers/fixtures.ts'

const cleanup = new Cleanup()
let chain: TestChain
let sender: Party
let poor: Party
let recipient: Party
let time: FakeChain
let winners: WinnerStore
let redemption: Redemption

beforeAll(async () => {
  chain = await startTestChain()
  const operator = await chain.party(0)
  sender = await chain.party(1)
  recipient = await chain.party(2)
  poor = await chain.party(3)
  await bondOrchestrator(operator, recipient, ether(100))
  await chain.nextRound()
  await sender.broker.fundDepositAndReserve(ether(1), ether(1), sender.fresh())
})
afterEach(() => cleanup.run())
afterAll(() => chain.stop())

/** The recipient's redemption, as a node composes it; its blocks are told by the test. */
async function compose(replaceAfterMs = 60_000): Promise<void> {
  const { store } = await temporaryStore(cleanup)
  const { client } = recipient
  const transactions = createTransactions(
    { client, store, logger: silentLogger },
    { replaceAfterMs, resendAfterMs: 100, reorgDepth: 12 },
  )
  const contract = createTicketBroker(
    { client, transactions },
    { address: chain.addresses.ticketBroker },
  )
  const broker = createBroker({ contract, transactions }, { pollingIntervalMs: 20 })
  time = fakeChain()
  time.round = await sender.rounds.lastInitializedRound()
  winners = await openWinnerStore(store, silentLogger)
  const blocks = await openBlockClock(store, time)
  const metrics = createTicketMetrics(noMetrics)
  const logger = silentLogger
  redemption = createRedemption(
    { store, winners, broker, time, blocks, gas: time, logger, metrics },
    { ticketValidityPeriod: 2n, concurrency: 2 },
  )
  await transactions.start()
  cleanup.add(async () => {
    await redemption.stop()
    await transactions.stop()
  })
}

let nonces = 0

async function winnerOf(from: Party, over: Partial<SignedTicket> = {}): Promise<SignedTicket> {
  nonces += 1
  const recipientRand = u256(BigInt(nonces) + 7n)
  const creationRound = await sender.rounds.lastInitializedRound()
  const ticket = {
    recipient: recipient.address,
    sender: from.address,
    faceValue: ether(0.01),
    winProb: MAX_WIN_PROB,
    senderNonce: nonces,
    recipientRandHash: recipientRandHash(recipientRand),
    creationRound,
    creationRoundBlockHash: await sender.rounds.blockHashForRound(creationRound),
    paramsExpirationBlock: 0n,
    ...over,
  }
  return { ...ticket, sig: from.signer.signMessage(ticketHash(ticket)), recipientRand }
}

async function stored(ticket: SignedTicket): Promise<Winner> {
  const winner = await winners.findByHash(ticketHash(ticket))
  if (winner === undefined) throw new Error('no such winner')
  return winner
}

const become = (tickets: readonly SignedTicket[], state: Winner['state']): Promise<void> =>
  until(async () => {
    const states = await Promise.all(tickets.map(async (ticket) => (await stored(ticket)).state))
    return states.every((one) => one === state)
  })

describe('redemption on a chain', () => {
  test('pays several in one transaction, and tells of one that cannot be paid why', async () => {
    await compose()
    const good = [await winnerOf(sender), await winnerOf(sender), await winnerOf(sender)]
    const bad = await winnerOf(poor)
    for (const ticket of [...good, bad]) await winners.storeWinningTicket(ticket)
    const before = await recipient.broker.pendingFees(recipient.address)
    await redemption.start()
    await become(good, 'redeemed')
    await until(async () => (await stored(bad)).reason !== undefined)
    expect(await stored(bad)).toMatchObject({
      state: 'waiting',
      reason: 'sender deposit and reserve are zero',
    })
    const hashes = await Promise.all(good.map(async (one) => (await stored(one)).transactionHash))
    expect(new Set(hashes).size).toBe(1)
    expect((await stored(good[0] as SignedTicket)).gasUsed).toBeLessThan(80_000n)
    const after = await recipient.broker.pendingFees(recipient.address)
    expect(after - before).toBe(ether(0.03))
  })

  test('knows why a member was left unpaid that its simulation would have paid', async () => {
    await compose()
    // Each alone is covered by what the sender has, all together are not.
    const parts = [await winnerOf(poor), await winnerOf(poor)]
    await poor.broker.fundDeposit(ether(0.015), poor.fresh())
    for (const ticket of parts) await winners.storeWinningTicket(ticket)
    await redemption.start()
    await until(() => winners.totals().count.redeemed === 1)
    await until(() => winners.pending()[0]?.state === 'waiting')
    expect(winners.pending()[0]).toMatchObject({
      reason: 'sender deposit and reserve insufficient to cover ticket face value',
    })
    expect(winners.pending()[0]?.lostGas).toBeGreaterThan(0n)
  })

  test('gets through when the base fee rises above what it had offered', async () => {
    await compose(200)
    const { cheat } = chain
    await cheat.setAutomine(false)
    const ticket = await winnerOf(sender)
    await winners.storeWinningTicket(ticket)
    await redemption.start()
    await become([ticket], 'submitted')
    const offered = async (): Promise<bigint> => {
      const { pending } = await cheat.getTxpoolContent()
      const [own] = Object.values(pending).flatMap((of) => Object.values(of))
      return own === undefined ? 0n : BigInt(own.maxFeePerGas ?? 0)
    }
    await until(async () => (await offered()) > 0n)
    const first = await offered()
    await cheat.setNextBlockBaseFeePerGas({ baseFeePerGas: first * 2n })
    await cheat.mine({ blocks: 1 })
    expect((await stored(ticket)).state).toBe('submitted')
    await until(async () => (await offered()) >= first * 2n)
    await cheat.setAutomine(true)
    await cheat.mine({ blocks: 1 })
    await become([ticket], 'redeemed')
    expect((await stored(ticket)).attempts).toBe(1)
  })

  test('has a winner paid again whose payment was reorganised away', async () => {
    await compose()
    const ticket = await winnerOf(sender)
    await winners.storeWinningTicket(ticket)
    await redemption.start()
    await become([ticket], 'redeemed')
    const { transactionHash } = await stored(ticket)
    const balance = await recipient.broker.pendingFees(recipient.address)
    await chain.cheat.request({ method: 'anvil_reorg' as never, params: [1, []] as never })
    // Told of no block: that the winner goes back is the transactions' doing.
    await until(async () => (await stored(ticket)).state !== 'redeemed')
    await until(async () => {
      time.mine(time.block + 1n)
      return (await stored(ticket)).state === 'redeemed'
    })
    expect(await stored(ticket)).toMatchObject({ transactionHash, attempts: 1 })
    expect(await recipient.broker.pendingFees(recipient.address)).toBe(balance)
  })
})
