import type { RailFault } from '../rail.ts'
import { ticketLimits } from './limits.ts'
import { type CheckComponents, signedTicket } from './recipient-checks.ts'
import type { SenderMonitor } from './sender-monitor.ts'
import type { TicketBatch } from './ticket.ts'
import { checkCommitment, checkParties, type Validator } from './validator.ts'
import type { WinnerStore } from './winner-store.ts'

/** What keeping winners takes that come too late to be credited. */
export interface LateComponents extends CheckComponents {
  readonly monitor: Pick<SenderMonitor, 'queueTicket'>
  readonly winners: Pick<WinnerStore, 'pendingCountOf'>
  readonly validator: Validator
  /** Told how many tickets came too late, and how many of them were kept as winners. */
  onLate?(late: { readonly tickets: number; readonly won: number }): void
}

/**
 * Keeps the winners of a batch that is refused because its params are void, or for a nonce above
 * the last: they are signed and can be redeemed, whatever they are credited. Durable when it
 * resolves, and never a word of it to the sender.
 *
 * Invariant: a ticket that could still be credited is left alone, so none is a winner twice; and
 * what is kept is redeemed, like any other, only once its params are void.
 */
export async function keepLateWinners(
  { address, secret, validator, winners, monitor, onLate }: LateComponents,
  batch: TicketBatch,
  fault: RailFault,
): Promise<void> {
  const { params, sender, senderParams } = batch
  const isVoid = fault.code === 'PARAMS_EXPIRED'
  if (!isVoid && fault.code !== 'NONCE_EXHAUSTED') return
  if (!checkParties(address, { recipient: params.recipient, sender }).ok) return
  const recipientRand = secret.recipientRand(params, sender)
  if (!checkCommitment(params, recipientRand).ok) return
  const uncreditable = senderParams.filter(
    ({ senderNonce }) => isVoid || senderNonce > ticketLimits.maxNoncesPerParams,
  )
  let won = 0
  for (const late of validator.winners(batch, uncreditable, recipientRand)) {
    if (winners.pendingCountOf(sender) >= ticketLimits.maxPendingWinners) break
    if (!validator.validateSignatures(batch, [late]).ok) continue
    await monitor.queueTicket(signedTicket(batch, late, recipientRand))
    won += 1
  }
  onLate?.({ tickets: uncreditable.length, won })
}
