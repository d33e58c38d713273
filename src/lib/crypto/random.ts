import { randomBytes } from 'node:crypto'
import { type Address, addressFromBytes } from './address.ts'

/** Bytes nobody can foresee. */
export function randBytes(size: number): Uint8Array {
  return new Uint8Array(randomBytes(size))
}

/** 32 bytes nobody can foresee, as a hash looks. */
export function randHash(): Uint8Array {
  return randBytes(32)
}

/** An address nobody has the key of. */
export function randAddress(): Address {
  return addressFromBytes(randBytes(20))
}
