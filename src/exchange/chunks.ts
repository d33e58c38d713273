import { createHash } from 'node:crypto'
import { MillraceError } from '../lib/errors.ts'

/** A body as a list of chunks; joined nowhere on its way. */
export type Chunks = readonly Uint8Array[]

/** sha256 over the chunks. */
export function hashChunks(chunks: Chunks): Uint8Array {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return new Uint8Array(hash.digest())
}

/**
 * Cuts a body into parts of the given lengths without copying.
 *
 * @throws `BODY_LENGTH_MISMATCH` when the lengths do not add up to the body
 */
export function splitChunks(chunks: Chunks, lengths: readonly number[]): Uint8Array[][] {
  const parts: Uint8Array[][] = []
  let index = 0
  let offset = 0
  for (const length of lengths) {
    const part: Uint8Array[] = []
    let missing = length
    while (missing > 0) {
      const chunk = chunks[index]
      if (chunk === undefined) throw mismatch()
      const take = Math.min(missing, chunk.byteLength - offset)
      if (take > 0) part.push(chunk.subarray(offset, offset + take))
      missing -= take
      offset += take
      if (offset === chunk.byteLength) {
        index += 1
        offset = 0
      }
    }
    parts.push(part)
  }
  while (chunks[index]?.byteLength === 0) index += 1
  if (index < chunks.length) throw mismatch()
  return parts
}

function mismatch(): MillraceError {
  return new MillraceError('BODY_LENGTH_MISMATCH', 'the lengths do not add up to the body')
}
