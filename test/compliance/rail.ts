import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Result } from '../../src/lib/result.ts'
import type {
  EarnSession,
  OfferInit,
  Paid,
  PayeeRail,
  PayerRail,
  PaymentContext,
  PaySession,
  RailFault,
} from '../../src/rails/rail.ts'
import { versionedCodec } from '../../src/store/codec.ts'
import type { Store } from '../../src/store/store.ts'

/**
 * One pair of parties on one rail, on a real chain and with a database each.
 *
 * A rail that joins the suite writes one of these. Everything else is the suite's.
 */
export interface RailFixture {
  readonly payer: PaymentContext['payer']
  readonly payee: PaymentContext['payee']
  /** What one step costs; the suite pays a few dozen of them. */
  readonly feePerStep: bigint
  /** The halves as they are now: other ones after a restart. */
  payerRail(): PayerRail
  payeeRail(): PayeeRail
  /** The payee's database as it is now. */
  payeeStore(): Store
  /** Drops a half without a farewell, closes its database and opens both anew. */
  restartPayer(): Promise<void>
  restartPayee(): Promise<void>
  /** Puts other blocks in the place of the newest ones, and lets both halves see it. */
  reorganise(depth: number): Promise<void>
  stop(): Promise<void>
}

const creditCodec = versionedCodec<bigint>({
  name: 'credit of a test',
  version: 1,
  parse: (value) => BigInt(value as bigint),
})

/** The rules that every way to pay keeps. */
export function railCompliance(name: string, makeFixture: () => Promise<RailFixture>): void {
  describe(`${name}: what every rail keeps to`, () => {
    let fixture: RailFixture
    let orders = 0
    beforeAll(async () => {
      fixture = await makeFixture()
    }, 120_000)
    afterAll(async () => fixture?.stop())

    /** An order between the two, opened by offer, as the exchange runs it. */
    async function open(): Promise<Pair> {
      orders += 1
      const pair = new Pair(fixture, `0x${orders.toString(16).padStart(4, '0')}`)
      await pair.open()
      return pair
    }

    test('an offer is judged as it is taken, and made for one payee', async () => {
      const offer = value(await fixture.payeeRail().offer(offerOf(fixture)))
      expect(await fixture.payerRail().judge(offer, fixture.payee)).toMatchObject({ ok: true })
      expect((await fixture.payerRail().judge(offer, fixture.payer)).ok).toBe(false)
      const cut = offer.slice(0, offer.byteLength >> 1)
      expect((await fixture.payerRail().judge(cut, fixture.payee)).ok).toBe(false)
    })

    test('what a payment is said to be worth is credited, and covers what is due', async () => {
      const pair = await open()
      let sum = 0n
      for (const due of [fixture.feePerStep, 1n, 3n * fixture.feePerStep]) {
        const paid = await pair.pay(due)
        expect(paid.value).toBeGreaterThanOrEqual(due)
        expect(await pair.receive(paid.proof)).toBe(paid.value)
        sum += paid.value
        expect(await pair.credit()).toBe(sum)
      }
    })

    test('a repeated payment is no fault and credits 0, also under another order', async () => {
      const pair = await open()
      const { proof, value: worth } = await pair.pay(fixture.feePerStep)
      expect(await pair.receive(proof)).toBe(worth)
      expect(await pair.receive(proof)).toBe(0n)
      const other = await open()
      expect(await other.receive(proof)).toBe(0n)
    })

    test('credit is on disk before it is acknowledged, and no restart counts a proof again', async () => {
      const pair = await open()
      const { proof, value: worth } = await pair.pay(fixture.feePerStep)
      await pair.receive(proof)
      await fixture.restartPayee()
      pair.reopenEarn()
      expect(await pair.credit()).toBe(worth)
      expect(await pair.receive(proof)).toBe(0n)
    })

    test('a credit that did not reach the disk is credited when its proof comes again', async () => {
      const pair = await open()
      const { proof, value: worth } = await pair.pay(fixture.feePerStep)
      value(await pair.earn.receive(proof))
      await fixture.restartPayee()
      pair.reopenEarn()
      expect(await pair.receive(proof)).toBe(worth)
    })

    test('a payer that restarts goes on with its order by a grant, and never pays twice by one proof', async () => {
      const pair = await open()
      await pair.receive((await pair.pay(fixture.feePerStep)).proof)
      const before = await pair.credit()
      await fixture.restartPayer()
      await pair.resume()
      const next = await pair.pay(fixture.feePerStep)
      expect(await pair.receive(next.proof)).toBe(next.value)
      expect(await pair.credit()).toBe(before + next.value)
    })

    test('both restart, at any point of a payment', async () => {
      const pair = await open()
      await pair.receive((await pair.pay(fixture.feePerStep)).proof)
      for (const point of ['before', 'paid', 'received'] as const) {
        const restart = async (): Promise<void> => {
          await fixture.restartPayer()
          await fixture.restartPayee()
          pair.reopenEarn()
        }
        if (point === 'before') await restart()
        await pair.resume()
        const { proof, value: worth } = await pair.pay(fixture.feePerStep)
        if (point === 'paid') await restart()
        expect(await pair.receive(proof)).toBe(worth)
        if (point === 'received') await restart()
        expect(await pair.receive(proof)).toBe(0n)
      }
    })

    test('a proof that is lost is not needed: the next one counts for what is due', async () => {
      const pair = await open()
      await pair.receive((await pair.pay(fixture.feePerStep)).proof)
      await pair.pay(fixture.feePerStep)
      await pair.resume()
      const next = await pair.pay(fixture.feePerStep)
      expect(await pair.receive(next.proof)).toBeGreaterThanOrEqual(fixture.feePerStep)
    })

    test('overpayment carries: what was paid beyond what is due stays credit', async () => {
      const pair = await open()
      const paid = await pair.pay(1n)
      expect(await pair.receive(paid.proof)).toBe(paid.value)
      const big = await pair.pay(2n * fixture.feePerStep)
      await pair.receive(big.proof)
      expect(await pair.credit()).toBe(paid.value + big.value)
    })

    test('orders that run side by side are each credited what was paid under them, however it overtakes', async () => {
      const [first, second] = [await open(), await open()]
      for (const pair of [first, second]) {
        await pair.receive((await pair.pay(fixture.feePerStep)).proof)
      }
      const early = await first.pay(fixture.feePerStep)
      const late = await second.pay(2n * fixture.feePerStep)
      expect(await second.receive(late.proof)).toBe(late.value)
      expect(await first.receive(early.proof)).toBe(early.value)
      expect(await first.receive(early.proof)).toBe(0n)
      expect(await second.receive(early.proof)).toBe(0n)
    })

    test('grants that get lost do no harm: payments go on when another one comes', async () => {
      const pair = await open()
      for (let i = 0; i < 30; i += 1) {
        const paid = await pair.payOrRenew(fixture.feePerStep)
        expect(await pair.receive(paid.proof)).toBe(paid.value)
        // Every other grant that would come with a reply is lost.
        const due = await pair.earn.grantIfDue()
        if (due !== null && i % 2 === 0) value(await pair.session.useGrant(due))
      }
    })

    test('what cannot be read, was changed, or is another payer’s credits nothing', async () => {
      const pair = await open()
      const { proof } = await pair.pay(fixture.feePerStep)
      const changed = Uint8Array.from(proof)
      const last = changed.byteLength - 40
      changed[last] = (changed[last] as number) ^ 1
      const before = await pair.credit()
      for (const bad of [new Uint8Array(0), proof.slice(0, 50), changed]) {
        expect((await pair.earn.receive(bad)).ok).toBe(false)
      }
      const context = { ...pair.context, payer: fixture.payee }
      const stranger = fixture.payeeRail().openEarn(context, offerOf(fixture))
      expect((await stranger.receive(proof)).ok).toBe(false)
      expect(await pair.credit()).toBe(before)
      await pair.receive(proof)
    })

    test('a reorganisation of the newest blocks takes no credit back and stops no payment', async () => {
      const pair = await open()
      await pair.receive((await pair.pay(fixture.feePerStep)).proof)
      const before = await pair.credit()
      await fixture.reorganise(1)
      const next = await pair.payOrRenew(fixture.feePerStep)
      expect(await pair.receive(next.proof)).toBe(next.value)
      expect(await pair.credit()).toBe(before + next.value)
    })
  })
}

function offerOf({ payer, feePerStep }: RailFixture): OfferInit {
  return { payer, feePerStep }
}

function value<T>(result: Result<T, RailFault>): T {
  if (!result.ok)
    throw new Error(`${result.error.class} ${result.error.code}: ${result.error.detail}`)
  return result.value
}

/** Both sides of one order, with the payee's credit in its database. */
class Pair {
  readonly #fixture: RailFixture
  readonly context: PaymentContext
  session!: PaySession
  earn!: EarnSession

  constructor(fixture: RailFixture, orderId: string) {
    this.#fixture = fixture
    this.context = { orderId, payer: fixture.payer, payee: fixture.payee }
  }

  async open(): Promise<void> {
    const offer = value(await this.#fixture.payeeRail().offer(offerOf(this.#fixture)))
    this.session = value(await this.#fixture.payerRail().openPay(this.context, offer))
    this.reopenEarn()
  }

  reopenEarn(): void {
    this.earn = this.#fixture.payeeRail().openEarn(this.context, offerOf(this.#fixture))
  }

  /** The payer goes on with an order of before: nothing is paid until a grant is taken up. */
  async resume(): Promise<void> {
    this.session = value(await this.#fixture.payerRail().openPay(this.context, null))
    expect(await this.session.pay(1n)).toMatchObject({ ok: false, error: { class: 'new-params' } })
    value(await this.session.useGrant(value(await this.earn.grant())))
  }

  async pay(due: bigint): Promise<Paid> {
    return value(await this.session.pay(due))
  }

  /** Pays, and asks for a grant when that is what is missing. */
  async payOrRenew(due: bigint): Promise<Paid> {
    const paid = await this.session.pay(due)
    if (paid.ok || paid.error.class !== 'new-params') return value(paid)
    value(await this.session.useGrant(value(await this.earn.grant())))
    return this.pay(due)
  }

  /** Credits as the exchange does: in one batch with what the rail writes. */
  async receive(proof: Uint8Array): Promise<bigint> {
    const received = value(await this.earn.receive(proof))
    const table = this.#fixture.payeeStore().table('test-credit', creditCodec)
    const sum = (await this.credit()) + received.credited
    const ops = [...received.writes, table.putOp(this.context.orderId, sum)]
    await this.#fixture.payeeStore().batch(ops, { sync: received.sync })
    received.committed()
    return received.credited
  }

  async credit(): Promise<bigint> {
    const table = this.#fixture.payeeStore().table('test-credit', creditCodec)
    return (await table.get(this.context.orderId)) ?? 0n
  }
}
