import { ticketBrokerAbi } from '../../src/chain/abi/ticket-broker.ts'
import type { RedeemableTicket, SenderInfo } from '../../src/chain/ticket-broker.ts'
import { fromHex } from '../../src/lib/bytes.ts'
import { messageOf } from '../../src/lib/errors.ts'
import { type Anvil, startAnvil } from './anvil.ts'
import { impersonate, mined, type VectorPlace } from './conformance-evm.ts'
import type { TicketVector } from './conformance-file.ts'
import { openPlace } from './conformance-place.ts'
import { expectedOutcome, type RedemptionOutcome } from './conformance-rules.ts'
import { fillPlace } from './conformance-storage.ts'
import { findMismatches } from './conformance-verdicts.ts'

export type { TicketVector } from './conformance-file.ts'
export { expectedOutcome } from './conformance-rules.ts'

/** How the node and its broker stand to one vector. */
export interface VectorReport {
  readonly id: string
  /** What does not agree; empty when the vector passed. */
  readonly faults: readonly string[]
  /** The rule by which our broker differs from the vector's chain, if it does. */
  readonly differs: string | null
}

/**
 * Recomputes a vector, redeems it, and compares both with what it says.
 *
 * @param run - where it is redeemed; by default a fresh local EVM
 */
export async function checkVector(
  vector: TicketVector,
  run: (vector: TicketVector) => Promise<RedemptionOutcome> = runVector,
): Promise<VectorReport> {
  const { differs, ...expected } = expectedOutcome(vector)
  const faults: string[] = []
  try {
    faults.push(...findMismatches(vector))
    const outcome = await run(vector)
    const [is, wanted] = [describe(outcome), describe(expected)]
    if (is !== wanted) faults.push(`the broker ${is}, expected: ${wanted}`)
  } catch (error) {
    faults.push(messageOf(error))
  }
  return { id: vector.id, faults, differs }
}

/** A report as one line. */
export function renderReport({ id, faults, differs }: VectorReport): string {
  const rule = differs === null ? [] : [`differs: ${differs}`]
  const status = faults.length === 0 ? 'passed' : 'FAILED'
  return [`${status} ${id}`, ...rule, ...faults].join('  ').replaceAll(/\s*\n\s*/g, ' ')
}

function describe({ accepted, reason, amountPaidWei }: RedemptionOutcome): string {
  return accepted ? `paid ${amountPaidWei} wei` : `refused with "${reason}"`
}

/**
 * Brings a fresh local EVM to a vector's state, redeems its ticket, and ends the EVM.
 *
 * @throws RangeError when the state cannot be reached, or the accounts do not show the outcome
 */
export async function runVector(vector: TicketVector): Promise<RedemptionOutcome> {
  const anvil = await startAnvil()
  try {
    return await runVectorOn(anvil, vector)
  } finally {
    await anvil.stop()
  }
}

/** Like {@link runVector}, on an EVM that lives on: every vector gets contracts of its own. */
async function runVectorOn(anvil: Anvil, vector: TicketVector): Promise<RedemptionOutcome> {
  const place = await openPlace(anvil, vector)
  try {
    return await runVectorAt(place, vector)
  } finally {
    place.close()
  }
}

/** Redeems a vector's ticket at a place with its key, see {@link placeKey}. */
export async function runVectorAt(
  place: VectorPlace,
  vector: TicketVector,
): Promise<RedemptionOutcome> {
  await fillPlace(place, vector)
  const { broker } = place
  const { recipient, sender } = vector.ticket
  const simulated = await broker.simulateRedeem(redeemableOf(vector))
  if (!simulated.ok) return { accepted: false, reason: simulated.error.reason, amountPaidWei: 0n }
  const [before, fees] = [await broker.senderInfo(sender), await broker.pendingFees(recipient)]
  const status = await send(place, vector)
  if (status !== 'success') return { accepted: false, reason: 'reverted', amountPaidWei: 0n }
  const amountPaidWei = (await broker.pendingFees(recipient)) - fees
  const spent = fundsOf(before) - fundsOf(await broker.senderInfo(sender))
  const used = await broker.isUsedTicket(fromHex(vector.ticketHash))
  if (spent !== amountPaidWei || !used) {
    throw new RangeError(`paid ${amountPaidWei} wei for ${spent} wei, ticket used: ${used}`)
  }
  return { accepted: true, reason: null, amountPaidWei }
}

/** The ticket of a vector in the form the broker takes. */
export function redeemableOf({ ticket, signature, recipientRand }: TicketVector): RedeemableTicket {
  return {
    ticket: {
      recipient: ticket.recipient,
      sender: ticket.sender,
      faceValue: BigInt(ticket.faceValue),
      winProb: BigInt(ticket.winProb),
      senderNonce: BigInt(ticket.senderNonce),
      recipientRandHash: fromHex(ticket.recipientRandHash),
      auxData: fromHex(ticket.auxData),
    },
    sig: fromHex(signature),
    recipientRand: BigInt(recipientRand),
  }
}

function fundsOf({ deposit, reserve }: SenderInfo): bigint {
  return deposit + reserve.fundsRemaining
}

async function send(
  { cheat, addresses }: VectorPlace,
  vector: TicketVector,
): Promise<'success' | 'reverted'> {
  const { ticket, signature, submittedBy } = vector
  await impersonate(cheat, submittedBy)
  const { recipientRandHash, auxData } = ticket
  const { ticket: typed, recipientRand } = redeemableOf(vector)
  return mined(cheat, {
    address: addresses.ticketBroker,
    abi: ticketBrokerAbi,
    account: submittedBy,
    functionName: 'redeemWinningTicket',
    args: [{ ...typed, recipientRandHash, auxData }, signature, recipientRand],
  })
}
