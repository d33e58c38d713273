import type { Winner } from './winner-record.ts'

/** What is done with winners that were handed over together. */
export interface Gathered {
  readonly groups: readonly { readonly of: readonly Winner[]; readonly done: Promise<void> }[]
  /** Nothing is done with these now. */
  readonly rest: readonly Winner[]
}

interface Handed {
  readonly winner: Winner
  readonly taken: PromiseWithResolvers<void>
}

/**
 * A consumer of single winners that works those handed to it in one go together. The promise of each
 * lasts as long as the group it went into, so that a slow group holds up no other.
 */
export function createGatherer(
  begin: (winners: readonly Winner[]) => Gathered,
): (winner: Winner) => Promise<void> {
  let handed: Handed[] = []
  const flush = (): void => {
    const all = handed
    handed = []
    const promises = new Map(all.map(({ winner, taken }) => [winner, taken]))
    try {
      const { groups, rest } = begin(all.map(({ winner }) => winner))
      for (const { of, done } of groups) {
        for (const winner of of) promises.get(winner)?.resolve(done)
      }
      for (const winner of rest) promises.get(winner)?.resolve()
    } catch (error) {
      for (const { taken } of all) taken.reject(error)
    }
  }
  return async (winner) => {
    const taken = Promise.withResolvers<void>()
    if (handed.length === 0) setImmediate(flush)
    handed.push({ winner, taken })
    return taken.promise
  }
}
