import { bytesEqual, toHex } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { ok, type Result } from '../../lib/result.ts'
import { type Bid, priceOfBid } from './bid.ts'
import { type CheckFault, refuse } from './faults.ts'
import { checkLimits } from './limits.ts'

/** What the chain says of a bidder. */
export interface BidderFacts {
  readonly isRegistered: boolean
  /** Of the registered wallet, 32 bytes. */
  readonly nonce: Uint8Array
  /** Whether the bid's key speaks for the registered wallet. */
  readonly isKeyListed: boolean
  /** Its balance with the exchange in the bid's asset. */
  readonly balance: bigint
  /** Whether the bid opened a channel before. */
  readonly wasOpened: boolean
}

/** Who is asked to accept. */
export interface Acceptor {
  /** Its communication key, as a peer id. */
  readonly peerId: string
  readonly wallet: Address
  /** Assets it takes. */
  readonly assets: readonly Address[]
}

/** Whether a bid is made out to this node, and lasts long enough; looks at no chain. */
export function judgeTerms(bid: Bid, acceptor: Acceptor, now: number): Result<void, CheckFault> {
  const { peerId, wallet, assets } = acceptor
  if (bid.to !== peerId || bid.payee !== wallet) {
    return refuse('fatal', 'WRONG_RECIPIENT', 'the bid is made out to somebody else')
  }
  if (!assets.includes(bid.asset)) {
    return refuse('fatal', 'WRONG_ASSET', `${bid.asset} is not taken here`)
  }
  if (priceOfBid(bid) >= 2n ** 96n) {
    return refuse('fatal', 'WRONG_TERMS', 'the price does not fit into a channel')
  }
  const earliest = now + bid.duration + checkLimits.expirationMarginSeconds
  if (bid.expiration < earliest) {
    const detail = `expires at ${bid.expiration}, must not before ${earliest}`
    return refuse('new-params', 'EXPIRES_TOO_SOON', detail)
  }
  return ok(undefined)
}

/** Whether the contract would open the channel, and if not why. */
export function judgeBidder(bid: Bid, facts: BidderFacts): Result<void, CheckFault> {
  if (facts.wasOpened) return refuse('fatal', 'BID_USED', 'this bid opened a channel before')
  if (facts.isRegistered && !facts.isKeyListed) {
    return refuse('fatal', 'KEY_NOT_LISTED', 'the key does not speak for the wallet')
  }
  if (facts.isRegistered && !bytesEqual(facts.nonce, bid.nonce)) {
    const detail = `the wallet's nonce is ${toHex(facts.nonce)}`
    return refuse('new-params', 'NONCE_MISMATCH', detail)
  }
  const price = priceOfBid(bid)
  if (facts.balance < price) {
    const detail = `the whole costs ${price}, the wallet's balance is ${facts.balance}`
    return refuse('underfunded', 'INSUFFICIENT_FUNDS', detail)
  }
  return ok(undefined)
}
