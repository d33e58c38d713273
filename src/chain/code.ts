import type { AbortOptions } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import { MillraceError } from '../lib/errors.ts'
import { ask, type ChainClient } from './client.ts'

/**
 * Makes sure that a contract is where it is said to be.
 *
 * @throws `CONTRACT_MISSING` naming the contract and the address
 */
export async function requireCode(
  client: ChainClient,
  { name, address }: { readonly name: string; readonly address: Address },
  options: AbortOptions = {},
): Promise<void> {
  const code = await ask(client.viem.getCode({ address }), options)
  if (code !== undefined && code !== '0x') return
  throw new MillraceError('CONTRACT_MISSING', `no contract is at ${address}, the ${name}`, {
    hint: `Check chain.contracts and that it belongs to chain ${client.chainId}`,
    meta: { name, address, chainId: client.chainId },
  })
}
