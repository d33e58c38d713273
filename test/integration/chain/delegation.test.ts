import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Receipt } from '../../../src/chain/transactions.ts'
import {
  bondOrchestrator,
  ether,
  type Party,
  startTestChain,
  type TestChain,
  winningTicket,
} from '../../helpers/chain.ts'

let chain: TestChain
let operator: Party
let sender: Party
let first: Party
let second: Party
let delegator: Party
let other: Party
let restore: () => Promise<void>

beforeAll(async () => {
  chain = await startTestChain({ deploy: { unbondingPeriod: 2n } })
  operator = await chain.party(0)
  sender = await chain.party(1)
  first = await chain.party(2)
  second = await chain.party(3)
  delegator = await chain.party(4)
  other = await chain.party(5)
  await sender.broker.fundDeposit(ether(100), sender.fresh())
  await bondOrchestrator(operator, first, ether(90))
  await bondOrchestrator(operator, second, ether(50))
  for (const { address, token, bonding, fresh } of [delegator, other]) {
    await operator.token.transfer(address, ether(100), operator.fresh())
    await token.approve(bonding.address, ether(100), fresh())
  }
  await first.bonding.setShares({ rewardCut: 100_000n, feeShare: 250_000n }, first.fresh())
  await delegator.bonding.bondTo(first.address, ether(10), delegator.fresh())
  await chain.nextRound()
})

beforeEach(async () => {
  restore = await chain.checkpoint()
})

afterEach(async () => restore())

afterAll(async () => chain?.stop())

async function reverts(work: Promise<Receipt>, reason: string): Promise<void> {
  await expect(work).rejects.toMatchObject({ code: 'TX_REVERTED', meta: { reason } })
}

async function earn(recipient: Party, faceValue: bigint, round?: bigint): Promise<void> {
  const fields = round === undefined ? { faceValue } : { faceValue, round }
  const ticket = await winningTicket({ sender, recipient }, fields)
  await recipient.broker.redeemWinningTicket(ticket, recipient.fresh())
}

const stakeOf = async (party: Party): Promise<bigint> =>
  (await party.bonding.delegator(party.address)).stake
const feesOf = async (party: Party): Promise<bigint> => party.broker.pendingFees(party.address)

describe('S22 the stake of a delegator', () => {
  test('S22 is bonded, moved, unbonded, bonded again, unbonded and withdrawn', async () => {
    const { bonding, token, address, fresh } = delegator
    const round = await sender.rounds.currentRound()
    await bonding.bondTo(second.address, ether(5), fresh())
    expect(await bonding.delegator(address)).toEqual({
      delegate: second.address,
      stake: ether(15),
      startRound: round + 1n,
      fees: 0n,
      lockCount: 0n,
    })
    expect(await bonding.transcoderTotalStake(first.address)).toBe(ether(90))
    expect(await bonding.transcoderTotalStake(second.address)).toBe(ether(65))
    await bonding.unbond(ether(6), fresh())
    await bonding.unbond(ether(9), fresh())
    expect(await bonding.unbondingLocks(address)).toEqual([
      { id: 0n, amount: ether(6), withdrawRound: round + 2n },
      { id: 1n, amount: ether(9), withdrawRound: round + 2n },
    ])
    await reverts(
      bonding.withdrawStake(0n, fresh()),
      'withdraw round must be before or equal to the current round',
    )
    await reverts(bonding.rebond(0n, fresh()), 'caller must be bonded')
    await bonding.rebondFromUnbonded(first.address, 0n, fresh())
    await reverts(
      bonding.rebondFromUnbonded(second.address, 1n, fresh()),
      'caller must be unbonded',
    )
    await bonding.rebond(1n, fresh())
    await reverts(bonding.rebond(1n, fresh()), 'invalid unbonding lock ID')
    expect(await stakeOf(delegator)).toBe(ether(15))
    expect((await bonding.delegator(address)).delegate).toBe(first.address)
    await bonding.unbond(ether(15), fresh())
    await chain.nextRound()
    await chain.nextRound()
    const before = await token.balanceOf(address)
    await bonding.withdrawStake(2n, fresh())
    expect((await token.balanceOf(address)) - before).toBe(ether(15))
    expect(await bonding.unbondingLocks(address)).toEqual([])
    expect((await bonding.delegator(address)).delegate).toBeNull()
  })

  test('S22 goes to registered orchestrators only, and an orchestrator’s stays its own', async () => {
    const { bonding, fresh } = delegator
    const unregistered = 'delegate must be a registered transcoder'
    await reverts(bonding.bondTo(other.address, 0n, fresh()), unregistered)
    await reverts(
      first.bonding.bondTo(second.address, 0n, first.fresh()),
      "registered transcoders can't delegate towards other addresses",
    )
    await reverts(
      other.bonding.bondTo(first.address, 0n, other.fresh()),
      'bonded amount must be greater than 0',
    )
    await reverts(bonding.unbond(ether(11), fresh()), 'amount is greater than bonded amount')
  })
})

describe('S23 rewardCut and feeShare, parts per million', () => {
  test('S23 of 10 ETH at 25 %, who holds 10 % of the stake gets 0.25 ETH', async () => {
    await earn(first, ether(10))
    expect(await feesOf(delegator)).toBe(ether(0.25))
    // Three quarters, and nine tenths of the rest by its own stake.
    expect(await feesOf(first)).toBe(ether(7.5) + ether(2.25))
    const { broker, address, client, fresh } = delegator
    const before = await client.balance(broker.address)
    await broker.withdrawFees(address, ether(0.25), fresh())
    expect(before - (await client.balance(broker.address))).toBe(ether(0.25))
    expect(await feesOf(delegator)).toBe(0n)
    await reverts(broker.withdrawFees(address, 1n, fresh()), 'insufficient fees to withdraw')
  })

  test('S23 the orchestrator keeps its cut of the inflation, stake gets the rest', async () => {
    const { bonding } = first
    const supply = await operator.token.totalSupply()
    const { inflation, totalActiveStake, mintableTokens } = await bonding.economy()
    expect(totalActiveStake).toBe(ether(150))
    expect(mintableTokens).toBe((supply * inflation) / 1_000_000_000n)
    const share = (ether(100) * 1_000_000_000n) / ether(150)
    const minted = (mintableTokens * share) / 1_000_000_000n
    expect(await bonding.pendingReward(first.address)).toBe(minted)
    await bonding.reward(first.fresh())
    expect((await operator.token.totalSupply()) - supply).toBe(minted)
    const commission = (minted * 100_000n) / 1_000_000n
    const passedOn = minted - commission
    expect(await stakeOf(delegator)).toBe(ether(10) + passedOn / 10n)
    const all = await bonding.transcoderTotalStake(first.address)
    expect(all).toBe(ether(100) + minted)
    expect(await stakeOf(first)).toBe(ether(90) + minted - passedOn / 10n)
    expect(await bonding.pendingReward(first.address)).toBe(0n)
    await reverts(
      bonding.reward(first.fresh()),
      'caller has already called reward for the current round',
    )
    await reverts(other.bonding.reward(other.fresh()), 'caller must be an active transcoder')
  })

  test('S25 a share of zero is allowed: everything is the orchestrator’s', async () => {
    await earn(second, ether(3))
    await other.bonding.bondTo(second.address, ether(50), other.fresh())
    await chain.nextRound()
    await earn(second, ether(4))
    expect(await feesOf(other)).toBe(0n)
    expect(await feesOf(second)).toBe(ether(7))
  })

  test('S24 the fee ratio is public, and moving stake lowers the target’s', async () => {
    const perToken = async (party: Party): Promise<bigint> => {
      const [term] = (await party.bonding.terms(party.address)).slice(-1)
      if (term === undefined) throw new Error('no term')
      return (term.sharedFees * ether(1)) / term.stake
    }
    await second.bonding.setShares({ rewardCut: 0n, feeShare: 500_000n }, second.fresh())
    await chain.nextRound()
    await earn(second, ether(10))
    // The ratio is settled when fees are divided.
    await delegator.bonding.bondTo(second.address, 0n, delegator.fresh())
    const shared = (await second.bonding.terms(second.address)).at(-2)
    expect(shared).toMatchObject({ stake: ether(50), sharedFees: ether(5) })
    await chain.nextRound()
    await earn(second, ether(10))
    await delegator.bonding.bondTo(second.address, 0n, delegator.fresh())
    const next = (await second.bonding.terms(second.address)).at(-2)
    expect(next).toMatchObject({ stake: ether(60), sharedFees: ether(5) })
    expect(await perToken(second)).toBe(0n)
    expect(await feesOf(delegator)).toBe((ether(5) * 10n) / 60n)
  })

  test('S26 who follows the fees earns more than who stays', async () => {
    await second.bonding.setShares({ rewardCut: 100_000n, feeShare: 250_000n }, second.fresh())
    await other.bonding.bondTo(first.address, ether(10), other.fresh())
    await chain.nextRound()
    // The work goes over from the first to the second; one of two equal delegators goes with it.
    await other.bonding.bondTo(second.address, 0n, other.fresh())
    for (let i = 0; i < 3; i += 1) {
      await chain.nextRound()
      await earn(first, ether(1))
      await earn(second, ether(6))
    }
    expect(await feesOf(other)).toBeGreaterThan(3n * (await feesOf(delegator)))
  })
})

describe('S39 a change of shares', () => {
  test('S39 holds from the next round on, is announced, and stays in the public history', async () => {
    const round = await sender.rounds.currentRound()
    const { bonding, address } = first
    const squeezed = { rewardCut: 1_000_000n, feeShare: 0n }
    const receipt = await bonding.setShares(squeezed, first.fresh())
    const changes = await bonding.shareChanges({ fromBlock: 0n, toBlock: receipt.blockNumber })
    expect(changes.at(-1)).toEqual({
      orchestrator: address,
      ...squeezed,
      effectiveRound: round + 1n,
    })
    expect(await bonding.sharesAt(address, round)).toEqual({
      rewardCut: 100_000n,
      feeShare: 250_000n,
    })
    expect(await bonding.sharesAt(address, round + 1n)).toEqual(squeezed)
    await earn(first, ether(10))
    expect(await feesOf(delegator)).toBe(ether(0.25))
    await chain.nextRound()
    await earn(first, ether(10))
    await bonding.reward(first.fresh())
    expect(await feesOf(delegator)).toBe(ether(0.25))
    expect(await stakeOf(delegator)).toBe(ether(10))
    const history = await bonding.terms(address)
    expect(
      history
        .map(({ startRound, rewardCut, feeShare }) => ({
          startRound,
          rewardCut,
          feeShare,
        }))
        .slice(1, 3),
    ).toEqual([
      { startRound: round, rewardCut: 100_000n, feeShare: 250_000n },
      { startRound: round + 1n, ...squeezed },
    ])
  })

  test('S39 is refused to who is not registered, and above the whole', async () => {
    const shares = { rewardCut: 0n, feeShare: 0n }
    const { bonding, fresh } = delegator
    await reverts(bonding.setShares(shares, fresh()), 'transcoder must be registered')
    const above = 1_000_001n
    await reverts(
      first.bonding.setShares({ ...shares, rewardCut: above }, first.fresh()),
      'rewardCut is greater than 1000000',
    )
    await reverts(
      first.bonding.setShares({ ...shares, feeShare: above }, first.fresh()),
      'feeShare is greater than 1000000',
    )
  })
})

describe('S40 fees go by the stakes and shares of their ticket’s creation round', () => {
  test('S40 a late redemption pays delegators that have left since', async () => {
    const created = await sender.rounds.currentRound()
    const late = await winningTicket({ sender, recipient: first }, { faceValue: ether(10) })
    await first.bonding.setShares({ rewardCut: 0n, feeShare: 0n }, first.fresh())
    await delegator.bonding.unbond(ether(10), delegator.fresh())
    await other.bonding.bondTo(first.address, ether(90), other.fresh())
    await chain.nextRound()
    await first.broker.redeemWinningTicket(late, first.fresh())
    expect(await feesOf(delegator)).toBe(ether(0.25))
    expect(await feesOf(other)).toBe(0n)
    // A second change of shares after it does not lose anything either.
    await first.bonding.setShares({ rewardCut: 0n, feeShare: 1n }, first.fresh())
    await delegator.bonding.bondTo(second.address, ether(1), delegator.fresh())
    await chain.nextRound()
    await chain.nextRound()
    expect(await feesOf(delegator)).toBe(ether(0.25))
    await delegator.broker.withdrawFees(delegator.address, ether(0.25), delegator.fresh())
    expect(await sender.rounds.currentRound()).toBe(created + 3n)
  })
})

describe('S33 slashing', () => {
  test('S33 delegated stake is slashed pro rata, the finder has its part, the rest is burnt', async () => {
    const { bonding, token } = operator
    await reverts(slash(operator), 'caller must be Verifier')
    await bonding.setVerifier(other.address, operator.fresh())
    await reverts(slash(operator), 'caller must be Verifier')
    const supply = await token.totalSupply()
    const found = await token.balanceOf(second.address)
    await slash(other)
    expect(await stakeOf(first)).toBe(ether(72))
    expect(await stakeOf(delegator)).toBe(ether(8))
    expect(await bonding.transcoderTotalStake(first.address)).toBe(ether(80))
    expect(await stakeOf(second)).toBe(ether(50))
    expect((await token.balanceOf(second.address)) - found).toBe(ether(1))
    expect(supply - (await token.totalSupply())).toBe(ether(19))
    await chain.nextRound()
    await first.bonding.unbond(ether(72), first.fresh())
    await delegator.bonding.unbond(ether(8), delegator.fresh())
    expect(await bonding.transcoderTotalStake(first.address)).toBe(0n)
  })

  test('S33 what was unbonded before is out of reach, and all may be slashed', async () => {
    await operator.bonding.setVerifier(other.address, operator.fresh())
    await delegator.bonding.unbond(ether(4), delegator.fresh())
    await slash(other, 1_000_000n)
    expect(await stakeOf(delegator)).toBe(0n)
    expect(await first.bonding.transcoderTotalStake(first.address)).toBe(0n)
    expect(await first.bonding.unbondingLock(delegator.address, 0n)).toMatchObject({
      amount: ether(4),
    })
    await reverts(slash(other), 'transcoder has no stake')
    await delegator.bonding.bondTo(second.address, ether(1), delegator.fresh())
    expect(await stakeOf(delegator)).toBe(ether(1))
    await chain.nextRound()
    expect(await first.bonding.isActiveTranscoder(first.address)).toBe(false)
  })

  async function slash(caller: Party, amount = 200_000n): Promise<Receipt> {
    const fault = {
      orchestrator: first.address,
      finder: second.address,
      amount,
      finderFee: 50_000n,
    }
    return caller.bonding.slash(fault, caller.fresh())
  }
})
