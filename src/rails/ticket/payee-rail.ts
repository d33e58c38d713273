import { ok, type Result } from '../../lib/result.ts'
import type { EarnSession, OfferInit, PayeeRail, PaymentContext, RailFault } from '../rail.ts'
import type { BlockClock } from './chain-clock.ts'
import { refuse } from './faults.ts'
import { ticketLimits } from './limits.ts'
import type { TicketMetrics } from './metrics.ts'
import type { Recipient } from './recipient.ts'
import type { TicketParams } from './ticket.ts'
import { encodeTicketParams, parseTicketPayment } from './wire.ts'

/** The rail's name on the wire. */
export const TICKET_RAIL = 'ticket'

/** What the earning half works with. */
export interface TicketPayeeComponents {
  readonly recipient: Recipient
  readonly blocks: BlockClock
  readonly metrics: TicketMetrics
  /** Told of every batch credited, for the books. */
  onReceived?(received: { readonly accepted: number; readonly won: number }): void
}

/** The ticket rail as an orchestrator uses it. */
export function createTicketPayeeRail(
  components: TicketPayeeComponents,
  init: { readonly paramsLifeBlocks: bigint },
): PayeeRail {
  const { recipient } = components
  return {
    id: TICKET_RAIL,
    async offer({ payer, feePerStep }) {
      const params = await recipient.ticketParams(payer, feePerStep)
      return params.ok ? ok(encodeTicketParams(params.value)) : params
    },
    openEarn: (context, offer) =>
      createEarnSession(components, init.paramsLifeBlocks, context, offer),
  }
}

function createEarnSession(
  { recipient, blocks, metrics, onReceived }: TicketPayeeComponents,
  paramsLifeBlocks: bigint,
  context: PaymentContext,
  { feePerStep }: OfferInit,
): EarnSession {
  /** The params the payer pays under, as far as is known. */
  let current: TicketParams | null = null
  let granted: TicketParams | null = null

  const isSpent = async (params: TicketParams): Promise<boolean> => {
    if (isWorn(params, blocks.now(), paramsLifeBlocks)) return true
    return (await recipient.noncesUsed(params)) * 5 >= ticketLimits.maxNoncesPerParams * 4
  }
  const grant = async (): Promise<Result<Uint8Array, RailFault>> => {
    if (granted === null || (await isSpent(granted))) {
      const params = await recipient.ticketParams(context.payer, feePerStep)
      if (!params.ok) return params
      granted = params.value
    }
    return ok(encodeTicketParams(granted))
  }
  return {
    grant,
    async receive(proof) {
      const batch = parseTicketPayment(proof)
      if (!batch.ok) return refuse('fatal', 'MALFORMED', 'the payment cannot be read')
      if (batch.value.sender !== context.payer) {
        return refuse('fatal', 'WRONG_SENDER', "the tickets are not from the order's payer")
      }
      const received = await recipient.receiveBatch(batch.value)
      if (!received.ok) return received
      const { credited, accepted, won, writes, committed } = received.value
      current = batch.value.params
      return ok({
        credited,
        writes,
        sync: won > 0,
        committed() {
          committed()
          metrics.received.inc({}, accepted)
          metrics.won.inc({}, won)
          onReceived?.({ accepted, won })
        },
      })
    },
    async grantIfDue() {
      if (current === null || !(await isSpent(current))) return null
      const fresh = await grant()
      return fresh.ok ? fresh.value : null
    },
  }
}

/** Whether half of the params' life is over. */
function isWorn(params: TicketParams, block: bigint, lifeBlocks: bigint): boolean {
  return (params.expirationBlock - block) * 2n <= lifeBlocks
}
