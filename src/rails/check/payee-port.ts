import type { MediaExchange } from '../../chain/media-exchange.ts'
import type { Transactions } from '../../chain/transactions.ts'
import type { UserRegistry } from '../../chain/user-registry.ts'
import type { AbortOptions } from '../../lib/abort.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Address } from '../../lib/crypto/address.ts'
import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Result } from '../../lib/result.ts'
import type { Wei } from '../../lib/wei.ts'
import type { Store } from '../../store/store.ts'
import type { PaymentContext, Received } from '../rail.ts'
import type { Acceptor } from './activation.ts'
import type { SignedBid } from './bid.ts'
import type { EarnRecord } from './channel-store.ts'
import type { SignedCheck } from './check.ts'
import type { CheckFault } from './faults.ts'
import type { CheckMetrics } from './metrics.ts'

/** What the earning side works with. */
export interface CheckPayeeComponents {
  readonly exchange: Pick<MediaExchange, 'balanceOf' | 'channelOf' | 'open' | 'cash'>
  readonly users: Pick<UserRegistry, 'isRegistered' | 'isKeyOf' | 'nonceOf'>
  /** Says when a mined opening is gone again, and sends it anew. */
  readonly transactions: Pick<Transactions, 'onReorganised' | 'unmined'>
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: CheckMetrics
}

/** How the earning side is set up. */
export interface CheckPayeeInit {
  readonly acceptor: Acceptor
  /** Hash of the exchange's EIP-712 domain. */
  readonly separator: Uint8Array
  /** A channel under an order of another kind is cashed after so long without a check. */
  readonly idleMs?: number
}

/** A channel in words a caller needs. */
export interface EarningChannel {
  /** Hex of the bid's digest. */
  readonly channel: string
  readonly record: EarnRecord
  /** What its highest check is worth. */
  readonly value: Wei
}

/**
 * Channels in which checks come in.
 *
 * Invariant: a bid is stored before it is submitted and a check before its credit is acknowledged,
 * so that after a crash all of it is still worth the same.
 */
export interface CheckPayee extends Startable {
  /** Submits a bid, after all of what the contract will look at was looked at. */
  accept(
    bid: SignedBid,
    from: { readonly payer: Address; readonly orderId: string | null },
    options?: AbortOptions,
  ): Promise<Result<EarningChannel, CheckFault>>
  /** Whether a bid was ever taken here, under whatever order. */
  knows(bid: SignedBid): Promise<boolean>
  /**
   * Credits a check, once its channel is open. One that is not higher than the last is worth 0,
   * whatever order it comes under.
   */
  receive(
    check: SignedCheck,
    context: PaymentContext,
    options?: AbortOptions,
  ): Promise<Result<Received, CheckFault>>
  /** Cashes what an order's channels are worth, and closes them. */
  settle(orderId: string, options?: AbortOptions): Promise<Wei>
  /**
   * Cashes what orders were paid that are no bids themselves; whoever pays on bids anew. What is not
   * mined in time is gone on with at the next start.
   */
  settleOrders(options?: AbortOptions): Promise<void>
  channels(): readonly EarningChannel[]
}
