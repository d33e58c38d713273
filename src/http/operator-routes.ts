import { toJson } from './json.ts'
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

/** What the operator's routes show. */
export interface OperatorComponents {
  readonly status: StatusSource
  readonly readiness: ReadinessSource
  readonly registry: ExposedMetricsRegistry
}

/**
 * What an operator and their tools ask a node.
 *
 * - `/healthz` – 200 while the process answers at all
 * - `/readyz` – 200 or 503, with reasons
 * - `/v1/status` – the node's state as JSON
 * - `/metrics` – Prometheus text
 */
export function createOperatorRoutes(components: OperatorComponents): RouteSet {
  const { status, readiness, registry } = components
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
      app.get('/metrics', async (_request, reply) =>
        reply.type(registry.contentType).send(await registry.expose()),
      )
    },
  }
}
