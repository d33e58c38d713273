import { createHash } from 'node:crypto'
import { createRIPEMD160 } from 'hash-wasm'

const hasher = await createRIPEMD160()

/** RIPEMD-160 of SHA-256 of the bytes: 20 bytes, the same here, in a contract and in a script. */
export function hash160(bytes: Uint8Array): Uint8Array {
  hasher.init()
  hasher.update(createHash('sha256').update(bytes).digest())
  return hasher.digest('binary')
}
