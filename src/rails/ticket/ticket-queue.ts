import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import { TaskGroup } from '../../lib/tasks.ts'
import type { TimeManager } from './ports.ts'
import { type Winner, type WinnerStore, winnerKey } from './winner-store.ts'

/** Says which winners should be redeemed now. */
export interface RedeemableEmitter {
  /**
   * Hands winners that are due to the consumer, earliest first: at the start, and with every block
   * those that are still due. A winner is not handed over again while the consumer has it, so one
   * that is slow holds up no other. The function ends it.
   */
  redeemable(consumer: (winner: Winner) => Promise<void>): () => void
}

/** The pending winners in their order; started, it follows the blocks. */
export interface TicketQueue extends RedeemableEmitter, Startable {
  /** Looks for due winners now, if it is started. */
  wake(): void
}

/** A queue over the durable list of winners; it keeps nothing that a crash could lose. */
export function createTicketQueue(
  components: {
    readonly winners: WinnerStore
    readonly time: Pick<TimeManager, 'onBlock'>
    readonly logger: Logger
  },
  init: { isDue(winner: Winner): boolean },
): TicketQueue {
  const { winners, time, logger } = components
  const tasks = new TaskGroup(logger)
  const consumers = new Map<(winner: Winner) => Promise<void>, Set<string>>()
  let unsubscribe: (() => void) | undefined

  const wake = (): void => {
    for (const winner of winners.pending()) {
      if (!init.isDue(winner)) continue
      const key = winnerKey(winner.ticket)
      for (const [consumer, busy] of consumers) {
        if (busy.has(key)) continue
        busy.add(key)
        tasks.run(() => consumer(winner).finally(() => busy.delete(key)))
      }
    }
  }
  return {
    wake() {
      if (unsubscribe !== undefined) wake()
    },
    redeemable(consumer) {
      const own = async (winner: Winner): Promise<void> => consumer(winner)
      consumers.set(own, new Set())
      return () => void consumers.delete(own)
    },
    async start() {
      unsubscribe ??= time.onBlock(wake)
      wake()
    },
    async stop() {
      unsubscribe?.()
      unsubscribe = undefined
      await tasks.drain()
    },
  }
}
