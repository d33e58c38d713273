import type { BlockRange, BrokerEvent } from '../../chain/ticket-broker.ts'
import type { AbortOptions } from '../../lib/abort.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { messageOf } from '../../lib/errors.ts'
import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import { createSerial } from '../../lib/serial.ts'
import { minBig } from '../../lib/wei.ts'
import type { ChainWins, Ledger } from './ledger-store.ts'
import { ticketLimits } from './limits.ts'
import type { SenderManager, TimeManager } from './ports.ts'

/** What reading a sender's wins takes. */
export interface LedgerReaderComponents {
  readonly ledger: Ledger
  /** Whose wins. */
  readonly sender: Address
  readonly broker: {
    events(range: BlockRange, options?: AbortOptions): Promise<readonly BrokerEvent[]>
  }
  readonly time: Pick<TimeManager, 'lastSeenBlock' | 'onBlock'>
  readonly senders: Pick<SenderManager, 'subscribeReserveChange'>
  readonly logger: Logger
}

/**
 * Tells the ledger which of a sender's tickets won: a sender cannot know before the chain shows it.
 * Each block is accounted for once, over restarts too, and only when it is deep enough to stay.
 */
export function createLedgerReader(components: LedgerReaderComponents): Startable {
  const { ledger, sender, time, senders, logger } = components
  const { ledgerConfirmations, ledgerStrideBlocks } = ticketLimits
  const controller = new AbortController()
  const { signal } = controller
  const serial = createSerial()
  let sources: readonly (() => void)[] = []
  /** Block by which what was heard last is deep enough. */
  let dueAt: bigint | undefined

  const read = async (block: bigint, isForced: boolean): Promise<void> => {
    if (signal.aborted) return
    const settled = block - ledgerConfirmations
    const next = await ledger.nextBlock()
    // What came before the ledger began is in none of its sums.
    if (next === undefined) return ledger.bookChain({ wins: [], paid: [] }, block + 1n)
    const isDue = isForced || (dueAt !== undefined && block >= dueAt)
    if (settled < next || (!isDue && settled - next < ledgerStrideBlocks)) return
    try {
      await readRange(components, { fromBlock: next, toBlock: settled }, signal)
      if (dueAt !== undefined && block >= dueAt) dueAt = undefined
    } catch (error) {
      if (signal.aborted) return
      // The next look begins where this one failed.
      logger.warn({ reason: messageOf(error), block }, 'cannot read the wins of sent tickets')
    }
  }
  const look = (block: bigint, isForced = false): void => {
    void serial(() => read(block, isForced)).catch((error: unknown) => {
      logger.error({ err: error }, 'the ledger cannot be kept')
    })
  }
  return {
    async start() {
      if (sources.length > 0) return
      sources = [
        senders.subscribeReserveChange((touched) => {
          if (touched === sender) dueAt = time.lastSeenBlock() + ledgerConfirmations
        }),
        time.onBlock((block) => look(block)),
      ]
      look(time.lastSeenBlock(), true)
    },
    async stop() {
      for (const unsubscribe of sources) unsubscribe()
      sources = []
      controller.abort(new DOMException('ledger stopped', 'AbortError'))
      await serial(async () => {})
    },
  }
}

async function readRange(
  { ledger, broker, sender }: LedgerReaderComponents,
  { fromBlock, toBlock }: BlockRange,
  signal: AbortSignal,
): Promise<void> {
  const { maxLedgerBlocks } = ticketLimits
  for (let from = fromBlock; from <= toBlock; from += maxLedgerBlocks) {
    const to = minBig(from + maxLedgerBlocks - 1n, toBlock)
    const events = await broker.events({ fromBlock: from, toBlock: to }, { signal })
    await ledger.bookChain(winsOf(events, sender), to + 1n)
  }
}

function winsOf(events: readonly BrokerEvent[], sender: Address): ChainWins {
  return {
    wins: events.flatMap((event) =>
      event.type === 'WinningTicketRedeemed' && event.sender === sender
        ? [{ recipient: event.recipient, faceValueWei: event.faceValue }]
        : [],
    ),
    paid: events.flatMap((event) =>
      event.type === 'WinningTicketTransfer' && event.sender === sender
        ? [{ recipient: event.recipient, amountWei: event.amount }]
        : [],
    ),
  }
}
