import pLimit from 'p-limit'
import type { BrokerEvent, TicketBroker } from '../../../src/chain/ticket-broker.ts'
import { orderTable } from '../../../src/exchange/order.ts'
import { bytesEqual, fromHex, readUint, toHex, u256 } from '../../../src/lib/bytes.ts'
import { keccak256 } from '../../../src/lib/crypto/keccak.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import {
  openRecipientSecret,
  type RecipientSecret,
} from '../../../src/rails/ticket/recipient-secret.ts'
import {
  isWinningTicket,
  recipientRandHash,
  sessionIdOf,
  type TicketBatch,
  ticketEv,
  ticketHash,
  ticketsOf,
} from '../../../src/rails/ticket/ticket.ts'
import { openWinnerStore, type Winner } from '../../../src/rails/ticket/winner-store.ts'
import { parseTicketPayment } from '../../../src/rails/ticket/wire.ts'
import { openStore, type Store } from '../../../src/store/store.ts'
import {
  type Evidence,
  journalEvidence,
  type OrderEvidence,
  type ProofEvidence,
  type ProofFate,
  type RedemptionEvidence,
  readFates,
  type TicketEvidence,
} from './evidence.ts'
import { storeDirectory } from './foundation.ts'
import { type JournalLine, readJournal } from './journal.ts'
import { journalPath } from './payer.ts'
import type { PeerSettings } from './settings.ts'

const QUESTIONS_AT_ONCE = 8

/** Reads all there is once both sides have stopped. */
export async function gatherEvidence(init: {
  readonly payer: Pick<PeerSettings, 'directory'>
  readonly provider: Pick<PeerSettings, 'directory'>
  readonly broker: TicketBroker
  readonly toBlock: bigint
  readonly fundsBefore: bigint
  readonly fundsAfter: bigint
  readonly kills: number
}): Promise<Evidence> {
  const { lines, torn } = readJournal(journalPath(init.payer))
  const { fates, replays } = readFates(lines)
  const payerOrders = await withStore(init.payer, async (store) => readOrders(store, 'payer'))
  const earned = await withStore(init.provider, async (store) => {
    const winners = await readWinners(store)
    const secret = await openRecipientSecret(store)
    return {
      providerOrders: await readOrders(store, 'provider'),
      winners: winners.map(({ ticket, sequence, state }) => ({
        ticketHash: toHex(ticketHash(ticket)),
        sequence,
        faceValue: ticket.faceValue,
        state,
      })),
      proofs: readProofs(lines, fates, secret, winners),
    }
  })
  const { broker, toBlock, fundsBefore, fundsAfter, kills } = init
  const events = await broker.events({ fromBlock: 0n, toBlock })
  const used = await usedTickets(
    broker,
    earned.winners.map((winner) => winner.ticketHash),
  )
  return {
    ...journalEvidence(lines),
    ...earned,
    replays,
    torn,
    kills,
    payerOrders,
    chain: { redemptions: redemptionsOf(events), used, fundsBefore, fundsAfter },
  }
}

async function withStore<T>(
  settings: Pick<PeerSettings, 'directory'>,
  read: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openStore({ directory: storeDirectory(settings) })
  try {
    return await read(store)
  } finally {
    await store.close()
  }
}

async function readOrders(store: Store, side: 'payer' | 'provider'): Promise<OrderEvidence[]> {
  const orders: OrderEvidence[] = []
  for await (const [orderId, { order, account }] of orderTable(store, side).entries()) {
    const { credited, debited, segments, charged } = account
    const price = `${order.price.num}/${order.price.den}`
    orders.push({ orderId, price, credited, debited, segments, charged })
  }
  return orders
}

async function readWinners(store: Store): Promise<Winner[]> {
  const winners: Winner[] = []
  const kept = await openWinnerStore(store, silentLogger)
  for await (const winner of kept.all()) winners.push(winner)
  return winners
}

function readProofs(
  lines: readonly JournalLine[],
  fates: ReadonlyMap<string, ProofFate>,
  secret: RecipientSecret,
  winners: readonly Winner[],
): ProofEvidence[] {
  const rands = new Map(
    winners.map(({ ticket }) => [toHex(ticket.recipientRandHash), ticket.recipientRand]),
  )
  const proofs: ProofEvidence[] = []
  for (const line of lines) {
    if (line.k !== 'signed') continue
    const batch = parseTicketPayment(fromHex(line.proof))
    if (!batch.ok) throw new Error(`proof ${line.id} cannot be read`)
    proofs.push({
      id: line.id,
      orderId: line.order,
      tickets: ticketsOfProof(batch.value, secret, rands),
      fate: fates.get(line.id) ?? 'lost',
    })
  }
  return proofs
}

function ticketsOfProof(
  batch: TicketBatch,
  secret: RecipientSecret,
  rands: ReadonlyMap<string, Uint8Array>,
): TicketEvidence[] {
  const randHash = sessionIdOf(batch.params)
  const derived = secret.recipientRand(batch.params, batch.sender)
  const isOurs = bytesEqual(recipientRandHash(derived), batch.params.recipientRandHash)
  const rand = isOurs ? derived : rands.get(randHash)
  return ticketsOf(batch).map((ticket, i) => {
    const sig = batch.senderParams[i]?.sig ?? new Uint8Array(0)
    return {
      ticketHash: toHex(ticketHash(ticket)),
      randHash,
      nonce: ticket.senderNonce,
      ev: ticketEv(ticket),
      won: rand === undefined ? null : isWinningTicket(ticket, sig, rand),
    }
  })
}

/** The tickets that redemption events speak of, hashed anew from what the events reveal. */
function redemptionsOf(events: readonly BrokerEvent[]): RedemptionEvidence[] {
  return events.flatMap((event) => {
    if (event.type !== 'WinningTicketRedeemed') return []
    const hash = ticketHash({
      recipient: event.recipient,
      sender: event.sender,
      faceValue: event.faceValue,
      winProb: event.winProb,
      senderNonce: Number(event.senderNonce),
      recipientRandHash: keccak256(u256(event.recipientRand)),
      paramsExpirationBlock: 0n,
      creationRound: readUint(event.auxData.subarray(0, 32)),
      creationRoundBlockHash: event.auxData.subarray(32),
    })
    return [{ ticketHash: toHex(hash), faceValue: event.faceValue }]
  })
}

async function usedTickets(
  broker: TicketBroker,
  hashes: readonly string[],
): Promise<ReadonlySet<string>> {
  const limit = pLimit(QUESTIONS_AT_ONCE)
  const answers = await Promise.all(
    hashes.map((hash) =>
      limit(async () => ((await broker.isUsedTicket(fromHex(hash))) ? hash : null)),
    ),
  )
  return new Set(answers.filter((hash) => hash !== null))
}
