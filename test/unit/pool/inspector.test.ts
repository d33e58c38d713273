import { describe, expect, test } from 'vitest'
import { err, ok } from '../../../src/lib/result.ts'
import type { Likeness } from '../../../src/media/likeness.ts'
import { DEFAULT_LADDER } from '../../../src/media/profile.ts'
import type { TranscodePool } from '../../../src/media/transcode-pool.ts'
import { inspectSegment } from '../../../src/media/ts/inspect.ts'
import { createInspector } from '../../../src/pool/inspector.ts'
import { SEGMENT, SEGMENT_MS } from '../../fixtures/media/fixture.ts'

const alike: Likeness = {
  ...{ frames: 60, sameFrames: true, similarity: 0.95, worst: 0.9, difference: 2, motion: 1 },
}
const probed = inspectSegment(SEGMENT)
if (!probed.ok) throw new Error(probed.error.message)
const source = probed.value

// A profile that the source itself is a rendition of.
const profile = { ...DEFAULT_LADDER[0], name: '360p', width: 640, height: 360 }
const job = { data: [SEGMENT], durationMs: SEGMENT_MS, profiles: [profile as never] }
const work = { outputs: [{ name: '360p', data: SEGMENT }], pixels: null }

type Processes = Pick<TranscodePool, 'probe' | 'compare' | 'transcode'>

function inspectorOver(change: Partial<Processes>, seen: string[] = []) {
  return createInspector({
    probe: async () => ok(source),
    async compare(_segments, extent) {
      seen.push(extent)
      return ok(alike)
    },
    transcode: async () => ok({ renditions: [{ data: SEGMENT }] } as never),
    ...change,
  })
}

const closely = { pictures: true, reworked: 0 }
const codeOf = async (change: Partial<Processes>): Promise<string> => {
  const inspected = await inspectorOver(change).inspect(job, work, closely, {})
  return inspected.ok ? 'ok' : inspected.error.code
}

describe('S4: an inspection', () => {
  test('counts pixels itself, and decodes only what it is told to', async () => {
    const seen: string[] = []
    const inspector = inspectorOver({}, seen)
    const lightly = { pictures: false, reworked: null }
    for (const [scrutiny, decoded] of [
      [lightly, []],
      [closely, ['first', 'all']],
    ] as const) {
      const inspected = await inspector.inspect(job, work, scrutiny, {})
      if (!inspected.ok) throw new Error(inspected.error.detail)
      expect(inspected.value.map(({ pixels }) => pixels)).toEqual([
        BigInt(640 * 360 * source.video.frames),
      ])
      expect(seen.splice(0)).toEqual(decoded)
    }
  })

  test('finds pictures of something else, and frames that are missing or stand still', async () => {
    const compared = (change: Partial<Likeness>, in_: 'first' | 'all') => ({
      compare: async (_: unknown, extent: string) =>
        ok(extent === in_ ? { ...alike, ...change } : alike),
    })
    const other = { similarity: 0.3, difference: 60 }
    expect(await codeOf({})).toBe('ok')
    expect(await codeOf(compared(other, 'first'))).toBe('WRONG_PICTURE')
    expect(await codeOf(compared(other, 'all'))).toBe('UNLIKE_OWN')
    expect(await codeOf(compared({ sameFrames: false }, 'all'))).toBe('UNLIKE_OWN')
    expect(await codeOf(compared({ motion: 0.1 }, 'all'))).toBe('UNLIKE_OWN')
    // Flat pictures differ in structure for no reason.
    expect(await codeOf(compared({ similarity: 0.3, difference: 1 }, 'all'))).toBe('ok')
  })

  test('blames the worker for what cannot be decoded, and nobody when it could not look', async () => {
    const fault = (code: string) => async () => err({ code, message: '' } as never)
    expect(await codeOf({ compare: fault('DECODE_FAILED') })).toBe('UNREADABLE_OUTPUT')
    for (const code of ['BUSY', 'STOPPED', 'WORKER_CRASHED', 'OUT_OF_MEMORY', 'DEADLINE'])
      expect(await codeOf({ compare: fault(code) })).toBe('NOT_INSPECTED')
    expect(await codeOf({ transcode: fault('ENCODE_FAILED') })).toBe('NOT_INSPECTED')
    expect(await codeOf({ probe: fault('BUSY') })).toBe('NOT_INSPECTED')
  })

  test('calls a segment unreadable only if this node cannot read it', async () => {
    const readable = (code: string | null) =>
      inspectorOver({
        transcode: async () =>
          code === null ? ok({ renditions: [] } as never) : err({ code, message: '' } as never),
      }).isReadable(job, {})
    expect(await readable(null)).toBe(true)
    expect(await readable('DECODE_FAILED')).toBe(false)
    expect(await readable('BUSY')).toBe(true)
  })
})
