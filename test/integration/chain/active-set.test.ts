import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ActiveSetPolicy, DeployInit } from '../../../src/chain/deploy.ts'
import {
  bondOrchestrator,
  ether,
  type Party,
  startTestChain,
  type TestChain,
} from '../../helpers/chain.ts'

/** Whole tokens that the orchestrators bond, in this order. */
const stakes = [3, 8, 1, 5] as const

interface Case {
  readonly policy: ActiveSetPolicy
  readonly deploy: Partial<DeployInit>
  /** Who is active, by place in the list of stakes, in the pool's order. */
  readonly active: readonly number[]
  readonly requiredStake: bigint
}

const cases: readonly Case[] = [
  { policy: 'most-stake', deploy: { poolSize: 2n }, active: [1, 3], requiredStake: 0n },
  {
    policy: 'minimum',
    deploy: { requiredStake: ether(3) },
    active: [0, 1, 3],
    requiredStake: ether(3),
  },
  { policy: 'fixed', deploy: { requiredStake: ether(5) }, active: [1, 3], requiredStake: ether(5) },
  { policy: 'open', deploy: {}, active: [0, 1, 2, 3], requiredStake: 0n },
]

describe.each(cases)('S20 the policy $policy', ({ policy, deploy, active, requiredStake }) => {
  let chain: TestChain
  let operator: Party
  const parties: Party[] = []

  beforeAll(async () => {
    chain = await startTestChain({ deploy: { ...deploy, policy } })
    operator = await chain.party(0)
    await operator.bonding.setVerifier(operator.address, operator.fresh())
    for (const [index, whole] of stakes.entries()) {
      const party = await chain.party(index + 1)
      await bondOrchestrator(operator, party, ether(whole))
      parties.push(party)
    }
  })

  afterAll(async () => chain?.stop())

  const addressOf = (index: number) => (parties[index] as Party).address
  const pool = async (): Promise<readonly number[]> =>
    (await operator.bonding.transcoderPool()).map((address) =>
      parties.findIndex((party) => party.address === address),
    )

  test(`S20 of the same stakes, those at ${active.join(', ')} become active`, async () => {
    expect(await operator.bonding.economy()).toMatchObject({ policy, requiredStake })
    expect(await pool()).toEqual(active)
    const isActive = async (index: number) => operator.bonding.isActiveTranscoder(addressOf(index))
    expect(await Promise.all(stakes.map((_, index) => isActive(index)))).not.toContain(true)
    await chain.nextRound()
    const found = await Promise.all(stakes.map((_, index) => isActive(index)))
    expect(found).toEqual(stakes.map((_, index) => active.includes(index)))
  })

  test('S20 only what the policy counts is rewarded', async () => {
    const due = await Promise.all(
      stakes.map(async (_, index) => operator.bonding.pendingReward(addressOf(index))),
    )
    const { totalActiveStake } = await operator.bonding.economy()
    const counted = policy === 'fixed' ? 5 : null
    const whole = active.reduce((sum, index) => sum + (counted ?? (stakes[index] as number)), 0)
    expect(totalActiveStake).toBe(ether(whole))
    for (const index of stakes.keys()) expect(due[index] !== 0n).toBe(active.includes(index))
    if (policy === 'fixed') expect(due[1]).toBe(due[3])
    else expect(due[1]).toBeGreaterThan(due[3] as bigint)
  })

  test('S21 the set follows bonds, unbonds and slashes at once', async () => {
    const { bonding, token } = operator
    await token.approve(bonding.address, ether(100), operator.fresh())
    const leaver = parties[1] as Party
    await bonding.slash(
      { orchestrator: leaver.address, finder: null, amount: 900_000n, finderFee: 0n },
      operator.fresh(),
    )
    const slashedOut = policy === 'minimum' || policy === 'fixed'
    const expected = { 'most-stake': [3, 1], minimum: [0, 3], fixed: [3], open: [0, 1, 2, 3] }
    expect(await pool()).toEqual(expected[policy])
    // Who is out stays active until the round is over.
    expect(await bonding.isActiveTranscoder(leaver.address)).toBe(true)
    const { deactivationRound } = await bonding.activity(leaver.address)
    expect(deactivationRound === (await operator.rounds.currentRound()) + 1n).toBe(slashedOut)
    // A delegator lifts the smallest above all.
    await bonding.bondTo(addressOf(2), ether(20), operator.fresh())
    const lifted = { 'most-stake': [2, 3], minimum: [0, 3, 2], fixed: [3, 2], open: [0, 1, 2, 3] }
    expect(await pool()).toEqual(lifted[policy])
    await bonding.unbond(ether(20), operator.fresh())
    const dropped = { 'most-stake': [3, 2], minimum: [0, 3], fixed: [3], open: [0, 1, 2, 3] }
    expect(await pool()).toEqual(dropped[policy])
    await (parties[3] as Party).bonding.unbond(ether(5), (parties[3] as Party).fresh())
    const left = { 'most-stake': [2], minimum: [0], fixed: [], open: [0, 1, 2] }
    expect(await pool()).toEqual(left[policy])
  })
})

test('S20 a policy without its number is not deployed', async () => {
  for (const deploy of [
    { policy: 'most-stake', poolSize: 0n },
    { policy: 'minimum', requiredStake: 0n },
    { policy: 'fixed', requiredStake: 0n },
  ] as const) {
    await expect(startTestChain({ deploy })).rejects.toThrow()
  }
})
