import { compileScript, op, parseScriptParts, type ScriptPart } from './script.ts'

/**
 * How an output of a channel is spent. Signatures are DER with their hash type.
 *
 * - `expire`: the payer takes an unused deposit back after its time
 * - `change`: the payer takes the rest of a deposit, by the spend secret
 * - `commit`: both spend the deposit
 * - `payout`: the payee takes what was committed, by the spend secret, after the delay
 * - `revoke`: the payer takes a revoked commit, by its revoke secret
 */
export type ChannelSpend =
  | { readonly kind: 'expire'; readonly payerSig: Uint8Array }
  | { readonly kind: 'change'; readonly payerSig: Uint8Array; readonly spendSecret: Uint8Array }
  | { readonly kind: 'commit'; readonly payerSig: Uint8Array; readonly payeeSig: Uint8Array }
  | { readonly kind: 'payout'; readonly payeeSig: Uint8Array; readonly spendSecret: Uint8Array }
  | { readonly kind: 'revoke'; readonly payerSig: Uint8Array; readonly revokeSecret: Uint8Array }

/** Which output a spend is of. */
export const spendsDeposit: Readonly<Record<ChannelSpend['kind'], boolean>> = {
  expire: true,
  change: true,
  commit: true,
  payout: false,
  revoke: false,
}

/** The input script of a spend: what it answers, and the script that asked. */
export function compileScriptSig(spend: ChannelSpend, redeemScript: Uint8Array): Uint8Array {
  return compileScript([...partsOf(spend), redeemScript])
}

function partsOf(spend: ChannelSpend): readonly ScriptPart[] {
  switch (spend.kind) {
    case 'expire':
      return [spend.payerSig, op.FALSE, op.FALSE]
    case 'change':
      return [spend.payerSig, spend.spendSecret, op.TRUE, op.FALSE]
    case 'commit':
      return [op.FALSE, spend.payerSig, spend.payeeSig, op.TRUE]
    case 'payout':
      return [spend.payeeSig, spend.spendSecret, op.TRUE]
    case 'revoke':
      return [spend.payerSig, spend.revokeSecret, op.FALSE]
  }
}

/**
 * An input script taken apart; null when it is none of the five.
 *
 * @param isDeposit whether it spends a deposit or a commit, which the redeem script tells
 */
export function parseScriptSig(
  script: Uint8Array,
  isDeposit: boolean,
): { readonly spend: ChannelSpend; readonly redeemScript: Uint8Array } | null {
  const parts = parseScriptParts(script)
  const redeemScript = parts?.at(-1)
  if (parts === undefined || parts === null || !(redeemScript instanceof Uint8Array)) return null
  const spend = isDeposit ? depositSpend(parts) : commitSpend(parts)
  if (spend === null) return null
  const isSame = Buffer.compare(compileScriptSig(spend, redeemScript), script) === 0
  return isSame ? { spend, redeemScript } : null
}

function depositSpend([first, second, third]: readonly ScriptPart[]): ChannelSpend | null {
  if (first === op.FALSE && isData(second) && isData(third)) {
    return { kind: 'commit', payerSig: second, payeeSig: third }
  }
  if (!isData(first)) return null
  if (isData(second)) return { kind: 'change', payerSig: first, spendSecret: second }
  return { kind: 'expire', payerSig: first }
}

function commitSpend([first, second, third]: readonly ScriptPart[]): ChannelSpend | null {
  if (!isData(first) || !isData(second)) return null
  return third === op.TRUE
    ? { kind: 'payout', payeeSig: first, spendSecret: second }
    : { kind: 'revoke', payerSig: first, revokeSecret: second }
}

function isData(part: ScriptPart | undefined): part is Uint8Array {
  return part instanceof Uint8Array
}
