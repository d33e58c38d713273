import { bytesEqual } from '../../lib/bytes.ts'
import { recoverDigestSigner } from '../../lib/crypto/eip712.ts'
import { hash160Of, hexBytes, quantityOf, sequenceOf } from './checks.ts'
import { depositTtl } from './deposit.ts'
import { channelError } from './errors.ts'
import { type ChannelFacts, confirmedDeposit } from './facts.ts'
import { channelLimits } from './limits.ts'
import { type ChannelState, openState, scriptHex, withActive } from './state.ts'
import {
  bareHex,
  type ChannelDomain,
  type CommitScript,
  commitDigest,
  encodeRawCommit,
  parseRawCommit,
  parseScript,
} from './terms.ts'

/** A commit that is asked for. */
export interface CommitRequest {
  readonly state: ChannelState
  /** Cumulative: what the payee is to have in all. */
  readonly quantity: bigint
  /** Hex. */
  readonly revokeSecretHash: string
}

/**
 * Asks for a commit (`mpc_request_commit`); the payee's state remembers the hash.
 *
 * @throws `INVALID_STATE`, `INVALID_HASH160`, `INVALID_QUANTITY`, `INVALID_TRANSFER_QUANTITY` above
 * the confirmed deposit
 */
export function requestCommit(
  { state, quantity, revokeSecretHash }: CommitRequest,
  facts: ChannelFacts,
): {
  readonly state: ChannelState
  readonly quantity: bigint
  readonly revoke_secret_hash: string
} {
  openState(facts.domain, state)
  hash160Of(revokeSecretHash, 'revoke_secret_hash')
  withinDeposit(quantityOf(quantity), facts)
  checkUnused(state, revokeSecretHash)
  const commits_requested = [...state.commits_requested, revokeSecretHash]
  return { state: { ...state, commits_requested }, quantity, revoke_secret_hash: revokeSecretHash }
}

/**
 * Creates a commit for the payer to sign (`mpc_create_commit`); the payer's state remembers it.
 *
 * @throws `INVALID_STATE`, `INVALID_QUANTITY`, `INVALID_HASH160`, `INVALID_SEQUENCE`,
 * `INVALID_TRANSFER_QUANTITY` above the confirmed deposit
 */
export function createCommit(
  {
    state,
    quantity,
    revokeSecretHash,
    delayTime = 2,
  }: CommitRequest & { readonly delayTime?: number },
  facts: ChannelFacts,
): {
  readonly state: ChannelState
  readonly commit_script: string
  readonly tosign: { readonly rawtx: string; readonly deposit_script: string }
} {
  const { channel } = openState(facts.domain, state)
  withinDeposit(quantityOf(quantity), facts)
  const revokeHash = hash160Of(revokeSecretHash, 'revoke_secret_hash')
  const delay = sequenceOf(delayTime, 'delay_time')
  const script = scriptHex({ channel, revokeHash, delay })
  checkUnused(state, revokeSecretHash)
  const rawtx = bareHex(encodeRawCommit({ quantity, payerSig: new Uint8Array(0) }))
  return {
    state: withActive(facts.domain, state, [...state.commits_active, { rawtx, script }]),
    commit_script: script,
    tosign: { rawtx, deposit_script: state.deposit_script },
  }
}

/** The digest that makes a commit of {@link createCommit} good; whoever holds the key signs it. */
export function digestToSign(domain: ChannelDomain, rawtx: string, script: string): Uint8Array {
  const { raw, parsed } = openCommit(rawtx, script)
  return commitDigest(domain, parsed, raw.quantity)
}

/** A commit with its signature. */
export function withSignature(rawtx: string, payerSig: Uint8Array): string {
  const raw = parseRawCommit(hexBytes(rawtx, 'commit_rawtx'))
  if (raw === null) throw channelError('INVALID_HEX_DATA', 'commit_rawtx is not a commit')
  return bareHex(encodeRawCommit({ quantity: raw.quantity, payerSig }))
}

/** What {@link addCommit} is told. */
export interface AddCommit {
  readonly state: ChannelState
  readonly commitRawtx: string
  readonly commitScript: string
  /** The longest delay the payee agreed to, in blocks. Default any. */
  readonly maxDelay?: number
  /** Blocks the payee needs for publishing. */
  readonly clearance?: number
}

/**
 * Adds a signed commit to the payee's state (`mpc_add_commit`). The hash must have been asked for,
 * the quantity is the payer's choice.
 *
 * @throws `INVALID_HEX_DATA`, `INVALID_STATE`, `NO_REVOKE_SECRET_FOR_COMMIT`, `INCORRECT_PUB_KEY`
 * unless the payer signed it, `INCORRECT_SPEND_SECRET_HASH` for another channel of the payer,
 * `INVALID_SEQUENCE` above the agreed delay, `INVALID_TRANSFER_QUANTITY` above the confirmed
 * deposit, `CHANNEL_EXPIRING` when too few blocks are left
 */
export function addCommit(
  { state, commitRawtx, commitScript, ...agreed }: AddCommit,
  facts: ChannelFacts,
): { readonly state: ChannelState } {
  const { maxDelay = channelLimits.maxSequence, clearance = channelLimits.clearanceBlocks } = agreed
  const { raw, parsed } = openCommit(commitRawtx, commitScript)
  const { terms, channel } = openState(facts.domain, state)
  const signer = recoverDigestSigner(commitDigest(facts.domain, parsed, raw.quantity), raw.payerSig)
  if (!signer.ok || signer.value !== terms.payer) {
    throw channelError('INCORRECT_PUB_KEY', 'the commit is not signed by the payer of the channel')
  }
  if (!bytesEqual(parsed.channel, channel)) {
    throw channelError('INCORRECT_SPEND_SECRET_HASH', 'the commit is of another channel')
  }
  const hash = bareHex(parsed.revokeHash)
  if (!state.commits_requested.includes(hash)) {
    throw channelError('NO_REVOKE_SECRET_FOR_COMMIT', 'the revoke hash was not asked for')
  }
  if (parsed.delay > maxDelay) {
    throw channelError('INVALID_SEQUENCE', `a delay of ${parsed.delay} blocks, not ${maxDelay}`)
  }
  withinDeposit(quantityOf(raw.quantity), facts)
  if ((depositTtl(state, facts, clearance) ?? 0) === 0) {
    throw channelError('CHANNEL_EXPIRING', 'too few blocks are left to publish the commit')
  }
  const commits_requested = state.commits_requested.filter((requested) => requested !== hash)
  const entry = { rawtx: commitRawtx, script: commitScript }
  const next = { ...state, commits_requested }
  return { state: withActive(facts.domain, next, [...state.commits_active, entry]) }
}

function openCommit(
  rawtx: string,
  script: string,
): {
  readonly raw: { readonly quantity: bigint; readonly payerSig: Uint8Array }
  readonly parsed: CommitScript
} {
  const raw = parseRawCommit(hexBytes(rawtx, 'commit_rawtx'))
  const parsed = parseScript(hexBytes(script, 'commit_script'))
  if (raw === null) throw channelError('INVALID_HEX_DATA', 'commit_rawtx is not a commit')
  if (parsed === null) throw channelError('INVALID_HEX_DATA', 'commit_script is not a script')
  return { raw, parsed }
}

/** One hash is one commit, whatever its delay: its secret would revoke both. */
function checkUnused(state: ChannelState, hash: string): void {
  const used = [...state.commits_active, ...state.commits_revoked].map(({ script }) => script)
  const isUsed = used.some((script) => script.slice(64, 104) === hash)
  if (isUsed || state.commits_requested.includes(hash)) {
    throw channelError('INVALID_HASH160', 'the revoke hash was used before')
  }
}

function withinDeposit(quantity: bigint, facts: ChannelFacts): void {
  const deposit = confirmedDeposit(facts)
  if (quantity > deposit) {
    const detail = `${quantity} is more than the confirmed deposit of ${deposit}`
    throw channelError('INVALID_TRANSFER_QUANTITY', detail)
  }
}
