import { randomBytes } from 'node:crypto'
import { bytesEqual, readUint, toHex, u256 } from '../../lib/bytes.ts'
import { type Address, addressBytes } from '../../lib/crypto/address.ts'
import { recoverSigner } from '../../lib/crypto/eip191.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { Wei } from '../../lib/wei.ts'
import type { Store, WriteOp } from '../../store/store.ts'
import { type RailFault, railFault } from '../rail.ts'
import type { BlockClock } from './chain-clock.ts'
import { ticketLimits } from './limits.ts'
import {
  admitNonces,
  emptyNonceWindow,
  hasNonce,
  isNonceInRange,
  type NonceWindow,
  nonceWindows,
} from './nonce-window.ts'
import type { GasPriceMonitor, TimeManager } from './ports.ts'
import type { RecipientSecret } from './recipient-secret.ts'
import type { SenderMonitor } from './sender-monitor.ts'
import {
  createTicketHasher,
  isWinningDraw,
  recipientRandHash,
  type SignedTicket,
  type TicketBatch,
  type TicketExpirationParams,
  type TicketParams,
  type TicketSenderParams,
  ticketEv,
  ticketOf,
} from './ticket.ts'
import { sizeTicket, type TicketParamsConfig } from './ticket-params.ts'
import type { WinnerStore } from './winner-store.ts'

/** What a {@link Recipient} works with. */
export interface RecipientComponents {
  readonly address: Address
  readonly secret: RecipientSecret
  readonly time: TimeManager
  readonly blocks: BlockClock
  readonly gas: GasPriceMonitor
  readonly monitor: SenderMonitor
  readonly winners: WinnerStore
  readonly store: Store
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
  /** How many nonces were used under params. */
  noncesUsed(params: Pick<TicketParams, 'recipientRandHash'>): Promise<number>
}

/** A recipient whose nonces and winners are durable. */
export function createRecipient(
  components: RecipientComponents,
  config: TicketParamsConfig,
): Recipient {
  const windows = nonceWindows(components.store)
  const windowOf = async (hash: Uint8Array): Promise<NonceWindow | undefined> =>
    windows.get(toHex(hash))
  return {
    address: components.address,
    ticketParams: (sender, feePerStep) => makeParams(components, config, sender, feePerStep),
    async noncesUsed({ recipientRandHash: hash }) {
      return (await windowOf(hash))?.count ?? 0
    },
    async receiveBatch(batch) {
      const { params } = batch
      const cheap = checkBatch(components, batch)
      if (!cheap.ok) return cheap
      const funds = await components.monitor.validateSender(batch.sender)
      if (!funds.ok) return funds
      if (components.winners.pendingCountOf(batch.sender) >= ticketLimits.maxPendingWinners) {
        return err(
          railFault(
            'underfunded',
            'TOO_MANY_WINNERS',
            'too many winning tickets wait for redemption',
          ),
        )
      }
      const before =
        (await windowOf(params.recipientRandHash)) ?? emptyNonceWindow(params.expirationBlock)
      // Once more: a window that was void by the time it was read may have been swept away.
      const expired = checkExpiry(params, components.blocks)
      if (expired !== null) return err(expired)
      const fresh = freshTickets(before, batch)
      const signed = checkSignatures(batch, fresh)
      if (!signed.ok) return signed
      const winners = pickWinners(batch, fresh, cheap.value)
      const after = admitNonces(
        before,
        fresh.map(({ senderNonce }) => senderNonce),
      )
      return ok({
        credited: ticketEv(params) * BigInt(fresh.length),
        accepted: fresh.length,
        won: winners.length,
        writes: [
          windows.putOp(toHex(params.recipientRandHash), after),
          ...winners.map((ticket) => components.winners.addOp(ticket)),
        ],
        committed() {
          for (const ticket of winners) components.winners.added(ticket)
        },
      })
    },
  }
}

async function makeParams(
  components: RecipientComponents,
  config: TicketParamsConfig,
  sender: Address,
  feePerStep: Wei,
): Promise<Result<TicketParams, RailFault>> {
  const funds = await components.monitor.validateSender(sender)
  if (!funds.ok) return funds
  const expirationParams = currentExpiration(components.time)
  if (expirationParams === null) {
    return err(
      railFault('not-ready', 'ROUND_NOT_INITIALIZED', 'no round with a block hash is known yet'),
    )
  }
  const maxFloat = await components.monitor.maxFloat(sender)
  const size = sizeTicket(config, feePerStep, components.gas.gasPrice(), maxFloat)
  if (!size.ok) return size
  const open = {
    recipient: components.address,
    ...size.value,
    seed: new Uint8Array(randomBytes(32)),
    expirationBlock: components.blocks.now() + config.paramsLifeBlocks,
    expirationParams,
  }
  return ok({
    ...open,
    recipientRandHash: recipientRandHash(components.secret.recipientRand(open, sender)),
  })
}

/** The last round that has a block hash: this one, or the one before while this one has none. */
function currentExpiration(time: TimeManager): TicketExpirationParams | null {
  const round = time.lastInitializedRound()
  const hash = time.lastInitializedBlockHash()
  if (readUint(hash) !== 0n) return { creationRound: round, creationRoundBlockHash: hash }
  const previous = time.preLastInitializedBlockHash()
  if (round === 0n || readUint(previous) === 0n) return null
  return { creationRound: round - 1n, creationRoundBlockHash: previous }
}

/** Everything that costs no curve arithmetic; gives back recipientRand. */
function checkBatch(
  { address, secret, blocks }: RecipientComponents,
  batch: TicketBatch,
): Result<Uint8Array, RailFault> {
  const { params, sender } = batch
  const fatal = (code: string, detail: string): Result<never, RailFault> =>
    err(railFault('fatal', code, detail))
  if (batch.senderParams.length > ticketLimits.maxTicketsPerPayment) {
    return fatal(
      'TOO_MANY_TICKETS',
      `at most ${ticketLimits.maxTicketsPerPayment} tickets a payment`,
    )
  }
  if (params.recipient !== address) return fatal('INVALID_RECIPIENT', 'invalid ticket recipient')
  if (readUint(addressBytes(sender)) === 0n) {
    return fatal('INVALID_SENDER', 'invalid ticket sender')
  }
  const sameRound = batch.expirationParams.creationRound === params.expirationParams.creationRound
  const sameHash = bytesEqual(
    batch.expirationParams.creationRoundBlockHash,
    params.expirationParams.creationRoundBlockHash,
  )
  if (!sameRound || !sameHash)
    return fatal('INVALID_EXPIRATION', 'tickets must use the creation round of their params')
  const expired = checkExpiry(params, blocks)
  if (expired !== null) return err(expired)
  const rand = secret.recipientRand(params, sender)
  if (!bytesEqual(recipientRandHash(rand), params.recipientRandHash)) {
    // Changed params and params from before a restart look alike; neither is credited, and the
    // remedy for an honest sender is the same.
    return err(
      railFault(
        'new-params',
        'UNKNOWN_PARAMS',
        'invalid recipientRand for ticket recipientRandHash',
      ),
    )
  }
  if (batch.senderParams.some(({ senderNonce }) => !isNonceInRange(senderNonce))) {
    return err(
      railFault(
        'new-params',
        'NONCE_EXHAUSTED',
        `nonces are 1 to ${ticketLimits.maxNoncesPerParams}`,
      ),
    )
  }
  return ok(rand)
}

function checkExpiry({ expirationBlock }: TicketParams, blocks: BlockClock): RailFault | null {
  const now = blocks.now()
  if (expirationBlock > now) return null
  const detail = `params expired at block ${expirationBlock}, now ${now}`
  return railFault('new-params', 'PARAMS_EXPIRED', detail)
}

/** The tickets of a batch not admitted before, each nonce once. */
function freshTickets(window: NonceWindow, batch: TicketBatch): TicketSenderParams[] {
  const inBatch = new Set<number>()
  return batch.senderParams.filter(({ senderNonce }) => {
    if (hasNonce(window, senderNonce) || inBatch.has(senderNonce)) return false
    inBatch.add(senderNonce)
    return true
  })
}

function checkSignatures(
  batch: TicketBatch,
  tickets: readonly TicketSenderParams[],
): Result<void, RailFault> {
  const hasher = createTicketHasher(batch.params, batch.expirationParams, batch.sender)
  for (const { senderNonce, sig } of tickets) {
    const signer = recoverSigner(hasher.hash(senderNonce), sig)
    if (!signer.ok)
      return err(railFault('fatal', signer.error, `invalid ticket signature, nonce ${senderNonce}`))
    if (signer.value !== batch.sender) {
      return err(
        railFault('fatal', 'WRONG_SIGNER', `ticket ${senderNonce} was not signed by its sender`),
      )
    }
  }
  return ok(undefined)
}

function pickWinners(
  batch: TicketBatch,
  tickets: readonly TicketSenderParams[],
  recipientRand: Uint8Array,
): SignedTicket[] {
  const winProb = u256(batch.params.winProb)
  return tickets
    .filter(({ sig }) => isWinningDraw(sig, recipientRand, winProb))
    .map(({ senderNonce, sig }) => {
      const ticket = ticketOf(batch.params, batch.expirationParams, batch.sender, senderNonce)
      return { ...ticket, sig, recipientRand }
    })
}
