import type { DigestSigner } from '../../lib/crypto/digest-signer.ts'
import type { Logger } from '../../lib/logger.ts'
import type { MetricsRegistry } from '../../lib/metrics.ts'
import type { NetHost } from '../../net/host.ts'
import type { Store } from '../../store/store.ts'
import type { PayeeRail, PayerRail } from '../rail.ts'
import type { CloseLink } from './close-link.ts'
import { createCounterCheck } from './counter.ts'
import { createChannelMetrics } from './metrics.ts'
import type { ChannelPayeeInit } from './payee-channels.ts'
import { createChannelPayeeRail } from './payee-rail.ts'
import { openPayeeSecret } from './payee-secret.ts'
import { openPayeeStore, type PayeeChannel } from './payee-store.ts'
import { createPayeeWatch, type PayeeWatch } from './payee-watch.ts'
import { type ChannelPayerInit, createPayerChannels } from './payer-channels.ts'
import { type CloseDesk, createCloseDesk } from './payer-close.ts'
import { createChannelPayerRail } from './payer-rail.ts'
import { openPayerStore, type PayerChannel } from './payer-store.ts'
import { createPayerWatch, type PayerWatch } from './payer-watch.ts'
import type { ChannelChain } from './ports.ts'
import { transferredAmount } from './settlement.ts'
import { createChannelTurns } from './turns.ts'

/** What both halves of the rail stand on. */
export interface ChannelComponents {
  readonly store: Store
  readonly chain: ChannelChain
  readonly logger: Logger
  readonly metrics: MetricsRegistry
}

/** The earning half: its rail, and the watch that brings what was earned to the chain. */
export interface ChannelPayee {
  readonly rail: PayeeRail
  readonly watch: PayeeWatch
  channels(): readonly PayeeChannel[]
  /** What was committed on a channel so far. */
  transferred(channel: PayeeChannel): bigint
}

/** The paying half: its rail, and the watch over its deposits. */
export interface ChannelPayer {
  readonly rail: PayerRail
  readonly watch: PayerWatch
  /** Consents to closings; null without a host. */
  readonly closing: CloseDesk | null
  channels(): readonly PayerChannel[]
  /** What was committed on a channel so far. */
  transferred(channel: PayerChannel): bigint
}

/** Opens the earning half over what its store holds. */
export async function openChannelPayee(
  components: ChannelComponents & {
    /** Without it nobody is asked before a commit is published. */
    readonly closing?: CloseLink
  },
  init: ChannelPayeeInit,
): Promise<ChannelPayee> {
  const { store, chain } = components
  const metrics = createChannelMetrics(components.metrics)
  const channels = await openPayeeStore(store, chain.domain)
  const secret = await openPayeeSecret(store)
  const isCounterPublished = createCounterCheck(store, chain)
  const parts = { ...components, channels, secret, seen: new Map(), metrics, isCounterPublished }
  return {
    rail: createChannelPayeeRail(parts, init),
    watch: createPayeeWatch(parts, init),
    channels: () => channels.all(),
    transferred: ({ state }) => transferredAmount(chain.domain, state),
  }
}

/** Opens the paying half over what its store holds. */
export async function openChannelPayer(
  components: ChannelComponents & {
    readonly signer: DigestSigner
    /** Where payees ask for closings; without it none is agreed to. */
    readonly host?: Pick<NetHost, 'handle'>
    onRevoked?(channel: PayerChannel): void
  },
  init: ChannelPayerInit & { readonly finalityBlocks: number },
): Promise<ChannelPayer> {
  const { store, chain } = components
  const metrics = createChannelMetrics(components.metrics)
  const channels = await openPayerStore(store, chain.domain)
  const parts = { ...components, channels, metrics, turns: createChannelTurns() }
  const open = createPayerChannels(parts, init)
  return {
    rail: createChannelPayerRail({ ...parts, open }),
    watch: createPayerWatch({ ...parts, open }, init),
    closing:
      components.host === undefined ? null : createCloseDesk({ ...parts, host: components.host }),
    channels: () => channels.all(),
    transferred: ({ record }) => transferredAmount(chain.domain, record.state),
  }
}
