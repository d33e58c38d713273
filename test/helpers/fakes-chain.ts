import { toHex, u256 } from '../../src/lib/bytes.ts'
import type { Address } from '../../src/lib/crypto/address.ts'
import { keccak256 } from '../../src/lib/crypto/keccak.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import type { Wei } from '../../src/lib/wei.ts'
import type {
  GasPriceMonitor,
  RedeemReceipt,
  RedemptionBroker,
  SenderInfo,
  SenderManager,
  TimeManager,
} from '../../src/rails/ticket/ports.ts'
import { type SignedTicket, ticketHash } from '../../src/rails/ticket/ticket.ts'

const ETHER = 10n ** 18n

/** A chain view whose every value a test can set. */
export interface FakeChain extends TimeManager, SenderManager, GasPriceMonitor {
  block: bigint
  round: bigint
  blockHash: Uint8Array
  previousBlockHash: Uint8Array
  pool: bigint
  elapsed: number | null
  gasPriceWei: Wei
  /** Funds of everybody not listed in `senders`. */
  funds: SenderInfo
  readonly senders: Map<Address, SenderInfo>
  claimed: Wei
  /** Moves to a block and tells the listeners. */
  mine(block: bigint): void
  /** Moves to a round and tells the listeners. */
  initializeRound(round: bigint): void
  /** Gives a sender other funds and tells the listeners. */
  fund(sender: Address, funds: SenderInfo): void
}

/** The hash a fake chain gives a round. */
export function roundHash(round: bigint): Uint8Array {
  return keccak256(u256(round))
}

/** A chain in round 10 at block 1000, with everybody well funded. */
export function fakeChain(): FakeChain {
  const listeners = new Set<(block: bigint) => void>()
  const rounds = new Set<Parameters<TimeManager['onRound']>[0]>()
  const reserves = new Set<(sender: Address) => void>()
  const chain: FakeChain = {
    block: 1000n,
    round: 10n,
    blockHash: roundHash(10n),
    previousBlockHash: roundHash(9n),
    pool: 2n,
    elapsed: 0,
    gasPriceWei: 1_000_000_000n,
    funds: {
      deposit: 10n * ETHER,
      withdrawRound: 0n,
      reserve: { fundsRemaining: 10n * ETHER, claimedInCurrentRound: 0n },
    },
    senders: new Map(),
    claimed: 0n,
    lastSeenBlock: () => chain.block,
    lastInitializedRound: () => chain.round,
    lastInitializedBlockHash: () => chain.blockHash,
    preLastInitializedBlockHash: () => chain.previousBlockHash,
    poolSize: () => chain.pool,
    roundElapsed: () => chain.elapsed,
    onBlock(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onRound(listener) {
      rounds.add(listener)
      return () => rounds.delete(listener)
    },
    clear() {},
    subscribeReserveChange(listener) {
      reserves.add(listener)
      return () => reserves.delete(listener)
    },
    getSenderInfo: async (address) => chain.senders.get(address) ?? chain.funds,
    claimedReserve: async () => chain.claimed,
    gasPrice: () => chain.gasPriceWei,
    mine(block) {
      chain.block = block
      for (const listener of listeners) listener(block)
    },
    initializeRound(round) {
      chain.round = round
      for (const listener of rounds) listener({ number: round, blockHash: roundHash(round) })
    },
    fund(sender, funds) {
      chain.senders.set(sender, funds)
      for (const listener of reserves) listener(sender)
    },
  }
  return chain
}

/** What a scripted broker was asked. */
export interface BrokerCall {
  readonly name: 'isUsedTicket' | 'simulateRedeem' | 'redeem' | 'redeemBatch' | 'recheck'
  /** Hex of the ticket's hash; of a batch, of the first one's. */
  readonly ticket: string
  readonly id?: string
}

/** A broker that does as it is told for each ticket, by the hex of its hash. */
export interface FakeBroker extends RedemptionBroker {
  readonly calls: BrokerCall[]
  readonly used: Set<string>
  gas: bigint
  simulate: (ticket: SignedTicket) => Promise<Result<{ gas: bigint }, string>>
  send: (ticket: SignedTicket, id: string, signal?: AbortSignal) => Promise<RedeemReceipt>
  sendBatch: (
    tickets: readonly SignedTicket[],
    id: string,
    options: { readonly signal?: AbortSignal | undefined; readonly gas?: bigint },
  ) => Promise<RedeemReceipt>
  /** Says that the transaction of an id was reorganised away. */
  reorganise(id: string): void
}

/** A broker that pays every ticket once. */
export function fakeBroker(): FakeBroker {
  const nameOf = (ticket: SignedTicket): string => toHex(ticketHash(ticket))
  const listeners = new Set<(id: string) => void>()
  const broker: FakeBroker = {
    calls: [],
    used: new Set(),
    gas: 300_000n,
    simulate: async () => ok({ gas: broker.gas }),
    async send(ticket) {
      broker.used.add(nameOf(ticket))
      return { transactionHash: nameOf(ticket), status: 'success', gasUsed: broker.gas }
    },
    async sendBatch(tickets, id) {
      for (const ticket of tickets) broker.used.add(nameOf(ticket))
      const gasUsed = broker.gas * BigInt(tickets.length)
      return { transactionHash: id, status: 'success', gasUsed }
    },
    reorganise(id) {
      for (const listener of listeners) listener(id)
    },
    async isUsedTicket(hash) {
      broker.calls.push({ name: 'isUsedTicket', ticket: toHex(hash) })
      return broker.used.has(toHex(hash))
    },
    async simulateRedeem(ticket) {
      broker.calls.push({ name: 'simulateRedeem', ticket: nameOf(ticket) })
      return broker.simulate(ticket)
    },
    async redeem(ticket, { id, signal }) {
      broker.calls.push({ name: 'redeem', ticket: nameOf(ticket), id })
      return broker.send(ticket, id, signal)
    },
    async redeemBatch(tickets, { id, ...options }) {
      const [first] = tickets
      if (first === undefined) throw new Error('an empty batch')
      broker.calls.push({ name: 'redeemBatch', ticket: nameOf(first), id })
      return broker.sendBatch(tickets, id, options)
    },
    async recheck(id) {
      broker.calls.push({ name: 'recheck', ticket: '', id })
    },
    onReorganised(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  return broker
}
