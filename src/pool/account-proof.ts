import { utf8 } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { verifySignature, type WalletSigner } from '../lib/crypto/eip191.ts'
import type { AccountClaim } from './wire.ts'

/**
 * What an account signs to answer for a worker: its deposit stands for the work, and it is paid.
 *
 * The worker's connection proves its peer id, so this signature is made once, elsewhere: the machine
 * that transcodes holds no wallet. It is good on one chain and for one peer.
 */
export function accountText(peerId: string, address: Address, chainId: bigint): string {
  return [
    'millrace: this account answers for a transcoder and is paid for it',
    `Chain: ${chainId}`,
    `Peer: ${peerId}`,
    `Account: ${address}`,
    'Version: 1',
  ].join('\n')
}

/** Signs for a worker. */
export function signAccount(wallet: WalletSigner, peerId: string, chainId: bigint): AccountClaim {
  const { address } = wallet
  const signature = wallet.signMessage(utf8(accountText(peerId, address, chainId)))
  return { address, signature }
}

/** Whether the account has signed for this worker on this chain. */
export function verifyAccount(claim: AccountClaim, peerId: string, chainId: bigint): boolean {
  const text = utf8(accountText(peerId, claim.address, chainId))
  return verifySignature(claim.address, text, claim.signature)
}
