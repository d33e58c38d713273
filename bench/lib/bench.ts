/** One line of a benchmark: what was measured, and how it stands against a rival in the same run. */
export interface BenchLine {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it is compared with. */
  readonly rival: string
  /** How many times better than the rival; below 1 it is worse. */
  readonly ratio: number
  /** The least ratio that will do; none when the line is for information. */
  readonly bar?: number
}

/** A benchmark. It says each line as soon as it is known. */
export type Bench = (say: (line: BenchLine) => void) => Promise<void>
