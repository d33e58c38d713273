import type { OrderSource } from '../exchange/dispatcher.ts'

/**
 * One source of orders out of one for each rail, the preferred first: the next is asked when nobody
 * was found who is paid by the one before.
 */
export function firstOfRails(sources: readonly OrderSource[]): OrderSource {
  const [first, ...others] = sources
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
    // They share what is known of providers.
    failed: (...args) => first.failed(...args),
    succeeded: (...args) => first.succeeded(...args),
  }
}
