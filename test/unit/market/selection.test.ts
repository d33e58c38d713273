import { beforeAll, describe, expect, test } from 'vitest'
import type { Advert } from '../../../src/market/advert.ts'
import type { QuoteAnswer } from '../../../src/market/quote-seeker.ts'
import { type Candidate, type SelectionPolicy, select } from '../../../src/market/selection.ts'
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

const policy: SelectionPolicy = { maxPrice: null, minStake: 0n, priceWeight: 1, latencyWeight: 1 }
const NOW = ISSUED_AT_MS

interface Bid {
  readonly price?: bigint
  readonly den?: bigint
  readonly responseMs?: number
  readonly outcome?: QuoteAnswer['outcome']
}

function candidate(peerId: string, bid: Bid = {}, over: Partial<Candidate> = {}): Candidate {
  const price = { num: bid.price ?? 10n, den: bid.den ?? 1n }
  const outcome = bid.outcome ?? {
    type: 'quote',
    quote: quoteOf(author, author, { price, providerPeerId: peerId }),
  }
  const answer = { advert: { ...template, peerId }, responseMs: bid.responseMs ?? 50, outcome }
  return { answer, stake: 100n, suspendedUntilMs: null, railObjection: null, ...over }
}

const ranking = (candidates: readonly Candidate[], over: Partial<SelectionPolicy> = {}): string[] =>
  select(candidates, { ...policy, ...over }, NOW).ranked.map(
    ({ candidate: { answer } }) => answer.advert.peerId,
  )

const why = (
  candidates: readonly Candidate[],
  over: Partial<SelectionPolicy> = {},
): Record<string, string> =>
  Object.fromEntries(
    select(candidates, { ...policy, ...over }, NOW).record.considered.map((one) => [
      one.peerId,
      one.why,
    ]),
  )

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
    expect(ranking(both, { priceWeight: 3, latencyWeight: 1 })[0]).toBe('cheap')
    expect(ranking(both, { priceWeight: 1, latencyWeight: 1 })[0]).toBe('fast')
    expect(ranking(both, { priceWeight: 1, latencyWeight: 0 })[0]).toBe('cheap')
    expect(ranking(both, { priceWeight: 0, latencyWeight: 1 })[0]).toBe('fast')
  })

  test('compares prices as fractions, exactly', () => {
    const third = candidate('third', { price: 1n, den: 3n })
    const less = candidate('less', { price: 33_333_333_333_333n, den: 10n ** 14n })
    expect(
      ranking([third, less], { maxPrice: { num: 33_333_333_333_333n, den: 10n ** 14n } }),
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

  test('leaves out whoever asks more than the maximum, and takes who asks just that', () => {
    const all = [candidate('over', { price: 21n, den: 2n }), candidate('just', { price: 10n })]
    expect(ranking(all, { maxPrice: { num: 10n, den: 1n } })).toEqual(['just'])
    expect(why(all, { maxPrice: { num: 10n, den: 1n } })['over']).toBe(
      'price 21/2 above the maximum 10',
    )
  })

  test('leaves out whoever has too little stake, and takes who has just enough', () => {
    const all = [candidate('poor', {}, { stake: 99n }), candidate('enough')]
    expect(ranking(all, { minStake: 100n })).toEqual(['enough'])
    expect(why(all, { minStake: 100n })['poor']).toBe('stake 99 below the minimum 100')
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
    const { record, ranked } = select(all, policy, NOW)
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
    expect(select([], policy, NOW)).toEqual({
      ranked: [],
      record: { atMs: NOW, considered: [], chosenPeerId: null },
    })
  })
})
