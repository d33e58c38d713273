import { toHex } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import type { Logger } from '../../lib/logger.ts'
import { ok, type Result } from '../../lib/result.ts'
import { formatWei, maxBig, type Wei } from '../../lib/wei.ts'
import { versionedCodec } from '../../store/codec.ts'
import type { Store, Table, WriteOp } from '../../store/store.ts'
import type { RailFault } from '../rail.ts'
import {
  type Exposure,
  type ExposureLevel,
  exposureLevel,
  exposureOf,
  type OutstandingTickets,
} from './exposure.ts'
import { refuse } from './faults.ts'
import { ticketLimits } from './limits.ts'
import type { TicketMetrics } from './metrics.ts'
import type { TimeManager } from './ports.ts'
import type { TicketParams } from './ticket.ts'

/** How much a sender may have outstanding. */
export interface ExposureInit {
  /** How surely the deposit must pay all wins of outstanding tickets: between 0 and 1. */
  readonly quantile: number
  /** Share of the deposit above which there is a warning, in thousandths. */
  readonly warnAtPermille: number
  /** Blocks after its params are void in which a win may still reach the chain. */
  readonly redemptionLagBlocks: bigint
}

/** Bounds what a sender's tickets may cost before the wins among them are known. */
export interface ExposureGuard {
  /** Refuses tickets that the deposit would not carry beside those outstanding. */
  check(params: TicketParams, tickets: number, deposit: Wei): Result<void, RailFault>
  /** As {@link ExposureGuard.check}, and counts them as outstanding from now on. */
  admit(params: TicketParams, tickets: number, deposit: Wei): Result<void, RailFault>
  /**
   * The writes that make the tickets admitted under params durable, and forget those that can win no
   * more: part of the batch that reserves their nonces, in turn.
   */
  writes(params: TicketParams): readonly WriteOp[]
  current(): Exposure
  /** The same, with the tickets that were refused of late if there are any. */
  needed(): Exposure
  /** What is outstanding with each recipient. */
  outstanding(): readonly OutstandingTickets[]
  /** `over` as well while tickets are being refused that the deposit would not carry. */
  level(deposit: Wei): ExposureLevel
}

const outstandingCodec = versionedCodec<OutstandingTickets>({
  name: 'count of outstanding tickets',
  version: 1,
  parse(value) {
    const { recipient, faceValue, winProb, tickets, expirationBlock } = value as OutstandingTickets
    if (typeof recipient !== 'string' || !Number.isSafeInteger(tickets)) {
      throw new TypeError('not a count of outstanding tickets')
    }
    return {
      recipient,
      tickets,
      faceValue: BigInt(faceValue),
      winProb: BigInt(winProb),
      expirationBlock: BigInt(expirationBlock),
    }
  },
})

/** What a guard works with. */
export interface ExposureComponents {
  readonly store: Store
  readonly time: Pick<TimeManager, 'lastSeenBlock'>
  readonly logger: Logger
  readonly metrics: TicketMetrics
}

/**
 * A guard over counts that outlive the process.
 *
 * Invariant: a ticket counts from before it is signed until its params have been void for the time
 * that a redemption takes.
 */
export async function openExposureGuard(
  components: ExposureComponents,
  init: ExposureInit,
): Promise<ExposureGuard> {
  const table = components.store.table('outstanding-tickets', outstandingCodec)
  const groups = new Map<string, OutstandingTickets>()
  for await (const [key, group] of table.entries()) groups.set(key, group)
  return new DurableGuard(components, init, table, groups)
}

class DurableGuard implements ExposureGuard {
  readonly #components: ExposureComponents
  readonly #init: ExposureInit
  readonly #table: Table<OutstandingTickets>
  readonly #groups: Map<string, OutstandingTickets>
  #shown: ExposureLevel = 'ok'
  /** What was refused last, for as long as it tells of now. */
  #refused: { readonly exposure: Exposure; readonly until: bigint } | undefined

  constructor(
    components: ExposureComponents,
    init: ExposureInit,
    table: Table<OutstandingTickets>,
    groups: Map<string, OutstandingTickets>,
  ) {
    this.#components = components
    this.#init = init
    this.#table = table
    this.#groups = groups
  }

  check(params: TicketParams, tickets: number, deposit: Wei): Result<void, RailFault> {
    const judged = this.#judge(params, tickets, deposit)
    return judged.ok ? ok(undefined) : judged
  }

  admit(params: TicketParams, tickets: number, deposit: Wei): Result<void, RailFault> {
    const judged = this.#judge(params, tickets, deposit)
    if (!judged.ok) return judged
    this.#refused = undefined
    const key = keyOf(params)
    this.#groups.set(key, grown(this.#groups.get(key), params, tickets))
    this.#show(judged.value, deposit)
    return ok(undefined)
  }

  writes(params: TicketParams): readonly WriteOp[] {
    const key = keyOf(params)
    const ops: WriteOp[] = []
    for (const [old, group] of this.#groups) {
      if (old === key || !this.#isOver(group)) continue
      this.#groups.delete(old)
      ops.push(this.#table.delOp(old))
    }
    const group = this.#groups.get(key)
    return group === undefined ? ops : [...ops, this.#table.putOp(key, group)]
  }

  current(): Exposure {
    return exposureOf(this.outstanding(), this.#init.quantile)
  }

  needed(): Exposure {
    return this.#refusal() ?? this.current()
  }

  outstanding(): readonly OutstandingTickets[] {
    return [...this.#groups.values()].filter((group) => !this.#isOver(group))
  }

  level(deposit: Wei): ExposureLevel {
    const refused = this.#refusal()
    if (refused !== undefined && refused.requiredWei > deposit) return 'over'
    return exposureLevel(this.current(), deposit, this.#init.warnAtPermille)
  }

  #isOver({ expirationBlock }: OutstandingTickets): boolean {
    const { time } = this.#components
    return expirationBlock + this.#init.redemptionLagBlocks <= time.lastSeenBlock()
  }

  #refusal(): Exposure | undefined {
    const block = this.#components.time.lastSeenBlock()
    if (this.#refused !== undefined && this.#refused.until <= block) this.#refused = undefined
    return this.#refused?.exposure
  }

  #judge(params: TicketParams, tickets: number, deposit: Wei): Result<Exposure, RailFault> {
    const after = new Map([...this.#groups].filter(([, group]) => !this.#isOver(group)))
    const key = keyOf(params)
    after.set(key, grown(after.get(key), params, tickets))
    const exposure = exposureOf(after.values(), this.#init.quantile)
    if (after.size <= ticketLimits.maxOutstandingParams && exposure.requiredWei <= deposit) {
      return ok(exposure)
    }
    this.#show(exposure, deposit)
    const until = this.#components.time.lastSeenBlock() + ticketLimits.refusalBlocks
    this.#refused = { exposure, until }
    const detail = refusal(exposure, deposit, this.#init, after.size)
    return refuse('underfunded', 'EXPOSURE_TOO_HIGH', detail)
  }

  #show(exposure: Exposure, deposit: Wei): void {
    const { logger, metrics } = this.#components
    metrics.exposureRequired.set(Number(exposure.requiredWei))
    metrics.exposureEv.set(Number(exposure.evWei))
    const level = exposureLevel(exposure, deposit, this.#init.warnAtPermille)
    if (level !== this.#shown && level !== 'ok') {
      const { requiredWei, tickets } = exposure
      const fields = { requiredWei, depositWei: deposit, tickets, level }
      logger.warn(fields, 'outstanding tickets may win more than the deposit should carry')
    }
    this.#shown = level
  }
}

/** One commitment may stand under several terms; each is counted by itself. */
function keyOf(params: TicketParams): string {
  const terms = `${params.faceValue.toString(16)}-${params.winProb.toString(16)}`
  return `${toHex(params.recipientRandHash)}-${terms}-${params.expirationBlock}`
}

function grown(
  before: OutstandingTickets | undefined,
  params: TicketParams,
  tickets: number,
): OutstandingTickets {
  const { recipient, faceValue, winProb } = params
  const expirationBlock = maxBig(before?.expirationBlock ?? 0n, params.expirationBlock)
  const count = (before?.tickets ?? 0) + tickets
  return { recipient, faceValue, winProb, expirationBlock, tickets: count }
}

function refusal(exposure: Exposure, deposit: Wei, init: ExposureInit, params: number): string {
  if (params > ticketLimits.maxOutstandingParams) {
    return `tickets are outstanding under ${params} sets of params; wait until some are over`
  }
  const { tickets, wins, faceValueWei, requiredWei } = exposure
  return (
    `${tickets} outstanding tickets may win ${wins} times ${formatWei(faceValueWei)} at quantile ` +
    `${init.quantile}, which takes a deposit of ${formatWei(requiredWei)}, there is ` +
    `${formatWei(deposit)}; add ${formatWei(requiredWei - deposit)} with millrace fund, or wait`
  )
}

/** How outstanding tickets are shared out among the recipients. */
export function outstandingByRecipient(
  groups: readonly OutstandingTickets[],
): ReadonlyMap<Address, readonly OutstandingTickets[]> {
  const shares = new Map<Address, OutstandingTickets[]>()
  for (const group of groups) {
    shares.set(group.recipient, [...(shares.get(group.recipient) ?? []), group])
  }
  return shares
}
