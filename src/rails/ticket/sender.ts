import type { Address } from '../../lib/crypto/address.ts'
import type { WalletSigner } from '../../lib/crypto/eip191.ts'
import { ok, type Result } from '../../lib/result.ts'
import { createSerial } from '../../lib/serial.ts'
import { formatWei, maxBig, type Wei } from '../../lib/wei.ts'
import { versionedCodec } from '../../store/codec.ts'
import type { Store, Table } from '../../store/store.ts'
import type { RailFault } from '../rail.ts'
import { type BlockClock, openBlockClock } from './chain-clock.ts'
import type { ExposureGuard } from './exposure-guard.ts'
import { refuse, type TicketFaultCode } from './faults.ts'
import type { Ledger } from './ledger-store.ts'
import { ticketLimits } from './limits.ts'
import { createNonceSweep, type NonceSweep } from './nonce-sweep.ts'
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
  /** Bounds what is outstanding; without one only single tickets are bounded. */
  readonly exposure?: ExposureGuard
  /** Where tickets are accounted for. */
  readonly ledger?: Pick<Ledger, 'sentWrites'>
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
  /** Block at which the stored nonce may be forgotten: the last that any params under it named. */
  readonly expirationBlock: bigint
  /** Batches whose nonces are reserved and not stored yet. */
  unsaved: number
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
 * Invariant: one (recipientRandHash, senderNonce) is signed with one meaning only, across restarts,
 * for as long as the params are good. Nonces of params that are void are forgotten, some with each
 * new session.
 */
export function createSender(components: SenderComponents, init: SenderInit): Sender {
  const { signer, store, time, exposure } = components
  const nonces = store.table('sender-nonces', nonceCodec)
  const sessions = new Map<string, Session>()
  let blocks: BlockClock | undefined
  let sweep: NonceSweep | undefined
  const forgetSome = async (): Promise<void> => {
    // Before the first session nothing is signed, so that nothing hangs on the highest block yet.
    blocks ??= await openBlockClock(store, time)
    sweep ??= createNonceSweep({ store, table: nonces, blocks })
    await sweep()
  }
  const now = (): bigint => blocks?.now() ?? time.lastSeenBlock()
  const validate = async (params: TicketParams, size: number): Promise<Result<Wei, RailFault>> =>
    validateParams(components, init, params, size, now())
  const save = createSave(components, nonces)

  return {
    address: signer.address,
    async startSession(params) {
      const id = sessionIdOf(params)
      if (!sessions.has(id)) {
        await forgetSome()
        const stored = await nonces.get(id)
        const nonce = stored?.nonce ?? 0
        const expirationBlock = maxBig(stored?.expirationBlock ?? 0n, params.expirationBlock)
        const hasher = createTicketHasher(params, params.expirationParams, signer.address)
        // Whoever began it meanwhile may have used nonces already.
        if (!sessions.has(id)) {
          trimSessions(sessions, now())
          sessions.set(id, { params, hasher, nonce, expirationBlock, unsaved: 0 })
        }
      }
      return id
    },
    async createTicketBatch(sessionId, size) {
      const session = sessions.get(sessionId)
      if (session === undefined) return noSession(sessionId)
      const deposit = await validate(session.params, size)
      if (!deposit.ok) return deposit
      // A session forgotten meanwhile may have been begun again, with nonces of its own.
      if (sessions.get(sessionId) !== session) return noSession(sessionId)
      const first = reserveNonces(session, size, exposure, deposit.value)
      if (!first.ok) return first
      // Set anew, so that the map's order is the order of use.
      sessions.delete(sessionId)
      sessions.set(sessionId, session)
      await save(sessionId, session, size)
      return ok(signBatch(signer, session, first.value, size))
    },
    async validateTicketParams(params, size = 1) {
      const deposit = await validate(params, size)
      if (!deposit.ok) return deposit
      return exposure?.check(params, size, deposit.value) ?? ok(undefined)
    },
    ev(sessionId) {
      const session = sessions.get(sessionId)
      return session === undefined ? undefined : ticketEv(session.params)
    },
    async cleanupSession(sessionId) {
      const session = sessions.get(sessionId)
      if (session?.unsaved === 0) sessions.delete(sessionId)
    },
  }
}

/** Makes nonces that were reserved durable, with all that is kept of their tickets. */
function createSave(
  { store, ledger, exposure }: SenderComponents,
  nonces: Table<StoredNonce>,
): (id: string, session: Session, size: number) => Promise<void> {
  // Writes that overlap may land in any order; in turn, the highest nonces and sums are the last.
  const saving = createSerial()
  return async (id, session, size) => {
    const { params, expirationBlock, nonce } = session
    session.unsaved += 1
    try {
      await saving(async () => {
        const booked = (await ledger?.sentWrites(params, size)) ?? []
        const outstanding = exposure?.writes(params) ?? []
        const used = nonces.putOp(id, { nonce, expirationBlock })
        await store.batch([used, ...outstanding, ...booked])
      })
    } finally {
      session.unsaved -= 1
    }
  }
}

/** Takes the next nonces, if there are as many and the deposit carries them; gives back the first. */
function reserveNonces(
  session: Session,
  size: number,
  exposure: ExposureGuard | undefined,
  deposit: Wei,
): Result<number, RailFault> {
  const first = session.nonce + 1
  const last = session.nonce + size
  if (last > ticketLimits.maxNoncesPerParams) {
    const detail = `${session.nonce} tickets were sent under these params`
    return refuse('new-params', 'NONCE_EXHAUSTED', detail)
  }
  const carried = exposure?.admit(session.params, size, deposit)
  if (carried?.ok === false) return carried
  session.nonce = last
  return ok(first)
}

function noSession(id: string): Result<never, RailFault> {
  return refuse('new-params', 'NO_SESSION', `no session ${id}`)
}

/**
 * Makes room for one more session: those whose params are void go, and if that is not enough, those
 * that rest longest. What is forgotten is begun again by whoever needs it.
 *
 * Invariant: a session goes only once its nonces are stored, so that none is signed anew.
 */
function trimSessions(sessions: Map<string, Session>, block: bigint): void {
  if (sessions.size < ticketLimits.maxPaySessions) return
  for (const [id, { unsaved, params }] of sessions) {
    if (unsaved === 0 && params.expirationBlock <= block) sessions.delete(id)
  }
  for (const [id, { unsaved }] of sessions) {
    if (sessions.size < ticketLimits.maxPaySessions) return
    if (unsaved === 0) sessions.delete(id)
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

/** Checks in the order of Livepeer's sender, cheapest first, the chain last; gives back the deposit. */
async function validateParams(
  { time, senders, signer }: SenderComponents,
  init: SenderInit,
  params: TicketParams,
  size: number,
  block: bigint,
): Promise<Result<Wei, RailFault>> {
  const unexpired = checkExpiry(params, block)
  if (!unexpired.ok) return unexpired
  const ev = ticketEv(params)
  if (ev === 0n) return refuse('fatal', 'NO_VALUE', 'ticket EV is 0')
  const limit = (code: TicketFaultCode, detail: string): Result<never, RailFault> =>
    refuse('limit', code, detail)
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
  const underfunded = (code: TicketFaultCode, detail: string): Result<never, RailFault> =>
    refuse('underfunded', code, detail)
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
  return ok(info.deposit)
}

function checkExpiry(params: TicketParams, block: bigint): Result<void, RailFault> {
  if (params.expirationBlock === 0n) {
    return refuse('fatal', 'NO_EXPIRATION', 'ticketParams expiration block is 0')
  }
  if (params.expirationBlock - block <= ticketLimits.paramsExpiryBufferBlocks) {
    const detail = `params expire at block ${params.expirationBlock}, now ${block}`
    return refuse('new-params', 'PARAMS_EXPIRED', detail)
  }
  return ok(undefined)
}
