import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PeerProcess } from '../../scripts/testnet/peer-process.ts'
import type { StreamJson } from '../../scripts/testnet/statuses.ts'
import { type Market, rpc, startMarket, streamWhen } from '../helpers/e2e.ts'
import { play, startByOtherReader, stumblesOf } from '../helpers/e2e-hls.ts'
import { Cleanup } from '../helpers/fixtures.ts'

const SEGMENTS = 6

const cleanup = new Cleanup()
let market: Market
beforeAll(async () => {
  market = await startMarket(cleanup, { orchestrators: 3, broadcasters: 2 })
})
afterAll(() => cleanup.run())

const transactionsOf = ({ ready }: PeerProcess): Promise<unknown> =>
  rpc(market.chain, 'eth_getTransactionCount', ready.address, 'pending')

/** Starts a stream, does something to whoever works it in the middle of a segment, and waits. */
async function disturb(
  index: number,
  how: (worker: PeerProcess) => void,
): Promise<{ peer: PeerProcess; worker: PeerProcess; stream: StreamJson; quiet: boolean }> {
  const source = {
    name: 'show',
    input: market.sample,
    pace: 'fast',
    maxDurationMs: 2_000 * SEGMENTS,
  }
  const peer = await market.broadcaster(index, { streams: [source] })
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
  test('is killed, another finishes the stream: nothing missing, no transaction', async () => {
    const { peer, worker, stream, quiet } = await disturb(1, ({ kill }) => kill('SIGKILL'))
    const { state, error, segments, byProvider } = stream
    expect({ state, error }).toEqual({ state: 'ended', error: null })
    expect(segments).toMatchObject({ sent: SEGMENTS, returned: SEGMENTS, failed: 0 })
    expect(byProvider[worker.ready.peerId]).toBeGreaterThanOrEqual(2)
    expect(Object.keys(byProvider).length).toBeGreaterThanOrEqual(2)
    expect(worker.isRunning()).toBe(false)
    await expectWhole(peer)
    expect(quiet).toBe(true)
  })

  test('freezes with its connections open, another finishes the stream after the deadline', async () => {
    const { peer, worker, stream, quiet } = await disturb(2, ({ kill }) => kill('SIGSTOP'))
    worker.kill('SIGCONT')
    const { state, error, segments, byProvider, extra } = stream
    expect({ state, error }).toEqual({ state: 'ended', error: null })
    expect(segments).toMatchObject({ sent: SEGMENTS, returned: SEGMENTS, failed: 0 })
    // It is sent again when it is late, or at the latest when its deadline is over.
    expect(segments.retried + extra.hedges).toBeGreaterThanOrEqual(1)
    expect(Object.keys(byProvider).length).toBeGreaterThanOrEqual(2)
    await expectWhole(peer)
    expect(quiet).toBe(true)
  })
})
