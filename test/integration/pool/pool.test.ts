import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { ok } from '../../../src/lib/result.ts'
import { DEFAULT_LADDER, PRESETS, type Profile } from '../../../src/media/profile.ts'
import type { TranscodePool } from '../../../src/media/transcode-pool.ts'
import { openWorkerAccounts } from '../../../src/pool/accounts.ts'
import { createLocalMember } from '../../../src/pool/local-member.ts'
import { SEGMENT, SEGMENT_MS } from '../../fixtures/media/fixture.ts'
import { Cleanup, until, walletOf } from '../../helpers/fixtures.ts'
import { type House, openHouse, startWorker } from '../../helpers/fixtures-pool.ts'

const SECRET = 'nobody else knows this'
// It says that it is longer than it is, for a deadline that a busy machine keeps as well.
const job = { data: [SEGMENT], durationMs: 4 * SEGMENT_MS, profiles: DEFAULT_LADDER }
const payer = walletOf('orchestrator')
const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const MINIMUM = 1_000n
const funded = async () => ({ deposit: MINIMUM, isUnlocking: false })

const joined = (house: House, count: number): Promise<void> =>
  until(() => house.pool.load().workers === count)

type Transcode = TranscodePool['transcode']

/** A worker's processes that spoil the renditions they made. */
function spoiling(
  { processes }: House,
  spoil: (name: string, data: Uint8Array) => Uint8Array,
): { transcode: Transcode } {
  return {
    async transcode(asked, options) {
      const done = await processes.transcode(asked, options)
      if (!done.ok) return done
      const renditions = done.value.renditions.map((one) => ({
        ...one,
        data: spoil(one.profile, one.data),
      }))
      return ok({ ...done.value, renditions })
    },
  }
}

/** Processes that make pictures a quarter as large as they are asked for. */
function skimping({ processes }: House): { transcode: Transcode } {
  const small = PRESETS.get('144p') as Profile
  return {
    transcode: (asked, options) =>
      processes.transcode(
        { ...asked, profiles: asked.profiles.map(({ name }) => ({ ...small, name })) },
        options,
      ),
  }
}

async function expectGood(house: House, by: string): Promise<void> {
  const done = await house.pool.work(job, {})
  if (!done.ok) throw new Error(done.error.detail)
  expect(done.value.worker).toBe(by)
  const again = await Promise.all(
    done.value.outputs.map(({ data }) => house.processes.probe([data])),
  )
  expect(
    again.map((one) => (one.ok ? [one.value.video.width, one.value.video.height] : one.error.code)),
  ).toEqual(DEFAULT_LADDER.map(({ width, height }) => [width, height]))
  for (const [i, { pixels }] of done.value.outputs.entries()) {
    const { width, height } = DEFAULT_LADDER[i] as Profile
    expect(pixels % BigInt(width * height)).toBe(0n)
    expect(pixels).toBeGreaterThan(0n)
  }
}

describe('a private pool', () => {
  test('S4: takes who has the secret, in proof of both sides, and uses what it makes', async () => {
    const house = await openHouse(cleanup, payer, { secret: SECRET })
    const worker = await startWorker(cleanup, house, { secret: SECRET })
    await joined(house, 1)
    await until(() => worker.client.standing().state === 'joined')
    expect(worker.client.standing()).toMatchObject({ detail: '', joins: 1 })
    await expectGood(house, worker.peerId)
    // Without an account there is nobody to pay, but what it did is known.
    expect(house.accounts.find(worker.peerId)).toMatchObject({ segments: 1n, earned: 0n })
  })

  test.each([
    ['another secret', { secret: 'and this is another' }, 'BAD_SECRET'],
    ['no secret', { account: walletOf('worker') }, 'SECRET_REQUIRED'],
  ] as const)('S4: refuses a worker with %s', async (_, init, code) => {
    const house = await openHouse(cleanup, payer, { secret: SECRET })
    const { client } = await startWorker(cleanup, house, init)
    await until(() => client.standing().state === 'refused')
    expect(client.standing().detail).toMatch(new RegExp(`^${code}: `))
    expect(house.pool.load().workers).toBe(0)
  })

  test('S19: is full at its limit, and one more worker is refused', async () => {
    const house = await openHouse(cleanup, payer, { secret: SECRET, maxWorkers: 1 })
    await startWorker(cleanup, house, { secret: SECRET })
    await joined(house, 1)
    const { client } = await startWorker(cleanup, house, { secret: SECRET })
    await until(() => client.standing().state === 'refused')
    expect(client.standing().detail).toMatch(/^POOL_FULL: /)
  })

  test('S3: a job goes to another worker when the connection of the first is dropped', async () => {
    const house = await openHouse(cleanup, payer, { secret: SECRET })
    const hanging = { transcode: () => new Promise<never>(() => {}) }
    const first = await startWorker(cleanup, house, { secret: SECRET, processes: hanging })
    await joined(house, 1)
    const working = expectGood(house, 'local')
    await until(() => house.pool.load().busy === 1)
    house.pool.join(createLocalMember(house.processes))
    await house.host.disconnect(first.peerId)
    await working
  })
})

describe('a public pool', () => {
  test.each([
    ['garbage', 'UNREADABLE_OUTPUT', (house: House) => spoiling(house, () => Buffer.from('junk'))],
    [
      'damaged bytes',
      'UNREADABLE_OUTPUT|WRONG_RENDITION',
      (house: House) =>
        spoiling(house, (_, data) => data.map((byte, i) => (i < 400 ? byte : ~byte))),
    ],
    ['wrong pixels', 'WRONG_RENDITION', skimping],
    [
      'the source itself',
      'WRONG_RENDITION',
      (house: House) => spoiling(house, (name, data) => (name === '240p' ? SEGMENT : data)),
    ],
  ] as const)(
    'S4: ejects a worker that returns %s, before it leaves, and withholds its pay',
    async (_, code, cheat) => {
      const house = await openHouse(cleanup, payer, { minDeposit: MINIMUM, funds: funded })
      const account = walletOf('cheat')
      let isHonest = true
      const bad = cheat(house)
      const processes: { transcode: Transcode } = {
        transcode: (asked, options) => (isHonest ? house.processes : bad).transcode(asked, options),
      }
      const cheater = await startWorker(cleanup, house, { account, processes })
      await joined(house, 1)
      await expectGood(house, cheater.peerId)
      const earned = house.accounts.due(cheater.peerId)
      expect(earned).toBeGreaterThan(0n)

      isHonest = false
      const working = expectGood(house, 'local')
      await until(() => house.accounts.ejection(cheater.peerId, null) !== null)
      house.pool.join(createLocalMember(house.processes))
      await working
      expect(house.accounts.find(cheater.peerId)?.ejectedFor).toMatch(new RegExp(`^(${code}): `))
      expect(house.accounts.find(cheater.peerId)).toMatchObject({ earned, withheld: earned })
      expect(house.accounts.due(cheater.peerId)).toBe(0n)
      await until(() => cheater.client.standing().state === 'refused')
      expect(cheater.client.standing().detail).toMatch(/^EJECTED: /)
      expect(house.pool.load().workers).toBe(1)

      // It is out for good: after a restart, and under another peer id with the same account.
      const accounts = await openWorkerAccounts(
        { store: await house.reopen(), clock: systemClock },
        { price: { num: 100n, den: 1n }, sharePercent: 75 },
      )
      expect(accounts.ejection('another peer', account.address)).toMatch(new RegExp(`^(${code}): `))
    },
  )

  test('S4: refuses a deposit that is too small, is about to be withdrawn, or stands for another', async () => {
    let deposit = MINIMUM - 1n
    let isUnlocking = false
    const house = await openHouse(cleanup, payer, {
      minDeposit: MINIMUM,
      funds: async () => ({ deposit, isUnlocking }),
    })
    const account = walletOf('worker')
    const refusalOf = async (): Promise<string> => {
      const { client } = await startWorker(cleanup, house, { account })
      await until(() => ['joined', 'refused'].includes(client.standing().state))
      return client.standing().detail.split(':')[0] ?? ''
    }
    expect(await refusalOf()).toBe('DEPOSIT_TOO_LOW')
    deposit = MINIMUM
    isUnlocking = true
    expect(await refusalOf()).toBe('DEPOSIT_TOO_LOW')
    isUnlocking = false
    expect(await refusalOf()).toBe('')
    expect(await refusalOf()).toBe('DEPOSIT_TOO_LOW')
    deposit = 2n * MINIMUM
    expect(await refusalOf()).toBe('')
  })

  test('S4: lets a worker go whose deposit is withdrawn while it is in the pool', async () => {
    let isUnlocking = false
    const house = await openHouse(cleanup, payer, {
      minDeposit: MINIMUM,
      reviewMs: 20,
      funds: async () => ({ deposit: MINIMUM, isUnlocking }),
    })
    const { client } = await startWorker(cleanup, house, { account: walletOf('worker') })
    await until(() => client.standing().state === 'joined')
    isUnlocking = true
    await until(() => client.standing().state === 'refused')
    expect(client.standing().detail).toMatch(/^DEPOSIT_TOO_LOW: .* unlocks/)
    expect(house.pool.load().workers).toBe(0)
  })

  test('S4: refuses an account that never vouched for the worker', async () => {
    const house = await openHouse(cleanup, payer, { minDeposit: MINIMUM, funds: funded })
    const { client } = await startWorker(cleanup, house, {})
    await until(() => client.standing().state === 'refused')
    expect(client.standing().detail).toMatch(/^ACCOUNT_REQUIRED: /)
  })
})
