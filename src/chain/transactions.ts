import { setMaxListeners } from 'node:events'
import { type AbortOptions, raceSignal } from '../lib/abort.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { Address } from '../lib/crypto/address.ts'
import { MillraceError } from '../lib/errors.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import { type MetricsRegistry, noMetrics } from '../lib/metrics.ts'
import { createSerial } from '../lib/serial.ts'
import type { Wei } from '../lib/wei.ts'
import type { Store } from '../store/store.ts'
import type { ChainClient } from './client.ts'
import { chainLimits } from './limits.ts'
import { createChainMetrics } from './metrics.ts'
import { createTransactionNode, type TransactionNode } from './transaction-node.ts'
import type { Outcome, Receipt, TransactionsInit } from './transaction-record.ts'
import { createTransactionStore, type TransactionStore } from './transaction-store.ts'
import { TransactionTracker } from './transaction-tracker.ts'

export type { Receipt, TransactionsInit } from './transaction-record.ts'

/** A transaction to be made exactly once. */
export interface TransactionRequest {
  /**
   * What the transaction is for, chosen by the caller so that it is the same whenever the same
   * effect is meant, for example `redeem/<ticket hash>`.
   */
  readonly id: string
  readonly to: Address
  readonly data: Uint8Array
  readonly value?: Wei
  /** Limit of gas; estimated when left out. */
  readonly gas?: bigint
}

/** A transaction that is stored and not known to be mined. */
export interface UnminedTransaction {
  readonly id: string
  readonly nonce: number
  /** How often it was signed: more than once when it was replaced. */
  readonly attempts: number
}

/**
 * Makes transactions of one account that survive a crash.
 *
 * Invariant: a transaction is signed and stored before it is sent, so whatever may have reached
 * the chain is known after a restart. One id is one effect: it is never signed under two nonces
 * unless the first nonce was used up by a transaction of somebody else.
 */
export interface Transactions extends Startable {
  /** Whose transactions. */
  readonly address: Address
  /**
   * Makes the transaction, or joins the one already made under this id, and waits until it is mined.
   *
   * An abort ends the waiting, not the transaction.
   *
   * @throws `TX_REVERTED` with `meta.reason`; with `meta.receipt` too when it was mined. Without a
   * receipt nothing was sent and the id is free
   * @throws `TX_UNDERFUNDED` when the account cannot pay; nothing was sent and the id is free
   * @throws `TX_REJECTED` when the node refused it; nothing was sent and the id is free
   * @throws `TX_LIMIT` when too many are unmined, or the request is too large
   * @throws `CHAIN_UNREACHABLE` when it could not be prepared. Once it is stored, an endpoint that
   * is gone is waited for
   */
  submit(request: TransactionRequest, options?: AbortOptions): Promise<Receipt>
  /** The outcome under an id, if it is mined: its receipt, also when it reverted. */
  outcome(id: string): Promise<Receipt | undefined>
  /**
   * Asks the chain now whether a mined transaction still is. One that is not is sent again, and
   * whoever submits its id from then on waits for it.
   */
  recheck(id: string, options?: AbortOptions): Promise<void>
  /**
   * Calls back when a mined transaction was reorganised away, after it was taken up again; the
   * function ends it. What its receipt led to may have to be taken back.
   */
  onReorganised(listener: (id: string) => void): () => void
  unmined(): readonly UnminedTransaction[]
}

/** What {@link createTransactions} needs. */
export interface TransactionsComponents {
  readonly client: ChainClient
  readonly store: Store
  readonly logger: Logger
  readonly metrics?: MetricsRegistry
  readonly clock?: Clock
}

/**
 * The durable sender of the client's account. One store must have one sender per account.
 *
 * @throws `CHAIN_READ_ONLY` when the client has no key
 */
export function createTransactions(
  components: TransactionsComponents,
  init: TransactionsInit = {},
): Transactions {
  const { client } = components
  if (client.signer === undefined || client.address === undefined) {
    throw new MillraceError('CHAIN_READ_ONLY', 'transactions need a key', {
      hint: 'Configure the key of the account that pays for gas',
    })
  }
  return new DurableTransactions(client.address, components, init)
}

interface Waiter {
  readonly promise: Promise<Receipt>
  resolve(receipt: Receipt): void
  reject(error: Error): void
}

class DurableTransactions implements Transactions {
  readonly address: Address
  readonly #node: TransactionNode
  readonly #store: TransactionStore
  readonly #tracker: TransactionTracker
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #serial = createSerial()
  readonly #waiters = new Map<string, Waiter>()
  readonly #reorganised = new Set<(id: string) => void>()
  readonly #submitting = new Map<string, Promise<Receipt>>()
  #nextNonce: number | undefined
  #controller: AbortController | undefined
  #loop: Promise<void> = Promise.resolve()

  constructor(address: Address, components: TransactionsComponents, init: TransactionsInit) {
    const { client, store, clock = systemClock, metrics = noMetrics } = components
    this.address = address
    this.#clock = clock
    this.#logger = components.logger.child({ part: 'transactions' })
    this.#node = createTransactionNode(client, init)
    this.#store = createTransactionStore(store, client.chainId, address)
    this.#tracker = new TransactionTracker(
      {
        client,
        clock,
        node: this.#node,
        store: this.#store,
        logger: this.#logger,
        metrics: createChainMetrics(metrics),
        withFreshNonce: async (section, options) => this.#withFreshNonce(section, options),
        onSettled: (id, outcome) => this.#onSettled(id, outcome),
        onVanished: (id) => this.#onVanished(id),
      },
      init,
    )
  }

  async start(): Promise<void> {
    if (this.#controller !== undefined) return
    const controller = new AbortController()
    // One listener for each transaction that is being made.
    setMaxListeners(0, controller.signal)
    this.#controller = controller
    await this.#store.prune()
    await this.#tracker.watch.load()
    for (const [id, record] of await this.#store.unmined()) this.#tracker.add(id, record, false)
    if (this.#tracker.size > 0) {
      this.#logger.info({ count: this.#tracker.size }, 'sending unmined transactions again')
    }
    this.#loop = this.#tracker.run(controller.signal)
  }

  async stop(): Promise<void> {
    const reason = new DOMException('transactions stopped', 'AbortError')
    this.#controller?.abort(reason)
    // A transaction that is being made is stored and sent first.
    await this.#serial(async () => {})
    await this.#loop
    for (const waiter of this.#waiters.values()) waiter.reject(reason)
    this.#waiters.clear()
    for (const [id] of this.#tracker.entries()) this.#tracker.drop(id)
    this.#tracker.watch.clear()
    this.#nextNonce = undefined
    this.#controller = undefined
  }

  async submit(request: TransactionRequest, options: AbortOptions = {}): Promise<Receipt> {
    checkSize(request)
    let running = this.#submitting.get(request.id)
    if (running === undefined) {
      running = this.#submit(request)
      this.#submitting.set(request.id, running)
      const forget = (): unknown => this.#submitting.delete(request.id)
      running.then(forget, forget)
    }
    return raceSignal(running, options)
  }

  async outcome(id: string): Promise<Receipt | undefined> {
    return (await this.#store.outcome(id))?.receipt
  }

  async recheck(id: string, options: AbortOptions = {}): Promise<void> {
    await this.#tracker.watch.recheck(id, options)
  }

  onReorganised(listener: (id: string) => void): () => void {
    this.#reorganised.add(listener)
    return () => void this.#reorganised.delete(listener)
  }

  unmined(): readonly UnminedTransaction[] {
    return this.#tracker.entries().map(([id, { nonce, attempts }]) => {
      return { id, nonce, attempts: attempts.length }
    })
  }

  async #submit(request: TransactionRequest): Promise<Receipt> {
    const signal = this.#controller?.signal
    if (signal === undefined) throw new DOMException('transactions are not started', 'AbortError')
    const known = await this.#store.outcome(request.id)
    if (known !== undefined) return receiptOf(known)
    // One that is just being taken up again is on no other list for a moment.
    if (!this.#tracker.has(request.id) && !this.#tracker.watch.has(request.id)) {
      const gas = request.gas ?? (await this.#node.estimateGas(request, { signal }))
      await this.#serial(async () => this.#create(request, gas, signal))
    }
    return this.#wait(request.id)
  }

  /** Signs, stores, sends. Runs alone: nonces are taken and sent in order. */
  async #create(request: TransactionRequest, gas: bigint, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#tracker.size >= chainLimits.maxUnmined) {
      throw new MillraceError('TX_LIMIT', 'too many transactions are waiting to be mined', {
        meta: { limit: chainLimits.maxUnmined },
      })
    }
    const { id, to, data, value = 0n } = request
    const fees = await this.#node.fees({ signal })
    await this.#node.requireFunds(gas * fees.maxFeePerGas + value, { signal })
    const nonce = await this.#freshNonce(signal)
    const unsigned = { to, data, value, gas, nonce }
    const attempt = await this.#node.sign(unsigned, fees, this.#clock.now())
    const record = { ...unsigned, attempts: [attempt] }
    await this.#store.put(id, record)
    this.#nextNonce = nonce + 1
    // Whoever waits must be there before the tracker can settle it.
    this.#waiter(id)
    const refusal = await this.#node.send(attempt.raw, { signal })
    if (refusal === 'underfunded' || refusal === 'rejected') {
      await this.#takeBack(id, nonce)
      throw new MillraceError(
        refusal === 'underfunded' ? 'TX_UNDERFUNDED' : 'TX_REJECTED',
        'the chain node refused the transaction',
        { meta: { refusal } },
      )
    }
    if (refusal !== null && refusal !== 'known') {
      this.#logger.warn({ id, nonce, refusal }, 'transaction waits to be sent')
    }
    this.#tracker.add(id, record, refusal !== 'unreachable')
  }

  /** Nothing was signed after it yet, so its nonce is free again. */
  async #takeBack(id: string, nonce: number): Promise<void> {
    await this.#store.remove(id)
    this.#waiters.delete(id)
    this.#nextNonce = nonce
  }

  async #freshNonce(signal: AbortSignal): Promise<number> {
    if (this.#nextNonce !== undefined) return this.#nextNonce
    const counted = await this.#node.transactionCount('pending', { signal })
    const unmined = this.#tracker.entries().map(([, { nonce }]) => nonce)
    const taken = [...unmined, ...this.#tracker.watch.nonces()]
    return Math.max(counted, ...taken.map((nonce) => nonce + 1))
  }

  async #withFreshNonce(
    section: (nonce: number) => Promise<void>,
    options: AbortOptions,
  ): Promise<void> {
    const signal = options.signal ?? new AbortController().signal
    await this.#serial(async () => {
      this.#nextNonce = undefined
      const nonce = await this.#freshNonce(signal)
      await section(nonce)
      this.#nextNonce = nonce + 1
    })
  }

  #waiter(id: string): Waiter {
    const present = this.#waiters.get(id)
    if (present !== undefined) return present
    let resolve!: (receipt: Receipt) => void
    let reject!: (error: Error) => void
    const promise = new Promise<Receipt>((res, rej) => {
      resolve = res
      reject = rej
    })
    // A transaction made by an earlier run may have nobody who waits for it.
    promise.catch(() => {})
    const waiter = { promise, resolve, reject }
    this.#waiters.set(id, waiter)
    return waiter
  }

  async #wait(id: string): Promise<Receipt> {
    // In this order: it may be settled while the outcome is looked up.
    const waiter = this.#waiter(id)
    const known = await this.#store.outcome(id)
    if (known === undefined) return waiter.promise
    this.#waiters.delete(id)
    return receiptOf(known)
  }

  #onVanished(id: string): void {
    for (const listener of this.#reorganised) {
      try {
        listener(id)
      } catch (error) {
        this.#logger.error({ err: error, id }, 'a listener for reorganisations failed')
      }
    }
  }

  #onSettled(id: string, outcome: Outcome): void {
    const waiter = this.#waiters.get(id)
    this.#waiters.delete(id)
    if (waiter === undefined) return
    try {
      waiter.resolve(receiptOf(outcome))
    } catch (error) {
      waiter.reject(error as Error)
    }
  }
}

function receiptOf({ receipt, reason }: Outcome): Receipt {
  if (receipt.status === 'success') return receipt
  throw new MillraceError('TX_REVERTED', `the transaction reverted: ${reason}`, {
    meta: { reason, receipt },
  })
}

function checkSize(request: TransactionRequest): void {
  const { maxIdChars, maxDataBytes } = chainLimits
  if (request.id.length > 0 && request.id.length <= maxIdChars) {
    if (request.data.byteLength <= maxDataBytes) return
  }
  throw new MillraceError('TX_LIMIT', 'the transaction is too large, or its id is', {
    meta: { maxIdChars, maxDataBytes },
  })
}
