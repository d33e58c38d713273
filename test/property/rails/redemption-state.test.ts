import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  due,
  expire,
  type RedemptionEvent,
  type RedemptionView,
  step,
} from '../../../src/rails/ticket/redemption-state.ts'
import { isPending, type Winner } from '../../../src/rails/ticket/winner-store.ts'
import { winnerOf } from '../../helpers/fixtures-tickets.ts'

const block = fc.bigInt({ min: 0n, max: 5_000n })
const round = fc.bigInt({ min: 0n, max: 40n })

const view: fc.Arbitrary<RedemptionView> = fc.record({
  block,
  round,
  ticketValidityPeriod: fc.constant(2n),
  gasPrice: fc.bigInt({ min: 0n, max: 10n ** 12n }),
})

const winner: fc.Arbitrary<Winner> = fc
  .record({
    state: fc.constantFrom(
      'waiting' as const,
      'submitted' as const,
      'redeemed' as const,
      'failed' as const,
      'expired' as const,
    ),
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

const event: fc.Arbitrary<RedemptionEvent> = fc.oneof(
  fc.constant({ type: 'used-on-chain' as const }),
  fc
    .constantFrom(
      'ticket is expired',
      'ticket did not win',
      'sender deposit and reserve are zero',
      'ticket is used',
    )
    .map((reason) => ({ type: 'refused' as const, reason })),
  fc.bigInt({ min: 0n, max: 10n ** 8n }).map((gas) => ({ type: 'simulated' as const, gas })),
  fc.constant({
    type: 'reverted' as const,
    transactionHash: '0xaa',
    reason: 'transaction reverted',
  }),
  fc.constant({ type: 'mined' as const, transactionHash: '0xbb', gasUsed: 5n }),
  fc.constant({ type: 'unreachable' as const, reason: 'connection refused' }),
)

const waiting = (over: Partial<Winner> = {}): Winner => ({
  sequence: 0,
  ticket: winnerOf(1, { paramsExpirationBlock: 1_040n, creationRound: 10n }),
  state: 'waiting',
  attempts: 0,
  notBeforeBlock: 0n,
  ...over,
})
const now: RedemptionView = { block: 1_040n, round: 10n, ticketValidityPeriod: 2n, gasPrice: 1n }

describe('what is due', () => {
  test('a waiting winner is never tried before its params are void, nor before its turn', () => {
    fc.assert(
      fc.property(winner, view, (of, at) => {
        if (of.state !== 'waiting' || due(of, at) !== 'try') return
        expect(of.ticket.paramsExpirationBlock).toBeLessThanOrEqual(at.block)
        expect(of.notBeforeBlock).toBeLessThanOrEqual(at.block)
        expect(of.ticket.creationRound + at.ticketValidityPeriod).toBeGreaterThan(at.round)
      }),
      { numRuns: 1_000 },
    )
  })

  test('nothing is ever done about a winner that is settled', () => {
    fc.assert(
      fc.property(winner, view, (of, at) => {
        if (!isPending(of)) expect(due(of, at)).toBe('leave')
      }),
    )
  })

  test('the block at which params expire is the first to reveal at', () => {
    expect(due(waiting(), { ...now, block: 1_039n })).toBe('leave')
    expect(due(waiting(), now)).toBe('try')
  })

  test('expires in the round in which the contract refuses it, and not before', () => {
    expect(due(waiting(), { ...now, round: 11n })).toBe('try')
    expect(due(waiting(), { ...now, round: 12n })).toBe('expire')
    expect(due(waiting(), { ...now, round: 12n, block: 0n })).toBe('expire')
    expect(expire(waiting())).toMatchObject({ state: 'expired', reason: 'ticket is expired' })
  })

  test('what was submitted is followed to its end, whatever the round', () => {
    expect(due(waiting({ state: 'submitted' }), { ...now, round: 99n, block: 0n })).toBe('try')
  })
})

describe('a step', () => {
  test('sends only after a simulation, and then as submitted', () => {
    fc.assert(
      fc.property(winner, event, view, (of, what, at) => {
        const { winner: next, send } = step(of, what, at)
        expect(send).toBe(next.state === 'submitted' && what.type === 'simulated')
        expect(next.ticket).toBe(of.ticket)
        if (what.type === 'mined' || what.type === 'used-on-chain')
          expect(next.state).toBe('redeemed')
      }),
      { numRuns: 500 },
    )
  })

  test('never sends what costs more than it brings', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), view, (gas, at) => {
        const { send } = step(waiting(), { type: 'simulated', gas }, at)
        expect(send).toBe(gas * at.gasPrice < waiting().ticket.faceValue)
      }),
    )
  })

  test.each([
    'ticket did not win',
    'invalid signature over ticket hash',
    "ECDSA: invalid signature 's' value",
    'recipientRand does not match recipientRandHash',
    'ticket creationRound does not have a block hash',
  ])('"%s" is final', (reason) => {
    expect(step(waiting(), { type: 'refused', reason }, now).winner).toMatchObject({
      state: 'failed',
      reason,
    })
  })

  test('a refusal that may pass waits', () => {
    const refused = { type: 'refused', reason: 'sender deposit and reserve are zero' } as const
    const next = step(waiting(), refused, now).winner
    expect(next).toMatchObject({ state: 'waiting', attempts: 1 })
    expect(next.notBeforeBlock).toBeGreaterThan(now.block)
  })

  test('an expired ticket is expired, however it was found out', () => {
    const { winner: next } = step(waiting(), { type: 'refused', reason: 'ticket is expired' }, now)
    expect(next.state).toBe('expired')
  })

  test('waits grow with each attempt up to a ceiling', () => {
    let current = waiting()
    const waits: bigint[] = []
    for (let i = 0; i < 10; i += 1) {
      current = step(current, { type: 'unreachable', reason: 'x' }, now).winner
      waits.push(current.notBeforeBlock - now.block)
    }
    expect(waits).toEqual([...waits].sort((a, b) => Number(a - b)))
    expect(new Set(waits).size).toBeGreaterThan(4)
    expect(waits.at(-1)).toBe(waits.at(-2))
  })

  test('a transaction that reverted gets another number, so that it is sent anew', () => {
    const submitted = step(waiting(), { type: 'simulated', gas: 1n }, now).winner
    const reverted = step(
      submitted,
      { type: 'reverted', transactionHash: '0xaa', reason: 'r' },
      now,
    ).winner
    const again = step(reverted, { type: 'simulated', gas: 1n }, now).winner
    expect(reverted.state).toBe('waiting')
    expect(again.attempts).toBeGreaterThan(submitted.attempts)
  })
})
