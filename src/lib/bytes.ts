/** A `0x`-prefixed lowercase or checksummed hex string. */
export type Hex = `0x${string}`

const textEncoder = new TextEncoder()
const textDecoder = new TextDecoder('utf-8', { fatal: true })

/** Bytes as `0x…` lowercase hex. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}

/** Parses even-length hex with or without `0x`; null when it is anything else. */
export function parseHex(hex: string): Uint8Array | null {
  const digits = hex.startsWith('0x') ? hex.slice(2) : hex
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return null
  return new Uint8Array(Buffer.from(digits, 'hex'))
}

/** Hex that is known to be well formed, as bytes. */
export function fromHex(hex: string): Uint8Array {
  const bytes = parseHex(hex)
  if (bytes === null) throw new RangeError('not a hex string of even length')
  return bytes
}

/** UTF-8 bytes of a string. */
export function utf8(text: string): Uint8Array {
  return textEncoder.encode(text)
}

/** Decodes UTF-8; throws on invalid bytes. */
export function fromUtf8(bytes: Uint8Array): string {
  return textDecoder.decode(bytes)
}

/** Joins byte strings into one. Never used on segment bodies. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.byteLength
  const out = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.byteLength
  }
  return out
}

/** Whether two byte strings are equal (not constant time: never for secrets). */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** A non-negative integer below 2^256 as 32 big-endian bytes. */
export function u256(value: bigint): Uint8Array {
  const out = new Uint8Array(32)
  writeU256(out, 0, value)
  return out
}

/** Writes a non-negative integer below 2^256 at an offset, big endian. */
export function writeU256(target: Uint8Array, offset: number, value: bigint): void {
  if (value < 0n || value >> 256n !== 0n) throw new RangeError('value does not fit in 256 bits')
  const view = new DataView(target.buffer, target.byteOffset + offset, 32)
  view.setBigUint64(0, value >> 192n)
  view.setBigUint64(8, (value >> 128n) & 0xffffffffffffffffn)
  view.setBigUint64(16, (value >> 64n) & 0xffffffffffffffffn)
  view.setBigUint64(24, value & 0xffffffffffffffffn)
}

/** Reads up to 32 big-endian bytes as an integer; no bytes are zero. */
export function readUint(bytes: Uint8Array): bigint {
  if (bytes.byteLength > 32) throw new RangeError('more than 32 bytes')
  return bytes.byteLength === 0 ? 0n : BigInt(toHex(bytes))
}

/** An unsigned 64-bit integer as 8 big-endian bytes. */
export function u64(value: bigint | number): Uint8Array {
  const out = new Uint8Array(8)
  new DataView(out.buffer).setBigUint64(0, BigInt(value))
  return out
}

/** The shortest big-endian form of a non-negative integer; zero is no bytes. */
export function minimalUint(value: bigint): Uint8Array {
  if (value < 0n) throw new RangeError('negative integer')
  if (value === 0n) return new Uint8Array(0)
  const digits = value.toString(16)
  return fromHex(digits.length % 2 === 0 ? digits : `0${digits}`)
}

/** Length of a list of chunks. */
export function totalLength(chunks: readonly Uint8Array[]): number {
  let length = 0
  for (const chunk of chunks) length += chunk.byteLength
  return length
}
