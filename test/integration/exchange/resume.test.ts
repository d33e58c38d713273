import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPayerBooks } from '../../../src/exchange/payer-books.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { gateOf, unitsOf } from '../../helpers/fakes-media.ts'
import { Cleanup, until } from '../../helpers/fixtures.ts'
import {
  dispatcherOf,
  dispatchSegment,
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
  provider = await startProvider(cleanup)
})
afterEach(() => cleanup.run())

async function orders(): Promise<
  readonly { readonly orderId: string; readonly debited: bigint }[]
> {
  const found: { orderId: string; debited: bigint }[] = []
  for await (const { order, account } of provider.orders.records())
    found.push({ orderId: order.orderId, debited: account.debited })
  return found
}

/** The same payer after its process died: nothing left but the store and the keys. */
async function reborn(): Promise<PayerNode> {
  const { store, logger } = payer
  return {
    ...payer,
    books: await openPayerBooks({ store, clock: systemClock, logger }),
    decisions: [],
  }
}

describe('an order that broke off', () => {
  test('goes on with the same segment when only the connection was lost', async () => {
    const dispatcher = await dispatcherOf(cleanup, payer, [provider])
    expect(await dispatcher.dispatch(dispatchSegment(0), { signal })).toMatchObject({ ok: true })
    const gate = gateOf()
    provider.worker.gate = (_job, ended) => gate.pass(ended)
    const running = dispatcher.dispatch(dispatchSegment(1), { signal })
    await until(() => provider.worker.jobs.length === 2)
    await payer.host.disconnect(provider.host.peerId)
    gate.open()
    const delivered = await running
    expect(delivered).toMatchObject({ ok: true, value: { attempts: 2 } })
    expect(payer.decisions).toHaveLength(1)
    expect(payer.reputation.until(provider.host.peerId)).toBeNull()
    const [order, ...others] = await orders()
    expect(others).toEqual([])
    expect(order?.debited).toBe(2n * FEE)
  })

  test('is taken up in one round trip by a payer that was started again, with its credit', async () => {
    const first = await dispatcherOf(cleanup, payer, [provider])
    for (const sequence of [0, 1, 2]) await first.dispatch(dispatchSegment(sequence), { signal })
    const [before] = await orders()
    payer = await reborn()
    const second = await dispatcherOf(cleanup, payer, [provider])
    expect(await second.dispatch(dispatchSegment(3), { signal })).toMatchObject({
      ok: true,
      value: { attempts: 1 },
    })
    expect(payer.decisions).toEqual([])
    expect(await orders()).toEqual([{ orderId: before?.orderId, debited: 4n * FEE }])
  })

  test('is left alone when the stream wants other work', async () => {
    const first = await dispatcherOf(cleanup, payer, [provider])
    await first.dispatch(dispatchSegment(0), { signal })
    payer = await reborn()
    const other = await dispatcherOf(cleanup, payer, [provider], { maxPrice: { num: 1n, den: 2n } })
    expect(await other.dispatch(dispatchSegment(1), { signal })).toMatchObject({
      ok: false,
      error: { code: 'NO_OFFER' },
    })
  })

  test('of a stream that ended is taken up again when its provider is chosen', async () => {
    const first = await dispatcherOf(cleanup, payer, [provider])
    await first.dispatch(dispatchSegment(0), { signal })
    await first.close('idle')
    const second = await dispatcherOf(cleanup, payer, [provider])
    await second.dispatch(dispatchSegment(1), { signal })
    expect(payer.decisions).toHaveLength(2)
    expect(await orders()).toHaveLength(1)
  })
})
