import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { findSystemFfmpeg } from '../../../src/media/backend.ts'
import {
  MAX_PROFILES,
  MAX_SEGMENT_BYTES,
  MAX_SEGMENT_DURATION_MS,
  MAX_WORKERS,
} from '../../../src/media/limits.ts'
import { checkRendition } from '../../../src/media/probe.ts'
import { DEFAULT_LADDER, PRESETS, type Profile } from '../../../src/media/profile.ts'
import { createTranscodePool, type TranscodePool } from '../../../src/media/transcode-pool.ts'
import { SEGMENT, SEGMENT_MS } from '../../fixtures/media/fixture.ts'
import { annexB, frames, IDR_SLICE, sps, transportStream } from '../../fixtures/media/ts-builder.ts'
import { isAlive, until, withPool } from './helpers.ts'

const job = { data: [SEGMENT], durationMs: SEGMENT_MS, profiles: DEFAULT_LADDER }

async function codeOf(result: ReturnType<TranscodePool['transcode']>): Promise<string> {
  const settled = await result
  return settled.ok ? 'ok' : settled.error.code
}

async function expectFaithful(pool: TranscodePool, profiles: readonly Profile[]): Promise<void> {
  const result = await pool.transcode({ ...job, profiles })
  if (!result.ok) throw new Error(result.error.message)
  const { source, renditions } = result.value
  expect(renditions.map(({ profile }) => profile)).toEqual(profiles.map(({ name }) => name))
  for (const [i, { data, probe, pixels }] of renditions.entries()) {
    const profile = profiles[i] as Profile
    expect(checkRendition(source, probe, profile, SEGMENT_MS)).toEqual({ ok: true })
    expect(probe.audio?.hash).toBe(source.audio?.hash)
    expect(pixels).toBe(BigInt(profile.width * profile.height * probe.video.frames))
    expect(await pool.probe([data])).toEqual({ ok: true, value: probe })
  }
}

async function expectLimits(pool: TranscodePool): Promise<void> {
  const small = PRESETS.get('144p') as Profile
  const many = Array.from({ length: MAX_PROFILES + 1 }, (_, i) => ({ ...small, name: `p${i}` }))
  const most = { ...job, profiles: many.slice(1) }
  expect(await codeOf(pool.transcode(most))).toBe('ok')
  expect(await codeOf(pool.transcode({ ...job, profiles: many }))).toBe('BAD_JOB')
  expect(await codeOf(pool.transcode({ ...job, profiles: [] }))).toBe('BAD_JOB')
  expect(await codeOf(pool.transcode({ ...job, durationMs: 0 }))).toBe('BAD_JOB')
  const longest = { ...job, durationMs: MAX_SEGMENT_DURATION_MS }
  expect(await codeOf(pool.transcode(longest))).toBe('ok')
  const longer = { ...job, durationMs: MAX_SEGMENT_DURATION_MS + 1 }
  expect(await codeOf(pool.transcode(longer))).toBe('BAD_JOB')
  const half = new Uint8Array(MAX_SEGMENT_BYTES / 2 + 1)
  expect(await codeOf(pool.transcode({ ...job, data: [half, half] }))).toBe('TOO_LARGE')
}

describe('a pool', () => {
  test('makes every rendition as its profile says, and refuses jobs out of limits', async () => {
    await withPool({ workers: 2 }, async (pool) => {
      expect(pool.backend).toBe('node-av:libx264')
      expect(pool.capacity).toBe(2)
      await expectLimits(pool)
      await expectFaithful(pool, DEFAULT_LADDER)
      const small = PRESETS.get('144p') as Profile
      await expectFaithful(pool, [
        { ...small, name: 'reordered', h264Profile: 'high', gopSeconds: 0.5 },
        { ...small, name: 'slower', h264Profile: 'baseline', fps: { num: 15, den: 1 } },
      ])
    })
  })

  test('gives the same bytes for the same job, in one process and in another', async () => {
    const digest = async (pool: TranscodePool): Promise<string[]> => {
      const result = await pool.transcode({
        ...job,
        data: [SEGMENT.subarray(0, 1000), SEGMENT.subarray(1000)],
      })
      if (!result.ok) throw new Error(result.error.message)
      return result.value.renditions.map(({ data }) =>
        createHash('sha256').update(data).digest('hex'),
      )
    }
    await withPool({ maxJobsPerWorker: 2 }, async (pool) => {
      const first = await digest(pool)
      const [pid] = pool.workerPids()
      expect(await digest(pool)).toEqual(first)
      expect(await digest(pool)).toEqual(first)
      expect(pool.workerPids()).not.toContain(pid)
    })
  })

  test('answers busy when its workers are at work and its queue is full', async () => {
    await withPool({ workers: 1, maxQueuedJobs: 1 }, async (pool) => {
      const running = pool.transcode(job)
      const queued = pool.transcode(job)
      expect(pool.load()).toEqual({ busy: 1, queued: 1 })
      expect(await codeOf(pool.transcode(job))).toBe('BUSY')
      expect(await Promise.all([codeOf(running), codeOf(queued)])).toEqual(['ok', 'ok'])
    })
  })

  test('has one worker at least and no more than allowed', () => {
    const components = { logger: silentLogger, metrics: noMetrics }
    expect(() => createTranscodePool(components, { workers: 0 })).toThrow()
    expect(() => createTranscodePool(components, { workers: MAX_WORKERS + 1 })).toThrow()
  })
})

describe('hostile segments', () => {
  test('are refused by name and leave the pool at work', async () => {
    const bomb = annexB(sps(8192, 8192), [0x68, 0xce, 0x3c], IDR_SLICE)
    const gap = [...frames(2), { ticks: 90_000_000, payload: annexB([0x41, 0x9a]) }]
    const noise = Buffer.from(SEGMENT)
    for (let at = 20_000; at < noise.length; at += 97) noise[at] = (noise[at] as number) ^ 0x5a
    const cases: readonly [string, Uint8Array][] = [
      ['NOT_MPEGTS', Buffer.from('#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n')],
      ['NOT_MPEGTS', Buffer.from("ffconcat version 1.0\nfile '/etc/passwd'\n")],
      ['NOT_MPEGTS', createHash('sha512').update('noise').digest()],
      ['TOO_MANY_PIXELS', transportStream([{ ticks: 90_000, payload: bomb }])],
      ['BAD_TIMESTAMPS', transportStream(gap)],
      ['DECODE_FAILED', transportStream(frames(30))],
    ]
    await withPool({}, async (pool) => {
      for (const [code, bytes] of cases) {
        expect(await codeOf(pool.transcode({ ...job, data: [bytes] }))).toBe(code)
      }
      // Damage can hit what the decoder never reads, so the outcome is open but never a crash.
      for (const bytes of [noise, SEGMENT.subarray(0, 100_000), SEGMENT.subarray(50_001)]) {
        const code = await codeOf(pool.transcode({ ...job, data: [bytes] }))
        expect(['WORKER_CRASHED', 'DEADLINE', 'OUT_OF_MEMORY']).not.toContain(code)
      }
      await expectFaithful(pool, DEFAULT_LADDER)
    })
  })
})

describe('a worker that', () => {
  test('is killed in the middle of a job costs that job alone', async () => {
    await withPool({}, async (pool) => {
      const doomed = pool.transcode(job)
      for (const pid of pool.workerPids()) process.kill(pid, 'SIGKILL')
      expect(await codeOf(doomed)).toBe('WORKER_CRASHED')
      expect(await codeOf(pool.transcode(job))).toBe('ok')
    })
  })

  test('hangs is killed at the deadline', async () => {
    await withPool({ deadlineFloorMs: 300, deadlineRatio: 0 }, async (pool) => {
      const [pid] = pool.workerPids() as [number]
      process.kill(pid, 'SIGSTOP')
      expect(await codeOf(pool.transcode(job))).toBe('DEADLINE')
      await until(() => !isAlive(pid))
    })
  })

  test.runIf(process.platform === 'linux')('takes too much memory is killed', async () => {
    await withPool({ maxWorkerRssBytes: 1_000_000 }, async (pool) => {
      const [pid] = pool.workerPids() as [number]
      process.kill(pid, 'SIGSTOP')
      expect(await codeOf(pool.transcode(job))).toBe('OUT_OF_MEMORY')
      await until(() => !isAlive(pid))
    })
  })

  test('works on an aborted job is ended, and a waiting job leaves the queue', async () => {
    await withPool({}, async (pool) => {
      const [pid] = pool.workerPids() as [number]
      const reason = new Error('no longer wanted')
      const controller = new AbortController()
      const running = pool.transcode(job, { signal: controller.signal })
      const queued = pool.transcode(job, { signal: controller.signal })
      controller.abort(reason)
      await expect(running).rejects.toBe(reason)
      await expect(queued).rejects.toBe(reason)
      expect(pool.load().queued).toBe(0)
      await until(() => !isAlive(pid))
      expect(await codeOf(pool.transcode(job))).toBe('ok')
    })
  })
})

test('stop lets a running job finish and leaves no process', async () => {
  let pids: readonly number[] = []
  let running: Promise<string> = Promise.resolve('')
  await withPool({ workers: 2 }, async (pool) => {
    running = codeOf(pool.transcode({ ...job, profiles: [PRESETS.get('144p') as Profile] }))
    pids = pool.workerPids()
    await pool.stop()
    expect(await codeOf(pool.transcode(job))).toBe('STOPPED')
  })
  expect(await running).toBe('ok')
  expect(pids.length).toBeGreaterThan(0)
  expect(pids.filter(isAlive)).toEqual([])
})

test.skipIf(findSystemFfmpeg() === null)('a system ffmpeg makes the same renditions', async () => {
  await withPool({ backend: 'system' }, async (pool) => {
    expect(pool.backend).toBe('system:libx264')
    await expectFaithful(pool, DEFAULT_LADDER)
    expect(await codeOf(pool.transcode({ ...job, data: [transportStream(frames(30))] }))).toBe(
      'ENCODE_FAILED',
    )
  })
})
