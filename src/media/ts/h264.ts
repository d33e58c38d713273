/** What a sequence parameter set says about the picture. */
export interface SequenceParameters {
  readonly width: number
  readonly height: number
  /** Coded size in pixels before cropping: what a decoder allocates. */
  readonly codedPixels: number
  /** Whether pictures can be coded as fields. */
  readonly interlaced: boolean
  /** RFC 6381 name, such as `avc1.64001e`. */
  readonly codecString: string
}

/** What the NAL units of one chunk of video held. */
export interface NalScan {
  /** Pictures that begin here. */
  readonly pictures: number
  /** Whether the first picture is an IDR; null when no picture begins here. */
  readonly firstIsIdr: boolean | null
  /** Every sequence parameter set, in order. A damaged one is null. */
  readonly parameters: readonly (SequenceParameters | null)[]
}

const START_CODE = Buffer.from([0, 0, 1])

/** Longest parameter set that is read; a real one has less than 100 bytes. */
const MAX_PARAMETER_BYTES = 512

const HIGH_PROFILES: ReadonlySet<number> = new Set([
  44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244,
])

/** Counts pictures and reads parameter sets in an Annex B byte stream. */
export function scanNals(payload: Uint8Array): NalScan {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  const parameters: (SequenceParameters | null)[] = []
  let pictures = 0
  let firstIsIdr: boolean | null = null
  let at = bytes.indexOf(START_CODE)
  while (at >= 0) {
    const type = (bytes[at + 3] ?? 0) & 0x1f
    const next = bytes.indexOf(START_CODE, at + 3)
    if (type === 7) {
      const end = Math.min(next < 0 ? bytes.length : next, at + 4 + MAX_PARAMETER_BYTES)
      parameters.push(parseSequenceParameters(bytes.subarray(at + 4, end)))
    } else if (type === 1 || type === 2 || type === 5) {
      // A slice header opens with first_mb_in_slice; the code for 0 is a single one bit.
      if (((bytes[at + 4] ?? 0) & 0x80) !== 0) {
        pictures++
        firstIsIdr ??= type === 5
      }
    }
    at = next
  }
  return { pictures, firstIsIdr, parameters }
}

/** Reads exp-Golomb codes; past the end every bit is zero and `overrun` is set. */
class BitReader {
  readonly #bytes: readonly number[]
  #at = 0

  constructor(bytes: readonly number[]) {
    this.#bytes = bytes
  }

  get overrun(): boolean {
    return this.#at > this.#bytes.length * 8
  }

  bits(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++, this.#at++) {
      const bit = ((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1
      value = value * 2 + bit
    }
    return value
  }

  unsigned(): number {
    let zeros = 0
    while (zeros < 32 && !this.overrun && this.bits(1) === 0) zeros++
    return 2 ** zeros - 1 + this.bits(zeros)
  }

  signed(): number {
    const code = this.unsigned()
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2
  }
}

function withoutEmulationPrevention(bytes: Uint8Array): number[] {
  const out: number[] = []
  let zeros = 0
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    zeros = byte === 0 ? zeros + 1 : 0
    out.push(byte)
  }
  return out
}

function skipScalingLists(reader: BitReader, count: number): void {
  for (let list = 0; list < count; list++) {
    if (reader.bits(1) === 0) continue
    let last = 8
    let next = 8
    for (let i = 0; i < (list < 6 ? 16 : 64) && next !== 0; i++) {
      next = (last + reader.signed() + 256) % 256
      last = next === 0 ? last : next
    }
  }
}

/** Chroma format of the picture (1 is 4:2:0), with the reader moved past the high-profile part. */
function readChroma(reader: BitReader, profile: number): number {
  if (!HIGH_PROFILES.has(profile)) return 1
  const chroma = reader.unsigned()
  if (chroma === 3) reader.bits(1)
  reader.unsigned()
  reader.unsigned()
  reader.bits(1)
  if (reader.bits(1) === 1) skipScalingLists(reader, chroma === 3 ? 12 : 8)
  return chroma
}

function skipPictureOrder(reader: BitReader): boolean {
  reader.unsigned()
  const type = reader.unsigned()
  if (type === 0) {
    reader.unsigned()
  } else if (type === 1) {
    reader.bits(1)
    reader.signed()
    reader.signed()
    const cycle = reader.unsigned()
    if (cycle > 255) return false
    for (let i = 0; i < cycle; i++) reader.signed()
  }
  return type <= 2
}

/** Reads a sequence parameter set without its NAL header byte; null when it makes no sense. */
export function parseSequenceParameters(nal: Uint8Array): SequenceParameters | null {
  const bytes = withoutEmulationPrevention(nal)
  const reader = new BitReader(bytes)
  const profile = reader.bits(8)
  const codecString = `avc1.${Buffer.from(bytes.slice(0, 3)).toString('hex')}`
  reader.bits(16)
  reader.unsigned()
  const chroma = readChroma(reader, profile)
  if (chroma > 3 || !skipPictureOrder(reader)) return null
  reader.unsigned()
  reader.bits(1)
  const codedWidth = (reader.unsigned() + 1) * 16
  const mapUnits = reader.unsigned() + 1
  const framesOnly = reader.bits(1)
  if (framesOnly === 0) reader.bits(1)
  const codedHeight = mapUnits * 16 * (2 - framesOnly)
  reader.bits(1)
  const crop = reader.bits(1) === 1
  const [left, right, top, bottom] = crop
    ? [reader.unsigned(), reader.unsigned(), reader.unsigned(), reader.unsigned()]
    : [0, 0, 0, 0]
  if (reader.overrun) return null
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1
  const unitY = (chroma === 1 ? 2 : 1) * (2 - framesOnly)
  const width = codedWidth - unitX * (left + right)
  const height = codedHeight - unitY * (top + bottom)
  if (width <= 0 || height <= 0) return null
  const codedPixels = codedWidth * codedHeight
  return { width, height, codedPixels, interlaced: framesOnly === 0, codecString }
}
