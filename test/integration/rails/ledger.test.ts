import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSenderManager } from '../../../src/chain/sender-manager.ts'
import { createTimeManager } from '../../../src/chain/time-manager.ts'
import type { Address } from '../../../src/lib/crypto/address.ts'
import type { Startable } from '../../../src/lib/lifecycle.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { emptySums, type LedgerAccount } from '../../../src/rails/ticket/ledger.ts'
import { createLedgerReader } from '../../../src/rails/ticket/ledger-reader.ts'
import { createLedger, type Ledger } from '../../../src/rails/ticket/ledger-store.ts'
import { ticketLimits } from '../../../src/rails/ticket/limits.ts'
import { createTicketMetrics } from '../../../src/rails/ticket/metrics.ts'
import { createTicketPayeeRail } from '../../../src/rails/ticket/payee-rail.ts'
import { createSender } from '../../../src/rails/ticket/sender.ts'
import { ticketEv } from '../../../src/rails/ticket/ticket.ts'
import { encodeTicketPayment } from '../../../src/rails/ticket/wire.ts'
import {
  bondOrchestrator,
  ether,
  type Party,
  startTestChain,
  type TestChain,
  winningTicket,
} from '../../helpers/chain.ts'
import { fakeChain } from '../../helpers/fakes-chain.ts'
import { Cleanup, temporaryStore, until } from '../../helpers/fixtures.ts'
import {
  openRecipient,
  paramsConfig,
  paramsOf,
  recipientWallet,
  senderInit,
  senderWallet,
} from '../../helpers/fixtures-tickets.ts'

const cleanup = new Cleanup()
afterAll(() => cleanup.run())

async function accountOf(
  ledger: Ledger,
  side: 'sent' | 'received',
  who: Address,
): Promise<LedgerAccount | undefined> {
  for await (const [address, account] of ledger.accounts(side)) if (address === who) return account
  return undefined
}

describe('tickets are accounted for with what they are about', () => {
  test('on the side that sends, with the nonces', async () => {
    const chain = fakeChain()
    const { store, reopen } = await temporaryStore(cleanup)
    const ledger = createLedger(store)
    const components = { signer: senderWallet, time: chain, senders: chain, store, ledger }
    const sender = createSender(components, senderInit)
    const params = paramsOf()
    const id = await sender.startSession(params)
    await Promise.all([3, 1, 2].map((size) => sender.createTicketBatch(id, size)))
    const again = createLedger(await reopen())
    const account = await accountOf(again, 'sent', params.recipient)
    expect(account?.sums).toMatchObject({ tickets: 6, evWei: 6n * ticketEv(params) })
  })

  test('on the side that receives, with the credit: not without it, and once', async () => {
    const chain = fakeChain()
    const { store } = await temporaryStore(cleanup)
    const { recipient, blocks } = await openRecipient(store, chain)
    const metrics = createTicketMetrics(noMetrics)
    const ledger = createLedger(store)
    const { paramsLifeBlocks } = paramsConfig
    const rail = createTicketPayeeRail({ recipient, blocks, metrics, ledger }, { paramsLifeBlocks })
    const payer = senderWallet.address
    const context = { orderId: '0x01', payer, payee: recipientWallet.address }
    const earn = rail.openEarn(context, { payer, feePerStep: 20_000n })
    const params = await recipient.ticketParams(payer, 20_000n)
    if (!params.ok) throw new Error(params.error.code)
    const sending = { signer: senderWallet, time: chain, senders: chain }
    const sender = createSender(
      { ...sending, store: (await temporaryStore(cleanup)).store },
      senderInit,
    )
    const batch = await sender.createTicketBatch(await sender.startSession(params.value), 100)
    if (!batch.ok) throw new Error(batch.error.code)
    const proof = encodeTicketPayment(batch.value)
    await earn.receive(proof)
    expect(await accountOf(ledger, 'received', payer)).toBeUndefined()
    const credited: bigint[] = []
    for (let i = 0; i < 2; i += 1) {
      const received = await earn.receive(proof)
      if (!received.ok) throw new Error(received.error.code)
      await store.batch(received.value.writes)
      received.value.committed()
      credited.push(received.value.credited)
    }
    const account = await accountOf(ledger, 'received', payer)
    expect(account?.sums).toMatchObject({ tickets: 100, evWei: credited[0] })
    expect(credited[1]).toBe(0n)
    const won = BigInt(account?.won.count ?? 0)
    expect(won).toBeGreaterThan(0n)
    expect(account?.won.faceValueWei).toBe(won * params.value.faceValue)
  })
})

describe('a sender learns of its wins from the chain', () => {
  let chain: TestChain
  let sender: Party
  let recipient: Party
  beforeAll(async () => {
    chain = await startTestChain()
    cleanup.add(() => chain.stop())
    const operator = await chain.party(0)
    sender = await chain.party(1)
    recipient = await chain.party(2)
    await bondOrchestrator(operator, recipient, ether(100))
    await chain.nextRound()
    await sender.broker.fundDepositAndReserve(ether(1), ether(1), sender.fresh())
  })

  async function started<T extends Startable>(part: T): Promise<T> {
    await part.start()
    return part
  }

  test('once each, also those of blocks in which the node was down', async () => {
    const { store } = await temporaryStore(cleanup)
    const { client, rounds, bonding, broker, address } = sender
    const logger = silentLogger
    const time = await started(
      createTimeManager({ client, rounds, bonding, logger }, { pollingIntervalMs: 20 }),
    )
    cleanup.add(() => time.stop())
    const senders = await started(createSenderManager({ broker, timeManager: time, logger }))
    cleanup.add(() => senders.stop())
    await senders.getSenderInfo(address)
    const ledger = createLedger(store)
    const read = () =>
      started(createLedgerReader({ ledger, sender: address, broker, time, senders, logger }))
    const redeem = async (): Promise<void> => {
      const ticket = await winningTicket({ sender, recipient })
      await recipient.broker.redeemWinningTicket(ticket, recipient.fresh())
    }
    const deepen = () => chain.cheat.mine({ blocks: Number(ticketLimits.ledgerConfirmations) })
    const wins = async (): Promise<number> =>
      (await accountOf(ledger, 'sent', recipient.address))?.won.count ?? 0
    const caughtUp = () => until(async () => time.lastSeenBlock() === (await client.blockNumber()))
    await redeem()
    await caughtUp()
    await store.batch([...(await ledger.sentWrites(paramsOf({ recipient: recipient.address }), 4))])

    const first = await read()
    await until(async () => (await ledger.nextBlock()) !== undefined)
    await redeem()
    await redeem()
    await until(async () => {
      await chain.cheat.mine({ blocks: 1 })
      return (await wins()) === 2
    })
    await first.stop()
    await redeem()
    await deepen()
    await caughtUp()
    const second = await read()
    await until(async () => (await wins()) === 3)
    await second.stop()
    const account = await accountOf(ledger, 'sent', recipient.address)
    expect(account).toMatchObject({
      won: { count: 3, faceValueWei: 3n * ether(0.01) },
      paidWei: 3n * ether(0.01),
    })
    expect(account?.sums).not.toEqual(emptySums)
  })
})
