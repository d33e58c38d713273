import { describe, expect, test } from 'vitest'
import { type AskPlanInit, type Prospect, planAsks } from '../../../src/market/ask-plan.ts'
import { marketLimits } from '../../../src/market/limits.ts'

const init: AskPlanInit = { size: 2, refreshMs: 20_000, hedgeMs: 500 }
const NOW = 1_000_000

function prospect(peerId: string, over: Partial<Prospect> = {}): Prospect {
  return {
    peerId,
    isPreferred: false,
    isSuspended: false,
    hint: null,
    askedAtMs: 0,
    retryAtMs: 0,
    askingSinceMs: null,
    quote: null,
    ...over,
  }
}

const quote = (sinceMs: number, lifeMs = 30_000) => ({
  quote: { sinceMs, untilMs: sinceMs + lifeMs },
})
const plan = (...prospects: readonly Prospect[]) => planAsks(prospects, init, NOW)

describe('whom to ask', () => {
  test('the best few at once, and nobody else', () => {
    const [a, b, c] = [1, 2, 3].map((hint) => prospect(`p${hint}`, { hint }))
    expect(plan(c as Prospect, b as Prospect, a as Prospect).ask).toEqual(['p1', 'p2'])
  })

  test('S17 the owner’s own first, whoever is suspended not at all, unless there is nobody else', () => {
    const out = { isSuspended: true }
    expect(
      plan(
        prospect('known', { hint: 1 }),
        prospect('own', { isPreferred: true, hint: 9 }),
        prospect('out', { ...out, hint: 0 }),
      ).ask,
    ).toEqual(['own', 'known'])
    expect(plan(prospect('out', out)).ask).toEqual(['out'])
  })

  test('some of whom nothing is known, among those that are', () => {
    const known = [1, 2, 3, 4].map((hint) => prospect(`known ${hint}`, { hint }))
    const unknown = prospect('new')
    const { ask } = planAsks([...known, unknown], { ...init, size: 4 }, NOW)
    expect(ask).toHaveLength(4)
    expect(ask).toContain('new')
    // The one that was not asked for longest is the next to be looked at.
    const old = [5, 3, 4].map((askedAtMs) => prospect(`asked at ${askedAtMs}`, { askedAtMs }))
    expect(planAsks([...known, ...old], { ...init, size: 4 }, NOW).ask).toContain('asked at 3')
  })

  test('the next in the place of one that is late, not before', () => {
    const asking = (sinceMs: number) => prospect('first', { hint: 1, askingSinceMs: sinceMs })
    const others = [prospect('second', { hint: 2 }), prospect('third', { hint: 3 })]
    expect(plan(asking(NOW - 499), ...others)).toEqual({ ask: ['second'], nextAtMs: NOW + 1 })
    expect(plan(asking(NOW - 500), ...others).ask).toEqual(['second', 'third'])
  })

  test('S11 the next in the place of one that refused, and that one again when its pause is over', () => {
    const refused = (retryAtMs: number) => prospect('first', { hint: 1, retryAtMs })
    const others = [prospect('second', { hint: 2 }), prospect('third', { hint: 3 })]
    expect(plan(refused(NOW + 1), ...others)).toEqual({
      ask: ['second', 'third'],
      nextAtMs: NOW + 1,
    })
    expect(plan(refused(NOW), ...others).ask).toEqual(['first', 'second'])
  })

  test('nobody whose quote is good, until it is due or nears its end', () => {
    const fresh = [prospect('a', quote(NOW - 1_000)), prospect('b', quote(NOW))]
    expect(plan(...fresh)).toEqual({ ask: [], nextAtMs: NOW + 19_000 })
    expect(plan(prospect('a', quote(NOW - 20_000)), fresh[1] as Prospect).ask).toEqual(['a'])
    // A short life is used by a part, so that the next one is here before it ends.
    const brief = plan(prospect('a', quote(NOW, 10_000)))
    expect(brief).toEqual({ ask: [], nextAtMs: NOW + 7_000 })
    const ending = marketLimits.minQuoteLifeMs
    expect(plan(prospect('a', quote(NOW - 5_000, 5_000 + ending))).ask).toEqual(['a'])
  })

  test('nobody twice at once', () => {
    const asking = { askingSinceMs: NOW - 10 }
    expect(plan(prospect('a', { ...quote(NOW - 25_000), ...asking })).ask).toEqual([])
    expect(plan(prospect('a', asking)).ask).toEqual([])
  })
})
