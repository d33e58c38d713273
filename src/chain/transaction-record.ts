import type { Hex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { ceilDiv, maxBig, minBig, type Wei } from '../lib/wei.ts'
import { type Codec, versionedCodec } from '../store/codec.ts'
import { chainLimits } from './limits.ts'

/** Settings of the durable sender. */
export interface TransactionsInit {
  /** Age at which the oldest unmined transaction is signed again with higher fees. Default 60000. */
  readonly replaceAfterMs?: number
  /** Pause after which unmined transactions are sent again as they are. Default 15000. */
  readonly resendAfterMs?: number
  /** Never offer more for a unit of gas. */
  readonly maxFeePerGasWei?: Wei
  /** Blocks from the one that holds the transaction on, itself included. Default 1. */
  readonly confirmations?: number
  /**
   * Blocks for which a mined transaction is watched; when its block is reorganised away before, it
   * is sent again. 0 watches nothing. Default 12.
   */
  readonly reorgDepth?: number
}

/** What a transaction offers for a unit of gas. */
export interface Fees {
  readonly maxFeePerGas: Wei
  readonly maxPriorityFeePerGas: Wei
}

/** One signed version of a transaction. */
export interface Attempt extends Fees {
  readonly hash: Hex
  /** The signed bytes as they are sent. */
  readonly raw: Uint8Array
  readonly signedAtMs: number
}

/** A transaction that is signed and stored, and not known to be mined. */
export interface TransactionRecord {
  readonly to: Address
  readonly data: Uint8Array
  readonly value: Wei
  readonly gas: bigint
  readonly nonce: number
  /** Newest last. All carry the same nonce, so one of them at most is ever mined. */
  readonly attempts: readonly Attempt[]
}

/** What became of a mined transaction. */
export interface Receipt {
  /** 32 bytes. */
  readonly hash: Uint8Array
  readonly blockNumber: bigint
  /** 32 bytes; missing in what earlier releases stored. */
  readonly blockHash?: Uint8Array
  readonly status: 'success' | 'reverted'
  readonly gasUsed: bigint
  readonly effectiveGasPrice: Wei
}

/** A mined transaction as it is remembered under its id. */
export interface Outcome {
  readonly receipt: Receipt
  /** Why it reverted; empty on success. */
  readonly reason: string
  readonly settledAtMs: number
}

/**
 * The fees of a replacement: raised as far as nodes ask, at least what the market asks now, at most
 * the cap. Null when the cap leaves no room for a raise that nodes accept.
 */
export function replacementFees(last: Fees, market: Fees, cap: Wei | undefined): Fees | null {
  const raise = (fee: Wei, permille: number): Wei => ceilDiv(fee * BigInt(1000 + permille), 1000n)
  const wanted = (fee: Wei, now: Wei): Wei =>
    maxBig(raise(fee, chainLimits.replacementRaisePermille), now)
  const fees = capFees(
    {
      maxFeePerGas: wanted(last.maxFeePerGas, market.maxFeePerGas),
      maxPriorityFeePerGas: wanted(last.maxPriorityFeePerGas, market.maxPriorityFeePerGas),
    },
    cap,
  )
  const least = chainLimits.minReplacementRaisePermille
  const enough =
    fees.maxFeePerGas >= raise(last.maxFeePerGas, least) &&
    fees.maxPriorityFeePerGas >= raise(last.maxPriorityFeePerGas, least)
  return enough ? fees : null
}

/** Fees that stay below a cap; the tip never exceeds the whole. */
export function capFees(fees: Fees, cap: Wei | undefined): Fees {
  const maxFeePerGas = cap === undefined ? fees.maxFeePerGas : minBig(fees.maxFeePerGas, cap)
  return { maxFeePerGas, maxPriorityFeePerGas: minBig(fees.maxPriorityFeePerGas, maxFeePerGas) }
}

/** The stored form of {@link TransactionRecord}. */
export const recordCodec: Codec<TransactionRecord> = versionedCodec({
  name: 'transaction',
  version: 1,
  parse(value) {
    const fields = parseFields(value)
    return {
      to: hexOf(fields['to']),
      data: bytesOf(fields['data']),
      value: bigintOf(fields['value']),
      gas: bigintOf(fields['gas']),
      nonce: numberOf(fields['nonce']),
      attempts: listOf(fields['attempts']).map((attempt) => {
        const { hash, raw, maxFeePerGas, maxPriorityFeePerGas, signedAtMs } = parseFields(attempt)
        return {
          hash: hexOf(hash),
          raw: bytesOf(raw),
          maxFeePerGas: bigintOf(maxFeePerGas),
          maxPriorityFeePerGas: bigintOf(maxPriorityFeePerGas),
          signedAtMs: numberOf(signedAtMs),
        }
      }),
    }
  },
})

/** The stored form of {@link Outcome}. */
export const outcomeCodec: Codec<Outcome> = versionedCodec({
  name: 'transaction outcome',
  version: 1,
  parse(value) {
    const { receipt, reason, settledAtMs } = parseFields(value)
    const { hash, blockNumber, blockHash, status, gasUsed, effectiveGasPrice } =
      parseFields(receipt)
    if (typeof reason !== 'string') throw new TypeError('not a string')
    return {
      receipt: {
        hash: bytesOf(hash),
        blockNumber: bigintOf(blockNumber),
        ...(blockHash === undefined ? {} : { blockHash: bytesOf(blockHash) }),
        status: status === 'success' ? 'success' : 'reverted',
        gasUsed: bigintOf(gasUsed),
        effectiveGasPrice: bigintOf(effectiveGasPrice),
      },
      reason,
      settledAtMs: numberOf(settledAtMs),
    }
  },
})

function parseFields(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object')
  return value as Readonly<Record<string, unknown>>
}

function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError('not bytes')
  return value
}

function hexOf(value: unknown): Hex {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]+$/.test(value)) throw new TypeError('not hex')
  return value as Hex
}

function bigintOf(value: unknown): bigint {
  // Small integers come back from CBOR as numbers.
  if (typeof value === 'number') return BigInt(value)
  if (typeof value !== 'bigint') throw new TypeError('not an integer')
  return value
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('not a number')
  return value
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError('not a list')
  return value
}
