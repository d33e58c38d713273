import { cpus } from 'node:os'
import type { Startable } from '../lib/lifecycle.ts'
import { err, ok } from '../lib/result.ts'
import { createProviderOrders } from '../exchange/provider-orders.ts'
import { createExchangeMetrics } from '../exchange/metrics.ts'
import { createProvider } from '../exchange/provider.ts'
import type { WorkFault, Worker } from '../exchange/work.ts'
import { createAdvertiser } from '../market/advertiser.ts'
import { createQuoteProvider } from '../market/quote-provider.ts'
import { createTranscodePool, type TranscodeFault, type TranscodePool } from '../media/transcode-pool.ts'
import { openBlockClock } from '../rails/ticket/chain-clock.ts'
import { createTicketMetrics } from '../rails/ticket/metrics.ts'
import { createTicketPayeeRail } from '../rails/ticket/payee-rail.ts'
import { createRecipient } from '../rails/ticket/recipient.ts'
import { openRecipientSecret } from '../rails/ticket/recipient-secret.ts'
import { createRedemption } from '../rails/ticket/redemption.ts'
import { createSenderMonitor } from '../rails/ticket/sender-monitor.ts'
import { openWinnerStore } from '../rails/ticket/winner-store.ts'
import { createOrchestrator } from '../roles/orchestrator.ts'
import { orderStatuses } from './books.ts'
import type { NodeConfig, OrchestratorConfig } from './config.ts'
import type { Foundation } from './foundation.ts'

/** A role as the node runs it. */
export interface BuiltRole extends Startable {
  /** This role's part of the node's status. */
  status(): Promise<object>
  /** Why the role cannot do its work now; empty when it can. */
  complaints(): Promise<readonly string[]>
}

/** Joins the parts of an orchestrator. */
export async function buildOrchestrator(
  foundation: Foundation,
  config: NodeConfig,
  own: OrchestratorConfig,
): Promise<BuiltRole> {
  const { logger, clock, store, wallet, net, chain, marketMetrics } = foundation
  const chainId = BigInt(config.chain.chainId)
  const pool = createTranscodePool(foundation, {
    workers: own.transcoding.workers ?? cpus().length,
    backend: own.transcoding.backend,
  })
  const tickets = await buildTicketPayee(foundation, own)
  const rails = new Map([[tickets.rail.id, tickets.rail]])
  const isActive = async (): Promise<boolean> => (await chain.isActive(wallet.address)) === true
  const capacity = () => ({ slots: own.slots, freeSlots: Math.max(0, own.slots - provider.openStreams()) })
  const quotes = createQuoteProvider(
    {
      ...foundation,
      host: net.host,
      rails,
      metrics: marketMetrics,
      capacity,
      async readiness() {
        const active = await chain.isActive(wallet.address)
        return active === null ? 'NOT_READY' : active ? 'ready' : 'NOT_ACTIVE'
      },
    },
    {
      chainId,
      services: own.services,
      regions: own.regions,
      price: own.pricePerUnit,
      quoteTtlMs: own.quoteTtlMs,
      maxInFlight: own.maxInFlight,
    },
  )
  const orders = createProviderOrders({ store, clock, quotes, rails })
  const provider = createProvider({
    host: net.host,
    wallet,
    orders,
    worker: workerOver(pool),
    logger: logger.child({ room: 'exchange' }),
    metrics: createExchangeMetrics(foundation.metrics),
  })
  const advertiser = createAdvertiser(
    { ...foundation, host: net.host, peerKey: net.peerKey, capacity, isActive },
    {
      chainId,
      address: wallet.address,
      binding: net.binding,
      services: own.services,
      regions: own.regions,
      ...own.advert,
    },
  )
  const role = createOrchestrator({ pool, redemption: tickets.redemption, quotes, provider, advertiser })
  return {
    ...role,
    async complaints() {
      return (await isActive()) ? [] : ['not in the active set of this round']
    },
    async status() {
      return {
        price: own.pricePerUnit,
        services: own.services,
        regions: own.regions,
        openStreams: provider.openStreams(),
        transcoding: { backend: pool.backend, workers: pool.capacity, pids: pool.workerPids(), ...pool.load() },
        orders: await orderStatuses(orders.records()),
        tickets: tickets.counts(),
        winners: tickets.winners.totals(),
      }
    },
  }
}

async function buildTicketPayee(foundation: Foundation, own: OrchestratorConfig) {
  const { store, wallet, chain, logger } = foundation
  const { time, senders, gas } = chain
  const metrics = createTicketMetrics(foundation.metrics)
  const railLogger = logger.child({ room: 'tickets' })
  const winners = await openWinnerStore(store, railLogger)
  const blocks = await openBlockClock(store, time)
  const secret = await openRecipientSecret(store)
  const monitor = createSenderMonitor({ claimant: wallet.address, time, senders, winners })
  const { tickets } = own
  const recipient = createRecipient(
    { address: wallet.address, secret, time, blocks, gas, monitor, winners, store },
    {
      minEv: tickets.minEv,
      ticketsPerStep: BigInt(tickets.ticketsPerSegment),
      evMultiplier: BigInt(tickets.evMultiplier),
      txCostMultiplier: BigInt(tickets.txCostMultiplier),
      redeemGas: BigInt(tickets.redeemGas),
      maxFaceValue: tickets.maxFaceValue,
      paramsLifeBlocks: BigInt(tickets.paramsLifeBlocks),
    },
  )
  const counts = { received: 0, won: 0 }
  const rail = createTicketPayeeRail(
    {
      recipient,
      blocks,
      metrics,
      onReceived({ accepted, won }) {
        counts.received += accepted
        counts.won += won
      },
    },
    { paramsLifeBlocks: BigInt(tickets.paramsLifeBlocks) },
  )
  const redemption = createRedemption(
    { store, winners, broker: chain.redemptionBroker, time, blocks, gas, logger: railLogger, metrics },
    { ticketValidityPeriod: chain.ticketValidityPeriod, concurrency: tickets.redemptionConcurrency },
  )
  return { rail, redemption, winners, counts: () => counts }
}

const WORK_CODES: Readonly<Partial<Record<TranscodeFault['code'], WorkFault['code']>>> = {
  BUSY: 'BUSY',
  STOPPED: 'SHUTTING_DOWN',
  DEADLINE: 'WORK_FAILED',
  WORKER_CRASHED: 'WORK_FAILED',
  OUT_OF_MEMORY: 'WORK_FAILED',
  ENCODE_FAILED: 'WORK_FAILED',
}

/** This machine's transcode pool as the worker of an order. */
function workerOver(pool: TranscodePool): Worker {
  return {
    async work(job, options) {
      const startedAt = performance.now()
      const done = await pool.transcode(job, options)
      if (!done.ok) {
        const { code, message } = done.error
        return err({ code: WORK_CODES[code] ?? 'SEGMENT_UNREADABLE', detail: `${code}: ${message}` })
      }
      const outputs = done.value.renditions.map(({ profile: name, data, pixels }) => ({ name, data, pixels }))
      return ok({ outputs, workMs: performance.now() - startedAt })
    },
  }
}
