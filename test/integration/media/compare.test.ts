import { expect, test } from 'vitest'
import { isAlike } from '../../../src/media/likeness.ts'
import { PRESETS, type Profile } from '../../../src/media/profile.ts'
import { SEGMENT, SEGMENT_MS } from '../../fixtures/media/fixture.ts'
import { withPool } from './helpers.ts'

test('S4: renditions look like their source, by their first picture and by all, and like each other', async () => {
  await withPool({}, async (pool) => {
    const profiles = ['240p', '144p'].map((name) => PRESETS.get(name) as Profile)
    const done = await pool.transcode({ data: [SEGMENT], durationMs: SEGMENT_MS, profiles })
    if (!done.ok) throw new Error(done.error.message)
    const [large, small] = done.value.renditions.map(({ data }) => [data]) as [
      Uint8Array[],
      Uint8Array[],
    ]
    for (const [pair, extent] of [
      [[[SEGMENT], small], 'first'],
      [[[SEGMENT], large], 'all'],
      [[large, small], 'all'],
    ] as const) {
      const likeness = await pool.compare(pair, extent)
      if (!likeness.ok) throw new Error(likeness.error.message)
      expect(likeness.value.frames).toBe(extent === 'first' ? 1 : done.value.source.video.frames)
      expect(likeness.value.sameFrames).toBe(true)
      expect(isAlike(likeness.value)).toBe(true)
    }
    const junk = await pool.compare([[SEGMENT], [Buffer.from('no video')]], 'first')
    expect(junk.ok).toBe(false)
  })
})
