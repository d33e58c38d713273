import type { WinnerState } from '../../../src/rails/ticket/winner-store.ts'
import type { JournalLine } from './journal.ts'

/** A ticket of a proof that the payer signed. Hashes are hex, amounts wei. */
export interface TicketEvidence {
  readonly ticketHash: string
  readonly randHash: string
  readonly nonce: number
  readonly ev: bigint
  /** Null when the secret it was drawn against is gone. */
  readonly won: boolean | null
}

/** What the payer knows of a proof it signed. */
export type ProofFate = 'acknowledged' | 'refused' | 'lost'

/** A proof that the payer signed. */
export interface ProofEvidence {
  readonly id: string
  readonly orderId: string
  readonly tickets: readonly TicketEvidence[]
  /** Lost: its answer was, and it could not be asked for again. */
  readonly fate: ProofFate
}

/** An order as one of its sides has it in its store. */
export interface OrderEvidence {
  readonly orderId: string
  readonly price: string
  readonly credited: bigint
  readonly debited: bigint
  readonly segments: number
  readonly charged: readonly bigint[]
}

/** A winner of the provider's store. */
export interface WinnerEvidence {
  readonly ticketHash: string
  readonly sequence: number
  readonly faceValue: bigint
  readonly state: WinnerState
}

/** What became of an order's segments, by the payer's journal. */
export interface ChargeEvidence {
  readonly orderId: string
  /** Indexes that were ever sent. */
  readonly sent: ReadonlySet<string>
  /** Charges the payer was told of, by index. */
  readonly debited: ReadonlyMap<string, bigint>
}

/** An order's stream as it was opened. */
export interface OpeningEvidence {
  readonly orderId: string
  readonly price: string
  readonly payerCredit: bigint
  readonly providerCredit: bigint
}

/** A redemption that the chain tells of. */
export interface RedemptionEvidence {
  readonly ticketHash: string
  readonly faceValue: bigint
}

/** All that is known when everything has settled and stopped. */
export interface Evidence {
  readonly proofs: readonly ProofEvidence[]
  /** Ids of acknowledged proofs that were presented again, and what they then brought. */
  readonly replays: readonly { readonly id: string; readonly credited: bigint }[]
  readonly charges: readonly ChargeEvidence[]
  readonly openings: readonly OpeningEvidence[]
  readonly handed: ReadonlySet<number>
  readonly delivered: ReadonlySet<number>
  /** Segments that the dispatcher gave up on; the driver handed them over again. */
  readonly refusals: readonly string[]
  /** Lines of the journal that cannot be read, and how many kills may each have torn one. */
  readonly torn: number
  readonly kills: number
  readonly payerOrders: readonly OrderEvidence[]
  readonly providerOrders: readonly OrderEvidence[]
  readonly winners: readonly WinnerEvidence[]
  readonly chain: {
    readonly redemptions: readonly RedemptionEvidence[]
    /** Of the winners, those the broker has marked as used. */
    readonly used: ReadonlySet<string>
    /** Deposit and reserve before the loop and after it. */
    readonly fundsBefore: bigint
    readonly fundsAfter: bigint
  }
}

/** Refusals that come after the payment that travelled along was stored. */
const AFTER_PAYMENT: ReadonlySet<string> = new Set([
  'LOW_PM_BALANCE',
  'DUPLICATE_SEGMENT',
  'WORK_FAILED',
  'SEGMENT_UNREADABLE',
])

/** Refusals of the payment itself. */
const OF_PAYMENT: ReadonlySet<string> = new Set([
  'NEW_PAYMENT_PARAMS',
  'FATAL_PAYMENT',
  'PAYER_UNDERFUNDED',
])

/** What a journal says of each proof, and of those presented again after they were acknowledged. */
export function readFates(lines: readonly JournalLine[]): {
  readonly fates: ReadonlyMap<string, ProofFate>
  readonly replays: Evidence['replays']
} {
  const underWay = new Map<string, string>()
  const fates = new Map<string, ProofFate>()
  const replays: { id: string; credited: bigint }[] = []
  for (const line of lines) {
    if (line.k === 'signed') fates.set(line.id, 'lost')
    if (line.k === 'sent') underWay.set(`${line.stream} ${line.index}`, line.id)
    if (line.k === 'answer') {
      const id = underWay.get(`${line.stream} ${line.index}`) ?? ''
      if (id === '') continue
      if (line.type !== 'error' || AFTER_PAYMENT.has(line.code)) fates.set(id, 'acknowledged')
      else if (OF_PAYMENT.has(line.code)) fates.set(id, 'refused')
    }
    if (line.k === 'replayed') {
      const { id, code, wasAcknowledged } = line
      if (wasAcknowledged) replays.push({ id, credited: BigInt(line.credited) })
      // Whatever it brought, it is credited now: then, or when its answer was lost.
      else if (code === '') fates.set(id, 'acknowledged')
    }
  }
  return { fates, replays }
}

/** What a journal says of the segments of each order. */
export function chargesOf(lines: readonly JournalLine[]): ChargeEvidence[] {
  const orders = new Map<string, { sent: Set<string>; debited: Map<string, bigint> }>()
  const orderOfStream = new Map<string, string>()
  for (const line of lines) {
    if (line.k === 'sent' && line.index !== null) {
      const order = orders.get(line.order) ?? { sent: new Set(), debited: new Map() }
      orders.set(line.order, order)
      order.sent.add(line.index)
      orderOfStream.set(line.stream, line.order)
    }
    if (line.k === 'answer' && line.type === 'result' && line.index !== null) {
      const order = orders.get(orderOfStream.get(line.stream) ?? '')
      order?.debited.set(line.index, BigInt(line.debited))
    }
  }
  return [...orders].map(([orderId, order]) => ({ orderId, ...order }))
}

/** The parts of the evidence that a journal alone gives. */
export function journalEvidence(
  lines: readonly JournalLine[],
): Pick<Evidence, 'charges' | 'openings' | 'handed' | 'delivered' | 'refusals'> {
  const handed = new Set<number>()
  const delivered = new Set<number>()
  const refusals: string[] = []
  const openings: OpeningEvidence[] = []
  for (const line of lines) {
    if (line.k === 'handed') handed.add(line.sequence)
    if (line.k === 'delivered') delivered.add(line.sequence)
    if (line.k === 'refused') refusals.push(line.code)
    if (line.k === 'opened') {
      openings.push({
        orderId: line.order,
        price: line.price,
        payerCredit: BigInt(line.payerCredit),
        providerCredit: BigInt(line.providerCredit),
      })
    }
  }
  return { charges: chargesOf(lines), openings, handed, delivered, refusals }
}
