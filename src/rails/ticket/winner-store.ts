import { bytesEqual, concatBytes, toHex } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { crc32c } from '../../lib/crypto/crc32c.ts'
import { MillraceError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { createSerial } from '../../lib/serial.ts'
import type { Wei } from '../../lib/wei.ts'
import { type Codec, versionedCodec } from '../../store/codec.ts'
import type { Store, Table, WriteOp } from '../../store/store.ts'
import { type SignedTicket, sessionIdOf, ticketHash } from './ticket.ts'

/**
 * Where a winner stands.
 *
 * - `waiting`: its params are not void yet, or it waits for its turn
 * - `submitted`: a redemption was decided; its transaction is durable under the ticket's hash
 * - `redeemed`: the chain paid it
 * - `failed`: the chain refuses it for good; `reason` says why
 * - `expired`: its round is over; nothing can be had for it any more
 */
export type WinnerState = 'waiting' | 'submitted' | 'redeemed' | 'failed' | 'expired'

/** A winning ticket and its way to the chain. */
export interface Winner {
  /** Order in which winners were won; a gap means that the disk lost one. */
  readonly sequence: number
  readonly ticket: SignedTicket
  readonly state: WinnerState
  readonly attempts: number
  /** Block before which it is not tried again. */
  readonly notBeforeBlock: bigint
  readonly transactionHash?: string
  readonly gasUsed?: bigint
  readonly reason?: string
}

/** Totals over all winners. */
export interface WinnerTotals {
  readonly count: Readonly<Record<WinnerState, number>>
  readonly faceValue: Readonly<Record<WinnerState, Wei>>
  readonly gasUsed: bigint
}

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
  updated(winner: Winner): void
  /** Winners that are neither paid nor given up, earliest expiration first. */
  pending(): readonly Winner[]
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

const STATES = ['waiting', 'submitted', 'redeemed', 'failed', 'expired'] as const

/** The store's name of a winner: ordered by the block its params expire at. */
export function winnerKey(ticket: SignedTicket): string {
  const block = ticket.paramsExpirationBlock.toString(16).padStart(16, '0')
  return `${block}-${toHex(ticketHash(ticket)).slice(2)}`
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
  const winners = new DurableWinners(store, init)
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
  readonly #table: Table<Winner>
  readonly #removals: Table<Removals>
  readonly #pending = new Map<string, Winner>()
  readonly #ofSender = new Map<Address, Pending>()
  readonly #totals = emptyTotals()
  /** Numbers given to winners that are not on disk yet. */
  readonly #sequences = new Map<string, number>()
  readonly #listeners = new Set<(sender: Address) => void>()
  /** Looking and writing in turn, so that what is known already stays as it is. */
  readonly #changing = createSerial()
  #nextSequence = 0
  #removed = 0

  constructor(store: Store, init: WinnerStoreInit) {
    this.#store = store
    this.#init = init
    this.#table = store.table('winners', winnerCodec)
    this.#removals = store.table('winner-removals', removalsCodec)
  }

  async load(logger: Logger): Promise<void> {
    const removals = await this.#removals.get(REMOVALS_KEY)
    this.#removed = removals?.removed ?? 0
    this.#nextSequence = removals?.nextSequence ?? 0
    let found = this.#removed
    for await (const [key, winner] of this.#table.entries()) {
      found += 1
      this.#nextSequence = Math.max(this.#nextSequence, winner.sequence + 1)
      this.#replace(key, undefined, winner)
    }
    const expected = this.#nextSequence
    if (found !== expected) logger.error({ expected, found }, 'winning tickets are missing on disk')
  }

  addOp(ticket: SignedTicket): WriteOp {
    const key = winnerKey(ticket)
    return this.#table.putOp(key, this.#fresh(ticket, key))
  }

  added(ticket: SignedTicket): void {
    const key = winnerKey(ticket)
    const winner = this.#fresh(ticket, key)
    this.#sequences.delete(key)
    this.#replace(key, undefined, winner)
  }

  updateOp(winner: Winner): WriteOp {
    return this.#table.putOp(winnerKey(winner.ticket), winner)
  }

  updated(winner: Winner): void {
    const key = winnerKey(winner.ticket)
    this.#replace(key, this.#pending.get(key), winner)
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
      const winner = this.#pending.get(key) ?? (await this.#table.get(key))
      if (winner === undefined || winner.state === 'redeemed') return
      const redeemed: Winner = { ...winner, state: 'redeemed', transactionHash }
      await this.#store.batch([this.updateOp(redeemed)], { sync: true })
      this.#replace(key, winner, redeemed)
    })
  }

  async removeWinningTicket(ticket: SignedTicket): Promise<void> {
    await this.#changing(async () => {
      const key = winnerKey(ticket)
      const winner = this.#pending.get(key) ?? (await this.#table.get(key))
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
    const sender = (after ?? before)?.ticket.sender
    if (sender === undefined) return
    for (const listener of this.#listeners) listener(sender)
  }

  #count(winner: Winner, sign: 1 | -1): void {
    count(this.#totals, winner, sign)
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

/** Whether a winner still wants something of the chain. */
export function isPending(winner: Winner): boolean {
  return winner.state === 'waiting' || winner.state === 'submitted'
}

interface MutableTotals {
  count: Record<WinnerState, number>
  faceValue: Record<WinnerState, Wei>
  gasUsed: bigint
}

function emptyTotals(): MutableTotals {
  const of = <T>(zero: T): Record<WinnerState, T> =>
    Object.fromEntries(STATES.map((state) => [state, zero])) as Record<WinnerState, T>
  return { count: of(0), faceValue: of(0n), gasUsed: 0n }
}

function count(totals: MutableTotals, winner: Winner, sign: 1 | -1): void {
  totals.count[winner.state] += sign
  totals.faceValue[winner.state] += BigInt(sign) * winner.ticket.faceValue
  totals.gasUsed += BigInt(sign) * (winner.gasUsed ?? 0n)
}

const bodyCodec = versionedCodec<Winner>({
  name: 'winning ticket',
  version: 1,
  parse(value) {
    const winner = value as Winner
    if (!STATES.includes(winner.state)) throw new TypeError(`winner state ${String(winner.state)}`)
    const { ticket } = winner
    return {
      ...winner,
      notBeforeBlock: BigInt(winner.notBeforeBlock),
      ...(winner.gasUsed === undefined ? {} : { gasUsed: BigInt(winner.gasUsed) }),
      ticket: {
        ...ticket,
        faceValue: BigInt(ticket.faceValue),
        winProb: BigInt(ticket.winProb),
        creationRound: BigInt(ticket.creationRound),
        paramsExpirationBlock: BigInt(ticket.paramsExpirationBlock),
      },
    }
  },
})

/** The body followed by its checksum: LevelDB alone loses or garbles records without a word. */
const winnerCodec: Codec<Winner> = {
  encode(winner) {
    const body = bodyCodec.encode(winner)
    return concatBytes(body, crc32c(body))
  },
  decode(bytes) {
    const body = bytes.subarray(0, -4)
    if (!bytesEqual(crc32c(body), bytes.subarray(-4))) {
      throw new MillraceError('WINNER_DAMAGED', 'a stored winning ticket is damaged', {
        hint: 'Copy the data directory before anything else; the disk may be failing',
      })
    }
    return bodyCodec.decode(body)
  },
}
