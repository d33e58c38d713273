import { afterAll, beforeAll, expect, test } from 'vitest'
import { ETHER } from '../../../../src/chain/media-exchange.ts'
import { fromHex } from '../../../../src/lib/bytes.ts'
import { startTestChain, type TestChain } from '../../../helpers/chain.ts'
import { reorganise } from '../../../helpers/chain-side.ts'
import { value } from '../../../helpers/channel-flow.ts'
import { checkComponents, earningSide, payingSide } from '../../../helpers/check-sides.ts'

const POLL = { timeout: 20_000, interval: 50 }
const FEE = 20_000n

let chain: TestChain
let payer: Awaited<ReturnType<typeof payingSide>>
let payee: Awaited<ReturnType<typeof earningSide>>

beforeAll(async () => {
  chain = await startTestChain()
  payer = await payingSide(chain, 1)
  payee = await earningSide(chain, 2)
})

afterAll(async () => {
  await payer?.stop()
  await payee?.stop()
  await chain?.stop()
})

/** An order whose first check has opened its channel and was credited. */
async function openOrder(orderId: string) {
  const parties = { payer: payer.side().wallet.address, payee: payee.side().wallet.address }
  const context = { orderId, ...parties }
  const init = { payer: parties.payer, feePerStep: FEE }
  const session = value(
    await payer.half().rail.openPay(context, value(await payee.half().rail.offer(init))),
  )
  const earn = payee.half().rail.openEarn(context, init)
  const take = async (proof: Uint8Array): Promise<bigint> => {
    const received = value(await earn.receive(proof))
    await payee.side().store.batch(received.writes)
    received.committed()
    return received.credited
  }
  const first = value(await session.pay(FEE))
  expect(await take(first.proof)).toBe(FEE)
  const held = payee.half().payee.channels()
  const channel = held.find(({ record }) => record.orderId === orderId)?.channel as `0x${string}`
  const state = (): string | undefined =>
    payee
      .half()
      .payee.channels()
      .find((known) => known.channel === channel)?.record.state
  return { session, earn, take, channel, state }
}

const onChain = async (channel: `0x${string}`) =>
  checkComponents(chain, payee.side()).exchange.channelOf(fromHex(channel))

const earned = async (): Promise<bigint> =>
  checkComponents(chain, payee.side()).exchange.balanceOf(ETHER, payee.side().wallet.address)

test('a channel whose opening is reorganised away is opened again, and no check counts meanwhile', async () => {
  const { session, take, channel, state } = await openOrder('0x01')
  expect((await onChain(channel))?.escrow).toBeGreaterThan(0n)
  await chain.cheat.setAutomine(false)
  try {
    await reorganise(chain, 1)
    expect(await onChain(channel)).toBeUndefined()
    // It is noticed without anybody's asking.
    await expect.poll(state, POLL).toBe('opening')
    const next = value(await session.pay(FEE))
    let credited: bigint | undefined
    const taking = take(next.proof).then((amount) => {
      credited = amount
    })
    await expect.poll(() => payee.side().transactions.unmined().length, POLL).toBe(1)
    expect(credited).toBeUndefined()
    await expect
      .poll(async () => {
        await chain.cheat.mine({ blocks: 1 })
        return credited
      }, POLL)
      .toBe(FEE)
    await taking
  } finally {
    await chain.cheat.setAutomine(true)
  }
  expect((await onChain(channel))?.escrow).toBeGreaterThan(0n)
  const before = await earned()
  expect(await payee.half().payee.settle('0x01')).toBe(2n * FEE)
  expect((await earned()) - before).toBe(2n * FEE)
})

test('it is opened again too when the deposit that it stands on was dropped with it', async () => {
  const { session, take, channel, state } = await openOrder('0x02')
  // The block with the channel, and the one before it with what the payer put in.
  await reorganise(chain, 2)
  await chain.cheat.mine({ blocks: 1 })
  const next = value(await session.pay(FEE))
  await expect
    .poll(async () => take(next.proof).catch((error: unknown) => String(error)), POLL)
    .toBe(FEE)
  await expect.poll(async () => (await onChain(channel))?.escrow ?? 0n, POLL).toBeGreaterThan(0n)
  await expect.poll(state, POLL).toBe('open')
  const before = await earned()
  expect(await payee.half().payee.settle('0x02')).toBe(2n * FEE)
  expect((await earned()) - before).toBe(2n * FEE)
})

test('what was reorganised away while the payee was down is open again before a check counts', async () => {
  const { session, channel, state } = await openOrder('0x03')
  await payee.half().payee.stop()
  await reorganise(chain, 1)
  await chain.cheat.mine({ blocks: 1 })
  await payee.restart()
  await expect.poll(async () => (await onChain(channel))?.escrow ?? 0n, POLL).toBeGreaterThan(0n)
  await expect.poll(state, POLL).toBe('open')
  const context = {
    ...{ orderId: '0x03', payer: payer.side().wallet.address },
    payee: payee.side().wallet.address,
  }
  const earn = payee.half().rail.openEarn(context, { payer: context.payer, feePerStep: FEE })
  const next = value(await session.pay(FEE))
  expect(value(await earn.receive(next.proof)).credited).toBe(FEE)
})
