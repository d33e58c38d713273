import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { creditOf } from '../../../src/exchange/account.ts'
import { gateOf, unitsOf } from '../../helpers/fakes-media.ts'
import { Cleanup, until } from '../../helpers/fixtures.ts'
import {
  negotiate,
  openOrder,
  outgoing,
  type PayerNode,
  type ProviderNode,
  startPayer,
  startProvider,
} from '../../helpers/fixtures-exchange.ts'

const { signal } = new AbortController()
const FEE = unitsOf()

const cleanup = new Cleanup()
let payer: PayerNode
let provider: ProviderNode
beforeEach(async () => {
  payer = await startPayer(cleanup)
  provider = await startProvider(cleanup, { slots: 1 })
})
afterEach(() => cleanup.run())

describe('S5 a job is one segment with its payment, and whoever ends it leaves nothing behind', () => {
  /** Nothing is kept aside, no seat is taken, and the one seat there is can be had again. */
  async function expectNothingLeft(first: Awaited<ReturnType<typeof openOrder>>): Promise<void> {
    await until(() => provider.openStreams() === 0)
    const side = await provider.orderOf(first.order)
    await until(() => side.reserved() === 0n)
    // What was paid for the segment that nobody finished is credit, and nothing was charged for it.
    expect(side.account()).toMatchObject({ segments: 1, debited: FEE })
    expect(creditOf(side.account())).toBe(FEE)
    const next = await openOrder(cleanup, payer, provider)
    expect(await next.send(outgoing(0), { signal })).toMatchObject({ ok: true })
    expect((await provider.orderOf(next.order)).account()).toMatchObject({ segments: 1 })
  }

  test('S5 the payer, in the middle of a segment', async () => {
    const order = await openOrder(cleanup, payer, provider)
    expect(await order.send(outgoing(0), { signal })).toMatchObject({ ok: true })
    const { gate } = provider.worker
    const never = gateOf()
    let worked: AbortSignal | undefined
    provider.worker.gate = (_job, ended) => {
      worked = ended
      return never.pass(ended)
    }
    const reply = order.send(outgoing(1), { signal })
    await until(() => worked !== undefined)
    await order.close('idle')
    expect(await reply).toMatchObject({ ok: false })
    // Nobody goes on with work that nobody wants.
    await until(() => worked?.aborted === true)
    provider.worker.gate = gate
    await expectNothingLeft(order)
  })

  test('S5 the provider, in the middle of a segment', async () => {
    const order = await openOrder(cleanup, payer, provider)
    expect(await order.send(outgoing(0), { signal })).toMatchObject({ ok: true })
    const { gate } = provider.worker
    provider.worker.gate = (_job, ended) => gateOf().pass(ended)
    const reply = order.send(outgoing(1), { signal })
    await until(() => provider.worker.jobs.length === 2)
    await provider.host.disconnect(payer.host.peerId)
    expect(await reply).toMatchObject({ ok: false, error: { class: 'lost' } })
    expect(order.ended.aborted).toBe(true)
    await until(() => payer.host.connectedPeers().length === 0)
    provider.worker.gate = gate
    await expectNothingLeft(order)
  })
})

test('S10 a request names a service, and a region only when one is wanted', async () => {
  for (const region of ['', 'eu']) {
    expect((await negotiate(payer, provider, { region })).order.providerPeerId).toBe(
      provider.host.peerId,
    )
  }
  await expect(negotiate(payer, provider, { region: 'mars' })).rejects.toThrow('UNSERVED_REGION')
  await expect(negotiate(payer, provider, { service: 'GPUTranscoding' })).rejects.toThrow(
    'UNKNOWN_SERVICE',
  )
})

describe('S15 a payer that has less than the minimum', () => {
  // A ticket of a third of the fee, with a face value of twice that, is the least that is taken.
  const least = 2n * ((FEE + 2n) / 3n)
  const funds = (deposit: bigint, share: bigint) => ({
    deposit,
    withdrawRound: 0n,
    reserve: { fundsRemaining: share * provider.chain.pool, claimedInCurrentRound: 0n },
  })

  test.each([
    ['no deposit', () => funds(0n, least)],
    ['a reserve of a wei too little', () => funds(FEE, least - 1n)],
  ])('S15 gets a typed refusal instead of a quote: %s', async (_what, poor) => {
    provider.chain.funds = poor()
    await expect(negotiate(payer, provider)).rejects.toThrow('PAYER_UNDERFUNDED')
    expect(provider.worker.jobs).toEqual([])
  })

  test('S15 gets work with just the minimum, and none once it is gone', async () => {
    provider.chain.funds = funds(FEE, least)
    const order = await openOrder(cleanup, payer, provider)
    expect(await order.send(outgoing(0), { signal })).toMatchObject({ ok: true })
    provider.chain.funds = funds(0n, 0n)
    expect(await order.send(outgoing(1), { signal })).toMatchObject({
      ok: false,
      error: { code: 'PAYER_UNDERFUNDED' },
    })
    expect(provider.worker.jobs).toHaveLength(1)
  })
})
