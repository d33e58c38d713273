import type { MetricsRegistry } from '../lib/metrics.ts'

/** The media room's metrics. */
export interface MediaMetrics {
  jobDone(kind: 'transcode' | 'probe' | 'compare', outcome: string): void
  transcodeSeconds(seconds: number): void
  queueSeconds(seconds: number): void
  pixels(encoded: bigint): void
  workerEnded(reason: string): void
  load(busy: number, queued: number, processes: number): void
}

/** Declares the room's metrics. */
export function createMediaMetrics(registry: MetricsRegistry): MediaMetrics {
  const jobs = registry.counter({
    name: 'millrace_media_jobs_total',
    help: 'Media jobs by kind and outcome.',
    labels: ['kind', 'outcome'],
  })
  const seconds = registry.histogram({
    name: 'millrace_media_transcode_seconds',
    help: 'Time a worker took for one segment.',
    buckets: [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4],
  })
  const waiting = registry.histogram({
    name: 'millrace_media_queue_seconds',
    help: 'Time a job waited for a worker.',
    buckets: [0.001, 0.01, 0.1, 0.5, 1, 2, 4],
  })
  const encoded = registry.counter({
    name: 'millrace_media_encoded_pixels_total',
    help: 'Pixels encoded.',
  })
  const ended = registry.counter({
    name: 'millrace_media_workers_ended_total',
    help: 'Worker processes that ended, by reason.',
    labels: ['reason'],
  })
  const state = registry.gauge({
    name: 'millrace_media_pool_count',
    help: 'Jobs running, jobs queued and worker processes.',
    labels: ['what'],
  })
  return {
    jobDone: (kind, outcome) => jobs.inc({ kind, outcome }),
    transcodeSeconds: (value) => seconds.observe(value),
    queueSeconds: (value) => waiting.observe(value),
    pixels: (count) => encoded.inc({}, Number(count)),
    workerEnded: (reason) => ended.inc({ reason }),
    load(busy, queued, processes) {
      state.set(busy, { what: 'busy' })
      state.set(queued, { what: 'queued' })
      state.set(processes, { what: 'processes' })
    },
  }
}
