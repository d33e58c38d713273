import { parseHex } from '../../lib/bytes.ts'
import { type Address, addressFromBytes } from '../../lib/crypto/address.ts'
import { channelError } from './errors.ts'
import { channelLimits } from './limits.ts'

const HEX = /^(?:[0-9a-f]{2})*$/

/** Bytes of lowercase hex of even length; `INVALID_HEX_DATA` for anything else. */
export function hexBytes(text: unknown, what: string): Uint8Array {
  if (typeof text !== 'string' || !HEX.test(text)) {
    throw channelError('INVALID_HEX_DATA', `${what} is not lowercase hex of even length`)
  }
  return parseHex(text) as Uint8Array
}

/** A party: on this chain an account of 20 bytes; `INVALID_PUB_KEY` for anything else. */
export function partyOf(text: unknown, what: string): Address {
  const bytes = hexBytes(text, what)
  if (bytes.byteLength !== 20) {
    throw channelError('INVALID_PUB_KEY', `${what} is not an account of 20 bytes`)
  }
  return addressFromBytes(bytes)
}

/** The asset: 20 bytes, zero for ether. */
export function assetOf(text: unknown): Address {
  const bytes = hexBytes(text, 'asset')
  if (bytes.byteLength !== 20) throw channelError('INVALID_HEX_DATA', 'asset is not 20 bytes')
  return addressFromBytes(bytes)
}

/** A hash of 20 bytes; `INVALID_HASH160` for anything else. */
export function hash160Of(text: unknown, what: string): Uint8Array {
  if (typeof text !== 'string' || !HEX.test(text) || text.length !== 40) {
    throw channelError('INVALID_HASH160', `${what} is not 20 bytes in lowercase hex`)
  }
  return parseHex(text) as Uint8Array
}

/** A number of blocks from 0 to 65535; `INVALID_SEQUENCE` for anything else. */
export function sequenceOf(value: unknown, what: string): number {
  const isSequence =
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value >= 0 &&
    value <= channelLimits.maxSequence
  if (!isSequence) throw channelError('INVALID_SEQUENCE', `${what} is not 0 to 65535 blocks`)
  return value
}

/** A quantity from `least` on that the asset's slots hold; `INVALID_QUANTITY` for anything else. */
export function quantityOf(value: unknown, least: bigint = 1n): bigint {
  if (typeof value !== 'bigint' || value < least || value > channelLimits.maxQuantity) {
    throw channelError('INVALID_QUANTITY', `quantity is not ${least} to 2^112 - 1`)
  }
  return value
}
