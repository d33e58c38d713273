import { BaseError, ContractFunctionZeroDataError, decodeErrorResult, RpcRequestError } from 'viem'
import { getNodeError } from 'viem/utils'
import { isAbort } from '../lib/abort.ts'
import type { Hex } from '../lib/bytes.ts'
import { MillraceError, messageOf } from '../lib/errors.ts'
import { chainLimits } from './limits.ts'

/** What the room throws. */
export type ChainErrorCode =
  | 'CHAIN_UNREACHABLE'
  | 'CHAIN_ID_MISMATCH'
  | 'CHAIN_READ_ONLY'
  | 'CHAIN_REFUSED'
  | 'CONTRACT_MISSING'
  | 'CONTRACT_UNREGISTERED'
  | 'CONTROLLER_INVALID'
  | 'CALL_REVERTED'
  | 'TX_REVERTED'
  | 'TX_UNDERFUNDED'
  | 'TX_REJECTED'
  | 'TX_LIMIT'

/** Why a node did not take a transaction. */
export type SendRefusal =
  | 'known'
  | 'nonce-too-low'
  | 'underfunded'
  | 'underpriced'
  | 'rejected'
  | 'unreachable'

/**
 * The reason a contract gave for reverting, out of any error of the client library; null when the
 * failure is not a revert. A panic is `Panic(0x11)`, a revert without data is empty.
 */
export function revertReason(error: unknown): string | null {
  const data = revertData(error)
  if (data !== undefined && data !== '0x') return decodeReason(data)
  if (!(error instanceof BaseError)) return null
  const answered = error.walk((cause) => /revert/i.test(messageOf(cause)))
  if (answered === null) return null
  const details = /reverted(?: with reason(?: string)?)?:? ?["']?([^"'\n]*)/i.exec(error.details)
  return (details?.[1] ?? '').slice(0, chainLimits.maxReasonChars)
}

/** The text in the data of a revert. */
export function decodeReason(data: Hex): string {
  try {
    const decoded = decodeErrorResult({ data })
    const [argument] = decoded.args
    if (decoded.errorName === 'Error') return String(argument).slice(0, chainLimits.maxReasonChars)
    return `Panic(0x${(argument as bigint).toString(16)})`
  } catch {
    return data.slice(0, 10)
  }
}

function revertData(error: unknown): Hex | undefined {
  if (!(error instanceof BaseError)) return undefined
  let found: Hex | undefined
  error.walk((cause) => {
    const data: unknown = cause instanceof Error && 'data' in cause ? cause.data : undefined
    const raw: unknown = cause instanceof Error && 'raw' in cause ? cause.raw : undefined
    for (const candidate of [raw, data, nested(data)]) {
      if (typeof candidate === 'string' && /^0x[0-9a-f]*$/i.test(candidate)) {
        found ??= candidate as Hex
      }
    }
    return found !== undefined
  })
  return found
}

function nested(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'data' in data ? data.data : undefined
}

/** Whether the endpoint answered, if only with an error. */
export function wasAnswered(error: unknown): boolean {
  return error instanceof BaseError && error.walk((e) => e instanceof RpcRequestError) !== null
}

/** What a node's refusal of a signed transaction means for the sender. */
export function classifySendError(error: unknown): SendRefusal {
  if (!wasAnswered(error)) return 'unreachable'
  const base = error as BaseError
  const message = `${base.details} ${base.message}`.toLowerCase()
  if (/already (known|imported|exists)|known transaction/.test(message)) return 'known'
  if (/nonce too low|nonce has already been used|old nonce/.test(message)) return 'nonce-too-low'
  if (/underpriced|max fee per gas less than|fee too low/.test(message)) return 'underpriced'
  if (/insufficient funds|insufficient balance/.test(message)) return 'underfunded'
  return getNodeError(base, {}).name === 'InsufficientFundsError' ? 'underfunded' : 'rejected'
}

/** Any failure of the client library as an error of the room. Aborts pass as they are. */
export function chainError(error: unknown): Error {
  if (error instanceof MillraceError) return error
  if (error instanceof Error && isAbort(error) && !(error instanceof BaseError)) return error
  if (error instanceof BaseError) {
    if (error.walk((cause) => cause instanceof ContractFunctionZeroDataError) !== null) {
      return new MillraceError('CONTRACT_MISSING', 'no contract answers at this address', {
        cause: error,
        hint: 'Check the contract addresses and that they belong to this chain',
      })
    }
    const reason = wasAnswered(error) ? revertReason(error) : null
    if (reason !== null) {
      const text = reason === '' ? 'without a reason' : `with "${reason}"`
      return new MillraceError('CALL_REVERTED', `the contract reverted ${text}`, {
        cause: error,
        meta: { reason },
      })
    }
    if (wasAnswered(error)) {
      const details = error.details.slice(0, chainLimits.maxReasonChars)
      return new MillraceError('CHAIN_REFUSED', 'the RPC endpoint refused a request', {
        cause: error,
        meta: { details },
      })
    }
  }
  return new MillraceError('CHAIN_UNREACHABLE', 'the RPC endpoint does not answer', {
    cause: error,
    hint: 'Check the RPC URL and that the chain node is running',
  })
}
