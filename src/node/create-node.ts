import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { AbortOptions } from '../lib/abort.ts'
import { systemClock } from '../lib/clock.ts'
import { createWalletSigner } from '../lib/crypto/eip191.ts'
import { secp256k1 } from '../lib/crypto/secp256k1.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import type { MetricsRegistry } from '../lib/metrics.ts'
import { createDirectory, type Directory } from '../market/directory.ts'
import { createMarketMetrics } from '../market/metrics.ts'
import type { RedemptionDesk } from '../rails/ticket/redemption-desk.ts'
import { openStore } from '../store/store.ts'
import { type BuiltBroadcaster, buildBroadcaster } from './build-broadcaster.ts'
import { buildChain } from './build-chain.ts'
import { buildDiscovery } from './build-discovery.ts'
import { buildHost } from './build-hosting.ts'
import { buildMedia } from './build-media.ts'
import { buildNet } from './build-net.ts'
import { buildOrchestrator } from './build-orchestrator.ts'
import { buildRedeemer } from './build-redeemer.ts'
import { buildWatchtower } from './build-watchtower.ts'
import type { BuiltRole } from './built-role.ts'
import { type AnyNodeConfig, isTranscoder, type NodeConfig } from './config.ts'
import { createWorkerNode } from './create-worker-node.ts'
import type { Foundation } from './foundation.ts'
import { inOrder } from './in-order.ts'
import { MEDIA_ROLES } from './media-config.ts'
import { buildAgent } from './media-discovery.ts'
import { joinMedia, type NodeMedia } from './media-face.ts'
import { buildPayeeRails, isPayee } from './payee-rails.ts'
import { buildPayerRails, isPayer } from './payer-rails.ts'
import { loadWalletKey } from './wallet.ts'

/** A node: some roles on one identity and one data directory, and all but a transcoder on one wallet. */
export interface MillraceNode extends Startable {
  /** Who it is; addresses only once started. */
  identity(): {
    readonly peerId: string
    /** The wallet's account; a transcoder has none. */
    readonly address: string | null
    readonly addresses: readonly string[]
  }
  status(): Promise<object>
  readiness(): Promise<{ readonly ready: boolean; readonly reasons: readonly string[] }>
  /** The broadcaster's playlists and ingest; null without that role. */
  readonly media: NodeMedia | null
  /** The operator's hand on winning tickets; null in a node that redeems none. */
  readonly tickets: RedemptionDesk | null
  /** A stop that takes longer than this has gone wrong. */
  readonly stopWithinMs: number
  /** Which orchestrators were chosen and why; null in a node that chooses nobody. */
  readonly decisions: Pick<BuiltBroadcaster, 'decisions'> | null
}

const STOP_WITHIN_MS = 4_000

/**
 * Builds a node out of its config: store, chain, network, market, then the roles; for a transcoder
 * only store, network and the role.
 *
 * @throws `STORE_LOCKED`, `CHAIN_UNREACHABLE`, `CHAIN_ID_MISMATCH`, `WALLET_UNREADABLE`,
 * `POOL_SECRET_UNREADABLE`
 */
export async function createNode(
  components: { readonly logger: Logger; readonly metrics: MetricsRegistry },
  config: AnyNodeConfig,
  options: AbortOptions = {},
): Promise<MillraceNode> {
  return isTranscoder(config)
    ? createWorkerNode(components, config)
    : createMarketNode(components, config, options)
}

async function createMarketNode(
  components: { readonly logger: Logger; readonly metrics: MetricsRegistry },
  config: NodeConfig,
  options: AbortOptions,
): Promise<MillraceNode> {
  const { logger, metrics } = components
  const privateKey = await loadWalletKey(config.wallet.keyFile)
  const wallet = createWalletSigner(privateKey)
  await mkdir(config.dataDirectory, { recursive: true })
  const store = await openStore({ directory: join(config.dataDirectory, 'store') })
  try {
    const chain = await buildChain({ ...components, store, privateKey }, config, options)
    const net = await buildNet({ ...components, wallet }, config)
    const directory = createDirectory(systemClock)
    const marketMetrics = createMarketMetrics(metrics)
    const foundation: Foundation = {
      ...components,
      marketMetrics,
      clock: systemClock,
      store,
      wallet,
      chain,
      net,
      directory,
    }
    const discovery = buildDiscovery(foundation, config)
    const built = await buildRoles(foundation, config)
    // Started in this order, stopped in the reverse.
    const parts: Startable[] = [chain, discovery, net.host, ...built.roles]
    const life = inOrder(parts)
    return {
      ...face(foundation, built, config),
      async start() {
        logger.info(
          { roles: config.roles, curve: secp256k1.backend, address: wallet.address },
          'starting',
        )
        if (secp256k1.backend !== 'native') {
          logger.warn({ curve: secp256k1.backend }, 'the slower curve is in use')
        }
        await life.start()
      },
      async stop() {
        await life.stop()
        await store.close()
        logger.info({}, 'stopped')
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

interface BuiltRoles {
  readonly roles: readonly BuiltRole[]
  readonly named: Readonly<Record<string, BuiltRole>>
  readonly broadcaster: BuiltBroadcaster | null
  readonly media: NodeMedia | null
}

async function buildRoles(foundation: Foundation, config: NodeConfig): Promise<BuiltRoles> {
  const named: Record<string, BuiltRole> = {}
  // What is paid by, before those who pay and are paid: it starts first and stops last.
  const earning = isPayee(config) ? await buildPayeeRails(foundation, config) : null
  const paying = isPayer(config) ? await buildPayerRails(foundation, config) : null
  if (earning !== null) named['earning'] = earning
  if (paying !== null) named['paying'] = paying
  let broadcaster: BuiltBroadcaster | null = null
  let media: NodeMedia | null = null
  const { orchestrator } = config
  if (config.roles.includes('orchestrator') && orchestrator !== undefined && earning !== null) {
    named['orchestrator'] = await buildOrchestrator(foundation, config, orchestrator, earning)
  }
  if (config.roles.includes('redeemer') && config.redeemer !== undefined) {
    named['redeemer'] = await buildRedeemer(foundation, config, config.redeemer)
  }
  if (config.roles.includes('watchtower')) {
    named['watchtower'] = await buildWatchtower(foundation, config)
  }
  if (config.roles.includes('agent')) named['agent'] = buildAgent(foundation)
  if (config.roles.includes('host')) named['host'] = buildHost(foundation, config)
  if (config.roles.includes('broadcaster') && paying !== null) {
    broadcaster = await buildBroadcaster(foundation, config, paying)
    named['broadcaster'] = broadcaster
    media = broadcaster.media
  }
  if (MEDIA_ROLES.some((role) => config.roles.includes(role))) {
    const market = broadcaster?.market ?? null
    const built = await buildMedia(foundation, config, { market, earning, paying })
    Object.assign(named, built.roles)
    media = joinMedia(media, built.player)
  }
  return { roles: Object.values(named), named, broadcaster, media }
}

/** What the node shows of itself. */
function face(
  { net, wallet, chain, directory }: Foundation,
  { named, broadcaster, media }: BuiltRoles,
  config: NodeConfig,
): Omit<MillraceNode, 'start' | 'stop'> {
  const identity = () => ({
    peerId: net.host.peerId,
    address: wallet.address,
    addresses: net.host.addresses(),
  })
  return {
    media,
    stopWithinMs: STOP_WITHIN_MS,
    decisions: broadcaster,
    tickets: Object.values(named).find(({ desk }) => desk)?.desk ?? null,
    identity,
    async readiness() {
      const complaints = await Promise.all(Object.values(named).map((role) => role.complaints()))
      const reasons = [...chain.complaints(), ...complaints.flat()]
      return { ready: reasons.length === 0, reasons }
    },
    async status() {
      const entries = Object.entries(named).map(
        async ([name, role]) => [name, await role.status()] as const,
      )
      return {
        ...identity(),
        roles: config.roles,
        pid: process.pid,
        maxRssBytes: process.resourceUsage().maxRSS * 1024,
        curve: secp256k1.backend,
        chain: chain.status(),
        peers: peersOf(directory),
        ...Object.fromEntries(await Promise.all(entries)),
      }
    },
  }
}

function peersOf(directory: Directory): object[] {
  return directory.live().map(({ advert, discoveredBy }) => ({
    role: 'orchestrator',
    peerId: advert.peerId,
    address: advert.address,
    services: advert.services,
    regions: advert.regions,
    capacity: advert.capacity,
    addresses: advert.addresses,
    discoveredBy,
  }))
}
