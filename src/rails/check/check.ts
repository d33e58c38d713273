import { toHex } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { recoverDigestSigner } from '../../lib/crypto/eip712.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { BidSigners } from './bid.ts'
import { checkDigest } from './digest.ts'
import {
  hasKeys,
  type Json,
  type JsonObject,
  parseBytes,
  parseCount,
  signJson,
  verifyJson,
} from './jcs.ts'
import { checkLimits } from './limits.ts'

/** A payment: how many segments are paid for in all. A later check holds all earlier ones. */
export interface Check {
  /** The bid's digest, 32 bytes. */
  readonly channel: Uint8Array
  /** Segments. */
  readonly balance: number
}

/** A check with both signatures. */
export interface SignedCheck extends Check {
  /** EIP-712, 65 bytes; the chain looks at it alone. */
  readonly walletSignature: Uint8Array
  readonly message: JsonObject
}

const TYPE = 'check'

/** Signs a check. */
export function signCheck(check: Check, { wallet, key, separator }: BidSigners): SignedCheck {
  const walletSignature = wallet.signDigest(checkDigest(separator, check))
  const body = {
    nonce: toHex(check.channel),
    balance: check.balance,
    'wallet signature': toHex(walletSignature),
  }
  return { ...check, walletSignature, message: signJson(TYPE, body, key) }
}

/** A check within another message: shapes checked, signatures not. */
export function parseCheckMessage(message: Json | undefined): Result<SignedCheck, 'MALFORMED'> {
  if (!hasKeys(message, ['nonce', 'balance', 'signature', 'wallet signature'])) {
    return err('MALFORMED')
  }
  const channel = parseBytes(message['nonce'], 32)
  const balance = parseCount(message['balance'], checkLimits.maxBalance)
  const walletSignature = parseBytes(message['wallet signature'], 65)
  if (channel === null || balance === null || walletSignature === null) return err('MALFORMED')
  return ok({ channel, balance, walletSignature, message })
}

/** Whether payer and communication key both signed. */
export function verifyCheck(
  check: SignedCheck,
  by: { readonly payer: Address; readonly key: string; readonly separator: Uint8Array },
): Result<void, 'BAD_SIGNATURE' | 'BAD_WALLET_SIGNATURE'> {
  if (!verifyJson(TYPE, check.message, by.key)) return err('BAD_SIGNATURE')
  const signer = recoverDigestSigner(checkDigest(by.separator, check), check.walletSignature)
  return signer.ok && signer.value === by.payer ? ok(undefined) : err('BAD_WALLET_SIGNATURE')
}
