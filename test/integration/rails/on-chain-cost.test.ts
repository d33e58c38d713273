import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { createBroker } from '../../../src/rails/ticket/broker.ts'
import { openBlockClock } from '../../../src/rails/ticket/chain-clock.ts'
import { createTicketMetrics } from '../../../src/rails/ticket/metrics.ts'
import { createTicketPayeeRail } from '../../../src/rails/ticket/payee-rail.ts'
import { createTicketPayerRail } from '../../../src/rails/ticket/payer-rail.ts'
import { createRecipient } from '../../../src/rails/ticket/recipient.ts'
import { openRecipientSecret } from '../../../src/rails/ticket/recipient-secret.ts'
import { createRedemption } from '../../../src/rails/ticket/redemption.ts'
import { createSender } from '../../../src/rails/ticket/sender.ts'
import { createSenderMonitor } from '../../../src/rails/ticket/sender-monitor.ts'
import { openWinnerStore, type Winner } from '../../../src/rails/ticket/winner-store.ts'
import {
  bondOrchestrator,
  ether,
  type Party,
  startTestChain,
  type TestChain,
} from '../../helpers/chain.ts'
import { fakeChain } from '../../helpers/fakes-chain.ts'
import { Cleanup, temporaryStore, until } from '../../helpers/fixtures.ts'
import { paramsConfig, senderInit } from '../../helpers/fixtures-tickets.ts'

const SEGMENTS = 1_000
const FEE = 10n ** 13n

const cleanup = new Cleanup()
let chain: TestChain
let sender: Party
let recipient: Party
beforeAll(async () => {
  chain = await startTestChain()
  cleanup.add(() => chain.stop())
  sender = await chain.party(1)
  recipient = await chain.party(2)
  await bondOrchestrator(await chain.party(0), recipient, ether(100))
  await chain.nextRound()
})
afterAll(() => cleanup.run())

const sent = ({ address }: Party): Promise<number> => chain.cheat.getTransactionCount({ address })

/** Both ends of the rail; what they know of blocks and rounds is told by the test. */
async function openRails() {
  const { store } = await temporaryStore(cleanup)
  const time = fakeChain()
  time.round = await sender.rounds.lastInitializedRound()
  time.blockHash = await sender.rounds.blockHashForRound(time.round)
  const { pool: _, ...senders } = time
  const payerStore = (await temporaryStore(cleanup)).store
  const paying = createSender(
    { signer: sender.signer, time, senders, store: payerStore },
    senderInit,
  )
  const metrics = createTicketMetrics(noMetrics)
  const winners = await openWinnerStore(store, silentLogger)
  const blocks = await openBlockClock(store, time)
  const { address } = recipient
  const monitor = createSenderMonitor({ claimant: address, time, senders, winners })
  const secret = await openRecipientSecret(store)
  // One ticket a segment, of which one in forty wins.
  const config = { ...paramsConfig, ticketsPerStep: 1n, evMultiplier: 40n }
  const earning = createRecipient(
    { ...{ address, secret, time, blocks, gas: time, monitor, winners, store } },
    config,
  )
  const contract = recipient.broker
  const broker = createBroker(
    { contract, transactions: recipient.transactions },
    { pollingIntervalMs: 20 },
  )
  const redemption = createRedemption(
    { store, winners, broker, time, blocks, gas: time, logger: silentLogger, metrics },
    { ticketValidityPeriod: 2n, concurrency: 4, policy: { maxBatch: 1 } },
  )
  const { paramsLifeBlocks } = config
  return {
    ...{ store, time, winners, redemption },
    payer: createTicketPayerRail({ sender: paying, metrics }),
    payee: createTicketPayeeRail({ recipient: earning, blocks, metrics }, { paramsLifeBlocks }),
  }
}

test('S44 a thousand segments cost as many transactions as the opening and the wins', async () => {
  const before = { sender: await sent(sender), recipient: await sent(recipient) }
  await sender.broker.fundDepositAndReserve(ether(1), ether(1), sender.fresh())
  const { store, time, winners, redemption, payer, payee } = await openRails()

  const context = { orderId: '0x01', payer: sender.address, payee: recipient.address }
  const terms = { payer: sender.address, feePerStep: FEE }
  const offer = await payee.offer(terms)
  if (!offer.ok) throw new Error(offer.error.code)
  const paying = await payer.openPay(context, offer.value)
  if (!paying.ok) throw new Error(paying.error.code)
  const earning = payee.openEarn(context, terms)
  let credited = 0n
  for (let segment = 0; segment < SEGMENTS; segment++) {
    let paid = await paying.value.pay(FEE)
    if (!paid.ok && paid.error.code === 'NONCE_EXHAUSTED') {
      const grant = await earning.grant()
      if (!grant.ok) throw new Error(grant.error.code)
      await paying.value.useGrant(grant.value)
      paid = await paying.value.pay(FEE)
    }
    if (!paid.ok) throw new Error(paid.error.code)
    const received = await earning.receive(paid.value.proof)
    if (!received.ok) throw new Error(received.error.code)
    await store.batch(received.value.writes)
    received.value.committed()
    credited += received.value.credited
  }
  expect(credited).toBeGreaterThanOrEqual(BigInt(SEGMENTS) * FEE)
  // Segments alone leave no trace on chain.
  expect(await sent(sender)).toBe(before.sender + 1)
  expect(await sent(recipient)).toBe(before.recipient)

  const won: Winner[] = []
  for await (const winner of winners.all()) won.push(winner)
  expect(won.length).toBeGreaterThan(0)
  time.block += paramsConfig.paramsLifeBlocks
  await redemption.start()
  cleanup.add(() => redemption.stop())
  await until(async () => {
    for await (const { state } of winners.all()) if (state !== 'redeemed') return false
    return true
  })
  expect(await sent(recipient)).toBe(before.recipient + won.length)
  expect(await sent(sender)).toBe(before.sender + 1)
})
