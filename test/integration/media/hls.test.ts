import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import hls from 'hls-parser'
import mux from 'mux.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLogger } from '../../../src/lib/logger.ts'
import { createHlsPackager } from '../../../src/media/playlist.ts'
import { DEFAULT_LADDER } from '../../../src/media/profile.ts'
import { createSample } from '../../../src/media/sample.ts'
import { segmentFile } from '../../../src/media/segmenter.ts'
import { inspectSegment } from '../../../src/media/ts/inspect.ts'
import { withPool } from './helpers.ts'

// A second reader, of the kind web players are made of, which knows nothing of ours.
const { inspect } = mux.mp2t.tools

let directory: string
let sample: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-hls-'))
  sample = await createSample({ cacheDirectory: directory, seconds: 6, width: 320, height: 180 })
})
afterAll(async () => rm(directory, { recursive: true, force: true }))

test('a stream that is cut, transcoded and packaged plays through without a gap', async () => {
  const packager = await createHlsPackager(
    { logger: silentLogger },
    {
      directory: join(directory, 'out'),
      renditions: DEFAULT_LADDER,
      targetDurationMs: 2000,
      window: 'all',
    },
  )
  await withPool({ workers: 2 }, async (pool) => {
    const jobs: Promise<unknown>[] = []
    const source = segmentFile({ logger: silentLogger }, { path: sample, pace: 'fast' })
    for await (const { seq, data, durationMs } of source) {
      const transcode = async (): Promise<void> => {
        const result = await pool.transcode({ data: [data], durationMs, profiles: DEFAULT_LADDER })
        if (!result.ok) throw new Error(result.error.message)
        const renditions = result.value.renditions.map((one) => ({
          name: one.profile,
          data: [one.data],
          probe: one.probe,
        }))
        await packager.add(seq, durationMs, renditions)
      }
      jobs.push(transcode())
    }
    await Promise.all(jobs)
  })
  await packager.end()

  const master = hls.parse(packager.master())
  if (!master.isMasterPlaylist) throw new Error('not a master playlist')
  expect(master.variants.length).toBe(DEFAULT_LADDER.length)
  for (const { name } of DEFAULT_LADDER) {
    const media = hls.parse(packager.media(name) as string)
    if (media.isMasterPlaylist) throw new Error('not a media playlist')
    expect(media.segments.map(({ uri }) => uri)).toEqual(['0.ts', '1.ts', '2.ts'])
    let endMs: number | null = null
    for (const [seq, { duration }] of media.segments.entries()) {
      const bytes = await readFile(packager.segment(name, seq) as string)
      const probe = inspectSegment(bytes)
      if (!probe.ok) throw new Error(probe.error.message)
      const { startPtsMs, durationMs } = probe.value
      if (endMs !== null) expect(Math.abs(startPtsMs - endMs)).toBeLessThan(0.1)
      endMs = startPtsMs + durationMs
      expect(duration).toBeCloseTo(durationMs / 1000, 3)
      const other = inspect(bytes)
      expect((other.video?.[0]?.ptsTime ?? 0) * 1000).toBeCloseTo(startPtsMs, 1)
      expect((other.audio?.[0]?.ptsTime ?? 0) * 1000).toBeCloseTo(
        probe.value.audio?.startPtsMs ?? -1,
        1,
      )
    }
  }
})
