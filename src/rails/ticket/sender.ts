import type { Address } from '../../lib/crypto/address.ts'
import type { WalletSigner } from '../../lib/crypto/eip191.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { createSerial } from '../../lib/serial.ts'
import { formatWei, type Wei } from '../../lib/wei.ts'
import { versionedCodec } from '../../store/codec.ts'
import type { Store } from '../../store/store.ts'
import { type RailFault, railFault } from '../rail.ts'
import { type BlockClock, openBlockClock } from './chain-clock.ts'
import { ticketLimits } from './limits.ts'
import { createNonceSweep } from './nonce-sweep.ts'
import type { SenderManager, TimeManager } from './ports.ts'
import {
  createTicketHasher,
  sessionIdOf,
  type TicketBatch,
  type TicketHasher,
  type TicketParams,
  ticketEv,
} from './ticket.ts'

/** A sender's limits; zero or more wei. */
export interface SenderInit {
  /** Largest expected value of one ticket. */
  readonly maxEv: Wei
  /** Largest expected value of one batch. */
  readonly maxTotalEv: Wei
  /** faceValue may be at most deposit / depositMultiplier. */
  readonly depositMultiplier: bigint
}

/** What a {@link Sender} works with. */
export interface SenderComponents {
  readonly signer: WalletSigner
  readonly time: TimeManager
  readonly senders: SenderManager
  readonly store: Store
}

/** Creates tickets under the params of many recipients. */
export interface Sender {
  readonly address: Address
  /** Begins to use params; the id is the hex of recipientRandHash. */
  startSession(params: TicketParams): Promise<string>
  /** Signs `size` tickets, each under a nonce never used before. */
  createTicketBatch(sessionId: string, size: number): Promise<Result<TicketBatch, RailFault>>
  /** Whether params are acceptable for batches of `size` tickets. */
  validateTicketParams(params: TicketParams, size?: number): Promise<Result<void, RailFault>>
  /** Expected value of one ticket of a session; undefined when there is no such session. */
  ev(sessionId: string): Wei | undefined
  cleanupSession(sessionId: string): Promise<void>
}

interface Session {
  readonly params: TicketParams
  readonly hasher: TicketHasher
  /** Last nonce that was reserved. */
  nonce: number
  /** Writes that overlap may land in any order; in turn, the highest nonce is the last one. */
  readonly saving: ReturnType<typeof createSerial>
}

interface StoredNonce {
  /** The highest nonce reserved. */
  readonly nonce: number
  readonly expirationBlock: bigint
}

/** Version 1 was the nonce alone; one that says no expiration is kept. */
const NEVER = 2n ** 64n - 1n

const nonceCodec = versionedCodec<StoredNonce>({
  name: 'sender nonce',
  version: 2,
  parse(value) {
    const { nonce, expirationBlock } = value as Record<string, unknown>
    const block = typeof expirationBlock === 'number' ? BigInt(expirationBlock) : expirationBlock
    if (typeof nonce === 'number' && Number.isSafeInteger(nonce) && typeof block === 'bigint') {
      return { nonce, expirationBlock: block }
    }
    throw new TypeError('not a nonce')
  },
  upgrade: (_version, nonce) => ({ nonce, expirationBlock: NEVER }),
})

/**
 * A sender whose nonces are stored before a ticket that uses them is signed.
 *
 * Invariant: one (recipientRandHash, senderNonce) is signed with one meaning only, across restarts.
 */
export function createSender(components: SenderComponents, init: SenderInit): Sender {
  const { signer, store } = components
  const nonces = store.table('sender-nonces', nonceCodec)
  const sessions = new Map<string, Session>()

  return {
    address: signer.address,
    async startSession(params) {
      const id = sessionIdOf(params)
      if (!sessions.has(id)) {
        const nonce = (await nonces.get(id)) ?? 0
        const hasher = createTicketHasher(params, params.expirationParams, signer.address)
        // Whoever began it meanwhile may have used nonces already.
        if (!sessions.has(id)) sessions.set(id, { params, hasher, nonce, saving: createSerial() })
      }
      return id
    },
    async createTicketBatch(sessionId, size) {
      const session = sessions.get(sessionId)
      if (session === undefined)
        return err(railFault('fatal', 'NO_SESSION', `no session ${sessionId}`))
      const valid = await validateParams(components, init, session.params, size)
      if (!valid.ok) return valid
      const first = session.nonce + 1
      const last = session.nonce + size
      if (last > ticketLimits.maxNoncesPerParams) {
        return err(
          railFault(
            'new-params',
            'NONCE_EXHAUSTED',
            `${session.nonce} tickets were sent under these params`,
          ),
        )
      }
      session.nonce = last
      await session.saving(() => nonces.put(sessionId, last))
      return ok(signBatch(signer, session, first, size))
    },
    validateTicketParams: (params, size = 1) => validateParams(components, init, params, size),
    ev(sessionId) {
      const session = sessions.get(sessionId)
      return session === undefined ? undefined : ticketEv(session.params)
    },
    async cleanupSession(sessionId) {
      sessions.delete(sessionId)
    },
  }
}

function signBatch(
  signer: WalletSigner,
  session: Session,
  first: number,
  size: number,
): TicketBatch {
  const senderParams = Array.from({ length: size }, (_, i) => {
    const senderNonce = first + i
    return { senderNonce, sig: signer.signMessage(session.hasher.hash(senderNonce)) }
  })
  const { params } = session
  return { params, expirationParams: params.expirationParams, sender: signer.address, senderParams }
}

/** Checks in the order of Livepeer's sender, cheapest first, the chain last. */
async function validateParams(
  { time, senders, signer }: SenderComponents,
  init: SenderInit,
  params: TicketParams,
  size: number,
): Promise<Result<void, RailFault>> {
  const expired = checkExpiry(params, time.lastSeenBlock())
  if (expired !== null) return err(expired)
  const ev = ticketEv(params)
  if (ev === 0n) return err(railFault('fatal', 'NO_VALUE', 'ticket EV is 0'))
  const limit = (code: string, detail: string): Result<never, RailFault> =>
    err(railFault('limit', code, detail))
  if (params.faceValue < 2n * ev) {
    return limit(
      'FACE_VALUE_TOO_LOW',
      `faceValue ${formatWei(params.faceValue)} is below twice the EV ${formatWei(ev)}`,
    )
  }
  if (ev > init.maxEv) {
    return limit(
      'EV_TOO_HIGH',
      `ticket EV ${formatWei(ev)} > max ticket EV ${formatWei(init.maxEv)}`,
    )
  }
  const info = await senders.getSenderInfo(signer.address)
  const round = time.lastInitializedRound()
  const underfunded = (code: string, detail: string): Result<never, RailFault> =>
    err(railFault('underfunded', code, detail))
  if (info.withdrawRound !== 0n && info.withdrawRound <= round + 1n) {
    return underfunded(
      'UNLOCKING_SOON',
      `deposit and reserve unlock in round ${info.withdrawRound}, now ${round}`,
    )
  }
  if (info.reserve.fundsRemaining === 0n) return underfunded('NO_RESERVE', 'no sender reserve')
  if (info.deposit === 0n) return underfunded('NO_DEPOSIT', 'no sender deposit')
  if (ev * BigInt(size) > init.maxTotalEv) {
    return limit(
      'TOTAL_EV_TOO_HIGH',
      `EV of ${size} tickets ${formatWei(ev * BigInt(size))} > max ${formatWei(init.maxTotalEv)}`,
    )
  }
  const maxFaceValue = info.deposit / init.depositMultiplier
  if (params.faceValue > maxFaceValue) {
    return limit(
      'FACE_VALUE_TOO_HIGH',
      `ticket faceValue ${formatWei(params.faceValue)} > max faceValue ${formatWei(maxFaceValue)}`,
    )
  }
  return ok(undefined)
}

function checkExpiry(params: TicketParams, lastSeenBlock: bigint): RailFault | null {
  if (params.expirationBlock === 0n) {
    return railFault('fatal', 'NO_EXPIRATION', 'ticketParams expiration block is 0')
  }
  if (params.expirationBlock - lastSeenBlock <= ticketLimits.paramsExpiryBufferBlocks) {
    const detail = `params expire at block ${params.expirationBlock}, now ${lastSeenBlock}`
    return railFault('new-params', 'PARAMS_EXPIRED', detail)
  }
  return null
}
