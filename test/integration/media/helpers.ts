import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import {
  createTranscodePool,
  type TranscodePool,
  type TranscodePoolInit,
} from '../../../src/media/transcode-pool.ts'

/** Runs a section with a started pool and stops it whatever happens. */
export async function withPool(
  init: Partial<TranscodePoolInit>,
  section: (pool: TranscodePool) => Promise<void>,
): Promise<void> {
  const pool = createTranscodePool(
    { logger: silentLogger, metrics: noMetrics },
    // The deadline leaves room for a machine that is busy with other tests.
    { workers: 1, backend: 'node-av', deadlineFloorMs: 30_000, ...init },
  )
  await pool.start()
  try {
    await section(pool)
  } finally {
    await pool.stop()
  }
}

/** Whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Waits until a condition holds; gives up when the test does. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20))
}
