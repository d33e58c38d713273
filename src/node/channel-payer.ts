import { type ChannelPayer, openChannelPayer } from '../rails/channel/open.ts'
import { createTowerLink } from '../rails/channel/tower-link.ts'
import type { NodeConfig, PayingConfig } from './config.ts'
import type { Foundation } from './foundation.ts'

/** The paying half of the channel rail; null where it is not in use. */
export async function buildChannelPayer(
  foundation: Foundation,
  { channels }: Pick<PayingConfig, 'channels'>,
  { reorgDepth }: Pick<NodeConfig['chain'], 'reorgDepth'>,
): Promise<ChannelPayer | null> {
  const { store, chain, metrics, wallet, net } = foundation
  // Deposits that are left from earlier are watched over whatever is configured now.
  if (chain.channels === null) return null
  const logger = foundation.logger.child({ room: 'channels' })
  const link = createTowerLink(
    { host: net.host, logger },
    { domain: chain.channels.domain, towers: channels.watchtowers },
  )
  const payer = await openChannelPayer(
    {
      ...{ store, chain: chain.channels, logger, metrics, signer: chain.digests },
      host: net.host,
      onRevoked: (channel) => link.tell(channel),
    },
    { ...channels, address: wallet.address, finalityBlocks: reorgDepth },
  )
  return {
    ...payer,
    watch: {
      ...payer.watch,
      async start() {
        await payer.watch.start()
        await payer.closing?.start()
        // A watchtower may have been away when something was revoked.
        for (const channel of payer.channels()) {
          if (channel.record.stage === 'open') link.tell(channel)
        }
      },
      async stop() {
        await payer.watch.stop()
        await link.drain()
      },
    },
  }
}

/** The channels of a payer in the node's status. Amounts in the asset's smallest unit. */
export function payerChannels(payer: ChannelPayer | null): object {
  if (payer === null) return {}
  const channels = payer.channels().map((channel) => ({
    channel: channel.key,
    payee: channel.terms.payee,
    asset: channel.terms.asset,
    stage: channel.record.stage,
    deposited: channel.record.deposited,
    transferred: payer.transferred(channel),
    balance: channel.seen?.balance ?? 0n,
    published: (channel.seen?.publishedAt ?? 0n) > 0n,
  }))
  return { channels }
}
