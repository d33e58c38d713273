import { createCRC32 } from 'hash-wasm'

const CASTAGNOLI = 0x82f63b78
const hasher = await createCRC32(CASTAGNOLI)

/** CRC-32C of the bytes, as 4 bytes: finds damage on disk, proves nothing against malice. */
export function crc32c(bytes: Uint8Array): Uint8Array {
  hasher.init()
  hasher.update(bytes)
  return hasher.digest('binary')
}
