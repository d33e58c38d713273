import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { creditOf } from '../../../src/exchange/account.ts'
import { hashChunks } from '../../../src/exchange/chunks.ts'
import { exchangeLimits } from '../../../src/exchange/limits.ts'
import { orderTable } from '../../../src/exchange/order.ts'
import type { PayerOrder, StepReply } from '../../../src/exchange/payer-order.ts'
import type { StepFailure } from '../../../src/exchange/step-failure.ts'
import { verifyResult } from '../../../src/exchange/work.ts'
import type { Result } from '../../../src/lib/result.ts'
import {
  fakeProber,
  gateOf,
  SEGMENT_MS,
  sourceSegment,
  unitsOf,
} from '../../helpers/fakes-media.ts'
import { Cleanup, until } from '../../helpers/fixtures.ts'
import {
  negotiate,
  openOrder,
  outgoing,
  type PayerNode,
  type ProviderNode,
  startPayer,
  startProvider,
  takeUp,
} from '../../helpers/fixtures-exchange.ts'

const { signal } = new AbortController()
const FEE = unitsOf()

const cleanup = new Cleanup()
let payer: PayerNode
let provider: ProviderNode
beforeEach(async () => {
  payer = await startPayer(cleanup)
  provider = await startProvider(cleanup)
})
afterEach(() => cleanup.run())

async function delivered(reply: Promise<Result<StepReply, StepFailure>>): Promise<StepReply> {
  const result = await reply
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`)
  return result.value
}

const accountOf = async ({ order }: PayerOrder) => (await provider.orderOf(order)).account()

const errors = (code: string): number =>
  provider.metrics.total('millrace_exchange_errors_total', code)

describe('an order', () => {
  test('goes on with two segments in flight; every output is right, and both sides keep the same books', async () => {
    const order = await openOrder(cleanup, payer, provider)
    const worked: StepReply[] = []
    for (let index = 0; index < 8; index += 2) {
      worked.push(
        ...(await Promise.all(
          [index, index + 1].map((i) => delivered(order.send(outgoing(i), { signal }))),
        )),
      )
    }
    for (const [index, { result, body }] of worked.entries()) {
      const { probe, data } = sourceSegment(index)
      const expected = {
        order: order.order,
        inputHash: hashChunks(data),
        source: probe,
        durationMs: SEGMENT_MS,
        prober: fakeProber,
      }
      expect(result).toMatchObject({ index: BigInt(index), debited: FEE, units: FEE })
      expect(await verifyResult(result, body, expected, {})).toMatchObject({ ok: true })
    }
    const account = await accountOf(order)
    expect(account).toMatchObject({ debited: 8n * FEE, segments: 8, units: 8n * FEE })
    expect(creditOf(account)).toBeGreaterThanOrEqual(0n)
    const { charged: _, recent: __, ...books } = account
    expect(order.account()).toMatchObject(books)
    await until(
      async () =>
        (await orderTable(payer.store, 'payer').get(order.order.orderId))?.account.segments === 8,
    )
    expect(await orderTable(provider.store, 'provider').get(order.order.orderId)).toMatchObject({
      account,
    })
  })

  test('pays for two segments sent at once no more than for two sent in turn', async () => {
    const order = await openOrder(cleanup, payer, provider)
    await Promise.all([0, 1].map((i) => delivered(order.send(outgoing(i), { signal }))))
    // Two tickets make a segment's fee exactly.
    expect(await accountOf(order)).toMatchObject({ credited: 2n * FEE, debited: 2n * FEE })
  })

  test('S36 takes a payment that fell short by paying again, and works the segment once', async () => {
    const order = await openOrder(cleanup, payer, provider)
    const reply = await delivered(order.send(outgoing(0, { fee: FEE / 2n }), { signal }))
    expect(reply.result.debited).toBe(FEE)
    expect(errors('LOW_PM_BALANCE')).toBe(1)
    expect(provider.worker.jobs).toHaveLength(1)
  })

  test('keeps the output of work that cost more than was foreseen until that is paid, and works once', async () => {
    const order = await openOrder(cleanup, payer, provider)
    const reply = await delivered(order.send(outgoing(0, { frames: 100, fee: FEE }), { signal }))
    expect(reply.result.debited).toBe(unitsOf(100))
    expect(errors('LOW_PM_BALANCE')).toBeGreaterThan(0)
    expect(provider.worker.jobs).toHaveLength(1)
  })

  test('is given up by the payer when the provider never has enough', async () => {
    const order = await openOrder(cleanup, payer, provider)
    const reply = await order.send(outgoing(0, { frames: 600, fee: FEE }), { signal })
    expect(reply).toMatchObject({ ok: false, error: { class: 'failed', code: 'LOW_PM_BALANCE' } })
    expect(errors('LOW_PM_BALANCE')).toBe(exchangeLimits.maxPaymentRetries + 1)
    expect((await accountOf(order)).debited).toBe(0n)
  })

  test('goes on with fresh payment terms when the old ones are void, sending the segment once more', async () => {
    const order = await openOrder(cleanup, payer, provider)
    await delivered(order.send(outgoing(0), { signal }))
    provider.chain.block = 1_050n
    await delivered(order.send(outgoing(1), { signal }))
    expect(errors('NEW_PAYMENT_PARAMS')).toBe(1)
    expect(provider.worker.jobs).toHaveLength(2)
    const { charged: _, recent: __, ...books } = await accountOf(order)
    expect(order.account()).toMatchObject(books)
  })

  test('asks for payment terms by itself when it knows that its own are void', async () => {
    const order = await openOrder(cleanup, payer, provider)
    await delivered(order.send(outgoing(0), { signal }))
    provider.chain.block = 1_050n
    payer.chain.block = 1_050n
    await delivered(order.send(outgoing(1), { signal }))
    expect(errors('NEW_PAYMENT_PARAMS')).toBe(0)
  })

  test('takes up the grant that a result brings, long before the old terms are void', async () => {
    const order = await openOrder(cleanup, payer, provider)
    provider.chain.block = 1_025n
    const { result } = await delivered(order.send(outgoing(0), { signal }))
    expect(result.grant).not.toBeNull()
    provider.chain.block = 1_045n
    await delivered(order.send(outgoing(1), { signal }))
    expect(errors('NEW_PAYMENT_PARAMS')).toBe(0)
  })

  test('ends without a fault on either side when its payer closes it', async () => {
    const order = await openOrder(cleanup, payer, provider)
    await delivered(order.send(outgoing(0), { signal }))
    await order.close('idle')
    await until(() => provider.openStreams() === 0)
    expect(order.ended.aborted).toBe(true)
    expect(provider.logger.lines.filter(({ message }) => /error|failed/.test(message))).toEqual([])
    expect(await order.send(outgoing(1), { signal })).toMatchObject({ ok: false })
  })

  test('keeps its books when it is taken up again on a new stream', async () => {
    const { order, offer } = await negotiate(payer, provider)
    const first = await takeUp(cleanup, payer, provider, order, offer)
    await delivered(first.send(outgoing(0), { signal }))
    await first.close('idle')
    const second = await takeUp(cleanup, payer, provider, order, offer)
    await delivered(second.send(outgoing(1), { signal }))
    const account = await accountOf(second)
    expect(account).toMatchObject({ segments: 2, debited: 2n * FEE })
    await until(
      async () =>
        (await orderTable(payer.store, 'payer').get(order.orderId))?.account.segments === 2,
    )
    expect(second.account()).toMatchObject({ debited: 2n * FEE, credited: account.credited })
  })
})

describe('when things go wrong', () => {
  test('a provider that dies in the middle of a segment is a lost connection', async () => {
    const order = await openOrder(cleanup, payer, provider)
    const gate = gateOf()
    provider.worker.gate = (_job, ended) => gate.pass(ended)
    const replies = [0, 1].map((i) => order.send(outgoing(i), { signal }))
    await until(() => provider.worker.jobs.length === 2)
    await provider.host.stop()
    for (const reply of replies) {
      expect(await reply).toMatchObject({
        ok: false,
        error: { class: 'lost', code: 'CONNECTION_LOST' },
      })
    }
    expect(order.ended.aborted).toBe(true)
    expect(await order.send(outgoing(2), { signal })).toMatchObject({
      ok: false,
      error: { code: 'CONNECTION_LOST' },
    })
  })

  test('a worker that fails costs nothing, and the order goes on', async () => {
    const order = await openOrder(cleanup, payer, provider)
    const { gate } = provider.worker
    provider.worker.gate = async () => ({
      ok: false,
      error: { code: 'WORK_FAILED', detail: 'broken' },
    })
    expect(await order.send(outgoing(0), { signal })).toMatchObject({
      ok: false,
      error: { class: 'failed', code: 'WORK_FAILED', detail: 'broken' },
    })
    provider.worker.gate = gate
    await delivered(order.send(outgoing(1), { signal }))
    expect(await accountOf(order)).toMatchObject({ segments: 1, debited: FEE })
    const credit = creditOf(await accountOf(order))
    expect(credit).toBe(creditOf(order.account()))
  })

  test('a worker that throws is an answer too', async () => {
    const order = await openOrder(cleanup, payer, provider)
    provider.worker.gate = async () => {
      throw new TypeError('broken worker')
    }
    expect(await order.send(outgoing(0), { signal })).toMatchObject({
      ok: false,
      error: { code: 'WORK_FAILED' },
    })
  })

  test('an abort ends the waiting with its own reason, and the order is still good', async () => {
    const order = await openOrder(cleanup, payer, provider)
    const gate = gateOf()
    provider.worker.gate = (_job, ended) => gate.pass(ended)
    const controller = new AbortController()
    const reply = order.send(outgoing(0), { signal: controller.signal })
    await until(() => provider.worker.jobs.length === 1)
    controller.abort(new DOMException('enough', 'AbortError'))
    await expect(reply).rejects.toThrow('enough')
    gate.open()
    await delivered(order.send(outgoing(1), { signal }))
  })

  test('a payer without funds is told so, and the order is over', async () => {
    const order = await openOrder(cleanup, payer, provider)
    provider.chain.funds = { ...provider.chain.funds, withdrawRound: 11n }
    expect(await order.send(outgoing(0), { signal })).toMatchObject({
      ok: false,
      error: { class: 'fatal', code: 'PAYER_UNDERFUNDED' },
    })
    expect(order.ended.aborted).toBe(true)
    expect(provider.worker.jobs).toEqual([])
  })

  test('two segments that finish at once and cost more than foreseen are both answered', async () => {
    const order = await openOrder(cleanup, payer, provider)
    const gate = gateOf()
    provider.worker.gate = (_job, ended) => gate.pass(ended)
    const replies = [0, 1].map((i) =>
      delivered(order.send(outgoing(i, { frames: 80, fee: FEE }), { signal })),
    )
    await until(() => provider.worker.jobs.length === 2)
    gate.open()
    for (const { result } of await Promise.all(replies)) expect(result.debited).toBe(unitsOf(80))
    expect(await accountOf(order)).toMatchObject({ segments: 2, debited: 2n * unitsOf(80) })
    expect(provider.worker.jobs).toHaveLength(2)
  })
})

describe('with one segment in flight at most', () => {
  test('more that are sent wait their turn, with and without payments put right', async () => {
    provider = await startProvider(cleanup, { maxInFlight: 1 })
    const order = await openOrder(cleanup, payer, provider)
    const fees = [FEE, FEE / 3n, FEE, 1n, FEE]
    const replies = fees.map((fee, i) =>
      delivered(order.send(outgoing(i, { fee, sizeBytes: 700_000 }), { signal })),
    )
    for (const { result } of await Promise.all(replies)) expect(result.debited).toBe(FEE)
    expect(provider.worker.most).toBe(1)
    expect(await accountOf(order)).toMatchObject({ segments: 5, debited: 5n * FEE })
  })
})
