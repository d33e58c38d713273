import { versionedCodec } from '../../store/codec.ts'
import type { Store, Table } from '../../store/store.ts'
import { ticketLimits } from './limits.ts'

/** Which senderNonces were admitted under one recipientRandHash. */
export interface NonceWindow {
  readonly expirationBlock: bigint
  /** Bit n is nonce n. */
  readonly bits: Uint8Array
  readonly count: number
}

/** A window in which nothing was admitted yet. */
export function emptyNonceWindow(expirationBlock: bigint): NonceWindow {
  return { expirationBlock, bits: new Uint8Array(0), count: 0 }
}

/** Whether a nonce was admitted before. */
export function hasNonce(window: NonceWindow, nonce: number): boolean {
  const byte = window.bits[nonce >> 3]
  return byte !== undefined && (byte & (1 << (nonce & 7))) !== 0
}

/** Whether a nonce is one this window can hold: 1 up to the limit. */
export function isNonceInRange(nonce: number): boolean {
  return Number.isInteger(nonce) && nonce >= 1 && nonce <= ticketLimits.maxNoncesPerParams
}

/**
 * The window with more nonces admitted. Pure: the caller stores the result before it credits.
 *
 * Invariant: one senderNonce per recipientRandHash is admitted at most once.
 */
export function admitNonces(window: NonceWindow, nonces: readonly number[]): NonceWindow {
  const highest = nonces.reduce((max, nonce) => Math.max(max, nonce), 0)
  const bits = new Uint8Array(Math.max(window.bits.byteLength, (highest >> 3) + 1))
  bits.set(window.bits)
  let { count } = window
  for (const nonce of nonces) {
    const mask = 1 << (nonce & 7)
    const byte = bits[nonce >> 3] as number
    if ((byte & mask) === 0) count += 1
    bits[nonce >> 3] = byte | mask
  }
  return { expirationBlock: window.expirationBlock, bits, count }
}

/** How a window is stored. */
export const nonceWindowCodec = versionedCodec<NonceWindow>({
  name: 'nonce window',
  version: 1,
  parse(value) {
    const { expirationBlock, bits, count } = value as Record<string, unknown>
    const block = typeof expirationBlock === 'number' ? BigInt(expirationBlock) : expirationBlock
    if (typeof block !== 'bigint' || !(bits instanceof Uint8Array) || typeof count !== 'number') {
      throw new TypeError('not a nonce window')
    }
    return { expirationBlock: block, bits, count }
  },
})

/** The windows of a recipient, by the hex of their recipientRandHash. */
export function nonceWindows(store: Store): Table<NonceWindow> {
  return store.table('nonces', nonceWindowCodec)
}
