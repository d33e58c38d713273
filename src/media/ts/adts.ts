/** What a run of ADTS frames held. */
export interface AdtsScan {
  readonly frames: number
  readonly sampleRate: number
  readonly channels: number
  /** RFC 6381 name, such as `mp4a.40.2`. */
  readonly codecString: string
}

const SAMPLE_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
  7_350,
]

const HEADER_BYTES = 7

/**
 * Walks the whole AAC frames of a byte stream and hands each one, header included, to `onFrame`.
 *
 * Null when there is no whole frame. Bytes between frames are passed over.
 */
export function scanAdts(bytes: Uint8Array, onFrame: (frame: Uint8Array) => void): AdtsScan | null {
  let frames = 0
  let format: Omit<AdtsScan, 'frames'> | null = null
  let at = 0
  while (at + HEADER_BYTES <= bytes.length) {
    const b = (index: number): number => bytes[at + index] as number
    const length = ((b(3) & 0x03) << 11) | (b(4) << 3) | (b(5) >> 5)
    const sampleRate = SAMPLE_RATES[(b(2) >> 2) & 0x0f]
    const synced = b(0) === 0xff && (b(1) & 0xf6) === 0xf0
    if (!synced || sampleRate === undefined || length < HEADER_BYTES) {
      at++
      continue
    }
    if (at + length > bytes.length) break
    const channels = ((b(2) & 1) << 2) | (b(3) >> 6)
    format ??= { sampleRate, channels, codecString: `mp4a.40.${(b(2) >> 6) + 1}` }
    onFrame(bytes.subarray(at, at + length))
    frames++
    at += length
  }
  return format === null ? null : { frames, ...format }
}
