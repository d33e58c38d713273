import type { OwnProfile } from '../chain/profile.ts'
import type { Address } from '../lib/crypto/address.ts'
import { formatWei } from '../lib/wei.ts'
import { loadConfig } from '../node/load-config.ts'
import {
  FEE_RATIO_ROUNDS,
  type OrchestratorReport,
  reportOrchestrator,
} from '../node/orchestrator-report.ts'
import { delegationOf, openReadingSession } from '../node/wallet-session.ts'
import { formatShare, formatTable, formatTokens, roundFigure, toJson } from './figures.ts'
import { createLogger } from './logger.ts'

/** Prints what delegators want to know of the orchestrators in the pool, or of one. */
export async function delegators(
  orchestrator: Address | undefined,
  options: { readonly config: string; readonly json?: boolean },
): Promise<void> {
  const config = await loadConfig(options.config)
  const session = await openReadingSession({ logger: createLogger({ level: 'warn' }) }, config)
  try {
    const reports = await reportsOf(delegationOf(session.profile), orchestrator)
    if (options.json === true) process.stdout.write(toJson(reports))
    else if (orchestrator === undefined) process.stdout.write(formatOrchestrators(reports))
    else for (const report of reports) process.stdout.write(formatOrchestrator(report))
  } finally {
    session.close()
  }
}

async function reportsOf(
  profile: OwnProfile,
  orchestrator: Address | undefined,
): Promise<readonly OrchestratorReport[]> {
  if (orchestrator !== undefined) return [await reportOrchestrator(profile, orchestrator)]
  const reports: OrchestratorReport[] = []
  for (const member of await profile.bonding.transcoderPool()) {
    reports.push(await reportOrchestrator(profile, member))
  }
  return reports
}

const HEAD = ['orchestrator', 'stake', 'fee ratio', 'keeps', 'passes on', 'reward due', 'fees due']

/** All orchestrators, a line each. */
export function formatOrchestrators(reports: readonly OrchestratorReport[]): string {
  if (reports.length === 0) return 'no orchestrators\n'
  const rows = reports.map((report) => [
    report.orchestrator,
    roundFigure(formatTokens(report.stake)),
    roundFigure(formatWei(report.feeRatio)),
    formatShare(report.rewardCut),
    formatShare(report.feeShare),
    roundFigure(formatTokens(report.pendingReward)),
    roundFigure(formatWei(report.pendingFees)),
  ])
  return `${formatTable([HEAD, ...rows])}${explained}`
}

const explained = `
fee ratio: fees passed on to a whole work token in a round, over the newest ${FEE_RATIO_ROUNDS} rounds
keeps: of the inflation; passes on: of the fees; due: what it has earned and not taken
`

const HISTORY_HEAD = ['rounds', 'stake', 'keeps', 'passes on', 'fees passed on', 'to a token']

/** One orchestrator with its public history. */
export function formatOrchestrator(report: OrchestratorReport): string {
  const { nextShares, history } = report
  const rows = history.map((term) => [
    `${term.startRound} to ${term.endRound - 1n}`,
    roundFigure(formatTokens(term.stake)),
    formatShare(term.rewardCut),
    formatShare(term.feeShare),
    roundFigure(formatWei(term.sharedFees)),
    roundFigure(formatWei(term.stake === 0n ? 0n : (term.sharedFees * 10n ** 18n) / term.stake)),
  ])
  const state = report.registered ? (report.active ? 'active' : 'not active') : 'not registered'
  const lines = [
    `${report.orchestrator}, ${state}`,
    `stake        ${formatTokens(report.stake)} work tokens, ${formatTokens(report.ownStake)} its own`,
    `fee ratio    ${formatWei(report.feeRatio)} to a whole token in a round`,
    `shares       ${sharesIn(report)}`,
    ...(nextShares === null ? [] : [`next round   ${sharesIn(nextShares)}`]),
    `reward due   ${formatTokens(report.pendingReward)} work tokens; last taken in round ${report.lastRewardRound}`,
    `fees due     ${formatWei(report.pendingFees)} to itself; ${formatWei(report.undividedFees)} not divided yet`,
  ]
  return `${lines.join('\n')}\n\n${formatTable([HISTORY_HEAD, ...rows])}`
}

function sharesIn(shares: { readonly rewardCut: bigint; readonly feeShare: bigint }): string {
  const { rewardCut, feeShare } = shares
  return `keeps ${formatShare(rewardCut)} of the inflation, passes on ${formatShare(feeShare)} of the fees`
}
