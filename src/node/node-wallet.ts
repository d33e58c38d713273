import { randomUUID } from 'node:crypto'
import type { ChainProfile } from '../chain/profile.ts'
import type { ServiceOffer } from '../chain/service-registry.ts'
import type { SenderInfo } from '../chain/ticket-broker.ts'
import type { Address } from '../lib/crypto/address.ts'
import { MillraceError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { formatWei, type Wei } from '../lib/wei.ts'
import type { NodeConfig } from './config.ts'
import { delegationOf, openWalletSession, tokensFor } from './wallet-session.ts'

/** What an operator does with the node's wallet while the node itself is stopped. */
export interface NodeWallet {
  /** Adds to deposit and reserve, and gives what they hold then. */
  fund(deposit: Wei, reserve: Wei): Promise<SenderInfo>
  /** Announces a withdrawal, and gives the round from which on it can happen. */
  unlock(): Promise<{ readonly withdrawRound: bigint; readonly round: bigint }>
  /** Takes the announcement back. */
  cancelUnlock(): Promise<void>
  /** Withdraws deposit and reserve to the wallet, and gives what they were. */
  withdraw(): Promise<Wei>
  /** Approves and bonds work tokens to the wallet itself, and gives the stake then. */
  bond(amount: bigint): Promise<bigint>
  /**
   * Records on chain where this orchestrator can be found, for networks without gossip; with services
   * and regions if the contracts have a place for them.
   *
   * @throws `DELEGATION_UNSUPPORTED` when they have not, and services were given
   */
  register(serviceUri: string, offered?: Omit<ServiceOffer, 'serviceUri'>): Promise<void>
  /** Withdraws all fees to the wallet, and gives the amount. */
  withdrawFees(): Promise<Wei>
  close(): Promise<void>
}

/**
 * Opens the wallet of a node's config. It takes the node's store, where transactions are kept, so
 * the node must not be running.
 */
export async function createNodeWallet(
  { logger }: { readonly logger: Logger },
  config: NodeConfig,
): Promise<NodeWallet> {
  const session = await openWalletSession({ logger }, config)
  const { address, calls, profile } = session
  const { broker, bonding, registry } = profile
  return {
    async fund(deposit, reserve) {
      const balance = await calls.client.balance(address)
      if (balance < deposit + reserve) {
        throw new MillraceError(
          'WALLET_UNDERFUNDED',
          `the wallet ${address} holds ${formatWei(balance)}`,
          {
            hint: `Send it more than ${formatWei(deposit + reserve)}, to cover gas too`,
          },
        )
      }
      await broker.fundDepositAndReserve(deposit, reserve, { id: `fund/${randomUUID()}` })
      return broker.senderInfo(address)
    },
    ...withdrawals(profile, address),
    async bond(amount) {
      const token = await tokensFor(session, amount)
      await token.approve(bonding.address, amount, { id: `approve/${randomUUID()}` })
      await bonding.bond(amount, { id: `bond/${randomUUID()}` })
      return bonding.transcoderTotalStake(address)
    },
    async register(serviceUri, offered) {
      const options = { id: `register/${randomUUID()}` }
      if (offered === undefined) await registry.setServiceUri(serviceUri, options)
      else await delegationOf(profile).registry.register({ serviceUri, ...offered }, options)
    },
    async withdrawFees() {
      const fees = await broker.pendingFees(address)
      if (fees > 0n) await broker.withdrawFees(address, fees, { id: `fees/${randomUUID()}` })
      return fees
    },
    close: async () => session.close(),
  }
}

/** The way of deposit and reserve back to the wallet. */
function withdrawals(
  { broker, rounds }: ChainProfile,
  address: Address,
): Pick<NodeWallet, 'unlock' | 'cancelUnlock' | 'withdraw'> {
  const held = async (): Promise<{ readonly withdrawRound: bigint; readonly total: Wei }> => {
    const { deposit, reserve, withdrawRound } = await broker.senderInfo(address)
    const total = deposit + reserve.fundsRemaining
    if (total > 0n) return { withdrawRound, total }
    throw new MillraceError('NOTHING_TO_WITHDRAW', 'the wallet has neither deposit nor reserve')
  }
  return {
    async unlock() {
      const before = await held()
      if (before.withdrawRound === 0n) await broker.unlock({ id: `unlock/${randomUUID()}` })
      const { withdrawRound } = await broker.senderInfo(address)
      return { withdrawRound, round: await rounds.currentRound() }
    },
    async cancelUnlock() {
      const { withdrawRound } = await broker.senderInfo(address)
      if (withdrawRound > 0n) await broker.cancelUnlock({ id: `cancel-unlock/${randomUUID()}` })
    },
    async withdraw() {
      const { withdrawRound, total } = await held()
      if (withdrawRound === 0n) {
        throw new MillraceError('WITHDRAW_TOO_EARLY', 'a withdrawal has to be announced first', {
          hint: 'Announce it with: millrace unlock',
        })
      }
      const round = await rounds.currentRound()
      if (withdrawRound > round) {
        throw new MillraceError(
          'WITHDRAW_TOO_EARLY',
          `withdrawing can happen from round ${withdrawRound} on, now it is ${round}`,
          { hint: 'Try again then' },
        )
      }
      await broker.withdraw({ id: `withdraw/${randomUUID()}` })
      return total
    },
  }
}
