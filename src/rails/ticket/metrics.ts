import type { Counter, Gauge, MetricsRegistry } from '../../lib/metrics.ts'

/** The ticket rail's metrics. */
export interface TicketMetrics {
  readonly sent: Counter
  readonly received: Counter
  readonly won: Counter
  readonly late: Counter
  /** Expected value of tickets, by side. */
  readonly ev: Counter
  /** Wins to be expected of tickets, by side; beside the wins there were, it is their luck. */
  readonly expectedWins: Counter
  readonly exposureRequired: Gauge
  readonly exposureEv: Gauge
  readonly redeemCost: Gauge
  readonly topUps: Counter
  readonly redemptionEvents: Counter
  readonly redeemRequests: Counter
  readonly handedOver: Counter
  readonly handOverEvents: Counter
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
    late: registry.counter({
      name: 'millrace_tickets_late_total',
      help: 'Tickets that came too late to be credited; winners of them are kept',
    }),
    ev: registry.counter({
      name: 'millrace_tickets_ev_wei_total',
      help: 'Expected value of tickets sent or received',
      labels: ['side'],
    }),
    expectedWins: registry.counter({
      name: 'millrace_tickets_expected_wins_total',
      help: 'Wins to be expected of the tickets sent or received',
      labels: ['side'],
    }),
    exposureRequired: registry.gauge({
      name: 'millrace_tickets_exposure_required_wei',
      help: 'Deposit that carries the tickets whose wins may still come',
    }),
    exposureEv: registry.gauge({
      name: 'millrace_tickets_exposure_ev_wei',
      help: 'Expected value of the tickets whose wins may still come',
    }),
    redeemCost: registry.gauge({
      name: 'millrace_tickets_redeem_cost_wei',
      help: 'Cost of redeeming that tickets are sized by',
    }),
    topUps: registry.counter({
      name: 'millrace_deposit_top_ups_total',
      help: 'Additions to the deposit made by the node itself, by outcome',
      labels: ['outcome'],
    }),
    redeemRequests: registry.counter({
      name: 'millrace_redeemer_requests_total',
      help: 'Requests that a redeemer answered, by refusal or as served',
      labels: ['outcome'],
    }),
    handedOver: registry.counter({
      name: 'millrace_redeemer_winners_total',
      help: 'Winning tickets that were offered to a redeemer, by its verdict',
      labels: ['verdict'],
    }),
    handOverEvents: registry.counter({
      name: 'millrace_handover_events_total',
      help: 'What happened to winning tickets that an orchestrator hands to its redeemer',
      labels: ['event'],
    }),
    redemptionEvents: registry.counter({
      name: 'millrace_redemption_events_total',
      help: 'What happened to winning tickets on their way to the chain',
      labels: ['event'],
    }),
  }
}
