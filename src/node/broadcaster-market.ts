import { createOrderSource } from '../exchange/order-source.ts'
import type { OrderSource } from '../exchange/order-wanted.ts'
import type { PayerBooks } from '../exchange/payer-books.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { DecisionRecord } from '../market/decision.ts'
import { type DecisionQuery, openDecisionLog } from '../market/decision-log.ts'
import type { PaymentTerms } from '../market/figures.ts'
import { marketLimits } from '../market/limits.ts'
import { createQuoteTable, type WantedWork } from '../market/quote-table.ts'
import { openReputation } from '../market/reputation.ts'
import { policyOf, type SelectionPolicy } from '../market/selection-policy.ts'
import { fpsOf } from '../media/profile.ts'
import type { PayerRail } from '../rails/rail.ts'
import { ticketEv } from '../rails/ticket/ticket.ts'
import { parseTicketParams } from '../rails/ticket/wire.ts'
import type { BroadcasterConfig, NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'
import { firstOfRails } from './rail-sources.ts'

/** What a broadcaster buys through: quotes at hand, what peers did, and how it chooses. */
export interface BroadcasterMarket extends Startable {
  orderSource(manifestId: string): OrderSource
  /** Choices of this run, oldest first. */
  recent(): readonly DecisionRecord[]
  /** Choices of this run and those before. */
  decisions(query: DecisionQuery): Promise<readonly DecisionRecord[]>
}

/** Joins the parts of a broadcaster that choose its orchestrators. */
export async function buildMarket(
  foundation: Foundation,
  config: NodeConfig,
  { rails, books }: { readonly rails: readonly PayerRail[]; readonly books: PayerBooks },
): Promise<BroadcasterMarket> {
  const { chain, store, net, clock } = foundation
  const own = config.broadcaster
  const policy = policyFrom(own)
  const logger = foundation.logger.child({ room: 'market' })
  const components = { ...foundation, host: net.host, logger, metrics: foundation.marketMetrics }
  const stakeOf = (address: Parameters<typeof chain.stakeOf>[0]) => chain.stakeOf(address)
  const reputation = await openReputation({ store, clock, logger }, own.reputation)
  const log = await openDecisionLog({ store, logger })
  const { enabled: isEnabled, ...pace } = own.table
  const sides = rails.map((rail) => ({
    rail,
    table: createQuoteTable(
      { ...components, reputation, stakeOf },
      {
        ...pace,
        isEnabled,
        chainId: BigInt(config.chain.chainId),
        rail: rail.id,
        payer: net.binding,
        deadlineMs: own.discoveryTimeoutMs,
        prefer: policy.prefer,
        weights: policy.weights,
      },
    ),
  }))
  const recent: DecisionRecord[] = []
  const onDecision = (record: DecisionRecord): void => {
    recent.push(record)
    if (recent.length > marketLimits.maxDecisions) recent.shift()
    log.add(record)
    const price = record.considered.find(({ chosen }) => chosen)?.pricePerUnit
    const { chosenPeerId: chosen, reason, stream, considered } = record
    logger.info({ chosen, price, reason, stream, asked: considered.length }, 'orchestrator chosen')
  }
  return {
    orderSource(manifestId) {
      const { service, region, profiles, settleMs } = own
      const common = { ...components, books, reputation, stakeOf, random, onDecision }
      const init = { service, region, profiles, manifestId, policy, settleMs }
      return firstOfRails(
        sides.map(({ rail, table }) => ({
          rail: rail.id,
          source: createOrderSource({ ...common, rail, table, termsOf: termsOn(rail) }, init),
        })),
      )
    },
    recent: () => recent,
    decisions: async (query) => log.list(query),
    async start() {
      for (const { table } of sides) await table.start()
      // What a stream will want, so that its first segment finds quotes at hand.
      if (isEnabled) sides[0]?.table.held(usualWork(own))
    },
    async stop() {
      for (const { table } of sides) await table.stop()
      await reputation.flush()
      await log.flush()
    },
  }
}

const random = (): number => Math.random()

function policyFrom(own: BroadcasterConfig): SelectionPolicy {
  const { preset, weights, hysteresis, explore, preferRegion } = own.selection
  return policyOf(preset, {
    maxPrice: own.maxPricePerUnit ?? null,
    minStake: own.minStake,
    prefer: own.prefer,
    preferRegion,
    maxEv: own.tickets.maxEv,
    weights,
    ...(hysteresis === undefined ? {} : { hysteresis }),
    ...(explore === undefined ? {} : { explore }),
  })
}

/** Frames a second that are reckoned with before a stream's own are known. */
const USUAL_FPS = 30

function usualWork({
  service,
  region,
  profiles,
  segmentMs,
  minStake,
}: BroadcasterConfig): WantedWork {
  const perSecond = profiles.reduce(
    (sum, profile) => sum + profile.width * profile.height * fpsOf(profile, USUAL_FPS),
    0,
  )
  const expectedUnits = BigInt(Math.round((perSecond * segmentMs) / 1000))
  return { service, region, profiles, segmentMs, expectedUnits, minStake }
}

/** Only tickets are of a size that matters for a choice. */
function termsOn(rail: PayerRail): (offer: Uint8Array) => PaymentTerms | null {
  return (offer) => {
    const params = rail.id === 'ticket' ? parseTicketParams(offer) : null
    if (params?.ok !== true) return null
    return { evWei: ticketEv(params.value), faceValueWei: params.value.faceValue }
  }
}
