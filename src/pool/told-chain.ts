import type { Address } from '../lib/crypto/address.ts'
import { ok, type Result } from '../lib/result.ts'
import { maxBig, minBig } from '../lib/wei.ts'
import type { RailFault } from '../rails/rail.ts'
import { refuse } from '../rails/ticket/faults.ts'
import type { GasPriceMonitor, TimeManager } from '../rails/ticket/ports.ts'
import type { SenderMonitor } from '../rails/ticket/sender-monitor.ts'
import type { WinnerStore } from '../rails/ticket/winner-store.ts'
import type { ChainFacts } from './wire.ts'

/** What a recipient of tickets asks of the chain, answered from what its payer told. */
export interface ToldChain {
  readonly time: TimeManager
  readonly gas: GasPriceMonitor
  readonly monitor: Pick<SenderMonitor, 'maxFloat' | 'claimable' | 'validateSender' | 'queueTicket'>
  /** Takes over what a payer says; the newest word counts. */
  tell(payer: Address, facts: ChainFacts): void
}

const NO_HASH = new Uint8Array(32)

/**
 * A view of the chain for a node without one.
 *
 * A worker believes the orchestrator it works for: whoever lies here pays with tickets that win
 * nothing, which is the same as not paying, and is seen when the first winner is redeemed.
 */
export function createToldChain(
  winners: Pick<WinnerStore, 'pendingValueOf' | 'storeWinningTicket'>,
): ToldChain {
  let told: { readonly payer: Address; readonly facts: ChainFacts } | null = null
  const factsOf = (payer: Address): ChainFacts | null => (told?.payer === payer ? told.facts : null)
  return {
    tell(payer, facts) {
      told = { payer, facts }
    },
    gas: { gasPrice: () => told?.facts.gasPrice ?? 0n },
    time: {
      lastSeenBlock: () => told?.facts.block ?? 0n,
      lastInitializedRound: () => told?.facts.round ?? 0n,
      lastInitializedBlockHash: () => told?.facts.roundBlockHash ?? NO_HASH,
      preLastInitializedBlockHash: () => told?.facts.previousRoundBlockHash ?? NO_HASH,
      poolSize: () => 1n,
      onBlock: () => () => {},
      onRound: () => () => {},
    },
    monitor: {
      queueTicket: async (ticket) => winners.storeWinningTicket(ticket),
      async maxFloat(payer) {
        const facts = factsOf(payer)
        if (facts === null) return 0n
        const { deposit, maxFloat } = facts
        return minBig(maxFloat, maxBig(deposit - winners.pendingValueOf(payer), 0n))
      },
      async claimable(payer) {
        const deposit = factsOf(payer)?.deposit ?? 0n
        const pending = winners.pendingValueOf(payer)
        return { deposit, reserveShare: 0n, pending, room: maxBig(deposit - pending, 0n) }
      },
      async validateSender(payer): Promise<Result<void, RailFault>> {
        const deposit = factsOf(payer)?.deposit ?? 0n
        if (deposit > 0n) return ok(undefined)
        return refuse('underfunded', 'NO_DEPOSIT', 'no deposit was told of')
      },
    },
  }
}
