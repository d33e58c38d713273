import type { Counter, Gauge, MetricsRegistry } from '../lib/metrics.ts'

/** What the network room counts. */
export interface NetMetrics {
  readonly connections: Gauge
  readonly peers: Gauge
  readonly dials: Counter
  readonly streams: Counter
  readonly streamErrors: Counter
  readonly framesSent: Counter
  readonly framesReceived: Counter
  readonly bytesSent: Counter
  readonly bytesReceived: Counter
  readonly gossipMessages: Counter
  readonly gossipPublished: Counter
}

/** Declares the room's metrics. */
export function createNetMetrics(registry: MetricsRegistry): NetMetrics {
  const perProtocol = ['protocol']
  return {
    connections: registry.gauge({
      name: 'millrace_net_connections_count',
      help: 'Open connections',
    }),
    peers: registry.gauge({ name: 'millrace_net_peers_count', help: 'Connected peers' }),
    dials: registry.counter({
      name: 'millrace_net_dials_total',
      help: 'Dials by lane and outcome',
      labels: ['lane', 'outcome'],
    }),
    streams: registry.counter({
      name: 'millrace_net_streams_total',
      help: 'Streams by protocol and direction',
      labels: ['protocol', 'direction'],
    }),
    streamErrors: registry.counter({
      name: 'millrace_net_stream_errors_total',
      help: 'Streams that ended in an error, by protocol and code',
      labels: ['protocol', 'code'],
    }),
    framesSent: registry.counter({
      name: 'millrace_net_frames_sent_total',
      help: 'Frames sent',
      labels: perProtocol,
    }),
    framesReceived: registry.counter({
      name: 'millrace_net_frames_received_total',
      help: 'Frames received',
      labels: perProtocol,
    }),
    bytesSent: registry.counter({
      name: 'millrace_net_sent_bytes',
      help: 'Bytes of frames sent',
      labels: perProtocol,
    }),
    bytesReceived: registry.counter({
      name: 'millrace_net_received_bytes',
      help: 'Bytes of frames received',
      labels: perProtocol,
    }),
    gossipMessages: registry.counter({
      name: 'millrace_net_gossip_messages_total',
      help: 'Gossip messages by topic and verdict',
      labels: ['topic', 'verdict'],
    }),
    gossipPublished: registry.counter({
      name: 'millrace_net_gossip_published_total',
      help: 'Gossip messages published by this node',
      labels: ['topic'],
    }),
  }
}
