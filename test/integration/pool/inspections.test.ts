import { expect, test } from 'vitest'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { createTranscodePool } from '../../../src/media/transcode-pool.ts'
import { createInspector } from '../../../src/pool/inspector.ts'
import { poolLimits } from '../../../src/pool/limits.ts'
import { SEGMENT, SEGMENT_MS } from '../../fixtures/media/fixture.ts'

test('as many inspections as allowed wait; of the next nobody is blamed, and no other is lost', async () => {
  const { maxQueuedInspections: maxQueuedJobs } = poolLimits
  const processes = createTranscodePool(
    { logger: silentLogger, metrics: noMetrics },
    { workers: 1, backend: 'node-av', deadlineFloorMs: 30_000, maxQueuedJobs },
  )
  await processes.start()
  const inspector = createInspector(processes)
  const none = { outputs: [], pixels: null }
  const lightly = { pictures: false, reworked: null }
  // An inspection of no rendition reads the source, and that is all.
  const inspect = async (): Promise<string> => {
    const job = { data: [SEGMENT], durationMs: SEGMENT_MS, profiles: [] }
    const inspected = await inspector.inspect(job, none, lightly, {})
    return inspected.ok ? 'ok' : `${inspected.error.code}: ${inspected.error.detail}`
  }
  try {
    const allowed = Array.from({ length: maxQueuedJobs + 1 }, inspect)
    expect(processes.load()).toEqual({ busy: 1, queued: maxQueuedJobs })
    expect(await inspect()).toBe('NOT_INSPECTED: the source: BUSY')
    expect(new Set(await Promise.all(allowed))).toEqual(new Set(['ok']))
    expect(await inspect()).toBe('ok')
  } finally {
    await processes.stop()
  }
})
