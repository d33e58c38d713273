import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import { createSerial } from '../../lib/serial.ts'
import { TaskGroup } from '../../lib/tasks.ts'
import type { Store } from '../../store/store.ts'
import type { BlockClock } from './chain-clock.ts'
import type { RedemptionBroker, TimeManager } from './ports.ts'
import { ticketHash } from './ticket.ts'
import type { Winner, WinnerStore } from './winner-store.ts'

/** What taking back works with. */
export interface TakeBackComponents {
  readonly store: Store
  readonly winners: WinnerStore
  readonly broker: Pick<RedemptionBroker, 'isUsedTicket'>
  readonly time: Pick<TimeManager, 'onBlock'>
  readonly blocks: Pick<BlockClock, 'now'>
  readonly logger: Logger
}

/**
 * Gives winners that were with a redeemer back to this node's own redemption, for a node that has
 * none any more. One that the chain shows as paid is redeemed; the others wait for their turn again.
 * A winner on which the chain cannot be asked is looked at again with the next block.
 */
export function createTakeBack(components: TakeBackComponents): Startable {
  const { store, winners, broker, time, blocks, logger } = components
  const tasks = new TaskGroup(logger)
  const inTurn = createSerial()
  let unsubscribe = (): void => {}

  const takeBack = async (): Promise<void> => {
    for (const winner of winners.pending()) {
      if (winner.state !== 'handed-over') continue
      const isUsed = await broker.isUsedTicket(ticketHash(winner.ticket))
      // A payment just seen is one that a reorganisation may undo: redemption goes on watching it.
      const own: Winner = isUsed
        ? { ...winner, state: 'redeemed', paidBlock: blocks.now() }
        : { ...winner, state: 'waiting', notBeforeBlock: 0n }
      await store.batch([winners.updateOp(own)], { sync: true })
      winners.updated(own)
      logger.info({ state: own.state }, 'winner taken back from the redeemer')
    }
  }
  const attempt = (): Promise<void> =>
    inTurn(takeBack).catch((error: unknown) => {
      logger.warn({ err: error }, 'winners are not all taken back yet')
    })
  return {
    async start() {
      unsubscribe = time.onBlock(() => tasks.run(attempt))
      await attempt()
    },
    async stop() {
      unsubscribe()
      await tasks.drain()
    },
  }
}
