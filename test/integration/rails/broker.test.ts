import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { u256 } from '../../../src/lib/bytes.ts'
import { type Broker, createBroker } from '../../../src/rails/ticket/broker.ts'
import {
  MAX_WIN_PROB,
  recipientRandHash,
  type SignedTicket,
  ticketHash,
} from '../../../src/rails/ticket/ticket.ts'
import {
  bondOrchestrator,
  ether,
  type Party,
  startTestChain,
  type TestChain,
} from '../../helpers/chain.ts'

let chain: TestChain
let sender: Party
let recipient: Party
beforeAll(async () => {
  chain = await startTestChain()
  const operator = await chain.party(0)
  sender = await chain.party(1)
  recipient = await chain.party(2)
  await bondOrchestrator(operator, recipient, ether(100))
  await chain.nextRound()
})
afterAll(() => chain.stop())

const brokerOf = ({ broker: contract, transactions }: Party): Broker =>
  createBroker({ contract, transactions }, { pollingIntervalMs: 20 })

async function winner(nonce: number): Promise<SignedTicket> {
  const recipientRand = u256(BigInt(nonce) + 7n)
  const creationRound = await sender.rounds.lastInitializedRound()
  const ticket = {
    recipient: recipient.address,
    sender: sender.address,
    faceValue: ether(0.01),
    winProb: MAX_WIN_PROB,
    senderNonce: nonce,
    recipientRandHash: recipientRandHash(recipientRand),
    creationRound,
    creationRoundBlockHash: await sender.rounds.blockHashForRound(creationRound),
    paramsExpirationBlock: 0n,
  }
  return { ...ticket, sig: sender.signer.signMessage(ticketHash(ticket)), recipientRand }
}

describe('the broker, over the contract', () => {
  test("moves a sender's money in and out", async () => {
    const broker = brokerOf(sender)
    await broker.fundDeposit(ether(1), { id: 'deposit' })
    await broker.fundReserve(ether(2), { id: 'reserve' })
    await broker.fundDepositAndReserve(ether(1), ether(1), { id: 'both' })
    const info = await sender.broker.senderInfo(sender.address)
    expect([info.deposit, info.reserve.fundsRemaining]).toEqual([ether(2), ether(3)])
    await broker.unlock({ id: 'unlock' })
    expect(await sender.broker.isUnlockInProgress(sender.address)).toBe(true)
    await broker.cancelUnlock({ id: 'cancel' })
    expect(await sender.broker.isUnlockInProgress(sender.address)).toBe(false)
    await expect(broker.withdraw({ id: 'withdraw' })).rejects.toMatchObject({ code: 'TX_REVERTED' })
  })

  test('has a ticket paid once', async () => {
    const broker = brokerOf(recipient)
    const ticket = await winner(1)
    const hash = ticketHash(ticket)
    const options = { signal: new AbortController().signal }
    expect(await broker.isUsedTicket(hash)).toBe(false)
    expect(await broker.simulateRedeem(ticket, options)).toMatchObject({ ok: true })
    const receipt = await broker.redeem(ticket, { ...options, id: 'redeem' })
    expect(receipt.status).toBe('success')
    expect(await broker.isUsedTicket(hash)).toBe(true)
    expect(await broker.checkTx('redeem')).toMatchObject({ ok: true, value: { status: 'success' } })
    const again = await broker.simulateRedeem(ticket, options)
    expect(again).toEqual({ ok: false, error: 'ticket is used' })
    expect(await broker.redeem(ticket, { ...options, id: 'again' })).toMatchObject({
      status: 'reverted',
    })
    await expect(broker.redeemWinningTicket(ticket, { id: 'once more' })).rejects.toMatchObject({
      code: 'TX_REVERTED',
      meta: { reason: 'ticket is used' },
    })
  })

  test('says of a transaction what became of it, once it is mined', async () => {
    const broker = brokerOf(recipient)
    const good = broker.checkTx('later')
    await broker.redeemWinningTicket(await winner(2), { id: 'later' })
    expect(await good).toMatchObject({ ok: true, value: { status: 'success' } })
    // With a limit of gas nothing is simulated, so it fails on the chain itself.
    const bad = broker.checkTx('fails')
    const ticket = await winner(2)
    await expect(
      broker.redeemWinningTicket(ticket, { id: 'fails', gas: 500_000n }),
    ).rejects.toMatchObject({ code: 'TX_REVERTED' })
    expect(await bad).toMatchObject({ ok: false, error: { status: 'reverted' } })
    const controller = new AbortController()
    const never = broker.checkTx('never', { signal: controller.signal })
    controller.abort()
    await expect(never).rejects.toMatchObject({ name: 'AbortError' })
  })
})
