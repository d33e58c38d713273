import { basename, dirname } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { HttpRequestError } from './errors.ts'
import { isName, parseNamed, parseSegmentFile } from './names.ts'
import type { RouteSet } from './route-set.ts'

/** Where the routes take published streams from. Names it is asked for may not exist. */
export interface HlsSource {
  /** Names of the streams, newest last. */
  streams(): readonly string[]
  /** The master playlist; its URIs are relative to `/stream/`. */
  master(stream: string): string | null
  /** A rendition's playlist; its URIs are relative to `/stream/<stream>/`. */
  media(stream: string, rendition: string): string | null
  /** The file that holds a segment. */
  segmentPath(stream: string, rendition: string, seq: number): string | null
}

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'
const SEGMENT_TYPE = 'video/mp2t'

/**
 * Serves streams as HLS to any player on any origin.
 *
 * - `/` – links to the streams
 * - `/stream/<stream>.m3u8` – master playlist
 * - `/stream/<stream>/<rendition>.m3u8` – media playlist
 * - `/stream/<stream>/<rendition>/<seq>.ts` – segment, whole or by range
 */
export function createMediaRoutes(source: HlsSource): RouteSet {
  return {
    writes: false,
    async register(app) {
      await app.register(fastifyStatic, { serve: false, root: '/', contentType: false })
      app.addHook('onRequest', async (_request, reply) => {
        void reply.header('access-control-allow-origin', '*')
        void reply.header('access-control-expose-headers', 'content-length, content-range')
      })
      app.get('/', async (_request, reply) => sendIndex(reply, source.streams()))
      app.options('/stream/*', async (_request, reply) =>
        reply
          .header('access-control-allow-methods', 'GET, HEAD')
          .header('access-control-allow-headers', 'range')
          .code(204)
          .send(),
      )
      registerPlaylists(app, source)
      registerSegments(app, source)
    },
  }
}

function registerPlaylists(app: FastifyInstance, source: HlsSource): void {
  app.get<{ Params: { file: string } }>('/stream/:file', async ({ params }, reply) => {
    const stream = parseNamed(params.file, '.m3u8')
    return sendPlaylist(reply, stream === null ? null : source.master(stream))
  })
  app.get<{ Params: { stream: string; file: string } }>(
    '/stream/:stream/:file',
    async ({ params }, reply) => {
      const rendition = parseNamed(params.file, '.m3u8')
      const known = rendition !== null && isName(params.stream)
      return sendPlaylist(reply, known ? source.media(params.stream, rendition) : null)
    },
  )
}

function registerSegments(app: FastifyInstance, source: HlsSource): void {
  app.get<{ Params: { stream: string; rendition: string; file: string } }>(
    '/stream/:stream/:rendition/:file',
    async ({ params }, reply) => {
      const seq = parseSegmentFile(params.file)
      const known = seq !== null && isName(params.stream) && isName(params.rendition)
      const path = known ? source.segmentPath(params.stream, params.rendition, seq) : null
      if (path === null) throw notFound()
      void reply.type(SEGMENT_TYPE)
      return reply.sendFile(basename(path), dirname(path), { maxAge: 60_000 })
    },
  )
}

async function sendPlaylist(reply: FastifyReply, playlist: string | null): Promise<FastifyReply> {
  if (playlist === null) throw notFound()
  return reply.type(PLAYLIST_TYPE).header('cache-control', 'no-cache').send(playlist)
}

function notFound(): HttpRequestError {
  return new HttpRequestError('HTTP_NOT_FOUND', 'no such stream, rendition or segment')
}

async function sendIndex(reply: FastifyReply, streams: readonly string[]): Promise<FastifyReply> {
  const items = streams
    .filter(isName)
    .map((stream) => `<li><a href="/stream/${stream}.m3u8">${stream}</a></li>`)
  const list = items.length === 0 ? '<p>No stream yet.</p>' : `<ul>${items.join('')}</ul>`
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-cache')
    .header('content-security-policy', "default-src 'none'")
    .send(`<!doctype html><title>millrace</title><h1>Streams</h1>${list}\n`)
}
