import type { Address } from '../../lib/crypto/address.ts'
import type { Startable } from '../../lib/lifecycle.ts'
import { ok, type Result } from '../../lib/result.ts'
import { maxBig, type Wei } from '../../lib/wei.ts'
import type { RailFault } from '../rail.ts'
import { refuse } from './faults.ts'
import type { SenderManager, TimeManager } from './ports.ts'
import type { SignedTicket } from './ticket.ts'
import type { WinnerStore } from './winner-store.ts'

/** A recipient's view of what a sender is good for. Started, it tells when that changes. */
export interface SenderMonitor extends Startable {
  /** Keeps a winner for redemption; durable when it resolves. */
  queueTicket(ticket: SignedTicket): Promise<void>
  /**
   * The most that can safely be at stake in one ticket of a sender: this recipient's share of the
   * sender's reserve, less the winners that already wait for it unless the deposit covers those
   * three times over. Never negative.
   */
  maxFloat(sender: Address): Promise<Wei>
  /**
   * What a sender's winners can be paid from, and what of it the winners that wait already take.
   */
  claimable(sender: Address): Promise<Claimable>
  /** Refuses a sender without funds, or one whose funds unlock next round or sooner. */
  validateSender(sender: Address): Promise<Result<void, RailFault>>
  /** Calls back when a sender's max float may have changed; the function ends it. */
  subscribeMaxFloatChange(sender: Address, listener: () => void): () => void
}

/** What stands behind a sender's winners, in wei. */
export interface Claimable {
  readonly deposit: Wei
  /** What this recipient can still claim of the reserve in this round. */
  readonly reserveShare: Wei
  /** Face value of the winners that wait for redemption. */
  readonly pending: Wei
  /** What further winners could claim; never negative. */
  readonly room: Wei
}

/** What a {@link SenderMonitor} works with. */
export interface SenderMonitorComponents {
  readonly claimant: Address
  readonly time: TimeManager
  readonly senders: SenderManager
  readonly winners: WinnerStore
}

const DEPOSIT_COVER = 3n

/** A sender monitor over the cached chain view and the durable list of winners. */
export function createSenderMonitor(components: SenderMonitorComponents): SenderMonitor {
  const { time, senders, winners } = components
  const changes = createMaxFloatChanges(components)
  return {
    ...changes,
    queueTicket: (ticket) => winners.storeWinningTicket(ticket),
    async maxFloat(sender) {
      const { deposit, reserveShare, pending } = await claimable(components, sender)
      const isCovered = pending === 0n || deposit >= DEPOSIT_COVER * pending
      return maxBig(isCovered ? reserveShare : reserveShare - pending, 0n)
    },
    claimable: (sender) => claimable(components, sender),
    async validateSender(sender) {
      const { deposit, reserve, withdrawRound } = await senders.getSenderInfo(sender)
      const round = time.lastInitializedRound()
      if (withdrawRound !== 0n && withdrawRound <= round + 1n) {
        const detail = `deposit and reserve unlock in round ${withdrawRound}, now ${round}`
        return refuse('underfunded', 'UNLOCKING_SOON', detail)
      }
      if (deposit === 0n) return refuse('underfunded', 'NO_DEPOSIT', 'no sender deposit')
      if (reserve.fundsRemaining === 0n) {
        return refuse('underfunded', 'NO_RESERVE', 'no sender reserve')
      }
      return ok(undefined)
    },
  }
}

async function claimable(
  { claimant, time, senders, winners }: SenderMonitorComponents,
  sender: Address,
): Promise<Claimable> {
  const [{ deposit, reserve }, claimed] = await Promise.all([
    senders.getSenderInfo(sender),
    senders.claimedReserve(sender, claimant),
  ])
  const poolSize = time.poolSize()
  const { fundsRemaining, claimedInCurrentRound } = reserve
  const share = poolSize === 0n ? 0n : (fundsRemaining + claimedInCurrentRound) / poolSize
  const reserveShare = maxBig(share - claimed, 0n)
  const pending = winners.pendingValueOf(sender)
  const room = maxBig(deposit + reserveShare - pending, 0n)
  return { deposit, reserveShare, pending, room }
}

/** A max float moves with the sender's account, with winners that wait, and with each round. */
function createMaxFloatChanges({
  time,
  senders,
  winners,
}: SenderMonitorComponents): Startable & Pick<SenderMonitor, 'subscribeMaxFloatChange'> {
  const listeners = new Map<Address, Set<() => void>>()
  let sources: readonly (() => void)[] = []
  const changed = (sender: Address): void => {
    for (const listener of listeners.get(sender) ?? []) listener()
  }
  return {
    async start() {
      if (sources.length > 0) return
      sources = [
        senders.subscribeReserveChange(changed),
        winners.onPendingChange(changed),
        time.onRound(() => {
          for (const sender of listeners.keys()) changed(sender)
        }),
      ]
    },
    async stop() {
      for (const unsubscribe of sources) unsubscribe()
      sources = []
    },
    subscribeMaxFloatChange(sender, listener) {
      const ofSender = listeners.get(sender) ?? new Set()
      // A wrapper of its own, so that one function can be subscribed twice.
      const entry = (): void => listener()
      listeners.set(sender, ofSender.add(entry))
      return () => {
        ofSender.delete(entry)
        if (ofSender.size === 0 && listeners.get(sender) === ofSender) listeners.delete(sender)
      }
    },
  }
}
