import type { ContractAddresses } from '../../../src/chain/deploy.ts'
import type { Role } from '../../../src/node/config.ts'
import type { TestnetChain } from '../chain-setup.ts'
import type { Network, NodeChanges } from '../network.ts'
import type { TestnetOptions } from '../options.ts'
import type { PeerProcess } from '../peer-process.ts'
import type { Report, ReportInit } from '../report.ts'
import type { Snapshot, StreamJson } from '../statuses.ts'

/** A statement about a run, and whether it is true of it. */
export interface Verdict {
  readonly what: string
  readonly holds: boolean
  /** The numbers that decided. */
  readonly detail: string
}

/** What a scenario may look at and do while the network runs. */
export interface Stage {
  readonly chain: TestnetChain
  readonly network: Network
  readonly signal: AbortSignal
  tell(text: string): void
  /** Waits for a state of the network; gives up with the run. */
  when(isSo: (snapshot: Snapshot) => boolean): Promise<Snapshot>
}

/** What a scenario judges by. */
export interface Ending {
  readonly report: Report
  readonly snapshot: Snapshot
  readonly network: Network
  readonly chain: TestnetChain
}

/** Money of a scenario's own, from both sides and from the chain; amounts are decimal strings. */
export interface ScenarioReport {
  readonly reconciled: boolean
  readonly checks: readonly { what: string; left: string; right: string; holds: boolean }[]
}

/** What a scenario can add to a network once its streams have ended. */
export interface Backstage {
  readonly directory: string
  readonly input: string
  readonly signal: AbortSignal
  /** The first account that no peer of the network has. */
  readonly firstAccount: number
  onStep(text: string): void
  /** Starts a node more; it is stopped with the network. */
  start(role: Role, index: number, account: number, own: object): Promise<PeerProcess>
}

/** A story that the testnet plays: how its network differs, what happens to it, how it must end. */
export interface Scenario {
  /** For the help, in one line. */
  readonly about: string
  /** Options it sets, unless the command line does. */
  readonly options?: Partial<TestnetOptions>
  readonly changes?: (role: Role, index: number) => NodeChanges
  /** Laid over the whole config of every node. */
  config?(role: Role, contracts: ContractAddresses): object
  /** Accounts it needs beyond those of the network's peers. */
  readonly accounts?: number
  /** Whether nothing of it is under way, once the streams have ended. */
  isSettled?(snapshot: Snapshot): boolean
  /** What happens; whatever it gives back is judged with the rest. */
  play?(stage: Stage): Promise<readonly Verdict[]>
  verdicts(ending: Ending): readonly Verdict[]
  /** A section of the report under the scenario's name. */
  section?(init: ReportInit, backstage: Backstage): Promise<ScenarioReport>
}

/** A verdict, in one line. */
export function verdict(what: string, holds: boolean, detail: string | number | bigint): Verdict {
  return { what, holds, detail: String(detail) }
}

/** What every scenario must keep: each segment came back, and every playlist is whole. */
export function nothingMissing({ report, snapshot }: Ending): readonly Verdict[] {
  const { sent, returned, failed } = report.segments
  const skipped = snapshot.broadcasters.flatMap(({ broadcaster }) =>
    broadcaster.streams.map(({ packaged }) => packaged.skipped),
  )
  return [
    verdict(
      'every segment came back',
      sent > 0 && returned === sent && failed === 0,
      `${returned} of ${sent}`,
    ),
    verdict(
      'no playlist has a gap',
      skipped.every((n) => n === 0),
      `${skipped.join(', ')} skipped`,
    ),
    verdict(
      'the money reconciles',
      report.settlement.reconciled,
      `${report.settlement.checks.length} checks`,
    ),
  ]
}

/** The first stream of a snapshot. */
export function firstStream({ broadcasters }: Snapshot): StreamJson | undefined {
  return broadcasters[0]?.broadcaster.streams[0]
}

/** Whether the first stream has come so far, and somebody works on it at this moment. */
export function isUnderWay(snapshot: Snapshot, returned: number): boolean {
  const stream = firstStream(snapshot)
  if (stream === undefined) return false
  const { segments, provider } = stream
  return segments.returned >= returned && segments.sent > segments.returned && provider !== null
}

/** Whether all streams are over. */
export function isOver({ broadcasters }: Snapshot): boolean {
  const streams = broadcasters.flatMap(({ broadcaster }) => broadcaster.streams)
  return streams.length > 0 && streams.every(({ state }) => state !== 'running')
}

/** Who works on the first stream. */
export function workerOf({ network }: Pick<Stage, 'network'>, snapshot: Snapshot): PeerProcess {
  const provider = firstStream(snapshot)?.provider
  const worker = network.orchestrators.find(({ ready }) => ready.peerId === provider)
  if (worker === undefined) throw new Error(`${provider} is none of the orchestrators`)
  return worker
}

/** Segments of all streams by the name of who worked them. */
export function sharesOf({ network, snapshot }: Ending): ReadonlyMap<string, number> {
  const shares = new Map<string, number>(network.orchestrators.map(({ name }) => [name, 0]))
  const names = new Map(network.orchestrators.map(({ name, ready }) => [ready.peerId, name]))
  for (const { broadcaster } of snapshot.broadcasters) {
    for (const { byProvider } of broadcaster.streams) {
      for (const [peerId, n] of Object.entries(byProvider)) {
        const name = names.get(peerId) ?? peerId
        shares.set(name, (shares.get(name) ?? 0) + n)
      }
    }
  }
  return shares
}

/** Shares in words. */
export function inWords(shares: ReadonlyMap<string, number>): string {
  return [...shares].map(([name, n]) => `${name} ${n}`).join(', ')
}

/** How many transactions an account has sent. */
export async function transactionsOf(
  { chain }: Pick<Stage, 'chain'>,
  peer: PeerProcess,
): Promise<number> {
  return Number(await chain.rpc('eth_getTransactionCount', [peer.ready.address, 'pending']))
}
