import { bytesEqual, concatBytes, toHex } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { crc32c } from '../../lib/crypto/crc32c.ts'
import { MillraceError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Wei } from '../../lib/wei.ts'
import { type Codec, versionedCodec } from '../../store/codec.ts'
import type { Store, WriteOp } from '../../store/store.ts'
import { type SignedTicket, ticketHash } from './ticket.ts'

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

/** The durable list of winners. */
export interface WinnerStore {
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
  all(): AsyncIterable<Winner>
  totals(): WinnerTotals
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
export async function openWinnerStore(store: Store, logger: Logger): Promise<WinnerStore> {
  const table = store.table('winners', winnerCodec)
  const pending = new Map<string, Winner>()
  const totals = emptyTotals()
  let nextSequence = 0
  let loaded = 0
  for await (const [key, winner] of table.entries()) {
    loaded += 1
    nextSequence = Math.max(nextSequence, winner.sequence + 1)
    count(totals, winner, 1)
    if (isPending(winner)) pending.set(key, winner)
  }
  if (loaded !== nextSequence) {
    logger.error({ expected: nextSequence, found: loaded }, 'winning tickets are missing on disk')
  }
  const sequences = new Map<string, number>()
  const ofSender = (sender: Address): Winner[] =>
    [...pending.values()].filter((winner) => winner.ticket.sender === sender)

  const fresh = (ticket: SignedTicket, key: string): Winner => {
    let sequence = sequences.get(key)
    if (sequence === undefined) {
      sequence = nextSequence
      nextSequence += 1
      sequences.set(key, sequence)
    }
    return { sequence, ticket, state: 'waiting', attempts: 0, notBeforeBlock: 0n }
  }
  return {
    addOp(ticket) {
      const key = winnerKey(ticket)
      return table.putOp(key, fresh(ticket, key))
    },
    added(ticket) {
      const key = winnerKey(ticket)
      const winner = fresh(ticket, key)
      sequences.delete(key)
      pending.set(key, winner)
      count(totals, winner, 1)
    },
    updateOp: (winner) => table.putOp(winnerKey(winner.ticket), winner),
    updated(winner) {
      const key = winnerKey(winner.ticket)
      const before = pending.get(key)
      if (before !== undefined) count(totals, before, -1)
      count(totals, winner, 1)
      if (isPending(winner)) pending.set(key, winner)
      else pending.delete(key)
    },
    pending: () =>
      [...pending.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, winner]) => winner),
    pendingValueOf: (sender) =>
      ofSender(sender).reduce((sum, { ticket }) => sum + ticket.faceValue, 0n),
    pendingCountOf: (sender) => ofSender(sender).length,
    async *all() {
      for await (const [, winner] of table.entries()) yield winner
    },
    totals: () => structuredClone(totals),
  }
}

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
