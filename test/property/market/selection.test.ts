import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Advert } from '../../../src/market/advert.ts'
import { createExplorer } from '../../../src/market/explorer.ts'
import { dominates, paretoFront } from '../../../src/market/pareto.ts'
import { unknownPeer } from '../../../src/market/reputation-state.ts'
import { type Candidate, type SelectionContext, select } from '../../../src/market/selection.ts'
import { PRESETS, policyOf, type Weights } from '../../../src/market/selection-policy.ts'
import {
  type Author,
  advertOf,
  authorOf,
  ISSUED_AT_MS,
  quoteOf,
} from '../../helpers/fixtures-adverts.ts'

let author: Author
let template: Advert
beforeAll(async () => {
  author = await authorOf(1)
  template = advertOf(author)
})

const context: SelectionContext = {
  ...{ nowMs: ISSUED_AT_MS, stream: 's', reason: 'start', units: 1_000_000n },
  ...{ isFromTable: true, running: null, trying: null },
}

/** Few values, so that ties are common. */
const figures = fc.record({
  price: fc.integer({ min: 0, max: 12 }),
  overheadMs: fc.option(fc.integer({ min: 0, max: 500 })),
  responseMs: fc.integer({ min: 1, max: 300 }),
  delivered: fc.integer({ min: 0, max: 50 }),
  failures: fc.integer({ min: 0, max: 5 }),
  stake: fc.bigInt({ min: 0n, max: 5n }),
  isOut: fc.boolean(),
})

function candidateOf(of: typeof figures extends fc.Arbitrary<infer T> ? T : never, i: number) {
  const peerId = `p${i}`
  const quote = quoteOf(author, author, {
    price: { num: BigInt(of.price), den: 3n },
    providerPeerId: peerId,
  })
  const candidate: Candidate = {
    answer: {
      advert: { ...template, peerId },
      responseMs: of.responseMs,
      outcome: { type: 'quote', quote },
    },
    stake: of.stake,
    reputation: {
      ...unknownPeer(ISSUED_AT_MS),
      ...(of.overheadMs === null
        ? {}
        : { overheadMs: of.overheadMs, workMsPerMpx: 10, measured: 3 }),
      delivered: of.delivered,
      failed: { failed: of.failures },
    },
    suspendedUntilMs: of.isOut ? ISSUED_AT_MS + 1 : null,
    railObjection: null,
    terms: null,
  }
  return candidate
}

const zero = (weights: Weights): Weights =>
  Object.fromEntries(Object.keys(weights).map((name) => [name, 0])) as unknown as Weights

const markets = fc.array(figures, { maxLength: 40 }).map((all) => all.map(candidateOf))
const presets = fc.constantFrom(...PRESETS)

describe('the default selector', () => {
  test('ranks each of the eligible once and nobody else, and gives everyone a reason', () => {
    fc.assert(
      fc.property(markets, presets, (candidates, preset) => {
        const { ranked, record } = select(candidates, policyOf(preset), context)
        const eligible = candidates.filter(({ suspendedUntilMs }) => suspendedUntilMs === null)
        expect(ranked.length).toBe(Math.min(eligible.length, 16))
        expect(new Set(ranked.map(({ quote }) => quote.providerPeerId)).size).toBe(ranked.length)
        for (const { candidate } of ranked) expect(candidate.suspendedUntilMs).toBeNull()
        expect(record.considered.length + record.omitted).toBe(candidates.length)
        expect(record.considered.every(({ why }) => why !== '')).toBe(true)
        expect(record.considered.filter(({ chosen }) => chosen).length).toBe(
          eligible.length > 0 ? 1 : 0,
        )
        expect(record.chosenPeerId).toBe(ranked[0]?.quote.providerPeerId ?? null)
      }),
    )
  })

  test('does not depend on the order of the candidates, but for those that are equal', () => {
    fc.assert(
      fc.property(markets, presets, fc.nat(), (candidates, preset, by) => {
        const at = candidates.length === 0 ? 0 : by % candidates.length
        const turned = [...candidates.slice(at), ...candidates.slice(0, at)]
        const scores = (all: readonly Candidate[]) =>
          select(all, policyOf(preset), context).ranked.map(({ score }) => score.toFixed(9))
        expect(scores(turned)).toEqual(scores(candidates))
      }),
    )
  })

  test('takes from the front of price and latency where it looks at both', () => {
    fc.assert(
      fc.property(markets, (candidates) => {
        const { ranked } = select(candidates, policyOf('balanced'), context)
        const [first] = ranked
        if (first === undefined) return
        for (const { figures: other } of ranked) {
          expect(dominates(other, first.figures)).toBe(false)
        }
      }),
    )
  })

  test('keeps who works now unless someone is better by the hysteresis', () => {
    fc.assert(
      fc.property(markets, fc.double({ min: 0, max: 1, noNaN: true }), (candidates, hysteresis) => {
        const running = 'p0'
        const policy = policyOf('balanced', { hysteresis })
        const { ranked } = select(candidates, policy, { ...context, running })
        const now = ranked.find(({ quote }) => quote.providerPeerId === running)
        const [first] = ranked
        if (now === undefined || first === undefined || first === now) return
        expect(now.score).toBeGreaterThan(first.score * (1 + hysteresis))
      }),
    )
  })

  test('S25 more stake brings a candidate up as far as stake counts, and never down', () => {
    const weights = { ...policyOf('balanced').weights, stake: 1 }
    const policy = policyOf('balanced', { weights, pareto: false, hysteresis: 0 })
    const rankIn = (candidates: readonly Candidate[]): number =>
      select(candidates, policy, context).ranked.findIndex(
        ({ quote }) => quote.providerPeerId === 'p0',
      )
    fc.assert(
      fc.property(markets, ([first, ...others]) => {
        if (first === undefined || first.suspendedUntilMs !== null) return
        const [before, after] = [0n, 1_000n].map((stake) =>
          rankIn([{ ...first, stake }, ...others]),
        )
        if (before === -1) return
        expect(after).toBeLessThanOrEqual(before as number)
        expect(after).toBeGreaterThanOrEqual(0)
      }),
    )
    // Where nothing else counts, whoever has most is first.
    const alone = { ...policy, weights: { ...zero(weights), stake: 1 } }
    fc.assert(
      fc.property(markets, ([first, ...others]) => {
        if (first === undefined || first.suspendedUntilMs !== null) return
        const most = { ...first, stake: 1_000n }
        expect(select([...others, most], alone, context).record.chosenPeerId).toBe('p0')
      }),
    )
  })

  test('with who works now left out of account, a second look changes nothing', () => {
    fc.assert(
      fc.property(markets, presets, (candidates, preset) => {
        const policy = policyOf(preset)
        const { chosenPeerId } = select(candidates, policy, context).record
        const again = select(candidates, policy, { ...context, running: chosenPeerId })
        expect(again.record.chosenPeerId).toBe(chosenPeerId)
      }),
    )
  })
})

describe('the front of price and latency', () => {
  const bids = fc.array(
    fc.record({
      price: fc.integer({ min: 0, max: 30 }),
      latencyMs: fc.integer({ min: 1, max: 30 }),
    }),
    { maxLength: 60 },
  )

  test('is whoever nobody dominates, as comparing each with each says', () => {
    fc.assert(
      fc.property(bids, (all) => {
        const expected = all.map((bid) => !all.some((other) => dominates(other, bid)))
        expect(paretoFront(all)).toEqual(expected)
      }),
    )
  })

  test('is never empty', () => {
    fc.assert(
      fc.property(bids, (all) => {
        expect(paretoFront(all).some(Boolean)).toBe(all.length > 0)
      }),
    )
  })
})

describe('exploring', () => {
  const candidates = ['a', 'b', 'c', 'd'].map((peerId) => ({ peerId, workedAtMs: 0 }))

  test('never takes more than its share of the segments, and takes it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.integer({ min: 1, max: 500 }),
        (share, segments) => {
          const explorer = createExplorer({ share, random: () => 0.5 })
          let tries = 0
          for (let i = 1; i <= segments; i += 1) {
            explorer.segment()
            if (explorer.pick(candidates, 10 ** 9) !== null) tries += 1
            expect(tries).toBeLessThanOrEqual(share * i)
          }
          expect(tries).toBeGreaterThanOrEqual(Math.floor(share * segments))
        },
      ),
    )
  })

  test('is the same again with the same randomness, and only of those not tried lately', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 }),
        (dice) => {
          const run = () => {
            let at = 0
            const explorer = createExplorer({
              share: 0.5,
              random: () => dice[at++ % dice.length] ?? 0,
            })
            return Array.from({ length: 20 }, () => {
              explorer.segment()
              return explorer.pick(
                [...candidates, { peerId: 'known', workedAtMs: 10 ** 9 }],
                10 ** 9,
              )
            })
          }
          expect(run()).toEqual(run())
          expect(run()).not.toContain('known')
        },
      ),
    )
  })
})
