/** Numbers that are the same for one seed. */
export interface Random {
  /** From 0 up to 1, which is left out. */
  next(): number
  /** A whole number from 0 up to `below`, which is left out. */
  below(below: number): number
}

/** A small generator; good enough to choose moments. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { next, below: (below) => Math.floor(next() * below) }
}
