/** What is known of one peer from what it did; counts fade with time. */
export interface ReputationState {
  /** When the fading counts were last reckoned. */
  readonly atMs: number
  /** Segments delivered and accepted. */
  readonly delivered: number
  /** Failures by class. */
  readonly failed: Readonly<Record<string, number>>
  /** Segments behind the two averages of work. */
  readonly measured: number
  /** Round trip of a segment less the work itself; null when it is not known. */
  readonly overheadMs: number | null
  /** Work in milliseconds a megapixel of renditions; null when it is not known. */
  readonly workMsPerMpx: number | null
  /** Time to answer a request for a quote; null when it is not known. */
  readonly responseMs: number | null
  /** When it last worked for us; 0 for never. */
  readonly workedAtMs: number
  /** Failures in a row; fades too. */
  readonly strikes: number
  readonly suspendedUntilMs: number
}

/** One accepted segment, as the payer measured it. */
export interface WorkSample {
  readonly roundTripMs: number
  /** What the provider says the work took; it can only move time between the two averages. */
  readonly workMs: number
  /** Pixels of all renditions. */
  readonly units: bigint
}

/** Something that happened with a peer. */
export type ReputationEvent =
  | { readonly type: 'delivered'; readonly sample: WorkSample | null }
  /** A strike suspends; a failure that may be nobody's fault is only counted. */
  | { readonly type: 'failed'; readonly class: string; readonly isStrike: boolean }
  | { readonly type: 'answered'; readonly responseMs: number }

/** How fast what is known fades, and how long failures keep a peer out. */
export interface ReputationInit {
  /** Time after which a count is worth half. */
  readonly halfLifeMs: number
  /** First suspension; doubles with each strike in a row. */
  readonly suspendMs: number
}

const MAX_STRIKES = 6
/** Share of the newest sample in an average once there are many. */
const NEWEST = 0.2
/** Below so many segments, after fading, an average of work counts as forgotten. */
const LEAST_MEASURED = 0.25

/** A peer of whom nothing is known. */
export function unknownPeer(nowMs: number): ReputationState {
  return {
    atMs: nowMs,
    delivered: 0,
    failed: {},
    measured: 0,
    overheadMs: null,
    workMsPerMpx: null,
    responseMs: null,
    workedAtMs: 0,
    strikes: 0,
    suspendedUntilMs: 0,
  }
}

/** The state as it stands at a time: every count faded, averages nobody vouches for forgotten. */
export function fade(state: ReputationState, nowMs: number, halfLifeMs: number): ReputationState {
  const elapsedMs = nowMs - state.atMs
  if (elapsedMs <= 0) return state
  const factor = 2 ** (-elapsedMs / halfLifeMs)
  const failed: Record<string, number> = {}
  for (const [name, count] of Object.entries(state.failed)) {
    if (count * factor > 0.01) failed[name] = count * factor
  }
  const measured = state.measured * factor
  const isForgotten = measured < LEAST_MEASURED
  return {
    ...state,
    atMs: nowMs,
    delivered: state.delivered * factor,
    failed,
    measured: isForgotten ? 0 : measured,
    overheadMs: isForgotten ? null : state.overheadMs,
    workMsPerMpx: isForgotten ? null : state.workMsPerMpx,
    // A peer that is out does not get better by being out.
    strikes: state.strikes * 2 ** (-Math.max(0, nowMs - fadesFrom(state)) / halfLifeMs),
  }
}

function fadesFrom({ atMs, suspendedUntilMs }: ReputationState): number {
  return Math.max(atMs, suspendedUntilMs)
}

/** What is known after an event. Pure. */
export function stepReputation(
  before: ReputationState,
  event: ReputationEvent,
  nowMs: number,
  init: ReputationInit,
): ReputationState {
  const state = fade(before, nowMs, init.halfLifeMs)
  switch (event.type) {
    case 'answered':
      return { ...state, responseMs: average(state.responseMs, event.responseMs, NEWEST) }
    case 'delivered': {
      const delivered = state.delivered + 1
      const back = { strikes: 0, suspendedUntilMs: 0, workedAtMs: nowMs, delivered }
      return { ...state, ...back, ...(event.sample === null ? {} : measure(state, event.sample)) }
    }
    case 'failed': {
      const count = (state.failed[event.class] ?? 0) + 1
      const failed = { ...state.failed, [event.class]: count }
      // What was under way beside the first failure is no second one.
      if (!event.isStrike || state.suspendedUntilMs > nowMs) return { ...state, failed }
      const strikes = Math.min(Math.floor(state.strikes + 0.5) + 1, MAX_STRIKES)
      const suspendedUntilMs = nowMs + init.suspendMs * 2 ** (strikes - 1)
      return { ...state, failed, strikes, suspendedUntilMs }
    }
  }
}

function measure(
  state: ReputationState,
  { roundTripMs, workMs, units }: WorkSample,
): Partial<ReputationState> {
  const worked = Math.min(Math.max(workMs, 0), roundTripMs)
  const share = Math.max(NEWEST, 1 / (state.measured + 1))
  const megapixels = Number(units) / 1e6
  return {
    measured: state.measured + 1,
    overheadMs: average(state.overheadMs, roundTripMs - worked, share),
    workMsPerMpx:
      megapixels > 0 ? average(state.workMsPerMpx, worked / megapixels, share) : state.workMsPerMpx,
  }
}

function average(before: number | null, sample: number, share: number): number {
  return before === null ? sample : before + (sample - before) * share
}

/** Share of deliveries, 1 for someone unknown: nobody is held to have failed who did not. */
export function successRate({ delivered, failed }: ReputationState): number {
  let failures = 0
  for (const name in failed) failures += failed[name] ?? 0
  return (delivered + BENEFIT) / (delivered + failures + BENEFIT)
}

/** Deliveries that everyone is credited with. */
const BENEFIT = 2
