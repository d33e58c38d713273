import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Receipt } from '../../../src/chain/transactions.ts'
import {
  bondOrchestrator,
  ether,
  type Party,
  packedTicketHash,
  startTestChain,
  type TestChain,
  winningTicket,
} from '../../helpers/chain.ts'

const insufficient = 'sender deposit and reserve insufficient to cover ticket face value'

let chain: TestChain
let operator: Party
let sender: Party
let first: Party
let second: Party
let third: Party

beforeAll(async () => {
  chain = await startTestChain({ deploy: { poolSize: 2n, unbondingPeriod: 2n } })
  operator = await chain.party(0)
  sender = await chain.party(1)
  first = await chain.party(2)
  second = await chain.party(3)
  third = await chain.party(4)
  await bondOrchestrator(operator, first, ether(100))
  await bondOrchestrator(operator, second, ether(50))
  await chain.nextRound()
})

beforeEach(async () => chain.checkpoint())

afterAll(async () => chain?.stop())

async function reverts(work: Promise<Receipt>, reason: string): Promise<void> {
  await expect(work).rejects.toMatchObject({ code: 'TX_REVERTED', meta: { reason } })
}

async function outcome(recipient: Party, faceValue: bigint): Promise<string> {
  const redeemable = await winningTicket({ sender, recipient }, { faceValue })
  const simulated = await recipient.broker.simulateRedeem(redeemable)
  if (!simulated.ok) return simulated.error.reason
  await recipient.broker.redeemWinningTicket(redeemable, recipient.fresh())
  return 'paid'
}

describe('the account of a sender', () => {
  test('is unlocked for withdrawal after the unlock period, with tickets paid until then', async () => {
    const { broker } = sender
    await reverts(broker.unlock(sender.fresh()), 'sender deposit and reserve are zero')
    await reverts(broker.withdraw(sender.fresh()), 'sender deposit and reserve are zero')
    await broker.fundDepositAndReserve(ether(2), ether(1), sender.fresh())
    await reverts(broker.cancelUnlock(sender.fresh()), 'no unlock request in progress')
    await reverts(broker.withdraw(sender.fresh()), 'no unlock request in progress')
    await broker.unlock(sender.fresh())
    const unlockedIn = await sender.rounds.currentRound()
    expect(await broker.isUnlockInProgress(sender.address)).toBe(true)
    expect((await broker.senderInfo(sender.address)).withdrawRound).toBe(unlockedIn + 2n)
    await reverts(broker.unlock(sender.fresh()), 'unlock already initiated')
    await reverts(broker.withdraw(sender.fresh()), 'account is locked')
    await chain.nextRound()
    expect(await outcome(first, ether(0.5))).toBe('paid')
    await chain.nextRound()
    expect(await outcome(first, 1n)).toBe('sender is unlocked')
    const before = await sender.client.balance(broker.address)
    await broker.withdraw(sender.fresh())
    expect(before - (await sender.client.balance(broker.address))).toBe(ether(2.5))
    expect(await broker.senderInfo(sender.address)).toEqual({
      deposit: 0n,
      withdrawRound: unlockedIn + 2n,
      reserve: { fundsRemaining: 0n, claimedInCurrentRound: 0n },
    })
  })

  test('stays unlocking when others fund it, and not when it funds itself', async () => {
    const { broker } = sender
    await broker.fundDeposit(1n, sender.fresh())
    await broker.unlock(sender.fresh())
    await operator.broker.fundDepositAndReserveFor(sender.address, 1n, 1n, operator.fresh())
    expect(await broker.isUnlockInProgress(sender.address)).toBe(true)
    await broker.fundReserve(1n, sender.fresh())
    expect(await broker.isUnlockInProgress(sender.address)).toBe(false)
    await broker.unlock(sender.fresh())
    await broker.cancelUnlock(sender.fresh())
    expect((await broker.senderInfo(sender.address)).deposit).toBe(2n)
    const latest = await sender.client.blockNumber()
    const events = await broker.events({ fromBlock: latest - 5n, toBlock: latest })
    expect(events.map(({ type }) => type)).toEqual([
      'DepositFunded',
      'Unlock',
      'DepositFunded',
      'ReserveFunded',
      'UnlockCancelled',
      'ReserveFunded',
      'Unlock',
      'UnlockCancelled',
    ])
  })

  test('is unlocked again by a withdrawal until it funds itself', async () => {
    const { broker } = sender
    await broker.fundDeposit(5n, sender.fresh())
    await broker.unlock(sender.fresh())
    await chain.nextRound()
    await chain.nextRound()
    await broker.withdraw(sender.fresh())
    await operator.broker.fundDepositAndReserveFor(sender.address, 9n, 0n, operator.fresh())
    expect(await outcome(first, 1n)).toBe('sender is unlocked')
    await broker.fundDeposit(1n, sender.fresh())
    expect(await outcome(first, 10n)).toBe('paid')
  })

  test('takes exactly the sum that was sent', async () => {
    const { transactions, broker } = sender
    const id = 'short'
    // fundDepositAndReserve(1, 1) with a value of 3.
    const data = new Uint8Array(68)
    data.set([0x51, 0x1f, 0x40, 0x73])
    data[35] = 1
    data[67] = 1
    const work = transactions.submit({ id, to: broker.address, data, value: 3n })
    const reason = 'msg.value does not equal sum of deposit amount and reserve amount'
    await reverts(work, reason)
  })
})

describe('the reserve', () => {
  test('is shared evenly among the active and pays what the deposit cannot', async () => {
    await sender.broker.fundDepositAndReserve(10n, 100n, sender.fresh())
    expect(await sender.broker.claimableReserve(sender.address, first.address)).toBe(50n)
    expect(await outcome(first, 61n)).toBe(insufficient)
    expect(await outcome(first, 60n)).toBe('paid')
    expect(await first.broker.pendingFees(first.address)).toBe(60n)
    expect(await sender.broker.claimedReserve(sender.address, first.address)).toBe(50n)
    expect(await sender.broker.senderInfo(sender.address)).toMatchObject({
      deposit: 0n,
      reserve: { fundsRemaining: 50n, claimedInCurrentRound: 50n },
    })
    expect(await outcome(first, 1n)).toBe(insufficient)
    expect(await outcome(second, 50n)).toBe('paid')
    expect(await outcome(second, 1n)).toBe('sender deposit and reserve are zero')
    await chain.nextRound()
    await sender.broker.fundReserve(20n, sender.fresh())
    expect(await outcome(first, 10n)).toBe('paid')
  })

  test('does not underflow when the pool grows after a share was claimed', async () => {
    // With one active, the divisor is 1 all round, although a second joins.
    await second.bonding.unbond(ether(50), second.fresh())
    await chain.nextRound()
    await sender.broker.fundReserve(100n, sender.fresh())
    expect(await outcome(first, 100n)).toBe('paid')
    await sender.broker.fundReserve(30n, sender.fresh())
    await bondOrchestrator(operator, third, ether(10))
    expect(await sender.bonding.transcoderPoolSize()).toBe(2n)
    expect(await sender.bonding.reserveParts()).toBe(1n)
    expect(await sender.broker.claimableReserve(sender.address, first.address)).toBe(30n)
    expect(await sender.broker.claimableReserve(sender.address, third.address)).toBe(0n)
    expect(await outcome(first, 30n)).toBe('paid')
  })

  test('never uses a ticket up for less than its face value', async () => {
    await sender.broker.fundReserve(100n, sender.fresh())
    expect(await outcome(first, 50n)).toBe('paid')
    const redeemable = await winningTicket({ sender, recipient: first }, { faceValue: 40n })
    const refusal = await first.broker.simulateRedeem(redeemable)
    expect(refusal).toEqual({ ok: false, error: { reason: insufficient } })
    // A stranger's wei must not turn it into a ticket used for one wei.
    await operator.broker.fundDepositAndReserveFor(sender.address, 1n, 0n, operator.fresh())
    await first.broker.batchRedeemWinningTickets([redeemable], first.fresh())
    const hash = packedTicketHash(redeemable.ticket)
    expect(await first.broker.isUsedTicket(hash)).toBe(false)
    await sender.broker.fundDeposit(40n, sender.fresh())
    await first.broker.redeemWinningTicket(redeemable, first.fresh())
    expect(await first.broker.pendingFees(first.address)).toBe(90n)
  })

  test('has no share for a recipient that is not active yet, whom the deposit pays', async () => {
    await second.bonding.unbond(ether(50), second.fresh())
    await chain.nextRound()
    await bondOrchestrator(operator, third, ether(10))
    await sender.broker.fundDepositAndReserve(10n, 100n, sender.fresh())
    expect(await third.bonding.isActiveTranscoder(third.address)).toBe(false)
    expect(await outcome(third, 11n)).toBe(insufficient)
    expect(await outcome(third, 10n)).toBe('paid')
    expect(await outcome(third, 1n)).toBe(insufficient)
    await chain.nextRound()
    expect(await outcome(third, 50n)).toBe('paid')
  })

  test('leaves in the contract what it owes, to the wei', async () => {
    const { broker, client } = sender
    await broker.fundDepositAndReserve(1000n, 500n, sender.fresh())
    await outcome(first, 1100n)
    await outcome(second, 150n)
    await first.broker.withdrawFees(first.address, 600n, first.fresh())
    const { deposit, reserve } = await broker.senderInfo(sender.address)
    const fees = [await broker.pendingFees(first.address), await broker.pendingFees(second.address)]
    expect(fees).toEqual([500n, 150n])
    expect(await client.balance(broker.address)).toBe(deposit + reserve.fundsRemaining + 650n)
  })
})

describe('bonding', () => {
  test('keeps the pool bounded and sorted, and changes who is active with the round', async () => {
    const { bonding } = operator
    expect(await bonding.transcoderPool()).toEqual([first.address, second.address])
    await bondOrchestrator(operator, third, ether(50))
    expect(await bonding.transcoderPool()).toEqual([first.address, second.address])
    expect(await bonding.isRegisteredTranscoder(third.address)).toBe(true)
    await bondOrchestrator(operator, third, ether(60))
    expect(await bonding.transcoderTotalStake(third.address)).toBe(ether(110))
    expect(await bonding.transcoderPool()).toEqual([third.address, first.address])
    const active = async (): Promise<boolean[]> =>
      Promise.all([first, second, third].map(({ address }) => bonding.isActiveTranscoder(address)))
    expect(await active()).toEqual([true, true, false])
    await chain.nextRound()
    expect(await active()).toEqual([true, false, true])
    await third.bonding.unbond(ether(109), third.fresh())
    expect(await bonding.transcoderPool()).toEqual([first.address, third.address])
    await third.bonding.unbond(ether(1), third.fresh())
    expect(await bonding.transcoderPool()).toEqual([first.address])
    expect(await active()).toEqual([true, false, true])
    expect(await bonding.reserveParts()).toBe(2n)
    // Coming back at once costs nothing of the round.
    await second.bonding.bond(0n, second.fresh())
    expect(await bonding.transcoderPool()).toEqual([first.address, second.address])
    await chain.nextRound()
    expect(await active()).toEqual([true, true, false])
  })

  test('pays stake out after the unbonding period', async () => {
    await second.bonding.unbond(ether(20), second.fresh())
    const round = await second.rounds.currentRound()
    expect(await second.bonding.unbondingLock(second.address, 0n)).toEqual({
      amount: ether(20),
      withdrawRound: round + 2n,
    })
    await chain.nextRound()
    await reverts(
      second.bonding.withdrawStake(0n, second.fresh()),
      'withdraw round must be before or equal to the current round',
    )
    await chain.nextRound()
    await second.bonding.withdrawStake(0n, second.fresh())
    expect(await second.token.balanceOf(second.address)).toBe(ether(20))
    await reverts(second.bonding.withdrawStake(0n, second.fresh()), 'invalid unbonding lock ID')
    expect(await second.bonding.unbondingLock(second.address, 0n)).toBeNull()
  })

  test('ends the registration of who unbonds everything', async () => {
    await sender.broker.fundDeposit(10n, sender.fresh())
    await second.bonding.unbond(ether(50), second.fresh())
    expect(await outcome(second, 1n)).toBe('transcoder must be registered')
    await reverts(second.bonding.unbond(1n, second.fresh()), 'caller must be bonded')
  })
})

test('a service URI is what its address last set', async () => {
  expect(await operator.registry.serviceUri(first.address)).toBe('')
  await first.registry.setServiceUri('https://a.example:8935', first.fresh())
  await first.registry.setServiceUri('https://b.example', first.fresh())
  expect(await operator.registry.serviceUri(first.address)).toBe('https://b.example')
})
