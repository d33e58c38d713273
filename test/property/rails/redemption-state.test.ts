import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type RedemptionEvent, step } from '../../../src/rails/ticket/redemption-state.ts'
import { WINNER_STATES, type Winner } from '../../../src/rails/ticket/winner-record.ts'
import { winnerOf } from '../../helpers/fixtures-tickets.ts'

const NOW = 1_040n

const winner: fc.Arbitrary<Winner> = fc
  .record({
    state: fc.constantFrom(...WINNER_STATES),
    attempts: fc.nat(20),
    notBeforeBlock: fc.bigInt({ min: 0n, max: 5_000n }),
  })
  .map((rest) => ({ sequence: 0, ticket: winnerOf(1), ...rest }))

const event: fc.Arbitrary<RedemptionEvent> = fc.constantFrom<RedemptionEvent>(
  { type: 'used-on-chain' },
  { type: 'refused', reason: 'ticket is expired' },
  { type: 'refused', reason: 'ticket did not win' },
  { type: 'refused', reason: 'sender deposit and reserve are zero' },
  { type: 'simulated', gas: 80_000n },
  { type: 'submitted', transactionId: 'a', shares: 3 },
  { type: 'unpaid', transactionHash: '0xaa', gasShare: 7n, reason: 'system is paused' },
  { type: 'mined', transactionHash: '0xbb', gasShare: 5n },
  { type: 'not-sent', reason: 'the account cannot pay for the transaction' },
  { type: 'unreachable', reason: 'connection refused' },
  { type: 'vanished' },
  { type: 'settled' },
  { type: 'round-over' },
)

const waiting = (over: Partial<Winner> = {}): Winner => ({
  sequence: 0,
  ticket: winnerOf(1),
  state: 'waiting',
  attempts: 0,
  notBeforeBlock: 0n,
  ...over,
})

const submitted = (): Winner =>
  step(waiting(), { type: 'submitted', transactionId: 'redeem-1', shares: 2 }, NOW)

describe('a step', () => {
  test('leaves the ticket as it is, and pays only what was mined or found used', () => {
    fc.assert(
      fc.property(winner, event, (of, what) => {
        const next = step(of, what, NOW)
        expect(next.ticket).toBe(of.ticket)
        const isPaid = what.type === 'mined' || what.type === 'used-on-chain'
        if (isPaid) expect(next).toMatchObject({ state: 'redeemed', paidBlock: NOW })
        else if (next.state === 'redeemed') expect(of.state).toBe('redeemed')
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    'ticket did not win',
    'invalid signature over ticket hash',
    "ECDSA: invalid signature 's' value",
    'recipientRand does not match recipientRandHash',
    'ticket creationRound does not have a block hash',
  ])('"%s" is final', (reason) => {
    const next = step(waiting(), { type: 'refused', reason }, NOW)
    expect(next).toMatchObject({ state: 'failed', reason })
  })

  test('a refusal that may pass waits', () => {
    const refused = { type: 'refused', reason: 'sender deposit and reserve are zero' } as const
    const next = step(waiting(), refused, NOW)
    expect(next).toMatchObject({ state: 'waiting', attempts: 1 })
    expect(next.notBeforeBlock).toBeGreaterThan(NOW)
  })

  test('an expired ticket is expired, however it was found out', () => {
    const refused = { type: 'refused', reason: 'ticket is expired' } as const
    const unpaid = { ...refused, type: 'unpaid', transactionHash: '0xaa', gasShare: 1n } as const
    for (const what of [refused, unpaid, { type: 'round-over' } as const])
      expect(step(waiting(), what, NOW)).toMatchObject({
        state: 'expired',
        reason: 'ticket is expired',
      })
  })

  test('waits grow with each attempt up to a ceiling', () => {
    let current = waiting()
    const waits: bigint[] = []
    for (let i = 0; i < 10; i += 1) {
      current = step(current, { type: 'unreachable', reason: 'x' }, NOW)
      waits.push(current.notBeforeBlock - NOW)
    }
    expect(waits).toEqual([...waits].sort((a, b) => Number(a - b)))
    expect(new Set(waits).size).toBeGreaterThan(4)
    expect(waits.at(-1)).toBe(waits.at(-2))
  })

  test('a transaction that did not pay is booked, and the next is another try', () => {
    const what = { type: 'unpaid', transactionHash: '0xaa', gasShare: 7n, reason: 'r' } as const
    const next = step(step(submitted(), what, NOW), what, NOW)
    expect(next).toMatchObject({ state: 'waiting', lostGas: 14n, transactionHash: '0xaa' })
    expect(next.attempts).toBeGreaterThan(submitted().attempts)
  })

  test('what was submitted stays submitted while nobody knows what became of it', () => {
    const next = step(submitted(), { type: 'unreachable', reason: 'connection refused' }, NOW)
    expect(next).toMatchObject({ state: 'submitted', reason: 'connection refused' })
    const unsent = step(submitted(), { type: 'not-sent', reason: 'no funds' }, NOW)
    expect(unsent).toMatchObject({ state: 'waiting', reason: 'no funds' })
  })

  test('a payment that vanished is followed again, or sought anew if it was not ours', () => {
    const mined = step(submitted(), { type: 'mined', transactionHash: '0xbb', gasShare: 5n }, NOW)
    const lost = step(mined, { type: 'vanished' }, NOW)
    expect(lost).toMatchObject({ state: 'submitted', transactionId: 'redeem-1', shares: 2 })
    expect(lost.gasUsed ?? lost.paidBlock).toBeUndefined()
    const foreign = step(submitted(), { type: 'used-on-chain' }, NOW)
    expect(step(foreign, { type: 'vanished' }, NOW)).toMatchObject({
      state: 'waiting',
      notBeforeBlock: 0n,
    })
  })

  test('a payment that is deep enough is watched no more', () => {
    const mined = step(submitted(), { type: 'mined', transactionHash: '0xbb', gasShare: 5n }, NOW)
    const settled = step(mined, { type: 'settled' }, NOW)
    expect(settled).toMatchObject({ state: 'redeemed', gasUsed: 5n })
    expect(settled.paidBlock).toBeUndefined()
  })
})
