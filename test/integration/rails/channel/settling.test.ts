import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ChannelEvent } from '../../../../src/chain/payment-channels.ts'
import { createPaymentChannels } from '../../../../src/chain/payment-channels.ts'
import { toHex } from '../../../../src/lib/bytes.ts'
import { createChannelDesk } from '../../../../src/node/channel-desk.ts'
import {
  type ChannelPayee,
  type ChannelPayer,
  openChannelPayee,
  openChannelPayer,
} from '../../../../src/rails/channel/open.ts'
import { openPayeeSecret } from '../../../../src/rails/channel/payee-secret.ts'
import { highestCommit, transferredAmount } from '../../../../src/rails/channel/settlement.ts'
import { bareBytes, parseRawCommit, parseScript } from '../../../../src/rails/channel/terms.ts'
import { parseUnsigned, publishCall, secretCall } from '../../../../src/rails/channel/unsigned.ts'
import { parseGrant } from '../../../../src/rails/channel/wire.ts'
import { startTestChain, type TestChain } from '../../../helpers/chain.ts'
import { type ChainSide, reorganise } from '../../../helpers/chain-side.ts'
import { mineUntil, openFlow, value } from '../../../helpers/channel-flow.ts'
import {
  type Half,
  payeeHalf,
  payeeTerms,
  payerHalf,
  payerTerms,
  componentsOf as sideComponents,
} from '../../../helpers/channel-sides.ts'
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
const payerChannel = () => payer.half().channels()[0] as ReturnType<ChannelPayer['channels']>[0]
const payeeChannel = () => payee.half().channels()[0] as ReturnType<ChannelPayee['channels']>[0]

async function slots() {
  const { client } = payer.side()
  const channels = createPaymentChannels({ client }, { address: domain().contract })
  return channels.channelOf(payerChannel().id)
}

async function events(): Promise<readonly ChannelEvent[]> {
  const { client } = payer.side()
  const channels = createPaymentChannels({ client }, { address: domain().contract })
  const toBlock = await client.blockNumber()
  return channels.events({ fromBlock: 0n, toBlock, channel: payerChannel().id })
}

const componentsOf = (side: ChainSide) => sideComponents(chain, side)

/** A half over a side that another half is on already. */
function halfOf<T>(half: T, side: ChainSide): Half<T> {
  return { half: () => half, side: () => side, restart: async () => {}, stop: async () => {} }
}

const names = async (): Promise<string[]> => (await events()).map(({ type }) => type)
const watchBoth = async (): Promise<void> => {
  await payer.half().watch.start()
  await payee.half().watch.start()
}
const sides = () => [payer.side(), payee.side()]
const isOver = (): boolean =>
  payerChannel().record.stage === 'over' && payeeChannel().settlement.over

test('P28 the payee publishes at the clearance, pays out, and the payer gets its change', async () => {
  await parties({ expireBlocks: 20 }, { minExpire: 20 })
  const flow = await openFlow(payer, payee)
  for (const due of [100n, 200n, 300n]) expect(await flow.pay(due)).toBe(due)
  await watchBoth()
  await mineUntil(chain, isOver, sides())
  const found = await events()
  const kinds = found.map(({ type }) => type)
  expect(kinds.slice(0, 2)).toEqual(['Deposited', 'CommitPublished'])
  expect(kinds.slice(2).toSorted()).toEqual(['ChangeRecovered', 'PaidOut'])
  const [opened, published] = found
  // In the block after the one in which six blocks were left.
  const at = Number((published as ChannelEvent).blockNumber - (opened as ChannelEvent).blockNumber)
  expect(at).toBeGreaterThanOrEqual(20 - 6 - 1)
  expect(at).toBeLessThan(20)
  expect(found.find(({ type }) => type === 'PaidOut')).toMatchObject({ quantity: 600n })
  expect(found.find(({ type }) => type === 'ChangeRecovered')).toMatchObject({
    amount: 10n ** 15n - 600n,
  })
})

test('P28 the payee publishes when the channel is closed, and credits nothing on it any more', async () => {
  await parties()
  const flow = await openFlow(payer, payee)
  await flow.pay(100n)
  const late = value(await flow.session.pay(100n))
  await watchBoth()
  await payee.half().watch.close()
  expect(await flow.earn.receive(late.proof)).toMatchObject({
    ok: false,
    error: { code: 'CHANNEL_CLOSED' },
  })
  await mineUntil(chain, isOver, sides())
  expect((await slots()).balance).toBe(0n)
})

test('P28 a channel closed by its operator while the node was stopped is published when it runs', async () => {
  await parties()
  await (await openFlow(payer, payee)).pay(100n)
  const desk = await createChannelDesk(payee.side().store, domain())
  const [listed] = desk.list()
  expect(listed).toMatchObject({
    payer: payerChannel().terms.payer,
    transferred: 100n,
    state: 'open',
  })
  await expect(desk.close(`0x${'00'.repeat(32)}`)).rejects.toMatchObject({
    code: 'CHANNEL_UNKNOWN',
  })
  expect(await desk.close(listed?.id ?? null)).toBe(1)
  expect(await desk.close(null)).toBe(0)
  await payee.restart()
  await watchBoth()
  await mineUntil(chain, isOver, sides())
  expect(await names()).toContain('PaidOut')
  await payee.restart()
  const after = await createChannelDesk(payee.side().store, domain())
  expect(after.list()).toMatchObject([{ state: 'over' }])
})

test('P28 the payee publishes when the other publishes a channel in the other direction', async () => {
  await parties()
  await (await openFlow(payer, payee)).pay(100n)
  // The payee pays too: the payer is paid by it over a channel of its own.
  const backPayer = await openChannelPayer(
    { ...componentsOf(payee.side()), signer: payee.side().digests },
    { ...payerTerms, address: payee.side().wallet.address },
  )
  const backPayee = await openChannelPayee(componentsOf(payer.side()), {
    ...payeeTerms,
    address: payer.side().wallet.address,
  })
  const back = { payer: halfOf(backPayer, payee.side()), payee: halfOf(backPayee, payer.side()) }
  await (await openFlow(back.payer, back.payee)).pay(100n)
  await payee.half().watch.start()
  await chain.cheat.mine({ blocks: 3 })
  await payee.half().watch.look()
  expect((await slots()).publishedAt).toBe(0n)
  await backPayee.watch.start()
  cleanup.add(async () => backPayee.watch.stop())
  await backPayee.watch.close()
  await mineUntil(chain, async () => (await slots()).publishedAt > 0n, sides())
})

test('P28 a channel that nobody pays on is closed when that is wanted', async () => {
  await parties({}, { idleBlocks: 5 })
  await (await openFlow(payer, payee)).pay(100n)
  await watchBoth()
  await mineUntil(chain, isOver, sides())
  expect(await names()).toContain('PaidOut')
})

test('P23 P28 a revoked commit that is published is taken by the payer within the delay', async () => {
  await parties()
  const flow = await openFlow(payer, payee)
  for (const due of [100n, 200n, 300n]) await flow.pay(due)
  const stale = highestCommit(domain(), payeeChannel().state)
  const reversal = value(await (flow.earn.refund as NonNullable<typeof flow.earn.refund>)(300n))
  await payee.side().store.batch(reversal.writes, { sync: true })
  reversal.committed()
  expect(reversal.refunded).toBe(300n)
  const onRefund = flow.session.onRefund as NonNullable<typeof flow.session.onRefund>
  expect(value(await onRefund(reversal.reversal))).toBe(300n)
  // What was revoked stays so over a restart.
  await payer.restart(true)
  const { terms } = payeeChannel()
  const raw = parseRawCommit(bareBytes(stale?.commit_rawtx ?? ''))
  const script = parseScript(bareBytes(stale?.commit_script ?? ''))
  if (raw === null || script === null) throw new Error('no commit')
  const call = parseUnsigned(publishCall(domain(), terms, { ...raw, ...script }))
  const { transactions } = payee.side()
  await transactions.submit({ id: 'a stale commit', ...call })
  await mineUntil(chain, () => payerChannel().record.stage === 'over', [payer.side()])
  expect(await names()).toEqual(['Deposited', 'CommitPublished', 'Revoked', 'ChangeRecovered'])
})

test('P15 a reversal brings both to the lower amount, and payments go on from there', async () => {
  await parties()
  const flow = await openFlow(payer, payee)
  for (const due of [100n, 200n, 300n]) await flow.pay(due)
  const reversal = value(await (flow.earn.refund as NonNullable<typeof flow.earn.refund>)(450n))
  await payee.side().store.batch(reversal.writes, { sync: true })
  reversal.committed()
  // 150 cannot be met: 300 is the lowest commit that is not below it.
  expect(reversal.refunded).toBe(300n)
  const onRefund = flow.session.onRefund as NonNullable<typeof flow.session.onRefund>
  value(await onRefund(reversal.reversal))
  expect(transferredAmount(domain(), payerChannel().record.state)).toBe(300n)
  expect(transferredAmount(domain(), payeeChannel().state)).toBe(300n)
  expect(await flow.pay(50n)).toBe(50n)
  await watchBoth()
  await payee.half().watch.close()
  await mineUntil(chain, isOver, sides())
  expect((await events()).find(({ type }) => type === 'PaidOut')).toMatchObject({ quantity: 350n })
})

test('P15 a payment on its way when others are given back holds them as credit for the next', async () => {
  await parties()
  const flow = await openFlow(payer, payee)
  for (const due of [100n, 200n]) await flow.pay(due)
  const grant = value(await flow.earn.grant())
  const late = value(await flow.session.pay(50n))
  const reversal = value(await (flow.earn.refund as NonNullable<typeof flow.earn.refund>)(200n))
  await payee.side().store.batch(reversal.writes, { sync: true })
  reversal.committed()
  const onRefund = flow.session.onRefund as NonNullable<typeof flow.session.onRefund>
  expect(value(await onRefund(reversal.reversal))).toBe(200n)
  // Taken in once more, it is worth nothing, and the books of the order stay as they are.
  const note = (): never => {
    throw new Error('noted twice')
  }
  expect(value(await onRefund(reversal.reversal, note))).toBe(0n)
  const received = value(await flow.earn.receive(late.proof))
  await payee.side().store.batch(received.writes)
  received.committed()
  expect(received.credited).toBe(50n)
  // The 200 in the late commit pay for what is next: 100 + 50 + 220, and not 350 + 220.
  expect(await flow.pay(220n)).toBe(220n)
  expect(transferredAmount(domain(), payeeChannel().state)).toBe(370n)
  // A grant of before the reversal shows a commit that is void: it makes nothing paid again.
  expect(parseGrant(grant)).toMatchObject({ ok: true, value: { credited: 300n } })
  expect((await flow.session.useGrant(grant)).ok).toBe(true)
  expect(transferredAmount(domain(), payerChannel().record.state)).toBe(370n)
})

test('P15 a commit that was given back is not paid again, whoever shows it', async () => {
  await parties()
  const flow = await openFlow(payer, payee)
  for (const due of [100n, 200n]) await flow.pay(due)
  const grant = value(await flow.earn.grant())
  const reversal = value(await (flow.earn.refund as NonNullable<typeof flow.earn.refund>)(200n))
  await payee.side().store.batch(reversal.writes, { sync: true })
  reversal.committed()
  const onRefund = flow.session.onRefund as NonNullable<typeof flow.session.onRefund>
  value(await onRefund(reversal.reversal))
  expect(await flow.session.useGrant(grant)).toMatchObject({
    ok: false,
    error: { code: 'CREDIT_UNPROVEN' },
  })
  expect(transferredAmount(domain(), payerChannel().record.state)).toBe(100n)
  await payer.restart()
  expect(transferredAmount(domain(), payerChannel().record.state)).toBe(100n)
})

test('P20 a deposit on which nothing was paid comes back when it expires', async () => {
  await parties({ expireBlocks: 20 }, { minExpire: 20 })
  await openFlow(payer, payee)
  await payer.half().watch.start()
  await mineUntil(chain, () => payerChannel().record.stage === 'over', [payer.side()])
  expect(await names()).toEqual(['Deposited', 'Expired'])
})

describe('the spend secret', () => {
  test('would sweep the deposit when a payout is sent before the publication is final', async () => {
    await parties()
    const flow = await openFlow(payer, payee)
    await flow.pay(400n)
    const { terms } = payeeChannel()
    await payee.half().watch.start()
    await payee.half().watch.close()
    await mineUntil(chain, async () => (await slots()).publishedAt > 0n, sides())
    await payee.half().watch.stop()
    // What an impatient payee would have done: the payout of a publication that is reorganised away.
    const secrets = await openPayeeSecret(payee.side().store)
    const secret = secrets.spendSecret(terms.payer, payeeChannel().seed)
    const head = await chain.cheat.getBlockNumber({ cacheTime: 0 })
    await payee.side().transactions.stop()
    await reorganise(chain, Number(head - (await slots()).publishedAt) + 1)
    expect((await slots()).publishedAt).toBe(0n)
    const sweep = parseUnsigned(secretCall(domain(), 'recoverChange', terms, secret))
    await payer.side().transactions.submit({ id: 'sweep', ...sweep })
    expect((await slots()).balance).toBe(0n)
    expect(await names()).toEqual(['Deposited', 'ChangeRecovered'])
    await payee.side().transactions.start()
  })

  test('is not given away before the publication is final, however often it is reorganised', async () => {
    await parties({ delayBlocks: 1 }, { finalityBlocks: 6 })
    const flow = await openFlow(payer, payee)
    await flow.pay(400n)
    await payee.half().watch.start()
    await payee.half().watch.close()
    for (let round = 0; round < 3; round += 1) {
      await mineUntil(chain, async () => (await slots()).publishedAt > 0n, [payee.side()])
      // The delay of one block is long over, and the publication is still not final.
      for (let block = 0; block < 3; block += 1) {
        await chain.cheat.mine({ blocks: 1 })
        const head = await chain.cheat.getBlockNumber({ cacheTime: 0 })
        await until(() => payee.side().time.lastSeenBlock() >= head)
      }
      await payee.half().watch.look()
      expect(await names()).not.toContain('PaidOut')
      await reorganise(chain, 5)
    }
    await mineUntil(chain, () => payeeChannel().settlement.over, [payee.side()])
    const found = await events()
    const published = found.find(({ type }) => type === 'CommitPublished') as ChannelEvent
    const paid = found.find(({ type }) => type === 'PaidOut') as ChannelEvent
    expect(paid).toMatchObject({ quantity: 400n })
    expect(paid.blockNumber - published.blockNumber).toBeGreaterThanOrEqual(6n)
    expect(toHex(paid.channel)).toBe(toHex(payeeChannel().id))
  })
})
