import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PeerProcess } from '../../scripts/testnet/peer-process.ts'
import type { OrchestratorStatus } from '../../scripts/testnet/statuses.ts'
import type { Quote } from '../../src/market/quote.ts'
import { inspectSegment } from '../../src/media/ts/inspect.ts'
import type { TicketBatch } from '../../src/rails/ticket/ticket.ts'
import { SEGMENT, SEGMENT_MS } from '../fixtures/media/fixture.ts'
import { type Market, startMarket, statusWhen, streamWhen } from '../helpers/e2e.ts'
import {
  type ClientSegment,
  createHandMadePayer,
  type HandMadePayer,
  type OpenOrder,
} from '../helpers/e2e-client.ts'
import { Cleanup, flipped } from '../helpers/fixtures.ts'

const cleanup = new Cleanup()
let market: Market
let orchestrator: PeerProcess
beforeAll(async () => {
  market = await startMarket(cleanup, { orchestrators: 1, broadcasters: 1 })
  orchestrator = market.network.orchestrators[0] as PeerProcess
})
afterAll(() => cleanup.run())

const probed = inspectSegment(SEGMENT)
if (!probed.ok) throw new Error(probed.error.message)
const segment: ClientSegment = { data: SEGMENT, durationMs: SEGMENT_MS, probe: probed.value }

const NOTHING = new Uint8Array(0)
/** Accounts: 0 deploys, 1 is the orchestrator's, 2 has a deposit and a reserve, 3 has nothing. */
const [FUNDED, UNFUNDED] = [2, 3]

async function worked(): Promise<number> {
  const status = await orchestrator.status<OrchestratorStatus>()
  if (status === null) throw new Error('the orchestrator does not answer')
  return status.orchestrator.orders.reduce((sum, { segments }) => sum + segments, 0)
}

describe('a payer made by hand', () => {
  let payer: HandMadePayer
  beforeAll(async () => {
    payer = await createHandMadePayer(cleanup, market.chain.account(FUNDED))
  })

  async function agree(): Promise<OpenOrder> {
    const quote = await payer.ask(orchestrator, segment)
    if (!('quoteId' in quote)) throw new Error(`${quote.code}: ${quote.detail}`)
    const order = await payer.open(orchestrator, quote)
    expect(order.accepted.message).toMatchObject({ type: 'accepted', credit: 0n })
    return order
  }

  test('S35 S36 gets LOW_PM_BALANCE and no byte of output for a segment without payment, and the output once it pays', async () => {
    const before = await worked()
    const order = await agree()
    for (const index of [0, 0, 1]) {
      expect(await order.send(index, segment, NOTHING)).toMatchObject({
        message: { type: 'error', code: 'LOW_PM_BALANCE', index: BigInt(index), credit: 0n },
        bodyBytes: 0,
      })
    }
    expect(await worked()).toBe(before)
    const paid = await order.send(2, segment, order.payment(segment))
    expect(paid.message).toMatchObject({ type: 'result', index: 2n })
    expect(paid.bodyBytes).toBeGreaterThan(10_000)
    expect(await worked()).toBe(before + 1)
  })

  test.each<[string, (batch: TicketBatch) => TicketBatch]>([
    [
      'a signature that was tampered with',
      (batch) => ({
        ...batch,
        senderParams: batch.senderParams.map((one) => ({ ...one, sig: flipped(one.sig, 5) })),
      }),
    ],
    [
      'another nonce than was signed',
      (batch) => ({
        ...batch,
        senderParams: batch.senderParams.map((one) => ({
          ...one,
          senderNonce: one.senderNonce + 50,
        })),
      }),
    ],
    [
      "tickets in somebody else's name",
      (batch) => ({ ...batch, sender: market.chain.account(UNFUNDED).address }),
    ],
  ])('gets FATAL_PAYMENT and no byte of output for %s', async (_what, change) => {
    const before = await worked()
    const order = await agree()
    expect(await order.send(0, segment, order.payment(segment, change))).toMatchObject({
      message: { type: 'error', code: 'FATAL_PAYMENT', index: 0n, credit: 0n },
      bodyBytes: 0,
    })
    expect(await worked()).toBe(before)
  })

  test('is sent back to the offered terms when it pays under others', async () => {
    const order = await agree()
    const payment = order.payment(segment, (batch) => ({
      ...batch,
      params: { ...batch.params, winProb: batch.params.winProb + 1n },
    }))
    expect(await order.send(0, segment, payment)).toMatchObject({
      message: { type: 'error', code: 'NEW_PAYMENT_PARAMS', index: 0n, credit: 0n },
      bodyBytes: 0,
    })
  })

  test('gets nothing for tickets that were spent before', async () => {
    const order = await agree()
    const payment = order.payment(segment)
    expect((await order.send(0, segment, payment)).message.type).toBe('result')
    const again = await order.send(1, segment, payment)
    expect(again).toMatchObject({ message: { type: 'error', index: 1n }, bodyBytes: 0 })
  })

  test('S15 without a deposit gets a typed refusal instead of a quote', async () => {
    const poor = await createHandMadePayer(cleanup, market.chain.account(UNFUNDED))
    const refusal = (await poor.ask(orchestrator, segment)) as Exclude<
      Awaited<ReturnType<HandMadePayer['ask']>>,
      Quote
    >
    expect(refusal.code).toBe('PAYER_UNDERFUNDED')
    expect(refusal.detail).not.toBe('')
  })
})

describe('a broadcaster without a deposit', () => {
  test('S15 is refused by everyone, and its stream fails saying why', async () => {
    const source = { name: 'show', input: market.sample, pace: 'fast', maxDurationMs: 4_000 }
    const peer = await market.broadcaster(UNFUNDED - 1, { patienceMs: 200, streams: [source] })
    const readiness = await fetch(`${peer.ready.http}/readyz`)
    expect(readiness.status).toBe(503)
    expect(await readiness.json()).toMatchObject({
      reasons: expect.arrayContaining([expect.stringContaining('millrace fund')]),
    })
    const stream = await streamWhen(peer, ({ state }) => state !== 'running')
    expect(stream.state).toBe('failed')
    expect(stream.error).toContain('PAYER_UNDERFUNDED')
    expect(stream.segments).toMatchObject({ sent: 2, returned: 0, failed: 2 })
    const { broadcaster } = await statusWhen(peer, () => true)
    expect(broadcaster.tickets.tickets).toBe(0)
    const refusals = broadcaster.decisions.flatMap(({ considered }) => considered)
    expect(refusals.length).toBeGreaterThan(0)
    for (const { accepted, why } of refusals) {
      expect(accepted).toBe(false)
      expect(why).toContain('PAYER_UNDERFUNDED')
    }
  })
})
