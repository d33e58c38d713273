import type { MetricsRegistry } from '../lib/metrics.ts'
import type { Wei } from '../lib/wei.ts'
import type { Trust } from './member.ts'

/** The pool room's metrics. */
export interface PoolMetrics {
  attempt(trust: Trust, outcome: string): void
  reassigned(why: string): void
  inspected(outcome: string): void
  greeted(outcome: string): void
  ejected(): void
  pay(what: 'earned' | 'withheld' | 'paid', amount: Wei): void
  load(load: {
    readonly workers: number
    readonly slots: number
    readonly busy: number
    readonly waiting: number
  }): void
}

/** Declares the room's metrics. */
export function createPoolMetrics(registry: MetricsRegistry): PoolMetrics {
  const attempts = registry.counter({
    name: 'millrace_pool_attempts_total',
    help: "Jobs given to workers, by the worker's kind and the outcome.",
    labels: ['trust', 'outcome'],
  })
  const reassigned = registry.counter({
    name: 'millrace_pool_reassigned_total',
    help: 'Jobs given to another worker, by what happened to the first.',
    labels: ['why'],
  })
  const inspected = registry.counter({
    name: 'millrace_pool_inspected_total',
    help: 'Results of remote workers that were looked at, by outcome.',
    labels: ['outcome'],
  })
  const greeted = registry.counter({
    name: 'millrace_pool_greetings_total',
    help: 'Workers that asked to join, by outcome.',
    labels: ['outcome'],
  })
  const ejected = registry.counter({
    name: 'millrace_pool_ejected_total',
    help: 'Workers ejected for bad work.',
  })
  const pay = registry.counter({
    name: 'millrace_pool_pay_wei_total',
    help: 'What workers earned, lost and were paid.',
    labels: ['what'],
  })
  const state = registry.gauge({
    name: 'millrace_pool_load_count',
    help: 'Workers, slots, jobs under way and jobs that wait.',
    labels: ['what'],
  })
  return {
    attempt: (trust, outcome) => attempts.inc({ trust, outcome }),
    reassigned: (why) => reassigned.inc({ why }),
    inspected: (outcome) => inspected.inc({ outcome }),
    greeted: (outcome) => greeted.inc({ outcome }),
    ejected: () => ejected.inc(),
    pay: (what, amount) => pay.inc({ what }, Number(amount)),
    load(load) {
      for (const [what, value] of Object.entries(load)) state.set(value, { what })
    },
  }
}
