import { sleep } from '../lib/abort.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import { type MetricsRegistry, noMetrics } from '../lib/metrics.ts'
import type { Wei } from '../lib/wei.ts'
import { ask, type ChainClient } from './client.ts'
import { createChainMetrics } from './metrics.ts'

/** The price of a unit of gas, smoothed, so that one expensive block does not end sessions. */
export interface GasPriceMonitor extends Startable {
  /** Wei. The floor before the first look. */
  gasPrice(): Wei
  /** Wei, as it was seen last, neither smoothed nor capped. The floor before the first look. */
  latestGasPrice(): Wei
}

/** Settings of {@link createGasPriceMonitor}. */
export interface GasPriceMonitorInit {
  /** Pause between looks. Default 5000. */
  readonly pollingIntervalMs?: number
  /** Never below this. Default 0. */
  readonly floorWei?: Wei
  /** Never above this. */
  readonly capWei?: Wei
  /** Weight of a new price, in thousandths. Default 250. */
  readonly weightPermille?: number
}

/** One step of the smoothing: moves the price by the weight toward the sample, and all the way
 * when it is near. */
export function smoothPrice(price: Wei, sample: Wei, weightPermille: number): Wei {
  const step = ((sample - price) * BigInt(weightPermille)) / 1000n
  return step === 0n ? sample : price + step
}

/** Keeps a price within its bounds; the cap wins over the floor. */
export function boundPrice(price: Wei, floor: Wei, cap: Wei | undefined): Wei {
  const raised = price < floor ? floor : price
  return cap !== undefined && raised > cap ? cap : raised
}

/**
 * Watches the gas price of a chain. `start` makes the first look, and goes on without it when the
 * endpoint is gone.
 */
export function createGasPriceMonitor(
  components: {
    readonly client: ChainClient
    readonly logger: Logger
    readonly metrics?: MetricsRegistry
  },
  init: GasPriceMonitorInit = {},
): GasPriceMonitor {
  const { client } = components
  const { pollingIntervalMs = 5000, floorWei = 0n, capWei, weightPermille = 250 } = init
  const logger = components.logger.child({ part: 'gas-price-monitor' })
  const metrics = createChainMetrics(components.metrics ?? noMetrics)
  let smoothed: Wei | undefined
  let latest: Wei = floorWei
  let controller: AbortController | undefined
  let loop: Promise<void> = Promise.resolve()

  const gasPrice = (): Wei => boundPrice(smoothed ?? floorWei, floorWei, capWei)

  const look = async (signal: AbortSignal): Promise<void> => {
    try {
      const sample = await ask(client.viem.getGasPrice(), { signal })
      latest = boundPrice(sample, floorWei, undefined)
      smoothed = smoothed === undefined ? sample : smoothPrice(smoothed, sample, weightPermille)
      metrics.gasPriceWei.set(Number(gasPrice()))
    } catch (error) {
      if (signal.aborted) return
      metrics.pollFailures.inc({ part: 'gas-price-monitor' })
      logger.warn({ err: error }, 'cannot read the gas price')
    }
  }

  const run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await sleep(pollingIntervalMs, { signal }).catch(() => {})
      if (!signal.aborted) await look(signal)
    }
  }

  return {
    gasPrice,
    latestGasPrice: () => latest,
    async start() {
      if (controller !== undefined) return
      controller = new AbortController()
      await look(controller.signal)
      loop = run(controller.signal)
    },
    async stop() {
      controller?.abort(new DOMException('gas price monitor stopped', 'AbortError'))
      await loop
      controller = undefined
    },
  }
}
