import type { Counter, MetricsRegistry } from '../../lib/metrics.ts'

/** The ticket rail's metrics. */
export interface TicketMetrics {
  readonly sent: Counter
  readonly received: Counter
  readonly won: Counter
  readonly redemptionEvents: Counter
}

/** Declares the ticket rail's metrics. */
export function createTicketMetrics(registry: MetricsRegistry): TicketMetrics {
  return {
    sent: registry.counter({
      name: 'millrace_tickets_sent_total',
      help: 'Tickets signed and sent',
    }),
    received: registry.counter({
      name: 'millrace_tickets_received_total',
      help: 'Tickets checked and credited',
    }),
    won: registry.counter({ name: 'millrace_tickets_won_total', help: 'Winning tickets received' }),
    redemptionEvents: registry.counter({
      name: 'millrace_redemption_events_total',
      help: 'What happened to winning tickets on their way to the chain',
      labels: ['event'],
    }),
  }
}
