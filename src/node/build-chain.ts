import { accountsInEvents } from '../chain/account-events.ts'
import { type ChainClient, connectChain } from '../chain/client.ts'
import { createGasPriceMonitor } from '../chain/gas-price-monitor.ts'
import { openProfile } from '../chain/open-profile.ts'
import type { ChainProfile } from '../chain/profile.ts'
import { createSenderManager, type SenderManager } from '../chain/sender-manager.ts'
import type { TicketBroker } from '../chain/ticket-broker.ts'
import { createTimeManager, type TimeManager } from '../chain/time-manager.ts'
import { createTransactions, type Transactions } from '../chain/transactions.ts'
import type { AbortOptions } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import { createDigestSigner, type DigestSigner } from '../lib/crypto/digest-signer.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import type { MetricsRegistry } from '../lib/metrics.ts'
import type { Published } from '../market/service.ts'
import { createChannelChain } from '../rails/channel/channel-chain.ts'
import type { ChannelChain } from '../rails/channel/ports.ts'
import { type Broker, createBroker } from '../rails/ticket/broker.ts'
import type { GasPriceMonitor } from '../rails/ticket/ports.ts'
import type { Store } from '../store/store.ts'
import { createActiveSet } from './active-set.ts'
import type { NodeConfig } from './config.ts'
import { createRegistryView } from './registry-view.ts'

/** The node's view of the chain and its hand on it. */
export interface ChainParts extends Startable {
  readonly client: ChainClient
  readonly transactions: Transactions
  /** Whose contracts these are, and where. */
  readonly profile: ChainProfile
  readonly broker: TicketBroker
  readonly time: TimeManager
  readonly senders: SenderManager
  readonly gas: GasPriceMonitor
  readonly redemptionBroker: Broker
  /** The contract of payment channels; null where none is configured. */
  readonly channels: ChannelChain | null
  /** Signs typed data as the node's account. */
  readonly digests: DigestSigner
  /** Rounds. */
  readonly ticketValidityPeriod: bigint
  /** Whether an account is in the active set; null while the chain cannot be asked. */
  isActive(account: Address): Promise<boolean | null>
  /** Stake of an account in the work token's smallest unit. */
  stakeOf(account: Address): Promise<bigint>
  /** What an account published of itself; null where nothing is known, or the contracts have no place for it. */
  publishedBy(account: Address): Promise<Published | null>
  complaints(): readonly string[]
  status(): object
}

/** What the node's chain is built from. */
interface ChainComponents {
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  readonly store: Store
  readonly privateKey: Uint8Array
}

/** Connects to the chain and builds what watches it, not yet started. */
export async function buildChain(
  components: ChainComponents,
  config: NodeConfig,
  options: AbortOptions,
): Promise<ChainParts> {
  const { privateKey } = components
  const logger = components.logger.child({ room: 'chain' })
  const { rpcUrl, chainId, pollIntervalMs } = config.chain
  const client = await connectChain(
    { logger },
    { rpcUrl, chainId, privateKey, pollingIntervalMs: pollIntervalMs },
    options,
  )
  try {
    return await joinParts({ ...components, logger, client }, config, options)
  } catch (error) {
    client.close()
    throw error
  }
}

/** What watches the chain and acts on it, over a client that is connected. */
async function joinParts(
  {
    client,
    store,
    logger,
    metrics,
    privateKey,
  }: ChainComponents & { readonly client: ChainClient },
  config: NodeConfig,
  options: AbortOptions,
): Promise<ChainParts> {
  const { chainId, contracts, pollIntervalMs } = config.chain
  const transactions = createTransactions(
    { client, store, logger, metrics },
    { maxFeePerGasWei: config.chain.maxGasPrice, reorgDepth: config.chain.reorgDepth },
  )
  const calls = { client, transactions }
  const profile = await openProfile({ ...calls, logger }, contracts, options)
  const { broker, rounds, bonding } = profile
  const ticketValidityPeriod = await broker.ticketValidityPeriod(options)
  const time = createTimeManager(
    { client, rounds, bonding, logger, metrics },
    { pollingIntervalMs: pollIntervalMs, initializeRounds: config.chain.initializeRounds },
  )
  const gas = createGasPriceMonitor(
    { client, logger, metrics },
    { floorWei: config.chain.minGasPrice, capWei: config.chain.maxGasPrice },
  )
  const senders = createSenderManager({ broker, timeManager: time, logger, metrics })
  const views = viewsOf(profile, { client, time, logger })
  return {
    client,
    transactions,
    profile,
    broker,
    time,
    senders,
    gas,
    redemptionBroker: createBroker(
      { contract: broker, transactions },
      { pollingIntervalMs: pollIntervalMs },
    ),
    ...channelParts({ client, transactions, time, gas, privateKey }, config),
    ticketValidityPeriod,
    ...views,
    complaints: () =>
      time.currentRoundInitialized() ? [] : ['the current round is not initialized'],
    status: () => ({
      chainId,
      contracts: { profile: profile.name, ...profile.addresses },
      block: time.lastSeenBlock(),
      round: time.lastInitializedRound(),
      roundInitialized: time.currentRoundInitialized(),
      poolSize: time.poolSize(),
      gasPriceWei: gas.gasPrice(),
      unminedTransactions: transactions.unmined().length,
    }),
    async start() {
      for (const part of [transactions, time, gas, senders]) await part.start()
    },
    async stop() {
      for (const part of [senders, gas, time, transactions]) await part.stop()
      client.close()
    },
  }
}

/** Cached views of the accounts of orchestrators. */
function viewsOf(
  profile: ChainProfile,
  parts: Pick<ChainParts, 'client' | 'time'> & Pick<ChainComponents, 'logger'>,
): Pick<ChainParts, 'isActive' | 'stakeOf' | 'publishedBy'> {
  const { client, ...components } = parts
  const { bondingManager, serviceRegistry } = profile.addresses
  const { isActive, stakeOf } = createActiveSet({
    ...{ ...components, bonding: profile.bonding },
    changes: async (range) => accountsInEvents(client, bondingManager, range),
  })
  if (profile.name !== 'own') return { isActive, stakeOf, publishedBy: async () => null }
  const { publishedBy } = createRegistryView({
    ...{ ...components, registry: profile.registry },
    usual: async (options) => profile.bonding.transcoderPool(options),
    changes: async (range) => accountsInEvents(client, serviceRegistry, range),
  })
  return { isActive, stakeOf, publishedBy }
}

/** What channels need of the chain. */
function channelParts(
  {
    privateKey,
    ...components
  }: Parameters<typeof createChannelChain>[0] & { readonly privateKey: Uint8Array },
  { chain: { paymentChannels: contract } }: NodeConfig,
): Pick<ChainParts, 'channels' | 'digests'> {
  const channels = contract === undefined ? null : createChannelChain(components, { contract })
  return { channels, digests: createDigestSigner(privateKey) }
}
