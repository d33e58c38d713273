import { afterEach, describe, expect, test, vi } from 'vitest'
import { decisions, formatDecision } from '../../../src/cli/decisions.ts'
import { createMetricsRegistry } from '../../../src/http/metrics-registry.ts'
import { createOperatorRoutes, type DecisionQuery } from '../../../src/http/operator-routes.ts'
import { createHttpServer, type HttpServer } from '../../../src/http/server.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import type { Consideration, DecisionRecord } from '../../../src/market/decision.ts'

let server: HttpServer | undefined
afterEach(async () => {
  vi.restoreAllMocks()
  await server?.stop()
  server = undefined
})

const chosen: Consideration = {
  peerId: '12D3KooWchosen00',
  address: '0x00000000000000000000000000000000000000a1',
  pricePerUnit: '1200',
  responseMs: 12.4,
  latencyMs: 180.4,
  isMeasured: true,
  successRate: 0.987,
  delivered: 20,
  stake: 10n ** 19n,
  evWei: 5n,
  faceValueWei: 500n,
  regions: ['eu'],
  isPreferred: true,
  accepted: true,
  chosen: true,
  score: 1.0341,
  why: 'best score of those the owner prefers',
}
const record: DecisionRecord = {
  atMs: 1_700_000_000_000,
  stream: 'talk',
  reason: 'start',
  preset: 'own-first',
  isFromTable: true,
  considered: [
    chosen,
    {
      ...chosen,
      peerId: '12D3KooWrefused0',
      ...{ pricePerUnit: null, latencyMs: null, isPreferred: false, accepted: false },
      ...{ chosen: false, score: null, isMeasured: false, why: 'refused: AT_CAPACITY' },
    },
  ],
  omitted: 3,
  chosenPeerId: chosen.peerId,
}

/** A node's HTTP face, with decisions or without. */
async function node(
  isBroadcaster = true,
): Promise<{ readonly url: string; readonly asked: DecisionQuery[] }> {
  const asked: DecisionQuery[] = []
  const routes = createOperatorRoutes({
    status: { status: async () => ({}) },
    readiness: { readiness: async () => ({ ready: true, reasons: [] }) },
    registry: createMetricsRegistry(),
    decisions: isBroadcaster
      ? {
          async decisions(query) {
            asked.push(query)
            return query.stream === 'nothing' ? [] : [record]
          },
        }
      : null,
  })
  server = createHttpServer(
    { logger: silentLogger, metrics: noMetrics },
    { host: '127.0.0.1', port: 0, token: undefined, routes: [routes] },
  )
  await server.start()
  return { url: server.address().url, asked }
}

async function printed(run: Promise<void>): Promise<string> {
  let text = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  await run
  return text
}

describe('/v1/decisions', () => {
  test('gives the decisions of a stream, the newest so many, amounts as strings', async () => {
    const { url, asked } = await node()
    const answer = await fetch(`${url}/v1/decisions?stream=talk&last=5`)
    const { decisions: found } = (await answer.json()) as { decisions: object[] }
    expect(found).toMatchObject([
      { stream: 'talk', considered: [{ stake: '10000000000000000000' }, {}] },
    ])
    expect(asked).toEqual([{ stream: 'talk', last: 5 }])
  })

  test.each(['last=0', 'last=1001', 'last=1.5', 'last=x', 'last=1&last=2', 'stream=a&stream=b'])(
    'refuses %s',
    async (query) => {
      const { url } = await node()
      const answer = await fetch(`${url}/v1/decisions?${query}`)
      expect(answer.status).toBe(400)
    },
  )

  test('is not there in a node that chooses nobody', async () => {
    const { url } = await node(false)
    expect((await fetch(`${url}/v1/decisions`)).status).toBe(404)
    await expect(decisions({ url, last: 1 })).rejects.toMatchObject({ code: 'NODE_REFUSED' })
  })
})

describe('millrace decisions', () => {
  test('shows who was considered, with what figures, and why not', async () => {
    const { url } = await node()
    const text = await printed(decisions({ url, last: 10 }))
    expect(text.split('\n').slice(0, 5)).toEqual([
      '2023-11-14T22:13:20.000Z  talk  start, own-first, quotes at hand',
      '   orchestrator    price  answer  latency  good  score  why',
      '*  chosen00 (own)  1200   12 ms   180 ms   99 %  1.034  best score of those the owner prefers',
      '   refused0        -      -       -        99 %  -      refused: AT_CAPACITY',
      'and 3 more',
    ])
    const guess = formatDecision({
      ...JSON.parse(JSON.stringify({ ...record, considered: [] })),
      considered: [{ ...chosen, stake: '0', isMeasured: false }],
    })
    expect(guess).toContain('~180 ms')
  })

  test('as JSON, and says so when there is none', async () => {
    const { url, asked } = await node()
    const text = await printed(decisions({ url, stream: 'talk', last: 2, json: true }))
    expect(JSON.parse(text)).toMatchObject([{ stream: 'talk', omitted: 3 }])
    expect(asked).toEqual([{ stream: 'talk', last: 2 }])
    vi.restoreAllMocks()
    expect(await printed(decisions({ url, stream: 'nothing', last: 2 }))).toBe(
      'no orchestrator was chosen yet\n',
    )
  })

  test('says so when no node is there', async () => {
    await expect(decisions({ url: 'http://127.0.0.1:9', last: 1 })).rejects.toMatchObject({
      code: 'NODE_UNREACHABLE',
    })
  })
})
