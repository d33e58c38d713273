import type { AbortOptions } from '../lib/abort.ts'
import { fromHex, toHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { hasCode } from '../lib/errors.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Wei } from '../lib/wei.ts'
import { ticketBrokerAbi } from './abi/ticket-broker.ts'
import { type BrokerEvent, brokerEvent } from './broker-events.ts'
import { ask } from './client.ts'
import {
  type Contract,
  type ContractComponents,
  type ContractInit,
  createContract,
  type WriteOptions,
} from './contract.ts'
import { chainLimits } from './limits.ts'
import type { Receipt } from './transactions.ts'

export type { BrokerEvent, BrokerEventBody } from './broker-events.ts'

/** A ticket as the chain knows it. */
export interface ChainTicket {
  readonly recipient: Address
  readonly sender: Address
  readonly faceValue: Wei
  /** Of 2^256. */
  readonly winProb: bigint
  readonly senderNonce: bigint
  /** 32 bytes. */
  readonly recipientRandHash: Uint8Array
  /** Creation round and its block hash: 64 bytes. */
  readonly auxData: Uint8Array
}

/** A ticket with all that its redemption reveals. */
export interface RedeemableTicket {
  readonly ticket: ChainTicket
  /** r ‖ s ‖ v, 65 bytes. */
  readonly sig: Uint8Array
  readonly recipientRand: bigint
}

/** A sender's reserve in the current round. */
export interface ReserveInfo {
  readonly fundsRemaining: Wei
  readonly claimedInCurrentRound: Wei
}

/** A sender's account with the broker. */
export interface SenderInfo {
  readonly deposit: Wei
  /** The round from which on it is unlocked; 0 when it is not unlocking. */
  readonly withdrawRound: bigint
  readonly reserve: ReserveInfo
}

/** A range of blocks, both ends included. */
export interface BlockRange {
  readonly fromBlock: bigint
  readonly toBlock: bigint
}

/** The contract that holds deposits and pays winning tickets. */
export interface TicketBroker {
  readonly address: Address
  /** 32 bytes, as the contract computes it. */
  ticketHash(ticket: ChainTicket, options?: AbortOptions): Promise<Uint8Array>
  isUsedTicket(ticketHash: Uint8Array, options?: AbortOptions): Promise<boolean>
  senderInfo(sender: Address, options?: AbortOptions): Promise<SenderInfo>
  reserveInfo(holder: Address, options?: AbortOptions): Promise<ReserveInfo>
  /** What the claimant could still claim in the current round. */
  claimableReserve(holder: Address, claimant: Address, options?: AbortOptions): Promise<Wei>
  /** What the claimant has claimed in the current round. */
  claimedReserve(holder: Address, claimant: Address, options?: AbortOptions): Promise<Wei>
  isUnlockInProgress(sender: Address, options?: AbortOptions): Promise<boolean>
  /** Whether tickets of this recipient can be redeemed. */
  isRegistered(recipient: Address, options?: AbortOptions): Promise<boolean>
  /** What an orchestrator or delegator can withdraw in fees. */
  pendingFees(recipient: Address, options?: AbortOptions): Promise<Wei>
  /** Rounds between unlocking and withdrawing. */
  unlockPeriod(options?: AbortOptions): Promise<bigint>
  /** Rounds for which a ticket is valid. */
  ticketValidityPeriod(options?: AbortOptions): Promise<bigint>
  paused(options?: AbortOptions): Promise<boolean>
  /**
   * Tries a redemption without sending it.
   *
   * @returns the gas it would use, or the contract's reason for refusing
   */
  simulateRedeem(
    redeemable: RedeemableTicket,
    options?: AbortOptions,
  ): Promise<Result<{ readonly gas: bigint }, { readonly reason: string }>>
  /** Redeems one ticket, or reverts with the reason and leaves it unused. */
  redeemWinningTicket(redeemable: RedeemableTicket, options: WriteOptions): Promise<Receipt>
  /**
   * Redeems many; one that is refused is left unused and does not hinder the others, so a receipt
   * says nothing of a single ticket: ask {@link TicketBroker.isUsedTicket}.
   */
  batchRedeemWinningTickets(
    redeemables: readonly RedeemableTicket[],
    options: WriteOptions,
  ): Promise<Receipt>
  /** Cancels the account's own unlock, as all funding of oneself does. */
  fundDeposit(amount: Wei, options: WriteOptions): Promise<Receipt>
  fundReserve(amount: Wei, options: WriteOptions): Promise<Receipt>
  fundDepositAndReserve(deposit: Wei, reserve: Wei, options: WriteOptions): Promise<Receipt>
  fundDepositAndReserveFor(
    sender: Address,
    deposit: Wei,
    reserve: Wei,
    options: WriteOptions,
  ): Promise<Receipt>
  unlock(options: WriteOptions): Promise<Receipt>
  cancelUnlock(options: WriteOptions): Promise<Receipt>
  /** Pays out deposit and reserve, from the withdraw round on. */
  withdraw(options: WriteOptions): Promise<Receipt>
  withdrawFees(recipient: Address, amount: Wei, options: WriteOptions): Promise<Receipt>
  /** Events in the order of the chain. */
  events(range: BlockRange, options?: AbortOptions): Promise<readonly BrokerEvent[]>
}

/** Fees the broker has booked and nobody has divided yet, by the round that made their tickets. */
export interface UncollectedFees {
  /** The round from which on the recipient's stakes and shares are as they are now. */
  readonly boundary: bigint
  /** Of tickets created in that round or later. */
  readonly newest: Wei
  /** Of tickets created in the round before it. */
  readonly before: Wei
  /** Of tickets created earlier. */
  readonly earlier: Wei
}

/** This project's TicketBroker, which holds the recipients' fees itself. */
export interface OwnTicketBroker extends TicketBroker {
  /** An orchestrator's fees that wait to be divided; the next change of its stake divides them. */
  uncollectedFees(recipient: Address, options?: AbortOptions): Promise<UncollectedFees>
}

/** What every broker of the protocol does under the same names. */
export type SharedBroker = Omit<
  TicketBroker,
  'isRegistered' | 'pendingFees' | 'withdrawFees' | 'paused'
>

/** This project's TicketBroker at an address. */
export function createTicketBroker(
  components: ContractComponents,
  init: ContractInit,
): OwnTicketBroker {
  const { read, write } = createContract(components, ticketBrokerAbi, init)
  return {
    ...createSharedBroker(components, init),
    isRegistered: async (recipient, options) => read('isRegistered', [recipient], options),
    pendingFees: async (recipient, options) => read('pendingFees', [recipient], options),
    async uncollectedFees(recipient, options) {
      const sums = await read('uncollectedFees', [recipient], options)
      const [boundary, newest, before, earlier] = sums
      return { boundary, newest, before, earlier }
    },
    paused: async (options) => read('paused', [], options),
    withdrawFees: async (recipient, amount, options) =>
      write('withdrawFees', [recipient, amount], options),
  }
}

/** The calls that are the same for this project's broker and for Livepeer's. */
export function createSharedBroker(
  components: ContractComponents,
  init: ContractInit,
): SharedBroker {
  const contract = createContract(components, ticketBrokerAbi, init)
  return {
    address: contract.address,
    ...createReads(contract),
    ...createWrites(contract),
    async simulateRedeem(redeemable, options) {
      const { client } = components
      const data = toHex(contract.encode('redeemWinningTicket', encodeRedeemable(redeemable)))
      const from = client.address === undefined ? {} : { account: client.address }
      try {
        const estimate = client.viem.estimateGas({ ...from, to: contract.address, data })
        return ok({ gas: await ask(estimate, options) })
      } catch (error) {
        if (!hasCode(error, 'CALL_REVERTED')) throw error
        return err({ reason: String(error.meta['reason']) })
      }
    },
    events: async (range, options) => readEvents(components, init.address, range, options),
  }
}

type Broker = Contract<typeof ticketBrokerAbi>

function createReads({ read }: Broker) {
  return {
    async ticketHash(ticket, options) {
      return fromHex(await read('getTicketHash', [encodeTicket(ticket)], options))
    },
    isUsedTicket: async (hash, options) => read('usedTickets', [toHex(hash)], options),
    async senderInfo(sender, options) {
      const [account, reserve] = await read('getSenderInfo', [sender], options)
      return { ...account, reserve }
    },
    reserveInfo: async (holder, options) => read('getReserveInfo', [holder], options),
    claimableReserve: async (holder, claimant, options) =>
      read('claimableReserve', [holder, claimant], options),
    claimedReserve: async (holder, claimant, options) =>
      read('claimedReserve', [holder, claimant], options),
    isUnlockInProgress: async (sender, options) => read('isUnlockInProgress', [sender], options),
    unlockPeriod: async (options) => read('unlockPeriod', [], options),
    ticketValidityPeriod: async (options) => read('ticketValidityPeriod', [], options),
  } satisfies Partial<SharedBroker>
}

function createWrites({ write }: Broker) {
  return {
    redeemWinningTicket: async (redeemable, options) =>
      write('redeemWinningTicket', encodeRedeemable(redeemable), options),
    async batchRedeemWinningTickets(redeemables, options) {
      const tickets = redeemables.map(({ ticket }) => encodeTicket(ticket))
      const sigs = redeemables.map(({ sig }) => toHex(sig))
      const rands = redeemables.map(({ recipientRand }) => recipientRand)
      return write('batchRedeemWinningTickets', [tickets, sigs, rands], options)
    },
    fundDeposit: async (amount, options) => write('fundDeposit', [], options, amount),
    fundReserve: async (amount, options) => write('fundReserve', [], options, amount),
    fundDepositAndReserve: async (deposit, reserve, options) =>
      write('fundDepositAndReserve', [deposit, reserve], options, deposit + reserve),
    fundDepositAndReserveFor: async (sender, deposit, reserve, options) =>
      write('fundDepositAndReserveFor', [sender, deposit, reserve], options, deposit + reserve),
    unlock: async (options) => write('unlock', [], options),
    cancelUnlock: async (options) => write('cancelUnlock', [], options),
    withdraw: async (options) => write('withdraw', [], options),
  } satisfies Partial<SharedBroker>
}

async function readEvents(
  { client }: ContractComponents,
  address: Address,
  { fromBlock, toBlock }: BlockRange,
  options: AbortOptions = {},
): Promise<readonly BrokerEvent[]> {
  const step = BigInt(chainLimits.maxLogBlocks)
  const events: BrokerEvent[] = []
  for (let from = fromBlock; from <= toBlock; from += step) {
    const to = from + step - 1n < toBlock ? from + step - 1n : toBlock
    const query = { abi: ticketBrokerAbi, address, fromBlock: from, toBlock: to }
    const logs = await ask(client.viem.getContractEvents({ ...query, strict: true }), options)
    for (const log of logs) {
      const event = brokerEvent(log)
      if (event !== null) events.push(event)
    }
  }
  return events
}

function encodeTicket(ticket: ChainTicket) {
  const recipientRandHash = toHex(ticket.recipientRandHash)
  return { ...ticket, recipientRandHash, auxData: toHex(ticket.auxData) }
}

function encodeRedeemable({ ticket, sig, recipientRand }: RedeemableTicket) {
  return [encodeTicket(ticket), toHex(sig), recipientRand] as const
}
