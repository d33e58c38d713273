import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RedeemableTicket } from '../../../src/chain/ticket-broker.ts'
import {
  bondOrchestrator,
  ether,
  type Party,
  startTestChain,
  type TestChain,
  winningTicket,
} from '../../helpers/chain.ts'

let chain: TestChain
let parties: { sender: Party; recipient: Party }

beforeAll(async () => {
  chain = await startTestChain()
  const [operator, sender, recipient] = [
    await chain.party(0),
    await chain.party(1),
    await chain.party(2),
  ]
  parties = { sender, recipient }
  await bondOrchestrator(operator, recipient, ether(100))
  await chain.nextRound()
  await sender.broker.fundDepositAndReserve(ether(5), ether(5), sender.fresh())
})

afterAll(async () => chain?.stop())

// Every byte of the amount set, so that no measurement is helped by cheap calldata.
const faceValue = 0x0123_4567_89ab_cdn

async function tickets(count: number): Promise<readonly RedeemableTicket[]> {
  const made: RedeemableTicket[] = []
  for (let i = 0; i < count; i += 1) made.push(await winningTicket(parties, { faceValue }))
  return made
}

async function redeemOne(): Promise<bigint> {
  const [ticket] = await tickets(1)
  const { broker, fresh } = parties.recipient
  const receipt = await broker.redeemWinningTicket(ticket as RedeemableTicket, fresh())
  return receipt.gasUsed
}

test('a redemption costs at most what it should, its calldata included', async () => {
  const first = await redeemOne()
  const later = await redeemOne()
  await chain.nextRound()
  const firstOfNext = await redeemOne()
  await chain.nextRound()
  const previousRound = await winningTicket(parties, { faceValue })
  const firstOfThird = await redeemOne()
  await chain.nextRound()
  const { broker, fresh } = parties.recipient
  const late = (await broker.redeemWinningTicket(previousRound, fresh())).gasUsed
  for (const gas of [first, firstOfNext, firstOfThird]) expect(gas).toBeLessThanOrEqual(85_000n)
  for (const gas of [later, late]) expect(gas).toBeLessThanOrEqual(80_000n)
})

test('a batch of 50 costs at most 45,000 a ticket, and its estimate pays for all', async () => {
  const { broker, address, fresh } = parties.recipient
  const before = await broker.pendingFees(address)
  const batch = await tickets(50)
  const { gasUsed } = await broker.batchRedeemWinningTickets(batch, fresh())
  expect((await broker.pendingFees(address)) - before).toBe(50n * faceValue)
  expect(gasUsed / 50n).toBeLessThanOrEqual(45_000n)
})
