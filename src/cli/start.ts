import { createIngestRoutes } from '../http/ingest-routes.ts'
import { createMediaRoutes } from '../http/media-routes.ts'
import { createMetricsRegistry } from '../http/metrics-registry.ts'
import { createOperatorRoutes } from '../http/operator-routes.ts'
import type { RouteSet } from '../http/route-set.ts'
import { createHttpServer } from '../http/server.ts'
import { messageOf } from '../lib/errors.ts'
import { createNode } from '../node/create-node.ts'
import { loadConfig } from '../node/load-config.ts'
import { createLogger } from './logger.ts'
import type { StartOptions } from './start-options.ts'

const STOP_DEADLINE_MS = 4_000

/** Runs a node until a signal, or the end of standard input if so asked. Resolves to the exit code. */
export async function start(options: StartOptions): Promise<number> {
  const config = await loadConfig(options.config, {
    roles: options.role,
    dataDirectory: options.data,
    logLevel: options.logLevel,
  })
  const logger = createLogger({ level: config.logLevel })
  const registry = createMetricsRegistry()
  const stopping = stopSignal(options.exitWithParent === true)
  const node = await createNode({ logger, metrics: registry }, config, { signal: stopping })
  const routes: RouteSet[] = [
    createOperatorRoutes({ status: node, readiness: node, registry }),
    ...(node.media === null ? [] : [createMediaRoutes(node.media), createIngestRoutes(node.media)]),
  ]
  const { host, token } = config.http
  const port = options.httpPort ?? config.http.port
  const http = createHttpServer({ logger, metrics: registry }, { host, port, token, routes })
  let code = 0
  try {
    await http.start()
    await node.start()
    const ready = {
      event: 'ready',
      roles: config.roles,
      http: http.address().url,
      ...node.identity(),
    }
    process.stdout.write(`${JSON.stringify(ready)}\n`)
    await new Promise<void>((resolve) => {
      if (stopping.aborted) resolve()
      stopping.addEventListener('abort', () => resolve(), { once: true })
    })
  } catch (error) {
    if (!stopping.aborted) {
      process.stderr.write(`millrace: ${messageOf(error)}\n`)
      code = 1
    }
  }
  const forced = setTimeout(() => {
    logger.warn({ deadlineMs: STOP_DEADLINE_MS }, 'not everything stopped in time')
    process.exit(code === 0 ? 1 : code)
  }, STOP_DEADLINE_MS)
  await http.stop()
  await node.stop()
  clearTimeout(forced)
  // Nothing is left to do; a handle that a library keeps open must not keep the process.
  setTimeout(() => process.exit(code), 200).unref()
  return code
}

/** Fires at SIGINT, SIGTERM or, if asked for, when whoever holds our standard input is gone. */
function stopSignal(withParent: boolean): AbortSignal {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(1)
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  if (withParent) {
    process.stdin.resume()
    process.stdin.once('end', () => controller.abort())
    process.stdin.once('error', () => controller.abort())
  }
  return controller.signal
}
