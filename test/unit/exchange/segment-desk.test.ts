import { describe, expect, test } from 'vitest'
import { exchangeLimits } from '../../../src/exchange/limits.ts'
import { SegmentDesk } from '../../../src/exchange/segment-desk.ts'
import type { SegmentMessage } from '../../../src/exchange/segment-wire.ts'
import type { WorkDone } from '../../../src/exchange/work.ts'
import { bytesOf } from '../../helpers/fixtures.ts'

const segmentOf = (index: number, content = index) =>
  ({ index: BigInt(index), inputHash: bytesOf(32, content) }) as SegmentMessage
const doneOf = (workMs: number): WorkDone => ({ outputs: [], workMs })
const { maxKeptResults } = exchangeLimits

describe('the segments of an order', () => {
  test('are kept so that a lost reply can be repeated, as few as the limit says', () => {
    const desk = new SegmentDesk(2)
    for (let index = 0; index <= maxKeptResults; index += 1) {
      desk.keep(segmentOf(index), doneOf(index))
    }
    expect(desk.find(segmentOf(0))).toBeUndefined()
    expect(desk.find(segmentOf(1))).toEqual(doneOf(1))
    expect(desk.find(segmentOf(maxKeptResults))).toEqual(doneOf(maxKeptResults))
    expect(desk.find(segmentOf(1, 99))).toBe('other')
  })

  test('that wait to be paid are not let go, and count as debt until they are', () => {
    const desk = new SegmentDesk(2)
    desk.keep(segmentOf(0), doneOf(0))
    desk.withhold(0n, 30n)
    desk.withhold(0n, 30n)
    desk.withhold(1n, 12n)
    expect(desk.debt()).toBe(42n)
    for (let index = 1; index <= 2 * maxKeptResults; index += 1) {
      desk.keep(segmentOf(index), doneOf(index))
    }
    expect(desk.find(segmentOf(0))).toEqual(doneOf(0))
    desk.paid(0n)
    expect(desk.debt()).toBe(12n)
    desk.paid(1n)
    expect(desk.debt()).toBe(0n)
  })

  test('of one index are worked in turn, of several at once, and a failure holds up nobody', async () => {
    const desk = new SegmentDesk(2)
    const log: string[] = []
    const work = (name: string, ends: Promise<void>) => async () => {
      log.push(`${name} begins`)
      await ends
      log.push(`${name} ends`)
    }
    const first = Promise.withResolvers<void>()
    const running = [
      desk.inTurn(0n, work('a', first.promise)),
      desk.inTurn(0n, work('b', Promise.resolve())),
      desk.inTurn(1n, work('c', Promise.resolve())),
    ]
    await running[2]
    expect(log).toEqual(['a begins', 'c begins', 'c ends'])
    first.reject(new Error('lost'))
    await expect(running[0]).rejects.toThrow('lost')
    await running[1]
    expect(log.slice(3)).toEqual(['b begins', 'b ends'])
  })
})
