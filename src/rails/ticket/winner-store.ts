import { toHex } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import type { Logger } from '../../lib/logger.ts'
import { createSerial } from '../../lib/serial.ts'
import type { Wei } from '../../lib/wei.ts'
import { versionedCodec } from '../../store/codec.ts'
import type { Store, Table, WriteOp } from '../../store/store.ts'
import type { Watermark } from '../../store/watermark.ts'
import { type SignedTicket, sessionIdOf } from './ticket.ts'
import { isPending, type Winner, winnerCodec, winnerKey } from './winner-record.ts'
import { countWinner, emptyTotals, type WinnerTotals } from './winner-totals.ts'

export { isPending, type Winner, type WinnerState, winnerKey } from './winner-record.ts'
export type { WinnerTotals } from './winner-totals.ts'

/**
 * Winning tickets as the pm documentation has them: stored, selected, settled, removed. What settles
 * or removes a winner is for those that no redemption works on at the moment.
 */
export interface TicketStore {
  /** The pending winner of a sender whose params are void first, if any. */
  selectEarliestWinningTicket(
    sender: Address,
    minCreationRound: bigint,
  ): Promise<SignedTicket | undefined>
  /** Forgets a winner, whatever became of it. */
  removeWinningTicket(ticket: SignedTicket): Promise<void>
  /** Durable when it resolves; a winner that is known already stays as it is. */
  storeWinningTicket(ticket: SignedTicket): Promise<void>
  /** Notes that a transaction redeemed a winner. */
  markWinningTicketRedeemed(ticket: SignedTicket, transactionHash: string): Promise<void>
  /** How many winners of a sender are pending. */
  winningTicketCount(sender: Address, minCreationRound: bigint): Promise<number>
  /** Whether an orchestrator is active in a round; true when nobody can tell. */
  isOrchActive(address: Address, round: bigint): Promise<boolean>
}

/** The durable list of winners. */
export interface WinnerStore extends TicketStore {
  /** The write that adds a winner; part of the batch that credits its payment. */
  addOp(ticket: SignedTicket): WriteOp
  /** To be called once the batch with that write is on disk. */
  added(ticket: SignedTicket): void
  updateOp(winner: Winner): WriteOp
  /**
   * To be called once the batch with that write is on disk.
   *
   * @param before what it was, when it was neither pending nor paid lately
   */
  updated(winner: Winner, before?: Winner): void
  /** The winner of a ticket's hash. */
  findByHash(hash: Uint8Array): Promise<Winner | undefined>
  /** The winner of a {@link winnerKey}, whatever its state. */
  find(key: string): Promise<Winner | undefined>
  /** Winners that are neither paid nor given up, earliest expiration first. */
  pending(): readonly Winner[]
  /** Paid winners whose payment may still be reorganised away. */
  unsettled(): readonly Winner[]
  /** Face value of all pending winners of a sender. */
  pendingValueOf(sender: Address): Wei
  pendingCountOf(sender: Address): number
  /** Calls back when what pends of a sender has changed; the function ends it. */
  onPendingChange(listener: (sender: Address) => void): () => void
  /**
   * Lets the pending winners of sessions have their turn at once, however long they were to wait.
   * Not durable. The number of winners.
   */
  hurry(sessionIds: ReadonlySet<string>): number
  all(): AsyncIterable<Winner>
  totals(): WinnerTotals
}

/** How a {@link WinnerStore} learns what is not in the store. */
export interface WinnerStoreInit {
  /** Whether an orchestrator is active; null when nobody can tell. */
  isActive?(address: Address, round: bigint): Promise<boolean | null>
}

/**
 * Loads all winners and checks that none is missing or damaged.
 *
 * @throws `WINNER_DAMAGED` when a stored winner fails its checksum
 */
export async function openWinnerStore(
  store: Store,
  logger: Logger,
  init: WinnerStoreInit = {},
): Promise<WinnerStore> {
  const winners = new DurableWinners(store, await store.watermark('winners'), init)
  await winners.load(logger)
  return winners
}

interface Pending {
  count: number
  value: Wei
}

class DurableWinners implements WinnerStore {
  readonly #store: Store
  readonly #init: WinnerStoreInit
  /** How many winners were ever on disk. */
  readonly #watermark: Watermark
  readonly #table: Table<Winner>
  readonly #removals: Table<Removals>
  readonly #pending = new Map<string, Winner>()
  readonly #unsettled = new Map<string, Winner>()
  readonly #ofSender = new Map<Address, Pending>()
  readonly #totals = emptyTotals()
  /** Numbers given to winners that are not on disk yet. */
  readonly #sequences = new Map<string, number>()
  readonly #listeners = new Set<(sender: Address) => void>()
  /** Looking and writing in turn, so that what is known already stays as it is. */
  readonly #changing = createSerial()
  #nextSequence = 0
  #removed = 0

  constructor(store: Store, watermark: Watermark, init: WinnerStoreInit) {
    this.#store = store
    this.#watermark = watermark
    this.#init = init
    this.#table = store.table('winners', winnerCodec)
    this.#removals = store.table('winner-removals', removalsCodec)
  }

  async load(logger: Logger): Promise<void> {
    const removals = await this.#removals.get(REMOVALS_KEY)
    this.#removed = removals?.removed ?? 0
    this.#nextSequence = Math.max(removals?.nextSequence ?? 0, this.#watermark.value())
    let found = this.#removed
    for await (const [key, winner] of this.#table.entries()) {
      found += 1
      this.#nextSequence = Math.max(this.#nextSequence, winner.sequence + 1)
      this.#replace(key, undefined, winner)
    }
    const expected = this.#nextSequence
    if (found !== expected) logger.error({ expected, found }, 'winning tickets are missing on disk')
    await this.#watermark.raise(expected)
  }

  addOp(ticket: SignedTicket): WriteOp {
    const key = winnerKey(ticket)
    return this.#table.putOp(key, this.#fresh(ticket, key))
  }

  added(ticket: SignedTicket): void {
    const key = winnerKey(ticket)
    const winner = this.#fresh(ticket, key)
    this.#sequences.delete(key)
    // The database is the record; without this mark only a loss of its newest winners stays unseen.
    this.#watermark.raise(winner.sequence + 1).catch(() => {})
    this.#replace(key, undefined, winner)
  }

  updateOp(winner: Winner): WriteOp {
    return this.#table.putOp(winnerKey(winner.ticket), winner)
  }

  updated(winner: Winner, before?: Winner): void {
    const key = winnerKey(winner.ticket)
    this.#replace(key, this.#known(key) ?? before, winner)
  }

  async findByHash(hash: Uint8Array): Promise<Winner | undefined> {
    const name = toHex(hash).slice(2)
    const known = [...this.#pending, ...this.#unsettled].find(([key]) => key.endsWith(name))
    if (known !== undefined) return known[1]
    for await (const [key, winner] of this.#table.entries()) if (key.endsWith(name)) return winner
    return undefined
  }

  unsettled(): readonly Winner[] {
    return [...this.#unsettled.values()]
  }

  async find(key: string): Promise<Winner | undefined> {
    return this.#pending.get(key) ?? (await this.#table.get(key))
  }

  pending(): readonly Winner[] {
    return [...this.#pending.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, winner]) => winner)
  }

  pendingValueOf(sender: Address): Wei {
    return this.#ofSender.get(sender)?.value ?? 0n
  }

  pendingCountOf(sender: Address): number {
    return this.#ofSender.get(sender)?.count ?? 0
  }

  onPendingChange(listener: (sender: Address) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  hurry(sessionIds: ReadonlySet<string>): number {
    let hurried = 0
    for (const [key, winner] of this.#pending) {
      if (!sessionIds.has(sessionIdOf(winner.ticket))) continue
      this.#pending.set(key, { ...winner, notBeforeBlock: 0n })
      hurried += 1
    }
    return hurried
  }

  async *all(): AsyncIterable<Winner> {
    for await (const [, winner] of this.#table.entries()) yield winner
  }

  totals(): WinnerTotals {
    return structuredClone(this.#totals)
  }

  async selectEarliestWinningTicket(
    sender: Address,
    minCreationRound: bigint,
  ): Promise<SignedTicket | undefined> {
    return this.#pendingOf(sender, minCreationRound)[0]?.ticket
  }

  async winningTicketCount(sender: Address, minCreationRound: bigint): Promise<number> {
    return this.#pendingOf(sender, minCreationRound).length
  }

  async storeWinningTicket(ticket: SignedTicket): Promise<void> {
    await this.#changing(async () => {
      if ((await this.#table.get(winnerKey(ticket))) !== undefined) return
      await this.#store.batch([this.addOp(ticket)], { sync: true })
      this.added(ticket)
    })
  }

  async markWinningTicketRedeemed(ticket: SignedTicket, transactionHash: string): Promise<void> {
    await this.#changing(async () => {
      const key = winnerKey(ticket)
      const winner = this.#known(key) ?? (await this.#table.get(key))
      if (winner === undefined || winner.state === 'redeemed') return
      const redeemed: Winner = { ...winner, state: 'redeemed', transactionHash }
      await this.#store.batch([this.updateOp(redeemed)], { sync: true })
      this.#replace(key, winner, redeemed)
    })
  }

  async removeWinningTicket(ticket: SignedTicket): Promise<void> {
    await this.#changing(async () => {
      const key = winnerKey(ticket)
      const winner = this.#known(key) ?? (await this.#table.get(key))
      if (winner === undefined) return
      const removals = { removed: this.#removed + 1, nextSequence: this.#nextSequence }
      await this.#store.batch(
        [this.#table.delOp(key), this.#removals.putOp(REMOVALS_KEY, removals)],
        { sync: true },
      )
      this.#removed += 1
      this.#replace(key, winner, undefined)
    })
  }

  async isOrchActive(address: Address, round: bigint): Promise<boolean> {
    return (await this.#init.isActive?.(address, round)) ?? true
  }

  #known(key: string): Winner | undefined {
    return this.#pending.get(key) ?? this.#unsettled.get(key)
  }

  #pendingOf(sender: Address, minCreationRound: bigint): readonly Winner[] {
    return this.pending().filter(
      ({ ticket }) => ticket.sender === sender && ticket.creationRound >= minCreationRound,
    )
  }

  #fresh(ticket: SignedTicket, key: string): Winner {
    let sequence = this.#sequences.get(key)
    if (sequence === undefined) {
      sequence = this.#nextSequence
      this.#nextSequence += 1
      this.#sequences.set(key, sequence)
    }
    return { sequence, ticket, state: 'waiting', attempts: 0, notBeforeBlock: 0n }
  }

  /** Puts one state of a winner in the place of another, in all that is kept in memory. */
  #replace(key: string, before: Winner | undefined, after: Winner | undefined): void {
    if (before !== undefined) this.#count(before, -1)
    if (after !== undefined) this.#count(after, 1)
    if (after !== undefined && isPending(after)) this.#pending.set(key, after)
    else this.#pending.delete(key)
    if (after?.paidBlock !== undefined) this.#unsettled.set(key, after)
    else this.#unsettled.delete(key)
    const sender = (after ?? before)?.ticket.sender
    if (sender === undefined) return
    for (const listener of this.#listeners) listener(sender)
  }

  #count(winner: Winner, sign: 1 | -1): void {
    countWinner(this.#totals, winner, sign)
    if (!isPending(winner)) return
    const { sender, faceValue } = winner.ticket
    const pending = this.#ofSender.get(sender) ?? { count: 0, value: 0n }
    pending.count += sign
    pending.value += BigInt(sign) * faceValue
    if (pending.count === 0) this.#ofSender.delete(sender)
    else this.#ofSender.set(sender, pending)
  }
}

/** What the numbers of the winners left do not show: how many were removed, and the next number. */
interface Removals {
  readonly removed: number
  readonly nextSequence: number
}

const REMOVALS_KEY = 'totals'

const removalsCodec = versionedCodec<Removals>({
  name: 'count of removed winners',
  version: 1,
  parse(value) {
    const { removed, nextSequence } = value as Partial<Removals>
    if (Number.isSafeInteger(removed) && Number.isSafeInteger(nextSequence))
      return value as Removals
    throw new TypeError('not a count of removed winners')
  },
})
