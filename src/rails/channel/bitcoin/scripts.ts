import { channelError } from '../errors.ts'
import { channelLimits } from '../limits.ts'
import {
  compileScript,
  numberOf,
  op,
  parseScriptParts,
  type ScriptPart,
  scriptNumber,
} from './script.ts'

/** What a deposit's script binds. Keys are compressed, 33 bytes; hashes HASH160, 20 bytes. */
export interface BitcoinDeposit {
  readonly payerPubkey: Uint8Array
  readonly payeePubkey: Uint8Array
  readonly spendSecretHash: Uint8Array
  /** Blocks. */
  readonly expireTime: number
}

/** What a commit's script binds. */
export interface BitcoinCommit {
  readonly payerPubkey: Uint8Array
  readonly payeePubkey: Uint8Array
  readonly spendSecretHash: Uint8Array
  readonly revokeSecretHash: Uint8Array
  /** Blocks. */
  readonly delayTime: number
}

/** The script of a deposit, to be paid to by its hash. */
export function compileDepositScript(deposit: BitcoinDeposit): Uint8Array {
  const { payerPubkey, payeePubkey, spendSecretHash } = deposit
  return compileScript([
    op.IF,
    ...[op.TWO, pubkey(payerPubkey), pubkey(payeePubkey), op.TWO, op.CHECKMULTISIG],
    op.ELSE,
    op.IF,
    ...[op.HASH160, hash(spendSecretHash), op.EQUALVERIFY, payerPubkey, op.CHECKSIG],
    op.ELSE,
    ...[scriptNumber(blocks(deposit.expireTime)), op.CHECKSEQUENCEVERIFY, op.DROP],
    ...[payerPubkey, op.CHECKSIG],
    op.ENDIF,
    op.ENDIF,
  ])
}

/** What a deposit's script binds; null unless it is exactly such a script. */
export function parseDepositScript(script: Uint8Array): BitcoinDeposit | null {
  const parts = parseScriptParts(script)
  if (parts === null) return null
  const deposit = {
    payerPubkey: parts[2],
    payeePubkey: parts[3],
    spendSecretHash: parts[9],
    expireTime: numberOf(parts[14]),
  }
  return checked(deposit, script, compileDepositScript)
}

/** The script of a commit, to be paid to by its hash. */
export function compileCommitScript(commit: BitcoinCommit): Uint8Array {
  const { payerPubkey, payeePubkey, spendSecretHash, revokeSecretHash } = commit
  return compileScript([
    op.IF,
    ...[scriptNumber(blocks(commit.delayTime)), op.CHECKSEQUENCEVERIFY, op.DROP],
    ...[op.HASH160, hash(spendSecretHash), op.EQUALVERIFY, pubkey(payeePubkey), op.CHECKSIG],
    op.ELSE,
    ...[op.HASH160, hash(revokeSecretHash), op.EQUALVERIFY, pubkey(payerPubkey), op.CHECKSIG],
    op.ENDIF,
  ])
}

/** What a commit's script binds; null unless it is exactly such a script. */
export function parseCommitScript(script: Uint8Array): BitcoinCommit | null {
  const parts = parseScriptParts(script)
  if (parts === null) return null
  const commit = {
    delayTime: numberOf(parts[1]),
    spendSecretHash: parts[5],
    payeePubkey: parts[7],
    revokeSecretHash: parts[11],
    payerPubkey: parts[13],
  }
  return checked(commit, script, compileCommitScript)
}

/** Takes fields for what they should be when the script compiled of them is the one given. */
function checked<T>(
  fields: object,
  script: Uint8Array,
  compile: (fields: T) => Uint8Array,
): T | null {
  try {
    return Buffer.compare(compile(fields as T), script) === 0 ? (fields as T) : null
  } catch {
    return null
  }
}

function pubkey(bytes: ScriptPart): Uint8Array {
  const isKey = bytes instanceof Uint8Array && bytes.byteLength === 33
  if (isKey && (bytes[0] === 2 || bytes[0] === 3)) return bytes
  throw channelError('INVALID_PUB_KEY', 'not a compressed public key of 33 bytes')
}

function hash(bytes: ScriptPart): Uint8Array {
  if (bytes instanceof Uint8Array && bytes.byteLength === 20) return bytes
  throw channelError('INVALID_HASH160', 'not a hash of 20 bytes')
}

function blocks(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= channelLimits.maxSequence) return value
  throw channelError('INVALID_SEQUENCE', 'not 0 to 65535 blocks')
}
