import { join } from 'node:path'
import { creditOf } from '../../../src/exchange/account.ts'
import {
  createDispatcher,
  type Dispatcher,
  type OrderSource,
} from '../../../src/exchange/dispatcher.ts'
import { createExchangeMetrics } from '../../../src/exchange/metrics.ts'
import { createOrderSource } from '../../../src/exchange/order-source.ts'
import { openPayerBooks } from '../../../src/exchange/payer-books.ts'
import {
  encodePayerMessage,
  PAYMENT_PROTOCOL,
  parseProviderMessage,
} from '../../../src/exchange/segment-wire.ts'
import { isAbort, sleep } from '../../../src/lib/abort.ts'
import { fromHex } from '../../../src/lib/bytes.ts'
import type { Address } from '../../../src/lib/crypto/address.ts'
import type { Logger } from '../../../src/lib/logger.ts'
import type { Advert } from '../../../src/market/advert.ts'
import { createQuoteTable } from '../../../src/market/quote-table.ts'
import { openReputation } from '../../../src/market/reputation.ts'
import { policyOf } from '../../../src/market/selection-policy.ts'
import type { NetHost } from '../../../src/net/host.ts'
import type { PeerTarget } from '../../../src/net/lanes.ts'
import type { NodeConfig } from '../../../src/node/config.ts'
import { buildSenderBooks, type SenderBooks } from '../../../src/node/exposure.ts'
import type { Foundation } from '../../../src/node/foundation.ts'
import { createTicketMetrics } from '../../../src/rails/ticket/metrics.ts'
import { createTicketPayerRail } from '../../../src/rails/ticket/payer-rail.ts'
import { createSender } from '../../../src/rails/ticket/sender.ts'
import { fakeProber, SEGMENT_MS, sourceSegment } from '../fakes-media.ts'
import { readFates } from './evidence.ts'
import { buildFoundation } from './foundation.ts'
import { type Journal, type JournalLine, openJournal, readJournal } from './journal.ts'
import type { Report, RunningSide } from './messages.ts'
import { loopParameters, type PeerSettings, profiles } from './settings.ts'
import {
  createWitness,
  KEPT_PROOFS,
  type Remembered,
  type ReplayAnswer,
  type SignedProof,
  type Witness,
} from './witness.ts'

const REPORT_MS = 50
const PATIENCE_MS = 60_000
const REPLAY_TIMEOUT_MS = 2_000
/** Quotes are asked for when one is wanted; there is one provider. */
const ASKING = { isEnabled: false, idleMs: 60_000, size: 1, refreshMs: 10_000, hedgeMs: 500 }

/** The journal of a payer. */
export function journalPath(settings: Pick<PeerSettings, 'directory'>): string {
  return join(settings.directory, 'journal')
}

/** The paying side: a broadcaster's dispatcher, fed with segments as fast as it takes them. */
export async function startPayer(
  settings: PeerSettings,
  logger: Logger,
  report: (message: Report) => void,
  advert: Advert | undefined,
): Promise<RunningSide> {
  const { foundation, config } = await buildFoundation(settings, logger)
  const { chain, net, store, directory } = foundation
  if (advert !== undefined) directory.add(advert, new Uint8Array(0), 'gossip')
  const path = journalPath(settings)
  const { lines } = readJournal(path)
  const open = openSegments(lines)
  const journal = openJournal(path)
  const witness = createWitness(journal, remember(lines))
  const tickets = await buildSenderBooks(foundation, config.broadcaster)
  const orders = await buildOrderSource(foundation, config, { witness, tickets })
  const dispatcher = createDispatcher(
    {
      orders: witnessOrders(foundation, orders, witness, journal),
      prober: fakeProber,
      metrics: createExchangeMetrics(foundation.metrics),
    },
    { profiles, patienceMs: PATIENCE_MS },
  )
  await chain.start()
  await tickets.start()
  await net.host.start()
  const driver = new Driver(dispatcher, journal, open)
  const timer = setInterval(() => {
    report({ type: 'delivered', count: driver.delivered })
  }, REPORT_MS)
  report({ type: 'ready' })
  driver.start()
  return {
    finish: async () => driver.finish(),
    async stop() {
      clearInterval(timer)
      await driver.stop()
      await dispatcher.close('idle')
      await net.host.stop()
      await tickets.stop()
      await chain.stop()
      await store.close()
      journal.close()
    },
  }
}

async function buildOrderSource(
  foundation: Foundation,
  { broadcaster: own }: NodeConfig,
  { witness, tickets }: { readonly witness: Witness; readonly tickets: SenderBooks },
): Promise<OrderSource> {
  const { chain, store, wallet, net, marketMetrics } = foundation
  const { maxEv, maxTotalEv, depositMultiplier } = own.tickets
  const { guard: exposure, ledger } = tickets
  const sender = createSender(
    { signer: wallet, time: chain.time, senders: chain.senders, store, exposure, ledger },
    { maxEv, maxTotalEv, depositMultiplier: BigInt(depositMultiplier) },
  )
  const rail = createTicketPayerRail({ sender, metrics: createTicketMetrics(foundation.metrics) })
  const market = {
    ...foundation,
    host: witness.host(net.host),
    books: await openPayerBooks(foundation),
    rail: witness.rail(rail),
    reputation: await openReputation(foundation),
    metrics: marketMetrics,
    stakeOf: async (address: Address) => chain.stakeOf(address),
  }
  const policy = policyOf('cheapest')
  const { weights, prefer } = policy
  const table = createQuoteTable(market, {
    ...{ chainId: BigInt(chain.client.chainId), rail: rail.id, payer: net.binding },
    ...{ deadlineMs: own.discoveryTimeoutMs, weights, prefer, ...ASKING },
  })
  return createOrderSource(
    { ...market, table, random: Math.random, termsOf: () => null, onDecision() {} },
    {
      ...{ service: own.service, region: '', profiles, manifestId: 'kill-loop' },
      ...{ policy, settleMs: 0 },
    },
  )
}

/**
 * Before an order is taken up, presents the proofs whose answers were lost, so that it is known what
 * became of them; afterwards, presents proofs that were acknowledged, which must bring nothing.
 */
function witnessOrders(
  { net, logger, directory }: Foundation,
  orders: OrderSource,
  witness: Witness,
  journal: Journal,
): OrderSource {
  const present = async (
    signed: readonly SignedProof[],
    wasAcknowledged: boolean,
  ): Promise<void> => {
    const [provider] = directory.live()
    if (provider === undefined) return
    const { peerId, addresses } = provider.advert
    const peer = { peerId, addresses: [...addresses] }
    try {
      for (const each of signed) {
        const answer = await presentAgain(net.host, peer, each)
        witness.replayed(each.proof, { ...answer, wasAcknowledged })
      }
    } catch (error) {
      // Whoever was killed hears nothing; the next time will do.
      logger.info({ err: error }, 'a proof could not be presented again')
    }
  }
  return {
    ...orders,
    async acquire(...args) {
      await present(witness.unanswered(), false)
      const old = [...witness.acknowledged()]
      const acquired = await orders.acquire(...args)
      if (!acquired.ok) return acquired
      const { orderId: order, price } = acquired.value.order
      journal.add({
        k: 'opened',
        order,
        price: `${price.num}/${price.den}`,
        payerCredit: String(creditOf(acquired.value.account())),
        providerCredit: String(witness.creditAtOpening(order) ?? -1n),
      })
      void present(
        old.map((proof) => ({ order, proof })),
        true,
      )
      return acquired
    },
  }
}

async function presentAgain(
  host: NetHost,
  peer: PeerTarget,
  { order, proof }: SignedProof,
): Promise<Pick<ReplayAnswer, 'credited' | 'code'>> {
  const orderId = fromHex(order)
  const message = encodePayerMessage({ type: 'payment', orderId, payment: proof })
  const timeoutMs = REPLAY_TIMEOUT_MS
  const reply = parseProviderMessage(
    await host.request(peer, PAYMENT_PROTOCOL, message, { timeoutMs }),
  )
  if (!reply.ok) throw new Error('unreadable answer to a payment')
  const { value } = reply
  if (value.type === 'paid') return { credited: value.credited, code: '' }
  return { credited: 0n, code: value.type === 'error' ? value.code : value.type }
}

/** What an earlier life left open, and the proofs acknowledged in it last, newest first. */
function remember(lines: readonly JournalLine[]): Remembered {
  const { fates } = readFates(lines)
  // Whoever was presented again and refused will not fare better.
  const tried = new Set(lines.flatMap((line) => (line.k === 'replayed' ? [line.id] : [])))
  const acknowledged: Uint8Array[] = []
  const unanswered: SignedProof[] = []
  for (const line of lines) {
    if (line.k !== 'signed') continue
    const proof = fromHex(line.proof)
    if (fates.get(line.id) === 'acknowledged') acknowledged.unshift(proof)
    if (fates.get(line.id) === 'lost' && !tried.has(line.id)) {
      unanswered.push({ order: line.order, proof })
    }
  }
  return { acknowledged: acknowledged.slice(0, KEPT_PROOFS), unanswered }
}

/** Segments that were handed over and not delivered, and the first sequence never used. */
function openSegments(lines: readonly JournalLine[]): {
  readonly undone: number[]
  readonly next: number
} {
  const undone = new Set<number>()
  let next = 0
  for (const line of lines) {
    if (line.k === 'handed') {
      undone.add(line.sequence)
      next = Math.max(next, line.sequence + 1)
    }
    if (line.k === 'delivered') undone.delete(line.sequence)
  }
  return { undone: [...undone], next }
}

/** Hands segments over, some at once, and each until it is delivered. */
class Driver {
  delivered = 0
  readonly #dispatcher: Dispatcher
  readonly #journal: Journal
  readonly #undone: number[]
  readonly #controller = new AbortController()
  #next: number
  #isFinishing = false
  #lanes: Promise<void>[] = []

  constructor(
    dispatcher: Dispatcher,
    journal: Journal,
    open: { readonly undone: number[]; readonly next: number },
  ) {
    this.#dispatcher = dispatcher
    this.#journal = journal
    this.#undone = open.undone
    this.#next = open.next
  }

  start(): void {
    this.#lanes = Array.from({ length: loopParameters.lanes }, async () => this.#lane())
  }

  async finish(): Promise<void> {
    this.#isFinishing = true
    await Promise.all(this.#lanes)
  }

  async stop(): Promise<void> {
    this.#controller.abort()
    await Promise.allSettled(this.#lanes)
  }

  async #lane(): Promise<void> {
    const { signal } = this.#controller
    for (;;) {
      const sequence = this.#take()
      if (sequence === undefined) return
      try {
        await this.#deliver(sequence, signal)
        await sleep(loopParameters.restMs, { signal })
      } catch (error) {
        if (isAbort(error)) return
        throw error
      }
    }
  }

  #take(): number | undefined {
    const undone = this.#undone.shift()
    if (undone !== undefined || this.#isFinishing) return undone
    const sequence = this.#next
    this.#next += 1
    this.#journal.add({ k: 'handed', sequence })
    return sequence
  }

  async #deliver(sequence: number, signal: AbortSignal): Promise<void> {
    const source = sourceSegment(sequence)
    for (;;) {
      const segment = { sequence, durationMs: SEGMENT_MS, ...source }
      const done = await this.#dispatcher.dispatch(segment, { signal })
      if (done.ok) {
        this.#journal.add({ k: 'delivered', sequence })
        this.delivered += 1
        return
      }
      this.#journal.add({ k: 'refused', sequence, code: done.error.code })
    }
  }
}
