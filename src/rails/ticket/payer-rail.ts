import type { Address } from '../../lib/crypto/address.ts'
import { ok, type Result } from '../../lib/result.ts'
import { ceilDiv, formatWei } from '../../lib/wei.ts'
import { type PayerRail, type PaySession, type RailFault } from '../rail.ts'
import { refuse } from './faults.ts'
import { expectedWinsOf } from './ledger.ts'
import { ticketLimits } from './limits.ts'
import type { TicketMetrics } from './metrics.ts'
import { TICKET_RAIL } from './payee-rail.ts'
import type { Sender } from './sender.ts'
import { type TicketParams, ticketEv } from './ticket.ts'
import { encodeTicketPayment, parseTicketParams } from './wire.ts'

/** What the paying half works with. */
export interface TicketPayerComponents {
  readonly sender: Sender
  readonly metrics: TicketMetrics
  /** Told of every batch sent, for the books. */
  onSent?(sent: { payee: Address; tickets: number; params: TicketParams }): void
}

/** The ticket rail as a broadcaster uses it. */
export function createTicketPayerRail(components: TicketPayerComponents): PayerRail {
  const { sender } = components
  const accept = async (
    offer: Uint8Array,
    payee: Address,
  ): Promise<Result<TicketParams, RailFault>> => {
    const params = parseTicketParams(offer)
    if (!params.ok) return refuse('fatal', 'MALFORMED', 'the ticket params cannot be read')
    if (params.value.recipient !== payee) {
      return refuse('fatal', 'INVALID_RECIPIENT', 'the ticket params name another recipient')
    }
    const valid = await sender.validateTicketParams(params.value)
    return valid.ok ? params : valid
  }
  return {
    id: TICKET_RAIL,
    async judge(offer, payee) {
      const params = await accept(offer, payee)
      return params.ok ? ok(undefined) : params
    },
    async openPay({ payee }, offer) {
      if (offer === null) return ok(createPaySession(components, payee, null, accept))
      const params = await accept(offer, payee)
      if (!params.ok) return params
      const id = await sender.startSession(params.value)
      return ok(createPaySession(components, payee, { id, params: params.value }, accept))
    },
  }
}

function createPaySession(
  { sender, metrics, onSent }: TicketPayerComponents,
  payee: Address,
  opened: { readonly id: string; readonly params: TicketParams } | null,
  accept: (offer: Uint8Array, payee: Address) => Promise<Result<TicketParams, RailFault>>,
): PaySession {
  let session = opened
  return {
    async pay(due) {
      if (session === null) return refuse('new-params', 'NO_SESSION', 'no payment terms yet')
      const ev = ticketEv(session.params)
      const size = due <= 0n ? 1n : ceilDiv(due, ev)
      if (size > BigInt(ticketLimits.maxTicketsPerPayment)) {
        const detail = `${formatWei(due)} would take ${size} tickets of ${formatWei(ev)}`
        return refuse('limit', 'TOO_MANY_TICKETS', detail)
      }
      const batch = await sender.createTicketBatch(session.id, Number(size))
      if (!batch.ok) return batch
      metrics.sent.inc({}, Number(size))
      metrics.ev.inc({ side: 'sent' }, Number(ev * size))
      metrics.expectedWins.inc({ side: 'sent' }, expectedWinsOf(session.params, Number(size)))
      onSent?.({ payee, tickets: Number(size), params: session.params })
      return ok({ proof: encodeTicketPayment(batch.value), value: ev * size })
    },
    async useGrant(grant) {
      const params = await accept(grant, payee)
      if (!params.ok) return params
      const id = await sender.startSession(params.value)
      if (session !== null && id !== session.id) await sender.cleanupSession(session.id)
      session = { id, params: params.value }
      return ok(undefined)
    },
  }
}
