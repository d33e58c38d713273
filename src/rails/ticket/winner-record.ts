import { bytesEqual, concatBytes, toHex } from '../../lib/bytes.ts'
import { crc32c } from '../../lib/crypto/crc32c.ts'
import { MillraceError } from '../../lib/errors.ts'
import { type Codec, versionedCodec } from '../../store/codec.ts'
import { type SignedTicket, ticketHash } from './ticket.ts'

/** All states of a winner, in the order of its way. */
export const WINNER_STATES = [
  'waiting',
  'handed-over',
  'submitted',
  'redeemed',
  'failed',
  'expired',
] as const

/**
 * Where a winner stands.
 *
 * - `waiting`: its params are not void yet, or it waits for its turn
 * - `handed-over`: a redeemer has it on its disk too and redeems it; its outcome is not known yet
 * - `submitted`: a redemption was decided; `transactionId` names the transaction, which is durable
 * - `redeemed`: the chain paid it; while `paidBlock` is there a reorganisation may undo it
 * - `failed`: the chain refuses it for good; `reason` says why
 * - `expired`: its round is over; nothing can be had for it any more
 */
export type WinnerState = (typeof WINNER_STATES)[number]

/** A winning ticket and its way to the chain. */
export interface Winner {
  /** Order in which winners were won; a gap means that the disk lost one. */
  readonly sequence: number
  readonly ticket: SignedTicket
  readonly state: WinnerState
  readonly attempts: number
  /** Block before which it is not tried again. */
  readonly notBeforeBlock: bigint
  /** The transaction that was decided last; winners with the same one are redeemed together. */
  readonly transactionId?: string
  /** Among how many winners that transaction is shared. Default 1. */
  readonly shares?: number
  readonly transactionHash?: string
  /** Its share of the gas of the transaction that paid it. */
  readonly gasUsed?: bigint
  /** Its share of the gas of transactions that did not pay it. */
  readonly lostGas?: bigint
  /** What its redemption alone would use, as it was simulated last. */
  readonly gasEstimate?: bigint
  /** The block at which the payment was seen; gone once it is too deep to vanish. */
  readonly paidBlock?: bigint
  /** Why the chain did not pay it the last time. */
  readonly reason?: string
}

/** The store's name of a winner: ordered by the block its params expire at. */
export function winnerKey(ticket: SignedTicket): string {
  const block = ticket.paramsExpirationBlock.toString(16).padStart(16, '0')
  return `${block}-${toHex(ticketHash(ticket)).slice(2)}`
}

/** Whether a winner still wants something of the chain. */
export function isPending(winner: Winner): boolean {
  const { state } = winner
  return state === 'waiting' || state === 'handed-over' || state === 'submitted'
}

/** The amounts that a winner may lack. */
const OPTIONAL_AMOUNTS = ['gasUsed', 'lostGas', 'gasEstimate', 'paidBlock'] as const

const bodyCodec = versionedCodec<Winner>({
  name: 'winning ticket',
  version: 1,
  parse(value) {
    const winner = value as Winner
    if (!WINNER_STATES.includes(winner.state))
      throw new TypeError(`winner state ${String(winner.state)}`)
    const { ticket } = winner
    const amounts: { -readonly [K in (typeof OPTIONAL_AMOUNTS)[number]]?: bigint } = {}
    for (const name of OPTIONAL_AMOUNTS) {
      const value = winner[name]
      if (value !== undefined) amounts[name] = BigInt(value)
    }
    return {
      ...winner,
      notBeforeBlock: BigInt(winner.notBeforeBlock),
      ...amounts,
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

/** The stored form of {@link Winner}: its body and a checksum, since LevelDB alone loses or garbles without a word. */
export const winnerCodec: Codec<Winner> = {
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
