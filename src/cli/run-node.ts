import { createIngestRoutes } from '../http/ingest-routes.ts'
import { isLoopback } from '../http/loopback.ts'
import { createMediaRoutes } from '../http/media-routes.ts'
import { createMetricsRegistry } from '../http/metrics-registry.ts'
import { createOperatorRoutes } from '../http/operator-routes.ts'
import type { RouteSet } from '../http/route-set.ts'
import { createHttpServer } from '../http/server.ts'
import { createTicketRoutes } from '../http/ticket-routes.ts'
import { messageOf } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { AnyNodeConfig } from '../node/config.ts'
import { createNode, type MillraceNode } from '../node/create-node.ts'
import { createLogger } from './logger.ts'
import type { StartOptions } from './start-options.ts'

const STOP_DEADLINE_MS = 4_000
/** A second signal within this time is taken for an echo of the first. */
const ECHO_MS = 1_000

/** Sees a node that is up; whoever returns true ends it. */
export type NodeObserver = (
  node: MillraceNode,
  context: { readonly url: string; readonly signal: AbortSignal },
) => Promise<boolean>

/** Runs a node until a signal, or the end of standard input if so asked. Resolves to the exit code. */
export async function runNode(
  config: AnyNodeConfig,
  options: StartOptions,
  observe?: NodeObserver,
): Promise<number> {
  const logger = createLogger({ level: config.logLevel })
  const registry = createMetricsRegistry()
  const components = { logger, metrics: registry }
  const stopping = stopSignal(options.exitWithParent === true)
  const running: { stop(): Promise<void> }[] = []
  let stopWithinMs: number = STOP_DEADLINE_MS
  stopping.addEventListener('abort', () => forceExit(logger, stopWithinMs), { once: true })
  let code = 0
  try {
    const node = await createNode(components, config, { signal: stopping })
    running.push(node)
    stopWithinMs = Math.max(stopWithinMs, node.stopWithinMs)
    const { host, token } = config.http
    const takesOrders = token !== undefined || isLoopback(host)
    const routes: RouteSet[] = [
      createOperatorRoutes({
        ...{ status: node, readiness: node, registry },
        decisions: node.decisions,
      }),
      ...(node.media === null
        ? []
        : [createMediaRoutes(node.media), createIngestRoutes(node.media)]),
      ...(node.tickets === null ? [] : [createTicketRoutes(node.tickets, { takesOrders })]),
    ]
    const port = options.httpPort ?? config.http.port
    const http = createHttpServer(components, { host, port, token, routes })
    running.push(http)
    await http.start()
    await node.start()
    const { url } = http.address()
    const ready = { event: 'ready', roles: config.roles, http: url, ...node.identity() }
    process.stdout.write(`${JSON.stringify(ready)}\n`)
    const isOver = (await observe?.(node, { url, signal: stopping })) === true
    await new Promise<void>((resolve) => {
      if (stopping.aborted || isOver) resolve()
      stopping.addEventListener('abort', () => resolve(), { once: true })
    })
  } catch (error) {
    if (!stopping.aborted) {
      process.stderr.write(`millrace: ${messageOf(error)}\n`)
      code = 1
      forceExit(logger, STOP_DEADLINE_MS)
    }
  }
  for (const part of running.reverse()) await part.stop()
  // Nothing is left to do; a handle that a library keeps open must not keep the process.
  setTimeout(() => process.exit(code), 200).unref()
  return code
}

/** Ends the process if it has not ended by itself soon. */
function forceExit(logger: Logger, deadlineMs: number): void {
  const forced = setTimeout(() => {
    logger.warn({ deadlineMs }, 'not everything stopped in time')
    process.exit(1)
  }, deadlineMs)
  forced.unref()
}

/** Fires at SIGINT, SIGTERM or, if asked for, when whoever holds our standard input is gone. */
function stopSignal(withParent: boolean): AbortSignal {
  const controller = new AbortController()
  let firstAtMs = 0
  const stop = (): void => {
    const nowMs = performance.now()
    // One Ctrl-C may come twice: from the terminal, and from the launcher that passes it on.
    if (controller.signal.aborted && nowMs - firstAtMs > ECHO_MS) process.exit(1)
    if (!controller.signal.aborted) firstAtMs = nowMs
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
