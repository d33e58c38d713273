import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  createTestClient,
  http,
  publicActions,
  type WriteContractParameters,
  walletActions,
} from 'viem'
import type { ContractAddresses } from '../../src/chain/deploy.ts'
import type { TicketBroker } from '../../src/chain/ticket-broker.ts'
import { sleep } from '../../src/lib/abort.ts'
import type { Address } from '../../src/lib/crypto/address.ts'
import type { Anvil } from './anvil.ts'

/** What only a local EVM allows. */
export type Cheat = ReturnType<typeof createCheat>

/** Contracts in the round and with the pool that a vector starts from. */
export interface VectorPlace {
  readonly cheat: Cheat
  readonly addresses: ContractAddresses
  readonly broker: TicketBroker
  /** The account that deployed the contracts. */
  readonly operator: Address
  close(): void
}

/** Stake of every orchestrator. */
export const stake = 100n

/** Whether nobody has this address, so that nothing can be sent in its name. */
export function isNobody(address: Address): boolean {
  return BigInt(address) === 0n
}

/** A client with the local EVM's own methods. */
export function createCheat(anvil: Anvil) {
  const transport = http(anvil.rpcUrl, { timeout: 30_000 })
  return createTestClient({ mode: 'anvil', transport }).extend(publicActions).extend(walletActions)
}

/** Sends a call and waits for its block: what comes next must find it done. */
export async function mined<
  const A extends Abi,
  N extends ContractFunctionName<A, 'nonpayable' | 'payable'>,
  const P extends ContractFunctionArgs<A, 'nonpayable' | 'payable', N>,
>(
  cheat: Cheat,
  call: {
    readonly address: Address
    readonly abi: A
    readonly account: Address
    readonly functionName: N
    readonly args?: P
  },
): Promise<'success' | 'reverted'> {
  const request = { ...call, chain: null } as unknown as WriteContractParameters
  const hash = await cheat.writeContract(request)
  for (let looks = 1; ; looks += 1) {
    const receipt = await cheat.getTransactionReceipt({ hash }).catch(() => null)
    if (receipt !== null) return receipt.status
    await sleep(5)
    // The local EVM's own mining now and then leaves a transaction behind.
    if (looks % 100 === 0) await cheat.mine({ blocks: 1 })
  }
}

/** Lets the local EVM send transactions of an account, and pays for them. */
export async function impersonate(cheat: Cheat, address: Address): Promise<void> {
  await cheat.impersonateAccount({ address })
  await cheat.setBalance({ address, value: 10n ** 20n })
}
