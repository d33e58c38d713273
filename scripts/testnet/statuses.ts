import type { DecisionJson } from '../../src/cli/decisions.ts'
import type { Network } from './network.ts'
import type { PeerProcess } from './peer-process.ts'

/** The parts of a node's status that the testnet reads. Amounts are decimal strings of wei. */
export interface OrderJson {
  readonly orderId: string
  readonly provider: string
  readonly payer: string
  /** Wei per pixel, as a fraction. */
  readonly priceNum: string
  readonly priceDen: string
  readonly segments: number
  readonly creditedWei: string
  readonly debitedWei: string
}

/** A stream in a broadcaster's status. */
export interface StreamJson {
  readonly name: string
  readonly state: 'running' | 'ended' | 'failed'
  readonly error: string | null
  readonly provider: string | null
  readonly segments: {
    readonly sent: number
    readonly returned: number
    readonly failed: number
    readonly retried: number
  }
  readonly feesWei: string
  /** Spent beyond one good answer a segment. */
  readonly extra: { readonly hedges: number; readonly unused: number; readonly feesWei: string }
  readonly byProvider: Readonly<Record<string, number>>
  readonly sourceDurationMs: number
  readonly startedAtMs: number | null
  readonly endedAtMs: number | null
  readonly overheadMs: { readonly p50: number; readonly p99: number }
  readonly packaged: {
    readonly listed: number
    readonly skipped: number
    readonly renditions: readonly {
      name: string
      segments: number
      bytes: number
      durationMs: number
    }[]
  }
  readonly master: string
}

/** A broadcaster's status. */
export interface BroadcasterStatus {
  readonly peerId: string
  readonly peers: readonly PeerJson[]
  readonly broadcaster: {
    readonly streams: readonly StreamJson[]
    readonly decisions: readonly DecisionJson[]
    readonly orders: readonly OrderJson[]
    readonly tickets: {
      readonly tickets: number
      readonly evWei: string
      readonly faceValueWei: string
      readonly winProb: number
    }
  }
}

/** A peer in the directory. */
export interface PeerJson {
  readonly role: string
  readonly peerId: string
  readonly address: string
  readonly services: readonly string[]
  readonly regions: readonly string[]
  readonly addresses: readonly string[]
  readonly discoveredBy: string
}

/** How many winners are in each state, or their face value. */
export type ByState<T> = Readonly<
  Record<'waiting' | 'handed-over' | 'submitted' | 'redeemed' | 'failed' | 'expired', T>
>

/** A worker in an orchestrator's pool. What it earned is there for those at the end of a stream. */
export interface WorkerJson {
  readonly id: string
  readonly trust: 'own' | 'private' | 'public'
  readonly account: string | null
  readonly backend: string
  readonly slots: number
  readonly busy: number
  readonly jobs: number
  readonly failures: number
  readonly msPerMegapixel: number | null
  readonly segments?: string
  readonly checked?: string
  readonly earnedWei?: string
  readonly withheldWei?: string
  readonly paidWei?: string
}

/** An orchestrator's pool. */
export interface PoolJson {
  readonly local: boolean
  readonly remote: boolean
  readonly public: boolean
  readonly workers: number
  readonly slots: number
  readonly busy: number
  readonly waiting: number
  readonly isFull: boolean
  readonly members: readonly WorkerJson[]
  readonly ejected: readonly {
    readonly peerId: string
    readonly account: string | null
    readonly why: string
    readonly withheldWei: string
  }[]
  readonly totals: {
    readonly segments: string
    readonly pixels: string
    readonly earnedWei: string
    readonly withheldWei: string
    readonly paidWei: string
  }
}

/** A transcoder's status. */
export interface TranscoderStatus {
  readonly peerId: string
  readonly transcoder: {
    readonly orchestrator: string
    readonly state: 'joining' | 'joined' | 'refused' | 'stopping'
    readonly detail: string
    readonly joins: number
    readonly busy: number
    readonly jobs: Readonly<Record<string, number>>
    readonly transcoding: { readonly backend: string; readonly pids: readonly number[] }
    readonly account?: string
    readonly receivedWei?: string
    readonly winners?: { readonly count: ByState<number> }
  }
}

/** An orchestrator's status. */
export interface OrchestratorStatus {
  readonly peerId: string
  readonly orchestrator: {
    readonly openStreams: number
    readonly orders: readonly OrderJson[]
    readonly tickets: {
      readonly received: number
      readonly won: number
      readonly late: number
      readonly lateWon: number
    }
    readonly winners: {
      readonly count: ByState<number>
      readonly faceValue: ByState<string>
      readonly gasUsed: string
    }
    /** Its own processes; null where only transcoders work. */
    readonly transcoding: { readonly pids: readonly number[] } | null
    readonly pool: PoolJson
  }
}

/** A redeemer's status. */
export interface RedeemerStatus {
  readonly peerId: string
  readonly redeemer: {
    readonly winners: { readonly count: ByState<number>; readonly gasUsed: string }
    /** Outcomes that an orchestrator has not stored yet. */
    readonly outcomesOwed: number
  }
}

/** Everyone's status at one moment; the last known one of a peer that does not answer any more. */
export interface Snapshot {
  readonly broadcasters: readonly BroadcasterStatus[]
  readonly orchestrators: readonly OrchestratorStatus[]
  readonly redeemers: readonly RedeemerStatus[]
  readonly transcoders: readonly TranscoderStatus[]
  /** Whether a peer is gone, or came back and counts anew. */
  readonly isPartial: boolean
}

/** Asks all peers how they are. */
export async function takeSnapshot(network: Network, before: Snapshot | null): Promise<Snapshot> {
  const ask = async <T extends { peerId: string }>(
    peer: PeerProcess,
    known: readonly T[],
  ): Promise<T | undefined> =>
    (await peer.status<T>()) ?? known.find(({ peerId }) => peerId === peer.ready.peerId)
  const broadcasters = await Promise.all(
    network.broadcasters.map((peer) => ask(peer, before?.broadcasters ?? [])),
  )
  const orchestrators = await Promise.all(
    network.orchestrators.map((peer) => ask(peer, before?.orchestrators ?? [])),
  )
  const redeemers = await Promise.all(
    network.redeemers.map((peer) => ask(peer, before?.redeemers ?? [])),
  )
  const transcoders = await Promise.all(
    network.transcoders.map((peer) => ask(peer, before?.transcoders ?? [])),
  )
  return {
    transcoders: transcoders.filter((status) => status !== undefined),
    redeemers: redeemers.filter((status) => status !== undefined),
    broadcasters: broadcasters.filter((status) => status !== undefined),
    orchestrators: orchestrators.filter((status) => status !== undefined),
    isPartial: before?.isPartial === true || network.peers().some((peer) => !peer.isRunning()),
  }
}

/** All streams of a snapshot. */
export function streamsOf({ broadcasters }: Snapshot): StreamJson[] {
  return broadcasters.flatMap(({ broadcaster }) => broadcaster.streams)
}

/** Sums a number over things. */
export function sumOf<T>(things: readonly T[], pick: (thing: T) => number): number {
  return things.reduce((total, thing) => total + pick(thing), 0)
}

/** Sums an amount over things. */
export function sumWei<T>(things: readonly T[], pick: (thing: T) => string): bigint {
  return things.reduce((total, thing) => total + BigInt(pick(thing)), 0n)
}

/** Winners that still wait for the chain, of all orchestrators or of those that can redeem them. */
export function pendingWinners(
  { orchestrators }: Snapshot,
  isCounted: (peerId: string) => boolean = () => true,
): number {
  const counted = orchestrators.filter(({ peerId }) => isCounted(peerId))
  return sumOf(
    counted,
    ({ orchestrator: { winners } }) =>
      winners.count.waiting + winners.count['handed-over'] + winners.count.submitted,
  )
}
