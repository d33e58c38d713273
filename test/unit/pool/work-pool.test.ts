import { setMaxListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { err, ok, type Result } from '../../../src/lib/result.ts'
import { abilityOf } from '../../../src/media/ability.ts'
import { DEFAULT_LADDER } from '../../../src/media/profile.ts'
import type { WorkerAccounts } from '../../../src/pool/accounts.ts'
import type { Inspector, Scrutiny } from '../../../src/pool/inspector.ts'
import { poolLimits } from '../../../src/pool/limits.ts'
import type { Member, MemberFault, MemberWork } from '../../../src/pool/member.ts'
import { createPoolMetrics } from '../../../src/pool/metrics.ts'
import { createWorkPool } from '../../../src/pool/work-pool.ts'
import { manualClock } from '../../helpers/fakes.ts'

const job = { data: [Uint8Array.of(1)], durationMs: 2_000, profiles: DEFAULT_LADDER }
const made: MemberWork = {
  outputs: DEFAULT_LADDER.map(({ name }) => ({ name, data: Uint8Array.of(2) })),
  pixels: null,
}

type Answer = Result<MemberWork, MemberFault>

/** A worker whose answers the test gives, in any order. */
function scripted(id: string, change: Partial<Member> = {}) {
  const jobs: { answer(result: Answer): void; signal: AbortSignal | undefined }[] = []
  const member: Member = {
    ...{ id, trust: 'private', account: null, slots: 1, ability: abilityOf('node-av:libx264') },
    busy: () => 0,
    isOpen: () => true,
    work: (_job, { signal }) =>
      new Promise((answer, reject) => {
        jobs.push({ answer, signal })
        signal?.addEventListener('abort', () => reject(signal.reason as Error))
      }),
    ...change,
  }
  return { member, jobs }
}

function house(inspect: Partial<Inspector> = {}, draws: readonly number[] = []) {
  const ejected: string[] = []
  const scrutinies: Scrutiny[] = []
  const left = [...draws]
  const inspector: Inspector = {
    async inspect(_job, { outputs }, scrutiny) {
      scrutinies.push(scrutiny)
      return ok(outputs.map((output) => ({ ...output, pixels: 1n })))
    },
    isReadable: async () => true,
    ...inspect,
  }
  const accounts = {
    worked: async () => 0n,
    eject: async ({ id }: { id: string }) => {
      ejected.push(id)
      return 0n
    },
  } as Partial<WorkerAccounts> as WorkerAccounts
  const pool = createWorkPool(
    {
      ...{ inspector, accounts, logger: silentLogger, metrics: createPoolMetrics(noMetrics) },
      clock: manualClock(),
      dismiss() {},
      draw: () => left.shift() ?? 1,
    },
    { spotCheckOneIn: 10 },
  )
  return { pool, ejected, scrutinies }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const lost: Answer = err({ code: 'LOST', detail: 'gone' })

describe('S3: a job', () => {
  test('goes to the next worker when one is lost, fails or has no slot', async () => {
    for (const code of ['LOST', 'FAILED', 'NO_SLOT'] as const) {
      const { pool } = house()
      const [a, b] = [scripted('a'), scripted('b')]
      pool.join(a.member)
      pool.join(b.member)
      const working = pool.work(job, {})
      await turn()
      const [first, second] = a.jobs.length === 1 ? [a, b] : [b, a]
      first.jobs[0]?.answer(err({ code, detail: '' }))
      await turn()
      second.jobs[0]?.answer(ok(made))
      expect(await working).toMatchObject({ ok: true, value: { worker: second.member.id } })
    }
  })

  test('is tried by a second worker when the first is late; the first good answer counts', async () => {
    const { pool } = house()
    const [a, b] = [scripted('a'), scripted('b')]
    pool.join(a.member)
    pool.join(b.member)
    const working = pool.work({ ...job, durationMs: 1 }, {})
    await expect.poll(() => a.jobs.length + b.jobs.length).toBe(2)
    b.jobs[0]?.answer(ok(made))
    expect(await working).toMatchObject({ ok: true, value: { worker: 'b' } })
    expect(a.jobs[0]?.signal?.aborted).toBe(true)
  })

  test('waits for a worker that may come back, and is given up after its last attempt', async () => {
    const { pool } = house()
    const a = scripted('a')
    pool.join(a.member)
    const working = pool.work(job, {})
    for (let attempt = 0; attempt < poolLimits.maxAttempts; attempt++) {
      await expect.poll(() => a.jobs.length).toBe(attempt + 1)
      a.jobs[attempt]?.answer(lost)
    }
    expect(await working).toMatchObject({ ok: false, error: { code: 'WORK_FAILED' } })
  })

  test('that its only worker cannot do is not given to it again', async () => {
    const { pool } = house()
    const a = scripted('a')
    pool.join(a.member)
    const working = pool.work(job, {})
    await turn()
    a.jobs[0]?.answer(err({ code: 'FAILED', detail: 'no' }))
    expect(await working).toMatchObject({ ok: false, error: { code: 'WORK_FAILED' } })
    expect(a.jobs).toHaveLength(1)
  })

  test('goes round a worker that failed lately, but rather to it than to nobody', async () => {
    const { pool } = house()
    const [a, b] = [scripted('a'), scripted('b')]
    pool.join(a.member)
    const working = pool.work(job, {})
    await turn()
    pool.join(b.member)
    a.jobs[0]?.answer(lost)
    await turn()
    b.jobs[0]?.answer(ok(made))
    await working
    const next = pool.work(job, {})
    await turn()
    expect([a.jobs.length, b.jobs.length]).toEqual([1, 2])
    pool.leave(b.member)
    b.jobs[1]?.answer(lost)
    await expect.poll(() => a.jobs.length).toBe(2)
    a.jobs[1]?.answer(ok(made))
    expect(await next).toMatchObject({ ok: true, value: { worker: 'a' } })
  })

  test('is not called unreadable on the word of a remote worker', async () => {
    const { pool } = house()
    const [a, b] = [scripted('a'), scripted('b')]
    pool.join(a.member)
    const working = pool.work(job, {})
    await turn()
    pool.join(b.member)
    a.jobs[0]?.answer(err({ code: 'UNREADABLE', detail: 'it says' }))
    await turn()
    b.jobs[0]?.answer(ok(made))
    expect((await working).ok).toBe(true)

    const other = house({ isReadable: async () => false })
    other.pool.join(a.member)
    const refused = other.pool.work(job, {})
    await turn()
    a.jobs[1]?.answer(err({ code: 'UNREADABLE', detail: 'it says' }))
    expect(await refused).toMatchObject({ ok: false, error: { code: 'UNREADABLE' } })
  })
})

describe('S19: a pool', () => {
  test('is busy at once without anyone who can do it', async () => {
    const { pool } = house()
    expect(await pool.work(job, {})).toMatchObject({ ok: false, error: { code: 'BUSY' } })
    expect(pool.isFull()).toBe(true)
    const small = { ...abilityOf('node-av:libx264'), maxWidth: 100 }
    pool.join(scripted('small', { ability: small }).member)
    expect(await pool.work(job, {})).toMatchObject({ ok: false, error: { code: 'BUSY' } })
  })

  test('lets so many jobs wait and no more, and is full meanwhile', async () => {
    const { pool } = house()
    const a = scripted('a')
    pool.join(a.member)
    expect(pool.isFull()).toBe(false)
    const controller = new AbortController()
    const { signal } = controller
    setMaxListeners(0, signal)
    const waiting = Array.from({ length: 1 + poolLimits.maxWaitingJobs }, () =>
      pool.work(job, { signal }).catch((error: unknown) => error),
    )
    await turn()
    expect(pool.load()).toMatchObject({ busy: 1, waiting: poolLimits.maxWaitingJobs })
    expect(pool.isFull()).toBe(true)
    expect(await pool.work(job, {})).toMatchObject({ ok: false, error: { code: 'BUSY' } })
    controller.abort()
    await Promise.all(waiting)
    expect(pool.load()).toMatchObject({ busy: 0, waiting: 0 })
  })
})

describe('S4: what a worker made', () => {
  const isDrawn = 0

  test('is looked at as closely as its maker deserves; the draw comes after the result', async () => {
    const { pool, scrutinies } = house({}, [1, isDrawn, 1])
    for (const trust of ['private', 'public', 'public'] as const) {
      const a = scripted('a', { trust })
      pool.join(a.member)
      const working = pool.work(job, {})
      await turn()
      expect(scrutinies).toHaveLength(0)
      a.jobs[0]?.answer(ok(made))
      expect((await working).ok).toBe(true)
      const seen = scrutinies.pop()
      if (trust === 'private') expect(seen).toEqual({ pictures: false, reworked: null })
      else expect(seen?.pictures).toBe(true)
      pool.leave(a.member)
    }
  })

  test.each([
    ['public', 'WRONG_PICTURE', true],
    ['private', 'WRONG_RENDITION', false],
    ['public', 'NOT_INSPECTED', false],
  ] as const)(
    'by a %s worker with %s does not leave; ejected: %s',
    async (trust, code, isEjected) => {
      const { pool, ejected } = house({ inspect: async () => err({ code, detail: '' }) })
      const [a, b] = [scripted('a', { trust }), scripted('b', { trust: 'own' })]
      pool.join(a.member)
      const working = pool.work(job, {})
      await turn()
      pool.join(b.member)
      a.jobs[0]?.answer(ok(made))
      await expect.poll(() => b.jobs.length).toBe(1)
      b.jobs[0]?.answer(ok({ ...made, pixels: [5n, 6n] }))
      expect(await working).toMatchObject({ ok: true, value: { worker: 'b' } })
      expect(ejected).toEqual(isEjected ? ['a'] : [])
    },
  )
})
