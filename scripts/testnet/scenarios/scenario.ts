import type { ContractAddresses } from '../../../src/chain/deploy.ts'
import type { Role } from '../../../src/node/config.ts'
import type { ReportInit } from '../report.ts'
import type { Snapshot } from '../statuses.ts'

/** What a scenario has to say of its run; amounts are decimal strings. */
export interface ScenarioReport {
  readonly reconciled: boolean
  readonly checks: readonly { what: string; left: string; right: string; holds: boolean }[]
}

/** How a testnet differs from the plain one, and when it is over. */
export interface Scenario {
  /** Its name on the command line, and of its section in the report. */
  readonly name: string
  /** What it adds to the config of a node. */
  configOf(role: Role, contracts: ContractAddresses): object
  /** Whether nothing of it is under way, once the streams have ended. */
  isSettled(snapshot: Snapshot): boolean
  report(init: ReportInit): Promise<ScenarioReport>
}
