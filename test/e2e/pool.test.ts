import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PeerProcess } from '../../scripts/testnet/peer-process.ts'
import type {
  OrchestratorStatus,
  PoolJson,
  TranscoderStatus,
} from '../../scripts/testnet/statuses.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { segmentFile } from '../../src/media/segmenter.ts'
import { inspectSegment } from '../../src/media/ts/inspect.ts'
import { SEGMENT, SEGMENT_MS } from '../fixtures/media/fixture.ts'
import { type Market, startMarket, streamWhen } from '../helpers/e2e.ts'
import { createHandMadePayer } from '../helpers/e2e-client.ts'
import { Cleanup, until } from '../helpers/fixtures.ts'

const SECRET = 'a secret of this pool alone'
const cleanup = new Cleanup()
let market: Market
let orchestrator: PeerProcess
let broadcaster: PeerProcess
const segments: Uint8Array[] = []

beforeAll(async () => {
  market = await startMarket(cleanup, { orchestrators: 2, broadcasters: 1 })
  // The one that works is another: with no processes of its own, and cheaper than the first.
  await market.network.orchestrators[1]?.stop()
  orchestrator = await market.orchestrator(2, {
    pricePerUnit: '1000000',
    pool: { local: false, secret: SECRET },
  })
  const source = { path: market.sample, pace: 'fast', maxDurationMs: 20_000 } as const
  for await (const { data } of segmentFile({ logger: silentLogger }, source)) segments.push(data)
})
afterAll(() => cleanup.run())

const poolNow = async (): Promise<PoolJson> =>
  ((await orchestrator.status<OrchestratorStatus>()) as OrchestratorStatus).orchestrator.pool

const standing = async (peer: PeerProcess) =>
  ((await peer.status<TranscoderStatus>()) as TranscoderStatus).transcoder

async function push(index: number): Promise<number> {
  const body = segments[index] as Uint8Array<ArrayBuffer>
  const headers = { 'content-duration': '2000' }
  const url = `${broadcaster.ready.http}/live/show/${index}.ts`
  return (await fetch(url, { method: 'PUT', body, headers })).status
}

const unseen = async (): Promise<void> => {
  const { segments: counts, provider } = await streamWhen(broadcaster, () => true)
  expect(counts).toMatchObject({ failed: 0, retried: 0 })
  expect(provider).toBe(orchestrator.ready.peerId)
}

describe('an orchestrator that lets others work', () => {
  let first: PeerProcess
  let second: PeerProcess

  test('S19: is not ready, and refuses to quote, while nobody works for it', async () => {
    expect(await poolNow()).toMatchObject({ workers: 0, isFull: true })
    const { status } = await fetch(`${orchestrator.ready.http}/readyz`)
    expect(status).toBe(503)
    const payer = await createHandMadePayer(cleanup, market.chain.account(3))
    const probed = inspectSegment(SEGMENT)
    if (!probed.ok) throw new Error(probed.error.message)
    const segment = { data: SEGMENT, durationMs: SEGMENT_MS, probe: probed.value }
    const answer = await payer.ask(orchestrator, segment)
    expect(answer).toMatchObject({ code: 'AT_CAPACITY' })
  })

  test('S1, S4: refuses a worker with another secret, which says so', async () => {
    const stranger = await market.transcoder(9, orchestrator, {
      secret: 'another secret, but long',
    })
    await until(async () => (await standing(stranger)).state === 'refused')
    expect((await standing(stranger)).detail).toMatch(/^BAD_SECRET: /)
    const answer = await fetch(`${stranger.ready.http}/readyz`)
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('BAD_SECRET')
    expect((await poolNow()).workers).toBe(0)
    await stranger.stop()
  })

  test('S1, S2: works with transcoders that have no chain, wallet or stake', async () => {
    ;[first, second] = await Promise.all([
      market.transcoder(1, orchestrator, { secret: SECRET }),
      market.transcoder(2, orchestrator, { secret: SECRET }),
    ])
    await until(async () => (await poolNow()).workers === 2)
    // It looks for nobody else when a segment is late, so that whatever happens shows.
    broadcaster = await market.broadcaster(1, { hedgeBudget: 0 })
    expect([await push(0), await push(1), await push(2)]).toEqual([200, 200, 200])
    await unseen()
    const { members } = await poolNow()
    expect(
      members.filter(({ jobs, msPerMegapixel }) => jobs > 0 && msPerMegapixel !== null),
    ).toHaveLength(2)
    expect(members.map(({ trust }) => trust)).toEqual(['private', 'private'])
  })

  test.each([
    ['killed', 'SIGKILL'],
    ['frozen', 'SIGSTOP'],
  ] as const)(
    'S3: a worker %s mid-segment is not noticed by the broadcaster',
    async (_, signal) => {
      const index = signal === 'SIGKILL' ? 3 : 4
      const pushed = push(index)
      const busy = async () => (await poolNow()).members.find(({ busy: jobs }) => jobs > 0)
      await until(async () => (await busy()) !== undefined)
      const id = (await busy())?.id
      const victim = [first, second].find(({ ready }) => ready.peerId === id) as PeerProcess
      victim.kill(signal)
      expect(await pushed).toBe(200)
      await unseen()
      await until(async () => (await poolNow()).workers === 1)
      if (signal === 'SIGSTOP') victim.kill('SIGCONT')
      else if (victim === first) first = await market.again(victim)
      else second = await market.again(victim)
      await until(async () => (await poolNow()).workers === 2)
    },
  )

  test('S3: workers are restarted one after another under load, and finish what they have', async () => {
    const pushes = (async () => {
      const codes: number[] = []
      for (let index = 5; index < segments.length; index++) codes.push(await push(index))
      return codes
    })()
    for (const worker of [first, second]) {
      await worker.stop()
      await market.again(worker)
      await until(async () => (await poolNow()).workers === 2)
    }
    expect(await pushes).toEqual(Array.from({ length: segments.length - 5 }, () => 200))
    await unseen()
  })
})
