import type { Counter, MetricsRegistry } from '../../lib/metrics.ts'

/** The check rail's metrics. */
export interface CheckMetrics {
  /** Channels, by what happened to them. */
  readonly channels: Counter
  /** Value of checks, by side. */
  readonly value: Counter
}

/** Declares the check rail's metrics. */
export function createCheckMetrics(registry: MetricsRegistry): CheckMetrics {
  return {
    channels: registry.counter({
      name: 'millrace_check_channels_total',
      help: 'Channels of bids, by what happened',
      labels: ['event'],
    }),
    value: registry.counter({
      name: 'millrace_check_value_wei_total',
      help: 'Value of checks signed or credited',
      labels: ['side'],
    }),
  }
}
