import { concatBytes } from '../../../lib/bytes.ts'

/** The operations that the scripts of channels are made of. */
export const op = {
  FALSE: 0x00,
  PUSHDATA1: 0x4c,
  PUSHDATA2: 0x4d,
  TRUE: 0x51,
  TWO: 0x52,
  IF: 0x63,
  ELSE: 0x67,
  ENDIF: 0x68,
  DROP: 0x75,
  EQUALVERIFY: 0x88,
  HASH160: 0xa9,
  CHECKSIG: 0xac,
  CHECKMULTISIG: 0xae,
  CHECKSEQUENCEVERIFY: 0xb2,
} as const

/** An operation, or data that is pushed. */
export type ScriptPart = number | Uint8Array

/** Limit: bytes that one push may hold. */
const MAX_PUSH_BYTES = 520

/** A script out of its parts, with the shortest form of each push. */
export function compileScript(parts: readonly ScriptPart[]): Uint8Array {
  return concatBytes(
    ...parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : push(part))),
  )
}

/** The parts of a script; null when it is cut off or a push is not in its shortest form. */
export function parseScriptParts(script: Uint8Array): readonly ScriptPart[] | null {
  const parts: ScriptPart[] = []
  for (let at = 0; at < script.byteLength; ) {
    const code = script[at] as number
    at += 1
    if (code === op.FALSE || code > op.PUSHDATA2) {
      parts.push(code)
      continue
    }
    const width = code === op.PUSHDATA1 ? 1 : code === op.PUSHDATA2 ? 2 : 0
    if (at + width > script.byteLength) return null
    const length = width === 0 ? code : littleEndian(script.subarray(at, at + width))
    at += width
    if (length > MAX_PUSH_BYTES || at + length > script.byteLength) return null
    const data = script.slice(at, at + length)
    at += length
    if (push(data).byteLength !== 1 + width + length) return null
    parts.push(data)
  }
  return parts
}

/** A non-negative number as a script has it: an operation up to 16, a little-endian push above. */
export function scriptNumber(value: number): ScriptPart {
  if (value === 0) return op.FALSE
  if (value <= 16) return op.TRUE + value - 1
  const bytes: number[] = []
  for (let rest = value; rest > 0; rest >>>= 8) bytes.push(rest & 0xff)
  // The highest bit is the sign.
  if ((bytes.at(-1) as number) & 0x80) bytes.push(0)
  return Uint8Array.from(bytes)
}

/** The number a part stands for; null unless {@link scriptNumber} would give that part. */
export function numberOf(part: ScriptPart | undefined): number | null {
  if (part === undefined) return null
  if (typeof part === 'number') {
    if (part === op.FALSE) return 0
    return part >= op.TRUE && part < op.TRUE + 16 ? part - op.TRUE + 1 : null
  }
  if (part.byteLength > 4) return null
  const value = littleEndian(part)
  const again = scriptNumber(value)
  return typeof again !== 'number' && Buffer.compare(again, part) === 0 ? value : null
}

function push(data: Uint8Array): Uint8Array {
  const { byteLength } = data
  if (byteLength > MAX_PUSH_BYTES) throw new RangeError(`a push of ${byteLength} bytes`)
  if (byteLength === 0) return Uint8Array.of(op.FALSE)
  if (byteLength < op.PUSHDATA1) return concatBytes(Uint8Array.of(byteLength), data)
  if (byteLength < 0x100) return concatBytes(Uint8Array.of(op.PUSHDATA1, byteLength), data)
  return concatBytes(Uint8Array.of(op.PUSHDATA2, byteLength & 0xff, byteLength >> 8), data)
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0)
}
