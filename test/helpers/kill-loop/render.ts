import type { Evidence, ProofFate } from './evidence.ts'
import type { KillLoopOutcome } from './run.ts'

const SHOWN_FAULTS = 20

/** What the loop came to, in lines; the last one says it all. */
export function renderOutcome(
  { verdict, evidence, directory }: KillLoopOutcome,
  kills: number,
): string[] {
  const { faults, payments, winners, lost, creditedTwice, noncesReused } = verdict
  const shown = faults.slice(0, SHOWN_FAULTS).map(({ code, detail }) => `${code}: ${detail}`)
  if (faults.length > shown.length) shown.push(`and ${faults.length - shown.length} faults more`)
  if (faults.length > 0) shown.push(`state and logs are kept in ${directory}`)
  return [
    ...particulars(evidence),
    ...shown,
    `${kills} kills, ${payments} payments, ${winners} winners: ${lost} lost, ${creditedTwice} credited twice, ${noncesReused} nonces reused`,
  ]
}

function particulars(evidence: Evidence): string[] {
  const { proofs, winners, openings, replays, handed, refusals, charges } = evidence
  const fated = (fate: ProofFate): number => proofs.filter((proof) => proof.fate === fate).length
  const count = (state: string): number => winners.filter((winner) => winner.state === state).length
  const orders = new Set(openings.map(({ orderId }) => orderId)).size
  const answered = charges.reduce((sum, { debited }) => sum + debited.size, 0)
  return [
    `${handed.size} segments, ${answered} results, ${refusals.length} handed over again`,
    `${orders} orders taken up ${openings.length} times, ${replays.length} old proofs presented again`,
    `${fated('acknowledged')} payments acknowledged, ${fated('refused')} refused, ${fated('lost')} lost out of sight`,
    `${count('redeemed')} winners redeemed, ${count('expired')} expired, ${evidence.chain.redemptions.length} redemptions on chain`,
  ]
}
