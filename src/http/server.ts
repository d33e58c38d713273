import { type FastifyInstance, type FastifyReply, fastify } from 'fastify'
import { asError, MillraceError, messageOf } from '../lib/errors.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import type { MetricsRegistry } from '../lib/metrics.ts'
import { bindError, HttpRequestError } from './errors.ts'
import { httpLimits } from './limits.ts'
import { isLoopback } from './loopback.ts'
import { createHttpMetrics, type HttpMetrics } from './metrics.ts'
import type { RouteSet } from './route-set.ts'
import { createWriteGuard } from './write-guard.ts'

/** What a server works with. */
export interface HttpServerComponents {
  readonly logger: Logger
  readonly metrics: MetricsRegistry
}

/** Where a server listens and what it carries. */
export interface HttpServerInit {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Bearer token of the routes that write. */
  readonly token?: string | undefined
  readonly routes: readonly RouteSet[]
  /** Time that requests in flight get once `stop` is called. */
  readonly stopDeadlineMs?: number
}

/** Where a started server can be reached. */
export interface HttpAddress {
  readonly host: string
  readonly port: number
  /** `http://host:port`, without a trailing slash. */
  readonly url: string
}

/** An HTTP server with a beginning and an end. */
export interface HttpServer extends Startable {
  /** Where it listens; only between `start` and `stop`. */
  address(): HttpAddress
}

/**
 * A server that carries sets of routes.
 *
 * Invariant: routes that write are never reachable from other machines without a bearer token.
 *
 * @throws `HTTP_PUBLIC_WITHOUT_TOKEN` here; `HTTP_PORT_IN_USE`, `HTTP_BIND_FAILED` from `start`
 */
export function createHttpServer(
  components: HttpServerComponents,
  init: HttpServerInit,
): HttpServer {
  if (init.routes.some(({ writes }) => writes) && init.token === undefined) refusePublic(init.host)
  const metrics = createHttpMetrics(components.metrics)
  let app: FastifyInstance | undefined
  return {
    async start() {
      if (app !== undefined) return
      const starting = createApp(components.logger, metrics)
      try {
        await listen(starting, { ...components, httpMetrics: metrics }, init)
      } catch (error) {
        await starting.close()
        throw error
      }
      app = starting
      components.logger.info({ ...addressOf(starting) }, 'http server listening')
    },
    async stop() {
      const stopping = app
      app = undefined
      if (stopping !== undefined) {
        await close(stopping, init.stopDeadlineMs ?? httpLimits.stopDeadlineMs)
      }
    },
    address() {
      if (app === undefined)
        throw new MillraceError('ASSERTION_FAILED', 'the server is not started')
      return addressOf(app)
    },
  }
}

function refusePublic(host: string): void {
  if (isLoopback(host)) return
  throw new MillraceError(
    'HTTP_PUBLIC_WITHOUT_TOKEN',
    `an HTTP server that takes writes would listen on ${host} for anyone`,
    { hint: 'Configure a bearer token, or bind it to 127.0.0.1', meta: { host } },
  )
}

function createApp(logger: Logger, metrics: HttpMetrics): FastifyInstance {
  const app = fastify({
    forceCloseConnections: 'idle',
    requestTimeout: httpLimits.requestTimeoutMs,
    routerOptions: { maxParamLength: 2 * httpLimits.maxNameLength },
  })
  app.server.maxConnections = httpLimits.maxConnections
  app.addHook('onResponse', async (request, reply) => {
    const method = request.method
    const route = request.routeOptions.url ?? 'unmatched'
    metrics.requests.inc({ method, route, status: String(reply.statusCode) })
    metrics.durations.observe(reply.elapsedTime / 1000, { method, route })
  })
  app.setNotFoundHandler(async (_request, reply) =>
    answer(reply, 404, 'HTTP_NOT_FOUND', 'there is nothing here'),
  )
  app.setErrorHandler(async (thrown: unknown, request, reply) => {
    const { status, code, message } = refusalOf(thrown)
    if (status === 500) {
      logger.error({ err: asError(thrown), route: request.routeOptions.url }, 'request failed')
    }
    return answer(reply, status, code, message)
  })
  return app
}

function refusalOf(thrown: unknown): { status: number; code: string; message: string } {
  if (thrown instanceof HttpRequestError) {
    return { status: thrown.statusCode, code: thrown.code, message: thrown.shortMessage }
  }
  // What fastify itself refuses: a body too large, a malformed length.
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : 500
  if (status === 413) return { status, code: 'HTTP_TOO_LARGE', message: 'the body is too large' }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return { status, code: 'HTTP_BAD_REQUEST', message: messageOf(thrown) }
  }
  const code = thrown instanceof MillraceError ? thrown.code : 'HTTP_INTERNAL'
  return { status: 500, code, message: 'the request failed; the log says why' }
}

async function answer(
  reply: FastifyReply,
  status: number,
  code: string,
  message: string,
): Promise<FastifyReply> {
  // A route may have set the type of what it meant to send.
  const type = 'application/json; charset=utf-8'
  return reply.code(status).type(type).send({ code, message })
}

async function listen(
  app: FastifyInstance,
  components: HttpServerComponents & { readonly httpMetrics: HttpMetrics },
  init: HttpServerInit,
): Promise<void> {
  const context = {
    logger: components.logger,
    metrics: components.httpMetrics,
    guardWrite: createWriteGuard(init.token),
  }
  // Each set in a scope of its own, so that its body parsers and hooks stay its own.
  for (const set of init.routes) void app.register(async (scope) => set.register(scope, context))
  await app.ready()
  try {
    // `localhost` would open a second socket, which a deadline could not close.
    await app.listen({ host: init.host === 'localhost' ? '127.0.0.1' : init.host, port: init.port })
  } catch (error) {
    throw bindError(error, init.host, init.port)
  }
}

async function close(app: FastifyInstance, deadlineMs: number): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), deadlineMs)
  try {
    await app.close()
  } finally {
    clearTimeout(timer)
  }
}

function addressOf(app: FastifyInstance): HttpAddress {
  const bound = app.server.address()
  if (bound === null || typeof bound === 'string') {
    throw new MillraceError('ASSERTION_FAILED', 'the server has no address')
  }
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
  return { host: bound.address, port: bound.port, url: `http://${host}:${bound.port}` }
}
