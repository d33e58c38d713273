import { fromHex, type Hex, toHex, utf8 } from '../bytes.ts'
import { keccak256 } from './keccak.ts'

/** An EVM account, `0x` and 40 hex digits, checksummed (EIP-55). */
export type Address = Hex

const SHAPE = /^0x[0-9a-fA-F]{40}$/

/** The EIP-55 form of an address given as text; null when it is not one or its checksum is wrong. */
export function parseAddress(text: string): Address | null {
  if (!SHAPE.test(text)) return null
  const digits = text.slice(2)
  const checksummed = checksum(digits.toLowerCase())
  const uniform = digits === digits.toLowerCase() || digits === digits.toUpperCase()
  return uniform || checksummed === text ? checksummed : null
}

/** The address held in 20 bytes. */
export function addressFromBytes(bytes: Uint8Array): Address {
  if (bytes.byteLength !== 20) throw new RangeError('an address is 20 bytes')
  return checksum(toHex(bytes).slice(2))
}

/** The 20 bytes of an address. */
export function addressBytes(address: Address): Uint8Array {
  return fromHex(address)
}

/** The address of an uncompressed public key: 64 bytes, or 65 with the leading 4. */
export function addressFromPublicKey(publicKey: Uint8Array): Address {
  return addressFromBytes(accountOf(publicKey))
}

/** The 20 bytes of that address, without the cost of its text. */
export function accountOf(publicKey: Uint8Array): Uint8Array {
  const point = publicKey.byteLength === 65 ? publicKey.subarray(1) : publicKey
  return keccak256(point).subarray(12)
}

function checksum(lowercase: string): Address {
  const digest = toHex(keccak256(utf8(lowercase))).slice(2)
  let out = ''
  for (let i = 0; i < 40; i += 1) {
    const digit = lowercase[i] as string
    out += Number.parseInt(digest[i] as string, 16) >= 8 ? digit.toUpperCase() : digit
  }
  return `0x${out}`
}
