import { bytesEqual, concatBytes, fromHex, toHex, writeU256 } from '../../src/lib/bytes.ts'
import { eip191Digest, recoverSigner, type SignatureFault } from '../../src/lib/crypto/eip191.ts'
import { keccak256 } from '../../src/lib/crypto/keccak.ts'
import {
  drawOf,
  isWinningTicket,
  packTicket,
  recipientRandHash,
  type Ticket,
  ticketHash,
} from '../../src/rails/ticket/ticket.ts'
import type { TicketVector } from './conformance-file.ts'

/** What the node itself makes of a ticket, in the contract's words: null where nothing is wrong. */
export interface Verdicts {
  readonly rand: string | null
  readonly signature: string | null
  readonly win: string | null
}

const MISMATCH = 'recipientRand does not match recipientRandHash'
const LOST = 'ticket did not win'
const WRONG_SIGNER = 'invalid signature over ticket hash'
const NONCE_OFFSET = 104

const faultTexts: Readonly<Record<SignatureFault, string>> = {
  INVALID_LENGTH: 'INVALID_SIGNATURE_LENGTH',
  HIGH_S: "ECDSA: invalid signature 's' value",
  INVALID_V: "ECDSA: invalid signature 'v' value",
  UNRECOVERABLE: 'ECDSA: invalid signature',
}

/** The contract's checks in their order; those of one row exclude each other. */
const order: readonly (readonly string[])[] = [
  ['system is paused'],
  ['current round is not initialized'],
  ['ticket recipient is null address'],
  ['ticket sender is null address'],
  ['invalid length for ticket auxData: must be 64 bytes'],
  ['ticket creationRound does not have a block hash'],
  ['ticket creationRoundBlockHash invalid for creationRound'],
  ['ticket is expired'],
  [MISMATCH],
  ['ticket is used'],
  [...Object.values(faultTexts), WRONG_SIGNER],
  [LOST],
  ['sender is unlocked'],
  ['sender deposit and reserve are zero'],
]

/** Whether the contract refuses with this text before it looks at how much there is to pay. */
export function isCheckOfOrder(reason: string | null): boolean {
  return order.some((row) => row.includes(reason ?? ''))
}

/** The node's verdicts on a ticket. */
export function verdictsOf(vector: TicketVector): Verdicts {
  const { ticket } = vector
  const signature = fromHex(vector.signature)
  const rand = fromHex(vector.recipientRand)
  const matches = bytesEqual(recipientRandHash(rand), fromHex(ticket.recipientRandHash))
  const signer = recoverSigner(hashOf(vector), signature)
  const wins = isWinningTicket({ winProb: BigInt(ticket.winProb) }, signature, rand)
  const stranger = signer.ok && signer.value !== ticket.sender
  return {
    rand: matches ? null : MISMATCH,
    signature: stranger ? WRONG_SIGNER : signer.ok ? null : faultTexts[signer.error],
    win: wins ? null : LOST,
  }
}

/** What the node computes otherwise than the vector says; empty when they agree. */
export function findMismatches(vector: TicketVector): readonly string[] {
  const hash = hashOf(vector)
  const draw = drawOf(fromHex(vector.signature), fromHex(vector.recipientRand))
  const verdicts = verdictsOf(vector)
  const compared: readonly [key: string, computed: unknown, given: unknown][] = [
    ['ticketPacked', toHex(packedOf(vector)), vector.ticketPacked],
    ['ticketHash', toHex(hash), vector.ticketHash],
    ['signedDigest', toHex(eip191Digest(hash)), vector.signedDigest],
    ['winHash', toHex(draw), vector.winHash],
    ['wins', verdicts.win === null, vector.wins],
  ]
  const mismatches = compared
    .filter(([, computed, given]) => computed !== given)
    .map(([key, computed]) => `${key} is ${String(computed)}`)
  return [...mismatches, ...contradictions(vector, verdicts)]
}

/** A verdict contradicts a result that its check let through, or refused otherwise. */
function contradictions({ result }: TicketVector, verdicts: Verdicts): readonly string[] {
  const reason = result.revertReason ?? ''
  const at = result.accepted ? -1 : order.findIndex((row) => row.includes(reason))
  const reached = at === -1 ? order.length : at
  const rows: readonly [name: keyof Verdicts, sample: string][] = [
    ['rand', MISMATCH],
    ['signature', WRONG_SIGNER],
    ['win', LOST],
  ]
  return rows.flatMap(([name, sample]) => {
    const row = order.findIndex((texts) => texts.includes(sample))
    const verdict = verdicts[name]
    if (reached < row || verdict === (reached === row ? reason : null)) return []
    return [`the node's ${name} verdict is "${verdict ?? 'valid'}"`]
  })
}

/**
 * The packed bytes by the node's own function. What the node never makes, other aux data than a
 * round with its hash and numbers above its own nonces, is put in afterwards.
 */
function packedOf(vector: TicketVector): Uint8Array {
  const own = packTicket(nodeTicket(vector))
  if (isNodeForm(vector)) return own
  const bare = packTicket({ ...nodeTicket(vector), ...noExpiration })
  writeU256(bare, NONCE_OFFSET, BigInt(vector.ticket.senderNonce))
  return concatBytes(bare, fromHex(vector.ticket.auxData))
}

function hashOf(vector: TicketVector): Uint8Array {
  return isNodeForm(vector) ? ticketHash(nodeTicket(vector)) : keccak256(packedOf(vector))
}

const noExpiration = { creationRound: 0n, creationRoundBlockHash: new Uint8Array(32) }

function isNodeForm({ ticket }: TicketVector): boolean {
  const aux = fromHex(ticket.auxData)
  const isRound = aux.byteLength === 64 && aux.some((byte) => byte !== 0)
  return (isRound || aux.byteLength === 0) && BigInt(ticket.senderNonce) < 2n ** 32n
}

function nodeTicket({ ticket }: TicketVector): Ticket {
  const aux = fromHex(ticket.auxData)
  const nonce = BigInt(ticket.senderNonce)
  const expiration =
    aux.byteLength === 64
      ? {
          creationRound: BigInt(toHex(aux.subarray(0, 32))),
          creationRoundBlockHash: aux.subarray(32),
        }
      : noExpiration
  return {
    recipient: ticket.recipient,
    sender: ticket.sender,
    faceValue: BigInt(ticket.faceValue),
    winProb: BigInt(ticket.winProb),
    senderNonce: nonce < 2n ** 32n ? Number(nonce) : 0,
    recipientRandHash: fromHex(ticket.recipientRandHash),
    paramsExpirationBlock: 0n,
    ...expiration,
  }
}
