import { bytesEqual } from '../../lib/bytes.ts'
import type { Clock } from '../../lib/clock.ts'
import { type Address, addressBytes, addressFromBytes } from '../../lib/crypto/address.ts'
import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import { TaskGroup } from '../../lib/tasks.ts'
import type { NetHost } from '../../net/host.ts'
import { parseBinding, verifyBinding } from '../../net/identity.ts'
import type { FrameHandler } from '../../net/inbound.ts'
import { ticketLimits } from './limits.ts'
import type { TicketMetrics } from './metrics.ts'
import {
  encodeRedeemAnswer,
  encodeRedeemRefusal,
  type HandOverFault,
  type HandOverVerdict,
  parseRedeemRequest,
  REDEEM_PROTOCOL,
  type RedeemAnswer,
  type RedeemQuestion,
  type RedeemRefusal,
  type RedeemRefusalCode,
} from './redeem-wire.ts'
import type { HandedOver, RedeemerClaims } from './redeemer-claims.ts'
import { isWinningTicket, recipientRandHash, type SignedTicket, ticketHash } from './ticket.ts'
import { createValidator } from './validator.ts'
import type { WinnerStore } from './winner-store.ts'

/** What the desk works with. */
export interface RedeemerDeskComponents {
  readonly host: Pick<NetHost, 'handle'>
  readonly winners: WinnerStore
  readonly claims: RedeemerClaims
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: TicketMetrics
}

/** For whom a redeemer works. */
export interface RedeemerDeskInit {
  readonly chainId: bigint
  /** Peer ids or accounts; nobody else is served. */
  readonly orchestrators: readonly string[]
}

/** Where orchestrators hand their winners over and ask what became of them. */
export interface RedeemerDesk extends Startable {
  /** The encoded reply to a request of a peer. */
  answer(request: Uint8Array, remotePeer: string): Promise<Uint8Array>
}

/**
 * Serves the redeem protocol.
 *
 * Invariant: `taken` is said of a winner only when it is on this disk, synced.
 */
export function createRedeemerDesk(
  components: RedeemerDeskComponents,
  init: RedeemerDeskInit,
): RedeemerDesk {
  const { host, clock, logger, metrics } = components
  const tasks = new TaskGroup(logger)
  const limit = createPeerLimit(clock)
  let isOpen = false

  const decide = async (bytes: Uint8Array, peer: string): Promise<RedeemAnswer | RedeemRefusal> => {
    if (!isOpen) return refuse('NOT_READY', 'the redeemer is not running', 1_000)
    if (!limit(peer)) {
      return refuse('TOO_MANY_REQUESTS', 'ask less often', ticketLimits.redeemPeriodMs)
    }
    const question = parseRedeemRequest(bytes)
    if (!question.ok) return refuse(question.error, 'the request cannot be read')
    const refusal = admit(init, question.value, peer)
    return refusal ?? serve(components, question.value)
  }
  const answer = async (bytes: Uint8Array, peer: string): Promise<Uint8Array> => {
    const decided = await decide(bytes, peer)
    const isRefused = 'code' in decided
    metrics.redeemRequests.inc({ outcome: isRefused ? decided.code : 'served' })
    return isRefused ? encodeRedeemRefusal(decided) : encodeRedeemAnswer(decided)
  }
  const handle: FrameHandler = async (channel, { remotePeer, signal }) => {
    const frame = await channel.receive({ signal })
    if (frame === null) return
    const reply = Promise.withResolvers<Uint8Array>()
    // Counted, so that stopping waits for what is being written.
    tasks.run(async () => answer(frame.header, remotePeer).then(reply.resolve, reply.reject))
    await channel.send(await reply.promise, [], { signal })
  }
  return {
    answer,
    async start() {
      isOpen = true
      await host.handle(REDEEM_PROTOCOL, handle, {
        maxInboundStreams: ticketLimits.maxRedeemStreamsPerPeer,
        maxHeaderBytes: ticketLimits.maxRedeemRequestBytes,
        maxBodyBytes: 0,
      })
    },
    async stop() {
      isOpen = false
      await tasks.drain()
    },
  }
}

/** Whether the asker is one of ours and who it says it is. */
function admit(
  { chainId, orchestrators }: RedeemerDeskInit,
  question: RedeemQuestion,
  peerId: string,
): RedeemRefusal | null {
  if (question.chainId !== chainId) return refuse('WRONG_CHAIN', `this is chain ${chainId}`)
  const { recipient } = question
  const address = addressFromBytes(recipient.address)
  if (!orchestrators.includes(peerId) && !orchestrators.includes(address)) {
    return refuse('NOT_ALLOWED', `neither ${peerId} nor ${address} is served here`)
  }
  const binding = parseBinding({ ...recipient, peerId })
  if (!binding.ok || !verifyBinding(binding.value, { chainId }).ok) {
    return refuse('NOT_BOUND', 'the account and this peer do not vouch for each other')
  }
  return null
}

async function serve(
  { winners, claims, metrics, logger }: RedeemerDeskComponents,
  question: RedeemQuestion,
): Promise<RedeemAnswer> {
  const recipient = addressFromBytes(question.recipient.address)
  if (question.stored.length > 0) await claims.release(question.stored, recipient)
  const { count } = winners.totals()
  let room = ticketLimits.maxHeldWinners - count.waiting - count.submitted
  const taken: HandedOver[] = []
  const verdicts = question.winners.map((ticket): HandOverVerdict => {
    const hash = ticketHash(ticket)
    const fault = judge(ticket)
    if (fault !== null) return { ticketHash: hash, ...fault }
    if (room <= 0) return { ticketHash: hash, fault: 'AT_CAPACITY', detail: 'too many wait here' }
    room -= 1
    taken.push({ hash, ticket })
    return { ticketHash: hash, fault: null, detail: '' }
  })
  if (taken.length > 0) await claims.take(taken)
  for (const { fault } of verdicts) metrics.handedOver.inc({ verdict: fault ?? 'taken' })
  if (verdicts.length > 0) {
    logger.info({ recipient, taken: taken.length, of: verdicts.length }, 'winners handed over')
  }
  const outcomes = await Promise.all(
    question.asked.map((hash) => claims.outcomeOf(hash, recipient)),
  )
  return { verdicts, outcomes }
}

const validator = createValidator()

/** Whether a winner is worth keeping: the chain would take it if its sender is good for it. */
function judge(ticket: SignedTicket): { fault: HandOverFault; detail: string } | null {
  const { sender, recipient, sig, recipientRand } = ticket
  if (isZero(sender)) return { fault: 'INVALID_SENDER', detail: 'the sender is the zero address' }
  if (!bytesEqual(recipientRandHash(recipientRand), ticket.recipientRandHash)) {
    return { fault: 'WRONG_RAND', detail: 'recipientRand is not what the ticket commits to' }
  }
  const valid = validator.validateTicket(recipient, ticket, sig, recipientRand)
  if (!valid.ok) return { fault: 'BAD_SIGNATURE', detail: valid.error.detail }
  if (!isWinningTicket(ticket, sig, recipientRand)) {
    return { fault: 'NOT_A_WINNER', detail: 'the ticket did not win' }
  }
  return null
}

function isZero(address: Address): boolean {
  return addressBytes(address).every((byte) => byte === 0)
}

function refuse(code: RedeemRefusalCode, detail: string, retryAfterMs = 0): RedeemRefusal {
  return { code, detail, retryAfterMs }
}

/** Counts requests per peer in fixed periods, of a bounded number of peers. */
function createPeerLimit(clock: Clock): (peerId: string) => boolean {
  let period = -1
  let counts = new Map<string, number>()
  return (peerId) => {
    const current = Math.floor(clock.now() / ticketLimits.redeemPeriodMs)
    if (current !== period) {
      period = current
      counts = new Map()
    }
    const count = counts.get(peerId) ?? 0
    if (count >= ticketLimits.maxRedeemRequestsPerPeriod) return false
    if (count === 0 && counts.size >= ticketLimits.maxRedeemPeers) {
      counts.delete(counts.keys().next().value ?? '')
    }
    counts.set(peerId, count + 1)
    return true
  }
}
