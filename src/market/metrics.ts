import type { Counter, Gauge, Histogram, MetricsRegistry } from '../lib/metrics.ts'

/** The market's metrics. */
export interface MarketMetrics {
  readonly adverts: Counter
  readonly quotesGiven: Counter
  readonly quotesReceived: Counter
  readonly quoteSeconds: Histogram
  readonly tableQuotes: Gauge
  readonly choices: Counter
}

/** Declares the market's metrics. */
export function createMarketMetrics(registry: MetricsRegistry): MarketMetrics {
  return {
    adverts: registry.counter({
      name: 'millrace_market_adverts_total',
      help: 'Adverts judged, by verdict and fault',
      labels: ['verdict', 'fault'],
    }),
    quotesGiven: registry.counter({
      name: 'millrace_market_quotes_given_total',
      help: 'Quote requests answered, by outcome',
      labels: ['outcome'],
    }),
    quotesReceived: registry.counter({
      name: 'millrace_market_quotes_received_total',
      help: 'Answers to own quote requests, by outcome',
      labels: ['outcome'],
    }),
    quoteSeconds: registry.histogram({
      name: 'millrace_market_quote_seconds',
      help: 'Time until a quote was answered',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    }),
    tableQuotes: registry.gauge({
      name: 'millrace_market_table_quotes',
      help: 'Quotes at hand for streams that begin',
    }),
    choices: registry.counter({
      name: 'millrace_market_choices_total',
      help: 'Choices of an orchestrator, by what they were for and where the quotes came from',
      labels: ['reason', 'source'],
    }),
  }
}
