import type { ChannelDomain } from './terms.ts'

/** A channel as the chain has it. */
export interface OnChain {
  readonly balance: bigint
  readonly committed: bigint
  /** Block of the deposit. */
  readonly openedAt: bigint
  /** 20 bytes. */
  readonly revokeHash: Uint8Array
  /** Block of the published commit; 0 while there is none. */
  readonly publishedAt: bigint
  /** Blocks from there to the payout. */
  readonly delay: number
}

/**
 * What the chain says, for calls that depend on it. They look nothing up themselves.
 */
export interface ChannelFacts {
  readonly domain: ChannelDomain
  /** Number of the newest block. */
  readonly block: bigint
  /** The channel; null while there is none. */
  readonly channel: OnChain | null
  /** The spend secret, hex, once a payout gave it away. */
  readonly spendSecret?: string | null
  /** Confirmations before a deposit counts. Default 1. */
  readonly minConfirmations?: number
}

/** Blocks since something happened, the one it happened in included; 0 when it did not. */
export function confirmationsOf(block: bigint, at: bigint): bigint {
  return at === 0n || at > block ? 0n : block - at + 1n
}

/** What the confirmed deposit is worth; an unconfirmed one counts zero. */
export function confirmedDeposit({ channel, block, minConfirmations = 1 }: ChannelFacts): bigint {
  if (channel === null) return 0n
  const isConfirmed = confirmationsOf(block, channel.openedAt) >= BigInt(minConfirmations)
  return isConfirmed ? channel.balance : 0n
}
