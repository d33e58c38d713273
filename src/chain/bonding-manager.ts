import type { AbortOptions } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import { bondingManagerAbi } from './abi/bonding-manager.ts'
import {
  type ContractComponents,
  type ContractInit,
  createContract,
  type WriteOptions,
} from './contract.ts'
import { createDelegation, type Delegation } from './delegation.ts'
import type { Receipt } from './transactions.ts'

/** Stake that was unbonded and waits for its round. */
export interface UnbondingLock {
  readonly amount: bigint
  readonly withdrawRound: bigint
}

/** The contract that knows who is registered, who is active, and with how much stake. */
export interface BondingManager {
  readonly address: Address
  /** The token that is bonded. */
  workToken(options?: AbortOptions): Promise<Address>
  /** In the pool at the start of the current round. */
  isActiveTranscoder(account: Address, options?: AbortOptions): Promise<boolean>
  /** Has stake bonded to itself. */
  isRegisteredTranscoder(account: Address, options?: AbortOptions): Promise<boolean>
  transcoderTotalStake(account: Address, options?: AbortOptions): Promise<bigint>
  /** Size of the pool as the next round will find it. */
  transcoderPoolSize(options?: AbortOptions): Promise<bigint>
  /** Into how many parts the broker divides every reserve: the size of the pool that counts. */
  reserveParts(options?: AbortOptions): Promise<bigint>
  transcoderPoolMaxSize(options?: AbortOptions): Promise<bigint>
  /** Rounds. */
  unbondingPeriod(options?: AbortOptions): Promise<bigint>
  /** Null when there is none, or it was withdrawn. Locks are numbered from 0. */
  unbondingLock(
    account: Address,
    lockId: bigint,
    options?: AbortOptions,
  ): Promise<UnbondingLock | null>
  /** Bonds approved tokens to the sender itself; active from the next round, if in the pool. */
  bond(amount: bigint, options: WriteOptions): Promise<Receipt>
  unbond(amount: bigint, options: WriteOptions): Promise<Receipt>
  withdrawStake(lockId: bigint, options: WriteOptions): Promise<Receipt>
}

/** This project's BondingManager. */
export interface OwnBondingManager extends BondingManager, Delegation {
  /** The whole pool, most stake first. */
  transcoderPool(options?: AbortOptions): Promise<readonly Address[]>
}

/** This project's BondingManager at an address. */
export function createBondingManager(
  components: ContractComponents,
  init: ContractInit,
): OwnBondingManager {
  const { address, read, write } = createContract(components, bondingManagerAbi, init)
  return {
    ...createDelegation(components, init),
    address,
    workToken: async (options) => read('token', [], options),
    isActiveTranscoder: async (account, options) => read('isActiveTranscoder', [account], options),
    isRegisteredTranscoder: async (account, options) =>
      read('isRegisteredTranscoder', [account], options),
    transcoderTotalStake: async (account, options) =>
      read('transcoderTotalStake', [account], options),
    transcoderPoolSize: async (options) => read('getTranscoderPoolSize', [], options),
    // The pool at the start of the round, so that shares do not move within it.
    reserveParts: async (options) => read('currentRoundPoolSize', [], options),
    transcoderPoolMaxSize: async (options) => read('getTranscoderPoolMaxSize', [], options),
    transcoderPool: async (options) => read('getTranscoderPool', [], options),
    unbondingPeriod: async (options) => read('unbondingPeriod', [], options),
    async unbondingLock(account, lockId, options) {
      const lock = await read('getDelegatorUnbondingLock', [account, lockId], options)
      const [amount, withdrawRound] = lock
      return amount === 0n ? null : { amount, withdrawRound }
    },
    async bond(amount, options) {
      return write('bond', [amount, senderOf(components)], options)
    },
    unbond: async (amount, options) => write('unbond', [amount], options),
    withdrawStake: async (lockId, options) => write('withdrawStake', [lockId], options),
  }
}

const nobody: Address = '0x0000000000000000000000000000000000000000'

function senderOf(components: ContractComponents): Address {
  // Without transactions the write itself refuses.
  return components.transactions?.address ?? nobody
}
