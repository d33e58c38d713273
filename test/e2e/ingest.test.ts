import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PeerProcess } from '../../scripts/testnet/peer-process.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { type SourceSegment, segmentFile } from '../../src/media/segmenter.ts'
import { inspectSegment } from '../../src/media/ts/inspect.ts'
import { type Market, startMarket, statusWhen } from '../helpers/e2e.ts'
import { play, stumblesOf } from '../helpers/e2e-hls.ts'
import { Cleanup } from '../helpers/fixtures.ts'

const cleanup = new Cleanup()
let market: Market
let peer: PeerProcess
const segments: SourceSegment[] = []

beforeAll(async () => {
  market = await startMarket(cleanup, { orchestrators: 1, broadcasters: 2 })
  peer = await market.broadcaster(1)
  const source = { path: market.sample, pace: 'fast', maxDurationMs: 8_000 } as const
  for await (const segment of segmentFile({ logger: silentLogger }, source)) segments.push(segment)
})
afterAll(() => cleanup.run())

async function put(
  path: string,
  body: Uint8Array | string,
  headers: Record<string, string> = {},
  to: PeerProcess = peer,
): Promise<Response> {
  const url = `${to.ready.http}/live/${path}`
  return fetch(url, { method: 'PUT', body: body as Uint8Array<ArrayBuffer> | string, headers })
}

const segment = (index: number): Uint8Array => (segments[index] as SourceSegment).data

async function refusal(
  response: Response,
): Promise<{ status: number; code: string; message: string }> {
  return {
    status: response.status,
    ...((await response.json()) as { code: string; message: string }),
  }
}

/** The parts of a `multipart/mixed` answer: their headers and bodies. */
async function partsOf(response: Response): Promise<{ head: string; body: Uint8Array }[]> {
  const type = response.headers.get('content-type') ?? ''
  const boundary = /^multipart\/mixed; boundary=(\S+)$/.exec(type)?.[1]
  if (boundary === undefined) throw new Error(`not multipart: ${type}`)
  const whole = Buffer.from(await response.arrayBuffer())
  const parts: { head: string; body: Uint8Array }[] = []
  let at = whole.indexOf(`--${boundary}\r\n`)
  while (at >= 0) {
    const headEnd = whole.indexOf('\r\n\r\n', at)
    const next = whole.indexOf(`\r\n--${boundary}`, headEnd)
    const head = whole.toString('latin1', at, headEnd)
    parts.push({ head, body: whole.subarray(headEnd + 4, next) })
    const following = next + 2
    at = whole.indexOf(`--${boundary}\r\n`, following) === following ? following : -1
  }
  return parts
}

describe('a stream that is pushed over HTTP', () => {
  test('is answered when its renditions are done, appears, plays and ends', async () => {
    const master = `${peer.ready.http}/stream/show.m3u8`
    expect((await fetch(master)).status).toBe(404)
    const headers = { 'content-duration': '2000' }
    const first = await put('show/0.ts', segment(0), headers)
    expect(first.status).toBe(200)
    expect(await first.json()).toMatchObject({
      seq: 0,
      renditions: [{ name: '360p' }, { name: '240p' }],
    })
    const [early] = await play(master)
    expect(early).toMatchObject({ ended: false, segments: [{ uri: '360p/0.ts' }] })
    const rest = [1, 2, 3].map((i) => put(`show/${i}.ts`, segment(i), headers))
    expect((await Promise.all(rest)).map(({ status }) => status)).toEqual([200, 200, 200])
    expect(await refusal(await put('show/2.ts', segment(2), headers))).toMatchObject({
      status: 409,
      code: 'DUPLICATE_SEQUENCE',
    })
    expect((await put('show/index.m3u8', '#EXTM3U\n')).status).toBe(200)
    expect((await play(master)).map(({ ended }) => ended)).toEqual([false, false])
    expect((await put('show/index.m3u8', '#EXTM3U\n#EXT-X-ENDLIST\n')).status).toBe(200)
    const renditions = await play(master)
    expect(renditions).toHaveLength(2)
    for (const rendition of renditions) {
      expect(rendition.ended).toBe(true)
      expect(stumblesOf(rendition, 4)).toEqual([])
    }
    const { broadcaster } = await statusWhen(peer, () => true)
    expect(broadcaster.streams).toMatchObject([
      { name: 'show', state: 'ended', segments: { sent: 4, returned: 4, failed: 0 } },
    ])
  })

  test('gives the renditions inline to a sender that accepts them', async () => {
    const response = await put('inline/0.ts', segment(0), { accept: 'multipart/mixed' })
    expect(response.status).toBe(200)
    const parts = await partsOf(response)
    expect(parts.map(({ head }) => /^Rendition-Name: (.+)$/m.exec(head)?.[1]?.trim())).toEqual([
      '360p',
      '240p',
    ])
    const heights = parts.map(({ body }) => {
      const probe = inspectSegment(body)
      return probe.ok ? probe.value.video.height : probe.error.code
    })
    expect(heights).toEqual([360, 240])
    const [published] = await play(`${peer.ready.http}/stream/inline.m3u8`)
    expect(
      Buffer.from(published?.segments[0]?.bytes ?? []).equals(parts[0]?.body ?? Buffer.alloc(0)),
    ).toBe(true)
  })

  test('may begin at any number, and what it claims of a length is not believed', async () => {
    const headers = { 'content-duration': '5000' }
    expect((await put('late/41.ts', segment(0), headers)).status).toBe(200)
    expect((await put('late/42.ts', segment(1))).status).toBe(200)
    const [rendition] = await play(`${peer.ready.http}/stream/late.m3u8`)
    expect(rendition?.text).toContain('#EXT-X-MEDIA-SEQUENCE:41')
    expect(rendition?.segments.map(({ uri }) => uri)).toEqual(['360p/41.ts', '360p/42.ts'])
    for (const { durationMs } of rendition?.segments ?? []) expect(durationMs).toBeCloseTo(2_000, 0)
  })

  test.each<[string, () => Uint8Array | string, number, string | RegExp]>([
    ['text', () => 'this is no video', 422, 'NOT_MPEGTS'],
    [
      'half a segment from its middle',
      () => segment(0).subarray(188 * 400),
      422,
      /^(NO_|NOT_|BAD_)/,
    ],
    ['nothing', () => '', 400, 'HTTP_BAD_REQUEST'],
  ])('refuses %s and goes on', async (name, body, status, code) => {
    const stream = `bad-${name.split(' ')[0]}`
    const refused = await refusal(await put(`${stream}/0.ts`, body()))
    expect(refused.status).toBe(status)
    if (typeof code === 'string') expect(refused.code).toBe(code)
    else expect(refused.code).toMatch(code)
    expect(refused.message).not.toBe('')
    expect((await put(`${stream}/1.ts`, segment(1))).status).toBe(200)
  })

  test('is answered with 503 and a code when nobody is there to work it', async () => {
    const lonely = await market.broadcaster(2, { patienceMs: 100 }, { bootstrap: [] })
    const refused = await refusal(await put('show/0.ts', segment(0), {}, lonely))
    expect(refused).toMatchObject({ status: 503, code: 'NO_ORCHESTRATOR' })
    expect(refused.message).toContain('CPUTranscoding')
    const { broadcaster } = await statusWhen(lonely, () => true)
    expect(broadcaster.streams[0]?.error).toContain('NO_ORCHESTRATOR')
  })
})
