import { bytesEqual, minimalUint, parseHex, readUint, toHex } from '../../lib/bytes.ts'
import { type Address, addressBytes, addressFromBytes } from '../../lib/crypto/address.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { BindingParts } from '../../net/identity.ts'
import * as wire from '../../net/wire/redeem.ts'
import { ticketLimits } from './limits.ts'
import { type SignedTicket, ticketHash } from './ticket.ts'

/** The stream protocol between an orchestrator and its redeemer. */
export const REDEEM_PROTOCOL = '/millrace/redeem/1.0.0'

/** What an orchestrator tells and asks its redeemer; each list may be empty. */
export interface RedeemQuestion {
  readonly chainId: bigint
  /** Account and signatures that bind it to the asking peer; it is the recipient of all winners. */
  readonly recipient: Omit<BindingParts, 'peerId'>
  readonly winners: readonly SignedTicket[]
  /** Ticket hashes whose outcome is asked. */
  readonly asked: readonly Uint8Array[]
  /** Ticket hashes whose outcome the orchestrator has on its disk. */
  readonly stored: readonly Uint8Array[]
}

/** Why a redeemer refuses a whole request. */
export type RedeemRefusalCode =
  | 'MALFORMED_REQUEST'
  | 'WRONG_CHAIN'
  | 'NOT_ALLOWED'
  | 'NOT_BOUND'
  | 'TOO_MANY_REQUESTS'
  | 'NOT_READY'

/** A refusal of a whole request. */
export interface RedeemRefusal {
  readonly code: RedeemRefusalCode
  readonly detail: string
  /** 0 when unknown. */
  readonly retryAfterMs: number
}

/** Why a redeemer does not take one winner. */
export type HandOverFault =
  | 'INVALID_SENDER'
  | 'WRONG_RAND'
  | 'BAD_SIGNATURE'
  | 'NOT_A_WINNER'
  | 'AT_CAPACITY'

/** What a redeemer says to one winner; without a fault it has the winner on its disk. */
export interface HandOverVerdict {
  readonly ticketHash: Uint8Array
  readonly fault: HandOverFault | null
  readonly detail: string
}

/** What became of one winner at the redeemer. */
export interface WinnerOutcome {
  readonly ticketHash: Uint8Array
  /** `not-held`: the redeemer has no such winner of this recipient. */
  readonly state: 'not-held' | 'pending' | 'redeemed' | 'failed' | 'expired'
  /** Of the redeemer's own transaction. */
  readonly transactionHash?: string
  readonly gasUsed?: bigint
  readonly reason?: string
}

/** A redeemer's answer: verdicts in the order of the winners, outcomes in that of the hashes. */
export interface RedeemAnswer {
  readonly verdicts: readonly HandOverVerdict[]
  readonly outcomes: readonly WinnerOutcome[]
}

const { WinnerState, HandOverCode, RedeemRefusalCode: Refusal } = wire

const STATES = {
  'not-held': WinnerState.NOT_HELD,
  pending: WinnerState.PENDING,
  redeemed: WinnerState.REDEEMED,
  failed: WinnerState.FAILED,
  expired: WinnerState.EXPIRED,
} as const satisfies Record<WinnerOutcome['state'], wire.WinnerState>

/** An orchestrator's request. */
export function encodeRedeemRequest(question: RedeemQuestion): Uint8Array {
  const { recipient } = question
  return wire.RedeemRequest.encode({
    chainId: question.chainId,
    recipient: recipient.address,
    bindingPeerSignature: recipient.peerSignature,
    bindingWalletSignature: recipient.walletSignature,
    winners: question.winners.map(winnerToWire),
    asked: [...question.asked],
    stored: [...question.stored],
  })
}

/** Parses a request: counts and lengths are checked; binding, signatures and draws are not. */
export function parseRedeemRequest(bytes: Uint8Array): Result<RedeemQuestion, 'MALFORMED_REQUEST'> {
  if (bytes.byteLength > ticketLimits.maxRedeemRequestBytes) return err('MALFORMED_REQUEST')
  try {
    const message = wire.RedeemRequest.decode(bytes, {
      limits: {
        winners: ticketLimits.maxHandedOverAtOnce,
        asked: ticketLimits.maxOutcomesAtOnce,
        stored: ticketLimits.maxOutcomesAtOnce,
      },
    })
    const recipient = addressFromBytes(message.recipient)
    return ok({
      chainId: message.chainId,
      recipient: {
        address: message.recipient,
        peerSignature: message.bindingPeerSignature,
        walletSignature: message.bindingWalletSignature,
      },
      winners: message.winners.map((winner) => winnerFromWire(winner, recipient)),
      asked: message.asked.map((hash) => exactly(32, hash)),
      stored: message.stored.map((hash) => exactly(32, hash)),
    })
  } catch {
    return err('MALFORMED_REQUEST')
  }
}

/** A redeemer's answer to a request it serves. */
export function encodeRedeemAnswer({ verdicts, outcomes }: RedeemAnswer): Uint8Array {
  return wire.RedeemReply.encode({
    refusal: Refusal.NOT_REFUSED,
    verdicts: verdicts.map(({ ticketHash: hash, fault, detail }) => ({
      ticketHash: hash,
      code: fault === null ? HandOverCode.TAKEN : HandOverCode[fault],
      detail: text(detail),
    })),
    outcomes: outcomes.map((outcome) => ({
      ticketHash: outcome.ticketHash,
      state: STATES[outcome.state],
      transactionHash: hashOrNone(outcome.transactionHash),
      gasUsed: outcome.gasUsed ?? 0n,
      reason: text(outcome.reason ?? ''),
    })),
  })
}

/** A redeemer's answer to a request it does not serve. */
export function encodeRedeemRefusal({ code, detail, retryAfterMs }: RedeemRefusal): Uint8Array {
  return wire.RedeemReply.encode({ refusal: Refusal[code], detail: text(detail), retryAfterMs })
}

/** Parses a reply and checks that it answers this very question, entry by entry. */
export function parseRedeemReply(
  bytes: Uint8Array,
  question: Pick<RedeemQuestion, 'winners' | 'asked'>,
): Result<RedeemAnswer | { readonly refusal: RedeemRefusal }, 'MALFORMED'> {
  if (bytes.byteLength > ticketLimits.maxRedeemReplyBytes) return err('MALFORMED')
  try {
    const message = wire.RedeemReply.decode(bytes, {
      limits: {
        verdicts: ticketLimits.maxHandedOverAtOnce,
        outcomes: ticketLimits.maxOutcomesAtOnce,
      },
    })
    const { refusal, detail, retryAfterMs } = message
    if (refusal !== Refusal.NOT_REFUSED) {
      return ok({ refusal: { code: refusal, detail: text(detail), retryAfterMs } })
    }
    const winners = question.winners.map((winner) => ticketHash(winner))
    if (!isAnswerTo(winners, message.verdicts) || !isAnswerTo(question.asked, message.outcomes)) {
      return err('MALFORMED')
    }
    return ok({
      verdicts: message.verdicts.map(verdictFromWire),
      outcomes: message.outcomes.map(outcomeFromWire),
    })
  } catch {
    return err('MALFORMED')
  }
}

function isAnswerTo(
  asked: readonly Uint8Array[],
  answers: readonly { readonly ticketHash: Uint8Array }[],
): boolean {
  return (
    asked.length === answers.length &&
    answers.every(({ ticketHash: hash }, i) => bytesEqual(hash, asked[i] as Uint8Array))
  )
}

function verdictFromWire(message: wire.HandOverVerdict): HandOverVerdict {
  const { code, ticketHash: hash, detail } = message
  if (code === HandOverCode.VERDICT_UNSPECIFIED) throw new RangeError('no verdict')
  return {
    ticketHash: hash,
    fault: code === HandOverCode.TAKEN ? null : code,
    detail: text(detail),
  }
}

function outcomeFromWire(message: wire.WinnerOutcome): WinnerOutcome {
  const found = Object.entries(STATES).find(([, code]) => code === message.state)
  if (found === undefined) throw new RangeError('no state')
  const { transactionHash, gasUsed, reason } = message
  const isOwn = transactionHash.byteLength > 0
  return {
    ticketHash: message.ticketHash,
    state: found[0] as WinnerOutcome['state'],
    ...(isOwn ? { transactionHash: toHex(exactly(32, transactionHash)) } : {}),
    ...(gasUsed > 0n ? { gasUsed } : {}),
    ...(reason === '' ? {} : { reason: text(reason) }),
  }
}

function winnerToWire(ticket: SignedTicket): wire.WinningTicket {
  return {
    sender: addressBytes(ticket.sender),
    faceValue: minimalUint(ticket.faceValue),
    winProb: minimalUint(ticket.winProb),
    senderNonce: ticket.senderNonce,
    recipientRandHash: ticket.recipientRandHash,
    creationRound: ticket.creationRound,
    creationRoundBlockHash: ticket.creationRoundBlockHash,
    paramsExpirationBlock: ticket.paramsExpirationBlock,
    signature: ticket.sig,
    recipientRand: ticket.recipientRand,
  }
}

function winnerFromWire(message: wire.WinningTicket, recipient: Address): SignedTicket {
  return {
    recipient,
    sender: addressFromBytes(message.sender),
    faceValue: readUint(message.faceValue),
    winProb: readUint(message.winProb),
    senderNonce: message.senderNonce,
    recipientRandHash: exactly(32, message.recipientRandHash),
    creationRound: message.creationRound,
    creationRoundBlockHash: exactly(32, message.creationRoundBlockHash),
    paramsExpirationBlock: message.paramsExpirationBlock,
    sig: exactly(65, message.signature),
    recipientRand: exactly(32, message.recipientRand),
  }
}

function exactly(length: number, bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength !== length) throw new RangeError(`expected ${length} bytes`)
  return bytes
}

function hashOrNone(hex: string | undefined): Uint8Array {
  const bytes = parseHex(hex ?? '')
  return bytes?.byteLength === 32 ? bytes : new Uint8Array(0)
}

function text(value: string): string {
  return value.slice(0, ticketLimits.maxRedeemTextLength)
}
