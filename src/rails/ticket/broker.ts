import type { WriteOptions } from '../../chain/contract.ts'
import type { RedeemableTicket, TicketBroker } from '../../chain/ticket-broker.ts'
import type { Receipt, Transactions } from '../../chain/transactions.ts'
import { type AbortOptions, sleep } from '../../lib/abort.ts'
import { readUint, toHex } from '../../lib/bytes.ts'
import { hasCode } from '../../lib/errors.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { RedeemReceipt, RedemptionBroker } from './ports.ts'
import { auxData, type SignedTicket } from './ticket.ts'

/**
 * The broker contract in the ticket rail's own terms. What changes the chain resolves once it is
 * mined, and is the same transaction whenever it is asked for under the same id.
 */
export interface Broker
  extends RedemptionBroker,
    Pick<
      TicketBroker,
      | 'fundDepositAndReserve'
      | 'fundDeposit'
      | 'fundReserve'
      | 'unlock'
      | 'cancelUnlock'
      | 'withdraw'
    > {
  /** Has a ticket paid, or throws with the contract's reason and leaves it unused. */
  redeemWinningTicket(ticket: SignedTicket, options: WriteOptions): Promise<Receipt>
  /** Waits until the transaction of an id is mined: its receipt, as an error when it reverted. */
  checkTx(id: string, options?: AbortOptions): Promise<Result<Receipt, Receipt>>
}

/** The broker over a contract and the transactions of one account. */
export function createBroker(
  components: {
    readonly contract: TicketBroker
    readonly transactions: Pick<Transactions, 'outcome' | 'recheck' | 'onReorganised'>
  },
  init: { readonly pollingIntervalMs: number },
): Broker {
  const { contract, transactions } = components
  const redeemWinningTicket: Broker['redeemWinningTicket'] = async (ticket, options) =>
    contract.redeemWinningTicket(redeemable(ticket), options)
  return {
    fundDepositAndReserve: contract.fundDepositAndReserve,
    fundDeposit: contract.fundDeposit,
    fundReserve: contract.fundReserve,
    unlock: contract.unlock,
    cancelUnlock: contract.cancelUnlock,
    withdraw: contract.withdraw,
    redeemWinningTicket,
    isUsedTicket: (hash) => contract.isUsedTicket(hash),
    async simulateRedeem(ticket, options) {
      const simulated = await contract.simulateRedeem(redeemable(ticket), options)
      return simulated.ok ? simulated : err(simulated.error.reason)
    },
    redeem: async (ticket, options) => receiptOf(redeemWinningTicket(ticket, options)),
    redeemBatch: async (tickets, options) =>
      receiptOf(contract.batchRedeemWinningTickets(tickets.map(redeemable), options)),
    recheck: async (id, options) => transactions.recheck(id, options),
    onReorganised: (listener) => transactions.onReorganised(listener),
    async checkTx(id, options = {}) {
      let receipt = await transactions.outcome(id)
      while (receipt === undefined) {
        await sleep(init.pollingIntervalMs, options)
        receipt = await transactions.outcome(id)
      }
      return receipt.status === 'success' ? ok(receipt) : err(receipt)
    },
  }
}

/** What became of a write, a revert included. */
async function receiptOf(written: Promise<Receipt>): Promise<RedeemReceipt> {
  try {
    const { hash, gasUsed } = await written
    return { transactionHash: toHex(hash), status: 'success', gasUsed }
  } catch (error) {
    if (!hasCode(error, 'TX_REVERTED')) throw error
    const reason = String(error.meta['reason'])
    const receipt = error.meta['receipt'] as Receipt | undefined
    if (receipt === undefined)
      return { transactionHash: '', status: 'reverted', gasUsed: 0n, reason }
    const { hash, gasUsed } = receipt
    return { transactionHash: toHex(hash), status: 'reverted', gasUsed, reason }
  }
}

/** A ticket as the contract takes it. */
function redeemable(ticket: SignedTicket): RedeemableTicket {
  const { recipient, sender, faceValue, winProb, recipientRandHash, sig, recipientRand } = ticket
  return {
    ticket: {
      recipient,
      sender,
      faceValue,
      winProb,
      senderNonce: BigInt(ticket.senderNonce),
      recipientRandHash,
      auxData: auxData(ticket),
    },
    sig,
    recipientRand: readUint(recipientRand),
  }
}
