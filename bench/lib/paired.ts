/** One of several ways to do the same work. */
export interface Candidate {
  /** Units of work in one run. */
  readonly units: number
  /** Makes what the next run uses up; not timed. */
  prepare?(): Promise<void>
  run(): Promise<void> | void
}

/** What candidates took. */
export interface Timings<K extends string> {
  /** Median time of one unit. */
  microseconds(name: K): number
  /** How many times faster one was than another: the median over the rounds. */
  ratio(name: K, rival: K): number
}

/** Rounds that are run and not counted, while the machine gets to know the code. */
const WARM_UP_ROUNDS = 2

/**
 * Times candidates in turns, the order reversed in every other round, so that whatever else the
 * machine does falls on all of them alike.
 */
export async function paired<const K extends string>(
  candidates: Readonly<Record<K, Candidate>>,
  rounds: number,
): Promise<Timings<K>> {
  const names = Object.keys(candidates) as K[]
  const samples = new Map(names.map((name) => [name, [] as number[]]))
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const candidate = candidates[name]
      await candidate.prepare?.()
      const startedAt = process.hrtime.bigint()
      await candidate.run()
      const took = Number(process.hrtime.bigint() - startedAt) / 1000 / candidate.units
      if (round >= 0) samples.get(name)?.push(took)
    }
  }
  const of = (name: K): readonly number[] => samples.get(name) ?? []
  return {
    microseconds: (name) => median(of(name)),
    ratio: (name, rival) => median(of(name).map((took, i) => (of(rival)[i] as number) / took)),
  }
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low, high] = [sorted[middle - 1] ?? 0, sorted[middle] ?? 0]
  return sorted.length % 2 === 1 ? high : (low + high) / 2
}
