import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { silentLogger } from '../../../src/lib/logger.ts'
import { createHlsPackager } from '../../../src/media/playlist.ts'
import { inspectSegment } from '../../../src/media/ts/inspect.ts'
import { SEGMENT } from '../../fixtures/media/fixture.ts'

const inspected = inspectSegment(SEGMENT)
if (!inspected.ok) throw new Error('the fixture is broken')
const probe = inspected.value
const renditions = [{ name: 'only', width: 640, height: 360, bitrateBps: 800_000 }]

test('in whatever order segments complete, the list grows without a hole', async () => {
  const orders = fc.integer({ min: 1, max: 12 }).chain((count) =>
    fc.record({
      order: fc.shuffledSubarray([...Array(count).keys()], { minLength: count }),
      lost: fc.subarray([...Array(count).keys()]),
    }),
  )
  await fc.assert(
    fc.asyncProperty(orders, async ({ order, lost }) => {
      const directory = await mkdtemp(join(tmpdir(), 'millrace-hls-'))
      try {
        const packager = await createHlsPackager(
          { logger: silentLogger },
          { directory, renditions, targetDurationMs: 2000, window: 'all' },
        )
        const done = new Set<number>()
        for (const seq of order) {
          done.add(seq)
          if (lost.includes(seq)) await packager.skip(seq, 2000)
          else await packager.add(seq, 2000, [{ name: 'only', data: [Uint8Array.of(seq)], probe }])
          let prefix = 0
          while (done.has(prefix)) prefix++
          const text = packager.media('only') as string
          const listed = [...text.matchAll(/^(\d+)\.ts$/gm)].map(([, name]) => Number(name))
          expect(listed).toEqual([...Array(prefix).keys()])
          for (const one of listed) {
            expect(packager.segment('only', one) === null).toBe(lost.includes(one))
          }
        }
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
    }),
    { numRuns: 25 },
  )
})
