import type { AbortOptions } from '../lib/abort.ts'
import { type Address, parseAddress } from '../lib/crypto/address.ts'
import type { Wei } from '../lib/wei.ts'
import { bondingManagerAbi } from './abi/bonding-manager.ts'
import { ask } from './client.ts'
import {
  type ContractComponents,
  type ContractInit,
  createContract,
  type WriteOptions,
} from './contract.ts'
import type { ActiveSetPolicy } from './deploy.ts'
import { chainLimits } from './limits.ts'
import type { BlockRange } from './ticket-broker.ts'
import type { Receipt } from './transactions.ts'

/** Shares, rewards and fee shares are in parts of this. */
export const SHARE_PARTS = 1_000_000n

/** What an account has bonded, and to whom. Amounts are in 10^-18 work tokens and in wei. */
export interface Delegator {
  /** Null when nothing is bonded. */
  readonly delegate: Address | null
  /** Rewards included. */
  readonly stake: bigint
  /** The round from which on the stake counts in its present form; 0 when nothing is bonded. */
  readonly startRound: bigint
  /** Fees that can be withdrawn. */
  readonly fees: Wei
  /** Locks are numbered from 0; this many were made. */
  readonly lockCount: bigint
}

/** A lock with its number. */
export interface NumberedLock {
  readonly id: bigint
  readonly amount: bigint
  readonly withdrawRound: bigint
}

/**
 * A run of rounds over which an orchestrator's stake and shares are the same. It ends where the next one
 * starts.
 */
export interface Term extends Shares {
  readonly startRound: bigint
  /** All that is bonded to the orchestrator, in 10^-18 work tokens. */
  readonly stake: bigint
  /** Fees passed on so far, of tickets created in the term, in wei. */
  readonly sharedFees: Wei
}

/** An orchestrator's shares, per million. */
export interface Shares {
  /** Part of the inflation that it keeps. */
  readonly rewardCut: bigint
  /** Part of the fees that it passes on to all stake. */
  readonly feeShare: bigint
}

/** A change of shares, as it was announced. */
export interface ShareChange extends Shares {
  readonly orchestrator: Address
  /** The round from which on it holds. */
  readonly effectiveRound: bigint
}

/** From when and until when an orchestrator is active. */
export interface Activity {
  readonly activationRound: bigint
  /** Not active from this round on. */
  readonly deactivationRound: bigint
  /** The last round whose reward it called for; 0 before the first. */
  readonly lastRewardRound: bigint
}

/** What a deployment mints and for whom, in the current round. */
export interface RoundEconomy {
  /** How orchestrators become active. */
  readonly policy: ActiveSetPolicy
  /** 0 when none is required. */
  readonly requiredStake: bigint
  /** Parts of the supply per 10^9. */
  readonly inflation: bigint
  /** Tokens that all active orchestrators together can mint. */
  readonly mintableTokens: bigint
  readonly totalActiveStake: bigint
}

/** Bonding to others, rewards, shares and slashing: what only this project's BondingManager has. */
export type Delegation = DelegationViews & DelegationCalls

/** What is read of it. */
interface DelegationViews {
  delegator(account: Address, options?: AbortOptions): Promise<Delegator>
  /** Locks that were not withdrawn or bonded again, the newest 100 looked at. */
  unbondingLocks(account: Address, options?: AbortOptions): Promise<readonly NumberedLock[]>
  /** The public history of an orchestrator, oldest first: its newest terms. */
  terms(
    orchestrator: Address,
    options?: AbortOptions & { readonly last?: number },
  ): Promise<readonly Term[]>
  /** The shares that hold in a round, at most the next one; zeros when none were set by then. */
  sharesAt(orchestrator: Address, round: bigint, options?: AbortOptions): Promise<Shares>
  /** All changes of shares that were announced in some blocks, in their order. */
  shareChanges(range: BlockRange, options?: AbortOptions): Promise<readonly ShareChange[]>
  activity(orchestrator: Address, options?: AbortOptions): Promise<Activity>
  /** What a call of `reward` would mint now; 0 when it was called in this round. */
  pendingReward(orchestrator: Address, options?: AbortOptions): Promise<bigint>
  economy(options?: AbortOptions): Promise<RoundEconomy>
  /** The contract that may slash; null for none. */
  verifier(options?: AbortOptions): Promise<Address | null>
}

/** What changes the chain. */
interface DelegationCalls {
  /**
   * Bonds approved tokens to a registered orchestrator, from the next round on. What the sender has
   * bonded to another one moves along; an amount of 0 only moves it.
   *
   * @throws `TX_REVERTED`, `delegate must be a registered transcoder` among other reasons
   */
  bondTo(orchestrator: Address, amount: bigint, options: WriteOptions): Promise<Receipt>
  /** Bonds a lock again, to the orchestrator that the sender is bonded to. */
  rebond(lockId: bigint, options: WriteOptions): Promise<Receipt>
  /** Bonds a lock again, to any orchestrator. Nothing else may be bonded. */
  rebondFromUnbonded(orchestrator: Address, lockId: bigint, options: WriteOptions): Promise<Receipt>
  /** Sets the sender's shares, per million, from the next round on. It must be registered. */
  setShares(shares: Shares, options: WriteOptions): Promise<Receipt>
  /** Mints the sender's part of the round's inflation, once a round while it is active. */
  reward(options: WriteOptions): Promise<Receipt>
  /** Only the owner of the contract may. */
  setVerifier(verifier: Address | null, options: WriteOptions): Promise<Receipt>
  /** Slashes an orchestrator and all who are bonded to it, pro rata. Only the verifier may. */
  slash(
    fault: {
      readonly orchestrator: Address
      /** Null for nobody. */
      readonly finder: Address | null
      /** Part of the stake, per million. */
      readonly amount: bigint
      /** Part of the penalty that the finder gets, per million; the rest is burnt. */
      readonly finderFee: bigint
    },
    options: WriteOptions,
  ): Promise<Receipt>
}

const nobody: Address = '0x0000000000000000000000000000000000000000'
const policies: readonly ActiveSetPolicy[] = ['most-stake', 'minimum', 'fixed', 'open']

const known = (address: Address): Address | null => (address === nobody ? null : address)

/** The delegation side of the BondingManager at an address. */
export function createDelegation(components: ContractComponents, init: ContractInit): Delegation {
  return { ...createViews(components, init), ...createCalls(components, init) }
}

function createViews(components: ContractComponents, init: ContractInit): DelegationViews {
  const { read } = createContract(components, bondingManagerAbi, init)
  return {
    async delegator(account, options) {
      const found = await read('getDelegator', [account], options)
      const [delegate, stake, startRound, fees, lockCount] = found
      return { delegate: known(delegate), stake, startRound, fees, lockCount }
    },
    async unbondingLocks(account, options) {
      const [, , , , count] = await read('getDelegator', [account], options)
      const first = count - BigInt(chainLimits.maxLocksRead)
      const locks: NumberedLock[] = []
      for (let id = first > 0n ? first : 0n; id < count; id += 1n) {
        const lock = await read('getDelegatorUnbondingLock', [account, id], options)
        const [amount, withdrawRound] = lock
        if (amount > 0n) locks.push({ id, amount, withdrawRound })
      }
      return locks
    },
    async terms(orchestrator, { last = chainLimits.maxTermsRead, ...options } = {}) {
      const count = await read('getTermCount', [orchestrator], options)
      const wanted = BigInt(Math.min(last, chainLimits.maxTermsRead))
      const first = count > wanted ? count - wanted : 0n
      const terms = await read('getTerms', [orchestrator, first, wanted], options)
      return terms.map((term) => ({
        startRound: term.startRound,
        stake: term.stake,
        rewardCut: BigInt(term.rewardCut),
        feeShare: BigInt(term.feeShare),
        sharedFees: term.sharedFees,
      }))
    },
    async sharesAt(orchestrator, round, options) {
      const [rewardCut, feeShare] = await read('sharesAt', [orchestrator, round], options)
      return { rewardCut, feeShare }
    },
    shareChanges: async (range, options) =>
      readShareChanges(components, init.address, range, options),
    async activity(orchestrator, options) {
      const found = await read('getActivity', [orchestrator], options)
      const [activationRound, deactivationRound, lastRewardRound] = found
      return { activationRound, deactivationRound, lastRewardRound }
    },
    pendingReward: async (orchestrator, options) => read('pendingReward', [orchestrator], options),
    async economy(options) {
      const [policy, requiredStake, inflation, mintableTokens, totalActiveStake] =
        await Promise.all([
          read('policy', [], options),
          read('requiredStake', [], options),
          read('inflation', [], options),
          read('currentMintableTokens', [], options),
          read('currentRoundTotalActiveStake', [], options),
        ])
      return {
        policy: policies[policy] as ActiveSetPolicy,
        requiredStake,
        inflation,
        mintableTokens,
        totalActiveStake,
      }
    },
    verifier: async (options) => known(await read('verifier', [], options)),
  }
}

function createCalls(components: ContractComponents, init: ContractInit): DelegationCalls {
  const { write } = createContract(components, bondingManagerAbi, init)
  return {
    bondTo: async (orchestrator, amount, options) => write('bond', [amount, orchestrator], options),
    rebond: async (lockId, options) => write('rebond', [lockId], options),
    rebondFromUnbonded: async (orchestrator, lockId, options) =>
      write('rebondFromUnbonded', [orchestrator, lockId], options),
    setShares: async ({ rewardCut, feeShare }, options) =>
      write('transcoder', [rewardCut, feeShare], options),
    reward: async (options) => write('reward', [], options),
    setVerifier: async (verifier, options) => write('setVerifier', [verifier ?? nobody], options),
    slash: async ({ orchestrator, finder, amount, finderFee }, options) =>
      write('slashTranscoder', [orchestrator, finder ?? nobody, amount, finderFee], options),
  }
}

async function readShareChanges(
  { client }: ContractComponents,
  address: Address,
  { fromBlock, toBlock }: BlockRange,
  options: AbortOptions = {},
): Promise<readonly ShareChange[]> {
  const step = BigInt(chainLimits.maxLogBlocks)
  const changes: ShareChange[] = []
  for (let from = fromBlock; from <= toBlock; from += step) {
    const to = from + step - 1n < toBlock ? from + step - 1n : toBlock
    const query = {
      abi: bondingManagerAbi,
      address,
      eventName: 'TranscoderUpdate',
      fromBlock: from,
      toBlock: to,
      strict: true,
    } as const
    for (const { args } of await ask(client.viem.getContractEvents(query), options)) {
      const orchestrator = parseAddress(args.transcoder)
      const { rewardCut, feeShare, effectiveRound } = args
      if (orchestrator !== null) changes.push({ orchestrator, rewardCut, feeShare, effectiveRound })
    }
  }
  return changes
}
