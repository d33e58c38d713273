import type { Address } from '../../lib/crypto/address.ts'
import { ok, type Result } from '../../lib/result.ts'
import type { Wei } from '../../lib/wei.ts'
import type {
  EarnSession,
  OfferInit,
  PayeeRail,
  PaymentContext,
  RailFault,
  Received,
} from '../rail.ts'
import type { BlockClock } from './chain-clock.ts'
import { refuse } from './faults.ts'
import { expectedWinsOf } from './ledger.ts'
import type { Ledger } from './ledger-store.ts'
import { ticketLimits } from './limits.ts'
import type { TicketMetrics } from './metrics.ts'
import type { ReceivedTickets, Recipient } from './recipient.ts'
import type { SenderMonitor } from './sender-monitor.ts'
import type { TicketBatch, TicketParams } from './ticket.ts'
import { encodeTicketParams, parseTicketPayment } from './wire.ts'

/** The rail's name on the wire. */
export const TICKET_RAIL = 'ticket'

/** What the earning half works with. */
export interface TicketPayeeComponents {
  readonly recipient: Recipient
  readonly blocks: BlockClock
  readonly metrics: TicketMetrics
  /** Tells when what a payer is good for may have changed; without it grants only wear out. */
  readonly monitor?: Pick<SenderMonitor, 'maxFloat' | 'subscribeMaxFloatChange'>
  /** Where tickets are accounted for. */
  readonly ledger?: Pick<Ledger, 'receivedWrites'>
  /** Told of every batch credited, for the books. */
  onReceived?(received: { readonly accepted: number; readonly won: number }): void
}

/** The ticket rail as an orchestrator uses it. */
export function createTicketPayeeRail(
  components: TicketPayeeComponents,
  init: { readonly paramsLifeBlocks: bigint },
): PayeeRail {
  const { recipient, monitor } = components
  const floats = monitor === undefined ? undefined : createFloatChanges(monitor)
  return {
    id: TICKET_RAIL,
    async offer({ payer, feePerStep }) {
      const params = await recipient.ticketParams(payer, feePerStep)
      components.metrics.redeemCost.set(Number(recipient.redeemCost().costWei))
      return params.ok ? ok(encodeTicketParams(params.value)) : params
    },
    openEarn: (context, offer) =>
      createEarnSession({ ...components, floats }, init.paramsLifeBlocks, context, offer),
  }
}

function createEarnSession(
  components: TicketPayeeComponents & { readonly floats: FloatChanges | undefined },
  paramsLifeBlocks: bigint,
  context: PaymentContext,
  { feePerStep }: OfferInit,
): EarnSession {
  const { recipient, blocks } = components
  /** The params the payer pays under, as far as is known. */
  let current: TicketParams | null = null
  let granted: TicketParams | null = null

  const isTooLarge = createFloatCheck(components, context.payer)
  const isSpent = async (params: TicketParams): Promise<boolean> => {
    if (isWorn(params, blocks.now(), paramsLifeBlocks)) return true
    if ((await recipient.noncesUsed(params)) * 5 >= ticketLimits.maxNoncesPerParams * 4) return true
    return isTooLarge(params)
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
      current = batch.value.params
      return ok(await credit(components, batch.value, received.value))
    },
    async grantIfDue() {
      if (current === null || !(await isSpent(current))) return null
      const fresh = await grant()
      return fresh.ok ? fresh.value : null
    },
  }
}

/** What a good batch is worth, and the writes that make it so. */
async function credit(
  { ledger, metrics, onReceived }: TicketPayeeComponents,
  { sender, params }: TicketBatch,
  { credited, accepted, won, writes, committed }: ReceivedTickets,
): Promise<Received> {
  const counts = { tickets: accepted, won }
  const booked = (await ledger?.receivedWrites(sender, params, counts)) ?? []
  return {
    credited,
    writes: [...writes, ...booked],
    sync: won > 0,
    committed() {
      committed()
      metrics.received.inc({}, accepted)
      metrics.won.inc({}, won)
      metrics.ev.inc({ side: 'received' }, Number(credited))
      metrics.expectedWins.inc({ side: 'received' }, expectedWinsOf(params, accepted))
      onReceived?.({ accepted, won })
    },
  }
}

/** Counts the changes of payers' floats; those followed longest ago are let go first. */
interface FloatChanges {
  /** Another number than last time when the payer's float may have changed since. */
  version(payer: Address): number
}

function createFloatChanges(monitor: Pick<SenderMonitor, 'subscribeMaxFloatChange'>): FloatChanges {
  const followed = new Map<Address, { version: number; unsubscribe(): void }>()
  let changes = 0
  return {
    version(payer) {
      const entry = followed.get(payer)
      if (entry !== undefined) return entry.version
      if (followed.size >= ticketLimits.maxFollowedPayers) {
        const [oldest] = followed
        oldest?.[1].unsubscribe()
        if (oldest !== undefined) followed.delete(oldest[0])
      }
      changes += 1
      const next = { version: changes, unsubscribe: (): void => {} }
      next.unsubscribe = monitor.subscribeMaxFloatChange(payer, () => {
        changes += 1
        next.version = changes
      })
      followed.set(payer, next)
      return next.version
    },
  }
}

/** Whether a face value is more than the payer has come to be good for since it was granted. */
function createFloatCheck(
  { monitor, floats }: TicketPayeeComponents & { readonly floats: FloatChanges | undefined },
  payer: Address,
): (params: TicketParams) => Promise<boolean> {
  let seen: { readonly version: number; readonly maxFloat: Wei } | undefined
  return async ({ faceValue }) => {
    if (monitor === undefined || floats === undefined) return false
    const version = floats.version(payer)
    if (seen?.version !== version) seen = { version, maxFloat: await monitor.maxFloat(payer) }
    return faceValue > seen.maxFloat
  }
}

/** Whether half of the params' life is over. */
function isWorn(params: TicketParams, block: bigint, lifeBlocks: bigint): boolean {
  return (params.expirationBlock - block) * 2n <= lifeBlocks
}
