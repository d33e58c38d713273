import { afterEach, expect, test } from 'vitest'
import { hashChunks } from '../../../src/exchange/chunks.ts'
import type { PayerOrder } from '../../../src/exchange/payer-order.ts'
import { concatBytes } from '../../../src/lib/bytes.ts'
import { err, ok } from '../../../src/lib/result.ts'
import { type Profile, parseProfile } from '../../../src/media/profile.ts'
import type { TranscodePool } from '../../../src/media/transcode-pool.ts'
import { inspectSegment } from '../../../src/media/ts/inspect.ts'
import { workerOver } from '../../../src/node/pool-worker.ts'
import { createCopyMember } from '../../../src/pool/copy-member.ts'
import type { WorkPool } from '../../../src/pool/work-pool.ts'
import { SEGMENT, SEGMENT_MS } from '../../fixtures/media/fixture.ts'
import { Cleanup, until, walletOf } from '../../helpers/fixtures.ts'
import { openOrder, startPayer, startProvider } from '../../helpers/fixtures-exchange.ts'
import { openHouse, startWorker } from '../../helpers/fixtures-pool.ts'

const SECRET = 'nobody else knows this'
const STREAMS = 100
const PAYERS = 4
const WORKERS = 4
/** Segments under way at once: streams do not send theirs in the same instant. */
const AT_ONCE = 8
/** They say that they are longer than they are, for deadlines that a busy machine keeps as well. */
const DURATION_MS = 4 * SEGMENT_MS
/** Of a worker: twice what is needed, for attempts that a busy machine takes for late. */
const SLOTS = (2 * STREAMS) / WORKERS
const { signal } = new AbortController()
const cleanup = new Cleanup()
afterEach(() => cleanup.run())

function probed(data: Uint8Array) {
  const probe = inspectSegment(data, SEGMENT_MS)
  if (!probe.ok) throw new Error(probe.error.message)
  return probe.value
}

const { video } = probed(SEGMENT)
const FEE = BigInt(video.width * video.height * video.frames)

function copyProfile(): Profile {
  const { width, height } = video
  const profile = parseProfile({ name: 'copy', width, height, bitrateBps: 1_000_000 })
  if (!profile.ok) throw new Error(profile.error.key)
  return profile.value
}

/** A transcoder's processes that give every segment back as it came. */
function copying(): Pick<TranscodePool, 'transcode'> {
  const member = createCopyMember()
  return {
    async transcode(job) {
      const done = await member.work(job, { signal })
      if (!done.ok) return err({ code: 'BAD_JOB', message: done.error.detail })
      const renditions = done.value.outputs.map((output, i) => ({
        ...{ profile: output.name, data: output.data, probe: probed(output.data) },
        pixels: done.value.pixels?.[i] as bigint,
      }))
      return ok({ source: probed(concatBytes(...job.data)), renditions, transcodeMs: 1 })
    },
  }
}

/** So many open streams, each with a segment that is paid and answered over libp2p. */
async function stream(pool: WorkPool, count: number): Promise<void> {
  const provider = await startProvider(cleanup, { work: workerOver(pool), freeSlots: () => count })
  const asked = { profiles: [copyProfile()], expectedUnits: FEE, segmentMs: DURATION_MS }
  const orders: PayerOrder[] = []
  for (let i = 0; i < PAYERS; i++) {
    const payer = await startPayer(cleanup)
    while (orders.length < ((i + 1) * count) / PAYERS) {
      orders.push(await openOrder(cleanup, payer, provider, asked))
    }
  }
  const data = [SEGMENT]
  const segment = { durationMs: DURATION_MS, data, inputHash: hashChunks(data), fee: FEE }
  const run = async (order: PayerOrder): Promise<void> => {
    const reply = await order.send({ ...segment, index: 0n, sequence: 0n }, { signal })
    if (!reply.ok) throw new Error(`${reply.error.code}: ${reply.error.detail}`)
    expect(reply.value.result).toMatchObject({ debited: FEE, units: FEE })
    expect(SEGMENT.equals(concatBytes(...reply.value.body))).toBe(true)
    expect((await provider.orderOf(order.order)).account()).toMatchObject({ segments: 1 })
  }
  expect(provider.openStreams()).toBe(count)
  const waiting = [...orders]
  const sending = async (): Promise<void> => {
    for (let order = waiting.pop(); order !== undefined; order = waiting.pop()) await run(order)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sending))
}

test('S2 one orchestrator has 100 streams worked by remote transcoders, all of them at it', async () => {
  const house = await openHouse(cleanup, walletOf('orchestrator'), { secret: SECRET })
  const workers = await Promise.all(
    Array.from({ length: WORKERS }, () =>
      startWorker(cleanup, house, {
        ...{ secret: SECRET, slots: SLOTS, processes: copying() },
      }),
    ),
  )
  await until(() => house.pool.load().workers === WORKERS)
  await stream(house.pool, STREAMS)
  const segments = workers.map(({ peerId }) => house.accounts.find(peerId)?.segments ?? 0n)
  expect(segments.reduce((sum, count) => sum + count, 0n)).toBeGreaterThanOrEqual(BigInt(STREAMS))
  for (const count of segments) expect(count).toBeGreaterThan(0n)
})

test('S2 it may be its own pool: streams are worked in its own process', async () => {
  const house = await openHouse(cleanup, walletOf('orchestrator'), { secret: SECRET })
  house.pool.join(createCopyMember())
  await stream(house.pool, STREAMS / 5)
  expect(house.pool.load()).toMatchObject({ workers: 1, busy: 0 })
})
