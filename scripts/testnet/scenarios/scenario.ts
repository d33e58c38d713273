import type { ContractAddresses } from '../../../src/chain/deploy.ts'
import type { Role } from '../../../src/node/config.ts'
import type { PeerProcess } from '../peer-process.ts'
import type { ReportInit } from '../report.ts'
import type { Snapshot } from '../statuses.ts'

/** What a scenario has to say of its run; amounts are decimal strings. */
export interface ScenarioReport {
  readonly reconciled: boolean
  readonly checks: readonly { what: string; left: string; right: string; holds: boolean }[]
}

/** What a scenario can add to a network once its streams have ended. */
export interface Stage {
  readonly directory: string
  readonly input: string
  readonly signal: AbortSignal
  /** The first account that no peer of the network has. */
  readonly firstAccount: number
  onStep(text: string): void
  /** Starts a node more; it is stopped with the network. */
  start(role: Role, index: number, account: number, own: object): Promise<PeerProcess>
}

/** How a testnet differs from the plain one, and when it is over. */
export interface Scenario {
  /** Its name on the command line, and of its section in the report. */
  readonly name: string
  /** What it adds to the config of a node. */
  configOf(role: Role, contracts: ContractAddresses): object
  /** Whether nothing of it is under way, once the streams have ended. */
  isSettled(snapshot: Snapshot): boolean
  /** Accounts it needs beyond those of the network's peers. */
  readonly accounts?: number
  report(init: ReportInit, stage: Stage): Promise<ScenarioReport>
}
