import { randomUUID } from 'node:crypto'
import type { NumberedLock, Shares } from '../chain/delegation.ts'
import type { OwnProfile } from '../chain/profile.ts'
import type { Receipt } from '../chain/transactions.ts'
import type { Address } from '../lib/crypto/address.ts'
import { MillraceError } from '../lib/errors.ts'
import { delegationOf, tokensFor, type WalletSession } from './wallet-session.ts'

/** What an account has on chain as one who bonds. Amounts are in 10^-18 work tokens and in wei. */
export interface StakePosition {
  readonly account: Address
  /** To whom it is bonded; null when it is not. */
  readonly delegate: Address | null
  /** Rewards included. */
  readonly stake: bigint
  /** The round from which on the stake counts in its present form. */
  readonly startRound: bigint
  /** Fees that can be withdrawn. */
  readonly pendingFees: bigint
  readonly locks: readonly NumberedLock[]
  readonly round: bigint
}

/** What a wallet does with its stake. Everything is mined when it resolves. */
export interface StakeDesk {
  /**
   * Bonds work tokens to an orchestrator, or to the wallet itself. What is bonded elsewhere moves along.
   *
   * @throws `WALLET_UNDERFUNDED` when the wallet holds fewer tokens
   */
  bond(amount: bigint, orchestrator?: Address): Promise<StakePosition>
  /** Moves all stake to another orchestrator. */
  move(orchestrator: Address): Promise<StakePosition>
  unbond(amount: bigint): Promise<StakePosition>
  /** Bonds a lock again: to an orchestrator, or to the one that the rest is bonded to. */
  rebond(lockId: bigint, orchestrator?: Address): Promise<StakePosition>
  /**
   * Withdraws one lock, or all whose round has come, and gives what came back.
   *
   * @throws `NOTHING_TO_WITHDRAW`
   */
  withdraw(lockId?: bigint): Promise<bigint>
  /** Mints the round's reward for the wallet and its delegators, and gives it. */
  reward(): Promise<bigint>
  /** Sets the wallet's shares, and gives the round from which on they hold. */
  setShares(shares: Shares): Promise<bigint>
}

/**
 * The stake of an opened wallet.
 *
 * @throws `DELEGATION_UNSUPPORTED` with contracts that are not this project's
 */
export function createStakeDesk(session: WalletSession): StakeDesk {
  const profile = delegationOf(session.profile)
  const { bonding, rounds } = profile
  const { address } = session
  const fresh = (what: string) => ({ id: `stake/${what}/${randomUUID()}` })
  const after = async (work: Promise<Receipt>): Promise<StakePosition> => {
    await work
    return stakePosition(profile, address)
  }
  return {
    async bond(amount, orchestrator = address) {
      const token = await tokensFor(session, amount)
      // Nothing is left approved when the bond is refused, if it can be known before.
      await requireDelegate(profile, { address, orchestrator })
      await token.approve(bonding.address, amount, fresh('approve'))
      return after(bonding.bondTo(orchestrator, amount, fresh('bond')))
    },
    async move(orchestrator) {
      await requireDelegate(profile, { address, orchestrator })
      return after(bonding.bondTo(orchestrator, 0n, fresh('move')))
    },
    unbond: async (amount) => after(bonding.unbond(amount, fresh('unbond'))),
    async rebond(lockId, orchestrator) {
      const { delegate } = await bonding.delegator(address)
      if (delegate === null) {
        const to = orchestrator ?? address
        await requireDelegate(profile, { address, orchestrator: to })
        return after(bonding.rebondFromUnbonded(to, lockId, fresh('rebond')))
      }
      if (orchestrator !== undefined && orchestrator !== delegate) {
        throw new MillraceError(
          'STAKE_ELSEWHERE',
          `the rest of the stake is bonded to ${delegate}, and all stake is in one place`,
          { hint: `Move it first with: millrace stake move --to ${orchestrator}` },
        )
      }
      return after(bonding.rebond(lockId, fresh('rebond')))
    },
    async withdraw(lockId) {
      const round = await rounds.currentRound()
      const locks = await bonding.unbondingLocks(address)
      const chosen = locks.filter(({ id }) => lockId === undefined || id === lockId)
      const due = chosen.filter(({ withdrawRound }) => withdrawRound <= round)
      if (due.length === 0) throw nothingDue(chosen, round)
      for (const { id } of due) await bonding.withdrawStake(id, fresh(`withdraw/${id}`))
      return due.reduce((sum, { amount }) => sum + amount, 0n)
    },
    async reward() {
      const amount = await bonding.pendingReward(address)
      await bonding.reward(fresh('reward'))
      return amount
    },
    async setShares(shares) {
      await bonding.setShares(shares, fresh('shares'))
      return (await rounds.currentRound()) + 1n
    },
  }
}

/** The position of any account, as the newest block has it. */
export async function stakePosition(
  { bonding, rounds }: OwnProfile,
  account: Address,
): Promise<StakePosition> {
  const [{ delegate, stake, startRound, fees }, locks, round] = await Promise.all([
    bonding.delegator(account),
    bonding.unbondingLocks(account),
    rounds.currentRound(),
  ])
  return { account, delegate, stake, startRound, pendingFees: fees, locks, round }
}

async function requireDelegate(
  { bonding }: OwnProfile,
  { address, orchestrator }: { readonly address: Address; readonly orchestrator: Address },
): Promise<void> {
  if (orchestrator === address || (await bonding.isRegisteredTranscoder(orchestrator))) return
  throw new MillraceError(
    'ORCHESTRATOR_UNREGISTERED',
    `${orchestrator} has no stake of its own, so none can be bonded to it`,
    { hint: 'millrace delegators lists orchestrators that have' },
  )
}

function nothingDue(chosen: readonly NumberedLock[], round: bigint): MillraceError {
  const next = chosen.reduce<bigint | null>(
    (least, { withdrawRound }) => (least === null || withdrawRound < least ? withdrawRound : least),
    null,
  )
  return new MillraceError(
    'NOTHING_TO_WITHDRAW',
    next === null
      ? 'there is no such unbonded stake'
      : `unbonded stake can be withdrawn from round ${next} on, now it is ${round}`,
    { hint: 'millrace stake show lists what is unbonded' },
  )
}
