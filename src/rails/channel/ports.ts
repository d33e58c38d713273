import type { AbortOptions } from '../../lib/abort.ts'
import type { Address } from '../../lib/crypto/address.ts'
import type { OnChain } from './facts.ts'
import type { ChannelDomain } from './terms.ts'
import type { UnsignedCall } from './unsigned.ts'

/** The chain as channels need it. */
export interface ChannelChain {
  readonly domain: ChannelDomain
  /** Number of the newest block seen; it never falls. */
  block(): bigint
  /** Calls back for new heads; the function ends it. */
  onBlock(listener: (block: bigint) => void): () => void
  /** A channel as the chain has it now; null when there never was one. */
  channelOf(id: Uint8Array, options?: AbortOptions): Promise<OnChain | null>
  /** What an account has of an asset, and its wei. */
  fundsOf(
    asset: Address,
    account: Address,
    options?: AbortOptions,
  ): Promise<{ readonly balance: bigint; readonly wei: bigint }>
  /** Wei that a transaction of this much gas costs at most, for judging offers. */
  gasCost(gas: bigint): bigint
  /** Lets the contract take so much of a token. Durable and idempotent by id. */
  approve(asset: Address, amount: bigint, options: AbortOptions & { id: string }): Promise<void>
  /**
   * Sends a transaction durably and waits until it is mined; again under one id is once.
   *
   * @returns the block it is in
   */
  submit(call: UnsignedCall, options: AbortOptions & { id: string }): Promise<bigint>
  /** Asks the chain whether a mined transaction still is; if not it is sent again under its id. */
  recheck(id: string, options?: AbortOptions): Promise<void>
}
