import { concatBytes, fromHex, readUint, toHex, u256 } from '../../lib/bytes.ts'
import { type Address, addressBytes, addressFromBytes } from '../../lib/crypto/address.ts'
import { domainSeparator, typedDigest } from '../../lib/crypto/eip712.ts'
import { keccak256 } from '../../lib/crypto/keccak.ts'

/** What a channel is; the contract's id of it is their hash. */
export interface Terms {
  readonly payer: Address
  readonly payee: Address
  /** The null address for ether. */
  readonly asset: Address
  /** HASH160 of the spend secret, 20 bytes. */
  readonly spendHash: Uint8Array
  /** Blocks after which an unpublished deposit goes back. */
  readonly expireTime: number
}

/** On which chain, by which contract. */
export interface ChannelDomain {
  readonly chainId: bigint
  readonly contract: Address
}

/** What a commit's script says: ABI of channel, revoke hash and delay. */
export interface CommitScript {
  /** 32 bytes. */
  readonly channel: Uint8Array
  /** 20 bytes. */
  readonly revokeHash: Uint8Array
  readonly delay: number
}

/** What a commit's raw form says: ABI of quantity and the payer's signature. */
export interface RawCommit {
  readonly quantity: bigint
  /** 65 bytes; none before the payer signed. */
  readonly payerSig: Uint8Array
}

const WORD = 32
/** The largest script of a deposit or a commit, in bytes. */
const TERMS_BYTES = 5 * WORD
const SCRIPT_BYTES = 3 * WORD
const COMMIT_TYPE =
  'Commit(bytes32 channel,uint112 quantity,bytes20 revokeSecretHash,uint16 delayTime)'
const CLOSE_TYPE = 'Close(bytes32 channel,uint112 quantity)'

/** Bytes as hex without a prefix, as the state of a channel holds them. */
export function bareHex(bytes: Uint8Array): string {
  return toHex(bytes).slice(2)
}

/** A deposit's script: ABI of the terms, 160 bytes. */
export function encodeTerms(terms: Terms): Uint8Array {
  return concatBytes(
    addressWord(terms.payer),
    addressWord(terms.payee),
    addressWord(terms.asset),
    rightPadded(terms.spendHash),
    u256(BigInt(terms.expireTime)),
  )
}

/** The terms in a deposit's script; null unless it is exactly that. */
export function parseTerms(bytes: Uint8Array): Terms | null {
  if (bytes.byteLength !== TERMS_BYTES) return null
  const [payer, payee, asset] = [addressAt(bytes, 0), addressAt(bytes, 1), addressAt(bytes, 2)]
  const spendHash = hashAt(bytes, 3)
  const expireTime = sequenceAt(bytes, 4)
  if (payer === null || payee === null || asset === null) return null
  if (spendHash === null || expireTime === null) return null
  return { payer, payee, asset, spendHash, expireTime }
}

/** A commit's script, 96 bytes. */
export function encodeScript({ channel, revokeHash, delay }: CommitScript): Uint8Array {
  return concatBytes(channel, rightPadded(revokeHash), u256(BigInt(delay)))
}

/** What a commit's script says; null unless it is exactly that. */
export function parseScript(bytes: Uint8Array): CommitScript | null {
  if (bytes.byteLength !== SCRIPT_BYTES) return null
  const revokeHash = hashAt(bytes, 1)
  const delay = sequenceAt(bytes, 2)
  if (revokeHash === null || delay === null) return null
  return { channel: word(bytes, 0), revokeHash, delay }
}

/** A commit's raw form: 192 bytes with a signature, 96 without. */
export function encodeRawCommit({ quantity, payerSig }: RawCommit): Uint8Array {
  const padding = new Uint8Array((WORD - (payerSig.byteLength % WORD)) % WORD)
  const length = u256(BigInt(payerSig.byteLength))
  return concatBytes(u256(quantity), u256(64n), length, payerSig, padding)
}

/** A commit's raw form taken apart; null unless it is exactly that. */
export function parseRawCommit(bytes: Uint8Array): RawCommit | null {
  if (bytes.byteLength !== 3 * WORD && bytes.byteLength !== 6 * WORD) return null
  const quantity = readUint(word(bytes, 0))
  const length = bytes.byteLength === 3 * WORD ? 0 : 65
  const commit = { quantity, payerSig: bytes.slice(3 * WORD, 3 * WORD + length) }
  const isSame = Buffer.compare(encodeRawCommit(commit), bytes) === 0
  return isSame && quantity >> 112n === 0n ? commit : null
}

/** The contract's id of a channel. */
export function channelIdOf({ chainId, contract }: ChannelDomain, terms: Terms): Uint8Array {
  return keccak256(u256(chainId), addressWord(contract), encodeTerms(terms))
}

/** What the payer signs of a commit. */
export function commitDigest(
  domain: ChannelDomain,
  { channel, revokeHash, delay }: CommitScript,
  quantity: bigint,
): Uint8Array {
  const words = [channel, u256(quantity), rightPadded(revokeHash), u256(BigInt(delay))]
  return typedDigest(separatorOf(domain), COMMIT_TYPE, ...words)
}

/** What both sign to close a channel at once. */
export function closeDigest(
  domain: ChannelDomain,
  channel: Uint8Array,
  quantity: bigint,
): Uint8Array {
  return typedDigest(separatorOf(domain), CLOSE_TYPE, channel, u256(quantity))
}

const separators = new Map<string, Uint8Array>()

function separatorOf({ chainId, contract }: ChannelDomain): Uint8Array {
  const key = `${chainId}/${contract}`
  const known = separators.get(key)
  if (known !== undefined) return known
  const made = domainSeparator({ name: 'PaymentChannels', version: '1', chainId, contract })
  // A node has one contract; more than a few would be a mistake, not a load.
  if (separators.size > 16) separators.clear()
  separators.set(key, made)
  return made
}

/** An account as a word of call data. */
export function addressWord(address: Address): Uint8Array {
  return concatBytes(new Uint8Array(12), addressBytes(address))
}

/** Up to 32 bytes as a word of call data, as `bytesN` stand in it. */
export function rightPadded(bytes: Uint8Array): Uint8Array {
  return concatBytes(bytes, new Uint8Array(WORD - bytes.byteLength))
}

function word(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.slice(index * WORD, (index + 1) * WORD)
}

function addressAt(bytes: Uint8Array, index: number): Address | null {
  const at = word(bytes, index)
  return isZero(at.subarray(0, 12)) ? addressFromBytes(at.subarray(12)) : null
}

function hashAt(bytes: Uint8Array, index: number): Uint8Array | null {
  const at = word(bytes, index)
  return isZero(at.subarray(20)) ? at.slice(0, 20) : null
}

function sequenceAt(bytes: Uint8Array, index: number): number | null {
  const value = readUint(word(bytes, index))
  return value <= 65_535n ? Number(value) : null
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

/** Hex without a prefix that is known to be well formed, as bytes. */
export function bareBytes(hex: string): Uint8Array {
  return fromHex(hex)
}
