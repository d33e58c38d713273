import { toHex } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { createSerial } from '../../lib/serial.ts'
import { versionedCodec } from '../../store/codec.ts'
import type { Store, WriteOp } from '../../store/store.ts'
import type { WinnerOutcome } from './redeem-wire.ts'
import type { SignedTicket } from './ticket.ts'
import { type Winner, type WinnerStore, winnerKey } from './winner-store.ts'

/** Winners that orchestrators have handed over, until each has stored what became of its own. */
export interface RedeemerClaims {
  /**
   * Puts winners and the claims to them on the disk, synced, in one batch; what is there already
   * stays as it is. All of them are durable when it resolves.
   */
  take(winners: readonly HandedOver[]): Promise<void>
  /** What became of a winner of this recipient. */
  outcomeOf(ticketHash: Uint8Array, recipient: Address): Promise<WinnerOutcome>
  /** Forgets the claims to winners whose outcome their recipient has stored. */
  release(ticketHashes: readonly Uint8Array[], recipient: Address): Promise<void>
  /** How many outcomes are still owed. */
  owed(): number
}

/** A winner with its ticket hash. */
export interface HandedOver {
  readonly hash: Uint8Array
  readonly ticket: SignedTicket
}

interface Claim {
  readonly recipient: Address
  /** The winner's name in the winner store. */
  readonly key: string
}

const codec = versionedCodec<Claim>({
  name: 'claim to a handed-over winner',
  version: 1,
  parse(value) {
    const { recipient, key } = value as Partial<Claim>
    if (typeof recipient === 'string' && typeof key === 'string') return { recipient, key }
    throw new TypeError('not a claim')
  },
})

/** Loads the claims of a redeemer's store. */
export async function openRedeemerClaims(
  store: Store,
  winners: WinnerStore,
): Promise<RedeemerClaims> {
  const table = store.table('redeemer-claims', codec)
  // Looking and writing in turn: the same winner may come twice at once.
  const inTurn = createSerial()
  let owed = 0
  for await (const _ of table.entries()) owed += 1

  const take = async (handedOver: readonly HandedOver[]): Promise<void> => {
    const ops: WriteOp[] = []
    const fresh = new Map<string, SignedTicket>()
    const claimed = new Set<string>()
    for (const { hash, ticket } of handedOver) {
      const name = toHex(hash)
      const key = winnerKey(ticket)
      if (claimed.has(name)) continue
      if ((await table.get(name)) === undefined) {
        ops.push(table.putOp(name, { recipient: ticket.recipient, key }))
        claimed.add(name)
      }
      if (!fresh.has(key) && (await winners.find(key)) === undefined) {
        ops.push(winners.addOp(ticket))
        fresh.set(key, ticket)
      }
    }
    await store.batch(ops, { sync: true })
    for (const ticket of fresh.values()) winners.added(ticket)
    owed += claimed.size
  }
  const release = async (hashes: readonly Uint8Array[], recipient: Address): Promise<void> => {
    const ops: WriteOp[] = []
    for (const name of new Set(hashes.map(toHex))) {
      const claim = await table.get(name)
      if (claim?.recipient !== recipient) continue
      const winner = await winners.find(claim.key)
      // A claim to what is still open stays: its outcome would have nobody to go to.
      if (winner === undefined || finalState(winner) !== null) ops.push(table.delOp(name))
    }
    await store.batch(ops)
    owed -= ops.length
  }
  return {
    take: (handedOver) => inTurn(() => take(handedOver)),
    release: (hashes, recipient) => inTurn(() => release(hashes, recipient)),
    owed: () => owed,
    async outcomeOf(ticketHash, recipient) {
      const claim = await table.get(toHex(ticketHash))
      const winner = claim?.recipient === recipient ? await winners.find(claim.key) : undefined
      return winner === undefined
        ? { ticketHash, state: 'not-held' }
        : { ticketHash, ...outcome(winner) }
    },
  }
}

/** What is told of a winner: final words only, so no payment that a reorganisation may still undo. */
function outcome(winner: Winner): Omit<WinnerOutcome, 'ticketHash'> {
  const { transactionHash, gasUsed, reason } = winner
  return {
    state: finalState(winner) ?? 'pending',
    ...(transactionHash === undefined ? {} : { transactionHash }),
    ...(gasUsed === undefined ? {} : { gasUsed }),
    ...(reason === undefined ? {} : { reason }),
  }
}

function finalState({ state, paidBlock }: Winner): 'redeemed' | 'failed' | 'expired' | null {
  if (state === 'redeemed') return paidBlock === undefined ? state : null
  return state === 'failed' || state === 'expired' ? state : null
}
