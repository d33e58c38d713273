import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { creditOf } from '../../../src/exchange/account.ts'
import { hashChunks } from '../../../src/exchange/chunks.ts'
import { exchangeLimits } from '../../../src/exchange/limits.ts'
import { type Order, orderIdBytes } from '../../../src/exchange/order.ts'
import {
  encodePayerMessage,
  PAYMENT_PROTOCOL,
  parseProviderMessage,
  type SegmentMessage,
  segmentDigest,
} from '../../../src/exchange/segment-wire.ts'
import { profilesHash, randomId } from '../../../src/market/quote.ts'
import type { FrameChannel } from '../../../src/net/frame-channel.ts'
import type { PaySession } from '../../../src/rails/rail.ts'
import { encodeTicketPayment, parseTicketPayment } from '../../../src/rails/ticket/wire.ts'
import { gateOf, profiles, SEGMENT_MS, sourceSegment, unitsOf } from '../../helpers/fakes-media.ts'
import { Cleanup, flipped, until, walletOf } from '../../helpers/fixtures.ts'
import {
  negotiate,
  type PayerNode,
  type ProviderNode,
  startPayer,
  startProvider,
} from '../../helpers/fixtures-exchange.ts'
import { connect, peerOf, reply, say } from '../../helpers/fixtures-order-stream.ts'

const FEE = unitsOf()
const NOTHING = new Uint8Array(0)

const cleanup = new Cleanup()
let payer: PayerNode
let provider: ProviderNode
let order: Order
let session: PaySession
beforeEach(async () => {
  payer = await startPayer(cleanup)
  provider = await startProvider(cleanup)
  ;({ order, session } = await agree())
})
afterEach(() => cleanup.run())

async function agree(): Promise<{ order: Order; session: PaySession }> {
  const agreed = await negotiate(payer, provider)
  const { orderId, payer: from, provider: payee } = agreed.order
  const opened = await payer.rail.openPay({ orderId, payer: from, payee }, agreed.offer)
  if (!opened.ok) throw new Error(opened.error.code)
  return { order: agreed.order, session: opened.value }
}

/** A stream on which the order is open. */
async function open(of: Order = order): Promise<FrameChannel> {
  const channel = await connect(payer, provider)
  await say(channel, { type: 'open', orderId: orderIdBytes(of), manifestId: 'stream' })
  expect((await reply(channel)).message).toMatchObject({ type: 'accepted', maxInFlight: 2 })
  return channel
}

async function proofOf(due: bigint, from = session): Promise<Uint8Array> {
  const paid = await from.pay(due)
  if (!paid.ok) throw new Error(paid.error.code)
  return paid.value.proof
}

type Change = Partial<Omit<SegmentMessage, 'type'>>

/** A segment signed as it is, unless the change brings another signature. */
function segmentOf(
  index: number,
  change: Change = {},
  of = order,
  content = index,
): SegmentMessage {
  const fields = {
    index: BigInt(index),
    sequence: BigInt(index),
    durationMs: SEGMENT_MS,
    inputHash: hashChunks(sourceSegment(content).data),
    profilesHash: profilesHash(profiles),
    price: of.price,
    payment: NOTHING,
    ...change,
  }
  const payerSignature =
    change.payerSignature ?? payer.wallet.signMessage(segmentDigest(orderIdBytes(of), fields))
  return { type: 'segment', ...fields, payerSignature }
}

const accountOf = async (of = order) => (await provider.orderOf(of)).account()

describe('S35 a provider lets no output go', () => {
  test('for a segment without payment, and does no work for it', async () => {
    const channel = await open()
    await say(channel, segmentOf(0), sourceSegment(0).data)
    expect(await reply(channel)).toMatchObject({
      message: { type: 'error', code: 'LOW_PM_BALANCE', index: 0n },
      bodyBytes: 0,
    })
    expect(provider.worker.jobs).toEqual([])
    await say(channel, segmentOf(0, { payment: await proofOf(FEE) }), sourceSegment(0).data)
    expect(await reply(channel)).toMatchObject({
      message: { type: 'result', index: 0n, debited: FEE },
    })
  })

  test('for a payment that is a little short, and keeps the payment', async () => {
    const channel = await open()
    await say(channel, segmentOf(0, { payment: await proofOf(1n) }), sourceSegment(0).data)
    const { message, bodyBytes } = await reply(channel)
    const half = FEE / 2n
    expect(message).toMatchObject({ code: 'LOW_PM_BALANCE', credit: half, missing: half })
    expect(bodyBytes).toBe(0)
    await say(channel, segmentOf(0, { payment: await proofOf(1n) }), sourceSegment(0).data)
    expect((await reply(channel)).message).toMatchObject({ type: 'result', credit: 0n })
  })

  test('for a bad payment, nor any credit', async () => {
    const channel = await open()
    const batch = parseTicketPayment(await proofOf(FEE))
    if (!batch.ok) throw new Error(batch.error)
    const senderParams = batch.value.senderParams.map((ticket) => ({
      ...ticket,
      sig: flipped(ticket.sig, 40),
    }))
    const payment = encodeTicketPayment({ ...batch.value, senderParams })
    await say(channel, segmentOf(0, { payment }), sourceSegment(0).data)
    const error = { type: 'error', code: 'FATAL_PAYMENT', index: 0n, credit: 0n }
    expect(await reply(channel)).toMatchObject({ message: error, bodyBytes: 0 })
    expect(provider.worker.jobs).toEqual([])
    expect(await accountOf()).toMatchObject({ credited: 0n })
  })

  test('for a payment made twice', async () => {
    const channel = await open()
    const payment = await proofOf(FEE)
    for (const [index, type] of [
      [0, 'result'],
      [1, 'error'],
    ] as const) {
      await say(channel, segmentOf(index, { payment }), sourceSegment(index).data)
      expect((await reply(channel)).message).toMatchObject({ type })
    }
    expect(await accountOf()).toMatchObject({ credited: FEE, segments: 1 })
  })

  test.each<[string, string, () => Change]>([
    ['at another price', 'PRICE_MISMATCH', () => ({ price: { num: 1n, den: 2n } })],
    ['for nothing', 'PRICE_MISMATCH', () => ({ price: { num: 0n, den: 1n } })],
    [
      'of other profiles',
      'SEGMENT_FORMAT_DIDNT_MATCH_JOB_INPUT_PARAMS',
      () => ({ profilesHash: profilesHash(profiles.slice(1)) }),
    ],
    [
      'far longer than quoted',
      'SEGMENT_FORMAT_DIDNT_MATCH_JOB_INPUT_PARAMS',
      () => ({ durationMs: 2 * SEGMENT_MS + 1 }),
    ],
    [
      'signed by another',
      'BAD_SIGNATURE',
      () => ({ payerSignature: walletOf('thief').signMessage(new Uint8Array(32)) }),
    ],
    ['that is not signed', 'BAD_SIGNATURE', () => ({ payerSignature: NOTHING })],
    [
      'whose body is not the signed one',
      'BAD_SIGNATURE',
      () => ({ inputHash: new Uint8Array(32) }),
    ],
  ])('for a segment %s, before it touches the payment', async (_what, code, change) => {
    const channel = await open()
    await say(
      channel,
      segmentOf(0, { payment: await proofOf(FEE), ...change() }),
      sourceSegment(0).data,
    )
    expect(await reply(channel)).toMatchObject({
      message: { type: 'error', code, index: 0n },
      bodyBytes: 0,
    })
    expect(provider.worker.jobs).toEqual([])
    expect(await accountOf()).toMatchObject({ credited: 0n, debited: 0n })
  })

  test('for a price over zero', async () => {
    const channel = await open()
    await say(
      channel,
      segmentOf(0, { payment: await proofOf(FEE), price: { num: 0n, den: 0n } }),
      sourceSegment(0).data,
    )
    expect((await reply(channel)).message).toMatchObject({ type: 'error', code: 'MALFORMED' })
    expect(provider.worker.jobs).toEqual([])
  })

  test('for the index of a paid segment, however long ago, under other content', async () => {
    const channel = await open()
    for (let index = 0; index <= exchangeLimits.maxKeptResults; index += 1) {
      await say(
        channel,
        segmentOf(index, { payment: await proofOf(FEE) }),
        sourceSegment(index).data,
      )
      expect((await reply(channel)).message).toMatchObject({ type: 'result' })
    }
    const jobs = provider.worker.jobs.length
    for (const index of [0, exchangeLimits.maxKeptResults]) {
      await say(channel, segmentOf(index, {}, order, 99), sourceSegment(99).data)
      expect(await reply(channel)).toMatchObject({
        message: { type: 'error', code: 'DUPLICATE_SEGMENT' },
        bodyBytes: 0,
      })
    }
    expect(provider.worker.jobs).toHaveLength(jobs)
  })
})

describe('a segment sent again', () => {
  test('on a new stream, after its result was lost, is answered once more and charged once', async () => {
    const lost = await open()
    const payment = await proofOf(FEE)
    await say(lost, segmentOf(0, { payment }), sourceSegment(0).data)
    await until(async () => (await accountOf()).segments === 1)
    lost.abort(new Error('lost'))
    const channel = await open()
    await say(channel, segmentOf(0, { payment }), sourceSegment(0).data)
    const { message, bodyBytes } = await reply(channel)
    // The account that came with the opening shows the charge already.
    expect(message).toMatchObject({ type: 'result', debited: 0n, credit: 0n })
    expect(bodyBytes).toBeGreaterThan(0)
    expect(await accountOf()).toMatchObject({ credited: FEE, debited: FEE, segments: 1 })
    expect(provider.worker.jobs).toHaveLength(1)
  })

  test('while it is worked, several times at once, is worked and charged once', async () => {
    const channels = [await open(), await open()] as const
    const gate = gateOf()
    provider.worker.gate = (_job, signal) => gate.pass(signal)
    const payment = await proofOf(2n * FEE)
    for (const channel of [channels[0], channels[0], channels[1], channels[1]]) {
      await say(channel, segmentOf(0, { payment }), sourceSegment(0).data)
    }
    await until(() => provider.worker.jobs.length === 1)
    gate.open()
    const debited: bigint[] = []
    for (const channel of [channels[0], channels[0], channels[1], channels[1]]) {
      const { message } = await reply(channel)
      expect(message).toMatchObject({ type: 'result', index: 0n })
      if (message.type === 'result') debited.push(message.debited)
    }
    expect(debited.toSorted((a, b) => Number(a - b))).toEqual([0n, 0n, 0n, FEE])
    expect(provider.worker.jobs).toHaveLength(1)
    expect(await accountOf()).toMatchObject({ credited: 2n * FEE, debited: FEE, segments: 1 })
  })

  test('after its stream was lost in the middle of the work, is worked again and charged once', async () => {
    const lost = await open()
    const gate = gateOf()
    provider.worker.gate = (_job, signal) => gate.pass(signal)
    const payment = await proofOf(FEE)
    await say(lost, segmentOf(0, { payment }), sourceSegment(0).data)
    await until(() => provider.worker.jobs.length === 1)
    lost.abort(new Error('lost'))
    gate.open()
    const channel = await open()
    await say(channel, segmentOf(0, { payment }), sourceSegment(0).data)
    expect((await reply(channel)).message).toMatchObject({ type: 'result', index: 0n })
    expect(await accountOf()).toMatchObject({ credited: FEE, debited: FEE, segments: 1 })
  })
})

describe('payments', () => {
  test('on one payer’s two orders at once are credited once', async () => {
    const other = await agree()
    const [a, b] = [await open(), await open(other.order)]
    for (let i = 0; i < 5; i += 1) {
      const payment = await proofOf(4n * FEE)
      await Promise.all([
        say(a, { type: 'payment', orderId: orderIdBytes(order), payment }),
        say(b, { type: 'payment', orderId: orderIdBytes(other.order), payment }),
      ])
      const replies = await Promise.all([reply(a), reply(b)])
      const credited = replies.map(({ message }) =>
        message.type === 'paid' ? message.credited : -1n,
      )
      expect(new Set(credited)).toEqual(new Set([0n, 4n * FEE]))
    }
  })

  test('can be made beside the bulk, and count for the order', async () => {
    await open()
    const request = (payment: Uint8Array, orderId = orderIdBytes(order)) => {
      const message = encodePayerMessage({ type: 'payment', orderId, payment })
      return payer.host.request(peerOf(provider), PAYMENT_PROTOCOL, message)
    }
    const paid = parseProviderMessage(await request(await proofOf(3n * FEE)))
    expect(paid).toMatchObject({
      ok: true,
      value: { type: 'paid', credited: 3n * FEE, credit: 3n * FEE },
    })
    const asked = parseProviderMessage(await request(NOTHING))
    expect(asked).toMatchObject({
      ok: true,
      value: { type: 'paid', credited: 0n, credit: 3n * FEE },
    })
    expect(asked.ok && asked.value.type === 'paid' && asked.value.grant).toBeInstanceOf(Uint8Array)
    const unknown = parseProviderMessage(await request(NOTHING, randomId()))
    expect(unknown).toMatchObject({ ok: true, value: { type: 'error', code: 'UNKNOWN_ORDER' } })
  })

  test('are not taken, and no order is opened, for a stranger', async () => {
    await open()
    const stranger = await startPayer(cleanup)
    const channel = await connect(stranger, provider)
    await say(channel, { type: 'open', orderId: orderIdBytes(order), manifestId: '' })
    expect((await reply(channel)).message).toMatchObject({ type: 'error', code: 'UNKNOWN_ORDER' })
    expect(await channel.receive()).toBeNull()
    const message = encodePayerMessage({
      type: 'payment',
      orderId: orderIdBytes(order),
      payment: await proofOf(FEE),
    })
    const answer = parseProviderMessage(
      await stranger.host.request(peerOf(provider), PAYMENT_PROTOCOL, message),
    )
    expect(answer).toMatchObject({ ok: true, value: { type: 'error', code: 'UNKNOWN_ORDER' } })
    expect(creditOf(await accountOf())).toBe(0n)
  })
})

describe('a stream', () => {
  test('takes nothing for another order', async () => {
    const channel = await open()
    const payment = await proofOf(FEE)
    await say(channel, { type: 'payment', orderId: randomId(), payment })
    expect((await reply(channel)).message).toMatchObject({ type: 'error', code: 'MALFORMED' })
    expect(creditOf(await accountOf())).toBe(0n)
  })

  test('is refused when all slots are taken, however many quotes were given (S19)', async () => {
    provider = await startProvider(cleanup, { slots: 1 })
    const { order: first } = await agree()
    const { order: second } = await agree()
    const channel = await open(first)
    const refused = await connect(payer, provider)
    await say(refused, { type: 'open', orderId: orderIdBytes(second), manifestId: '' })
    expect((await reply(refused)).message).toMatchObject({ type: 'error', code: 'BUSY' })
    // Whoever comes back after a break has its slot still.
    await open(first)
    expect(provider.openStreams()).toBe(1)
    channel.abort(new Error('gone'))
  })

  test('must begin with a known order', async () => {
    const unknown = await connect(payer, provider)
    await say(unknown, { type: 'open', orderId: randomId(), manifestId: '' })
    expect((await reply(unknown)).message).toMatchObject({ type: 'error', code: 'UNKNOWN_ORDER' })
    const backwards = await connect(payer, provider)
    await say(backwards, { type: 'payment', orderId: orderIdBytes(order), payment: NOTHING })
    expect((await reply(backwards)).message).toMatchObject({ type: 'error', code: 'MALFORMED' })
  })

  test('with noise on it is answered and ended, and costs other streams nothing', async () => {
    const [bad, good] = [await open(), await open()]
    await bad.send(new Uint8Array([255, 255, 255]))
    const error = { type: 'error', code: 'MALFORMED', index: null }
    expect((await reply(bad)).message).toMatchObject(error)
    expect(await bad.receive()).toBeNull()
    await say(good, segmentOf(0, { payment: await proofOf(FEE) }), sourceSegment(0).data)
    expect((await reply(good)).message).toMatchObject({ type: 'result' })
  })

  test('is finished by the provider once the payer has half-closed and all is answered', async () => {
    const channel = await open()
    await say(channel, segmentOf(0, { payment: await proofOf(FEE) }), sourceSegment(0).data)
    await channel.closeWrite()
    expect((await reply(channel)).message).toMatchObject({ type: 'result' })
    expect(await channel.receive()).toBeNull()
    await until(() => provider.openStreams() === 0)
  })

  test('is told when the provider fails inside, rather than left waiting', async () => {
    const channel = await open()
    const payment = await proofOf(FEE)
    await provider.store.close()
    await say(channel, segmentOf(0, { payment }), sourceSegment(0).data)
    const error = { type: 'error', code: 'INTERNAL', index: 0n }
    expect((await reply(channel)).message).toMatchObject(error)
  })
})
