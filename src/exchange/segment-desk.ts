import { toHex } from '../lib/bytes.ts'
import type { Wei } from '../lib/wei.ts'
import { exchangeLimits } from './limits.ts'
import type { SegmentMessage } from './segment-wire.ts'
import type { WorkDone } from './work.ts'

/** A segment worked, kept until it is paid for and has surely arrived. */
interface Kept {
  readonly done: WorkDone
  readonly inputHash: string
}

/**
 * The segments of one order, over all of its streams: results outlive a stream, so that a payer
 * that reconnects gets what it paid for.
 */
export class SegmentDesk {
  readonly #kept = new Map<bigint, Kept>()
  readonly #working = new Map<bigint, Promise<unknown>>()
  readonly #withheld = new Map<bigint, Wei>()
  readonly #capacity: number

  /** @param maxInFlight - of the order; at least so many results are kept */
  constructor(maxInFlight: number) {
    this.#capacity = Math.max(exchangeLimits.maxKeptResults, maxInFlight)
  }

  /** Fees of results that wait to be paid. Nothing more is worked on credit while there are any. */
  debt(): Wei {
    return [...this.#withheld.values()].reduce((sum, fee) => sum + fee, 0n)
  }

  /** The result of an earlier try; `other` when the index was used for another segment. */
  find({ index, inputHash }: SegmentMessage): WorkDone | 'other' | undefined {
    const kept = this.#kept.get(index)
    if (kept === undefined) return undefined
    return kept.inputHash === toHex(inputHash) ? kept.done : 'other'
  }

  /** Keeps a result; the oldest that is paid for makes room. */
  keep({ index, inputHash }: SegmentMessage, done: WorkDone): void {
    this.#kept.set(index, { done, inputHash: toHex(inputHash) })
    for (const old of this.#kept.keys()) {
      if (this.#kept.size <= this.#capacity) break
      if (!this.#withheld.has(old)) this.#kept.delete(old)
    }
  }

  withhold(index: bigint, fee: Wei): void {
    this.#withheld.set(index, fee)
  }

  paid(index: bigint): void {
    this.#withheld.delete(index)
  }

  /** Works one index at a time: a repeat that overtakes the first try waits for its result. */
  async inTurn<T>(index: bigint, work: () => Promise<T>): Promise<T> {
    while (this.#working.has(index)) await this.#working.get(index)
    const running = work()
    const ended = running.catch(() => {}).finally(() => this.#working.delete(index))
    this.#working.set(index, ended)
    return running
  }
}
