import { bytesEqual, concatBytes, u256, utf8 } from '../bytes.ts'
import { err, ok, type Result } from '../result.ts'
import { type Address, accountOf, addressBytes, addressFromPublicKey } from './address.ts'
import { keccak256 } from './keccak.ts'
import { type Secp256k1, secp256k1 } from './secp256k1.ts'

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

const HALF_N = u256(0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n)
const PREFIX = '\x19Ethereum Signed Message:\n'
const PREFIX_32 = utf8(`${PREFIX}32`)
/** The prefix with room for 32 bytes behind it: a message is hashed in one piece. */
const PREFIXED_32 = concatBytes(PREFIX_32, new Uint8Array(32))

/** The digest that EIP-191 signs for a message. */
export function eip191Digest(message: Uint8Array): Uint8Array {
  if (message.byteLength !== 32) {
    return keccak256(utf8(`${PREFIX}${message.byteLength}`), message)
  }
  PREFIXED_32.set(message, PREFIX_32.byteLength)
  return keccak256(PREFIXED_32)
}

/** A signer over a 32-byte private key held in memory. */
export function createWalletSigner(
  privateKey: Uint8Array,
  curve: Secp256k1 = secp256k1,
): WalletSigner {
  if (!curve.isPrivateKey(privateKey)) throw new RangeError('not a secp256k1 private key')
  const key = Uint8Array.from(privateKey)
  return {
    address: addressFromPublicKey(curve.publicKey(key)),
    signMessage(message) {
      const { signature, recoveryId } = curve.sign(eip191Digest(message), key)
      const sig = new Uint8Array(65)
      sig.set(signature)
      sig[64] = 27 + recoveryId
      return sig
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
  const key = recoverKey(secp256k1, message, signature)
  return key.ok ? ok(addressFromPublicKey(key.value)) : key
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

/** What is wrong with a signature of a message that one account should have signed, if anything. */
export type SignerCheck = (
  message: Uint8Array,
  signature: Uint8Array,
) => SignatureFault | 'WRONG_SIGNER' | null

/** Judges signatures by the rules of {@link recoverSigner}. */
export interface SigVerifier {
  verify(address: Address, message: Uint8Array, signature: Uint8Array): boolean
  /** A check of many signatures of one account; it learns the account's key with the first. */
  checkOf(address: Address): SignerCheck
}

/** A verifier over a curve. */
export function createSigVerifier(curve: Secp256k1 = secp256k1): SigVerifier {
  const checkOf = (address: Address): SignerCheck => {
    const expected = addressBytes(address)
    let known: Uint8Array | undefined
    // The key is recovered and not merely verified against: recovery alone covers v, and a ticket
    // whose v was flipped could never be redeemed.
    return (message, signature) => {
      const key = recoverKey(curve, message, signature)
      if (!key.ok) return key.error
      if (known !== undefined) return bytesEqual(known, key.value) ? null : 'WRONG_SIGNER'
      if (!bytesEqual(accountOf(key.value), expected)) return 'WRONG_SIGNER'
      known = key.value
      return null
    }
  }
  return {
    checkOf,
    verify: (address, message, signature) => checkOf(address)(message, signature) === null,
  }
}

/** The uncompressed key that signed; only what the chain accepts too. */
function recoverKey(
  curve: Secp256k1,
  message: Uint8Array,
  signature: Uint8Array,
): Result<Uint8Array, SignatureFault> {
  if (signature.byteLength !== 65) return err('INVALID_LENGTH')
  if (Buffer.compare(signature.subarray(32, 64), HALF_N) > 0) return err('HIGH_S')
  const v = signature[64] as number
  if (v !== 27 && v !== 28) return err('INVALID_V')
  const key = curve.recover(eip191Digest(message), signature.subarray(0, 64), v - 27)
  return key === null ? err('UNRECOVERABLE') : ok(key)
}
