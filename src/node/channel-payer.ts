import { type ChannelPayer, openChannelPayer } from '../rails/channel/open.ts'
import { transferredAmount } from '../rails/channel/settlement.ts'
import type { BroadcasterConfig, NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'

/** The paying half of the channel rail; null where it is not in use. */
export async function buildChannelPayer(
  foundation: Foundation,
  { channels }: Pick<BroadcasterConfig, 'channels'>,
  { reorgDepth }: Pick<NodeConfig['chain'], 'reorgDepth'>,
): Promise<ChannelPayer | null> {
  const { store, chain, metrics, wallet } = foundation
  // Deposits that are left from earlier are watched over whatever is configured now.
  if (chain.channels === null) return null
  const logger = foundation.logger.child({ room: 'channels' })
  return openChannelPayer(
    { store, chain: chain.channels, logger, metrics, signer: chain.digests },
    { ...channels, address: wallet.address, finalityBlocks: reorgDepth },
  )
}

/** The channels of a payer in the node's status. Amounts in the asset's smallest unit. */
export function payerChannels(
  payer: ChannelPayer,
  domain: Parameters<typeof transferredAmount>[0],
) {
  return payer.channels().map(({ key, terms, record, seen }) => ({
    channel: key,
    payee: terms.payee,
    asset: terms.asset,
    stage: record.stage,
    deposited: record.deposited,
    transferred: transferredAmount(domain, record.state),
    balance: seen?.balance ?? 0n,
    published: (seen?.publishedAt ?? 0n) > 0n,
  }))
}
