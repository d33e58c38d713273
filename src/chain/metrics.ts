import type { Counter, Gauge, MetricsRegistry } from '../lib/metrics.ts'

/** What the chain room measures. */
export interface ChainMetrics {
  readonly headBlock: Gauge
  readonly round: Gauge
  readonly gasPriceWei: Gauge
  readonly unminedTransactions: Gauge
  readonly transactions: Counter
  readonly replacements: Counter
  readonly gasUsed: Counter
  readonly reorganised: Counter
  readonly pollFailures: Counter
}

/** Declares the room's metrics. */
export function createChainMetrics(registry: MetricsRegistry): ChainMetrics {
  return {
    headBlock: registry.gauge({
      name: 'millrace_chain_head_block',
      help: 'Number of the newest block seen',
    }),
    round: registry.gauge({
      name: 'millrace_chain_round',
      help: 'Newest round that was initialized',
    }),
    gasPriceWei: registry.gauge({
      name: 'millrace_chain_gas_price_wei',
      help: 'Smoothed price of a unit of gas',
    }),
    unminedTransactions: registry.gauge({
      name: 'millrace_chain_unmined_transactions',
      help: 'Transactions stored and not mined yet',
    }),
    transactions: registry.counter({
      name: 'millrace_chain_transactions_total',
      help: 'Transactions mined, by status',
      labels: ['status'],
    }),
    replacements: registry.counter({
      name: 'millrace_chain_replacements_total',
      help: 'Transactions signed again with higher fees',
    }),
    gasUsed: registry.counter({
      name: 'millrace_chain_gas_used_total',
      help: 'Gas used by mined transactions',
    }),
    reorganised: registry.counter({
      name: 'millrace_chain_reorganised_transactions_total',
      help: 'Mined transactions whose block was reorganised away',
    }),
    pollFailures: registry.counter({
      name: 'millrace_chain_poll_failures_total',
      help: 'Looks at the chain that failed, by what was looked for',
      labels: ['part'],
    }),
  }
}
