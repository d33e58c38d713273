import type { Clock } from '../../src/lib/clock.ts'
import type { Logger } from '../../src/lib/logger.ts'
import type { MetricsRegistry } from '../../src/lib/metrics.ts'

/** A clock that stands until it is set. */
export interface ManualClock extends Clock {
  nowMs: number
}

/** A clock for tests. */
export function manualClock(nowMs = 1_700_000_000_000): ManualClock {
  return {
    nowMs,
    now() {
      return this.nowMs
    },
  }
}

/** One line of a log. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: object
}

/** A logger that keeps what it is told. */
export function recordingLogger(): Logger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const at =
    (level: LogLine['level']) =>
    (fields: object, message: string): void =>
      void lines.push({ level, message, fields })
  const logger = {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  }
  return logger
}

/** A registry that sums counters by name and labels. */
export function countingMetrics(): MetricsRegistry & {
  total(name: string, label?: string): number
} {
  const counts = new Map<string, number>()
  return {
    counter: ({ name }) => ({
      inc(labels = {}, by = 1) {
        for (const key of [name, ...Object.values(labels).map((label) => `${name} ${label}`)]) {
          counts.set(key, (counts.get(key) ?? 0) + by)
        }
      },
    }),
    gauge: () => ({ set() {} }),
    histogram: () => ({ observe() {} }),
    total: (name, label) => counts.get(label === undefined ? name : `${name} ${label}`) ?? 0,
  }
}
