import { createRequire } from 'node:module'
import { instantiateSecp256k1 } from '@bitauth/libauth'
import type Secp256k1Native from 'secp256k1'
import { messageOf } from '../errors.ts'

/**
 * The curve operations the node needs, on raw bytes.
 *
 * Signing is deterministic (RFC 6979, no extra entropy) and low-s. That is a security property of
 * tickets: signing the same ticket twice must not give its recipient a second draw.
 */
export interface Secp256k1 {
  /** Which library is in use. */
  readonly backend: 'native' | 'wasm'
  /** Compact signature and recovery id (0 or 1 for any signature met in practice). */
  sign(digest: Uint8Array, privateKey: Uint8Array): { signature: Uint8Array; recoveryId: number }
  /** The 65-byte uncompressed key, or null when the signature is invalid. */
  recover(digest: Uint8Array, signature: Uint8Array, recoveryId: number): Uint8Array | null
  /** The 65-byte uncompressed public key of a private key. */
  publicKey(privateKey: Uint8Array): Uint8Array
  isPrivateKey(privateKey: Uint8Array): boolean
}

/** The native binding; null, and `failed` told why, where the platform has no prebuilt one. */
export function loadNative(failed: (cause: unknown) => void = () => {}): Secp256k1 | null {
  const require = createRequire(import.meta.url)
  let native: typeof Secp256k1Native
  try {
    // The package's own entry falls back to a slow JavaScript curve without a word.
    native = require('secp256k1/bindings.js') as typeof Secp256k1Native
  } catch (cause) {
    failed(cause)
    return null
  }
  return {
    backend: 'native',
    sign(digest, privateKey) {
      const { signature, recid } = native.ecdsaSign(digest, privateKey)
      return { signature, recoveryId: recid }
    },
    recover(digest, signature, recoveryId) {
      try {
        return native.ecdsaRecover(signature, recoveryId, digest, false)
      } catch {
        return null
      }
    },
    publicKey: (privateKey) => native.publicKeyCreate(privateKey, false),
    isPrivateKey: (privateKey) =>
      privateKey.byteLength === 32 && native.privateKeyVerify(privateKey),
  }
}

/** The WebAssembly build, which runs anywhere. */
export async function loadWasm(): Promise<Secp256k1> {
  const wasm = await instantiateSecp256k1()
  return {
    backend: 'wasm',
    sign(digest, privateKey) {
      const signed = wasm.signMessageHashRecoverableCompact(privateKey, digest)
      if (typeof signed === 'string') throw new RangeError(signed)
      return { signature: signed.signature, recoveryId: signed.recoveryId }
    },
    recover(digest, signature, recoveryId) {
      const id = recoveryId as 0 | 1 | 2 | 3
      const key = wasm.recoverPublicKeyUncompressed(signature, id, digest)
      return typeof key === 'string' ? null : key
    },
    publicKey(privateKey) {
      const key = wasm.derivePublicKeyUncompressed(privateKey)
      if (typeof key === 'string') throw new RangeError(key)
      return key
    },
    isPrivateKey: (privateKey) =>
      privateKey.byteLength === 32 && wasm.validatePrivateKey(privateKey),
  }
}

/** Tells the process, and by it the operator, that signatures take longer than they need to. */
export function warnOfFallback(cause: unknown): void {
  process.emitWarning(
    'the native secp256k1 binding cannot be loaded; WebAssembly, at less than half its speed, takes its place',
    { type: 'SlowCurveWarning', detail: messageOf(cause) },
  )
}

/** Name of the environment variable that chooses the curve: `wasm` forgoes native code. */
export const CURVE_VARIABLE = 'MILLRACE_CURVE'

/** The fastest curve this machine has, unless the environment forgoes native code. */
export async function chooseCurve(wanted = process.env[CURVE_VARIABLE]): Promise<Secp256k1> {
  const native = wanted === 'wasm' ? null : loadNative(warnOfFallback)
  return native ?? loadWasm()
}

/** The curve in use; `secp256k1.backend` says which. */
export const secp256k1: Secp256k1 = await chooseCurve()
