import { HttpRequestError } from './errors.ts'
import { toJson } from './json.ts'
import { httpLimits } from './limits.ts'
import type { ExposedMetricsRegistry } from './metrics-registry.ts'
import type { RouteSet } from './route-set.ts'

/** What the node has to say of itself. Amounts are bigints; they leave as decimal strings. */
export interface StatusSource {
  status(): Promise<object>
}

/** Whether the node can do its work. */
export interface Readiness {
  readonly ready: boolean
  /** Why not; empty when ready. */
  readonly reasons: readonly string[]
}

/** Who knows whether the node can do its work. */
export interface ReadinessSource {
  readiness(): Promise<Readiness>
}

/** Which choices are asked for. */
export interface DecisionQuery {
  /** A stream's name, or the manifest id of one run of it. */
  readonly stream?: string | undefined
  /** At most so many, the newest. */
  readonly last?: number | undefined
}

/** Who remembers which orchestrators were chosen, and why not the others. */
export interface DecisionSource {
  /** Oldest first. */
  decisions(query: DecisionQuery): Promise<readonly object[]>
}

/** What the operator's routes show. */
export interface OperatorComponents {
  readonly status: StatusSource
  readonly readiness: ReadinessSource
  readonly registry: ExposedMetricsRegistry
  /** Absent in a node that chooses nobody. */
  readonly decisions?: DecisionSource | null
}

/**
 * What an operator and their tools ask a node.
 *
 * - `/healthz` – 200 while the process answers at all
 * - `/readyz` – 200 or 503, with reasons
 * - `/v1/status` – the node's state as JSON
 * - `/v1/decisions?stream=NAME&last=N` – choices of orchestrators as JSON, `{ decisions }`
 * - `/metrics` – Prometheus text
 */
export function createOperatorRoutes(components: OperatorComponents): RouteSet {
  const { status, readiness, registry, decisions = null } = components
  return {
    writes: false,
    async register(app) {
      app.addHook('onRequest', async (_request, reply) => {
        void reply.header('cache-control', 'no-store')
      })
      app.get('/healthz', async () => ({ status: 'ok' }))
      app.get('/readyz', async (_request, reply) => {
        const { ready, reasons } = await readiness.readiness()
        return reply.code(ready ? 200 : 503).send({ ready, reasons })
      })
      app.get('/v1/status', async (_request, reply) =>
        reply.type('application/json; charset=utf-8').send(toJson(await status.status())),
      )
      if (decisions !== null) {
        app.get('/v1/decisions', async (request, reply) => {
          const found = await decisions.decisions(parseQuery(request.query))
          return reply.type('application/json; charset=utf-8').send(toJson({ decisions: found }))
        })
      }
      app.get('/metrics', async (_request, reply) =>
        reply.type(registry.contentType).send(await registry.expose()),
      )
    },
  }
}

function parseQuery(query: unknown): DecisionQuery {
  const { stream, last } = (query ?? {}) as Readonly<Record<string, unknown>>
  const isName = stream === undefined || (typeof stream === 'string' && stream.length <= MAX_STREAM)
  if (!isName) throw new HttpRequestError('HTTP_BAD_REQUEST', 'stream is the name of one stream')
  const { maxDecisions } = httpLimits
  const count = last === undefined ? maxDecisions : Number(last)
  if (typeof last === 'object' || !Number.isInteger(count) || count < 1 || count > maxDecisions) {
    throw new HttpRequestError('HTTP_BAD_REQUEST', `last is a whole number, 1 to ${maxDecisions}`)
  }
  return { stream, last: count }
}

/** A manifest id is longer than the name of its stream. */
const MAX_STREAM = 128
