import { type Address, parseAddress } from '../../lib/crypto/address.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { isPeerId } from '../../net/peer-key.ts'
import { parseBidMessage, type SignedBid } from './bid.ts'
import { parseCheckMessage, type SignedCheck } from './check.ts'
import { canonicalBytes, hasKeys, parseAmount, parseCanonical, parseCount } from './jcs.ts'
import { checkLimits } from './limits.ts'

/** What a payee wants to be bid for an order that is no video: parts of steps instead of seconds. */
export interface CheckOffer {
  readonly chainId: number
  readonly exchange: Address
  /** Communication key of the payee, as a peer id. */
  readonly to: string
  readonly payee: Address
  readonly asset: Address
  /** Units of the asset for a part. */
  readonly bid: bigint
  /** Parts in all. */
  readonly duration: number
}

/** A payment as it travels: a check, and before the channel is open its bid. */
export interface CheckProof {
  readonly bid: SignedBid | null
  readonly check: SignedCheck
}

const OFFER = ['asset', 'bid', 'chainId', 'duration', 'exchange', 'payee', 'to']

/** An offer as bytes. */
export function encodeOffer(offer: CheckOffer): Uint8Array {
  return canonicalBytes({ ...offer, bid: `${offer.bid}` })
}

/** An offer or grant from the network. */
export function parseOffer(bytes: Uint8Array): Result<CheckOffer, 'MALFORMED'> {
  const parsed = parseCanonical(bytes, checkLimits.maxMessageBytes)
  if (!parsed.ok || !hasKeys(parsed.value, OFFER)) return err('MALFORMED')
  const { value } = parsed
  const wallet = (key: string): Address | null => {
    const text = value[key]
    return typeof text === 'string' ? parseAddress(text) : null
  }
  const [exchange, payee, asset] = [wallet('exchange'), wallet('payee'), wallet('asset')]
  const bid = parseAmount(value['bid'], 2n ** 96n)
  const chainId = parseCount(value['chainId'], Number.MAX_SAFE_INTEGER)
  const duration = parseCount(value['duration'], checkLimits.maxBalance)
  const { to } = value
  if (exchange === null || payee === null || asset === null) return err('MALFORMED')
  if (bid === null || chainId === null || duration === null) return err('MALFORMED')
  if (typeof to !== 'string' || !isPeerId(to) || bid === 0n || duration === 0) {
    return err('MALFORMED')
  }
  return ok({ chainId, exchange, to, payee, asset, bid, duration })
}

/** A proof as bytes. */
export function encodeProof({ bid, check }: CheckProof): Uint8Array {
  const { message } = check
  return canonicalBytes(bid === null ? { check: message } : { bid: bid.message, check: message })
}

/** A proof from the network: shapes checked, signatures not. */
export function parseProof(bytes: Uint8Array): Result<CheckProof, 'MALFORMED'> {
  const parsed = parseCanonical(bytes, checkLimits.maxMessageBytes)
  if (!parsed.ok || !hasKeys(parsed.value, ['check'], ['bid'])) return err('MALFORMED')
  const check = parseCheckMessage(parsed.value['check'])
  if (!check.ok) return check
  if (parsed.value['bid'] === undefined) return ok({ bid: null, check: check.value })
  const bid = parseBidMessage(parsed.value['bid'])
  return bid.ok ? ok({ bid: bid.value, check: check.value }) : bid
}
