import type { Counter, MetricsRegistry } from '../../lib/metrics.ts'

/** The channel rail's metrics. */
export interface ChannelMetrics {
  readonly sent: Counter
  readonly received: Counter
  /** What commits moved, by side, in the asset's smallest unit. */
  readonly quantity: Counter
  /** Transactions of channels, by kind and outcome. */
  readonly settlements: Counter
}

/** Declares the channel rail's metrics. */
export function createChannelMetrics(registry: MetricsRegistry): ChannelMetrics {
  return {
    sent: registry.counter({
      name: 'millrace_channel_commits_sent_total',
      help: 'Commits signed and sent',
    }),
    received: registry.counter({
      name: 'millrace_channel_commits_received_total',
      help: 'Commits checked and credited',
    }),
    quantity: registry.counter({
      name: 'millrace_channel_quantity_total',
      help: 'What commits moved from payer to payee',
      labels: ['side'],
    }),
    settlements: registry.counter({
      name: 'millrace_channel_settlements_total',
      help: 'Transactions of channels, by kind and outcome',
      labels: ['kind', 'outcome'],
    }),
  }
}
