import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PeerProcess } from '../../scripts/testnet/peer-process.ts'
import type { OrchestratorStatus } from '../../scripts/testnet/statuses.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { segmentFile } from '../../src/media/segmenter.ts'
import { type Market, startMarket, statusWhen } from '../helpers/e2e.ts'
import { Cleanup, until } from '../helpers/fixtures.ts'

const cleanup = new Cleanup()
let market: Market
let broadcaster: PeerProcess
let orchestrator: PeerProcess
const segments: Uint8Array[] = []

beforeAll(async () => {
  market = await startMarket(cleanup, { orchestrators: 1, broadcasters: 1 })
  orchestrator = market.network.orchestrators[0] as PeerProcess
  broadcaster = await market.broadcaster(1)
  const source = { path: market.sample, pace: 'fast', maxDurationMs: 12_000 } as const
  for await (const { data } of segmentFile({ logger: silentLogger }, source)) segments.push(data)
})
afterAll(() => cleanup.run())

async function push(index: number): Promise<number> {
  const body = segments[index] as Uint8Array<ArrayBuffer>
  const headers = { 'content-duration': '2000' }
  const url = `${broadcaster.ready.http}/live/show/${index}.ts`
  return (await fetch(url, { method: 'PUT', body, headers })).status
}

async function killed(peer: PeerProcess): Promise<void> {
  peer.kill('SIGKILL')
  await until(async () => !peer.isRunning())
}

const bought = async () => (await statusWhen(broadcaster, () => true)).broadcaster.orders
const sold = async () =>
  ((await orchestrator.status<OrchestratorStatus>()) as OrchestratorStatus).orchestrator.orders

describe('an order whose nodes are killed', () => {
  test('goes on after a restart of either, at its price and with its credit, and no segment is lost', async () => {
    expect([await push(0), await push(1)]).toEqual([200, 200])
    const [before] = await sold()

    await killed(orchestrator)
    const [pushed, again] = await Promise.all([push(2), market.again(orchestrator)])
    orchestrator = again
    expect(pushed).toBe(200)
    expect(await push(3)).toBe(200)

    await killed(broadcaster)
    broadcaster = await market.again(broadcaster)
    expect([await push(4), await push(5)]).toEqual([200, 200])
    const { decisions } = (await statusWhen(broadcaster, () => true)).broadcaster
    // Nobody was asked for a price again.
    expect(decisions).toEqual([])

    const [order, ...others] = await sold()
    expect(others).toEqual([])
    expect(order).toMatchObject({
      orderId: before?.orderId,
      priceNum: before?.priceNum,
      segments: segments.length,
    })
    const [ours] = await bought()
    expect(ours).toMatchObject({
      creditedWei: order?.creditedWei,
      debitedWei: order?.debitedWei,
    })
  })
})
