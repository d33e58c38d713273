import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { creditOf } from '../../../src/exchange/account.ts'
import { exchangeLimits } from '../../../src/exchange/limits.ts'
import { createProviderOrders, type ProviderOrders } from '../../../src/exchange/provider-orders.ts'
import { toHex, u256 } from '../../../src/lib/bytes.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { ok } from '../../../src/lib/result.ts'
import type { OpenQuote, QuoteProvider } from '../../../src/market/quote-provider.ts'
import type { PayeeRail } from '../../../src/rails/rail.ts'
import type { Store } from '../../../src/store/store.ts'
import { profiles, SEGMENT_MS } from '../../helpers/fakes-media.ts'
import { Cleanup, temporaryStore } from '../../helpers/fixtures.ts'
import { recipientWallet, senderWallet } from '../../helpers/fixtures-tickets.ts'

const cleanup = new Cleanup()
let store: Store
let reopen: () => Promise<Store>
let quoted: Set<string>
beforeEach(async () => {
  ;({ store, reopen } = await temporaryStore(cleanup))
  quoted = new Set()
})
afterEach(() => cleanup.run())

const charged = (index: bigint, fee: bigint, units = 1n) =>
  ({ type: 'charged', index, fee, units, inputHash: u256(index) }) as const

const idOf = (n: number): Uint8Array => u256(BigInt(n)).slice(16)

/** A rail whose proofs are bytes of credit, taken at their word. */
const rail: PayeeRail = {
  id: 'trust',
  offer: async () => ok(new Uint8Array(0)),
  openEarn: () => ({
    receive: async (proof) =>
      ok({ credited: BigInt(proof[0] ?? 0), writes: [], sync: false, committed() {} }),
    grant: async () => ok(new Uint8Array(0)),
    grantIfDue: async () => null,
  }),
}

function compose(over: Partial<QuoteProvider> = {}): ProviderOrders {
  const quotes = {
    find: (quoteId: Uint8Array) =>
      quoted.has(toHex(quoteId))
        ? ({
            quote: {
              quoteId,
              payer: senderWallet.address,
              payerPeerId: 'payer',
              provider: recipientWallet.address,
              providerPeerId: 'provider',
              service: 'transcode',
              price: { num: 1n, den: 1n },
              rail: 'trust',
              maxInFlight: 2,
            },
            request: { profiles, segmentMs: SEGMENT_MS, expectedUnits: 10n },
          } as unknown as OpenQuote)
        : undefined,
    takenUp: (quoteId: Uint8Array) => void quoted.delete(toHex(quoteId)),
    ...over,
  } as QuoteProvider
  return createProviderOrders({
    store,
    clock: systemClock,
    quotes,
    rails: new Map([['trust', rail]]),
  })
}

async function open(orders: ProviderOrders, n: number) {
  const order = await orders.open(idOf(n), 'payer')
  if (order === undefined) throw new Error('no such order')
  return order
}

describe('the orders of a provider', () => {
  test('come from a quote once, and from then on from the store', async () => {
    quoted.add(toHex(idOf(1)))
    const order = await open(compose(), 1)
    await order.receive(Uint8Array.of(50))
    expect(await order.charge(charged(0n, 20n, 20n))).toEqual({ missing: 0n, debited: 20n })
    expect(quoted.size).toBe(0)
    store = await reopen()
    const again = await open(compose(), 1)
    expect(again.account()).toEqual(order.account())
    expect(again.credit()).toBe(30n)
    expect([order.isResumed, again.isResumed]).toEqual([false, true])
    const records = []
    for await (const record of compose().records()) records.push(record)
    expect(records).toEqual([{ order: order.order, account: order.account() }])
  })

  test('are one and the same for everyone who has one open, whoever comes in between', async () => {
    const orders = compose()
    for (let n = 0; n < 10; n += 1) quoted.add(toHex(idOf(n)))
    const [a, b] = await Promise.all([open(orders, 1), open(orders, 1)])
    expect(b).toBe(a)
    expect(await orders.open(idOf(1), 'stranger')).toBeUndefined()
    orders.leave(b)
    expect(await open(orders, 1)).toBe(a)
  })

  test('stay in memory as few as the limit says, and those in use always', async () => {
    const orders = compose()
    const used = (quoted.add(toHex(idOf(0))), await open(orders, 0))
    await used.receive(Uint8Array.of(7))
    const { maxIdleOrders } = exchangeLimits
    const idle = []
    for (let n = 1; n <= maxIdleOrders + 2; n += 1) {
      quoted.add(toHex(idOf(n)))
      const order = await open(orders, n)
      await order.receive(Uint8Array.of(n % 200))
      idle.push(order)
      orders.leave(order)
    }
    expect(await open(orders, 0)).toBe(used)
    expect(await open(orders, maxIdleOrders + 2)).toBe(idle.at(-1))
    const first = await open(orders, 1)
    expect(first).not.toBe(idle[0])
    expect(first.account()).toEqual(idle[0]?.account())
  })

  test('can be opened again after the store has failed, as one and the same', async () => {
    quoted.add(toHex(idOf(1)))
    let isBroken = true
    const found = compose()
    const orders = compose({
      takenUp() {
        if (isBroken) throw new Error('broken')
      },
    })
    const failing = [orders.open(idOf(1), 'payer'), orders.open(idOf(1), 'payer')]
    const third = failing[0]?.catch(async () => {
      isBroken = false
      return open(orders, 1)
    })
    await Promise.allSettled(failing)
    expect(await open(orders, 1)).toBe(await third)
    expect(await found.open(idOf(2), 'payer')).toBeUndefined()
  })

  test('charge an index once, whoever asks at the same time, and never more than the credit', async () => {
    quoted.add(toHex(idOf(1)))
    const order = await open(compose(), 1)
    await order.receive(Uint8Array.of(50))
    const charge = (index: bigint, fee: bigint) => order.charge(charged(index, fee))
    const charges = await Promise.all([
      charge(0n, 30n),
      charge(0n, 30n),
      charge(1n, 30n),
      charge(2n, 20n),
    ])
    expect(charges.map(({ missing }) => missing)).toEqual([0n, 0n, 10n, 0n])
    expect(charges.map(({ debited }) => debited)).toEqual([30n, 0n, 0n, 20n])
    expect(order.account()).toMatchObject({ credited: 50n, debited: 50n, segments: 2 })
  })

  test('owe a result that was charged before a restart, of that very segment, until it is made again', async () => {
    quoted.add(toHex(idOf(1)))
    const before = await open(compose(), 1)
    await before.receive(Uint8Array.of(50))
    await before.charge(charged(7n, 20n))
    expect(before.owes(charged(7n, 20n))).toBe(false)
    store = await reopen()
    const after = await open(compose(), 1)
    expect(after.owes({ index: 7n, inputHash: u256(8n) })).toBe(false)
    expect(after.owes(charged(8n, 20n))).toBe(false)
    expect(after.owes(charged(7n, 20n))).toBe(true)
    after.madeAgain(7n)
    expect(after.owes(charged(7n, 20n))).toBe(false)
  })

  test('keep a fee aside for work in flight, and give it back once', async () => {
    quoted.add(toHex(idOf(1)))
    const order = await open(compose(), 1)
    await order.receive(Uint8Array.of(50))
    const giveBack = order.reserve(30n)
    const charge = () => order.charge(charged(0n, 25n))
    expect(await charge()).toEqual({ missing: 5n, debited: 0n })
    giveBack()
    giveBack()
    expect(order.reserved()).toBe(0n)
    expect(await charge()).toEqual({ missing: 0n, debited: 25n })
    expect(creditOf(order.account())).toBe(25n)
  })

  test('lose no payment or charge that overlap', async () => {
    quoted.add(toHex(idOf(1)))
    const order = await open(compose(), 1)
    await order.receive(Uint8Array.of(100))
    const events = Array.from({ length: 40 }, (_, i) =>
      i % 2 === 0 ? order.receive(Uint8Array.of(3)) : order.charge(charged(BigInt(i), 2n)),
    )
    await Promise.all(events)
    expect(order.account()).toMatchObject({ credited: 160n, debited: 40n, segments: 20 })
    store = await reopen()
    expect((await open(compose(), 1)).account()).toEqual(order.account())
  })
})
