import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type Metric,
  Registry,
} from 'prom-client'
import type { MetricInit, MetricsRegistry } from '../lib/metrics.ts'

/** A registry that can be read in the Prometheus text format. */
export interface ExposedMetricsRegistry extends MetricsRegistry {
  readonly contentType: string
  /** The whole exposition. */
  expose(): Promise<string>
}

/**
 * The metrics of one node: what its rooms declare, and those of the process (CPU, memory, event
 * loop, garbage collection).
 *
 * A name declared twice is one metric, so two servers of a node may share it.
 */
export function createMetricsRegistry(): ExposedMetricsRegistry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const declare = <M extends Metric>(init: MetricInit, make: () => M): M =>
    (registry.getSingleMetric(init.name) as M | undefined) ?? make()
  const common = ({ name, help, labels }: MetricInit) => ({
    name,
    help,
    labelNames: [...(labels ?? [])],
    registers: [registry],
  })
  return {
    contentType: registry.contentType,
    expose: async () => registry.metrics(),
    counter(init) {
      const counter = declare(init, () => new Counter(common(init)))
      return { inc: (labels = {}, by = 1) => counter.inc(labels, by) }
    },
    gauge(init) {
      const gauge = declare(init, () => new Gauge(common(init)))
      return { set: (value, labels = {}) => gauge.set(labels, value) }
    },
    histogram(init) {
      const histogram = declare(init, () => {
        const buckets = init.buckets === undefined ? {} : { buckets: [...init.buckets] }
        return new Histogram({ ...common(init), ...buckets })
      })
      return { observe: (value, labels = {}) => histogram.observe(labels, value) }
    },
  }
}
