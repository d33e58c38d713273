import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PeerProcess } from '../../scripts/testnet/peer-process.ts'
import type { StreamJson } from '../../scripts/testnet/statuses.ts'
import { type Market, rpc, startMarket, statusWhen, streamWhen } from '../helpers/e2e.ts'
import { play, startByOtherReader, stumblesOf } from '../helpers/e2e-hls.ts'
import { descendantsOf } from '../helpers/e2e-processes.ts'
import { Cleanup } from '../helpers/fixtures.ts'

const SEGMENTS = 6

const cleanup = new Cleanup()
let market: Market
beforeAll(async () => {
  market = await startMarket(cleanup, { orchestrators: 3, broadcasters: 5 })
})
afterAll(() => cleanup.run())

const streamOf = (): object => ({
  name: 'show',
  input: market.sample,
  pace: 'fast',
  maxDurationMs: 2_000 * SEGMENTS,
})

const transactionsOf = ({ ready }: PeerProcess): Promise<unknown> =>
  rpc(market.chain, 'eth_getTransactionCount', ready.address, 'pending')

interface Disturbed {
  readonly peer: PeerProcess
  readonly worker: PeerProcess
  readonly stream: StreamJson
  /** The broadcaster sent no transaction. */
  readonly quiet: boolean
}

/** Starts a stream, does something to whoever works it in the middle of a segment, and waits. */
async function disturb(index: number, how: (worker: PeerProcess) => void): Promise<Disturbed> {
  const peer = await market.broadcaster(index, { streams: [streamOf()] })
  const before = await transactionsOf(peer)
  const { provider } = await streamWhen(peer, (stream) => {
    const { sent, returned } = stream.segments
    return returned >= 2 && sent > returned && stream.provider !== null
  })
  const worker = market.network.orchestrators.find(({ ready }) => ready.peerId === provider)
  if (worker === undefined) throw new Error(`${provider} is none of the orchestrators`)
  how(worker)
  const stream = await streamWhen(peer, ({ state }) => state !== 'running')
  return { peer, worker, stream, quiet: (await transactionsOf(peer)) === before }
}

/** Share of segments that may be sent twice, as the config has it by default. */
const HEDGE_BUDGET = 0.1

/** Every segment came back once, nothing went over the chain, and what it cost more is bounded. */
async function expectUnharmed({ peer, stream, quiet }: Disturbed): Promise<void> {
  const { state, error, segments, extra } = stream
  expect({ state, error }).toEqual({ state: 'ended', error: null })
  expect(segments).toMatchObject({ sent: SEGMENTS, returned: SEGMENTS, failed: 0 })
  await expectWhole(peer)
  expect(quiet).toBe(true)
  const { broadcaster } = await statusWhen(peer, () => true)
  const fees = broadcaster.orders.reduce((sum, { debitedWei }) => sum + BigInt(debitedWei), 0n)
  const dearest = broadcaster.orders.reduce(
    (max, { priceNum, segments: n }) => (n > 0 && BigInt(priceNum) > max ? BigInt(priceNum) : max),
    0n,
  )
  expect(extra.hedges).toBeLessThanOrEqual(1 + Math.ceil(HEDGE_BUDGET * SEGMENTS))
  expect(extra.unused).toBeLessThanOrEqual(extra.hedges)
  // One segment is 360p and 240p of 60 frames.
  const segmentFee = dearest * 60n * (640n * 360n + 432n * 240n)
  expect(BigInt(extra.feesWei)).toBeLessThanOrEqual(segmentFee * BigInt(extra.unused))
  expect(BigInt(extra.feesWei)).toBeLessThan(fees)
}

async function expectWhole({ ready }: PeerProcess): Promise<void> {
  const renditions = await play(`${ready.http}/stream/show.m3u8`)
  expect(renditions).toHaveLength(2)
  for (const rendition of renditions) {
    expect(rendition.ended).toBe(true)
    expect(stumblesOf(rendition, SEGMENTS)).toEqual([])
    for (const { bytes, probe } of rendition.segments) {
      expect(startByOtherReader(bytes)).toBeCloseTo(probe.startPtsMs, 1)
    }
  }
}

describe('when the working orchestrator', () => {
  test('S18 is killed, another finishes the stream: nothing missing, no transaction', async () => {
    const disturbed = await disturb(1, ({ kill }) => kill('SIGKILL'))
    const { worker, stream } = disturbed
    expect(stream.byProvider[worker.ready.peerId]).toBeGreaterThanOrEqual(2)
    expect(Object.keys(stream.byProvider).length).toBeGreaterThanOrEqual(2)
    expect(worker.isRunning()).toBe(false)
    await expectUnharmed(disturbed)
    await market.network.again(worker)
  })

  test('S18 freezes with its connections open, another finishes the stream', async () => {
    const disturbed = await disturb(2, ({ kill }) => kill('SIGSTOP'))
    disturbed.worker.kill('SIGCONT')
    const { segments, byProvider, extra } = disturbed.stream
    // It is sent again when it is late, or at the latest when its deadline is over.
    expect(segments.retried + extra.hedges).toBeGreaterThanOrEqual(1)
    expect(Object.keys(byProvider).length).toBeGreaterThanOrEqual(2)
    await expectUnharmed(disturbed)
  })

  test('S18 becomes slower than a segment may take, another goes on', async () => {
    const disturbed = await disturb(3, (worker) => market.network.wayTo(worker).setDelay(6_000))
    market.network.wayTo(disturbed.worker).setDelay(5)
    const { byProvider, extra } = disturbed.stream
    expect(extra.hedges).toBeGreaterThanOrEqual(1)
    expect(Object.keys(byProvider).length).toBeGreaterThanOrEqual(2)
    await expectUnharmed(disturbed)
  })

  test('S18 loses its connections, the stream goes on where it was or elsewhere', async () => {
    const disturbed = await disturb(4, (worker) => market.network.wayTo(worker).cut())
    await expectUnharmed(disturbed)
  })
})

test('S19 who has no room for what it takes is left before a segment is missing', async () => {
  const honest = market.network.orchestrators.at(-1)
  if (honest === undefined) throw new Error('no orchestrator')
  await honest.stop()
  // The cheapest of all says that it has room for a hundred, and nobody there does any work.
  const liar = await market.network.again(honest, { pricePerUnit: '1000000', slots: 100 })
  // Workers that get stuck are replaced, so it takes more than stopping them once.
  const idle = setInterval(() => {
    for (const { pid } of descendantsOf(liar.pid)) process.kill(pid, 'SIGSTOP')
  }, 100)
  cleanup.add(async () => clearInterval(idle))
  // Long enough to have heard of everyone.
  const peer = await market.broadcaster(5, { streams: [streamOf()], settleMs: 4_000 })
  const before = await transactionsOf(peer)
  const stream = await streamWhen(peer, ({ state }) => state !== 'running')
  const { decisions } = (await statusWhen(peer, () => true)).broadcaster
  expect(decisions.map(({ chosenPeerId }) => chosenPeerId)).toContain(liar.ready.peerId)
  expect(stream.byProvider[liar.ready.peerId]).toBeUndefined()
  const quiet = (await transactionsOf(peer)) === before
  await expectUnharmed({ peer, worker: liar, stream, quiet })
})
