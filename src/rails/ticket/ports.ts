import type { AbortOptions } from '../../lib/abort.ts'
import type { Address } from '../../lib/crypto/address.ts'
import type { Result } from '../../lib/result.ts'
import type { Wei } from '../../lib/wei.ts'
import type { SignedTicket } from './ticket.ts'

/** The recipient's and sender's view of chain time. */
export interface TimeManager {
  lastSeenBlock(): bigint
  lastInitializedRound(): bigint
  /** 32 bytes; zero when there is none. */
  lastInitializedBlockHash(): Uint8Array
  preLastInitializedBlockHash(): Uint8Array
  /** Size of the active set. */
  poolSize(): bigint
  /** The share of the current round that is over, 0 to 1; null when nobody can tell. */
  roundElapsed?(): number | null
  onBlock(listener: (block: bigint) => void): () => void
  /** Calls back when a round was initialized; rounds may be skipped. */
  onRound(
    listener: (round: { readonly number: bigint; readonly blockHash: Uint8Array }) => void,
  ): () => void
}

/** A sender's reserve. */
export interface ReserveInfo {
  readonly fundsRemaining: Wei
  readonly claimedInCurrentRound: Wei
}

/** A sender's funds on chain. */
export interface SenderInfo {
  readonly deposit: Wei
  /** Round from which the sender can withdraw; 0 when it does not unlock. */
  readonly withdrawRound: bigint
  readonly reserve: ReserveInfo
}

/** The cached view of senders' funds. */
export interface SenderManager {
  getSenderInfo(address: Address): Promise<SenderInfo>
  claimedReserve(holder: Address, claimant: Address): Promise<Wei>
  /** Forgets what is cached of a sender. */
  clear(sender: Address): void
  /** Calls back when the account of a sender that was asked for may have changed. */
  subscribeReserveChange(listener: (sender: Address) => void): () => void
}

/** The gas price the recipient reckons with. */
export interface GasPriceMonitor {
  gasPrice(): Wei
  /** As it was seen last, not smoothed; the smoothed one stands in where this is absent. */
  latestGasPrice?(): Wei
}

/** What became of a redemption's transaction; one that was refused before it was sent has no hash. */
export interface RedeemReceipt {
  readonly transactionHash: string
  readonly status: 'success' | 'reverted'
  readonly gasUsed: bigint
  /** The contract's own words when it reverted. */
  readonly reason?: string
}

/** The broker contract as redemption needs it. */
export interface RedemptionBroker {
  isUsedTicket(ticketHash: Uint8Array): Promise<boolean>
  /** Runs the redemption without sending it; the contract's own words when it refuses. */
  simulateRedeem(
    ticket: SignedTicket,
    options: AbortOptions,
  ): Promise<Result<{ gas: bigint }, string>>
  /** Sends it durably; calling again under the same id waits for the same transaction. */
  redeem(ticket: SignedTicket, options: AbortOptions & { id: string }): Promise<RedeemReceipt>
  /**
   * Redeems several in one transaction, as durably. One that is refused is left unused and hinders
   * no other, so the receipt says nothing of a single ticket.
   *
   * @param options `gas` is the limit of the whole transaction
   */
  redeemBatch(
    tickets: readonly SignedTicket[],
    options: AbortOptions & { id: string; gas?: bigint },
  ): Promise<RedeemReceipt>
  /** Asks the chain whether a mined transaction still is; if not it is sent again under its id. */
  recheck(id: string, options: AbortOptions): Promise<void>
  /** Calls back with the id of a mined transaction that was reorganised away. */
  onReorganised(listener: (id: string) => void): () => void
}
