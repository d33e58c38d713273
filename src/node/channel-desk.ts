import { join } from 'node:path'
import { type Hex, toHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { MillraceError } from '../lib/errors.ts'
import { openPayeeStore, type PayeeChannel } from '../rails/channel/payee-store.ts'
import { transferredAmount } from '../rails/channel/settlement.ts'
import type { ChannelDomain } from '../rails/channel/terms.ts'
import { openStore, type Store } from '../store/store.ts'
import type { NodeConfig } from './config.ts'

/** A channel that earns, as a stopped node's store has it. */
export interface EarningChannel {
  readonly id: Hex
  readonly payer: Address
  readonly asset: Address
  /** In the asset's smallest unit. */
  readonly transferred: bigint
  readonly state: 'open' | 'closing' | 'over'
}

/** The channels on which a stopped node is paid. */
export interface ChannelDesk {
  list(): readonly EarningChannel[]
  /**
   * Marks a channel, or all that are open, to be closed: nothing more is credited on it, and the node
   * publishes what was transferred as soon as it runs. Gives how many.
   *
   * @throws `CHANNEL_UNKNOWN`
   */
  close(id: Hex | null): Promise<number>
}

/**
 * Opens the store of a node that is not running.
 *
 * @throws `STORE_LOCKED`, `CONFIG_INVALID` when no contract of channels is configured
 */
export async function openChannelDesk({
  chain,
  dataDirectory,
}: NodeConfig): Promise<ChannelDesk & { end(): Promise<void> }> {
  const { paymentChannels: contract, chainId } = chain
  if (contract === undefined) {
    throw new MillraceError('CONFIG_INVALID', 'chain.paymentChannels is not set', {
      hint: 'Write the address of the contract there',
    })
  }
  const store = await openStore({ directory: join(dataDirectory, 'store') })
  const desk = await createChannelDesk(store, { chainId: BigInt(chainId), contract })
  return { ...desk, end: async () => store.close() }
}

/** The channels in a store that nothing else has open. */
export async function createChannelDesk(store: Store, domain: ChannelDomain): Promise<ChannelDesk> {
  const channels = await openPayeeStore(store, domain)
  const shown = ({ id, terms, state, settlement }: PayeeChannel): EarningChannel => ({
    ...{ id: toHex(id), payer: terms.payer, asset: terms.asset },
    transferred: transferredAmount(domain, state),
    state: settlement.over ? 'over' : settlement.closing ? 'closing' : 'open',
  })
  return {
    list: () => channels.all().map(shown),
    async close(id) {
      const meant = channels.all().filter((channel) => id === null || toHex(channel.id) === id)
      if (id !== null && meant.length === 0) {
        throw new MillraceError('CHANNEL_UNKNOWN', `no channel ${id} earns here`)
      }
      const open = meant.filter((channel) => shown(channel).state === 'open')
      for (const channel of open) {
        await channels.putSettlement(channel, { ...channel.settlement, closing: true })
      }
      return open.length
    },
  }
}
