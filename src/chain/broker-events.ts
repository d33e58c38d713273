import type { ContractEventName, GetContractEventsReturnType } from 'viem'
import { fromHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Wei } from '../lib/wei.ts'
import type { ticketBrokerAbi } from './abi/ticket-broker.ts'

/** Where on the chain an event is. */
export interface EventPlace {
  readonly blockNumber: bigint
  /** 32 bytes. */
  readonly blockHash: Uint8Array
  readonly transactionHash: Uint8Array
  readonly logIndex: number
}

/** What an event of the TicketBroker says. Amounts are in wei. */
export type BrokerEventBody =
  | { readonly type: 'DepositFunded'; readonly sender: Address; readonly amount: Wei }
  | { readonly type: 'ReserveFunded'; readonly sender: Address; readonly amount: Wei }
  | {
      readonly type: 'ReserveClaimed'
      readonly sender: Address
      readonly claimant: Address
      readonly amount: Wei
    }
  | {
      readonly type: 'WinningTicketTransfer'
      readonly sender: Address
      readonly recipient: Address
      readonly amount: Wei
    }
  | {
      readonly type: 'WinningTicketRedeemed'
      readonly sender: Address
      readonly recipient: Address
      readonly faceValue: Wei
      readonly winProb: bigint
      readonly senderNonce: bigint
      readonly recipientRand: bigint
      readonly auxData: Uint8Array
    }
  | {
      readonly type: 'Unlock'
      readonly sender: Address
      readonly startRound: bigint
      readonly endRound: bigint
    }
  | { readonly type: 'UnlockCancelled'; readonly sender: Address }
  | {
      readonly type: 'Withdrawal'
      readonly sender: Address
      readonly deposit: Wei
      readonly reserve: Wei
    }
  | {
      readonly type: 'WithdrawFees'
      readonly account: Address
      readonly recipient: Address
      readonly amount: Wei
    }

/** An event of the TicketBroker. */
export type BrokerEvent = BrokerEventBody & EventPlace

type Logs = GetContractEventsReturnType<
  typeof ticketBrokerAbi,
  ContractEventName<typeof ticketBrokerAbi>,
  true,
  bigint,
  bigint
>

/** A log as the domain sees it; null for those about parameters. */
export function brokerEvent(log: Logs[number]): BrokerEvent | null {
  const body = bodyOf(log)
  if (body === null) return null
  const { blockNumber, logIndex } = log
  const blockHash = fromHex(log.blockHash)
  return {
    ...body,
    blockNumber,
    blockHash,
    logIndex,
    transactionHash: fromHex(log.transactionHash),
  }
}

function bodyOf(log: Logs[number]): BrokerEventBody | null {
  switch (log.eventName) {
    case 'ReserveFunded':
      return { type: log.eventName, sender: log.args.reserveHolder, amount: log.args.amount }
    case 'ReserveClaimed': {
      const { reserveHolder, claimant, amount } = log.args
      return { type: log.eventName, sender: reserveHolder, claimant, amount }
    }
    case 'WinningTicketRedeemed':
      return { type: log.eventName, ...log.args, auxData: fromHex(log.args.auxData) }
    case 'DepositFunded':
      return { type: log.eventName, ...log.args }
    case 'WinningTicketTransfer':
      return { type: log.eventName, ...log.args }
    case 'Unlock':
      return { type: log.eventName, ...log.args }
    case 'UnlockCancelled':
      return { type: log.eventName, ...log.args }
    case 'Withdrawal':
      return { type: log.eventName, ...log.args }
    case 'WithdrawFees':
      return { type: log.eventName, ...log.args }
    default:
      return null
  }
}
