/** A value that only grows. */
export interface Counter {
  inc(labels?: Readonly<Record<string, string>>, by?: number): void
}

/** A value that goes up and down. */
export interface Gauge {
  set(value: number, labels?: Readonly<Record<string, string>>): void
}

/** A distribution, in the unit its name ends in. */
export interface Histogram {
  observe(value: number, labels?: Readonly<Record<string, string>>): void
}

/** How one metric is declared. */
export interface MetricInit {
  /** `millrace_<room>_<what>_<unit>`. */
  readonly name: string
  readonly help: string
  readonly labels?: readonly string[]
}

/** Where rooms declare their metrics; the HTTP room implements it. */
export interface MetricsRegistry {
  counter(init: MetricInit): Counter
  gauge(init: MetricInit): Gauge
  histogram(init: MetricInit & { readonly buckets?: readonly number[] }): Histogram
}

/** A registry that drops everything. */
export const noMetrics: MetricsRegistry = {
  counter: () => ({ inc() {} }),
  gauge: () => ({ set() {} }),
  histogram: () => ({ observe() {} }),
}
