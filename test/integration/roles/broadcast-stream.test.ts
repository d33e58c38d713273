import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Delivered, Dispatcher, DispatchSegment } from '../../../src/exchange/dispatcher.ts'
import type { StepFailure } from '../../../src/exchange/step-failure.ts'
import { concatBytes } from '../../../src/lib/bytes.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { err, ok, type Result } from '../../../src/lib/result.ts'
import { createHlsPackager, type HlsPackager } from '../../../src/media/playlist.ts'
import { createBroadcastStream, type StreamSegment } from '../../../src/roles/broadcast-stream.ts'
import { recordingLogger } from '../../helpers/fakes.ts'
import {
  fakeProber,
  mediaBytes,
  profiles,
  SEGMENT_MS,
  sourceSegment,
} from '../../helpers/fakes-media.ts'
import { Cleanup, temporaryDirectory } from '../../helpers/fixtures.ts'

const cleanup = new Cleanup()
let packager: HlsPackager
let dispatched: DispatchSegment[]
let isClosed: boolean
/** What the market does with a segment. */
let market: (segment: DispatchSegment) => Promise<Result<Delivered, StepFailure>>

beforeEach(async () => {
  const directory = await temporaryDirectory(cleanup)
  const logger = recordingLogger()
  packager = await createHlsPackager(
    { logger },
    { directory, renditions: profiles, targetDurationMs: SEGMENT_MS, window: 'all' },
  )
  dispatched = []
  isClosed = false
  market = async (segment) => ok(worked(segment))
})
afterEach(() => cleanup.run())

function worked({ probe }: DispatchSegment): Delivered {
  const renditions = profiles.map(({ name }) => ({ name, data: [mediaBytes(probe)], probe }))
  return { renditions, provider: 'peer', attempts: 1, roundTripMs: 2, workMs: 1, feeWei: 1n }
}

function open(maxInFlight = 2, signal = new AbortController().signal) {
  const dispatcher: Dispatcher = {
    provider: () => null,
    extra: () => ({ hedges: 0, unused: 0, feesWei: 0n }),
    async dispatch(segment) {
      dispatched.push(segment)
      return market(segment)
    },
    async close() {
      isClosed = true
    },
  }
  const components = { dispatcher, packager, prober: fakeProber, clock: systemClock, signal }
  return createBroadcastStream(
    { ...components, logger: recordingLogger() },
    { name: 'show', maxInFlight },
  )
}

const segmentOf = (seq: number): StreamSegment => ({
  seq,
  data: concatBytes(...sourceSegment(seq).data),
  durationMs: SEGMENT_MS,
})

async function* source(count: number, thenBreaks = false): AsyncGenerator<StreamSegment> {
  for (let seq = 0; seq < count; seq += 1) yield segmentOf(seq)
  if (thenBreaks) throw new Error('the disk is on fire')
}

const failure: StepFailure = { class: 'elsewhere', code: 'NO_OFFER', detail: 'nobody quotes' }

describe('a broadcast stream', () => {
  test('publishes all that it is given and ends', async () => {
    const stream = open()
    await stream.play(source(5))
    expect(stream.state()).toEqual({ state: 'ended', error: null })
    expect(stream.stats().segments).toEqual({ sent: 5, returned: 5, failed: 0, retried: 0 })
    expect(stream.stats().sourceDurationMs).toBe(5 * SEGMENT_MS)
    expect(packager.media('large')).toContain('#EXT-X-ENDLIST')
    expect(packager.state()).toMatchObject({ listed: 5, skipped: 0 })
    expect(isClosed).toBe(true)
  })

  test('gives a number up that was not sent, and publishes those after it', async () => {
    const stream = open()
    for (const seq of [0, 1, 3, 4, 5]) await stream.submit(segmentOf(seq))
    expect(packager.media('large')).not.toContain('3.ts')
    for (const seq of [6, 7, 8]) await stream.submit(segmentOf(seq))
    const playlist = packager.media('large')
    for (const seq of [0, 1, 3, 4, 5, 6, 7, 8]) expect(playlist).toContain(`${seq}.ts`)
    expect(playlist).toContain('#EXT-X-GAP')
    expect(await stream.submit(segmentOf(2))).toMatchObject({
      ok: false,
      error: { code: 'DUPLICATE_SEQUENCE' },
    })
  })

  test('has no more segments under way than allowed, nor reads ahead of them', async () => {
    let inFlight = 0
    let most = 0
    let read = 0
    market = async (segment) => {
      inFlight += 1
      most = Math.max(most, inFlight)
      await new Promise((resolve) => setTimeout(resolve, 2))
      expect(read - dispatched.length).toBeLessThanOrEqual(2)
      inFlight -= 1
      return ok(worked(segment))
    }
    async function* counted(): AsyncGenerator<StreamSegment> {
      for await (const segment of source(9)) {
        read += 1
        yield segment
      }
    }
    await open(3).play(counted())
    expect(most).toBe(3)
  })

  test('leaves a gap for a segment nobody worked, says why, and goes on', async () => {
    market = async (segment) => (segment.sequence === 1 ? err(failure) : ok(worked(segment)))
    const stream = open()
    await stream.play(source(3))
    expect(stream.state()).toEqual({ state: 'ended', error: 'NO_OFFER: nobody quotes' })
    expect(stream.stats().segments).toMatchObject({ sent: 3, returned: 2, failed: 1 })
    expect(packager.state()).toMatchObject({ listed: 2, skipped: 1 })
    expect(packager.media('large')).toContain('#EXT-X-GAP')
  })

  test('has failed when not one segment was published', async () => {
    market = async () => err(failure)
    const stream = open()
    await stream.play(source(2))
    expect(stream.state()).toEqual({ state: 'failed', error: 'NO_OFFER: nobody quotes' })
  })

  test('has failed when its source breaks off, with what came before it published', async () => {
    const stream = open()
    await stream.play(source(2, true))
    expect(stream.state()).toEqual({ state: 'failed', error: 'the disk is on fire' })
    expect(stream.stats().segments.returned).toBe(2)
    expect(packager.media('large')).toContain('#EXT-X-ENDLIST')
  })

  test('has ended, not failed, when nothing was ever sent', async () => {
    const stream = open()
    await stream.end()
    expect(stream.state()).toEqual({ state: 'ended', error: null })
  })

  test('measures a segment whose length it is not told', async () => {
    const stream = open()
    const { seq, data } = segmentOf(0)
    expect((await stream.submit({ seq, data })).ok).toBe(true)
    expect(dispatched[0]?.durationMs).toBe(SEGMENT_MS)
    expect(stream.stats().sourceDurationMs).toBe(SEGMENT_MS)
  })

  test.each([
    ['that is no media', new Uint8Array([1, 2, 3]), 'NOT_MPEGTS'],
    [
      'that does not begin with a key frame',
      mediaBytes({
        ...sourceSegment(0).probe,
        video: { ...sourceSegment(0).probe.video, keyframeFirst: false },
      }),
      'NO_KEYFRAME',
    ],
  ])('offers nobody a segment %s', async (_what, data, code) => {
    const stream = open()
    expect(await stream.submit({ seq: 0, data })).toMatchObject({ ok: false, error: { code } })
    expect(dispatched).toEqual([])
    expect(stream.stats().segments).toMatchObject({ sent: 1, returned: 0, failed: 1 })
  })

  test('has a number worked and paid for once, whoever sends it again', async () => {
    const stream = open()
    const replies = await Promise.all([0, 0, 1].map((seq) => stream.submit(segmentOf(seq))))
    expect(replies.map((reply) => (reply.ok ? 'ok' : reply.error.code))).toEqual([
      'ok',
      'DUPLICATE_SEQUENCE',
      'ok',
    ])
    expect(dispatched.map(({ sequence }) => sequence)).toEqual([0, 1])
    expect(stream.state().error).toBeNull()
    expect(stream.stats().segments).toMatchObject({ sent: 2, returned: 2, failed: 0 })
  })

  test('waits at its end for what is under way', async () => {
    let finish = (): void => {}
    const gate = new Promise<void>((resolve) => {
      finish = resolve
    })
    market = async (segment) => {
      await gate
      return ok(worked(segment))
    }
    const stream = open()
    const pushed = stream.submit(segmentOf(0))
    const ended = stream.end()
    expect(stream.state().state).toBe('running')
    finish()
    await ended
    expect((await pushed).ok).toBe(true)
    expect(packager.state()).toMatchObject({ listed: 1, ended: true })
  })
})
