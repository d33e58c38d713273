import { concatBytes, u64, utf8 } from '../lib/bytes.ts'
import { type Address, addressBytes, addressFromBytes } from '../lib/crypto/address.ts'
import { recoverSigner, type WalletSigner } from '../lib/crypto/eip191.ts'
import { err, ok, type Result } from '../lib/result.ts'
import {
  isPeerId,
  type PeerKey,
  type PeerVerifier,
  peerVerifier,
  signWithPeerKey,
} from './peer-key.ts'

/**
 * Proof that one party holds both a peer key and a wallet: each has signed over the other.
 *
 * Either signature alone would let a party claim a stranger's wallet or a stranger's peer id.
 */
export interface Binding {
  readonly peerId: string
  readonly address: Address
  /** Ed25519, 64 bytes, by the peer key over {@link bindingPeerBytes}. */
  readonly peerSignature: Uint8Array
  /** EIP-191, 65 bytes, by the wallet over {@link bindingWalletText}. */
  readonly walletSignature: Uint8Array
}

/** A binding as it came off the wire. */
export interface BindingParts {
  readonly peerId: string
  /** 20 bytes. */
  readonly address: Uint8Array
  readonly peerSignature: Uint8Array
  readonly walletSignature: Uint8Array
}

/** Why a binding was refused. */
export type BindingFault =
  | 'MALFORMED_PEER_ID'
  | 'MALFORMED_ADDRESS'
  | 'MALFORMED_SIGNATURE'
  | 'BAD_PEER_SIGNATURE'
  | 'BAD_WALLET_SIGNATURE'

/** Where a binding holds. */
export interface BindingDomain {
  readonly chainId: bigint | number
}

const PEER_DOMAIN = utf8('millrace/binding/1\n')
const ED25519_SIGNATURE_BYTES = 64
const WALLET_SIGNATURE_BYTES = 65

/** What the wallet signs: readable, because a wallet shows it to its owner. */
export function bindingWalletText(peerId: string, address: Address, domain: BindingDomain): string {
  return [
    'millrace: bind this wallet to a peer',
    `Chain: ${domain.chainId}`,
    `Peer: ${peerId}`,
    `Wallet: ${address}`,
    'Version: 1',
  ].join('\n')
}

/** What the peer key signs: `"millrace/binding/1\n" ‖ u64 chain id ‖ address ‖ peer id`. */
export function bindingPeerBytes(
  peerId: string,
  address: Address,
  domain: BindingDomain,
): Uint8Array {
  return concatBytes(PEER_DOMAIN, u64(domain.chainId), addressBytes(address), utf8(peerId))
}

/** Binds a peer key and a wallet to each other on one chain. */
export function createBinding(
  peerKey: PeerKey,
  wallet: WalletSigner,
  domain: BindingDomain,
): Binding {
  const { peerId } = peerKey
  const { address } = wallet
  return {
    peerId,
    address,
    peerSignature: signWithPeerKey(peerKey, bindingPeerBytes(peerId, address, domain)),
    walletSignature: wallet.signMessage(utf8(bindingWalletText(peerId, address, domain))),
  }
}

/** A binding out of untrusted parts: shapes checked, signatures not. */
export function parseBinding(parts: BindingParts): Result<Binding, BindingFault> {
  if (!isPeerId(parts.peerId)) return err('MALFORMED_PEER_ID')
  if (parts.address.byteLength !== 20) return err('MALFORMED_ADDRESS')
  const { peerSignature, walletSignature } = parts
  if (
    peerSignature.byteLength !== ED25519_SIGNATURE_BYTES ||
    walletSignature.byteLength !== WALLET_SIGNATURE_BYTES
  ) {
    return err('MALFORMED_SIGNATURE')
  }
  const address = addressFromBytes(parts.address)
  return ok({ peerId: parts.peerId, address, peerSignature, walletSignature })
}

/**
 * Whether both keys of a binding have signed over the other on this chain.
 *
 * @param isByPeer - the verifier of the binding's peer, where the caller has one already
 */
export function verifyBinding(
  binding: Binding,
  domain: BindingDomain,
  isByPeer: PeerVerifier = peerVerifier(binding.peerId),
): Result<Binding, BindingFault> {
  const { peerId, address } = binding
  const bytes = bindingPeerBytes(peerId, address, domain)
  if (!isByPeer(bytes, binding.peerSignature)) return err('BAD_PEER_SIGNATURE')
  const text = utf8(bindingWalletText(peerId, address, domain))
  const signer = recoverSigner(text, binding.walletSignature)
  if (!signer.ok || signer.value !== address) return err('BAD_WALLET_SIGNATURE')
  return ok(binding)
}
