import type { Address } from '../../lib/crypto/address.ts'
import { ceilDiv, maxBig, minBig, type Wei } from '../../lib/wei.ts'
import { winsQuantile } from './luck.ts'
import { ticketEv } from './ticket.ts'

/** Tickets sent under one set of params whose wins may still come. */
export interface OutstandingTickets {
  readonly recipient: Address
  readonly faceValue: Wei
  readonly winProb: bigint
  readonly tickets: number
  /** First block at which the params are void. */
  readonly expirationBlock: bigint
}

/** What a sender's outstanding tickets may come to. */
export interface Exposure {
  readonly tickets: number
  readonly evWei: Wei
  /** The largest face value among them. */
  readonly faceValueWei: Wei
  /** As many wins of that face value are not exceeded, as surely as was asked for. */
  readonly wins: number
  /** What those wins cost. */
  readonly requiredWei: Wei
}

/** How a deposit carries an exposure. */
export type ExposureLevel = 'ok' | 'high' | 'over'

const BILLION = 1_000_000_000n

/**
 * The deposit that carries outstanding tickets in all but 1 − quantile of cases. Pure.
 *
 * Tickets of one face value win a number of times that is at most Poisson-distributed. With several
 * face values, all count as the largest, and as few as give the same expected value: that spreads
 * what they can come to wider than it is, never narrower. Never more than if every ticket won.
 */
export function exposureOf(groups: Iterable<OutstandingTickets>, quantile: number): Exposure {
  let tickets = 0
  let evWei = 0n
  let faceValueWei = 0n
  let mostWei = 0n
  for (const group of groups) {
    if (group.tickets === 0) continue
    tickets += group.tickets
    mostWei += group.faceValue * BigInt(group.tickets)
    evWei += ticketEv(group) * BigInt(group.tickets)
    faceValueWei = maxBig(faceValueWei, group.faceValue)
  }
  if (faceValueWei === 0n) return { tickets, evWei, faceValueWei, wins: 0, requiredWei: 0n }
  const mean = Number(ceilDiv(evWei * BILLION, faceValueWei)) / Number(BILLION)
  const wins = Math.min(winsQuantile({ mean, variance: mean }, quantile), tickets)
  const requiredWei = minBig(BigInt(wins) * faceValueWei, mostWei)
  return { tickets, evWei, faceValueWei, wins, requiredWei }
}

/** Whether a deposit carries an exposure, and with how much to spare. Pure. */
export function exposureLevel(
  { requiredWei }: Pick<Exposure, 'requiredWei'>,
  deposit: Wei,
  warnAtPermille: number,
): ExposureLevel {
  if (requiredWei > deposit) return 'over'
  return requiredWei * 1_000n > deposit * BigInt(warnAtPermille) ? 'high' : 'ok'
}
