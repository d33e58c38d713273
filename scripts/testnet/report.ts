import type { BrokerEvent } from '../../src/chain/ticket-broker.ts'
import type { Address } from '../../src/lib/crypto/address.ts'
import { chainParameters, type TestnetChain } from './chain-setup.ts'
import type { Network } from './network.ts'
import { maxRssBytes } from './peer-process.ts'
import { type Books, type Check, type OrderBooks, reconcile } from './reconcile.ts'
import {
  type OrderJson,
  pendingWinners,
  type Snapshot,
  streamsOf,
  sumOf,
  sumWei,
} from './statuses.ts'

/** The run in numbers; amounts are decimal strings of wei. */
export interface Report {
  readonly segments: { sent: number; returned: number; failed: number; retried: number }
  readonly renditions: readonly {
    name: string
    segments: number
    bytes: number
    durationMs: number
  }[]
  readonly peers: readonly {
    role: string
    peerId: string
    address: string
    services: readonly string[]
    regions: readonly string[]
    /** `advert` for whoever was found by one; nobody is configured but the bootstrap address. */
    discoveredBy: string
    /** How the first advert came: `gossip` or `catch-up`. */
    via: string
  }[]
  readonly quotes: readonly {
    orchestrator: string
    pricePerUnitWei: string | null
    responseMs: number
    accepted: boolean
    why: string
  }[]
  /** Every choice of an orchestrator that the broadcasters remember, oldest first. */
  readonly decisions: readonly {
    stream: string
    reason: string
    chosen: string | null
    considered: readonly {
      orchestrator: string
      pricePerUnitWei: string | null
      latencyMs: number | null
      why: string
    }[]
  }[]
  /** What each stream needed beyond one good answer a segment. */
  readonly failovers: readonly {
    stream: string
    orchestrators: number
    retried: number
    failed: number
    hedges: number
    feesWei: string
    /** Paid for answers that were not needed. */
    extraFeesWei: string
  }[]
  readonly tickets: {
    sent: number
    received: number
    won: number
    redeemed: number
    expired: number
    faceValueWei: string
    winProb: number
    evSentWei: string
  }
  readonly settlement: {
    faceValueRedeemedWei: string
    brokerPaidWei: string
    gasUsed: string
    reconciled: boolean
    checks: readonly { what: string; left: string; right: string; holds: boolean }[]
  }
  /** Nodes that redeem for the orchestrators; none where each redeems its own winners. */
  readonly redeemers: readonly {
    peerId: string
    address: string
    redeemed: number
    gasUsed: string
    outcomesOwed: number
  }[]
  /** Who worked for each orchestrator: its own processes and transcoders. */
  readonly pool: readonly {
    orchestrator: string
    slots: number
    workers: readonly {
      id: string
      trust: string
      backend: string
      slots: number
      jobs: number
      failures: number
      msPerMegapixel: number | null
      earnedWei: string
    }[]
    ejected: readonly { peerId: string; why: string; withheldWei: string }[]
  }[]
  readonly playlists: { master: string; all: readonly string[] }
  readonly processes: readonly { role: string; pid: number; maxRssBytes: number }[]
  readonly timing: {
    wallMs: number
    perSegmentOverheadMsP50: number
    perSegmentOverheadMsP99: number
    realtimeFactor: number
  }
}

/** What a report is made from. */
export interface ReportInit {
  readonly chain: TestnetChain
  readonly network: Network
  readonly snapshot: Snapshot
  readonly wallMs: number
}

/** Reads both sides' books and the chain's, compares them, and puts the run into numbers. */
export async function makeReport(init: ReportInit): Promise<Report> {
  const { snapshot, network, chain } = init
  const { broadcasters, orchestrators } = snapshot
  const books = await readBooks(init)
  const checks = reconcile(books)
  const streams = streamsOf(snapshot)
  const masters = network.broadcasters.flatMap((peer) =>
    streams
      .filter(({ name }) => ownerOf(snapshot, name) === peer.ready.peerId)
      .map(({ master }) => peer.ready.http + master),
  )
  const tickets = broadcasters[0]?.broadcaster.tickets
  return {
    segments: {
      sent: sumOf(streams, ({ segments }) => segments.sent),
      returned: sumOf(streams, ({ segments }) => segments.returned),
      failed: sumOf(streams, ({ segments }) => segments.failed),
      retried: sumOf(streams, ({ segments }) => segments.retried),
    },
    renditions: renditionsOf(snapshot),
    peers: peersOf(init),
    quotes: broadcasters.flatMap(({ broadcaster }) =>
      broadcaster.decisions.flatMap(({ considered }) =>
        considered.map(({ address, pricePerUnit, responseMs, chosen, why }) => ({
          orchestrator: address,
          pricePerUnitWei: pricePerUnit,
          responseMs: Math.round(responseMs * 10) / 10,
          accepted: chosen,
          why,
        })),
      ),
    ),
    tickets: {
      sent: books.ticketsSent,
      received: books.ticketsReceived,
      won: books.winners.won,
      redeemed: books.winners.redeemed,
      expired: books.winners.expired,
      faceValueWei: tickets?.faceValueWei ?? '0',
      winProb: tickets?.winProb ?? 0,
      evSentWei: sumWei(broadcasters, ({ broadcaster }) => broadcaster.tickets.evWei).toString(),
    },
    settlement: {
      faceValueRedeemedWei: books.chain.redeemedFaceValueWei.toString(),
      brokerPaidWei: books.chain.feesWei.toString(),
      gasUsed: sumWei(orchestrators, ({ orchestrator }) => orchestrator.winners.gasUsed).toString(),
      reconciled: checks.every(({ holds }) => holds),
      checks: checks.map(asJson),
    },
    ...choicesOf(snapshot),
    redeemers: redeemersOf(init),
    pool: poolsOf(init),
    playlists: { master: masters[0] ?? '', all: masters },
    processes: processesOf(chain, network, snapshot),
    timing: timingOf(snapshot, init.wallMs),
  }
}

function choicesOf(snapshot: Snapshot): Pick<Report, 'decisions' | 'failovers'> {
  const decisions = snapshot.broadcasters.flatMap(({ broadcaster }) => broadcaster.decisions)
  return {
    decisions: decisions.map(({ stream, reason, considered }) => ({
      stream,
      reason,
      chosen: considered.find(({ chosen }) => chosen)?.address ?? null,
      considered: considered.map(({ address, pricePerUnit, latencyMs, why }) => ({
        ...{ orchestrator: address, pricePerUnitWei: pricePerUnit, why },
        latencyMs: latencyMs === null ? null : Math.round(latencyMs),
      })),
    })),
    failovers: streamsOf(snapshot).map(({ name, byProvider, segments, extra, feesWei }) => ({
      stream: name,
      orchestrators: Object.keys(byProvider).length,
      retried: segments.retried,
      failed: segments.failed,
      hedges: extra.hedges,
      feesWei,
      extraFeesWei: extra.feesWei,
    })),
  }
}

function asJson({ what, left, right, holds }: Check): {
  what: string
  left: string
  right: string
  holds: boolean
} {
  return { what, left: left.toString(), right: right.toString(), holds }
}

async function readBooks({ chain, network, snapshot }: ReportInit): Promise<Books> {
  const { broker, client } = chain
  const { broadcasters, orchestrators } = snapshot
  const toBlock = await client.blockNumber()
  const events = await broker.events({ fromBlock: 0n, toBlock })
  const redemptions = events.filter(isRedemption)
  const senders = network.broadcasters.map(({ ready }) => ready.address as Address)
  const recipients = network.orchestrators.map(({ ready }) => ready.address as Address)
  const infos = await Promise.all(senders.map((sender) => broker.senderInfo(sender)))
  const fees = await Promise.all(recipients.map((recipient) => broker.pendingFees(recipient)))
  const winners = orchestrators.map(({ orchestrator }) => orchestrator.winners)
  return {
    payerOrders: broadcasters.flatMap(({ broadcaster }) => broadcaster.orders.map(asBooks)),
    providerOrders: orchestrators.flatMap(({ orchestrator }) => orchestrator.orders.map(asBooks)),
    ticketsSent: sumOf(broadcasters, ({ broadcaster }) => broadcaster.tickets.tickets),
    ticketsReceived: sumOf(
      orchestrators,
      ({ orchestrator: { tickets } }) => tickets.received + tickets.late,
    ),
    winners: {
      won: sumOf(orchestrators, ({ orchestrator: { tickets } }) => tickets.won + tickets.lateWon),
      redeemed: sumOf(winners, ({ count }) => count.redeemed),
      expired: sumOf(winners, ({ count }) => count.expired),
      failed: sumOf(winners, ({ count }) => count.failed),
      pending: pendingWinners(snapshot),
    },
    redeemedFaceValueWei: sumWei(winners, ({ faceValue }) => faceValue.redeemed),
    chain: {
      redemptions: redemptions.length,
      redeemedFaceValueWei: redemptions.reduce((sum, { faceValue }) => sum + faceValue, 0n),
      fundedWei: BigInt(senders.length) * (chainParameters.deposit + chainParameters.reserve),
      remainingWei: infos.reduce(
        (sum, { deposit, reserve }) => sum + deposit + reserve.fundsRemaining,
        0n,
      ),
      feesWei: fees.reduce((sum, fee) => sum + fee, 0n),
      brokerBalanceWei: await client.balance(broker.address),
    },
    redeemedForOthers:
      snapshot.redeemers.length === 0
        ? null
        : sumOf(snapshot.redeemers, ({ redeemer }) => redeemer.winners.count.redeemed),
    isPartial: snapshot.isPartial,
  }
}

type Redemption = Extract<BrokerEvent, { readonly type: 'WinningTicketRedeemed' }>

function isRedemption(event: BrokerEvent): event is Redemption {
  return event.type === 'WinningTicketRedeemed'
}

function asBooks({ orderId, creditedWei, debitedWei, segments }: OrderJson): OrderBooks {
  return { orderId, creditedWei: BigInt(creditedWei), debitedWei: BigInt(debitedWei), segments }
}

function ownerOf({ broadcasters }: Snapshot, stream: string): string | undefined {
  return broadcasters.find(({ broadcaster }) =>
    broadcaster.streams.some(({ name }) => name === stream),
  )?.peerId
}

function renditionsOf(snapshot: Snapshot): Report['renditions'] {
  const byName = new Map<
    string,
    { name: string; segments: number; bytes: number; durationMs: number }
  >()
  for (const { packaged } of streamsOf(snapshot)) {
    for (const { name, segments, bytes, durationMs } of packaged.renditions) {
      const total = byName.get(name) ?? { name, segments: 0, bytes: 0, durationMs: 0 }
      byName.set(name, {
        name,
        segments: total.segments + segments,
        bytes: total.bytes + bytes,
        durationMs: Math.round(total.durationMs + durationMs),
      })
    }
  }
  return [...byName.values()]
}

/** The broadcasters, and every orchestrator as the first broadcaster's directory has it. */
function peersOf({ network, snapshot }: ReportInit): Report['peers'] {
  const found = snapshot.broadcasters[0]?.peers ?? []
  return [
    ...network.broadcasters.map(({ ready }) => ({
      role: 'broadcaster',
      peerId: ready.peerId,
      address: ready.address,
      services: [],
      regions: [],
      discoveredBy: 'self',
      via: 'self',
    })),
    ...found.map(({ role, peerId, address, services, regions, discoveredBy }) => ({
      role,
      peerId,
      address,
      services,
      regions,
      discoveredBy: 'advert',
      via: discoveredBy,
    })),
  ]
}

function redeemersOf({ network, snapshot }: ReportInit): Report['redeemers'] {
  return snapshot.redeemers.map(({ peerId, redeemer: { winners, outcomesOwed } }) => ({
    peerId,
    address: network.redeemers.find(({ ready }) => ready.peerId === peerId)?.ready.address ?? '',
    redeemed: winners.count.redeemed,
    gasUsed: winners.gasUsed,
    outcomesOwed,
  }))
}

function poolsOf({ snapshot }: ReportInit): Report['pool'] {
  return snapshot.orchestrators.map(({ peerId, orchestrator: { pool } }) => ({
    orchestrator: peerId,
    slots: pool.slots,
    workers: pool.members.map((worker) => {
      const { id, trust, backend, slots, jobs, failures, msPerMegapixel, earnedWei = '0' } = worker
      return { id, trust, backend, slots, jobs, failures, msPerMegapixel, earnedWei }
    }),
    ejected: pool.ejected.map(({ peerId: id, why, withheldWei }) => ({
      ...{ peerId: id, why, withheldWei },
    })),
  }))
}

function processesOf(
  chain: TestnetChain,
  network: Network,
  snapshot: Snapshot,
): Report['processes'] {
  const row = (role: string, pid: number) => ({ role, pid, maxRssBytes: maxRssBytes(pid) })
  const workers = [
    ...snapshot.orchestrators.map(({ orchestrator }) => orchestrator.transcoding),
    ...snapshot.transcoders.map(({ transcoder }) => transcoder.transcoding),
  ].flatMap((processes) => processes?.pids ?? [])
  return [
    row('testnet', process.pid),
    row('evm', chain.anvil.pid),
    ...network.peers().map(({ role, pid }) => row(role, pid)),
    ...workers.map((pid) => row('transcode-worker', pid)),
  ]
}

function timingOf(snapshot: Snapshot, wallMs: number): Report['timing'] {
  const streams = streamsOf(snapshot)
  const factors = streams.map(({ sourceDurationMs, startedAtMs, endedAtMs }) =>
    startedAtMs === null || endedAtMs === null
      ? 0
      : sourceDurationMs / Math.max(1, endedAtMs - startedAtMs),
  )
  const round = (value: number): number => Math.round(value * 100) / 100
  return {
    wallMs: Math.round(wallMs),
    perSegmentOverheadMsP50: round(Math.max(0, ...streams.map(({ overheadMs }) => overheadMs.p50))),
    perSegmentOverheadMsP99: round(Math.max(0, ...streams.map(({ overheadMs }) => overheadMs.p99))),
    realtimeFactor: factors.length === 0 ? 0 : round(Math.min(...factors)),
  }
}
