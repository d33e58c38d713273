import type { Worker, WorkFault } from '../exchange/work.ts'
import { err, ok } from '../lib/result.ts'
import type { PoolFault } from '../pool/assignment.ts'
import type { WorkPool } from '../pool/work-pool.ts'

const WORK_CODES: Readonly<Record<PoolFault['code'], WorkFault['code']>> = {
  BUSY: 'BUSY',
  UNREADABLE: 'SEGMENT_UNREADABLE',
  WORK_FAILED: 'WORK_FAILED',
}

/** A pool as the worker of an order. Waiting for a slot counts as work. */
export function workerOver(pool: Pick<WorkPool, 'work'>): Worker {
  return {
    async work(job, options) {
      const startedAt = performance.now()
      const done = await pool.work(job, options)
      if (!done.ok) {
        const { code, detail } = done.error
        return err({ code: WORK_CODES[code], detail })
      }
      return ok({ outputs: done.value.outputs, workMs: performance.now() - startedAt })
    },
  }
}
