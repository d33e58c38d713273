import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createPaymentChannels } from '../../../../src/chain/payment-channels.ts'
import type { ChannelPayee, ChannelPayer } from '../../../../src/rails/channel/open.ts'
import { transferredAmount } from '../../../../src/rails/channel/settlement.ts'
import { parseOffer } from '../../../../src/rails/channel/wire.ts'
import { startTestChain, type TestChain } from '../../../helpers/chain.ts'
import { reorganise } from '../../../helpers/chain-side.ts'
import { mineUntil, openFlow, value } from '../../../helpers/channel-flow.ts'
import { type Half, payeeHalf, payerHalf } from '../../../helpers/channel-sides.ts'
import { Cleanup, until } from '../../../helpers/fixtures.ts'

let chain: TestChain
const cleanup = new Cleanup()
let payer: Half<ChannelPayer>
let payee: Half<ChannelPayee>

beforeAll(async () => {
  chain = await startTestChain()
})
afterAll(async () => chain?.stop())
afterEach(() => cleanup.run())

async function parties(
  payerInit: Parameters<typeof payerHalf>[2] = {},
  payeeInit: Parameters<typeof payeeHalf>[2] = {},
): Promise<void> {
  payer = await payerHalf(chain, 1, payerInit)
  cleanup.add(async () => payer.stop())
  payee = await payeeHalf(chain, 2, payeeInit)
  cleanup.add(async () => payee.stop())
}

const domain = () => ({ chainId: 31_337n, contract: chain.addresses.paymentChannels })
const offerInit = () => ({ payer: payer.side().wallet.address, feePerStep: 1_000n })

test('a channel that is open is used again, by other orders and after restarts', async () => {
  await parties()
  await (await openFlow(payer, payee, '0x01')).pay(100n)
  await (await openFlow(payer, payee, '0x02')).pay(100n)
  await payer.restart()
  await payee.restart()
  expect(await (await openFlow(payer, payee, '0x03')).pay(100n)).toBe(100n)
  expect(payer.half().channels()).toHaveLength(1)
  expect(transferredAmount(domain(), payee.half().channels()[0]?.state as never)).toBe(300n)
})

test('two orders that open at once share one deposit', async () => {
  await parties()
  const flows = await Promise.all([openFlow(payer, payee, '0x01'), openFlow(payer, payee, '0x02')])
  expect(payer.half().channels()).toHaveLength(1)
  for (const flow of flows) expect(await flow.pay(70n)).toBe(70n)
})

test('a deposit that runs out is added to, up to the most that is allowed', async () => {
  await parties({ deposit: 10n ** 14n, maxDeposit: 3n * 10n ** 14n })
  const flow = await openFlow(payer, payee)
  for (let i = 0; i < 5; i += 1) await flow.pay(5n * 10n ** 13n)
  expect(payer.half().channels()[0]?.record).toMatchObject({
    topUps: 2,
    deposited: 3n * 10n ** 14n,
  })
  await flow.pay(5n * 10n ** 13n)
  expect(await flow.session.pay(1n)).toMatchObject({
    ok: false,
    error: { code: 'DEPOSIT_EXHAUSTED' },
  })
})

test('a payer that dies while it opens goes on with the same deposit', async () => {
  await parties()
  const context = { orderId: '0x01', payer: offerInit().payer, payee: payee.side().wallet.address }
  const offer = value(await payee.half().rail.offer(offerInit()))
  await chain.cheat.setAutomine(false)
  const opening = payer.half().rail.openPay(context, offer)
  const stopped = expect(opening)
    .rejects.toBeDefined()
    .catch(() => {})
  while (payer.side().transactions.unmined().length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await payer.restart(true)
  await stopped
  await chain.cheat.setAutomine(true)
  await mineUntil(chain, () => payer.half().channels()[0]?.record.stage === 'open')
  expect(await (await openFlow(payer, payee)).pay(100n)).toBe(100n)
  expect(payer.half().channels()).toHaveLength(1)
})

test('a payer that lost what it signed is shown it, and believes only its own signature', async () => {
  await parties()
  const flow = await openFlow(payer, payee)
  await flow.pay(100n)
  const channel = payer.half().channels()[0]
  if (channel === undefined) throw new Error('no channel')
  const grant = value(await flow.earn.grant())
  await flow.pay(200n)
  const later = value(await flow.earn.grant())
  // Back to what it knew after the first payment.
  const { state } = channel.record
  channel.record = {
    ...channel.record,
    state: { ...state, commits_active: state.commits_active.slice(0, 1) },
  }
  channel.base = 100n
  value(await flow.session.useGrant(grant))
  expect(transferredAmount(domain(), channel.record.state)).toBe(100n)
  const forged = Uint8Array.from(later)
  const at = forged.byteLength - 60
  forged[at] = (forged[at] as number) ^ 1
  expect((await flow.session.useGrant(forged)).ok).toBe(false)
  value(await flow.session.useGrant(later))
  expect(transferredAmount(domain(), channel.record.state)).toBe(300n)
  expect(await flow.pay(50n)).toBe(50n)
})

test('a deposit counts once it is confirmed, also when it is reorganised in between', async () => {
  await parties({}, { confirmations: 3 })
  const context = { orderId: '0x01', payer: offerInit().payer, payee: payee.side().wallet.address }
  const offer = value(await payee.half().rail.offer(offerInit()))
  const opening = payer.half().rail.openPay(context, offer)
  await until(() => payer.half().channels().length > 0)
  const { client, transactions } = payer.side()
  const contract = createPaymentChannels({ client }, { address: domain().contract })
  const id = payer.half().channels()[0]?.id as Uint8Array
  await until(async () => (await contract.channelOf(id)).openedAt > 0n)
  await until(() => transactions.unmined().length === 0)
  await chain.cheat.mine({ blocks: 1 })
  let vanished = false
  transactions.onReorganised(() => {
    vanished = true
  })
  await reorganise(chain, 2)
  // It is seen that it is gone, and it comes again by itself.
  while (!vanished) {
    await chain.cheat.mine({ blocks: 1 })
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  await until(async () => (await contract.channelOf(id)).openedAt > 0n)
  let isOpen = false
  void opening.finally(() => {
    isOpen = true
  })
  await mineUntil(chain, () => isOpen, [payer.side(), payee.side()])
  const session = value(await opening)
  const earn = payee.half().rail.openEarn(context, offerInit())
  expect(value(await earn.receive(value(await session.pay(10n)).proof)).credited).toBe(10n)
})

test('terms that do not suit the payer are refused before anything is deposited', async () => {
  await parties({ delayBlocks: 20, maxDeposit: 10n ** 16n })
  const judge = async () => {
    const offer = value(await payee.half().rail.offer(offerInit()))
    return payer.half().rail.judge(offer, payee.side().wallet.address)
  }
  expect(await judge()).toMatchObject({ ok: false, error: { code: 'DELAY_TOO_SHORT' } })
  await cleanup.run()
  await parties({}, { minDeposit: 10n ** 17n })
  expect(await judge()).toMatchObject({ ok: false, error: { code: 'DEPOSIT_TOO_HIGH' } })
  await cleanup.run()
  await parties({}, { minExpire: 5_000 })
  expect(await judge()).toMatchObject({ ok: false, error: { code: 'EXPIRY_TOO_LATE' } })
  await cleanup.run()
  await parties({}, { asset: chain.addresses.workToken })
  expect(await judge()).toMatchObject({ ok: false, error: { code: 'WRONG_ASSET' } })
  expect(payer.half().channels()).toHaveLength(0)
})

test('tokens are paid as ether is', async () => {
  const asset = chain.addresses.workToken
  const operator = await chain.party(0)
  await operator.token.transfer(chain.anvil.account(1).address, 10n ** 16n, operator.fresh())
  await parties({ asset }, { asset, idleBlocks: 3 })
  const offer = parseOffer(value(await payee.half().rail.offer(offerInit())))
  expect(offer.ok && offer.value.asset).toBe(asset)
  const flow = await openFlow(payer, payee)
  expect(await flow.pay(123n)).toBe(123n)
  const payeeAddress = payee.side().wallet.address
  const before = await operator.token.balanceOf(payeeAddress)
  await payee.half().watch.start()
  await mineUntil(chain, () => payee.half().channels()[0]?.settlement.over === true, [payee.side()])
  expect((await operator.token.balanceOf(payeeAddress)) - before).toBe(123n)
})
