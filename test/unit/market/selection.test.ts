import { beforeAll, describe, expect, test } from 'vitest'
import type { Advert } from '../../../src/market/advert.ts'
import type { QuoteAnswer } from '../../../src/market/quote-seeker.ts'
import { type ReputationState, unknownPeer } from '../../../src/market/reputation-state.ts'
import { type Candidate, type SelectionContext, select } from '../../../src/market/selection.ts'
import {
  type Criterion,
  type PolicyChanges,
  type Preset,
  policyOf,
  type Weights,
} from '../../../src/market/selection-policy.ts'
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

const NOW = ISSUED_AT_MS
const context: SelectionContext = {
  nowMs: NOW,
  stream: 'stream',
  reason: 'start',
  units: 1_000_000n,
  isFromTable: true,
  running: null,
  trying: null,
}
const none: Weights = {
  ...{ price: 0, latency: 0, response: 0, history: 0 },
  ...{ terms: 0, stake: 0, region: 0, relation: 0 },
}
const even: PolicyChanges = { weights: { ...none, price: 1, latency: 1 }, pareto: false }

interface Bid {
  readonly price?: bigint
  readonly den?: bigint
  readonly responseMs?: number
  readonly outcome?: QuoteAnswer['outcome']
  readonly advert?: Partial<Advert>
}

function candidate(peerId: string, bid: Bid = {}, over: Partial<Candidate> = {}): Candidate {
  const price = { num: bid.price ?? 10n, den: bid.den ?? 1n }
  const outcome = bid.outcome ?? {
    type: 'quote',
    quote: quoteOf(author, author, { price, providerPeerId: peerId }),
  }
  const advert = { ...template, peerId, ...bid.advert }
  const answer = { advert, responseMs: bid.responseMs ?? 50, outcome }
  return {
    answer,
    stake: 100n,
    reputation: unknownPeer(NOW),
    suspendedUntilMs: null,
    railObjection: null,
    terms: null,
    ...over,
  }
}

const known = (over: Partial<ReputationState>): Partial<Candidate> => ({
  reputation: { ...unknownPeer(NOW), ...over },
})

const selected = (
  candidates: readonly Candidate[],
  changes: PolicyChanges = even,
  over: Partial<SelectionContext> = {},
  preset: Preset = 'balanced',
) => select(candidates, policyOf(preset, changes), { ...context, ...over })

const ranking = (...args: Parameters<typeof selected>): string[] =>
  selected(...args).ranked.map(({ candidate: { answer } }) => answer.advert.peerId)

const why = (...args: Parameters<typeof selected>): Record<string, string> =>
  Object.fromEntries(selected(...args).record.considered.map((one) => [one.peerId, one.why]))

describe('a choice', () => {
  test('is the cheapest of the equally fast, and the fastest of the equally cheap', () => {
    expect(ranking([candidate('dear', { price: 11n }), candidate('cheap')])).toEqual([
      'cheap',
      'dear',
    ])
    expect(ranking([candidate('slow', { responseMs: 60 }), candidate('fast')])).toEqual([
      'fast',
      'slow',
    ])
  })

  test('between a cheap slow one and a dear fast one is the weights’', () => {
    const both = [
      candidate('cheap', { price: 10n, responseMs: 100 }),
      candidate('fast', { price: 15n, responseMs: 50 }),
    ]
    const weighed = (price: number, latency: number) =>
      ranking(both, { weights: { ...none, price, latency } })[0]
    expect(weighed(3, 1)).toBe('cheap')
    expect(weighed(1, 1)).toBe('fast')
    expect(weighed(1, 0)).toBe('cheap')
    expect(weighed(0, 1)).toBe('fast')
  })

  test('compares prices as fractions, exactly', () => {
    const third = candidate('third', { price: 1n, den: 3n })
    const less = candidate('less', { price: 33_333_333_333_333n, den: 10n ** 14n })
    expect(
      ranking([third, less], { ...even, maxPrice: { num: 33_333_333_333_333n, den: 10n ** 14n } }),
    ).toEqual(['less'])
    expect(ranking([candidate('half', { price: 2n, den: 4n }), third])).toEqual(['third', 'half'])
  })

  test('takes work for nothing gladly, and still ranks the rest', () => {
    const free = candidate('free', { price: 0n })
    expect(ranking([candidate('a', { price: 5n }), free])).toEqual(['free', 'a'])
    expect(ranking([free, candidate('also free', { price: 0n, responseMs: 10 })])[0]).toBe(
      'also free',
    )
  })

  test('S9 leaves out whoever asks more than the maximum, and takes who asks just that', () => {
    const all = [candidate('over', { price: 21n, den: 2n }), candidate('just', { price: 10n })]
    expect(ranking(all, { ...even, maxPrice: { num: 10n, den: 1n } })).toEqual(['just'])
    expect(why(all, { ...even, maxPrice: { num: 10n, den: 1n } })['over']).toBe(
      'price 21/2 above the maximum 10',
    )
  })

  test('S9 leaves out whoever has too little stake, and takes who has just enough', () => {
    const all = [candidate('poor', {}, { stake: 99n }), candidate('enough')]
    expect(ranking(all, { ...even, minStake: 100n })).toEqual(['enough'])
    expect(why(all, { ...even, minStake: 100n })['poor']).toBe('stake 99 below the minimum 100')
  })

  test('leaves out whoever is suspended, until that is over', () => {
    const out = candidate('out', { price: 1n }, { suspendedUntilMs: NOW + 1 })
    const back = candidate('back', { price: 1n }, { suspendedUntilMs: NOW })
    expect(ranking([out, back, candidate('other')])).toEqual(['back', 'other'])
  })

  test('leaves out whoever the payer’s own rail objects to', () => {
    const all = [
      candidate('bad terms', { price: 1n }, { railObjection: 'EV_TOO_HIGH: 5 > 4' }),
      candidate('fine'),
    ]
    expect(ranking(all)).toEqual(['fine'])
    expect(why(all)['bad terms']).toBe('payment terms: EV_TOO_HIGH: 5 > 4')
  })

  test('is recorded with a reason for everyone', () => {
    const refusal = { code: 'AT_CAPACITY', detail: '', retryAfterMs: 0 } as const
    const all = [
      candidate('best', { price: 5n }),
      candidate('second'),
      candidate('full', { outcome: { type: 'refusal', refusal } }),
      candidate('liar', { outcome: { type: 'invalid', fault: 'BAD_SIGNATURE' } }),
      candidate('gone', { outcome: { type: 'unreachable', reason: 'timeout' } }),
      candidate('failed', {}, { suspendedUntilMs: NOW + 1 }),
    ]
    const { record, ranked } = selected(all)
    expect(why(all)).toEqual({
      best: 'best score',
      second: 'a better score was to be had',
      full: 'refused: AT_CAPACITY',
      liar: 'invalid answer: BAD_SIGNATURE',
      gone: 'did not answer',
      failed: 'suspended after a failure',
    })
    expect(record).toMatchObject({ atMs: NOW, chosenPeerId: 'best' })
    expect(ranked.map(({ quote }) => quote.providerPeerId)).toEqual(['best', 'second'])
    for (const { chosen, accepted, score, peerId, pricePerUnit } of record.considered) {
      expect(chosen).toBe(peerId === 'best')
      expect(accepted).toBe(['best', 'second'].includes(peerId))
      expect(score !== null).toBe(accepted)
      expect(pricePerUnit !== null).toBe(['best', 'second', 'failed'].includes(peerId))
    }
  })

  test('of nobody is recorded too', () => {
    expect(selected([])).toEqual({
      ranked: [],
      record: {
        ...{ atMs: NOW, stream: 'stream', reason: 'start', isFromTable: true, preset: 'balanced' },
        ...{ considered: [], omitted: 0, chosenPeerId: null },
      },
    })
  })
})

describe('S13 each weight flips a winner:', () => {
  const far = { overheadMs: 200, workMsPerMpx: 100, measured: 5, delivered: 5 }
  const near = { ...far, overheadMs: 20 }
  const failing = { ...far, failed: { failed: 5 } }
  const terms = (faceValueWei: bigint) => ({ terms: { evWei: 10n, faceValueWei } })
  const cases: Record<Criterion, readonly [better: Candidate, worse: Candidate]> = {} as never
  beforeAll(() => {
    Object.assign(cases, {
      price: [candidate('better', { price: 9n }), candidate('worse')],
      latency: [candidate('better', {}, known(near)), candidate('worse', {}, known(far))],
      response: [candidate('better', { responseMs: 10 }), candidate('worse')],
      history: [candidate('better', {}, known(far)), candidate('worse', {}, known(failing))],
      terms: [candidate('better', {}, terms(100n)), candidate('worse', {}, terms(10_000n))],
      stake: [candidate('better', {}, { stake: 1_000n }), candidate('worse')],
      region: [
        candidate('better'),
        candidate('worse', { advert: { peerId: 'worse', regions: ['mars'] } }),
      ],
      relation: [candidate('better', {}, known(far)), candidate('worse')],
    })
  })

  // The one that is worse by the criterion in question is better by another.
  test.each<[Criterion, Criterion]>([
    ['price', 'stake'],
    ['latency', 'price'],
    ['response', 'price'],
    ['history', 'price'],
    ['terms', 'price'],
    ['stake', 'price'],
    ['region', 'price'],
    ['relation', 'price'],
  ])('%s against %s', (criterion, other) => {
    const [better, worse] = cases[criterion]
    const { outcome } = worse.answer
    if (outcome.type !== 'quote') throw new Error('no quote')
    const favoured: Candidate =
      other === 'stake'
        ? { ...worse, stake: 300n }
        : {
            ...worse,
            answer: {
              ...worse.answer,
              outcome: {
                type: 'quote',
                quote: { ...outcome.quote, price: { num: 8n, den: 1n } },
              },
            },
          }
    const winner = (weights: Partial<Weights>): string | undefined =>
      ranking([better, favoured], {
        ...{ pareto: false, preferRegion: 'eu' },
        weights: { ...none, ...weights },
      })[0]
    expect(winner({ [criterion]: 1 })).toBe('better')
    expect(winner({ [other]: 1 })).toBe('worse')
    expect(winner({ [criterion]: 1, [other]: 100 })).toBe('worse')
    expect(winner({ [criterion]: 100, [other]: 1 })).toBe('better')
  })

  test('tickets as large as the payer would sign count against an offer', () => {
    const evs = [
      candidate('large', { price: 9n }, { terms: { evWei: 90n, faceValueWei: 1n } }),
      candidate('small', {}, { terms: { evWei: 1n, faceValueWei: 1n } }),
    ]
    const weights = { ...none, price: 1, terms: 10 }
    expect(ranking(evs, { weights, pareto: false, maxEv: 100n })[0]).toBe('small')
    expect(ranking(evs, { weights, pareto: false, maxEv: 10n ** 9n })[0]).toBe('large')
  })
})

describe('S17', () => {
  const own = (): Candidate => candidate('own', { price: 50n, advert: { address: OWN } })
  const OWN = '0x00000000000000000000000000000000000000a1'
  const refusal = { code: 'AT_CAPACITY', detail: '', retryAfterMs: 2_000 } as const

  test('the own orchestrator comes first, and others when it is full', () => {
    const prefer = { prefer: [OWN] } as const
    const other = candidate('other', { price: 1n })
    expect(ranking([other, own()], prefer, {}, 'own-first')).toEqual(['own', 'other'])
    expect(why([other, own()], prefer, {}, 'own-first')).toEqual({
      own: 'best score of those the owner prefers',
      other: 'the owner prefers another',
    })
    const full = candidate('own', {
      advert: { address: OWN },
      outcome: { type: 'refusal', refusal },
    })
    expect(ranking([other, full], prefer, {}, 'own-first')).toEqual(['other'])
    // As soon as it has room again, the work comes back, however good the other is.
    const running = { running: 'other' }
    expect(ranking([other, own()], prefer, running, 'own-first')[0]).toBe('own')
  })

  test('a sticky relation is left for nobody as long as it may go on', () => {
    const friend = candidate('friend', { price: 100n }, known({ delivered: 20, measured: 20 }))
    const all = [candidate('cheap', { price: 1n }), friend]
    expect(ranking(all, {}, { running: 'friend' }, 'sticky')[0]).toBe('friend')
    expect(ranking(all, {}, { running: 'friend' }, 'balanced')[0]).toBe('cheap')
    const known3 = candidate('friend', { price: 11n }, known({ delivered: 20, measured: 20 }))
    expect(ranking([candidate('new'), known3], {}, {}, 'sticky')[0]).toBe('friend')
  })

  test('the cheapest profile looks at the price alone', () => {
    const all = [
      candidate('cheap', { price: 9n, responseMs: 2_000 }, known({ failed: { failed: 3 } })),
      candidate('fast', { price: 10n, responseMs: 1 }, known({ delivered: 50 })),
    ]
    expect(ranking(all, {}, {}, 'cheapest')[0]).toBe('cheap')
    expect(ranking(all, {}, {}, 'balanced')[0]).toBe('fast')
    expect(ranking(all, {}, {}, 'fastest')[0]).toBe('fast')
  })

  test('redundancy has as many distinct providers as there are, best first', () => {
    const all = [candidate('b', { price: 2n }), candidate('a', { price: 1n }), candidate('c')]
    expect(ranking(all)).toEqual(['a', 'b', 'c'])
  })
})

describe('a running relation', () => {
  const measured = { measured: 5, delivered: 5, overheadMs: 50, workMsPerMpx: 100 }
  const running = { running: 'running' }
  const weights = { ...none, price: 1 }

  test('is left only for someone clearly better', () => {
    const now = candidate('running', { price: 100n }, known(measured))
    const hysteresis = { weights, hysteresis: 0.15 }
    const slightly = [candidate('other', { price: 90n }, known(measured)), now]
    expect(ranking(slightly, hysteresis, running)).toEqual(['running', 'other'])
    expect(why(slightly, hysteresis, running)).toEqual({
      running: 'works now, and nobody is clearly better',
      other: 'not clearly better than who works now',
    })
    const clearly = [candidate('other', { price: 80n }, known(measured)), now]
    expect(ranking(clearly, hysteresis, running)).toEqual(['other', 'running'])
    expect(ranking(slightly, { weights, hysteresis: 0 }, running)[0]).toBe('other')
  })

  test('is no reason to keep someone who may not go on', () => {
    const now = candidate('running', { price: 1n }, { suspendedUntilMs: NOW + 1 })
    expect(ranking([now, candidate('other')], { weights }, running)).toEqual(['other'])
  })
})

describe('a try', () => {
  test('goes to who was named, is recorded as one, and only if that one is eligible', () => {
    const all = [candidate('best', { price: 5n }), candidate('tried', { price: 7n })]
    const { ranked, record } = selected(all, even, { reason: 'try', trying: 'tried' })
    expect(ranked[0]?.quote.providerPeerId).toBe('tried')
    expect(record).toMatchObject({ reason: 'try', chosenPeerId: 'tried' })
    expect(why(all, even, { trying: 'tried' })).toEqual({
      tried: 'tried, to learn how it works',
      best: 'another was tried',
    })
    expect(ranking(all, { ...even, maxPrice: { num: 6n, den: 1n } }, { trying: 'tried' })).toEqual([
      'best',
    ])
  })
})

describe('the front of price and latency', () => {
  test('comes before whoever is dearer and slower, whatever else speaks for that one', () => {
    const measured = (overheadMs: number) => ({ measured: 9, overheadMs, workMsPerMpx: 100 })
    const all = [
      candidate('neither', { price: 12n }, { ...known(measured(300)), stake: 10n ** 9n }),
      candidate('cheap', { price: 10n }, known(measured(200))),
      candidate('fast', { price: 15n }, known(measured(50))),
    ]
    const weights = { ...none, price: 1, latency: 1, stake: 100 }
    expect(ranking(all, { weights, pareto: true }).at(-1)).toBe('neither')
    expect(ranking(all, { weights, pareto: false })[0]).toBe('neither')
    expect(why(all, { weights, pareto: true })['neither']).toBe(
      'another is as cheap and as fast, and clearly better in one',
    )
  })
})

test('a newcomer is not taken for faster because only its answer was measured', () => {
  const worked = { measured: 5, delivered: 5, workMsPerMpx: 100 }
  const now = candidate('running', {}, known({ ...worked, overheadMs: 900, responseMs: 20 }))
  const newcomer = candidate('newcomer', { price: 10n, responseMs: 20 })
  expect(ranking([newcomer, now], {}, { running: 'running' })[0]).toBe('running')
  // One whose own answer is what takes so long is another matter.
  const far = candidate('running', {}, known({ ...worked, overheadMs: 900, responseMs: 880 }))
  expect(ranking([newcomer, far], {}, { running: 'running' })[0]).toBe('newcomer')
})

test('S8 a false region shows as latency, and sinks', () => {
  // Both say that they are here; one is not. Before either worked, the claim is all there is.
  const liar = (over: Partial<ReputationState> = {}) =>
    candidate('liar', { price: 9n, advert: { regions: ['eu'] } }, known(over))
  const honest = (over: Partial<ReputationState> = {}) => candidate('honest', {}, known(over))
  const policy: PolicyChanges = { preferRegion: 'eu' }
  expect(ranking([honest(), liar()], policy)[0]).toBe('liar')
  const worked = { measured: 3, delivered: 3, workMsPerMpx: 80 }
  const after = [honest({ ...worked, overheadMs: 30 }), liar({ ...worked, overheadMs: 400 })]
  expect(ranking(after, policy)[0]).toBe('honest')
  // Not even when it is the one that works now.
  expect(ranking(after, policy, { running: 'liar' })[0]).toBe('honest')
})
