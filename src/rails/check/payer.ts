import type { MediaExchange } from '../../chain/media-exchange.ts'
import type { UserRegistry } from '../../chain/user-registry.ts'
import { type AbortOptions, sleep } from '../../lib/abort.ts'
import { bytesEqual, fromHex, toHex } from '../../lib/bytes.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { randHash } from '../../lib/crypto/random.ts'
import { hasCode, messageOf } from '../../lib/errors.ts'
import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import { ok, type Result } from '../../lib/result.ts'
import { createSerial } from '../../lib/serial.ts'
import { TaskGroup } from '../../lib/tasks.ts'
import { formatWei, type Wei } from '../../lib/wei.ts'
import type { Store, Table } from '../../store/store.ts'
import { type Bid, type BidSigners, chainBid, digestOfBid, priceOfBid, signBid } from './bid.ts'
import { type PayRecord, payTable } from './channel-store.ts'
import { type SignedCheck, signCheck } from './check.ts'
import { segmentsOf, valueOf } from './digest.ts'
import { type CheckFault, refuse } from './faults.ts'
import { checkLimits } from './limits.ts'
import type { CheckMetrics } from './metrics.ts'

/** What the paying side works with. */
export interface CheckPayerComponents {
  readonly exchange: Pick<MediaExchange, 'balanceOf' | 'channelOf' | 'fund' | 'reclaim'>
  readonly users: Pick<UserRegistry, 'isRegistered' | 'nonceOf'>
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: CheckMetrics
}

/** How the paying side is set up. */
export interface CheckPayerInit {
  readonly signers: BidSigners
  /** Most of one channel, in units of the asset. */
  readonly maxEscrow: Wei
  /** Whether the wallet tops up the balance with the exchange by what a bid lacks. */
  readonly autoFund: boolean
}

/** What a bidder chooses; nonce, key and expiration are added. */
export type BidTerms = Omit<Bid, 'nonce' | 'key' | 'expiration'> & {
  /** Seconds from now; the least a payee accepts where absent. */
  readonly lifeSeconds?: number
}

/** A channel that pays, as its payer sees it. */
export interface PayingChannel {
  /** Hex of the bid's digest. */
  readonly channel: string
  readonly record: PayRecord
  /** What its highest check is worth. */
  readonly value: Wei
}

/**
 * Channels from which checks go out.
 *
 * Invariant: a bid, and the balance of a check, are stored before the signature leaves.
 */
export interface CheckPayer extends Startable {
  readonly address: Address
  /** Funds if need be, and signs a bid. Under no order it is an order of its own. */
  bid(
    terms: BidTerms,
    orderId: string | null,
    options?: AbortOptions & { readonly fresh?: boolean },
  ): Promise<Result<PayingChannel, CheckFault>>
  /** The newest channel of an order that can still pay. */
  channelOf(orderId: string): PayingChannel | null
  /** Signs a check over a channel. */
  check(channel: string, balance: number): Promise<SignedCheck>
  /** Whether a bid was accepted on chain. */
  isOpen(channel: string, options?: AbortOptions): Promise<boolean>
  /** Whether checks over a channel are of worth: it can be cashed, or its bid still be accepted. */
  canPay(channel: string, options?: AbortOptions): Promise<boolean>
  /** Takes back what expired, and gives how much. */
  recover(options?: AbortOptions): Promise<Wei>
  channels(): readonly PayingChannel[]
}

/** The paying side, with what is stored of it. */
export async function openCheckPayer(
  components: CheckPayerComponents,
  init: CheckPayerInit,
): Promise<CheckPayer> {
  const table = payTable(components.store)
  const records = new Map<string, PayRecord>()
  for await (const [channel, record] of table.entries()) {
    if (record.state !== 'over') records.set(channel, record)
  }
  return new StoredCheckPayer(components, init, table, records)
}

function paying(channel: string, record: PayRecord): PayingChannel {
  return { channel, record, value: valueOf(record.bid.bid, record.balance) }
}

class StoredCheckPayer implements CheckPayer {
  readonly address: Address
  readonly #parts: CheckPayerComponents
  readonly #init: CheckPayerInit
  readonly #table: Table<PayRecord>
  readonly #records: Map<string, PayRecord>
  readonly #tasks: TaskGroup
  readonly #serial = createSerial()
  #controller = new AbortController()
  #funded = 0

  constructor(
    parts: CheckPayerComponents,
    init: CheckPayerInit,
    table: Table<PayRecord>,
    records: Map<string, PayRecord>,
  ) {
    this.address = init.signers.wallet.address
    this.#parts = parts
    this.#init = init
    this.#table = table
    this.#records = records
    this.#tasks = new TaskGroup(parts.logger)
  }

  async start(): Promise<void> {
    this.#controller = new AbortController()
    const { signal } = this.#controller
    this.#tasks.run(async () => this.#sweep(signal))
  }

  async stop(): Promise<void> {
    this.#controller.abort(new DOMException('the check rail is stopping', 'AbortError'))
    await this.#tasks.drain()
  }

  channels(): readonly PayingChannel[] {
    return [...this.#records].map(([channel, record]) => paying(channel, record))
  }

  channelOf(orderId: string): PayingChannel | null {
    const found = this.channels().filter(({ record }) => record.orderId === orderId)
    found.sort((a, b) => a.record.bid.bid.expiration - b.record.bid.bid.expiration)
    return found.at(-1) ?? null
  }

  async bid(
    { lifeSeconds, ...terms }: BidTerms,
    orderId: string | null,
    { fresh = false, ...options }: AbortOptions & { readonly fresh?: boolean } = {},
  ): Promise<Result<PayingChannel, CheckFault>> {
    const { signers, maxEscrow } = this.#init
    const price = terms.bid * BigInt(terms.duration)
    if (price > maxEscrow) {
      const detail = `${formatWei(price)} is more than ${formatWei(maxEscrow)}`
      return refuse('limit', 'ESCROW_TOO_HIGH', detail)
    }
    if (this.#records.size >= checkLimits.maxOpenChannels) {
      return refuse('limit', 'TOO_MANY_CHANNELS', `${this.#records.size} channels are open`)
    }
    // One after the other: each bid names the one before it.
    return this.#serial(async () => {
      const funded = await this.#provide(terms.asset, price, options)
      if (!funded.ok) return funded
      const now = Math.ceil(this.#parts.clock.now() / 1000)
      const least = terms.duration + 2 * checkLimits.expirationMarginSeconds
      const expiration = now + Math.max(lifeSeconds ?? 0, least)
      const nonce = await this.#nextNonce(fresh, options)
      const signed = signBid({ ...terms, nonce, expiration, key: signers.key.peerId }, signers)
      const channel = toHex(digestOfBid(signed.bid, signers.separator))
      const state = 'bid' as const
      const record: PayRecord = { orderId: orderId ?? channel, bid: signed, state, balance: 0 }
      await this.#put(channel, record)
      this.#parts.metrics.channels.inc({ event: 'bid' })
      return ok(paying(channel, record))
    })
  }

  async check(channel: string, balance: number): Promise<SignedCheck> {
    const record = this.#records.get(channel)
    if (record === undefined) throw new RangeError('no such channel')
    const { bid } = record.bid
    if (balance > segmentsOf(bid)) throw new RangeError('more segments than the video has')
    if (balance > record.balance) {
      const value = valueOf(bid, balance) - valueOf(bid, record.balance)
      await this.#put(channel, { ...record, balance })
      this.#parts.metrics.value.inc({ side: 'sent' }, Number(value))
    }
    const higher = Math.max(balance, record.balance)
    return signCheck({ channel: fromHex(channel), balance: higher }, this.#init.signers)
  }

  async isOpen(channel: string, options: AbortOptions = {}): Promise<boolean> {
    const record = this.#records.get(channel)
    if (record === undefined) return false
    if (record.state === 'open') return true
    const opened = await this.#parts.exchange.channelOf(fromHex(channel), options)
    if (opened === undefined) return false
    const newest = this.#records.get(channel) ?? record
    await this.#put(channel, { ...newest, state: 'open' })
    return true
  }

  async canPay(channel: string, options: AbortOptions = {}): Promise<boolean> {
    const { exchange, users, clock } = this.#parts
    const opened = await exchange.channelOf(fromHex(channel), options)
    if (opened !== undefined) return opened.escrow > 0n
    const bid = this.#records.get(channel)?.bid.bid
    if (bid === undefined) return false
    const latest = bid.expiration - bid.duration - checkLimits.expirationMarginSeconds
    if (latest * 1000 <= clock.now()) return false
    if (!(await users.isRegistered(this.address, options))) return true
    return bytesEqual(await users.nonceOf(this.address, options), bid.nonce)
  }

  async recover(options: AbortOptions = {}): Promise<Wei> {
    const now = this.#parts.clock.now() / 1000
    let recovered = 0n
    for (const [channel, record] of [...this.#records]) {
      if (record.bid.bid.expiration > now) continue
      recovered += await this.#reclaim(channel, record, options)
    }
    return recovered
  }

  async #reclaim(channel: string, record: PayRecord, options: AbortOptions): Promise<Wei> {
    const { exchange, metrics } = this.#parts
    const escrow = (await exchange.channelOf(fromHex(channel), options))?.escrow ?? 0n
    if (escrow > 0n) {
      try {
        const id = `check-reclaim/${channel}`
        await exchange.reclaim(chainBid(record.bid.bid), { ...options, id })
      } catch (error) {
        // The payee's check may have come in between.
        if (!hasCode(error, 'TX_REVERTED')) throw error
        if (error.meta['reason'] !== 'channel is closed') return 0n
      }
      metrics.channels.inc({ event: 'reclaimed' })
    }
    await this.#table.put(channel, { ...record, state: 'over' })
    this.#records.delete(channel)
    return escrow
  }

  async #put(channel: string, record: PayRecord): Promise<void> {
    await this.#table.put(channel, record)
    this.#records.set(channel, record)
  }

  /** Makes sure that the exchange holds the price, beside that of bids that may yet be opened. */
  async #provide(
    asset: Address,
    price: Wei,
    options: AbortOptions,
  ): Promise<Result<void, CheckFault>> {
    const { exchange, clock } = this.#parts
    let wanted = price
    for (const { channel, record } of this.channels()) {
      const { bid } = record.bid
      if (record.state !== 'bid' || bid.asset !== asset) continue
      if (bid.expiration * 1000 <= clock.now() || (await this.isOpen(channel, options))) continue
      wanted += priceOfBid(bid)
    }
    const balance = await exchange.balanceOf(asset, this.address, options)
    if (balance >= wanted) return ok(undefined)
    const short = (): Result<never, CheckFault> => {
      const detail = `the exchange holds ${balance}, bids take ${wanted}`
      return refuse('underfunded', 'INSUFFICIENT_FUNDS', detail)
    }
    if (!this.#init.autoFund) return short()
    this.#funded += 1
    try {
      const id = `check-fund/${clock.now()}/${this.#funded}`
      await exchange.fund(asset, wanted - balance, { ...options, id })
      return ok(undefined)
    } catch (error) {
      options.signal?.throwIfAborted()
      this.#parts.logger.warn({ err: error }, `funding failed: ${messageOf(error)}`)
      return short()
    }
  }

  /**
   * The digest of the newest bid that may still be opened, or what the chain says. Wallets without
   * registration have none: any number makes their bids differ.
   */
  async #nextNonce(fresh: boolean, options: AbortOptions): Promise<Uint8Array> {
    const { users } = this.#parts
    if (!(await users.isRegistered(this.address, options))) return randHash()
    const nonce = await users.nonceOf(this.address, options)
    if (fresh) return nonce
    const waiting = this.channels().filter(({ record }) => record.state === 'bid')
    let last = toHex(nonce)
    for (let found = true; found; ) {
      const next = waiting.find(({ record }) => toHex(record.bid.bid.nonce) === last)
      found = next !== undefined
      if (next !== undefined) last = next.channel as typeof last
    }
    return fromHex(last)
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(checkLimits.sweepMs, { signal })
      await this.recover({ signal }).catch((error: unknown) => {
        signal.throwIfAborted()
        this.#parts.logger.warn({ err: error }, 'an expired channel waits to be reclaimed')
      })
    }
  }
}
