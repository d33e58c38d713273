import type { AbortOptions } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import { workTokenAbi } from './abi/work-token.ts'
import {
  type ContractComponents,
  type ContractInit,
  createContract,
  type WriteOptions,
} from './contract.ts'
import type { Receipt } from './transactions.ts'

/** The ERC-20 that is bonded. Amounts are in its smallest unit, 10^-18. */
export interface WorkToken {
  readonly address: Address
  totalSupply(options?: AbortOptions): Promise<bigint>
  balanceOf(account: Address, options?: AbortOptions): Promise<bigint>
  allowance(owner: Address, spender: Address, options?: AbortOptions): Promise<bigint>
  approve(spender: Address, amount: bigint, options: WriteOptions): Promise<Receipt>
  transfer(to: Address, amount: bigint, options: WriteOptions): Promise<Receipt>
  transferFrom(from: Address, to: Address, amount: bigint, options: WriteOptions): Promise<Receipt>
  isMinter(account: Address, options?: AbortOptions): Promise<boolean>
  /** Only the token's owner and its minters may. */
  mint(to: Address, amount: bigint, options: WriteOptions): Promise<Receipt>
  /** Destroys tokens of the sender. */
  burn(amount: bigint, options: WriteOptions): Promise<Receipt>
  /** Only the token's owner may. The BondingManager is a minter from the deployment on. */
  setMinter(account: Address, allowed: boolean, options: WriteOptions): Promise<Receipt>
}

/** The WorkToken at an address. */
export function createWorkToken(components: ContractComponents, init: ContractInit): WorkToken {
  const { address, read, write } = createContract(components, workTokenAbi, init)
  return {
    address,
    totalSupply: async (options) => read('totalSupply', [], options),
    balanceOf: async (account, options) => read('balanceOf', [account], options),
    allowance: async (owner, spender, options) => read('allowance', [owner, spender], options),
    approve: async (spender, amount, options) => write('approve', [spender, amount], options),
    transfer: async (to, amount, options) => write('transfer', [to, amount], options),
    transferFrom: async (from, to, amount, options) =>
      write('transferFrom', [from, to, amount], options),
    isMinter: async (account, options) => read('isMinter', [account], options),
    mint: async (to, amount, options) => write('mint', [to, amount], options),
    burn: async (amount, options) => write('burn', [amount], options),
    setMinter: async (account, allowed, options) => write('setMinter', [account, allowed], options),
  }
}
