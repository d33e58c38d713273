import { REDEEM_GAS } from '../chain/profile.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import { TaskGroup } from '../lib/tasks.ts'
import { type BlockClock, openBlockClock } from '../rails/ticket/chain-clock.ts'
import { createHandOver, type HandOver } from '../rails/ticket/handover.ts'
import { createRedeemerLink } from '../rails/ticket/handover-link.ts'
import { createTicketMetrics, type TicketMetrics } from '../rails/ticket/metrics.ts'
import { createNonceSweep } from '../rails/ticket/nonce-sweep.ts'
import { nonceWindows } from '../rails/ticket/nonce-window.ts'
import { openRedeemGas, type TrackedRedeemGas } from '../rails/ticket/redeem-gas.ts'
import { openRedeemerClaims } from '../rails/ticket/redeemer-claims.ts'
import { createRedeemerDesk } from '../rails/ticket/redeemer-desk.ts'
import { createRedemption } from '../rails/ticket/redemption.ts'
import type { RedemptionPolicy } from '../rails/ticket/redemption-policy.ts'
import { openWinnerOrders } from '../rails/ticket/winner-orders.ts'
import { openWinnerStore, type WinnerStore } from '../rails/ticket/winner-store.ts'
import { createRedeemer } from '../roles/redeemer.ts'
import type { BuiltRole } from './built-role.ts'
import type { NodeConfig, RedeemerConfig } from './config.ts'
import type { Foundation } from './foundation.ts'
import type { RedeemerPeerConfig } from './redeemer-config.ts'

/** How often an orchestrator looks for something to tell its redeemer. */
const HAND_OVER_PAUSE_MS = 1_000

/** Joins the parts of a redeemer. */
export async function buildRedeemer(
  foundation: Foundation,
  config: NodeConfig,
  own: RedeemerConfig,
): Promise<BuiltRole> {
  const { store, clock, wallet, chain, net } = foundation
  const { time, gas, profile, ticketValidityPeriod, redemptionBroker: broker } = chain
  const logger = foundation.logger.child({ room: 'tickets' })
  const metrics = createTicketMetrics(foundation.metrics)
  const winners = await openWinnerStore(store, logger)
  const blocks = await openBlockClock(store, time)
  const claims = await openRedeemerClaims(store, winners)
  const redeemGas = await openRedeemGas(store, { initial: BigInt(REDEEM_GAS[profile.name]) })
  const redemption = createRedemption(
    { store, winners, broker, time, blocks, gas, logger, metrics, redeemGas },
    {
      ticketValidityPeriod,
      concurrency: own.concurrency,
      policy: policyOf(own.redemption),
      reorgDepth: config.chain.reorgDepth,
    },
  )
  const desk = createRedeemerDesk(
    { host: net.host, winners, claims, clock, logger, metrics },
    { chainId: BigInt(config.chain.chainId), orchestrators: own.orchestrators },
  )
  return {
    ...createRedeemer({ redemption, desk }),
    desk: redemption.desk,
    async complaints() {
      const balance = await chain.client.balance(wallet.address)
      return balance > 0n ? [] : [`no ether for gas: send some to ${wallet.address}`]
    },
    async status() {
      const { orchestrators } = own
      return { orchestrators, winners: winners.totals(), outcomesOwed: claims.owed() }
    },
  }
}

/** A redeemer does not know for which price of gas tickets were made: any share will do, unless configured. */
function policyOf({
  maxCostPercent,
  cheapGasPrice,
  deadlinePercent,
  companyBlocks,
  maxBatch,
}: RedeemerConfig['redemption']): Partial<RedemptionPolicy> {
  return {
    ...(maxCostPercent === undefined
      ? {}
      : { maxCostShare: { num: BigInt(maxCostPercent), den: 100n } }),
    ...{ cheapGasPrice, maxBatch },
    deadlineShare: deadlinePercent / 100,
    companyBlocks: BigInt(companyBlocks),
  }
}

/** Joins an orchestrator's winners with its redeemer, in the place of its own redemption. */
export async function buildHandOver(
  foundation: Foundation,
  redeemer: RedeemerPeerConfig,
  tickets: {
    readonly winners: WinnerStore
    readonly blocks: BlockClock
    readonly redeemGas: TrackedRedeemGas
    readonly metrics: TicketMetrics
    readonly logger: Logger
  },
): Promise<HandOver> {
  const { store, clock, chain, net } = foundation
  const { time, ticketValidityPeriod, redemptionBroker: broker } = chain
  const { blocks, logger } = tickets
  const chainId = BigInt(chain.client.chainId)
  const link = createRedeemerLink(net, { chainId, redeemer })
  const handOver = createHandOver(
    { ...tickets, orders: await openWinnerOrders(store), link, store, broker, time, clock },
    { ticketValidityPeriod, pauseMs: HAND_OVER_PAUSE_MS },
  )
  const sweeping = createSweeping(foundation, blocks, logger)
  return {
    desk: handOver.desk,
    status: () => handOver.status(),
    complaints: () => handOver.complaints(),
    async start() {
      await sweeping.start()
      await handOver.start()
    },
    async stop() {
      await handOver.stop()
      await sweeping.stop()
    },
  }
}

/** Forgets the nonces admitted under void params, as redemption does where there is one. */
function createSweeping(
  { store, chain }: Foundation,
  blocks: BlockClock,
  logger: Logger,
): Startable {
  const tasks = new TaskGroup(logger)
  const sweep = createNonceSweep({ store, table: nonceWindows(store), blocks })
  let unsubscribe = (): void => {}
  return {
    async start() {
      unsubscribe = chain.time.onBlock(() => tasks.run(async () => void (await sweep())))
    },
    async stop() {
      unsubscribe()
      await tasks.drain()
    },
  }
}
