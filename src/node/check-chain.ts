import { createMediaExchange, ETHER, type MediaExchange } from '../chain/media-exchange.ts'
import { createUserRegistry, type UserRegistry } from '../chain/user-registry.ts'
import { maxBig } from '../lib/wei.ts'
import { type CheckDomain, checkSeparator } from '../rails/check/digest.ts'
import { createCheckMetrics } from '../rails/check/metrics.ts'
import { openCheckPayee } from '../rails/check/payee.ts'
import type { CheckPayee } from '../rails/check/payee-port.ts'
import { createCheckPayeeRail } from '../rails/check/payee-rail.ts'
import { type CheckPayer, openCheckPayer } from '../rails/check/payer.ts'
import { createCheckPayerRail } from '../rails/check/payer-rail.ts'
import type { PayeeRail, PayerRail } from '../rails/rail.ts'
import type { NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'

/** The contracts that bids and checks are about. */
export interface CheckChain {
  readonly exchange: MediaExchange
  readonly users: UserRegistry
  readonly domain: CheckDomain
}

/** Where bids and checks are good; null where no contracts are configured. */
export function checkChainOf({ chain }: Foundation, config: NodeConfig): CheckChain | null {
  const { media, chainId } = config.chain
  if (media === undefined) return null
  const calls = { client: chain.client, transactions: chain.transactions }
  return {
    exchange: createMediaExchange(calls, { address: media.mediaExchange }),
    users: createUserRegistry(calls, { address: media.userRegistry }),
    domain: { chainId, exchange: media.mediaExchange },
  }
}

function componentsOf(foundation: Foundation, { exchange, users }: CheckChain) {
  const { store, clock, chain } = foundation
  const logger = foundation.logger.child({ room: 'checks' })
  const metrics = createCheckMetrics(foundation.metrics)
  return { exchange, users, transactions: chain.transactions, store, clock, logger, metrics }
}

/** The earning half of the check rail: a node has one. */
export async function buildCheckPayee(
  foundation: Foundation,
  config: NodeConfig,
): Promise<{ readonly payee: CheckPayee; readonly rail: PayeeRail } | null> {
  const at = checkChainOf(foundation, config)
  if (at === null) return null
  const { domain } = at
  const { peerId } = foundation.net.peerKey
  const { address: wallet } = foundation.wallet
  const payee = await openCheckPayee(componentsOf(foundation, at), {
    acceptor: { peerId, wallet, assets: [ETHER] },
    separator: checkSeparator(domain),
    idleMs: config.earning.checks.idleMs,
  })
  return { payee, rail: createCheckPayeeRail({ payee }, { domain, peerId, wallet, asset: ETHER }) }
}

/** The paying half of the check rail: a node has one. */
export async function buildCheckPayer(
  foundation: Foundation,
  config: NodeConfig,
): Promise<{ readonly payer: CheckPayer; readonly rail: PayerRail } | null> {
  const at = checkChainOf(foundation, config)
  if (at === null) return null
  const { domain } = at
  const { chain, net } = foundation
  const signers = {
    ...{ wallet: chain.digests, key: net.peerKey, separator: checkSeparator(domain) },
  }
  const payer = await openCheckPayer(componentsOf(foundation, at), {
    ...{ signers, maxEscrow: mostEscrow(config), autoFund: true },
  })
  return { payer, rail: createCheckPayerRail({ payer }, { domain, assets: [ETHER] }) }
}

/** The most that any role of a node puts into one order. */
export function mostEscrow({ roles, paying, viewer, advertiser }: NodeConfig): bigint {
  const mine = [
    ...(roles.includes('broadcaster') ? [paying.checks.maxEscrow] : []),
    ...(roles.includes('viewer') ? [viewer.maxEscrow] : []),
    ...(roles.includes('advertiser') ? [advertiser.maxEscrow] : []),
  ]
  return mine.reduce((most, each) => maxBig(most, each), 0n)
}

/** The channels of checks that earn, in the node's status. Amounts in wei. */
export function earningChecks(payee: CheckPayee): object[] {
  return payee.channels().map(({ channel, record, value }) => {
    const { orderId, payer, state, balance } = record
    return { channel, orderId, payer, state, balance, valueWei: value }
  })
}

/** The channels of checks that pay, in the node's status. Amounts in wei. */
export function payingChecks(payer: CheckPayer): object[] {
  return payer.channels().map(({ channel, record, value }) => {
    const { orderId, state, balance, bid } = record
    return { channel, orderId, payee: bid.bid.payee, state, balance, valueWei: value }
  })
}
