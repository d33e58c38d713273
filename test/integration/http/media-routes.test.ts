import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMediaRoutes, type HlsSource } from '../../../src/http/media-routes.ts'
import { createHttpServer, type HttpServer } from '../../../src/http/server.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'

const segment = Uint8Array.from({ length: 188 * 4 }, (_, i) => i % 251)

let directory: string
let server: HttpServer
let url: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-http-'))
  await writeFile(join(directory, 'p240-7.bin'), segment)
  await writeFile(join(directory, 'secret.txt'), 'do not serve')
  const source: HlsSource = {
    streams: () => ['show', '<script>'],
    master: (stream) => (stream === 'show' ? '#EXTM3U\nshow/p240.m3u8\n' : null),
    media: (stream, rendition) =>
      stream === 'show' && rendition === 'p240' ? '#EXTM3U\np240/7.ts\n' : null,
    segmentPath: (stream, rendition, seq) =>
      stream === 'show' && rendition === 'p240' ? join(directory, `p240-${seq}.bin`) : null,
  }
  server = createHttpServer(
    { logger: silentLogger, metrics: noMetrics },
    { host: '127.0.0.1', port: 0, routes: [createMediaRoutes(source)] },
  )
  await server.start()
  url = server.address().url
})

afterAll(async () => {
  await server.stop()
  await rm(directory, { recursive: true })
})

describe('a player', () => {
  test('walks from the master playlist to a segment by relative addresses', async () => {
    const master = await fetch(`${url}/stream/show.m3u8`)
    expect(master.headers.get('content-type')).toContain('application/vnd.apple.mpegurl')
    expect(master.headers.get('cache-control')).toBe('no-cache')
    const mediaUrl = new URL((await master.text()).split('\n')[1]!, master.url)
    const media = await fetch(mediaUrl)
    expect(media.headers.get('content-type')).toContain('application/vnd.apple.mpegurl')
    const segmentUrl = new URL((await media.text()).split('\n')[1]!, mediaUrl)
    const answer = await fetch(segmentUrl)
    expect(answer.headers.get('content-type')).toBe('video/mp2t')
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(segment)
  })

  test('takes a part of a segment by range', async () => {
    const answer = await fetch(`${url}/stream/show/p240/7.ts`, {
      headers: { range: 'bytes=188-375' },
    })
    expect(answer.status).toBe(206)
    expect(answer.headers.get('content-range')).toBe(`bytes 188-375/${segment.byteLength}`)
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(segment.slice(188, 376))
    const past = await fetch(`${url}/stream/show/p240/7.ts`, { headers: { range: 'bytes=9999-' } })
    expect(past.status).toBe(416)
  })

  test('asks for the size only', async () => {
    const answer = await fetch(`${url}/stream/show/p240/7.ts`, { method: 'HEAD' })
    expect(answer.headers.get('content-length')).toBe(String(segment.byteLength))
  })

  test('may live on another origin', async () => {
    for (const path of ['/stream/show.m3u8', '/stream/show/p240/7.ts', '/stream/none.m3u8']) {
      const answer = await fetch(url + path, { headers: { origin: 'https://player.example' } })
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      await answer.arrayBuffer()
    }
    const preflight = await fetch(`${url}/stream/show/p240/7.ts`, {
      method: 'OPTIONS',
      headers: { origin: 'https://player.example', 'access-control-request-headers': 'range' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toBe('range')
  })

  test('sees a list of streams, with only names in it', async () => {
    const page = await (await fetch(url)).text()
    expect(page).toContain('href="/stream/show.m3u8"')
    expect(page).not.toContain('<script>')
  })
})

describe('what is not there', () => {
  test.each([
    '/stream/other.m3u8',
    '/stream/show/p720.m3u8',
    '/stream/show/p240/8.ts',
    '/stream/show/p720/7.ts',
    '/stream/show/p240/x.ts',
    '/stream/show/p240/7.mp4',
    '/stream/show',
    '/secret.txt',
    '/stream/secret.txt',
  ])('%s is answered 404', async (path) => {
    const answer = await fetch(url + path)
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ code: 'HTTP_NOT_FOUND' })
  })

  test.each([
    '/stream/../secret.txt',
    '/stream/..%2f..%2fetc%2fpasswd.m3u8',
    '/stream/show/..%2f..%2fsecret.txt',
    '/stream/%2e%2e/p240/7.ts',
    '/stream/.hidden.m3u8',
    '/stream/show/p240%2f..%2f/7.ts',
    '/stream/show%00.m3u8',
    `/stream/${'a'.repeat(65)}.m3u8`,
    '//etc/passwd',
  ])('%s does not leave the streams', async (path) => {
    // fetch would resolve the dots itself: the bytes are written as an attacker would.
    const answer = await rawGet(path)
    expect(answer).toMatch(/^HTTP\/1\.1 40[04] /)
    expect(answer).not.toContain('do not serve')
  })
})

async function rawGet(path: string): Promise<string> {
  const socket = connect(server.address().port, '127.0.0.1')
  socket.end(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}
