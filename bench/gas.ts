import {
  bondOrchestrator,
  ether,
  type Party,
  startTestChain,
  type TestChain,
  winningTicket,
} from '../test/helpers/chain.ts'
import { channelGas } from './channel-gas.ts'
import type { Bench, BenchLine } from './lib/bench.ts'

/** Gas of Livepeer's contracts behind their proxies; the lower end where there is a range. */
const livepeer = {
  redeemFirst: 292_800,
  redeemLater: 198_500,
  redeemReserve: 371_800,
  batch: { 2: 194_000, 5: 126_000, 10: 103_000, 20: 92_000, 50: 85_000 },
  fundFirst: 107_900,
  fundAgain: 73_700,
  fundDeposit: 65_800,
  unlock: 88_900,
  cancelUnlock: 40_700,
  withdraw: 88_600,
  withdrawFees: 345_000,
  initializeRound: 205_000,
  bondFirst: 601_000,
  bondMore: 290_000,
  unbond: 314_000,
  withdrawStake: 102_000,
  setUriFirst: 59_700,
  setUriAgain: 44_800,
} as const

/** Every byte of the amount set, so that no measurement is helped by cheap calldata. */
const faceValue = 0x0123_4567_89ab_cdn
const stake = ether(100)
const unbondingRounds = 7

interface Cast {
  readonly chain: TestChain
  readonly operator: Party
  readonly sender: Party
  readonly recipient: Party
  /** Says what an operation cost, beside Livepeer and, if there is one, against our limit. */
  cost(name: string, gas: bigint, rivalGas: number, limit?: number): void
}

/** Gas of whole transactions on a local EVM, calldata included, beside Livepeer's contracts. */
export const bench: Bench = async (say) => {
  const chain = await startTestChain()
  try {
    const cast: Cast = {
      chain,
      operator: await chain.party(0),
      sender: await chain.party(1),
      recipient: await chain.party(2),
      cost: (name, gas, rivalGas, limit) => say(lineOf(name, gas, rivalGas, limit)),
    }
    await bonding(cast)
    await funding(cast)
    await redeeming(cast)
    await batches(cast)
    await leaving(cast)
    await channelGas(chain, cast.sender, cast.recipient, (name, gas, designed) => {
      const value = Number(gas)
      const rival = `design, ${designed}`
      say({ name, value, unit: 'gas', rival, ratio: designed / value, bar: 1 / 1.15 })
    })
  } finally {
    await chain.stop()
  }
}

function lineOf(name: string, gas: bigint, rivalGas: number, limit?: number): BenchLine {
  const value = Number(gas)
  const line = { name, value, unit: 'gas', rival: `Livepeer, ${rivalGas}`, ratio: rivalGas / value }
  return limit === undefined ? line : { ...line, bar: rivalGas / limit }
}

async function bonding({ chain, operator, recipient, cost }: Cast): Promise<void> {
  const { token, bonding: manager, registry, rounds, fresh } = recipient
  await operator.token.transfer(recipient.address, 3n * stake, operator.fresh())
  await token.approve(manager.address, 3n * stake, fresh())
  const first = await manager.bond(stake, fresh())
  cost('bond, first', first.gasUsed, livepeer.bondFirst)
  cost('bond, more', (await manager.bond(stake, fresh())).gasUsed, livepeer.bondMore)
  const uri = 'https://127.0.0.1:8935'
  const set = await registry.setServiceUri(uri, fresh())
  cost('setServiceURI, first', set.gasUsed, livepeer.setUriFirst)
  const again = await registry.setServiceUri(uri.replace('8935', '8936'), fresh())
  cost('setServiceURI, again', again.gasUsed, livepeer.setUriAgain)
  // Another orchestrator, so that a reserve is divided.
  await bondOrchestrator(operator, await chain.party(3), stake)
  await chain.nextRound()
  await chain.cheat.increaseTime({ seconds: 1000 })
  const opened = await rounds.initializeRound(fresh())
  cost('initializeRound', opened.gasUsed, livepeer.initializeRound)
}

async function funding({ sender, cost }: Cast): Promise<void> {
  const { broker, fresh } = sender
  const amounts = [ether(5), ether(5)] as const
  const first = await broker.fundDepositAndReserve(...amounts, fresh())
  cost('fundDepositAndReserve, first', first.gasUsed, livepeer.fundFirst)
  const again = await broker.fundDepositAndReserve(...amounts, fresh())
  cost('fundDepositAndReserve, again', again.gasUsed, livepeer.fundAgain)
  const deposit = await broker.fundDeposit(ether(1), fresh())
  cost('fundDeposit', deposit.gasUsed, livepeer.fundDeposit)
}

async function redeeming(cast: Cast): Promise<void> {
  const { chain, cost, recipient } = cast
  const limits = { first: 85_000, later: 80_000 }
  cost('redeem, first ever', await redeem(cast), livepeer.redeemFirst, limits.first)
  await chain.nextRound()
  cost('redeem, first in a round', await redeem(cast), livepeer.redeemFirst, limits.first)
  cost('redeem, later', await redeem(cast), livepeer.redeemLater, limits.later)
  const fees = await recipient.broker.withdrawFees(recipient.address, faceValue, recipient.fresh())
  cost('withdrawFees', fees.gasUsed, livepeer.withdrawFees)
}

async function redeem(cast: Cast, value: bigint = faceValue): Promise<bigint> {
  const { broker, fresh } = cast.recipient
  const ticket = await winningTicket(cast, { faceValue: value })
  return (await broker.redeemWinningTicket(ticket, fresh())).gasUsed
}

async function batches(cast: Cast): Promise<void> {
  const { broker, address, fresh } = cast.recipient
  for (const [size, rivalGas] of Object.entries(livepeer.batch)) {
    const count = Number(size)
    const tickets = []
    for (let i = 0; i < count; i += 1) tickets.push(await winningTicket(cast, { faceValue }))
    const before = await broker.pendingFees(address)
    const { gasUsed } = await broker.batchRedeemWinningTickets(tickets, fresh())
    const paid = (await broker.pendingFees(address)) - before
    if (paid !== BigInt(count) * faceValue) throw new Error(`a batch of ${count} was not paid`)
    const limit = count === 50 ? 45_000 : undefined
    cast.cost(`batch of ${count}, a ticket`, gasUsed / BigInt(count), rivalGas, limit)
  }
}

async function leaving(cast: Cast): Promise<void> {
  const { chain, sender, recipient, cost } = cast
  const { deposit } = await sender.broker.senderInfo(sender.address)
  cost('redeem out of the reserve too', await redeem(cast, deposit + 1n), livepeer.redeemReserve)
  cost('unlock', (await sender.broker.unlock(sender.fresh())).gasUsed, livepeer.unlock)
  const cancelled = await sender.broker.cancelUnlock(sender.fresh())
  cost('cancelUnlock', cancelled.gasUsed, livepeer.cancelUnlock)
  await sender.broker.unlock(sender.fresh())
  const part = await recipient.bonding.unbond(stake, recipient.fresh())
  cost('unbond', part.gasUsed, livepeer.unbond)
  for (let i = 0; i < unbondingRounds; i += 1) await chain.nextRound()
  cost('withdraw', (await sender.broker.withdraw(sender.fresh())).gasUsed, livepeer.withdraw)
  const stakeOut = await recipient.bonding.withdrawStake(0n, recipient.fresh())
  cost('withdrawStake', stakeOut.gasUsed, livepeer.withdrawStake)
}
