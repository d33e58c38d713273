/** Chunks below this are copied together, so that a flood of tiny chunks stays cheap to hold. */
const COALESCE_BELOW_BYTES = 4 * 1024
const STAGING_BYTES = 32 * 1024

/**
 * Bytes in the order they came, held as the chunks they came in.
 *
 * Taking bytes out splits chunks without copying them. Only chunks of a few KiB are copied, into
 * larger ones, because each held chunk costs about a hundred bytes beside its content.
 */
export class ChunkQueue {
  #chunks: Uint8Array[] = []
  #first = 0
  #length = 0
  #staging: Uint8Array | null = null
  #staged = 0

  /** Bytes held. */
  get byteLength(): number {
    return this.#length
  }

  /** Appends a chunk, which must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return
    this.#length += chunk.byteLength
    if (chunk.byteLength < COALESCE_BELOW_BYTES) this.#stage(chunk)
    else this.#chunks.push(chunk)
  }

  /** Takes the first `length` bytes out, as chunks. There must be as many. */
  take(length: number): Uint8Array[] {
    const out: Uint8Array[] = []
    let missing = length
    while (missing > 0) {
      const chunk = this.#chunks[this.#first]
      if (chunk === undefined) throw new RangeError('not as many bytes in the queue')
      if (chunk.byteLength <= missing) {
        out.push(chunk)
        this.#first += 1
        missing -= chunk.byteLength
      } else {
        out.push(chunk.subarray(0, missing))
        this.#chunks[this.#first] = chunk.subarray(missing)
        missing = 0
      }
    }
    this.#length -= length
    this.#compact()
    return out
  }

  /** Takes the first `length` bytes out as one copy; for heads and headers. */
  takeCopy(length: number): Uint8Array {
    const out = new Uint8Array(length)
    let offset = 0
    for (const chunk of this.take(length)) {
      out.set(chunk, offset)
      offset += chunk.byteLength
    }
    return out
  }

  /** Drops everything. */
  clear(): void {
    this.#chunks = []
    this.#first = 0
    this.#length = 0
    this.#staging = null
  }

  #stage(chunk: Uint8Array): void {
    const last = this.#chunks.length > this.#first ? this.#chunks.at(-1) : undefined
    const staging = this.#staging
    const fits = staging !== null && this.#staged + chunk.byteLength <= staging.byteLength
    if (staging !== null && fits && last !== undefined && last.buffer === staging.buffer) {
      staging.set(chunk, this.#staged)
      this.#chunks[this.#chunks.length - 1] = new Uint8Array(
        staging.buffer,
        last.byteOffset,
        last.byteLength + chunk.byteLength,
      )
      this.#staged += chunk.byteLength
      return
    }
    const fresh = new Uint8Array(STAGING_BYTES)
    fresh.set(chunk, 0)
    this.#staging = fresh
    this.#staged = chunk.byteLength
    this.#chunks.push(fresh.subarray(0, chunk.byteLength))
  }

  #compact(): void {
    if (this.#first < 64 && this.#first < this.#chunks.length) return
    this.#chunks.splice(0, this.#first)
    this.#first = 0
  }
}
