import { utf8 } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { keccak256 } from '../../lib/crypto/keccak.ts'
import { ok, type Result } from '../../lib/result.ts'
import { ceilDiv, maxBig } from '../../lib/wei.ts'
import type { Paid, PayerRail, PaymentContext, PaySession, RailFault } from '../rail.ts'
import { type CheckDomain, segmentsOf, valueOf } from './digest.ts'
import { type CheckFault, refuse } from './faults.ts'
import { CHECK_RAIL } from './payee-rail.ts'
import type { CheckPayer, PayingChannel } from './payer.ts'
import { type CheckOffer, encodeProof, parseOffer } from './wire.ts'

/** How the paying half judges offers. */
export interface CheckPayerRailInit {
  readonly domain: CheckDomain
  /** Assets it pays in. */
  readonly assets: readonly Address[]
}

/** The check rail as whoever pays uses it. */
export function createCheckPayerRail(
  { payer }: { readonly payer: CheckPayer },
  { domain, assets }: CheckPayerRailInit,
): PayerRail {
  const accept = (bytes: Uint8Array, payee: Address): Result<CheckOffer, CheckFault> => {
    const offer = parseOffer(bytes)
    if (!offer.ok) return refuse('fatal', 'MALFORMED', 'the offer cannot be read')
    const { value } = offer
    if (value.payee !== payee) {
      return refuse('fatal', 'WRONG_RECIPIENT', 'the offer names another payee')
    }
    if (value.chainId !== domain.chainId || value.exchange !== domain.exchange) {
      return refuse('fatal', 'WRONG_EXCHANGE', 'the offer is for another exchange')
    }
    if (!assets.includes(value.asset)) {
      return refuse('fatal', 'WRONG_ASSET', `nothing is paid in ${value.asset} here`)
    }
    return ok(value)
  }
  return {
    id: CHECK_RAIL,
    async judge(offer, payee) {
      const accepted = accept(offer, payee)
      return accepted.ok ? ok(undefined) : accepted
    },
    async openPay(context, offer): Promise<Result<PaySession, RailFault>> {
      const accepted = offer === null ? ok(null) : accept(offer, context.payee)
      if (!accepted.ok) return accepted
      return ok(createPaySession(payer, context, accepted.value, accept))
    },
  }
}

function createPaySession(
  payer: CheckPayer,
  { orderId, payee }: PaymentContext,
  opened: CheckOffer | null,
  accept: (offer: Uint8Array, payee: Address) => Result<CheckOffer, CheckFault>,
): PaySession {
  let offer = opened
  // A bid that is itself the order needs no terms; under any other, a payer that comes back does not
  // know what its payee still holds.
  let isAgreed = opened !== null || payer.channelOf(orderId)?.channel === orderId
  let current: PayingChannel | null = payer.channelOf(orderId)
  /** Whether the next bid asks the chain for its nonce, since the last was refused. */
  let fresh = false
  const left = ({ record }: PayingChannel): bigint => {
    const { bid } = record.bid
    return valueOf(bid, segmentsOf(bid)) - valueOf(bid, record.balance)
  }
  const renew = async (due: bigint): Promise<Result<PayingChannel, CheckFault>> => {
    if (offer === null) return refuse('new-params', 'NO_CHANNEL', 'no terms to bid under yet')
    const { to, asset, bid } = offer
    const duration = Number(maxBig(BigInt(offer.duration), ceilDiv(due, bid)))
    const terms = { bid, to, payee, asset, duration, segmentSeconds: 1, format: 'order' }
    const bidden = await payer.bid({ ...terms, hash: keccak256(utf8(orderId)) }, orderId, { fresh })
    if (bidden.ok) fresh = false
    return bidden
  }
  return {
    async pay(due): Promise<Result<Paid, RailFault>> {
      if (!isAgreed) return refuse('new-params', 'NO_CHANNEL', 'no terms to bid under yet')
      const held = current?.channel
      current = payer.channels().find(({ channel }) => channel === held) ?? null
      if (current === null || left(current) < due) {
        const renewed = await renew(due)
        if (!renewed.ok) return renewed
        current = renewed.value
      }
      const { channel, record } = current
      const { bid } = record.bid
      const balance = balanceFor(record.balance, due, bid)
      const isOpen = await payer.isOpen(channel)
      const check = await payer.check(channel, balance)
      const value = valueOf(bid, balance) - valueOf(bid, record.balance)
      return ok({ proof: encodeProof({ bid: isOpen ? null : record.bid, check }), value })
    },
    async last() {
      if (current === null || current.record.balance === 0) return null
      const { channel, record } = current
      const isOpen = await payer.isOpen(channel)
      const check = await payer.check(channel, record.balance)
      const value = valueOf(record.bid.bid, record.balance)
      return { proof: encodeProof({ bid: isOpen ? null : record.bid, check }), value }
    },
    async useGrant(grant) {
      const accepted = accept(grant, payee)
      if (!accepted.ok) return accepted
      offer = accepted.value
      isAgreed = true
      if (current !== null && !(await payer.canPay(current.channel))) {
        current = null
        fresh = true
      }
      return ok(undefined)
    },
  }
}

/** The least balance that is worth `due` more than the last one. */
function balanceFor(
  last: number,
  due: bigint,
  bid: { readonly bid: bigint; readonly duration: number; readonly segmentSeconds: number },
): number {
  const whole = segmentsOf(bid)
  if (due <= 0n) return Math.min(last + 1, whole)
  if (bid.bid === 0n) return whole
  const target = valueOf(bid, last) + due
  const segments = Number(ceilDiv(target, bid.bid * BigInt(bid.segmentSeconds)))
  return Math.min(segments, whole)
}
