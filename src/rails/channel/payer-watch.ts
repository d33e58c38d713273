import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import { createBlockWatch } from './block-watch.ts'
import { effectId } from './channel-chain.ts'
import type { ChannelFacts } from './facts.ts'
import type { ChannelMetrics } from './metrics.ts'
import { finishOpening, type PayerChannels, type PayerParts } from './payer-channels.ts'
import type { PayerChannel } from './payer-store.ts'
import { type Recoverables, recoverables } from './settlement.ts'
import { parseUnsigned } from './unsigned.ts'

/** Watches over a payer's deposits: revoked commits, change, expiry. */
export interface PayerWatch extends Startable {
  /** Looks at every channel once. */
  look(): Promise<void>
}

/** What the watch works with. */
export interface PayerWatchComponents extends PayerParts {
  readonly open: PayerChannels
  readonly metrics: ChannelMetrics
}

/** A watch over the channels of a payer; it looks at every block. */
export function createPayerWatch(
  components: PayerWatchComponents,
  init: {
    /** Blocks after which nothing of a channel comes back by a reorganisation. */
    readonly finalityBlocks: number
  },
): PayerWatch {
  const { chain, channels } = components
  const logger = components.logger.child({ part: 'channel-payer' })
  return createBlockWatch<PayerChannel>({
    ...{ chain, logger },
    open: () => channels.all().filter(({ record }) => record.stage !== 'over'),
    async attend(channel, signal) {
      if (channel.record.stage === 'opening') await finishOpening(components, channel, signal)
      await recover(components, channel, init.finalityBlocks, logger, signal)
    },
    failed(channel, error) {
      logger.warn({ err: error, channel: channel.key }, 'a deposit could not be attended to yet')
      components.metrics.settlements.inc({ kind: 'payer', outcome: 'failed' })
    },
  })
}

async function recover(
  components: PayerWatchComponents,
  channel: PayerChannel,
  finalityBlocks: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { chain, channels, open, metrics } = components
  const facts = await open.facts(channel, true)
  if (isOver(facts, finalityBlocks)) {
    await channels.put(channel, { ...channel.record, stage: 'over' }, true)
    logger.info({ channel: channel.key }, 'nothing is left of a channel')
    return
  }
  const found = firstOf(recoverables(channel.record.state, facts))
  if (found === null) return
  const { kind, rawtx } = found
  const id = effectId(kind, channel.id)
  await chain.submit(parseUnsigned(rawtx), { id, signal })
  metrics.settlements.inc({ kind, outcome: 'done' })
  logger.info({ channel: channel.key, kind }, 'a deposit was recovered')
  await open.facts(channel, true)
}

function firstOf({
  revoke,
  change,
  expire,
}: Recoverables): { readonly kind: string; readonly rawtx: string } | null {
  if (revoke[0] !== undefined) return { kind: 'revoke', rawtx: revoke[0].revoke_rawtx }
  if (change[0] !== undefined) return { kind: 'change', rawtx: change[0].change_rawtx }
  if (expire[0] !== undefined) return { kind: 'expire', rawtx: expire[0].expire_rawtx }
  return null
}

/** Whether a channel is empty for good: not before a reorganisation could bring it back. */
function isOver({ channel, block }: ChannelFacts, finalityBlocks: number): boolean {
  if (channel === null || channel.balance > 0n) return false
  const since = channel.publishedAt === 0n ? channel.openedAt : channel.publishedAt
  return block >= since + BigInt(finalityBlocks)
}
