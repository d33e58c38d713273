import { concatBytes, u256, utf8 } from '../bytes.ts'
import { err, ok, type Result } from '../result.ts'
import { type Address, addressBytes, addressFromPublicKey } from './address.ts'
import type { SignatureFault } from './eip191.ts'
import { keccak256 } from './keccak.ts'
import { type Secp256k1, secp256k1 } from './secp256k1.ts'

/** What a typed signature is bound to: one contract on one chain. */
export interface TypedDomain {
  readonly name: string
  readonly version: string
  readonly chainId: bigint
  readonly contract: Address
}

const PREFIX = Uint8Array.of(0x19, 0x01)
const DOMAIN_TYPE = keccak256(
  utf8('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
)
const HALF_N = u256(0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n)

/** The hash of a domain, for {@link typedDigest}. */
export function domainSeparator({ name, version, chainId, contract }: TypedDomain): Uint8Array {
  return keccak256(
    DOMAIN_TYPE,
    keccak256(utf8(name)),
    keccak256(utf8(version)),
    u256(chainId),
    new Uint8Array(12),
    addressBytes(contract),
  )
}

/** The digest that EIP-712 signs: of a domain's hash, a type as it is written, and its words. */
export function typedDigest(
  separator: Uint8Array,
  type: string,
  ...words: readonly Uint8Array[]
): Uint8Array {
  const struct = keccak256(keccak256(utf8(type)), ...words)
  return keccak256(concatBytes(PREFIX, separator, struct))
}

/**
 * The account that signed a digest, under the strict rules of the chain: 65 bytes, s in the lower
 * half, v 27 or 28.
 */
export function recoverDigestSigner(
  digest: Uint8Array,
  signature: Uint8Array,
  curve: Secp256k1 = secp256k1,
): Result<Address, SignatureFault> {
  if (signature.byteLength !== 65) return err('INVALID_LENGTH')
  if (Buffer.compare(signature.subarray(32, 64), HALF_N) > 0) return err('HIGH_S')
  const v = signature[64] as number
  if (v !== 27 && v !== 28) return err('INVALID_V')
  const key = curve.recover(digest, signature.subarray(0, 64), v - 27)
  return key === null ? err('UNRECOVERABLE') : ok(addressFromPublicKey(key))
}
