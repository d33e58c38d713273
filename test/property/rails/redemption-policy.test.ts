import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { moved } from '../../../src/rails/ticket/redeem-gas.ts'
import {
  type Decision,
  decide,
  defaultPolicy,
  type RedemptionPolicy,
  type RedemptionView,
} from '../../../src/rails/ticket/redemption-policy.ts'
import type { OperatorOrder } from '../../../src/rails/ticket/winner-orders.ts'
import { isPending, WINNER_STATES, type Winner } from '../../../src/rails/ticket/winner-record.ts'
import { winnerOf } from '../../helpers/fixtures-tickets.ts'

const block = fc.bigInt({ min: 0n, max: 5_000n })
const round = fc.bigInt({ min: 0n, max: 40n })

const view: fc.Arbitrary<RedemptionView> = fc.record({
  block,
  round,
  ticketValidityPeriod: fc.constant(2n),
  gasPrice: fc.bigInt({ min: 0n, max: 10n ** 12n }),
  redeemGas: fc.bigInt({ min: 21_000n, max: 10n ** 6n }),
  roundElapsed: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
})

const winner: fc.Arbitrary<Winner> = fc
  .record({
    state: fc.constantFrom(...WINNER_STATES),
    attempts: fc.nat(20),
    notBeforeBlock: block,
    paramsExpirationBlock: block,
    creationRound: round,
  })
  .map(({ paramsExpirationBlock, creationRound, ...rest }) => ({
    sequence: 0,
    ticket: winnerOf(1, { paramsExpirationBlock, creationRound }),
    ...rest,
  }))

const order = fc.constantFrom<OperatorOrder | undefined>(
  ...([undefined, 'hold', 'redeem', 'redeem-at-a-loss'] as const),
)

const policy: RedemptionPolicy = { ...defaultPolicy, maxCostShare: { num: 1n, den: 20n } }

/** 100000 gas at 1 gwei: a hundredth of the face value. */
const now: RedemptionView = {
  block: 1_050n,
  round: 10n,
  ticketValidityPeriod: 2n,
  gasPrice: 10n ** 9n,
  redeemGas: 100_000n,
  roundElapsed: 0.5,
}
const waiting = (over: Partial<Winner> = {}): Winner => ({
  sequence: 0,
  ticket: winnerOf(1),
  state: 'waiting',
  attempts: 0,
  notBeforeBlock: 0n,
  ...over,
})
const codeOf = (decision: Decision): string | undefined =>
  'why' in decision ? decision.why?.code : undefined
const at = (over: Partial<RedemptionView>, by?: OperatorOrder, of: Winner = waiting()): Decision =>
  decide(of, { ...now, ...over }, policy, by)
const gasPrices = { fair: 5n * 10n ** 9n, dear: 6n * 10n ** 9n, ruinous: 100n * 10n ** 9n }

describe('whoever orders it', () => {
  test('nothing is revealed before params are void, nor after the last round', () => {
    fc.assert(
      fc.property(winner, view, order, (of, seen, by) => {
        const decision = decide(of, seen, policy, by)
        if (decision.type !== 'redeem') return
        expect(of.state).toBe('waiting')
        expect(of.ticket.paramsExpirationBlock).toBeLessThanOrEqual(seen.block)
        expect(of.ticket.creationRound + 2n).toBeGreaterThan(seen.round)
        expect(by).not.toBe('hold')
      }),
      { numRuns: 2_000 },
    )
  })

  test('nothing is redeemed at a loss unless that is what was ordered', () => {
    fc.assert(
      fc.property(winner, view, order, (of, seen, by) => {
        if (decide(of, seen, policy, by).type !== 'redeem') return
        if (by === 'redeem-at-a-loss') return
        expect(seen.gasPrice * seen.redeemGas).toBeLessThan(of.ticket.faceValue)
      }),
      { numRuns: 2_000 },
    )
  })

  test('nothing is ever done about a winner that is settled', () => {
    fc.assert(
      fc.property(winner, view, order, (of, seen, by) => {
        expect(decide(of, seen, policy, by).type === 'settled').toBe(!isPending(of))
      }),
    )
  })

  test('every winner that waits has a reason', () => {
    fc.assert(
      fc.property(winner, view, order, (of, seen, by) => {
        const decision = decide(of, seen, policy, by)
        if (decision.type === 'leave') expect(decision.why.text).not.toBe('')
      }),
    )
  })
})

describe('time', () => {
  test('the block at which params expire is the first to reveal at', () => {
    expect(at({ block: 1_039n }, 'redeem-at-a-loss')).toMatchObject({
      type: 'leave',
      why: { code: 'PARAMS_LIVE', untilBlock: 1_040n },
    })
    expect(at({ block: 1_040n }, 'redeem').type).toBe('redeem')
  })

  test('expires in the round in which the contract refuses it, and not before', () => {
    expect(at({ round: 11n }).type).toBe('redeem')
    expect(at({ round: 12n, block: 0n }).type).toBe('expire')
    expect(at({ round: 12n }, 'hold').type).toBe('expire')
  })

  test('one that failed waits for its turn and says why', () => {
    const failed = waiting({ notBeforeBlock: 1_060n, reason: 'system is paused' })
    expect(at({}, undefined, failed)).toMatchObject({
      type: 'leave',
      why: { code: 'BACKING_OFF', text: 'system is paused', untilBlock: 1_060n },
    })
  })

  test('what is submitted is followed to its end, whatever the round or the operator', () => {
    const sent = waiting({ state: 'submitted' })
    expect(at({ round: 99n, block: 0n }, 'hold', sent).type).toBe('follow')
    expect(at({}, undefined, waiting({ state: 'handed-over' })).type).toBe('leave')
  })
})

describe('S37 gas', () => {
  test('up to the share of the face value it is worth it, past it it waits', () => {
    expect(at({ gasPrice: gasPrices.fair }).type).toBe('redeem')
    expect(codeOf(at({ gasPrice: gasPrices.dear }))).toBe('GAS_DEAR')
    expect(codeOf(at({ gasPrice: gasPrices.ruinous }))).toBe('COSTS_MORE')
  })

  test('below the cheap price the share does not matter', () => {
    const cheap = { ...policy, cheapGasPrice: gasPrices.dear }
    expect(decide(waiting(), { ...now, gasPrice: gasPrices.dear }, cheap).type).toBe('redeem')
    expect(decide(waiting(), { ...now, gasPrice: gasPrices.dear + 1n }, cheap).type).toBe('leave')
  })

  test('in the last quarter of the last round it may be dear, but never a loss', () => {
    const last = { round: 11n, gasPrice: gasPrices.dear }
    expect(codeOf(at({ ...last, roundElapsed: 0.74 }))).toBe('GAS_DEAR')
    expect(at({ ...last, roundElapsed: 0.75 })).toEqual({ type: 'redeem', patient: false })
    expect(at({ ...last, roundElapsed: null }).type).toBe('redeem')
    expect(codeOf(at({ round: 10n, gasPrice: gasPrices.dear, roundElapsed: 0.99 }))).toBe(
      'GAS_DEAR',
    )
    const ruinous = { round: 11n, gasPrice: gasPrices.ruinous, roundElapsed: 1 }
    expect(codeOf(at(ruinous))).toBe('COSTS_MORE')
  })

  test('what was simulated counts, not the usual', () => {
    const heavy = waiting({ gasEstimate: 600_000n })
    expect(codeOf(at({}, undefined, heavy))).toBe('GAS_DEAR')
  })

  test('the operator may force a dear one, and by name a loss', () => {
    expect(at({ gasPrice: gasPrices.dear }, 'redeem').type).toBe('redeem')
    expect(codeOf(at({ gasPrice: gasPrices.ruinous }, 'redeem'))).toBe('COSTS_MORE')
    expect(at({ gasPrice: gasPrices.ruinous }, 'redeem-at-a-loss').type).toBe('redeem')
    expect(codeOf(at({}, 'hold'))).toBe('HELD')
  })
})

describe('company', () => {
  test('is waited for a few blocks from the first at which it could go', () => {
    expect(at({ block: 1_041n })).toMatchObject({
      type: 'redeem',
      patient: true,
      why: { code: 'AWAITS_COMPANY', untilBlock: 1_042n },
    })
    expect(at({ block: 1_042n })).toEqual({ type: 'redeem', patient: false })
    const failed = waiting({ notBeforeBlock: 1_060n })
    expect(at({ block: 1_061n }, undefined, failed)).toMatchObject({ patient: true })
  })

  test('is not waited for near the deadline, on order, or without batches', () => {
    const early = { block: 1_041n }
    expect(at({ ...early, round: 11n, roundElapsed: 0.9 })).toMatchObject({ patient: false })
    expect(at(early, 'redeem')).toMatchObject({ patient: false })
    expect(decide(waiting(), { ...now, ...early }, { ...policy, maxBatch: 1 })).toMatchObject({
      patient: false,
    })
  })
})

test('the moving gas comes ever nearer to what is received, and arrives', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 7n }),
      fc.bigInt({ min: 0n, max: 10n ** 7n }),
      (from, to) => {
        let value = from
        for (let i = 0; i < 300 && value !== to; i += 1) {
          const next = moved(value, to)
          const [before, after] = [value - to, next - to].map((d) => (d < 0n ? -d : d))
          expect(after as bigint).toBeLessThan(before as bigint)
          value = next
        }
        expect(value).toBe(to)
      },
    ),
  )
})
