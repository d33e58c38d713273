import { decode, encode } from 'cborg'
import { bigIntDecoder, bigNegIntDecoder, structBigIntEncoder } from 'cborg/taglib'
import { concatBytes } from '../lib/bytes.ts'
import { MillraceError } from '../lib/errors.ts'

/** Turns a stored value into bytes and back. */
export interface Codec<V> {
  encode(value: V): Uint8Array
  /** @throws `STORE_CORRUPT` when the bytes are not what this codec wrote */
  decode(bytes: Uint8Array): V
}

/** What {@link versionedCodec} needs. */
export interface VersionedCodecInit<V> {
  /** What is stored, for error messages. */
  readonly name: string
  /** Version written. Older versions stay readable through `upgrade`. */
  readonly version: number
  /** Checks a decoded value of the current version and gives it its type. */
  parse(value: unknown): V
  /** Turns a value written as `version` into one of the current version. */
  upgrade?(version: number, value: unknown): unknown
}

const encodeOptions = { typeEncoders: { bigint: structBigIntEncoder } }
const decodeOptions = { tags: { 2: bigIntDecoder, 3: bigNegIntDecoder } }

/**
 * A codec of one version byte and CBOR. A bigint of any size comes back as a bigint, a number as a
 * number.
 *
 * Invariant: a value of a version this build does not know is refused, never guessed at.
 */
export function versionedCodec<V>(init: VersionedCodecInit<V>): Codec<V> {
  const corrupt = (cause: unknown): MillraceError =>
    new MillraceError('STORE_CORRUPT', `a stored ${init.name} cannot be read`, { cause })
  return {
    encode: (value) => concatBytes(Uint8Array.of(init.version), encode(value, encodeOptions)),
    decode(bytes) {
      const version = bytes[0]
      if (version === undefined) throw corrupt(new RangeError('empty value'))
      if (version > init.version) {
        throw new MillraceError(
          'STORE_NEWER',
          `a stored ${init.name} has format ${version}, this build knows up to ${init.version}`,
          { hint: 'Run the release that wrote this data directory, or a newer one' },
        )
      }
      try {
        let value: unknown = decode(bytes.subarray(1), decodeOptions)
        if (version < init.version) value = init.upgrade?.(version, value)
        return init.parse(value)
      } catch (error) {
        throw corrupt(error)
      }
    },
  }
}

/** A codec for raw bytes. */
export const bytesCodec: Codec<Uint8Array> = {
  encode: (value) => value,
  decode: (bytes) => bytes,
}
