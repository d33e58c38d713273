import { toHex } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { ok, type Result } from '../../lib/result.ts'
import { maxBig, type Ratio, type Wei } from '../../lib/wei.ts'
import type { Store, WriteOp } from '../../store/store.ts'
import type { RailFault } from '../rail.ts'
import type { BlockClock } from './chain-clock.ts'
import { refuse } from './faults.ts'
import { ticketLimits } from './limits.ts'
import { admitNonces, emptyNonceWindow, nonceWindows } from './nonce-window.ts'
import type { GasPriceMonitor, TimeManager } from './ports.ts'
import {
  batchOf,
  checkBatch,
  checkExpiry,
  checkRoom,
  freshTickets,
  signedTicket,
} from './recipient-checks.ts'
import { keepLateWinners } from './recipient-late.ts'
import { makeParams } from './recipient-params.ts'
import type { RecipientSecret } from './recipient-secret.ts'
import { createRedeemCost, type RedeemCost, type RedeemCostInUse } from './redeem-cost.ts'
import type { SenderMonitor } from './sender-monitor.ts'
import {
  sessionIdOf,
  type Ticket,
  type TicketBatch,
  type TicketParams,
  ticketEv,
} from './ticket.ts'
import { sizeTicket, type TicketParamsConfig } from './ticket-params.ts'
import { createValidator, type Validator } from './validator.ts'
import type { WinnerStore } from './winner-store.ts'

/** What a {@link Recipient} works with. */
export interface RecipientComponents {
  readonly address: Address
  readonly secret: RecipientSecret
  readonly time: TimeManager
  readonly blocks: BlockClock
  readonly gas: GasPriceMonitor
  readonly monitor: Pick<SenderMonitor, 'maxFloat' | 'claimable' | 'validateSender' | 'queueTicket'>
  readonly winners: WinnerStore
  readonly store: Store
  /** Gas of one redemption as it is measured; the config's number unless given. */
  redeemGas?(): bigint
  /** Over the fastest curve there is, unless another is given. */
  readonly validator?: Validator
  /** Told of tickets that came too late to be credited, and of the winners kept of them. */
  onLate?(late: { readonly tickets: number; readonly won: number }): void
}

/** What a batch of tickets came to. */
export interface ReceivedTickets {
  /** Expected value of the tickets not seen before. */
  readonly credited: Wei
  readonly accepted: number
  readonly won: number
  /** To be written together with the credit, before anything is acknowledged. */
  readonly writes: readonly WriteOp[]
  /** To be called once they are written. */
  committed(): void
}

/** What one ticket came to. */
export interface ReceivedTicket {
  /** Hex of recipientRandHash. */
  readonly sessionId: string
  readonly won: boolean
  /** Its expected value; 0 when it was received before. */
  readonly credited: Wei
}

/** Demands, checks and keeps tickets. */
export interface Recipient {
  readonly address: Address
  /** Params for a sender whose steps cost about so much. */
  ticketParams(sender: Address, feePerStep: Wei): Promise<Result<TicketParams, RailFault>>
  /**
   * Checks a batch as a whole: either every ticket is good, or nothing is credited. Tickets whose
   * nonce was seen before are good and worth nothing. Batches of one sender must not overlap.
   */
  receiveBatch(batch: TicketBatch): Promise<Result<ReceivedTickets, RailFault>>
  /**
   * Receives one ticket and stores its nonce, and itself when it won, for a caller that keeps its
   * credit elsewhere. By the rules of {@link Recipient.receiveBatch}, and must not overlap it.
   */
  receiveTicket(
    ticket: Ticket,
    sig: Uint8Array,
    seed: Uint8Array,
  ): Promise<Result<ReceivedTicket, RailFault>>
  /**
   * Sees to it that a ticket is redeemed once its params are void, whether it was received here or
   * not. Durable when it resolves; with false when the ticket did not win.
   */
  redeemWinningTicket(
    ticket: Ticket,
    sig: Uint8Array,
    seed: Uint8Array,
  ): Promise<Result<boolean, RailFault>>
  /**
   * Has the winners of sessions tried with the next block, however long they were to wait after a
   * failure; those whose params are not void yet still wait for that. The number of winners.
   */
  redeemWinningTickets(sessionIds: readonly string[]): number
  /** How many nonces were used under params. */
  noncesUsed(params: Pick<TicketParams, 'recipientRandHash'>): Promise<number>
  /** How many times the cost of redeeming it a ticket of the sender can be worth. */
  txCostMultiplier(sender: Address): Promise<Result<Ratio, RailFault>>
  /** The least expected value of a ticket, in wei. */
  ev(): Wei
  /** What redeeming is taken to cost when tickets are sized; it moves only when prices really do. */
  redeemCost(): RedeemCostInUse
  /** Bounds the face value of params given out from now on; 0 means no bound. */
  setMaxFaceValue(maxFaceValue: Wei): void
}

/** A recipient whose nonces and winners are durable. */
export function createRecipient(
  components: RecipientComponents,
  config: TicketParamsConfig,
): Recipient {
  return new DurableRecipient(components, config)
}

class DurableRecipient implements Recipient {
  readonly address: Address
  readonly #components: RecipientComponents
  readonly #validator: Validator
  readonly #windows: ReturnType<typeof nonceWindows>
  readonly #cost: RedeemCost
  #config: TicketParamsConfig

  constructor(components: RecipientComponents, config: TicketParamsConfig) {
    this.address = components.address
    this.#components = components
    this.#config = config
    this.#validator = components.validator ?? createValidator()
    this.#windows = nonceWindows(components.store)
    this.#cost = createRedeemCost({
      gas: components.gas,
      redeemGas: () => components.redeemGas?.() ?? config.redeemGas,
    })
  }

  async ticketParams(sender: Address, feePerStep: Wei): Promise<Result<TicketParams, RailFault>> {
    return makeParams(this.#components, this.#config, this.#cost, sender, feePerStep)
  }

  async receiveBatch(batch: TicketBatch): Promise<Result<ReceivedTickets, RailFault>> {
    const received = await this.#examine(batch)
    if (!received.ok) {
      const late = { ...this.#components, validator: this.#validator }
      await keepLateWinners(late, batch, received.error)
    }
    return received
  }

  async #examine(batch: TicketBatch): Promise<Result<ReceivedTickets, RailFault>> {
    const { monitor, winners, blocks } = this.#components
    const { params, sender } = batch
    const cheap = checkBatch(this.#components, batch)
    if (!cheap.ok) return cheap
    const funds = await monitor.validateSender(sender)
    if (!funds.ok) return funds
    if (winners.pendingCountOf(sender) >= ticketLimits.maxPendingWinners) {
      const detail = 'too many winning tickets wait for redemption'
      return refuse('underfunded', 'TOO_MANY_WINNERS', detail)
    }
    const room = checkRoom(batch, await monitor.claimable(sender))
    if (!room.ok) return room
    const id = sessionIdOf(params)
    const before = (await this.#windows.get(id)) ?? emptyNonceWindow(params.expirationBlock)
    // Once more: a window that was void by the time it was read may have been swept away.
    const unexpired = checkExpiry(params, blocks)
    if (!unexpired.ok) return unexpired
    const fresh = freshTickets(before, batch)
    const signed = this.#validator.validateSignatures(batch, fresh)
    if (!signed.ok) return signed
    const won = this.#validator
      .winners(batch, fresh, cheap.value)
      .map((ticket) => signedTicket(batch, ticket, cheap.value))
    const after = admitNonces(
      before,
      fresh.map(({ senderNonce }) => senderNonce),
    )
    return ok({
      credited: ticketEv(params) * BigInt(fresh.length),
      accepted: fresh.length,
      won: won.length,
      writes: [this.#windows.putOp(id, after), ...won.map((ticket) => winners.addOp(ticket))],
      committed() {
        for (const ticket of won) winners.added(ticket)
      },
    })
  }

  async receiveTicket(
    ticket: Ticket,
    sig: Uint8Array,
    seed: Uint8Array,
  ): Promise<Result<ReceivedTicket, RailFault>> {
    const received = await this.receiveBatch(batchOf(ticket, sig, seed))
    if (!received.ok) return received
    const { credited, won, writes, committed } = received.value
    await this.#components.store.batch(writes, { sync: won > 0 })
    committed()
    return ok({ sessionId: sessionIdOf(ticket), won: won > 0, credited })
  }

  async redeemWinningTicket(
    ticket: Ticket,
    sig: Uint8Array,
    seed: Uint8Array,
  ): Promise<Result<boolean, RailFault>> {
    const { secret, monitor } = this.#components
    const recipientRand = secret.recipientRand(batchOf(ticket, sig, seed).params, ticket.sender)
    const valid = this.#validator.validateTicket(this.address, ticket, sig, recipientRand)
    if (!valid.ok) return valid
    if (!this.#validator.isWinningTicket(ticket, sig, recipientRand)) return ok(false)
    await monitor.queueTicket({ ...ticket, sig, recipientRand })
    return ok(true)
  }

  redeemWinningTickets(sessionIds: readonly string[]): number {
    return this.#components.winners.hurry(new Set(sessionIds))
  }

  async noncesUsed({ recipientRandHash: hash }: Pick<TicketParams, 'recipientRandHash'>) {
    return (await this.#windows.get(toHex(hash)))?.count ?? 0
  }

  async txCostMultiplier(sender: Address): Promise<Result<Ratio, RailFault>> {
    const { costWei } = this.#cost.current()
    const maxFloat = await this.#components.monitor.maxFloat(sender)
    const size = sizeTicket(this.#config, this.#config.minEv, costWei, maxFloat)
    // Without a cost every ticket is worth redeeming; a wei stands for it.
    const den = maxBig(costWei, 1n)
    return size.ok ? ok({ num: size.value.faceValue, den }) : size
  }

  redeemCost(): RedeemCostInUse {
    return this.#cost.current()
  }

  ev(): Wei {
    return this.#config.minEv
  }

  setMaxFaceValue(maxFaceValue: Wei): void {
    this.#config = { ...this.#config, maxFaceValue }
  }
}
