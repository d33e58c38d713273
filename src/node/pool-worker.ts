import type { Worker, WorkFault } from '../exchange/work.ts'
import { err, ok } from '../lib/result.ts'
import type { TranscodeFault, TranscodePool } from '../media/transcode-pool.ts'

const WORK_CODES: Readonly<Partial<Record<TranscodeFault['code'], WorkFault['code']>>> = {
  BUSY: 'BUSY',
  STOPPED: 'SHUTTING_DOWN',
  DEADLINE: 'WORK_FAILED',
  WORKER_CRASHED: 'WORK_FAILED',
  OUT_OF_MEMORY: 'WORK_FAILED',
  ENCODE_FAILED: 'WORK_FAILED',
}

/** This machine's transcode pool as the worker of an order. Waiting for a worker counts as work. */
export function workerOver(pool: Pick<TranscodePool, 'transcode'>): Worker {
  return {
    async work(job, options) {
      const startedAt = performance.now()
      const done = await pool.transcode(job, options)
      if (!done.ok) {
        const { code, message } = done.error
        return err({
          code: WORK_CODES[code] ?? 'SEGMENT_UNREADABLE',
          detail: `${code}: ${message}`,
        })
      }
      const outputs = done.value.renditions.map(({ profile: name, data, pixels }) => ({
        name,
        data,
        pixels,
      }))
      return ok({ outputs, workMs: performance.now() - startedAt })
    },
  }
}
