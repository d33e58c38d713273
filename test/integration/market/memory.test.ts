import { afterEach, describe, expect, test } from 'vitest'
import type { DecisionRecord } from '../../../src/market/decision.ts'
import { openDecisionLog } from '../../../src/market/decision-log.ts'
import { marketLimits } from '../../../src/market/limits.ts'
import { DEFAULT_REPUTATION, openReputation } from '../../../src/market/reputation.ts'
import { manualClock, recordingLogger } from '../../helpers/fakes.ts'
import { Cleanup, temporaryStore } from '../../helpers/fixtures.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())
const logger = recordingLogger()

describe('what is known of peers', () => {
  test('is there after a restart, and a suspension goes on', async () => {
    const { store, reopen } = await temporaryStore(cleanup)
    const clock = manualClock()
    const before = await openReputation({ store, clock, logger })
    before.succeeded('good', { roundTripMs: 300, workMs: 100, units: 2_000_000n })
    before.answered('good', 40)
    before.failed('bad', 'failed')
    before.noted('gone', 'lost')
    await before.flush()
    const after = await openReputation({ store: await reopen(), clock, logger })
    expect(after.of('good')).toMatchObject({
      ...{ delivered: 1, measured: 1, overheadMs: 200, workMsPerMpx: 50, responseMs: 40 },
    })
    expect(after.until('bad')).toBe(clock.nowMs + DEFAULT_REPUTATION.suspendMs)
    expect(after.of('bad')).toMatchObject({ failed: { failed: 1 }, strikes: 1 })
    expect(after.until('gone')).toBeNull()
    expect(after.of('gone')).toMatchObject({ failed: { lost: 1 } })
    clock.nowMs += DEFAULT_REPUTATION.suspendMs
    expect(after.until('bad')).toBeNull()
    clock.nowMs += 100 * DEFAULT_REPUTATION.halfLifeMs
    expect(after.of('good')).toMatchObject({ overheadMs: null, measured: 0 })
  })

  test('is of no more peers than the limit; whoever was not heard of for longest goes', async () => {
    const { store, reopen } = await temporaryStore(cleanup)
    const clock = manualClock()
    const reputation = await openReputation({ store, clock, logger })
    for (let i = 0; i <= marketLimits.maxReputations; i += 1) {
      reputation.answered(`p${i}`, 10)
      clock.nowMs += 1
    }
    expect(reputation.size()).toBe(marketLimits.maxReputations)
    expect(reputation.of('p0').responseMs).toBeNull()
    expect(reputation.of('p1').responseMs).toBe(10)
    await reputation.flush()
    const after = await openReputation({ store: await reopen(), clock, logger })
    expect(after.size()).toBe(marketLimits.maxReputations)
    expect(after.of('p0').responseMs).toBeNull()
  })
})

function decision(stream: string, atMs = 0): DecisionRecord {
  return {
    ...{ atMs, stream, reason: 'start', preset: 'balanced', isFromTable: true, omitted: 0 },
    considered: [
      {
        ...{ peerId: 'p', address: '0x', pricePerUnit: '1', responseMs: 1, latencyMs: 2 },
        ...{ isMeasured: true, successRate: 1, delivered: 3, stake: 2n ** 80n, evWei: 5n },
        ...{ faceValueWei: null, regions: [], isPreferred: false, accepted: true, chosen: true },
        ...{ score: 1, why: 'best score' },
      },
    ],
    chosenPeerId: 'p',
  }
}

describe('decisions', () => {
  const uuid = '0b1c2d3e-0000-4000-8000-000000000000'

  test('are there after a restart, by stream and the newest so many', async () => {
    const { store, reopen } = await temporaryStore(cleanup)
    const before = await openDecisionLog({ store, logger })
    for (const [i, stream] of ['talk', `talk-${uuid}`, 'talk-show', 'show'].entries()) {
      before.add(decision(stream, i))
    }
    await before.flush()
    const after = await openDecisionLog({ store: await reopen(), logger })
    after.add(decision('show', 4))
    await after.flush()
    const found = async (query = {}) => (await after.list(query)).map(({ atMs }) => atMs)
    expect(await found()).toEqual([0, 1, 2, 3, 4])
    expect(await found({ stream: 'talk' })).toEqual([0, 1])
    expect(await found({ stream: `talk-${uuid}` })).toEqual([1])
    expect(await found({ stream: 'show', last: 1 })).toEqual([4])
    expect(await found({ last: 2 })).toEqual([3, 4])
    expect((await after.list())[0]).toEqual(decision('talk', 0))
  })

  test('are no more than the limit, over restarts; the oldest go', async () => {
    const { store, reopen } = await temporaryStore(cleanup)
    const init = { max: 3 }
    const first = await openDecisionLog({ store, logger }, init)
    for (let i = 0; i < 3; i += 1) first.add(decision('s', i))
    await first.flush()
    expect(await first.list()).toHaveLength(3)
    const again = await openDecisionLog({ store: await reopen(), logger }, init)
    again.add(decision('s', 3))
    await again.flush()
    expect((await again.list()).map(({ atMs }) => atMs)).toEqual([1, 2, 3])
  })
})
