import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../lib/clock.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import type { MetricsRegistry } from '../lib/metrics.ts'
import { poolLimits } from '../pool/limits.ts'
import { openStore } from '../store/store.ts'
import { buildWorkerNet } from './build-net.ts'
import { buildTranscoder } from './build-transcoder.ts'
import type { TranscoderNodeConfig } from './config.ts'
import type { WorkerFoundation } from './foundation.ts'
import { inOrder } from './in-order.ts'

/** The face of a transcoder; the same as any node's, with nothing of a market. */
export interface WorkerNode extends Startable {
  identity(): {
    readonly peerId: string
    readonly address: null
    readonly addresses: readonly string[]
  }
  status(): Promise<object>
  readiness(): Promise<{ readonly ready: boolean; readonly reasons: readonly string[] }>
  readonly media: null
  readonly tickets: null
  readonly decisions: null
  readonly stopWithinMs: number
}

/** What remains to be done once the last segment is out. */
const STOP_SLACK_MS = 4_000

/**
 * Builds a transcoder: a store, a host and the role, with no chain and no wallet anywhere.
 *
 * @throws `STORE_LOCKED`, `POOL_SECRET_UNREADABLE`
 */
export async function createWorkerNode(
  components: { readonly logger: Logger; readonly metrics: MetricsRegistry },
  config: TranscoderNodeConfig,
): Promise<WorkerNode> {
  const { logger } = components
  await mkdir(config.dataDirectory, { recursive: true })
  const store = await openStore({ directory: join(config.dataDirectory, 'store') })
  try {
    const net = await buildWorkerNet(components, config)
    const foundation: WorkerFoundation = { ...components, clock: systemClock, store, net }
    const transcoder = await buildTranscoder(foundation, config.transcoder)
    const life = inOrder([net.host, transcoder])
    const identity = () => ({
      peerId: net.host.peerId,
      address: null,
      addresses: net.host.addresses(),
    })
    return {
      media: null,
      tickets: null,
      decisions: null,
      stopWithinMs: poolLimits.drainMs + STOP_SLACK_MS,
      identity,
      async readiness() {
        const reasons = await transcoder.complaints()
        return { ready: reasons.length === 0, reasons }
      },
      status: async () => ({
        ...identity(),
        roles: config.roles,
        pid: process.pid,
        maxRssBytes: process.resourceUsage().maxRSS * 1024,
        transcoder: await transcoder.status(),
      }),
      async start() {
        logger.info({ roles: config.roles, peerId: net.host.peerId }, 'starting')
        await life.start()
      },
      async stop() {
        await life.stop()
        await store.close()
        logger.info({}, 'stopped')
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}
