import { BlockNotFoundError, TransactionReceiptNotFoundError } from 'viem'
import { type AbortOptions, raceSignal } from '../lib/abort.ts'
import { fromHex, type Hex, toHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { keccak256 } from '../lib/crypto/keccak.ts'
import { hasCode, MillraceError } from '../lib/errors.ts'
import { maxBig, type Wei } from '../lib/wei.ts'
import { ask, type ChainClient } from './client.ts'
import { classifySendError, revertReason, type SendRefusal } from './failures.ts'
import { chainLimits } from './limits.ts'
import {
  type Attempt,
  capFees,
  type Fees,
  type Receipt,
  type TransactionRecord,
} from './transaction-record.ts'

/** A transaction before it is signed. */
export type UnsignedTransaction = Omit<TransactionRecord, 'attempts'>

/** What tells a block from the others of its height. */
export interface BlockName {
  readonly number: bigint
  /** 32 bytes. */
  readonly hash: Uint8Array
}

/** What transactions ask of a chain node. */
export interface TransactionNode {
  /** @throws `TX_REVERTED` or `TX_UNDERFUNDED` */
  estimateGas(
    call: Pick<UnsignedTransaction, 'to' | 'data'> & { readonly value?: Wei },
    options?: AbortOptions,
  ): Promise<bigint>
  /** What the market asks for a unit of gas, within the cap. */
  fees(options?: AbortOptions): Promise<Fees>
  /** @throws `TX_UNDERFUNDED` */
  requireFunds(amount: Wei, options?: AbortOptions): Promise<void>
  transactionCount(block: 'latest' | 'pending', options?: AbortOptions): Promise<number>
  /** A null `to` creates a contract. */
  sign(
    unsigned: Omit<UnsignedTransaction, 'to'> & { readonly to: Address | null },
    fees: Fees,
    nowMs: number,
  ): Promise<Attempt>
  /** Sends signed bytes; null when the node took them. Never throws; an abort is `unreachable`. */
  send(raw: Uint8Array, options?: AbortOptions): Promise<SendRefusal | null>
  receipt(hash: Hex, options?: AbortOptions): Promise<Receipt | undefined>
  /** A block of the chain as the node has it now; undefined past its end. */
  block(which: bigint | 'latest', options?: AbortOptions): Promise<BlockName | undefined>
  /** Why a mined transaction reverted, as well as a replay can tell. */
  replayReason(record: TransactionRecord, receipt: Receipt, options?: AbortOptions): Promise<string>
}

/** The node behind a client that has a key. */
// oxlint-disable-next-line max-lines-per-function
export function createTransactionNode(
  client: ChainClient,
  init: { readonly maxFeePerGasWei?: Wei },
): TransactionNode {
  const { viem, signer } = client
  if (signer === undefined) throw new MillraceError('CHAIN_READ_ONLY', 'transactions need a key')
  return {
    async estimateGas({ to, data, value }, options) {
      const call = { account: signer.address, to, data: toHex(data), value: value ?? 0n }
      try {
        const gas = await ask(viem.estimateGas(call), options)
        return (gas * BigInt(100 + chainLimits.gasMarginPercent)) / 100n
      } catch (error) {
        throw preparationError(error)
      }
    },
    async fees(options) {
      const [block, tip] = await Promise.all([
        ask(viem.getBlock({ includeTransactions: false }), options),
        ask(viem.estimateMaxPriorityFeePerGas(), options),
      ])
      // Twice the base fee stays valid for at least five full blocks in a row.
      const maxFeePerGas = 2n * (block.baseFeePerGas ?? 0n) + tip
      return capFees({ maxFeePerGas, maxPriorityFeePerGas: tip }, init.maxFeePerGasWei)
    },
    async requireFunds(amount, options) {
      const balance = await client.balance(signer.address, options)
      if (balance < amount) throw underfunded({ balanceWei: balance, neededWei: amount })
    },
    transactionCount: async (blockTag, options) =>
      ask(viem.getTransactionCount({ address: signer.address, blockTag }), options),
    async sign({ to, data, value, gas, nonce }, fees, nowMs) {
      const signed = await signer.signTransaction({
        ...fees,
        type: 'eip1559',
        chainId: client.chainId,
        to,
        data: toHex(data),
        value,
        gas,
        nonce,
      })
      const raw = fromHex(signed)
      return { ...fees, raw, hash: toHex(keccak256(raw)), signedAtMs: nowMs }
    },
    async send(raw, options) {
      try {
        await raceSignal(
          viem.sendRawTransaction({ serializedTransaction: toHex(raw) }),
          options ?? {},
        )
        return null
      } catch (error) {
        return classifySendError(error)
      }
    },
    async receipt(hash, options) {
      try {
        const found = await ask(viem.getTransactionReceipt({ hash }), options)
        const { blockNumber, status, gasUsed, effectiveGasPrice } = found
        const [own, blockHash] = [fromHex(hash), fromHex(found.blockHash)]
        return { hash: own, blockNumber, blockHash, status, gasUsed, effectiveGasPrice }
      } catch (error) {
        const cause: unknown = error instanceof Error ? error.cause : undefined
        if (cause instanceof TransactionReceiptNotFoundError) return undefined
        throw error
      }
    },
    async block(which, options) {
      try {
        const query = which === 'latest' ? { blockTag: which } : { blockNumber: which }
        const { number, hash } = await ask(viem.getBlock(query), options)
        return number === null || hash === null ? undefined : { number, hash: fromHex(hash) }
      } catch (error) {
        const cause: unknown = error instanceof Error ? error.cause : undefined
        if (cause instanceof BlockNotFoundError) return undefined
        throw error
      }
    },
    replayReason: async (record, receipt, options) => replay(client, record, receipt, options),
  }
}

/** The receipt of whichever version of a transaction was mined. */
export async function findReceipt(
  node: Pick<TransactionNode, 'receipt'>,
  { attempts }: TransactionRecord,
  options: AbortOptions,
): Promise<Receipt | undefined> {
  for (const { hash } of attempts.toReversed()) {
    const receipt = await node.receipt(hash, options)
    if (receipt !== undefined) return receipt
  }
  return undefined
}

async function replay(
  client: ChainClient,
  { to, data, value, gas }: TransactionRecord,
  { blockNumber, gasUsed }: Receipt,
  options: AbortOptions | undefined,
): Promise<string> {
  const call = { to, data: toHex(data), value, gas, account: client.address as Hex }
  // The state the transaction met lies between these two blocks.
  for (const height of [blockNumber, maxBig(blockNumber - 1n, 0n)]) {
    try {
      await ask(client.viem.call({ ...call, blockNumber: height }), options)
    } catch (error) {
      const reason = reasonOf(error)
      if (reason !== null && reason !== '') return reason
    }
  }
  return gasUsed >= gas ? 'out of gas' : 'unknown'
}

function reasonOf(error: unknown): string | null {
  if (hasCode(error, 'CALL_REVERTED')) return String(error.meta['reason'])
  return revertReason(error)
}

function preparationError(error: unknown): unknown {
  if (hasCode(error, 'CALL_REVERTED')) {
    const reason = String(error.meta['reason'])
    return new MillraceError('TX_REVERTED', `the transaction would revert: ${reason}`, {
      cause: error,
      meta: { reason },
    })
  }
  if (hasCode(error, 'CHAIN_REFUSED') && classifySendError(error.cause) === 'underfunded') {
    return underfunded({})
  }
  return error
}

function underfunded(meta: Readonly<Record<string, unknown>>): MillraceError {
  return new MillraceError('TX_UNDERFUNDED', 'the account cannot pay for the transaction', {
    hint: 'Send ether to the account that pays for gas',
    meta,
  })
}
