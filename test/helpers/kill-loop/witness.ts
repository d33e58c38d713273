import {
  PAYMENT_PROTOCOL,
  parsePayerMessage,
  parseProviderMessage,
} from '../../../src/exchange/segment-wire.ts'
import { toHex } from '../../../src/lib/bytes.ts'
import { keccak256 } from '../../../src/lib/crypto/keccak.ts'
import { ok } from '../../../src/lib/result.ts'
import type { FrameChannel } from '../../../src/net/frame-channel.ts'
import type { NetHost } from '../../../src/net/host.ts'
import type { PayerRail, PaySession } from '../../../src/rails/rail.ts'
import type { Journal } from './journal.ts'

/** The journal's name of a proof. */
export function proofId(proof: Uint8Array): string {
  return proof.byteLength === 0 ? '' : toHex(keccak256(proof)).slice(2, 26)
}

/** Watches what a payer signs, sends and is told, and writes it down before it goes on. */
export interface Witness {
  rail(rail: PayerRail): PayerRail
  host(host: NetHost): NetHost
  /** The proofs acknowledged last, newest first. */
  acknowledged(): readonly Uint8Array[]
  /** Proofs that were signed and never answered. */
  unanswered(): readonly SignedProof[]
  /** A proof was presented again, and how that ended. */
  replayed(proof: Uint8Array, answer: ReplayAnswer): void
  /** What the provider said of an order's credit when its stream was last opened. */
  creditAtOpening(orderId: string): bigint | undefined
}

/** So many acknowledged proofs are presented again when an order is taken up. */
export const KEPT_PROOFS = 3

/** A proof and the order it was signed for. */
export interface SignedProof {
  readonly order: string
  readonly proof: Uint8Array
}

/** What a proof brought that was presented again. */
export interface ReplayAnswer {
  /** Whether it was known to be acknowledged when it was presented. */
  readonly wasAcknowledged: boolean
  readonly credited: bigint
  /** Of the refusal; empty for none. */
  readonly code: string
}

/** What is known of an earlier life. */
export interface Remembered {
  readonly acknowledged: readonly Uint8Array[]
  readonly unanswered: readonly SignedProof[]
}

/** A witness that writes to a journal. */
export function createWitness(journal: Journal, remembered: Remembered): Witness {
  const notes = new Notes(journal, remembered)
  return {
    rail: (rail) => witnessRail(rail, notes),
    host: (host) => witnessHost(host, notes),
    acknowledged: () => notes.acknowledged,
    unanswered: () => [...notes.unanswered.values()],
    replayed: (proof, answer) => notes.replayed(proof, answer),
    creditAtOpening: (orderId) => notes.opened.get(orderId),
  }
}

class Notes {
  readonly acknowledged: Uint8Array[]
  readonly unanswered: Map<string, SignedProof>
  readonly opened = new Map<string, bigint>()
  readonly #journal: Journal
  /** Proofs under way by the place their answer will come to. */
  readonly #underWay = new Map<string, Uint8Array>()
  #streams = 0

  constructor(journal: Journal, { acknowledged, unanswered }: Remembered) {
    this.#journal = journal
    this.acknowledged = [...acknowledged]
    this.unanswered = new Map(unanswered.map((signed) => [proofId(signed.proof), signed]))
  }

  stream(): string {
    this.#streams += 1
    return `${process.pid}-${process.hrtime.bigint()}-${this.#streams}`
  }

  signed(order: string, proof: Uint8Array): void {
    const id = proofId(proof)
    this.#journal.add({ k: 'signed', id, order, proof: toHex(proof) })
    this.unanswered.set(id, { order, proof })
  }

  replayed(proof: Uint8Array, answer: ReplayAnswer): void {
    const id = proofId(proof)
    this.#journal.add({ k: 'replayed', id, ...answer, credited: String(answer.credited) })
    this.unanswered.delete(id)
  }

  /** Gives back the order that the stream is of. */
  sent(stream: string, order: string, header: Uint8Array): string {
    const message = parsePayerMessage(header)
    if (!message.ok) return order
    const { value } = message
    if (value.type === 'open') return toHex(value.orderId)
    const index = value.type === 'segment' ? String(value.index) : null
    const of = value.type === 'segment' ? order : toHex(value.orderId)
    this.#journal.add({ k: 'sent', stream, order: of, index, id: proofId(value.payment) })
    this.#underWay.set(`${stream} ${index}`, value.payment)
    return of
  }

  answered(stream: string, header: Uint8Array): void {
    const message = parseProviderMessage(header)
    if (!message.ok) return
    const { value } = message
    if (value.type === 'accepted') {
      this.opened.set(toHex(value.orderId), value.credit)
      return
    }
    const { type } = value
    const index = type === 'paid' || value.index === null ? null : String(value.index)
    const code = type === 'error' ? value.code : ''
    const debited = String(type === 'result' ? value.debited : 0n)
    this.#journal.add({
      ...{ k: 'answer', stream, index, type, code, debited },
      credit: String(value.credit),
    })
    const proof = this.#underWay.get(`${stream} ${index}`)
    this.#underWay.delete(`${stream} ${index}`)
    if (proof === undefined || proof.byteLength === 0) return
    this.unanswered.delete(proofId(proof))
    if (type === 'error') return
    this.acknowledged.unshift(proof)
    this.acknowledged.splice(KEPT_PROOFS)
  }
}

function witnessRail(rail: PayerRail, notes: Notes): PayerRail {
  return {
    ...rail,
    async openPay(...args) {
      const opened = await rail.openPay(...args)
      return opened.ok ? ok(witnessSession(opened.value, args[0].orderId, notes)) : opened
    },
  }
}

function witnessSession(session: PaySession, order: string, notes: Notes): PaySession {
  return {
    ...session,
    async pay(due) {
      const paid = await session.pay(due)
      if (paid.ok) notes.signed(order, paid.value.proof)
      return paid
    },
  }
}

function witnessHost(host: NetHost, notes: Notes): NetHost {
  return {
    peerId: host.peerId,
    gossip: host.gossip,
    addresses: () => host.addresses(),
    handle: async (...args) => host.handle(...args),
    onPeerConnect: (listener) => host.onPeerConnect(listener),
    onPeerDisconnect: (listener) => host.onPeerDisconnect(listener),
    connectedPeers: () => host.connectedPeers(),
    disconnect: async (peerId) => host.disconnect(peerId),
    start: async () => host.start(),
    stop: async () => host.stop(),
    async open(...args) {
      return witnessChannel(await host.open(...args), notes)
    },
    async request(peer, protocol, header, options) {
      if (protocol !== PAYMENT_PROTOCOL) return host.request(peer, protocol, header, options)
      const stream = notes.stream()
      notes.sent(stream, '', header)
      const reply = await host.request(peer, protocol, header, options)
      notes.answered(stream, reply)
      return reply
    },
  }
}

function witnessChannel(channel: FrameChannel, notes: Notes): FrameChannel {
  const stream = notes.stream()
  let order = ''
  return {
    remotePeer: channel.remotePeer,
    protocol: channel.protocol,
    connectionId: channel.connectionId,
    signal: channel.signal,
    closed: channel.closed,
    async send(header, body, options) {
      order = notes.sent(stream, order, header)
      return channel.send(header, body, options)
    },
    async receive(options) {
      const frame = await channel.receive(options)
      if (frame !== null) notes.answered(stream, frame.header)
      return frame
    },
    closeWrite: async (options) => channel.closeWrite(options),
    close: async (options) => channel.close(options),
    abort: (error) => channel.abort(error),
  }
}
