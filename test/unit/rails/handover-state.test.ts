import { describe, expect, test } from 'vitest'
import {
  afterOutcome,
  afterSilence,
  afterVerdict,
  isOver,
  nextOf,
} from '../../../src/rails/ticket/handover-state.ts'
import { ticketHash } from '../../../src/rails/ticket/ticket.ts'
import type { Winner } from '../../../src/rails/ticket/winner-store.ts'
import { winnerOf } from '../../helpers/fixtures-tickets.ts'

const ticket = winnerOf(1)
const hash = ticketHash(ticket)
const view = { block: 1_040n, round: 10n, ticketValidityPeriod: 2n }
const winner = (over: Partial<Winner> = {}): Winner => ({
  ...{ sequence: 0, ticket, state: 'waiting', attempts: 0, notBeforeBlock: 0n },
  ...over,
})

describe('what a pass does with a winner', () => {
  test.each<[string, Partial<Winner>, bigint, ReturnType<typeof nextOf>]>([
    ['whose params are void', {}, 1_040n, 'hand-over'],
    ['whose params are good for one more block', {}, 1_039n, 'leave'],
    ['that was refused lately', { notBeforeBlock: 1_041n }, 1_040n, 'leave'],
    [
      'with a transaction of before there was a redeemer',
      { state: 'submitted' },
      1_040n,
      'hand-over',
    ],
    ['that the redeemer has', { state: 'handed-over' }, 1n, 'ask'],
    ['that was paid', { state: 'redeemed' }, 1_040n, 'leave'],
    ['that failed', { state: 'failed' }, 1_040n, 'leave'],
    ['that is over', { state: 'expired' }, 1_040n, 'leave'],
  ])('%s', (_what, over, block, expected) => {
    expect(nextOf(winner(over), { ...view, block })).toBe(expected)
  })

  test('held by the operator: nothing, unless the redeemer has it already', () => {
    expect(nextOf(winner(), view, true)).toBe('leave')
    expect(nextOf(winner({ state: 'handed-over' }), view, true)).toBe('ask')
  })

  test('a round is over when the validity period is', () => {
    expect(isOver(winner(), { ...view, round: 11n })).toBe(false)
    expect(isOver(winner(), { ...view, round: 12n })).toBe(true)
  })
})

describe('the redeemer on taking a winner', () => {
  test('takes it: handed over, and no word of earlier refusals', () => {
    const taken = { ticketHash: hash, fault: null, detail: '' }
    const after = afterVerdict(winner({ reason: 'x', notBeforeBlock: 9n }), taken, view)
    expect(after).toEqual(winner({ state: 'handed-over' }))
  })

  test('refuses it: stays here, is offered again ever later, at most 64 blocks', () => {
    const verdict = { ticketHash: hash, fault: 'AT_CAPACITY', detail: 'full' } as const
    let current = winner()
    const waits: bigint[] = []
    for (let i = 0; i < 8; i += 1) {
      current = afterVerdict(current, verdict, view)
      waits.push(current.notBeforeBlock - view.block)
    }
    expect(waits).toEqual([2n, 4n, 8n, 16n, 32n, 64n, 64n, 64n])
    expect(current).toMatchObject({
      state: 'waiting',
      reason: 'the redeemer refuses it: AT_CAPACITY, full',
    })
  })
})

describe('the redeemer on what became of a winner', () => {
  const handedOver = winner({ state: 'handed-over' })
  const transactionHash = `0x${'cc'.repeat(32)}`
  test.each<[Parameters<typeof afterOutcome>[1]['state'], boolean, Winner['state'] | null]>([
    ['pending', false, null],
    ['pending', true, null],
    ['redeemed', true, 'redeemed'],
    ['redeemed', false, null],
    ['failed', false, 'failed'],
    ['failed', true, 'redeemed'],
    ['expired', false, 'expired'],
    ['expired', true, 'redeemed'],
    ['not-held', false, 'waiting'],
    ['not-held', true, 'redeemed'],
  ])('%s, used on chain %s', (state, isUsed, expected) => {
    const outcome = { ticketHash: hash, state, transactionHash, gasUsed: 7n, reason: 'why' }
    const after = afterOutcome(handedOver, outcome, isUsed)
    expect(after?.state ?? null).toBe(expected)
    if (expected === 'redeemed') expect(after).toMatchObject({ transactionHash, gasUsed: 7n })
    if (expected === 'failed' || expected === 'expired') expect(after?.reason).toBe('why')
  })

  test('nothing at all: the chain decides', () => {
    expect(afterSilence(handedOver, true).state).toBe('redeemed')
    expect(afterSilence(handedOver, false)).toMatchObject({
      state: 'expired',
      reason: 'ticket is expired',
    })
  })
})
