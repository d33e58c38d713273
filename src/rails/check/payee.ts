import { type AbortOptions, raceSignal, sleep } from '../../lib/abort.ts'
import { fromHex, toHex } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { hasCode, messageOf } from '../../lib/errors.ts'
import { ok, type Result } from '../../lib/result.ts'
import { createSerial } from '../../lib/serial.ts'
import { TaskGroup } from '../../lib/tasks.ts'
import type { Wei } from '../../lib/wei.ts'
import type { Table } from '../../store/store.ts'
import type { PaymentContext, Received } from '../rail.ts'
import { judgeBidder, judgeTerms } from './activation.ts'
import { chainBid, digestOfBid, type SignedBid, verifyBid } from './bid.ts'
import { type EarnRecord, earnTable } from './channel-store.ts'
import { type SignedCheck, verifyCheck } from './check.ts'
import { segmentsOf, valueOf } from './digest.ts'
import { type CheckFault, refuse } from './faults.ts'
import { checkLimits } from './limits.ts'
import type {
  CheckPayee,
  CheckPayeeComponents,
  CheckPayeeInit,
  EarningChannel,
} from './payee-port.ts'

function earning(channel: string, record: EarnRecord): EarningChannel {
  return { channel, record, value: valueOf(record.bid.bid, record.balance) }
}

/** What transactions that open channels are called, before the channel's name. */
const OPENING = 'check-open/'

/** What a check is worth that was credited before. */
const NOTHING: Received = { credited: 0n, writes: [], sync: false, committed() {} }

/** The earning side, with what is stored of it. */
export async function openCheckPayee(
  components: CheckPayeeComponents,
  init: CheckPayeeInit,
): Promise<CheckPayee> {
  const table = earnTable(components.store)
  const records = new Map<string, EarnRecord>()
  for await (const [channel, record] of table.entries()) {
    if (record.state !== 'closed') records.set(channel, record)
  }
  return new StoredCheckPayee(components, init, table, records)
}

class StoredCheckPayee implements CheckPayee {
  readonly #parts: CheckPayeeComponents
  readonly #init: CheckPayeeInit
  readonly #table: Table<EarnRecord>
  readonly #records: Map<string, EarnRecord>
  readonly #tasks: TaskGroup
  readonly #serial = createSerial()
  /** When a channel's last check came, or it was first looked at. */
  readonly #usedAtMs = new Map<string, number>()
  readonly #openings = new Map<string, Promise<Result<EarningChannel, CheckFault>>>()
  #controller = new AbortController()
  #unsubscribe = (): void => {}

  constructor(
    parts: CheckPayeeComponents,
    init: CheckPayeeInit,
    table: Table<EarnRecord>,
    records: Map<string, EarnRecord>,
  ) {
    this.#parts = parts
    this.#init = init
    this.#table = table
    this.#records = records
    this.#tasks = new TaskGroup(parts.logger)
  }

  async start(): Promise<void> {
    this.#controller = new AbortController()
    const { signal } = this.#controller
    this.#unsubscribe = this.#parts.transactions.onReorganised((id) => this.#onReorganised(id))
    // What vanished while nobody listened is on the list of those to be mined.
    for (const { id } of this.#parts.transactions.unmined()) this.#onReorganised(id)
    for (const [channel, { state }] of this.#records) {
      if (state === 'opening') this.#tasks.run(async () => void (await this.#open(channel, signal)))
      if (state === 'cashing') this.#tasks.run(async () => void (await this.#cash(channel, signal)))
    }
    this.#tasks.run(async () => this.#sweep(signal))
  }

  async stop(): Promise<void> {
    this.#unsubscribe()
    this.#controller.abort(new DOMException('the check rail is stopping', 'AbortError'))
    await this.#tasks.drain()
  }

  channels(): readonly EarningChannel[] {
    return [...this.#records].map(([channel, record]) => earning(channel, record))
  }

  async accept(
    signed: SignedBid,
    { payer, orderId }: { readonly payer: Address; readonly orderId: string | null },
    options: AbortOptions = {},
  ): Promise<Result<EarningChannel, CheckFault>> {
    const { acceptor, separator } = this.#init
    const signer = verifyBid(signed, separator)
    if (!signer.ok) return refuse('fatal', signer.error, 'a signature of the bid does not hold')
    if (signer.value !== payer) {
      return refuse('fatal', 'BAD_WALLET_SIGNATURE', "the bid is not signed by the bidder's wallet")
    }
    const channel = toHex(digestOfBid(signed.bid, separator))
    const known = this.#records.get(channel)
    if (known !== undefined) return this.#again(channel, known, orderId, options)
    const now = Math.floor(this.#parts.clock.now() / 1000)
    const terms = judgeTerms(signed.bid, acceptor, now)
    if (!terms.ok) return terms
    if (this.#records.size >= checkLimits.maxOpenChannels) {
      return refuse('limit', 'TOO_MANY_CHANNELS', `${this.#records.size} channels are open`)
    }
    // One after the other: two bids on one nonce must not both look fine.
    return this.#serial(async () => {
      const judged = await this.#judge(signed, payer, channel, options)
      if (!judged.ok) return judged
      const record: EarnRecord = {
        ...{ orderId: orderId ?? channel, payer, bid: signed, state: 'opening', balance: 0 },
        checkSignature: new Uint8Array(),
      }
      await this.#table.put(channel, record, { sync: true })
      this.#records.set(channel, record)
      return this.#open(channel, options.signal)
    })
  }

  async knows({ bid }: SignedBid): Promise<boolean> {
    const channel = toHex(digestOfBid(bid, this.#init.separator))
    return (this.#records.get(channel) ?? (await this.#table.get(channel))) !== undefined
  }

  async receive(
    check: SignedCheck,
    { orderId, payer }: PaymentContext,
    options: AbortOptions = {},
  ): Promise<Result<Received, CheckFault>> {
    const channel = toHex(check.channel)
    let record = this.#records.get(channel) ?? (await this.#table.get(channel))
    if (record === undefined) {
      return refuse('new-params', 'UNKNOWN_CHANNEL', 'no such channel under this order')
    }
    const { bid } = record.bid
    const by = { payer, key: bid.key, separator: this.#init.separator }
    const verified = verifyCheck(check, by)
    if (!verified.ok) return refuse('fatal', verified.error, 'a signature of the check is wrong')
    if (check.balance <= record.balance) return ok(NOTHING)
    if (record.orderId !== orderId) {
      return refuse('new-params', 'UNKNOWN_CHANNEL', 'no such channel under this order')
    }
    if (check.balance > segmentsOf(bid)) {
      const detail = `${check.balance} of ${segmentsOf(bid)} segments`
      return refuse('fatal', 'BALANCE_TOO_HIGH', detail)
    }
    if (record.state === 'opening') {
      // A check is worth nothing while its channel is not on the chain, or not any more.
      const opened = await this.#open(channel, options.signal)
      if (!opened.ok) return opened
      record = opened.value.record
    }
    if (record.state !== 'open') {
      return refuse('new-params', 'CHANNEL_CLOSED', `the channel is ${record.state}`)
    }
    return ok(this.#credit(channel, record, check))
  }

  #credit(channel: string, record: EarnRecord, check: SignedCheck): Received {
    const { bid } = record.bid
    const { balance, walletSignature } = check
    const credited = valueOf(bid, balance) - valueOf(bid, record.balance)
    return {
      credited,
      writes: [this.#table.putOp(channel, { ...record, balance, checkSignature: walletSignature })],
      sync: false,
      committed: () => {
        const { state } = this.#records.get(channel) ?? record
        this.#usedAtMs.set(channel, this.#parts.clock.now())
        this.#records.set(channel, { ...record, state, balance, checkSignature: walletSignature })
        this.#parts.metrics.value.inc({ side: 'received' }, Number(credited))
      },
    }
  }

  async settle(orderId: string, options: AbortOptions = {}): Promise<Wei> {
    let cashed = 0n
    for (const [channel, record] of [...this.#records]) {
      if (record.orderId === orderId) cashed += await this.#cash(channel, options.signal)
    }
    return cashed
  }

  async settleOrders({ signal }: AbortOptions = {}): Promise<void> {
    const paid = [...this.#records].filter(
      ([channel, { orderId, state, balance }]) =>
        orderId !== channel && state === 'open' && balance > 0,
    )
    const cashing = paid.map(([channel]) => this.#cash(channel, signal))
    const failed = (await Promise.allSettled(cashing)).filter(({ status }) => status === 'rejected')
    if (failed.length === 0) return
    this.#parts.logger.info({ channels: failed.length }, 'checks are cashed after the next start')
  }

  async #again(
    channel: string,
    record: EarnRecord,
    orderId: string | null,
    options: AbortOptions,
  ): Promise<Result<EarningChannel, CheckFault>> {
    if (record.orderId !== (orderId ?? channel)) {
      return refuse('fatal', 'BID_USED', 'the bid belongs to another order')
    }
    if (record.state === 'opening') return this.#open(channel, options.signal)
    if (record.state === 'open') return ok(earning(channel, record))
    return refuse('fatal', 'BID_USED', 'this bid opened a channel before')
  }

  async #judge(
    { bid }: SignedBid,
    payer: Address,
    channel: string,
    options: AbortOptions,
  ): Promise<Result<void, CheckFault>> {
    const { exchange, users } = this.#parts
    const { key } = chainBid(bid)
    const [isRegistered, isKeyListed, nonce, balance, opened] = await Promise.all([
      users.isRegistered(payer, options),
      users.isKeyOf(payer, key, options),
      users.nonceOf(payer, options),
      exchange.balanceOf(bid.asset, payer, options),
      exchange.channelOf(fromHex(channel), options),
    ])
    const wasOpened = opened !== undefined
    return judgeBidder(bid, { isRegistered, isKeyListed, nonce, balance, wasOpened })
  }

  /** An opening that was mined and is no more: until it is again, no check is worth anything. */
  #onReorganised(id: string): void {
    const channel = id.startsWith(OPENING) ? (id.slice(OPENING.length).split('/')[0] ?? '') : ''
    const record = this.#records.get(channel)
    if (record?.state !== 'open') return
    this.#parts.logger.warn({ channel }, 'the opening of a channel was reorganised away')
    this.#parts.metrics.channels.inc({ event: 'reorganised' })
    this.#records.set(channel, { ...record, state: 'opening' })
    const { signal } = this.#controller
    this.#tasks.run(async () => void (await this.#open(channel, signal)))
  }

  /** Submits a stored bid and waits until it is mined; whoever asks meanwhile waits too. */
  async #open(
    channel: string,
    signal: AbortSignal | undefined,
  ): Promise<Result<EarningChannel, CheckFault>> {
    const running = this.#openings.get(channel)
    if (running !== undefined) return raceSignal(running, signal === undefined ? {} : { signal })
    const opening = this.#submit(channel)
    this.#openings.set(channel, opening)
    const forget = (): unknown => this.#openings.delete(channel)
    opening.then(forget, forget)
    return raceSignal(opening, signal === undefined ? {} : { signal })
  }

  async #submit(channel: string): Promise<Result<EarningChannel, CheckFault>> {
    const { exchange, metrics, logger } = this.#parts
    const { signal } = this.#controller
    const record = this.#records.get(channel)
    if (record === undefined) return refuse('fatal', 'OPEN_FAILED', 'the bid was refused')
    const { bid, walletSignature } = record.bid
    const { tries = 0 } = record
    const id = `${OPENING}${channel}${tries === 0 ? '' : `/${tries}`}`
    try {
      await exchange.open(chainBid(bid), walletSignature, { id, signal })
    } catch (error) {
      signal.throwIfAborted()
      if (!hasCode(error, 'TX_REVERTED'))
        return refuse('not-ready', 'OPEN_FAILED', messageOf(error))
      return this.#refused(channel, record, String(error.meta['reason']))
    }
    // One that only comes back after a reorganisation is open in the store all the while, and a
    // check may be on its way there.
    const isStored = record.balance > 0 && tries === 0
    const open = await this.#change(channel, record, { state: 'open' }, { isStored })
    metrics.channels.inc({ event: 'opened' })
    logger.info({ channel, payer: record.payer }, 'channel opened')
    return ok(earning(channel, open))
  }

  /**
   * Changes what is known of a channel. A check that is credited meanwhile is kept: the change is
   * made to what is known by then, and stored again if more came while it was written.
   */
  async #change(
    channel: string,
    before: EarnRecord,
    change: Partial<EarnRecord>,
    { isStored = false }: { readonly isStored?: boolean } = {},
  ): Promise<EarnRecord> {
    let changed: EarnRecord = { ...(this.#records.get(channel) ?? before), ...change }
    this.#records.set(channel, changed)
    for (let stored = isStored ? changed : null; stored !== changed; ) {
      stored = changed
      await this.#table.put(channel, changed, { sync: true })
      changed = this.#records.get(channel) ?? changed
    }
    return changed
  }

  /** What the chain refused is forgotten, unless it was open before and something is owed by it. */
  async #refused(
    channel: string,
    record: EarnRecord,
    reason: string,
  ): Promise<Result<never, CheckFault>> {
    const { metrics, clock } = this.#parts
    const isExpired = record.bid.bid.expiration * 1000 <= clock.now()
    if (record.balance > 0 && !isExpired) {
      // The payer's own transactions may have to come back first: the sweep tries again.
      await this.#change(channel, record, { tries: (record.tries ?? 0) + 1 })
      return refuse('not-ready', 'OPEN_FAILED', reason)
    }
    await this.#table.del(channel)
    this.#records.delete(channel)
    metrics.channels.inc({ event: record.balance > 0 ? 'lost' : 'refused' })
    return refuse('fatal', 'OPEN_FAILED', reason)
  }

  /** Cashes the highest check; the decision is stored before anything is sent. */
  async #cash(channel: string, signal: AbortSignal | undefined): Promise<Wei> {
    const record = this.#records.get(channel)
    if (record === undefined || record.state === 'opening') return 0n
    const { exchange, metrics, logger } = this.#parts
    const { balance, checkSignature, bid } = record
    if (balance > 0) {
      const cashing: EarnRecord = { ...record, state: 'cashing' }
      await this.#table.put(channel, cashing, { sync: true })
      this.#records.set(channel, cashing)
      const options = { id: `check-cash/${channel}`, signal }
      try {
        await exchange.cash(chainBid(bid.bid), balance, checkSignature, options)
      } catch (error) {
        if (!hasCode(error, 'TX_REVERTED')) throw error
        logger.error({ channel, reason: error.meta['reason'] }, 'a check was not cashed')
        metrics.channels.inc({ event: 'lost' })
        await this.#close(channel)
        return 0n
      }
    }
    await this.#close(channel)
    metrics.channels.inc({ event: balance > 0 ? 'cashed' : 'unused' })
    return valueOf(bid.bid, balance)
  }

  async #close(channel: string): Promise<void> {
    const record = this.#records.get(channel)
    if (record === undefined) return
    await this.#table.put(channel, { ...record, state: 'closed' }, { sync: true })
    this.#records.delete(channel)
    this.#usedAtMs.delete(channel)
  }

  /** Whether an order that is no bid itself got no check for so long that it seems to be over. */
  #isIdle(channel: string, { orderId, balance }: EarnRecord): boolean {
    const { idleMs } = this.#init
    if (orderId === channel || balance === 0 || idleMs === undefined) return false
    const now = this.#parts.clock.now()
    const since = this.#usedAtMs.get(channel) ?? now
    this.#usedAtMs.set(channel, since)
    return now - since >= idleMs
  }

  /** Cashes what would soon go back to its payer, and what is not paid on any more. */
  async #sweep(signal: AbortSignal): Promise<void> {
    for (;;) {
      await sleep(checkLimits.sweepMs, { signal })
      const now = this.#parts.clock.now() / 1000
      for (const [channel, record] of [...this.#records]) {
        const { bid, state } = record
        if (state === 'opening') await this.#open(channel, signal)
        if (state !== 'open') continue
        const isEnding = bid.bid.expiration - checkLimits.cashBeforeSeconds <= now
        if (!isEnding && !this.#isIdle(channel, record)) continue
        await this.#cash(channel, signal).catch((error: unknown) => {
          signal.throwIfAborted()
          this.#parts.logger.warn({ err: error, channel }, 'a check waits to be cashed')
        })
      }
    }
  }
}
