import type { OrderSource } from '../exchange/dispatcher.ts'

/** A source of orders that are paid on one rail. */
export interface RailSource {
  readonly rail: string
  readonly source: OrderSource
}

/**
 * One source of orders out of one for each rail, the preferred first: the next is asked when nobody
 * was found who is paid by the one before. An order that runs is weighed against others on its rail.
 */
export function firstOfRails(sources: readonly RailSource[]): OrderSource {
  const [first, ...others] = sources.map(({ source }) => source)
  if (first === undefined) throw new RangeError('no rail')
  if (others.length === 0) return first
  return {
    async acquire(wanted, avoid, options) {
      let acquired = await first.acquire(wanted, avoid, options)
      for (const other of others) {
        if (acquired.ok) return acquired
        const next = await other.acquire(wanted, avoid, options)
        // What the preferred rail met with is what a person should read.
        if (next.ok) acquired = next
      }
      return acquired
    },
    async review(wanted, running, others) {
      const own = sources.find(({ rail }) => rail === running.rail)?.source
      const alike = others.filter(({ rail }) => rail === running.rail)
      return (await own?.review?.(wanted, running, alike)) ?? { verdict: 'stay' }
    },
    // They share what is known of providers.
    failed: (...args) => first.failed(...args),
    succeeded: (...args) => first.succeeded(...args),
  }
}
