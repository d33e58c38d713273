import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Receipt } from '../../../src/chain/transactions.ts'
import { MillraceError } from '../../../src/lib/errors.ts'
import { BondingModel, type ModelInit } from '../../helpers/bonding-model.ts'
import {
  ether,
  type Party,
  startTestChain,
  type TestChain,
  winningTicket,
} from '../../helpers/chain.ts'

const economy: ModelInit = {
  inflation: 220_000n,
  inflationChange: 500n,
  targetBondingRate: 500_000_000n,
  unbondingPeriod: 2n,
  supply: ether(10_000_000),
}
const FIRST = 2
const ACTORS = 5
const finder = '0x00000000000000000000000000000000000000f1'

let chain: TestChain
let operator: Party
let sender: Party
const actors: Party[] = []

beforeAll(async () => {
  chain = await startTestChain({ deploy: { unbondingPeriod: economy.unbondingPeriod } })
  operator = await chain.party(0)
  sender = await chain.party(1)
  await operator.bonding.setVerifier(operator.address, operator.fresh())
  await sender.broker.fundDeposit(ether(1000), sender.fresh())
  for (let i = 0; i < ACTORS; i += 1) {
    const actor = await chain.party(FIRST + i)
    await operator.token.transfer(actor.address, ether(100_000), operator.fresh())
    await actor.token.approve(actor.bonding.address, ether(100_000), actor.fresh())
    actors.push(actor)
  }
})

afterAll(async () => chain?.stop())

/** Odd amounts, so that no part is a round number by chance. */
const amount = fc.integer({ min: 1_000, max: 50_000 }).map((n) => BigInt(n) * 10n ** 15n + 7919n)
const who = fc.nat(ACTORS - 1)
const to = fc.nat(ACTORS - 1)
const lock = fc.nat(2)
const parts = fc.nat(1_000_000).map(BigInt)
const fees = fc.bigInt(10n ** 9n, 10n ** 18n)

function of<const K extends string, T>(weight: number, kind: K, fields: fc.Arbitrary<T>) {
  return { weight, arbitrary: fields.map((given) => ({ kind, ...given })) }
}

const operation = fc.oneof(
  of(5, 'bond', fc.record({ who, to, amount })),
  of(2, 'move', fc.record({ who, to })),
  of(2, 'unbond', fc.record({ who, amount })),
  of(1, 'leave', fc.record({ who })),
  of(1, 'rebond', fc.record({ who, lock })),
  of(1, 'rebondTo', fc.record({ who, lock, to })),
  of(1, 'withdraw', fc.record({ who, lock })),
  of(2, 'shares', fc.record({ who, rewardCut: parts, feeShare: parts })),
  of(3, 'reward', fc.record({ who })),
  of(1, 'slash', fc.record({ who, part: fc.bigInt(0n, 300_000n), bounty: parts })),
  of(4, 'earn', fc.record({ who, fees, late: fc.boolean() })),
  of(1, 'collect', fc.record({ who })),
)
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

/** Some operations in each of some rounds. */
const history = fc.array(fc.array(operation, { minLength: 4, maxLength: 9, size: 'max' }), {
  minLength: 6,
  maxLength: 6,
})

/** Whether the chain did it; a refusal must have a reason. */
async function done(work: Promise<Receipt>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'TX_REVERTED') throw error
    expect(error.meta['reason']).toBeTypeOf('string')
    return false
  }
}

/** A unit lost to rounding earns as it would have, so what is lost grows with what is there. */
function near(value: bigint, wanted: bigint, what: string): void {
  const gap = value > wanted ? value - wanted : wanted - value
  expect(gap <= 1000n + wanted / 10n ** 12n, `${what}: ${value}, not ${wanted}`).toBe(true)
}

/** Does one thing on the chain and in the model, which must be of one mind about whether it is done. */
async function step(model: BondingModel, op: Operation): Promise<void> {
  const actor = actors[op.who] as Party
  const { address: name, bonding, fresh } = actor
  const target = actors['to' in op ? op.to : 0]?.address ?? name
  const agree = async (work: Promise<Receipt>, expected: boolean): Promise<void> => {
    expect(
      await done(work),
      JSON.stringify(op, (_, v) => (typeof v === 'bigint' ? `${v}` : v)),
    ).toBe(expected)
  }
  switch (op.kind) {
    case 'bond':
      return agree(bonding.bondTo(target, op.amount, fresh()), model.bond(name, target, op.amount))
    case 'move':
      return agree(bonding.bondTo(target, 0n, fresh()), model.bond(name, target, 0n))
    case 'unbond':
      return agree(bonding.unbond(op.amount, fresh()), model.unbond(name, op.amount))
    case 'leave': {
      const { stake } = await bonding.delegator(name)
      return agree(bonding.unbond(stake, fresh()), model.leave(name, stake))
    }
    case 'rebond':
      return agree(bonding.rebond(BigInt(op.lock), fresh()), model.rebond(name, op.lock, null))
    case 'rebondTo':
      return agree(
        bonding.rebondFromUnbonded(target, BigInt(op.lock), fresh()),
        model.rebond(name, op.lock, target),
      )
    case 'withdraw':
      return agree(bonding.withdrawStake(BigInt(op.lock), fresh()), model.withdraw(name, op.lock))
    case 'shares':
      return agree(bonding.setShares(op, fresh()), model.setShares(name, op))
    case 'reward':
      return agree(bonding.reward(fresh()), model.reward(name))
    case 'slash':
      if (model.totalOf(name) === 0n) return
      model.slash(name, op.part, op.bounty)
      await operator.bonding.slash(
        { orchestrator: name, finder, amount: op.part, finderFee: op.bounty },
        operator.fresh(),
      )
      return
    case 'earn':
      return earn(model, actor, op)
    case 'collect': {
      const pending = await actor.broker.pendingFees(name)
      model.withdrawFees(name, pending)
      await actor.broker.withdrawFees(name, pending, fresh())
    }
  }
}

async function earn(
  model: BondingModel,
  recipient: Party,
  { fees: faceValue, late }: { readonly fees: bigint; readonly late: boolean },
): Promise<void> {
  const current = await sender.rounds.currentRound()
  const round = late && current > model.firstRound ? current - 1n : current
  const ticket = await winningTicket({ sender, recipient }, { faceValue, round })
  const paid = await done(sender.broker.redeemWinningTicket(ticket, sender.fresh()))
  expect(paid).toBe(model.earn(recipient.address, faceValue, round))
}

/** Everything the chain says of stakes, fees, shares and supply. */
async function compare(model: BondingModel, round: bigint): Promise<void> {
  for (const { address, bonding } of actors) {
    const found = await bonding.delegator(address)
    expect(found.delegate).toBe(model.delegateOf(address))
    near(found.stake, model.stakeOf(address), 'stake')
    near(found.fees, model.feesOf(address), 'fees')
    near(await bonding.transcoderTotalStake(address), model.totalOf(address), 'total stake')
    const { rewardCut, feeShare } = await operator.registry.record(address)
    expect({ rewardCut, feeShare }).toEqual(model.sharesIn(address, round))
  }
  near(await operator.token.totalSupply(), model.supply, 'supply')
}

test('S22 S23 S33 S40 whatever is done, everyone has what the rules give', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (rounds) => {
      const restore = await chain.checkpoint()
      try {
        let round = await operator.rounds.currentRound()
        const names = actors.map(({ address }) => address)
        const model = new BondingModel(economy, names, round)
        for (const operations of [opening, ...rounds]) {
          for (const op of operations) await step(model, op)
          await compare(model, round)
          await chain.nextRound()
          round += 1n
          model.startRound(round)
          await compare(model, round)
        }
      } finally {
        await restore()
      }
    }),
    { numRuns: 2, interruptAfterTimeLimit: 50_000, endOnFailure: true },
  )
}, 120_000)

/** Two orchestrators with shares and delegators, so that there is something to divide. */
const opening: readonly Operation[] = [
  { kind: 'bond', who: 0, to: 0, amount: ether(50) + 11n },
  { kind: 'bond', who: 1, to: 1, amount: ether(30) + 7n },
  { kind: 'shares', who: 0, rewardCut: 100_000n, feeShare: 400_000n },
  { kind: 'shares', who: 1, rewardCut: 0n, feeShare: 1_000_000n },
  { kind: 'bond', who: 2, to: 0, amount: ether(20) + 5n },
  { kind: 'bond', who: 3, to: 1, amount: ether(20) + 3n },
]
