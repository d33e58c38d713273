import { createCloseLink } from '../rails/channel/close-link.ts'
import { type ChannelPayee, openChannelPayee } from '../rails/channel/open.ts'
import type { EarningConfig, NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'
import { createPayerPeers } from './payer-peers.ts'

/** The earning half of the channel rail; null where no contract is configured. */
export async function buildChannelPayee(
  foundation: Foundation,
  { channels }: Pick<EarningConfig, 'channels'>,
  { reorgDepth }: Pick<NodeConfig['chain'], 'reorgDepth'>,
): Promise<ChannelPayee | null> {
  const { store, chain, metrics, wallet, net } = foundation
  if (chain.channels === null) return null
  const logger = foundation.logger.child({ room: 'channels' })
  const peersOf = createPayerPeers(store)
  const closing = createCloseLink(
    { host: net.host, signer: chain.digests, logger, peersOf },
    { domain: chain.channels.domain },
  )
  return openChannelPayee(
    { store, chain: chain.channels, logger, metrics, closing },
    {
      address: wallet.address,
      asset: channels.asset,
      minDeposit: channels.minDeposit,
      maxDelay: channels.maxDelayBlocks,
      minExpire: channels.minExpireBlocks,
      confirmations: channels.confirmations,
      finalityBlocks: channels.finalityBlocks ?? reorgDepth,
      clearanceBlocks: channels.clearanceBlocks,
      idleBlocks: channels.idleBlocks,
    },
  )
}

/** The channels of a payee in the node's status. Amounts in the asset's smallest unit. */
export function payeeChannels(payee: ChannelPayee | null): object {
  if (payee === null) return {}
  const channels = payee.channels().map((channel) => ({
    channel: channel.key,
    payer: channel.terms.payer,
    asset: channel.terms.asset,
    transferred: payee.transferred(channel),
    ...channel.settlement,
  }))
  return { channels }
}
