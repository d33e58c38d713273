import { concatBytes, readUint, utf8 } from '../bytes.ts'
import { err, ok, type Result } from '../result.ts'
import { type Address, addressFromPublicKey } from './address.ts'
import { keccak256 } from './keccak.ts'
import { secp256k1 } from './secp256k1.ts'

/** Signs as an EVM account. The private key stays behind it. */
export interface WalletSigner {
  readonly address: Address
  /**
   * Signs a message under EIP-191 ("personal sign").
   *
   * @returns r ‖ s ‖ v, 65 bytes, low s, v 27 or 28
   */
  signMessage(message: Uint8Array): Uint8Array
}

/** Why a 65-byte signature was refused. The names follow the checks of the TicketBroker contract. */
export type SignatureFault = 'INVALID_LENGTH' | 'HIGH_S' | 'INVALID_V' | 'UNRECOVERABLE'

const HALF_N = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n
const PREFIX = '\x19Ethereum Signed Message:\n'
const PREFIX_32 = utf8(`${PREFIX}32`)

/** The digest that EIP-191 signs for a message. */
export function eip191Digest(message: Uint8Array): Uint8Array {
  if (message.byteLength === 32) return keccak256(PREFIX_32, message)
  return keccak256(utf8(`${PREFIX}${message.byteLength}`), message)
}

/** A signer over a 32-byte private key held in memory. */
export function createWalletSigner(privateKey: Uint8Array): WalletSigner {
  if (!secp256k1.isPrivateKey(privateKey)) throw new RangeError('not a secp256k1 private key')
  const key = Uint8Array.from(privateKey)
  return {
    address: addressFromPublicKey(secp256k1.publicKey(key)),
    signMessage(message) {
      const { signature, recoveryId } = secp256k1.sign(eip191Digest(message), key)
      return concatBytes(signature, Uint8Array.of(27 + recoveryId))
    },
  }
}

/**
 * The account that signed a message, under the strict rules of the chain: 65 bytes, s in the lower
 * half, v 27 or 28. A signature that passes here passes there.
 */
export function recoverSigner(
  message: Uint8Array,
  signature: Uint8Array,
): Result<Address, SignatureFault> {
  if (signature.byteLength !== 65) return err('INVALID_LENGTH')
  if (readUint(signature.subarray(32, 64)) > HALF_N) return err('HIGH_S')
  const v = signature[64] as number
  if (v !== 27 && v !== 28) return err('INVALID_V')
  const key = secp256k1.recover(eip191Digest(message), signature.subarray(0, 64), v - 27)
  return key === null ? err('UNRECOVERABLE') : ok(addressFromPublicKey(key))
}

/** Whether the address signed the message, by the rules of {@link recoverSigner}. */
export function verifySignature(
  address: Address,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const signer = recoverSigner(message, signature)
  return signer.ok && signer.value === address
}
