import type { Counter, Gauge, Histogram, MetricsRegistry } from '../lib/metrics.ts'

/** The exchange's metrics. */
export interface ExchangeMetrics {
  readonly segments: Counter
  readonly errors: Counter
  readonly openStreams: Gauge
  readonly roundTripSeconds: Histogram
  readonly overheadSeconds: Histogram
}

/** Declares the exchange's metrics. */
export function createExchangeMetrics(registry: MetricsRegistry): ExchangeMetrics {
  return {
    segments: registry.counter({
      name: 'millrace_exchange_segments_total',
      help: 'Segments worked and paid for',
      labels: ['side'],
    }),
    errors: registry.counter({
      name: 'millrace_exchange_errors_total',
      help: 'Typed refusals, by wire code',
      labels: ['code'],
    }),
    openStreams: registry.gauge({
      name: 'millrace_exchange_open_streams',
      help: 'Order streams open now',
    }),
    roundTripSeconds: registry.histogram({
      name: 'millrace_exchange_round_trip_seconds',
      help: 'From sending a segment to the last byte of its renditions',
    }),
    overheadSeconds: registry.histogram({
      name: 'millrace_exchange_overhead_seconds',
      help: 'Round trip less the work itself',
    }),
  }
}
