import { concatBytes, toHex } from '../../src/lib/bytes.ts'
import { encodeFrameHead } from '../../src/net/frame-codec.ts'

/** What a vectors file is made of. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json }

/** Bytes as `0x` hex, integers that may exceed 2^53 as decimal text, absent fields left out. */
export function plain(value: unknown): Json {
  if (value instanceof Uint8Array) return toHex(value)
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, field]) => field !== undefined)
    return Object.fromEntries(entries.map(([key, field]) => [key, plain(field)]))
  }
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) {
    return value as string | number | boolean | null
  }
  throw new TypeError(`no JSON for a ${typeof value}`)
}

/** A frame as a vectors file holds it. */
export interface FrameText {
  readonly header: string
  readonly body: string
}

/** One frame as it is on a stream. */
export function frameOf(header: Uint8Array, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  return concatBytes(encodeFrameHead(header.byteLength, body.byteLength), header, body)
}
