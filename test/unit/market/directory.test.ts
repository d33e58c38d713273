import { beforeAll, describe, expect, test } from 'vitest'
import type { Advert } from '../../../src/market/advert.ts'
import { createDirectory } from '../../../src/market/directory.ts'
import { marketLimits } from '../../../src/market/limits.ts'
import { createRateLimit } from '../../../src/market/rate-limit.ts'
import { manualClock } from '../../helpers/fakes.ts'
import { advertOf, authorOf, ISSUED_AT_MS } from '../../helpers/fixtures-adverts.ts'

let template: Advert
beforeAll(async () => {
  template = advertOf(await authorOf(1))
})
const nothing = new Uint8Array(0)
const named = (peerId: string, over: Partial<Advert> = {}): Advert => ({
  ...template,
  peerId,
  ...over,
})

describe('the directory', () => {
  test('lists who is live, newest first, and no longer than they said', () => {
    const clock = manualClock(ISSUED_AT_MS)
    const directory = createDirectory(clock)
    const names = (): string[] => directory.live().map(({ advert }) => advert.peerId)
    directory.add(named('a'), nothing, 'gossip')
    directory.add(named('b', { issuedAtMs: ISSUED_AT_MS + 10 }), nothing, 'gossip')
    directory.add(named('c', { ttlMs: 5 }), nothing, 'gossip')
    directory.add(named('d', { ttlMs: 0 }), nothing, 'gossip')
    expect(names()).toEqual(['b', 'a', 'c'])
    clock.nowMs += 5
    expect(names()).toEqual(['b', 'a'])
    clock.nowMs += 59_995
    expect(names()).toEqual(['b'])
  })

  test('keeps the newest advert of each, how the first one came, and what expired to know replays by', () => {
    const clock = manualClock(ISSUED_AT_MS)
    const directory = createDirectory(clock)
    directory.add(named('a', { sequence: 1n }), Uint8Array.of(1), 'catch-up')
    directory.add(named('a', { sequence: 2n, ttlMs: 1 }), Uint8Array.of(2), 'gossip')
    clock.nowMs += 100
    expect(directory.live()).toEqual([])
    expect(directory.latestOf('a')).toMatchObject({
      advert: { sequence: 2n },
      discoveredBy: 'catch-up',
      bytes: Uint8Array.of(2),
    })
    directory.add(named('a', { sequence: 1n }), Uint8Array.of(1), 'gossip')
    expect(directory.latestOf('a')?.advert.sequence).toBe(2n)
    expect(directory.latestOf('b')).toBeUndefined()
  })

  test('holds so many authors; one more pushes out who would expire first, a known one nobody', () => {
    const directory = createDirectory(manualClock(ISSUED_AT_MS))
    const { maxDirectoryEntries } = marketLimits
    for (let i = 0; i < maxDirectoryEntries; i += 1) {
      directory.add(named(`p${i}`, { ttlMs: i === 7 ? 1_000 : 2_000 + i }), nothing, 'gossip')
    }
    expect(directory.live()).toHaveLength(maxDirectoryEntries)
    directory.add(named('p9'), nothing, 'gossip')
    expect(directory.latestOf('p7')).toBeDefined()
    directory.add(named('new'), nothing, 'gossip')
    expect(directory.live()).toHaveLength(maxDirectoryEntries)
    expect([directory.latestOf('p7'), directory.latestOf('new')?.advert.peerId]).toEqual([
      undefined,
      'new',
    ])
  })

  test('tells of each advert taken until it is told to stop', () => {
    const directory = createDirectory(manualClock(ISSUED_AT_MS))
    let changes = 0
    const end = directory.onChange(() => (changes += 1))
    directory.add(named('a', { sequence: 6n }), nothing, 'gossip')
    directory.add(named('a', { sequence: 7n }), nothing, 'gossip')
    directory.add(named('a', { sequence: 7n }), nothing, 'gossip')
    directory.add(named('a', { sequence: 6n }), nothing, 'gossip')
    end()
    directory.add(named('b'), nothing, 'gossip')
    expect(changes).toBe(2)
  })
})

test('a rate limit gives each key its share of each period', () => {
  const clock = manualClock(10_000)
  const limit = createRateLimit(clock, 2, 1_000)
  const take = (key: string, times: number): boolean[] =>
    Array.from({ length: times }, () => limit.take(key))
  expect(take('a', 3)).toEqual([true, true, false])
  expect(take('b', 1)).toEqual([true])
  clock.nowMs += 999
  expect(take('a', 1)).toEqual([false])
  clock.nowMs += 1
  expect(take('a', 3)).toEqual([true, true, false])
})
