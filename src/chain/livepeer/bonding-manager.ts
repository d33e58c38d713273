import { parseAbi } from 'viem'
import type { AbortOptions } from '../../lib/abort.ts'
import type { Address } from '../../lib/crypto/address.ts'
import type { Wei } from '../../lib/wei.ts'
import type { BondingManager } from '../bonding-manager.ts'
import {
  type ContractComponents,
  type ContractInit,
  createContract,
  type WriteOptions,
} from '../contract.ts'
import type { RoundsManager } from '../rounds-manager.ts'
import type { Receipt } from '../transactions.ts'
import type { Controller } from './controller.ts'

const bondingAbi = parseAbi([
  'function isActiveTranscoder(address transcoder) view returns (bool)',
  'function isRegisteredTranscoder(address transcoder) view returns (bool)',
  'function transcoderTotalStake(address transcoder) view returns (uint256)',
  'function getTranscoderPoolSize() view returns (uint256)',
  'function getTranscoderPoolMaxSize() view returns (uint256)',
  'function unbondingPeriod() view returns (uint64)',
  'function getDelegatorUnbondingLock(address delegator, uint256 id) view returns (uint256 amount, uint256 withdrawRound)',
  'function pendingFees(address delegator, uint256 endRound) view returns (uint256)',
  'function bond(uint256 amount, address to)',
  'function unbond(uint256 amount)',
  'function withdrawStake(uint256 unbondingLockId)',
  'function withdrawFees(address recipient, uint256 amount)',
])

/** Livepeer's BondingManager: it keeps the fees of redeemed tickets too. */
export interface LivepeerBondingManager extends BondingManager {
  /** An orchestrator's own part of the fees, up to the current round, not withdrawn. */
  pendingFees(account: Address, options?: AbortOptions): Promise<Wei>
  /** Needs an initialized round. */
  withdrawFees(recipient: Address, amount: Wei, options: WriteOptions): Promise<Receipt>
}

/** The BondingManager of a deployment with Livepeer's interface. */
export function createLivepeerBonding(
  components: ContractComponents & {
    readonly controller: Controller
    readonly rounds: Pick<RoundsManager, 'currentRound'>
  },
  init: ContractInit,
): LivepeerBondingManager {
  const { address, read, write } = createContract(components, bondingAbi, init)
  const { controller, rounds, transactions } = components
  return {
    address,
    workToken: (options) => controller.find('LivepeerToken', options),
    isActiveTranscoder: async (account, options) => read('isActiveTranscoder', [account], options),
    isRegisteredTranscoder: async (account, options) =>
      read('isRegisteredTranscoder', [account], options),
    transcoderTotalStake: async (account, options) =>
      read('transcoderTotalStake', [account], options),
    transcoderPoolSize: async (options) => read('getTranscoderPoolSize', [], options),
    // The broker divides by the pool as it is now, not as it was when the round began.
    reserveParts: async (options) => read('getTranscoderPoolSize', [], options),
    transcoderPoolMaxSize: async (options) => read('getTranscoderPoolMaxSize', [], options),
    unbondingPeriod: async (options) => read('unbondingPeriod', [], options),
    async unbondingLock(account, lockId, options) {
      const lock = await read('getDelegatorUnbondingLock', [account, lockId], options)
      const [amount, withdrawRound] = lock
      return amount === 0n ? null : { amount, withdrawRound }
    },
    async pendingFees(account, options) {
      const round = await rounds.currentRound(options)
      return read('pendingFees', [account, round], options)
    },
    async bond(amount, options) {
      // Without transactions the write itself refuses.
      return write('bond', [amount, transactions?.address ?? address], options)
    },
    unbond: async (amount, options) => write('unbond', [amount], options),
    withdrawStake: async (lockId, options) => write('withdrawStake', [lockId], options),
    withdrawFees: async (recipient, amount, options) =>
      write('withdrawFees', [recipient, amount], options),
  }
}
