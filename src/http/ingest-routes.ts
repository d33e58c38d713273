import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AbortOptions } from '../lib/abort.ts'
import type { Result } from '../lib/result.ts'
import { HttpRequestError } from './errors.ts'
import { defaultSegmentDurationMs, httpLimits } from './limits.ts'
import { type InlineRendition, multipartOf } from './multipart.ts'
import { isName, parseSegmentFile } from './names.ts'
import type { RouteContext, RouteSet } from './route-set.ts'

/** A segment as it was pushed. */
export interface PushedSegment {
  readonly seq: number
  readonly data: Uint8Array
  readonly durationMs: number
  /** What the sender says of it; a claim, to be probed. */
  readonly resolution?: { readonly width: number; readonly height: number }
}

/** What came back for a pushed segment. */
export interface PushResult {
  readonly renditions: readonly InlineRendition[]
}

/** Why a pushed segment has no renditions; `status` is what the sender is answered with. */
export interface PushFault {
  readonly code: string
  readonly message: string
  readonly status: number
}

/** Where pushed segments go. */
export interface SegmentIngest {
  /** Settles when the renditions are published. The signal fires when the sender has gone. */
  push(
    stream: string,
    segment: PushedSegment,
    options: AbortOptions,
  ): Promise<Result<PushResult, PushFault>>
  /** The stream has ended. Called again for a stream that has ended already. */
  end(stream: string): Promise<void>
}

type StreamRequest = FastifyRequest<{ Params: { stream: string; file: string } }>

/**
 * Takes a stream as segments pushed over HTTP.
 *
 * - `PUT|POST /live/<stream>/<seq>.ts` – a segment; answered when its renditions are done, with
 *   the renditions inline when the sender accepts `multipart/mixed`. `Content-Duration` is in
 *   milliseconds, `Content-Resolution` is `WxH`.
 * - `PUT|POST /live/<stream>/<any>.m3u8` – a muxer's own playlist; its `#EXT-X-ENDLIST` ends the stream
 * - `DELETE /live/<stream>` or of the playlist – ends the stream
 * - `DELETE /live/<stream>/<seq>.ts` – accepted and ignored: what is published stays published
 */
export function createIngestRoutes(ingest: SegmentIngest): RouteSet {
  return {
    writes: true,
    async register(app, context) {
      app.removeAllContentTypeParsers()
      app.addContentTypeParser(
        '*',
        { parseAs: 'buffer' },
        async (_request: unknown, body: Buffer) => body,
      )
      app.addHook('onRequest', async (request) => context.guardWrite(request))
      limitInFlight(app, context)
      const path = '/live/:stream/:file'
      app.route({
        method: ['PUT', 'POST'],
        url: path,
        bodyLimit: httpLimits.maxSegmentBytes,
        handler: async (request: StreamRequest, reply) =>
          handlePush(ingest, context, request, reply),
      })
      app.delete(path, async ({ params }: StreamRequest, reply) => {
        const stream = streamOf(params.stream)
        if (params.file.endsWith('.m3u8')) await ingest.end(stream)
        else if (parseSegmentFile(params.file) === null) throw badFile()
        return reply.code(204).send()
      })
      app.delete<{ Params: { stream: string } }>('/live/:stream', async ({ params }, reply) => {
        await ingest.end(streamOf(params.stream))
        return reply.code(204).send()
      })
    },
  }
}

function limitInFlight(app: FastifyInstance, { metrics }: RouteContext): void {
  let inFlight = 0
  app.addHook('onRequest', async (_request, reply) => {
    if (inFlight >= httpLimits.maxIngestInFlight) {
      void reply.header('retry-after', '1')
      throw new HttpRequestError('HTTP_BUSY', 'too many segments are in flight')
    }
    metrics.ingestInFlight.set((inFlight += 1))
    reply.raw.once('close', () => metrics.ingestInFlight.set((inFlight -= 1)))
  })
}

async function handlePush(
  ingest: SegmentIngest,
  { metrics, logger }: RouteContext,
  request: StreamRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const stream = streamOf(request.params.stream)
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  if (request.params.file.endsWith('.m3u8')) {
    if (body.includes('#EXT-X-ENDLIST')) await ingest.end(stream)
    return reply.code(200).send()
  }
  const segment = parseSegment(request, body)
  metrics.ingestBytes.inc({}, body.byteLength)
  const result = await ingest.push(stream, segment, { signal: goneSignal(reply) })
  if (!result.ok) {
    const { code, message, status } = result.error
    logger.warn({ stream, seq: segment.seq, code }, 'pushed segment was not transcoded')
    return reply.code(status).send({ code, message })
  }
  const { renditions } = result.value
  if (!/\bmultipart\/mixed\b/i.test(request.headers.accept ?? '')) {
    const summary = renditions.map(({ name, data }) => ({ name, sizeBytes: data.byteLength }))
    return reply.send({ seq: segment.seq, renditions: summary })
  }
  const multipart = multipartOf(segment.seq, renditions)
  return reply
    .type(multipart.contentType)
    .header('content-length', multipart.sizeBytes)
    .send(multipart.stream)
}

function parseSegment({ params, headers }: StreamRequest, data: Buffer): PushedSegment {
  const seq = parseSegmentFile(params.file)
  if (seq === null) throw badFile()
  if (data.byteLength === 0) throw new HttpRequestError('HTTP_BAD_REQUEST', 'the segment is empty')
  const resolution = parseResolution(headers['content-resolution'])
  return {
    seq,
    data,
    durationMs: parseDuration(headers['content-duration']),
    ...(resolution === undefined ? {} : { resolution }),
  }
}

function parseDuration(text: string | string[] | undefined): number {
  if (text === undefined) return defaultSegmentDurationMs
  const durationMs = typeof text === 'string' && /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (durationMs < 1 || durationMs > httpLimits.maxSegmentDurationMs) {
    throw new HttpRequestError(
      'HTTP_BAD_REQUEST',
      `Content-Duration is milliseconds from 1 to ${httpLimits.maxSegmentDurationMs}`,
    )
  }
  return durationMs
}

function parseResolution(text: string | string[] | undefined): PushedSegment['resolution'] {
  if (text === undefined) return undefined
  const match = typeof text === 'string' ? /^(\d{1,5})x(\d{1,5})$/.exec(text) : null
  if (match === null) {
    throw new HttpRequestError('HTTP_BAD_REQUEST', 'Content-Resolution is WIDTHxHEIGHT')
  }
  return { width: Number(match[1]), height: Number(match[2]) }
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort()
  })
  return controller.signal
}

function streamOf(name: string): string {
  if (!isName(name)) throw new HttpRequestError('HTTP_BAD_REQUEST', 'not a name for a stream')
  return name
}

function badFile(): HttpRequestError {
  return new HttpRequestError('HTTP_BAD_REQUEST', 'a segment is named <sequence number>.ts')
}
