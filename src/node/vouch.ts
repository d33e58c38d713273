import { type Hex, toHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { createWalletSigner } from '../lib/crypto/eip191.ts'
import { signAccount } from '../pool/account-proof.ts'
import type { NodeConfig } from './config.ts'
import { loadWalletKey } from './wallet.ts'

/**
 * Lets the account of a config's wallet answer for a transcoder, which so needs no key of its own.
 *
 * @throws `WALLET_UNREADABLE`
 */
export async function vouchFor(
  { wallet, chain }: Pick<NodeConfig, 'wallet' | 'chain'>,
  peerId: string,
): Promise<{ readonly address: Address; readonly signature: Hex }> {
  const signer = createWalletSigner(await loadWalletKey(wallet.keyFile))
  const claim = signAccount(signer, peerId, BigInt(chain.chainId))
  return { address: claim.address, signature: toHex(claim.signature) }
}
