import type { Address } from '../../lib/crypto/address.ts'
import type { Store } from '../../store/store.ts'
import { openPayerStore } from './payer-store.ts'
import type { ChannelChain } from './ports.ts'

/** Tells whether somebody has published a commit of a channel on which this node pays it. */
export type CounterCheck = (other: Address) => Promise<boolean>

/**
 * A check over the deposits that this node made: whoever takes what it has in one direction is not
 * waited for in the other.
 */
export function createCounterCheck(store: Store, chain: ChannelChain): CounterCheck {
  return async (other) => {
    // Read anew each time: the paying half of the same node writes there.
    const channels = await openPayerStore(store, chain.domain)
    for (const { id, terms, record } of channels.all()) {
      if (terms.payee !== other || record.stage === 'opening') continue
      const slots = await chain.channelOf(id)
      if (slots !== null && slots.publishedAt > 0n && slots.committed > 0n) return true
    }
    return false
  }
}
