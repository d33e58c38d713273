import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ceilDiv } from '../../../src/lib/wei.ts'
import { exposureOf } from '../../../src/rails/ticket/exposure.ts'
import {
  addTickets,
  emptySums,
  expectedWins,
  joinSums,
  valueDeviation,
  withoutSums,
} from '../../../src/rails/ticket/ledger.ts'
import { holdCost } from '../../../src/rails/ticket/redeem-cost.ts'
import { MAX_WIN_PROB, ticketEv } from '../../../src/rails/ticket/ticket.ts'
import { sizeTicket, type TicketParamsConfig } from '../../../src/rails/ticket/ticket-params.ts'
import { walletOf } from '../../helpers/fixtures.ts'

const config: TicketParamsConfig = {
  minEv: 1n,
  ticketsPerStep: 2n,
  evMultiplier: 100n,
  txCostMultiplier: 100n,
  redeemGas: 90_000n,
  maxFaceValue: 0n,
  paramsLifeBlocks: 40n,
}
const wei = fc.bigInt({ min: 1n, max: 10n ** 20n })

describe('sizing', () => {
  test('a segment takes one to three tickets, whatever its length, the gas and the reserve', () => {
    fc.assert(
      fc.property(
        fc.record({ fee: wei, minEv: wei, cost: wei, maxFloat: wei }),
        fc.bigInt({ min: 1n, max: 1_000n }),
        ({ fee, minEv, cost, maxFloat }, lengthPermille) => {
          const size = sizeTicket({ ...config, minEv }, fee, cost, maxFloat)
          if (!size.ok) return
          const due = ceilDiv(fee * lengthPermille, 1_000n)
          const tickets = ceilDiv(due, ticketEv(size.value))
          expect(tickets).toBeGreaterThanOrEqual(1n)
          expect(tickets).toBeLessThanOrEqual(3n)
        },
      ),
    )
  })

  test('a shrinking reserve shrinks the face value down to the floor, and only then refuses', () => {
    fc.assert(
      fc.property(wei, wei, wei, wei, (fee, minEv, cost, maxFloat) => {
        const least = ceilDiv(fee, 3n) > minEv ? ceilDiv(fee, 3n) : minEv
        const floor = 2n * least > cost ? 2n * least : cost
        const sized = { ...config, minEv }
        const size = sizeTicket(sized, fee, cost, maxFloat)
        expect(size.ok).toBe(maxFloat >= floor)
        expect(sizeTicket(sized, fee, cost, floor)).toMatchObject({
          ok: true,
          value: { faceValue: floor },
        })
        expect(sizeTicket(sized, fee, cost, floor - 1n).ok).toBe(false)
        const more = sizeTicket(sized, fee, cost, maxFloat + 1n)
        if (size.ok && more.ok) {
          expect(more.value.faceValue).toBeGreaterThanOrEqual(size.value.faceValue)
        }
      }),
    )
  })

  test('S38 with reserve enough, redeeming costs at most a hundredth of the face value', () => {
    fc.assert(
      fc.property(wei, wei, (fee, cost) => {
        const size = sizeTicket(config, fee, cost, 10n ** 40n)
        expect(size.ok && size.value.faceValue >= 100n * cost).toBe(true)
      }),
    )
  })

  test('the cost in use is never further than a quarter from the present one', () => {
    fc.assert(
      fc.property(fc.array(wei, { minLength: 1 }), (costs) => {
        const uses = (costWei: bigint) => ({ gasPriceWei: costWei, redeemGas: 1n, costWei })
        let held: ReturnType<typeof uses> | undefined
        for (const cost of costs) {
          const before = held
          held = holdCost(held, uses(cost))
          const off = held.costWei - cost
          expect(4n * (off < 0n ? -off : off)).toBeLessThanOrEqual(held.costWei)
          if (held !== before) expect(held.costWei).toBe(cost)
        }
      }),
    )
  })
})

const terms = fc.record({
  recipient: fc.constant(walletOf('anyone').address),
  faceValue: fc.bigInt({ min: 1n, max: 10n ** 20n }),
  winProb: fc.bigInt({ min: 0n, max: MAX_WIN_PROB / 2n }),
  tickets: fc.integer({ min: 0, max: 600 }),
  expirationBlock: fc.constant(1n),
})

describe('exposure', () => {
  test('grows with every ticket and with certainty, and is at least what is expected', () => {
    fc.assert(
      fc.property(fc.array(terms, { maxLength: 8 }), terms, (groups, one) => {
        const before = exposureOf(groups, 0.99)
        const after = exposureOf([...groups, one], 0.99)
        expect(after.evWei).toBeGreaterThanOrEqual(before.evWei)
        expect(after.tickets).toBe(before.tickets + one.tickets)
        expect(exposureOf(groups, 0.999).requiredWei).toBeGreaterThanOrEqual(before.requiredWei)
        expect(before.requiredWei + before.faceValueWei).toBeGreaterThanOrEqual(before.evWei)
      }),
    )
  })
})

describe('the sums of the ledger', () => {
  test('are the same however tickets are grouped, and a part taken out leaves the rest', () => {
    fc.assert(
      fc.property(terms, fc.integer({ min: 0, max: 600 }), terms, (a, more, b) => {
        const ofA = addTickets(emptySums, a, a.tickets)
        const both = addTickets(addTickets(ofA, b, b.tickets), a, more)
        const ofRest = addTickets(addTickets(emptySums, a, more), b, b.tickets)
        expect(joinSums(ofA, ofRest)).toEqual(both)
        expect(withoutSums(both, ofA)).toEqual(ofRest)
        expect(withoutSums(ofA, both)).toEqual(emptySums)
      }),
    )
  })

  test('give the mean and the deviation that the tickets have', () => {
    const quarter = { faceValue: 1_000_000n, winProb: MAX_WIN_PROB / 4n }
    const sums = addTickets(emptySums, quarter, 400)
    expect(expectedWins(sums).mean).toBeCloseTo(100, 6)
    expect(expectedWins(sums).variance).toBeCloseTo(75, 6)
    expect(Number(valueDeviation(sums))).toBeCloseTo(1e6 * Math.sqrt(75), -1)
  })
})
