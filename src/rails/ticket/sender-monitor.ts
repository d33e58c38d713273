import type { Address } from '../../lib/crypto/address.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { maxBig, type Wei } from '../../lib/wei.ts'
import { type RailFault, railFault } from '../rail.ts'
import type { SenderManager, TimeManager } from './ports.ts'
import type { WinnerStore } from './winner-store.ts'

/** A recipient's view of what a sender is good for. */
export interface SenderMonitor {
  /**
   * The most that can safely be at stake in one ticket of a sender: this recipient's share of the
   * sender's reserve, less the winners that already wait for it unless the deposit covers those
   * three times over. Never negative.
   */
  maxFloat(sender: Address): Promise<Wei>
  /** Refuses a sender without funds, or one whose funds unlock next round or sooner. */
  validateSender(sender: Address): Promise<Result<void, RailFault>>
}

const DEPOSIT_COVER = 3n

/** A sender monitor over the cached chain view and the durable list of winners. */
export function createSenderMonitor(components: {
  readonly claimant: Address
  readonly time: TimeManager
  readonly senders: SenderManager
  readonly winners: WinnerStore
}): SenderMonitor {
  const { claimant, time, senders, winners } = components
  return {
    async maxFloat(sender) {
      const [info, claimed] = await Promise.all([
        senders.getSenderInfo(sender),
        senders.claimedReserve(sender, claimant),
      ])
      const poolSize = time.poolSize()
      if (poolSize === 0n) return 0n
      const { fundsRemaining, claimedInCurrentRound } = info.reserve
      const allocation = (fundsRemaining + claimedInCurrentRound) / poolSize - claimed
      const pending = winners.pendingValueOf(sender)
      const isCovered = pending === 0n || info.deposit >= DEPOSIT_COVER * pending
      return maxBig(isCovered ? allocation : allocation - pending, 0n)
    },
    async validateSender(sender) {
      const { deposit, reserve, withdrawRound } = await senders.getSenderInfo(sender)
      const round = time.lastInitializedRound()
      if (withdrawRound !== 0n && withdrawRound <= round + 1n) {
        const detail = `deposit and reserve unlock in round ${withdrawRound}, now ${round}`
        return err(railFault('underfunded', 'UNLOCKING_SOON', detail))
      }
      if (deposit === 0n) return err(railFault('underfunded', 'NO_DEPOSIT', 'no sender deposit'))
      if (reserve.fundsRemaining === 0n) {
        return err(railFault('underfunded', 'NO_RESERVE', 'no sender reserve'))
      }
      return ok(undefined)
    },
  }
}
