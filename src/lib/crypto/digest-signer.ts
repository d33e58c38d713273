import { type Address, addressFromPublicKey } from './address.ts'
import { type Secp256k1, secp256k1 } from './secp256k1.ts'

/** Signs digests as an EVM account. The private key stays behind it. */
export interface DigestSigner {
  readonly address: Address
  /**
   * Signs 32 bytes as they are: for typed data (EIP-712) alone, whose digests cannot be mistaken
   * for a transaction or a message.
   *
   * @returns r ‖ s ‖ v, 65 bytes, low s, v 27 or 28
   */
  signDigest(digest: Uint8Array): Uint8Array
}

/** A signer over a 32-byte private key held in memory. */
export function createDigestSigner(
  privateKey: Uint8Array,
  curve: Secp256k1 = secp256k1,
): DigestSigner {
  if (!curve.isPrivateKey(privateKey)) throw new RangeError('not a secp256k1 private key')
  const key = Uint8Array.from(privateKey)
  return {
    address: addressFromPublicKey(curve.publicKey(key)),
    signDigest(digest) {
      const { signature, recoveryId } = curve.sign(digest, key)
      const sig = new Uint8Array(65)
      sig.set(signature)
      sig[64] = 27 + recoveryId
      return sig
    },
  }
}
