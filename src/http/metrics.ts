import type { Counter, Gauge, Histogram, MetricsRegistry } from '../lib/metrics.ts'

/** What the HTTP room measures. Routes are patterns, so the labels are bounded. */
export interface HttpMetrics {
  readonly requests: Counter
  readonly durations: Histogram
  readonly ingestInFlight: Gauge
  readonly ingestBytes: Counter
}

/** Declares the metrics of the HTTP room. */
export function createHttpMetrics(registry: MetricsRegistry): HttpMetrics {
  return {
    requests: registry.counter({
      name: 'millrace_http_requests_total',
      help: 'Requests answered',
      labels: ['method', 'route', 'status'],
    }),
    durations: registry.histogram({
      name: 'millrace_http_request_duration_seconds',
      help: 'Time from the head of a request to the end of its answer',
      labels: ['method', 'route'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30],
    }),
    ingestInFlight: registry.gauge({
      name: 'millrace_http_ingest_in_flight_segments',
      help: 'Pushed segments being received or transcoded',
    }),
    ingestBytes: registry.counter({
      name: 'millrace_http_ingest_received_bytes',
      help: 'Bytes of pushed segments',
    }),
  }
}
