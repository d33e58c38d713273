import type { Address } from '../lib/crypto/address.ts'
import { type Advert, expiresAtMs, parseAdvert, type SignedAdvert, verifyAdvert } from './advert.ts'
import { marketLimits } from './limits.ts'
import { type Published, staysWithin } from './service.ts'

/** Why an advert was not accepted. */
export type AdvertFault =
  | 'OVERSIZED'
  | 'MALFORMED'
  | 'WRONG_CHAIN'
  | 'STALE'
  | 'FROM_THE_FUTURE'
  | 'TTL_TOO_LONG'
  | 'REPLAYED'
  | 'SEEN'
  | 'TOO_OFTEN'
  | 'BAD_SIGNATURE'
  | 'UNBONDED'
  | 'STAKE_UNKNOWN'
  | 'NOT_REGISTERED'

/** What the topic validator says; `reject` costs the forwarder score, `ignore` does not. */
export type AdvertVerdict =
  | { readonly verdict: 'accept'; readonly signed: SignedAdvert }
  | { readonly verdict: 'ignore' | 'reject'; readonly fault: AdvertFault }

/** What an advert is judged by. */
export interface AdvertContext {
  readonly chainId: bigint
  readonly nowMs: number
  /** The newest advert held of an author, and when it came. */
  latestOf(peerId: string): { readonly advert: Advert; readonly receivedAtMs: number } | undefined
  /** Whether an account is in the active set; null while the chain cannot be asked. */
  isBonded(address: Address): Promise<boolean | null>
  /** What an account published on chain; null for nothing. Default: nobody looks. */
  publishedBy?(address: Address): Promise<Published | null>
}

/**
 * Judges an advert, cheapest check first.
 *
 * A copy of the advert we hold, one that comes too soon, one whose stake we cannot look up and one
 * that does not fit the registry's entry as we see it are ignored: an honest peer may forward those.
 * Everything else that fails is the forwarder's fault.
 */
export async function judgeAdvert(
  bytes: Uint8Array,
  context: AdvertContext,
): Promise<AdvertVerdict> {
  const parsed = parseAdvert(bytes)
  if (!parsed.ok) return reject(parsed.error)
  const { advert } = parsed.value
  if (advert.chainId !== context.chainId) return reject('WRONG_CHAIN')
  if (advert.ttlMs > marketLimits.maxAdvertTtlMs) return reject('TTL_TOO_LONG')
  if (advert.issuedAtMs > context.nowMs + marketLimits.maxClockSkewMs)
    return reject('FROM_THE_FUTURE')
  const isWithdrawal = advert.ttlMs === 0
  const staleAtMs = isWithdrawal
    ? advert.issuedAtMs + marketLimits.maxClockSkewMs
    : expiresAtMs(advert)
  if (staleAtMs <= context.nowMs) return reject('STALE')
  const latest = context.latestOf(advert.peerId)
  if (latest !== undefined) {
    if (advert.sequence === latest.advert.sequence) return ignore('SEEN')
    if (advert.sequence < latest.advert.sequence) return reject('REPLAYED')
    const sinceMs = context.nowMs - latest.receivedAtMs
    if (!isWithdrawal && sinceMs < marketLimits.minAdvertIntervalMs) return ignore('TOO_OFTEN')
  }
  if (!verifyAdvert(parsed.value)) return reject('BAD_SIGNATURE')
  const isBonded = await context.isBonded(advert.address)
  if (isBonded === null) return ignore('STAKE_UNKNOWN')
  if (!isBonded) return reject('UNBONDED')
  const published = isWithdrawal ? null : await context.publishedBy?.(advert.address)
  if (published && !staysWithin(published, advert)) return ignore('NOT_REGISTERED')
  return { verdict: 'accept', signed: parsed.value }
}

function reject(fault: AdvertFault): AdvertVerdict {
  return { verdict: 'reject', fault }
}

function ignore(fault: AdvertFault): AdvertVerdict {
  return { verdict: 'ignore', fault }
}
