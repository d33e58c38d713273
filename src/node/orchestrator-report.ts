import { SHARE_PARTS, type Term } from '../chain/delegation.ts'
import type { OwnProfile } from '../chain/profile.ts'
import type { UncollectedFees } from '../chain/ticket-broker.ts'
import type { Address } from '../lib/crypto/address.ts'

/** Rounds over which the fee ratio is reckoned, at least, if there were as many. */
export const FEE_RATIO_ROUNDS = 10n

const TOKEN = 10n ** 18n
/** Stake up to this is what rounding left; the contract divides nothing among it. */
const DUST = 1_000_000_000n

/** One run of rounds with the same stake and shares, with what it passed on. */
export interface TermReport {
  readonly startRound: bigint
  /** The round in which the next one starts, or the round after the present one. */
  readonly endRound: bigint
  readonly stake: bigint
  readonly rewardCut: bigint
  readonly feeShare: bigint
  /** Fees passed on of its tickets, those included that wait to be divided. In wei. */
  readonly sharedFees: bigint
}

/** What one who delegates wants to know of an orchestrator. Tokens in 10^-18, fees in wei. */
export interface OrchestratorReport {
  readonly orchestrator: Address
  readonly registered: boolean
  readonly active: boolean
  /** All that is bonded to it, as it counts from the next round on. */
  readonly stake: bigint
  /** The part of it that is the orchestrator's own. */
  readonly ownStake: bigint
  /** Shares of this round, per million. */
  readonly rewardCut: bigint
  readonly feeShare: bigint
  /** Shares of the next round, when they are others. */
  readonly nextShares: { readonly rewardCut: bigint; readonly feeShare: bigint } | null
  /** Wei of fees passed on to a whole token bonded, in a round, by the newest {@link FEE_RATIO_ROUNDS}. */
  readonly feeRatio: bigint
  /** What it could mint now and has not, in this round. */
  readonly pendingReward: bigint
  readonly lastRewardRound: bigint
  /** What it can withdraw in fees itself. */
  readonly pendingFees: bigint
  /** Fees of redeemed tickets that nobody has divided yet; they are in the figures above. */
  readonly undividedFees: bigint
  /** Oldest first. */
  readonly history: readonly TermReport[]
}

/** Reads an orchestrator's figures from the chain. */
export async function reportOrchestrator(
  { bonding, broker, rounds }: OwnProfile,
  orchestrator: Address,
): Promise<OrchestratorReport> {
  const round = await rounds.currentRound()
  const [terms, uncollected, now, next, own, activity, ...rest] = await Promise.all([
    bonding.terms(orchestrator),
    broker.uncollectedFees(orchestrator),
    bonding.sharesAt(orchestrator, round),
    bonding.sharesAt(orchestrator, round + 1n),
    bonding.delegator(orchestrator),
    bonding.activity(orchestrator),
    bonding.isRegisteredTranscoder(orchestrator),
    bonding.isActiveTranscoder(orchestrator),
    bonding.transcoderTotalStake(orchestrator),
    bonding.pendingReward(orchestrator),
  ])
  const [registered, active, stake, pendingReward] = rest
  const history = termReports(terms, uncollected, round)
  const changes = now.rewardCut !== next.rewardCut || now.feeShare !== next.feeShare
  return {
    orchestrator,
    registered,
    active,
    stake,
    ownStake: registered ? own.stake : 0n,
    ...now,
    nextShares: changes ? next : null,
    feeRatio: feeRatioOf(history, round),
    pendingReward,
    lastRewardRound: activity.lastRewardRound,
    pendingFees: own.fees,
    undividedFees: uncollected.newest + uncollected.before + uncollected.earlier,
    history,
  }
}

/**
 * The terms with their ends, and the fees that wait in the broker where the contract will put them: the
 * newest sum belongs to the newest term, the next to the one before, the oldest to the round before that.
 */
export function termReports(
  terms: readonly Term[],
  { newest, before, earlier }: UncollectedFees,
  round: bigint,
): readonly TermReport[] {
  const waiting = new Map<number, bigint>()
  const last = terms.length - 1
  const isShort = last > 1 && startOf(terms, last - 1) + 1n === startOf(terms, last)
  const add = (index: number, amount: bigint): void => {
    waiting.set(index, (waiting.get(index) ?? 0n) + amount)
  }
  add(last, newest)
  add(last - 1, before)
  add(isShort ? last - 2 : last - 1, earlier)
  const reports = terms.map((term, index) => {
    const amount = waiting.get(index) ?? 0n
    const divided = term.stake > DUST ? (amount * term.feeShare) / SHARE_PARTS : 0n
    const end = index === last ? round + 1n : startOf(terms, index + 1)
    return {
      startRound: term.startRound,
      endRound: end > term.startRound ? end : term.startRound + 1n,
      stake: term.stake,
      rewardCut: term.rewardCut,
      feeShare: term.feeShare,
      sharedFees: term.sharedFees + divided,
    }
  })
  // The first one stands for the time before the orchestrator was there.
  return reports.filter(({ startRound }) => startRound > 0n)
}

/** Wei passed on to a whole token in a round, on the average of the newest rounds. */
export function feeRatioOf(history: readonly TermReport[], round: bigint): bigint {
  let rounds = 0n
  let perToken = 0n
  for (const term of [...history].reverse()) {
    if (term.startRound > round) continue
    if (rounds >= FEE_RATIO_ROUNDS) break
    rounds += term.endRound - term.startRound
    if (term.stake > 0n) perToken += (term.sharedFees * TOKEN) / term.stake
  }
  return rounds === 0n ? 0n : perToken / rounds
}

function startOf(terms: readonly Term[], index: number): bigint {
  return (terms[index] as Term).startRound
}
