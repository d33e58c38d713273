import { concatBytes, u256, utf8 } from '../../lib/bytes.ts'
import { type Address, addressFromBytes } from '../../lib/crypto/address.ts'
import { keccak256 } from '../../lib/crypto/keccak.ts'
import { hexBytes } from './checks.ts'
import {
  bareHex,
  type ChannelDomain,
  encodeTerms,
  type RawCommit,
  rightPadded,
  type Terms,
} from './terms.ts'

/** A transaction that somebody is to sign and send: a call of the contract. */
export interface UnsignedCall {
  readonly to: Address
  /** Wei. */
  readonly value: bigint
  readonly data: Uint8Array
}

const TERMS = '(address,address,address,bytes20,uint16)'
const SELECTORS = {
  makeDeposit: selector(`makeDeposit(${TERMS},uint256)`),
  topUp: selector(`topUp(${TERMS},uint256)`),
  publishCommit: selector(`publishCommit(${TERMS},uint112,bytes20,uint16,bytes)`),
  payout: selector(`payout(${TERMS},bytes32)`),
  revoke: selector(`revoke(${TERMS},bytes32)`),
  recoverChange: selector(`recoverChange(${TERMS},bytes32)`),
  recoverExpired: selector(`recoverExpired(${TERMS})`),
  close: selector(`close(${TERMS},uint112,bytes,bytes)`),
} as const

/** An unsigned transaction as the calls hand it out, hex: receiver, value, call data. */
export function encodeUnsigned({ to, value, data }: UnsignedCall): string {
  return bareHex(concatBytes(hexBytes(to.slice(2).toLowerCase(), 'receiver'), u256(value), data))
}

/** An unsigned transaction taken apart. */
export function parseUnsigned(hex: string): UnsignedCall {
  const bytes = hexBytes(hex, 'transaction')
  const value = BigInt(`0x${bareHex(bytes.subarray(20, 52))}`)
  return { to: addressFromBytes(bytes.slice(0, 20)), value, data: bytes.slice(52) }
}

/** The deposit, or an addition to it; a token must be approved before. */
export function depositCall(
  domain: ChannelDomain,
  terms: Terms,
  quantity: bigint,
  name: 'makeDeposit' | 'topUp' = 'makeDeposit',
): string {
  const value = BigInt(terms.asset) === 0n ? quantity : 0n
  return call(domain, name, terms, [u256(quantity)], value)
}

/** The publication of a commit. */
export function publishCall(
  domain: ChannelDomain,
  terms: Terms,
  {
    quantity,
    payerSig,
    revokeHash,
    delay,
  }: RawCommit & { readonly revokeHash: Uint8Array; readonly delay: number },
): string {
  // Five words of terms and four of arguments stand before the signature.
  return call(domain, 'publishCommit', terms, [
    u256(quantity),
    rightPadded(revokeHash),
    u256(BigInt(delay)),
    u256(9n * 32n),
    u256(65n),
    payerSig,
    new Uint8Array(31),
  ])
}

/** The closing of a channel that both agreed on. */
export function closeCall(
  domain: ChannelDomain,
  terms: Terms,
  {
    quantity,
    payerSig,
    payeeSig,
  }: {
    readonly quantity: bigint
    readonly payerSig: Uint8Array
    readonly payeeSig: Uint8Array
  },
): string {
  // Five words of terms and three of arguments stand before the signatures, four words each.
  const signature = (bytes: Uint8Array) => [u256(65n), bytes, new Uint8Array(31)]
  return call(domain, 'close', terms, [
    u256(quantity),
    u256(8n * 32n),
    u256(12n * 32n),
    ...signature(payerSig),
    ...signature(payeeSig),
  ])
}

/** A call that takes one secret. */
export function secretCall(
  domain: ChannelDomain,
  name: 'payout' | 'revoke' | 'recoverChange',
  terms: Terms,
  secret: Uint8Array,
): string {
  return call(domain, name, terms, [rightPadded(secret)])
}

/** The recovery of a deposit on which nothing was published in time. */
export function expireCall(domain: ChannelDomain, terms: Terms): string {
  return call(domain, 'recoverExpired', terms, [])
}

function call(
  { contract }: ChannelDomain,
  name: keyof typeof SELECTORS,
  terms: Terms,
  words: readonly Uint8Array[],
  value = 0n,
): string {
  const data = concatBytes(SELECTORS[name], encodeTerms(terms), ...words)
  return encodeUnsigned({ to: contract, value, data })
}

function selector(signature: string): Uint8Array {
  return keccak256(utf8(signature)).slice(0, 4)
}
