import type { ChargeEvidence, Evidence, OrderEvidence, ProofEvidence } from './evidence.ts'

/** What can be wrong once everything has settled. */
export type FaultCode =
  | 'NONCE_REUSED'
  | 'WINNER_LOST'
  | 'WINNER_UNSIGNED'
  | 'WINNER_NUMBERS'
  | 'WINNER_UNSETTLED'
  | 'WINNER_FAILED'
  | 'REDEMPTION_UNKNOWN_TO_CHAIN'
  | 'REDEEMED_TWICE'
  | 'REDEMPTION_WITHOUT_WINNER'
  | 'CREDIT_LOST'
  | 'CREDITED_TWICE'
  | 'REPLAY_CREDITED'
  | 'OVERDRAWN'
  | 'INDEX_CHARGED_TWICE'
  | 'CHARGE_LOST'
  | 'ORDER_CHANGED'
  | 'CREDIT_DIFFERS'
  | 'SEGMENT_LOST'
  | 'FUNDS_DIFFER'
  | 'JOURNAL_TORN'

/** One thing that is wrong. */
export interface Fault {
  readonly code: FaultCode
  readonly detail: string
}

/** What was found. */
export interface Verdict {
  readonly faults: readonly Fault[]
  readonly payments: number
  readonly winners: number
  readonly lost: number
  readonly creditedTwice: number
  readonly noncesReused: number
}

const LOST: ReadonlySet<FaultCode> = new Set([
  'WINNER_LOST',
  'WINNER_NUMBERS',
  'WINNER_UNSETTLED',
  'WINNER_FAILED',
  'REDEMPTION_UNKNOWN_TO_CHAIN',
  'CREDIT_LOST',
  'CHARGE_LOST',
  'SEGMENT_LOST',
])
const TWICE: ReadonlySet<FaultCode> = new Set([
  'CREDITED_TWICE',
  'REPLAY_CREDITED',
  'INDEX_CHARGED_TWICE',
  'REDEEMED_TWICE',
])

/** Holds the journal, both stores and the chain against each other. Pure. */
export function checkEvidence(evidence: Evidence): Verdict {
  const faults = [
    ...checkNonces(evidence),
    ...checkWinners(evidence),
    ...checkRedemptions(evidence),
    ...checkCredit(evidence),
    ...checkReplays(evidence),
    ...checkCharges(evidence),
    ...checkOrders(evidence),
    ...checkSegments(evidence),
  ]
  const count = (wanted: (code: FaultCode) => boolean): number =>
    faults.filter(({ code }) => wanted(code)).length
  return {
    faults,
    payments: evidence.proofs.length,
    winners: evidence.winners.length,
    lost: count((code) => LOST.has(code)),
    creditedTwice: count((code) => TWICE.has(code)),
    noncesReused: count((code) => code === 'NONCE_REUSED'),
  }
}

function fault(code: FaultCode, detail: string): Fault {
  return { code, detail }
}

/** Whatever was signed anew under a nonce of before, even to the same words. */
function checkNonces({ proofs }: Evidence): Fault[] {
  const seen = new Map<string, string>()
  const faults: Fault[] = []
  for (const { id, tickets } of proofs) {
    for (const { randHash, nonce } of tickets) {
      const name = `${randHash} ${nonce}`
      const before = seen.get(name)
      if (before !== undefined) {
        faults.push(fault('NONCE_REUSED', `nonce ${nonce} of ${randHash} in ${before} and ${id}`))
      }
      seen.set(name, id)
    }
  }
  return faults
}

function checkWinners({ proofs, winners }: Evidence): Fault[] {
  const faults: Fault[] = []
  const kept = new Set(winners.map(({ ticketHash }) => ticketHash))
  const signed = new Set(
    proofs.flatMap(({ tickets }) => tickets.map((ticket) => ticket.ticketHash)),
  )
  for (const { id, fate, tickets } of proofs) {
    for (const { ticketHash, won } of tickets) {
      if (fate === 'acknowledged' && won === true && !kept.has(ticketHash)) {
        faults.push(fault('WINNER_LOST', `${ticketHash} of the acknowledged proof ${id}`))
      }
    }
  }
  for (const { ticketHash, state } of winners) {
    if (!signed.has(ticketHash)) faults.push(fault('WINNER_UNSIGNED', ticketHash))
    if (state === 'failed') faults.push(fault('WINNER_FAILED', ticketHash))
    if (state !== 'failed' && state !== 'redeemed' && state !== 'expired') {
      faults.push(fault('WINNER_UNSETTLED', `${ticketHash} is ${state}`))
    }
  }
  const numbers = winners.map(({ sequence }) => sequence).sort((a, b) => a - b)
  if (numbers.some((number, i) => number !== i)) {
    faults.push(fault('WINNER_NUMBERS', 'winners are not numbered from 0 without a gap'))
  }
  return faults
}

function checkRedemptions({ winners, chain }: Evidence): Fault[] {
  const faults: Fault[] = []
  const kept = new Set(winners.map(({ ticketHash }) => ticketHash))
  const events = new Map<string, number>()
  for (const { ticketHash } of chain.redemptions) {
    events.set(ticketHash, (events.get(ticketHash) ?? 0) + 1)
    if (!kept.has(ticketHash)) faults.push(fault('REDEMPTION_WITHOUT_WINNER', ticketHash))
  }
  for (const [ticketHash, times] of events) {
    if (times > 1) faults.push(fault('REDEEMED_TWICE', `${ticketHash}, ${times} times`))
  }
  for (const { ticketHash, state } of winners) {
    const isPaid = events.has(ticketHash) && chain.used.has(ticketHash)
    if (state === 'redeemed' && !isPaid) {
      faults.push(fault('REDEMPTION_UNKNOWN_TO_CHAIN', ticketHash))
    }
    if (state !== 'redeemed' && (events.has(ticketHash) || chain.used.has(ticketHash))) {
      faults.push(fault('WINNER_UNSETTLED', `${ticketHash} is paid, the store says ${state}`))
    }
  }
  const paid = chain.redemptions.reduce((sum, { faceValue }) => sum + faceValue, 0n)
  const gone = chain.fundsBefore - chain.fundsAfter
  if (paid !== gone) {
    faults.push(fault('FUNDS_DIFFER', `${gone} wei left the sender's funds, ${paid} were redeemed`))
  }
  return faults
}

/** An order was credited what was acknowledged, and at most what was lost out of sight besides. */
function checkCredit({ proofs, providerOrders }: Evidence): Fault[] {
  const acknowledged = sums(proofs.filter(({ fate }) => fate === 'acknowledged'))
  const possible = sums(proofs.filter(({ fate }) => fate !== 'refused'))
  const faults: Fault[] = []
  const known = new Map(providerOrders.map((order) => [order.orderId, order]))
  for (const orderId of new Set([...known.keys(), ...possible.keys()])) {
    const credited = known.get(orderId)?.credited ?? 0n
    const [least, most] = [acknowledged.get(orderId) ?? 0n, possible.get(orderId) ?? 0n]
    if (credited < least) {
      faults.push(fault('CREDIT_LOST', `${orderId}: ${credited} wei, ${least} were acknowledged`))
    }
    if (credited > most) {
      faults.push(fault('CREDITED_TWICE', `${orderId}: ${credited} wei, ${most} at most were paid`))
    }
  }
  return faults
}

/** Expected value of distinct tickets, by the order they were signed for. */
function sums(proofs: readonly ProofEvidence[]): Map<string, bigint> {
  const seen = new Set<string>()
  const total = new Map<string, bigint>()
  for (const { orderId, tickets } of proofs) {
    for (const { ticketHash, ev } of tickets) {
      if (!seen.has(ticketHash)) total.set(orderId, (total.get(orderId) ?? 0n) + ev)
      seen.add(ticketHash)
    }
  }
  return total
}

function checkReplays({ replays }: Evidence): Fault[] {
  return replays
    .filter(({ credited }) => credited !== 0n)
    .map(({ id, credited }) => fault('REPLAY_CREDITED', `${id} brought ${credited} wei again`))
}

function checkCharges({ charges, providerOrders }: Evidence): Fault[] {
  const faults: Fault[] = []
  const byOrder = new Map(charges.map((charge) => [charge.orderId, charge]))
  for (const order of providerOrders) {
    const { orderId, credited, debited, charged } = order
    if (debited > credited) {
      faults.push(fault('OVERDRAWN', `${orderId}: ${debited} wei of ${credited}`))
    }
    if (new Set(charged).size !== charged.length) {
      faults.push(fault('INDEX_CHARGED_TWICE', `${orderId}: an index stands twice`))
    }
    const charge = byOrder.get(orderId)
    if (charge !== undefined) faults.push(...checkCharge(order, charge))
  }
  return faults
}

function checkCharge(
  { orderId, debited, segments }: OrderEvidence,
  charge: ChargeEvidence,
): Fault[] {
  const faults: Fault[] = []
  const told = [...charge.debited.values()].reduce((sum, fee) => sum + fee, 0n)
  if (debited < told || segments < charge.debited.size) {
    faults.push(fault('CHARGE_LOST', `${orderId}: ${debited} wei debited, ${told} were told`))
  }
  if (segments > charge.sent.size) {
    const detail = `${orderId}: ${segments} charges for ${charge.sent.size} indexes`
    faults.push(fault('INDEX_CHARGED_TWICE', detail))
  }
  return faults
}

/** Prices and balances survive: both sides name the same ones whenever they meet. */
function checkOrders({ payerOrders, providerOrders, openings }: Evidence): Fault[] {
  const faults: Fault[] = []
  const known = new Map(providerOrders.map((order) => [order.orderId, order]))
  for (const { orderId, price } of [...payerOrders, ...openings]) {
    const theirs = known.get(orderId)
    if (theirs !== undefined && theirs.price !== price) {
      faults.push(fault('ORDER_CHANGED', `${orderId}: price ${price} and ${theirs.price}`))
    }
  }
  for (const { orderId, payerCredit, providerCredit } of openings) {
    if (!known.has(orderId)) faults.push(fault('ORDER_CHANGED', `${orderId} was forgotten`))
    if (payerCredit !== providerCredit) {
      const detail = `${orderId}: ${payerCredit} and ${providerCredit} wei when it was taken up`
      faults.push(fault('CREDIT_DIFFERS', detail))
    }
  }
  return faults
}

function checkSegments({ handed, delivered, torn, kills }: Evidence): Fault[] {
  const faults = [...handed]
    .filter((sequence) => !delivered.has(sequence))
    .map((sequence) => fault('SEGMENT_LOST', `segment ${sequence} was never answered`))
  if (torn > kills) faults.push(fault('JOURNAL_TORN', `${torn} lines after ${kills} kills`))
  return faults
}
