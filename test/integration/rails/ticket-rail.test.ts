import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Result } from '../../../src/lib/result.ts'
import type {
  EarnSession,
  PayeeRail,
  PayerRail,
  PaySession,
  RailFault,
  Received,
} from '../../../src/rails/rail.ts'
import { ticketLimits } from '../../../src/rails/ticket/limits.ts'
import { type TicketParams, ticketEv } from '../../../src/rails/ticket/ticket.ts'
import { parseTicketParams, parseTicketPayment } from '../../../src/rails/ticket/wire.ts'
import type { Store } from '../../../src/store/store.ts'
import { type FakeChain, fakeChain } from '../../helpers/fakes-chain.ts'
import { bytesOf, Cleanup, temporaryStore, walletOf } from '../../helpers/fixtures.ts'
import {
  openPayerRail,
  openRecipient,
  recipientWallet,
  senderWallet,
} from '../../helpers/fixtures-tickets.ts'

const FEE = 20_000n
const context = { orderId: '0x01', payer: senderWallet.address, payee: recipientWallet.address }
const offerInit = { payer: senderWallet.address, feePerStep: FEE }

const cleanup = new Cleanup()
let chain: FakeChain
let store: Store
let payee: PayeeRail
let payer: PayerRail
let earn: EarnSession
let pay: PaySession
let offer: Uint8Array

function value<T>(result: Result<T, RailFault>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`)
  return result.value
}

beforeEach(async () => {
  chain = fakeChain()
  ;({ store } = await temporaryStore(cleanup))
  payee = (await openRecipient(store, chain)).rail
  payer = openPayerRail((await temporaryStore(cleanup)).store, chain)
  offer = value(await payee.offer(offerInit))
  earn = payee.openEarn(context, offerInit)
  pay = value(await payer.openPay(context, offer))
})
afterEach(() => cleanup.run())

async function receive(proof: Uint8Array, session = earn): Promise<bigint> {
  const received: Received = value(await session.receive(proof))
  await store.batch(received.writes, { sync: received.sync })
  received.committed()
  return received.credited
}

const paramsIn = (grant: Uint8Array | null): TicketParams => {
  const params = parseTicketParams(grant ?? new Uint8Array(0))
  if (!params.ok) throw new Error('no grant')
  return params.value
}

describe('the ticket rail', () => {
  test('what the payer says a payment is worth is what the payee credits, and it covers what is due', async () => {
    for (const due of [1n, FEE / 2n, FEE, FEE + 1n, 10n * FEE]) {
      const paid = value(await pay.pay(due))
      expect(paid.value).toBeGreaterThanOrEqual(due)
      expect(await receive(paid.proof)).toBe(paid.value)
      expect(await receive(paid.proof)).toBe(0n)
    }
  })

  test('refuses at once what would take more tickets than a payment holds', async () => {
    const ev = ticketEv(paramsIn(offer))
    const most = ev * BigInt(ticketLimits.maxTicketsPerPayment)
    expect(value(await pay.pay(most)).value).toBe(most)
    expect(await pay.pay(most + 1n)).toMatchObject({ ok: false, error: { class: 'limit' } })
  })

  test('judges an offer as it would take it', async () => {
    expect(await payer.judge(offer, recipientWallet.address)).toMatchObject({ ok: true })
    const stranger = walletOf('stranger').address
    expect(await payer.judge(offer, stranger)).toMatchObject({
      ok: false,
      error: { code: 'INVALID_RECIPIENT' },
    })
    expect(await payer.openPay(context, bytesOf(40))).toMatchObject({
      ok: false,
      error: { code: 'MALFORMED' },
    })
    chain.funds = { ...chain.funds, deposit: 0n }
    expect(await payer.judge(offer, recipientWallet.address)).toMatchObject({
      ok: false,
      error: { class: 'underfunded' },
    })
  })

  test('gives no credit for what cannot be read, or comes from somebody else', async () => {
    expect(await earn.receive(bytesOf(100))).toMatchObject({
      ok: false,
      error: { class: 'fatal', code: 'MALFORMED' },
    })
    const other = payee.openEarn({ ...context, payer: walletOf('other').address }, offerInit)
    const { proof } = value(await pay.pay(FEE))
    expect(await other.receive(proof)).toMatchObject({
      ok: false,
      error: { class: 'fatal', code: 'WRONG_SENDER' },
    })
  })

  test('says that a payment must reach the disk exactly when it holds a winner', async () => {
    let winners = 0
    for (let i = 0; i < 20; i += 1) {
      const received = value(await earn.receive(value(await pay.pay(1n)).proof))
      expect(received.sync).toBe(received.writes.length > 1)
      if (received.sync) winners += 1
      await store.batch(received.writes)
    }
    expect(winners).toBeGreaterThan(0)
  })

  test('hands out a new grant once half of the life of the old one is over, and goes on under it', async () => {
    await receive(value(await pay.pay(FEE)).proof)
    expect(await earn.grantIfDue()).toBeNull()
    chain.block = 1_019n
    expect(await earn.grantIfDue()).toBeNull()
    chain.block = 1_020n
    const grant = await earn.grantIfDue()
    expect(paramsIn(grant).expirationBlock).toBe(1_060n)
    value(await pay.useGrant(grant as Uint8Array))
    chain.block = 1_045n
    const paid = value(await pay.pay(FEE))
    expect(await receive(paid.proof)).toBe(paid.value)
  })

  test('hands out a new grant before the nonces run out, and once they have', async () => {
    const payOut = async (payments: number): Promise<void> => {
      const all = ticketEv(paramsIn(offer)) * BigInt(ticketLimits.maxTicketsPerPayment)
      for (let i = 0; i < payments; i += 1) await receive(value(await pay.pay(all)).proof)
    }
    await payOut(4)
    expect(await earn.grantIfDue()).toBeNull()
    await payOut(1)
    const first = (await earn.grantIfDue()) as Uint8Array
    expect(await earn.grantIfDue()).toEqual(first)
    value(await pay.useGrant(first))
    await payOut(6)
    expect(await pay.pay(1n)).toMatchObject({ ok: false, error: { class: 'new-params' } })
    const second = value(await earn.grant())
    expect(paramsIn(second).recipientRandHash).not.toEqual(paramsIn(first).recipientRandHash)
    value(await pay.useGrant(second))
    await payOut(1)
  })

  test('repeats its grant as long as it is good, so that a lost reply costs nothing', async () => {
    expect(value(await earn.grant())).toEqual(value(await earn.grant()))
  })

  test('tells an honest payer what to do when its params are void', async () => {
    const { proof } = value(await pay.pay(FEE))
    chain.block = 1_040n
    expect(await earn.receive(proof)).toMatchObject({ ok: false, error: { class: 'new-params' } })
    expect(await pay.pay(FEE)).toMatchObject({ ok: false, error: { class: 'new-params' } })
    value(await pay.useGrant(value(await earn.grant())))
    expect(await receive(value(await pay.pay(FEE)).proof)).toBeGreaterThanOrEqual(FEE)
  })

  test('refuses a grant that it would not have taken as an offer, and goes on under the old one', async () => {
    expect(await pay.useGrant(bytesOf(20))).toMatchObject({
      ok: false,
      error: { code: 'MALFORMED' },
    })
    const paid = value(await pay.pay(FEE))
    const batch = parseTicketPayment(paid.proof)
    expect(batch.ok && batch.value.params).toEqual(paramsIn(offer))
  })
})
