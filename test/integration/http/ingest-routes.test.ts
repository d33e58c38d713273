import { request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import {
  createIngestRoutes,
  type PushedSegment,
  type SegmentIngest,
} from '../../../src/http/ingest-routes.ts'
import { httpLimits } from '../../../src/http/limits.ts'
import { createHttpServer, type HttpServer } from '../../../src/http/server.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { err, ok } from '../../../src/lib/result.ts'

const low = Uint8Array.of(0x47, 1, 2, 3)
const high = Uint8Array.of(0x47, 13, 10, 45, 45, 0, 255)

let server: HttpServer | undefined

afterEach(async () => {
  await server?.stop()
  server = undefined
})

interface Recorded extends SegmentIngest {
  readonly pushed: (PushedSegment & { stream: string })[]
  readonly ended: string[]
}

function recorder(push?: SegmentIngest['push']): Recorded {
  const pushed: Recorded['pushed'] = []
  const ended: string[] = []
  const renditions = [
    { name: 'p240', data: low },
    { name: 'p360', data: high },
  ]
  return {
    pushed,
    ended,
    async push(stream, segment, options) {
      pushed.push({ stream, ...segment })
      return push === undefined ? ok({ renditions }) : push(stream, segment, options)
    },
    async end(stream) {
      ended.push(stream)
    },
  }
}

async function serve(ingest: SegmentIngest, token?: string): Promise<string> {
  server = createHttpServer(
    { logger: silentLogger, metrics: noMetrics },
    { host: '127.0.0.1', port: 0, token, routes: [createIngestRoutes(ingest)] },
  )
  await server.start()
  return server.address().url
}

describe('a pushed segment', () => {
  test.each(['PUT', 'POST'])(
    'reaches the ingest by %s with what its headers say',
    async (method) => {
      const ingest = recorder()
      const url = await serve(ingest)
      const body = Uint8Array.from({ length: 5000 }, (_, i) => i % 256)
      const answer = await fetch(`${url}/live/show/12.ts`, {
        method,
        body,
        headers: { 'content-duration': '1960', 'content-resolution': '640x360' },
      })
      expect(answer.status).toBe(200)
      expect(await answer.json()).toEqual({
        seq: 12,
        renditions: [
          { name: 'p240', sizeBytes: 4 },
          { name: 'p360', sizeBytes: 7 },
        ],
      })
      expect(ingest.pushed).toHaveLength(1)
      const { data, ...rest } = ingest.pushed[0]!
      expect(new Uint8Array(data)).toEqual(body)
      expect(rest).toEqual({
        stream: 'show',
        seq: 12,
        durationMs: 1960,
        resolution: { width: 640, height: 360 },
      })
    },
  )

  test('lasts 2 s unless it says otherwise, under any content type or none', async () => {
    const ingest = recorder()
    const url = await serve(ingest)
    for (const type of [
      'application/json',
      'video/mp2t',
      'text/plain',
      'application/octet-stream',
    ]) {
      const headers = { 'content-type': type }
      const answer = await fetch(`${url}/live/show/0.ts`, { method: 'PUT', body: low, headers })
      expect(answer.status).toBe(200)
    }
    expect((await fetch(`${url}/live/show/0.ts`, { method: 'PUT', body: low })).status).toBe(200)
    expect(ingest.pushed.map(({ durationMs }) => durationMs)).toEqual(Array(5).fill(2000))
  })

  test('may carry the name that a muxer gave it', async () => {
    const ingest = recorder()
    const url = await serve(ingest)
    await fetch(`${url}/live/show/index7.ts`, { method: 'PUT', body: low })
    expect(ingest.pushed[0]?.seq).toBe(7)
  })

  test('is answered with its renditions inline when the sender accepts them', async () => {
    const url = await serve(recorder())
    const answer = await fetch(`${url}/live/show/12.ts`, {
      method: 'PUT',
      body: low,
      headers: { accept: 'multipart/mixed' },
    })
    expect(answer.headers.get('content-type')).toMatch(/^multipart\/mixed; boundary=/)
    const parts = parseMultipart(
      answer.headers.get('content-type')!,
      Buffer.from(await answer.arrayBuffer()),
    )
    expect(parts.map(({ headers }) => headers['rendition-name'])).toEqual(['p240', 'p360'])
    expect(parts.map(({ headers }) => headers['content-disposition'])).toEqual([
      'attachment; filename="p240_12.ts"',
      'attachment; filename="p360_12.ts"',
    ])
    expect(parts.map(({ body }) => new Uint8Array(body))).toEqual([low, high])
  })

  test('is answered 503 with the reason when nobody can work it', async () => {
    const refusal = { code: 'NO_ORCHESTRATOR', message: 'no orchestrator', status: 503 }
    const url = await serve(recorder(async () => err(refusal)))
    const answer = await fetch(`${url}/live/show/1.ts`, { method: 'PUT', body: low })
    expect(answer.status).toBe(503)
    expect(await answer.json()).toEqual({ code: 'NO_ORCHESTRATOR', message: 'no orchestrator' })
  })

  test('that breaks the ingest is answered 500 without its insides', async () => {
    const ingest = recorder(async () => {
      throw new Error('private detail')
    })
    const url = await serve(ingest)
    const answer = await fetch(`${url}/live/show/1.ts`, { method: 'PUT', body: low })
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('private detail')
  })

  test('is aborted when its sender hangs up', async () => {
    const aborted = Promise.withResolvers<void>()
    const started = Promise.withResolvers<void>()
    const ingest = recorder(async (_stream, _segment, { signal }) => {
      signal?.addEventListener('abort', () => aborted.resolve())
      started.resolve()
      await aborted.promise
      return ok({ renditions: [] })
    })
    await serve(ingest)
    const socket = connect(server!.address().port, '127.0.0.1')
    socket.write('PUT /live/show/1.ts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n\r\nx')
    await started.promise
    socket.destroy()
    await aborted.promise
  })

  test.each([
    ['PUT', '/live/show/one.ts', {}],
    ['PUT', '/live/show/1.mp4', {}],
    ['PUT', '/live/.hidden/1.ts', {}],
    ['PUT', '/live/..%2fshow/1.ts', {}],
    ['PUT', '/live/show/1234567890123.ts', {}],
    ['PUT', '/live/show/1.ts', { 'content-duration': '0' }],
    ['PUT', '/live/show/1.ts', { 'content-duration': '60001' }],
    ['PUT', '/live/show/1.ts', { 'content-duration': '2s' }],
    ['PUT', '/live/show/1.ts', { 'content-resolution': '640' }],
    ['DELETE', '/live/show/any', {}],
  ])('is refused when malformed: %s %s %o', async (method, path, headers) => {
    const ingest = recorder()
    const url = await serve(ingest)
    const body = method === 'PUT' ? low : null
    const answer = await fetch(url + path, { method, headers, body })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'HTTP_BAD_REQUEST' })
    expect(ingest.pushed).toEqual([])
  })

  test('is refused when empty', async () => {
    const url = await serve(recorder())
    expect((await fetch(`${url}/live/show/1.ts`, { method: 'PUT' })).status).toBe(400)
  })
})

describe('the end of a stream', () => {
  test('is the ENDLIST of the playlist that a muxer pushes along', async () => {
    const ingest = recorder()
    const url = await serve(ingest)
    const put = async (body: string): Promise<number> =>
      (await fetch(`${url}/live/show/index.m3u8`, { method: 'PUT', body })).status
    expect(await put('#EXTM3U\n#EXTINF:2,\nindex0.ts\n')).toBe(200)
    expect(ingest.ended).toEqual([])
    expect(await put('#EXTM3U\n#EXTINF:2,\nindex0.ts\n#EXT-X-ENDLIST\n')).toBe(200)
    expect(ingest.ended).toEqual(['show'])
    expect(ingest.pushed).toEqual([])
  })

  test('is a DELETE of the stream or its playlist, never of a segment', async () => {
    const ingest = recorder()
    const url = await serve(ingest)
    const remove = async (path: string): Promise<number> =>
      (await fetch(url + path, { method: 'DELETE' })).status
    expect(await remove('/live/show/3.ts')).toBe(204)
    expect(ingest.ended).toEqual([])
    expect(await remove('/live/show/index.m3u8')).toBe(204)
    expect(await remove('/live/show')).toBe(204)
    expect(ingest.ended).toEqual(['show', 'show'])
  })
})

describe('limits', () => {
  test('a segment of the largest size passes, one byte more is 413', async () => {
    const ingest = recorder()
    const url = await serve(ingest)
    const largest = new Uint8Array(httpLimits.maxSegmentBytes)
    const passed = await fetch(`${url}/live/show/1.ts`, { method: 'PUT', body: largest })
    expect(passed.status).toBe(200)
    expect(ingest.pushed[0]?.data.byteLength).toBe(httpLimits.maxSegmentBytes)
    expect(await putChunked(`${url}/live/show/2.ts`, httpLimits.maxSegmentBytes + 1)).toBe(413)
    expect(await declare(httpLimits.maxSegmentBytes + 1)).toMatch(/^HTTP\/1\.1 413 /)
    expect(ingest.pushed).toHaveLength(1)
  })

  test('more segments in flight than allowed are told to come back', async () => {
    const release = Promise.withResolvers<void>()
    const full = Promise.withResolvers<void>()
    let inFlight = 0
    const ingest = recorder(async () => {
      if ((inFlight += 1) === httpLimits.maxIngestInFlight) full.resolve()
      await release.promise
      return ok({ renditions: [] })
    })
    const url = await serve(ingest)
    const put = async (seq: number): Promise<Response> =>
      fetch(`${url}/live/show/${seq}.ts`, { method: 'PUT', body: low })
    const held = Array.from({ length: httpLimits.maxIngestInFlight }, (_, seq) => put(seq))
    await full.promise
    const refused = await put(99)
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await refused.json()).toMatchObject({ code: 'HTTP_BUSY' })
    release.resolve()
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual(held.map(() => 200))
    expect((await put(100)).status).toBe(200)
  })
})

describe('who may push', () => {
  test('with a token: only who bears it', async () => {
    const ingest = recorder()
    const url = await serve(ingest, 's3cret')
    const put = async (authorization?: string): Promise<number> => {
      const headers = authorization === undefined ? {} : { authorization }
      return (await fetch(`${url}/live/show/1.ts`, { method: 'PUT', body: low, headers })).status
    }
    expect(await put()).toBe(401)
    expect(await put('Bearer wrong')).toBe(401)
    expect(await put('s3cret')).toBe(401)
    expect(ingest.pushed).toEqual([])
    expect(await put('Bearer s3cret')).toBe(200)
  })

  test('without a token: no web page of another origin, no rebound name', async () => {
    const ingest = recorder()
    const url = await serve(ingest)
    const foreign = { origin: 'https://evil.example', 'content-type': 'text/plain' }
    const page = await fetch(`${url}/live/show/1.ts`, {
      method: 'POST',
      body: low,
      headers: foreign,
    })
    expect(page.status).toBe(403)
    expect(await rawPut('evil.example')).toMatch(/^HTTP\/1\.1 403 /)
    expect(ingest.pushed).toEqual([])
    expect(await rawPut(`localhost:${server!.address().port}`)).toMatch(/^HTTP\/1\.1 200 /)
  })
})

async function rawPut(host: string): Promise<string> {
  return exchange(
    `PUT /live/show/1.ts HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx`,
  )
}

/** Only the head of a request: an answer that comes now was given before the body was read. */
async function declare(sizeBytes: number): Promise<string> {
  return exchange(
    `PUT /live/show/1.ts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${sizeBytes}\r\n\r\n`,
  )
}

async function exchange(text: string): Promise<string> {
  const socket = connect(server!.address().port, '127.0.0.1')
  socket.write(text)
  for await (const chunk of socket) {
    socket.destroy()
    return String(chunk)
  }
  return ''
}

/** Pushes a body of undeclared length, and reads the answer even if the server stops reading. */
async function putChunked(url: string, sizeBytes: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let status: number | undefined
  const req = request(url, { method: 'PUT' }, (answer) => {
    status = answer.statusCode
    answer.resume()
    answer.on('end', () => resolve(status ?? 0))
  })
  req.on('error', (error) => {
    if (status === undefined) reject(error)
  })
  req.end(new Uint8Array(sizeBytes))
  return promise
}

function parseMultipart(
  contentType: string,
  body: Buffer,
): { headers: Record<string, string>; body: Buffer }[] {
  const boundary = `--${/boundary=(.+)$/.exec(contentType)![1]!}`
  const parts: { headers: Record<string, string>; body: Buffer }[] = []
  let at = 0
  while (body.toString('latin1', at + boundary.length, at + boundary.length + 2) === '\r\n') {
    const headEnd = body.indexOf('\r\n\r\n', at)
    const lines = body.toString('latin1', at + boundary.length + 2, headEnd).split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => {
        const [name = '', value = ''] = line.split(/: (.*)/s)
        return [name.toLowerCase(), value]
      }),
    )
    const start = headEnd + 4
    const end = start + Number(headers['content-length'])
    parts.push({ headers, body: body.subarray(start, end) })
    at = end + 2
  }
  return parts
}
