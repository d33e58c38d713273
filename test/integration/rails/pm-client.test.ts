import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silentLogger } from '../../../src/lib/logger.ts'
import type { RailFault } from '../../../src/rails/rail.ts'
import {
  isFatalReceiveFault,
  isSenderValidationFault,
  isTicketParamsExpired,
} from '../../../src/rails/ticket/faults.ts'
import {
  isWinningTicket,
  type SignedTicket,
  sessionIdOf,
  type Ticket,
  type TicketParams,
  ticketEv,
  ticketHash,
  ticketOf,
} from '../../../src/rails/ticket/ticket.ts'
import { createTicketQueue } from '../../../src/rails/ticket/ticket-queue.ts'
import { createValidator } from '../../../src/rails/ticket/validator.ts'
import {
  openWinnerStore,
  type Winner,
  type WinnerStore,
  winnerKey,
} from '../../../src/rails/ticket/winner-store.ts'
import { bytesCodec } from '../../../src/store/codec.ts'
import type { Store } from '../../../src/store/store.ts'
import { recordingLogger } from '../../helpers/fakes.ts'
import { type FakeChain, fakeChain } from '../../helpers/fakes-chain.ts'
import { Cleanup, flipped, temporaryStore, walletOf } from '../../helpers/fixtures.ts'
import {
  openRecipient,
  type RecipientParts,
  recipientWallet,
  senderWallet,
  winnerOf,
} from '../../helpers/fixtures-tickets.ts'

const FEE = 20_000n
const ETHER = 10n ** 18n
const { address: me } = recipientWallet
const { address: them } = senderWallet

const cleanup = new Cleanup()
let chain: FakeChain
let store: Store
let reopen: () => Promise<Store>
let parts: RecipientParts
beforeEach(async () => {
  chain = fakeChain()
  ;({ store, reopen } = await temporaryStore(cleanup))
  parts = await openRecipient(store, chain)
})
afterEach(() => cleanup.run())

async function newParams(): Promise<TicketParams> {
  const params = await parts.recipient.ticketParams(them, FEE)
  if (!params.ok) throw new Error(params.error.code)
  return params.value
}

function sign(params: TicketParams, nonce: number): { ticket: Ticket; sig: Uint8Array } {
  const ticket = ticketOf(params, params.expirationParams, them, nonce)
  return { ticket, sig: senderWallet.signMessage(ticketHash(ticket)) }
}

/** The first ticket of params that wins, or that does not. */
function ticketThat(wins: boolean, params: TicketParams): { ticket: Ticket; sig: Uint8Array } {
  const rand = parts.secret.recipientRand(params, them)
  for (let nonce = 1; ; nonce += 1) {
    const signed = sign(params, nonce)
    if (isWinningTicket(signed.ticket, signed.sig, rand) === wins) return signed
  }
}

describe('a recipient of single tickets', () => {
  test('credits each once, and keeps those that win', async () => {
    const params = await newParams()
    const loser = ticketThat(false, params)
    const winner = ticketThat(true, params)
    const receive = ({ ticket, sig }: typeof loser) =>
      parts.recipient.receiveTicket(ticket, sig, params.seed)
    const sessionId = sessionIdOf(params)
    const credited = ticketEv(params)
    expect(await receive(loser)).toEqual({ ok: true, value: { sessionId, won: false, credited } })
    expect(await receive(winner)).toEqual({ ok: true, value: { sessionId, won: true, credited } })
    expect(await receive(winner)).toMatchObject({ ok: true, value: { won: false, credited: 0n } })
    expect(parts.winners.pending().map(({ ticket }) => ticket.senderNonce)).toEqual([
      winner.ticket.senderNonce,
    ])
    expect(await parts.recipient.noncesUsed(params)).toBe(2)
  })

  test('refuses a changed ticket, and says by its class what to do', async () => {
    const params = await newParams()
    const { ticket, sig } = sign(params, 1)
    const refusal = async (of: Ticket, by = sig, seed = params.seed): Promise<RailFault> => {
      const received = await parts.recipient.receiveTicket(of, by, seed)
      if (received.ok) throw new Error('received')
      return received.error
    }
    const fatal = await refusal({ ...ticket, senderNonce: 2 })
    expect([fatal.code, isFatalReceiveFault(fatal)]).toEqual(['WRONG_SIGNER', true])
    expect((await refusal(ticket, sig, flipped(params.seed, 0))).code).toBe('UNKNOWN_PARAMS')
    chain.block = params.expirationBlock
    expect(isTicketParamsExpired(await refusal(ticket))).toBe(true)
    chain.block = 1_000n
    chain.funds = { ...chain.funds, deposit: 0n }
    const params2 = await parts.recipient.ticketParams(them, FEE)
    expect(!params2.ok && isSenderValidationFault(params2.error)).toBe(true)
  })

  test('has a winner redeemed that it is shown, once, and no other', async () => {
    const params = await newParams()
    const winner = ticketThat(true, params)
    const loser = ticketThat(false, params)
    const redeem = ({ ticket, sig }: typeof loser, seed = params.seed) =>
      parts.recipient.redeemWinningTicket(ticket, sig, seed)
    expect(await redeem(loser)).toEqual({ ok: true, value: false })
    expect(await redeem(winner, flipped(params.seed, 3))).toMatchObject({
      ok: false,
      error: { code: 'UNKNOWN_PARAMS' },
    })
    expect(await redeem({ ...winner, sig: loser.sig })).toMatchObject({
      ok: false,
      error: { code: 'WRONG_SIGNER' },
    })
    expect(await redeem(winner)).toEqual({ ok: true, value: true })
    expect(await redeem(winner)).toEqual({ ok: true, value: true })
    const again = await openWinnerStore((store = await reopen()), silentLogger)
    expect(again.pending()).toHaveLength(1)
    expect(again.totals().count.waiting).toBe(1)
  })

  test('lets the winners of a session have their turn at once', async () => {
    const params = await newParams()
    const { ticket, sig } = ticketThat(true, params)
    await parts.recipient.redeemWinningTicket(ticket, sig, params.seed)
    const [winner] = parts.winners.pending() as [Winner]
    const later = { ...winner, attempts: 3, notBeforeBlock: 5_000n }
    await store.batch([parts.winners.updateOp(later)])
    parts.winners.updated(later)
    expect(parts.recipient.redeemWinningTickets(['0x00'])).toBe(0)
    expect(parts.winners.pending()).toEqual([later])
    expect(parts.recipient.redeemWinningTickets([sessionIdOf(params)])).toBe(1)
    expect(parts.winners.pending()).toEqual([{ ...later, notBeforeBlock: 0n }])
  })

  test('gives out no face value above its bound, and says what a ticket can be worth', async () => {
    const open = await openRecipient(store, chain, {
      config: { redeemGas: 100_000n, txCostMultiplier: 100n },
    })
    const { recipient } = open
    const cost = 100_000n * chain.gasPriceWei
    expect(recipient.ev()).toBe(1_000n)
    expect(await recipient.txCostMultiplier(them)).toEqual({
      ok: true,
      value: { num: 100n * cost, den: cost },
    })
    recipient.setMaxFaceValue(30n * cost)
    expect(await recipient.ticketParams(them, FEE)).toMatchObject({
      ok: true,
      value: { faceValue: 30n * cost },
    })
    expect(await recipient.txCostMultiplier(them)).toMatchObject({
      ok: true,
      value: { num: 30n * cost },
    })
    recipient.setMaxFaceValue(0n)
    chain.funds = {
      ...chain.funds,
      reserve: { fundsRemaining: 8n * cost, claimedInCurrentRound: 0n },
    }
    expect(await recipient.txCostMultiplier(them)).toMatchObject({
      ok: true,
      value: { num: 4n * cost },
    })
    chain.funds = { ...chain.funds, reserve: { fundsRemaining: 1n, claimedInCurrentRound: 0n } }
    expect(await recipient.txCostMultiplier(them)).toMatchObject({
      ok: false,
      error: { code: 'INSUFFICIENT_RESERVE' },
    })
  })
})

test('a validator judges a ticket by itself, in the order of the documentation', async () => {
  const params = await newParams()
  const { ticket, sig } = ticketThat(true, params)
  const rand = parts.secret.recipientRand(params, them)
  const { validateTicket, isWinningTicket: won } = createValidator()
  expect(validateTicket(me, ticket, sig, rand)).toEqual({ ok: true, value: undefined })
  expect(won(ticket, sig, rand)).toBe(true)
  const zero = `0x${'00'.repeat(20)}` as const
  const spoiled = flipped(sig, 0)
  const steps: [ReturnType<typeof validateTicket>, string][] = [
    [
      validateTicket(walletOf('x').address, { ...ticket, sender: zero }, spoiled, sig),
      'INVALID_RECIPIENT',
    ],
    [validateTicket(me, { ...ticket, sender: zero }, spoiled, sig), 'INVALID_SENDER'],
    [validateTicket(me, ticket, spoiled, sig), 'UNKNOWN_PARAMS'],
  ]
  for (const [verdict, code] of steps) expect(verdict).toMatchObject({ ok: false, error: { code } })
  expect(validateTicket(me, ticket, spoiled, rand).ok).toBe(false)
})

describe('a started sender monitor', () => {
  test('tells when the max float of a sender may have changed, of that sender and until it ends', async () => {
    const { monitor, winners } = parts
    let told = 0
    const end = monitor.subscribeMaxFloatChange(them, () => {
      told += 1
    })
    chain.fund(them, chain.funds)
    expect(told).toBe(0)
    await monitor.start()
    await monitor.start()
    cleanup.add(async () => monitor.stop())
    const before = await monitor.maxFloat(them)
    chain.fund(them, {
      ...chain.funds,
      reserve: { fundsRemaining: ETHER, claimedInCurrentRound: 0n },
    })
    expect(told).toBe(1)
    expect(await monitor.maxFloat(them)).toBeLessThan(before)
    chain.fund(walletOf('other').address, chain.funds)
    expect(told).toBe(1)
    await monitor.queueTicket(winnerOf(1))
    expect(told).toBe(2)
    expect(winners.pendingCountOf(them)).toBe(1)
    await winners.markWinningTicketRedeemed(winnerOf(1), '0xaa')
    expect(told).toBe(3)
    chain.initializeRound(11n)
    expect(told).toBe(4)
    end()
    chain.initializeRound(12n)
    expect(told).toBe(4)
  })

  test('tells nothing once it is stopped', async () => {
    let told = 0
    parts.monitor.subscribeMaxFloatChange(them, () => {
      told += 1
    })
    await parts.monitor.start()
    await parts.monitor.stop()
    chain.fund(them, chain.funds)
    chain.initializeRound(11n)
    expect(told).toBe(0)
  })
})

describe('the store of winning tickets', () => {
  let winners: WinnerStore
  const late = winnerOf(1, { paramsExpirationBlock: 1_050n })
  const early = winnerOf(2, { paramsExpirationBlock: 1_041n, creationRound: 9n })
  const foreign = winnerOf(3, { sender: walletOf('other').address })
  beforeEach(async () => {
    ;({ winners } = parts)
    for (const ticket of [late, early, foreign]) await winners.storeWinningTicket(ticket)
  })

  const nonceOf = (ticket: SignedTicket | undefined): number | undefined => ticket?.senderNonce

  test('selects and counts what a sender owes, of rounds that still count', async () => {
    expect(nonceOf(await winners.selectEarliestWinningTicket(them, 0n))).toBe(2)
    expect(nonceOf(await winners.selectEarliestWinningTicket(them, 10n))).toBe(1)
    expect(await winners.selectEarliestWinningTicket(them, 11n)).toBeUndefined()
    expect([
      await winners.winningTicketCount(them, 9n),
      await winners.winningTicketCount(them, 10n),
      await winners.winningTicketCount(walletOf('nobody').address, 0n),
    ]).toEqual([2, 1, 0])
  })

  test('keeps a redeemed one redeemed, though it is stored anew', async () => {
    await winners.markWinningTicketRedeemed(early, '0xaa')
    await winners.storeWinningTicket(early)
    await winners.markWinningTicketRedeemed(early, '0xbb')
    expect(nonceOf(await winners.selectEarliestWinningTicket(them, 0n))).toBe(1)
    expect(winners.pendingValueOf(them)).toBe(late.faceValue)
    const again = await openWinnerStore((store = await reopen()), silentLogger)
    expect(again.totals()).toEqual(winners.totals())
    const redeemed: Winner[] = []
    for await (const winner of again.all()) if (winner.state === 'redeemed') redeemed.push(winner)
    expect(redeemed).toMatchObject([{ ticket: { senderNonce: 2 }, transactionHash: '0xaa' }])
  })

  test('knows a removed one from one the disk lost', async () => {
    await winners.removeWinningTicket(foreign)
    await winners.removeWinningTicket(foreign)
    await winners.removeWinningTicket(late)
    expect(winners.totals().count.waiting).toBe(1)
    const logger = recordingLogger()
    let again = await openWinnerStore((store = await reopen()), logger)
    expect(logger.lines).toEqual([])
    expect(again.pending().map(({ ticket }) => ticket.senderNonce)).toEqual([2])
    await again.storeWinningTicket(winnerOf(4))
    again = await openWinnerStore((store = await reopen()), logger)
    expect(logger.lines).toEqual([])
    await store.table('winners', bytesCodec).del(winnerKey(early))
    await openWinnerStore((store = await reopen()), logger)
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { expected: 4, found: 3 } }])
  })

  test('asks who is active, and takes an orchestrator for active when nobody can tell', async () => {
    expect(await winners.isOrchActive(me, 10n)).toBe(true)
    const answers = new Map([[10n, false]])
    const asked = await openWinnerStore(store, silentLogger, {
      isActive: async (_address, round) => answers.get(round) ?? null,
    })
    expect([await asked.isOrchActive(me, 10n), await asked.isOrchActive(me, 11n)]).toEqual([
      false,
      true,
    ])
  })

  test('its queue hands over what is due, in order, and not twice at a time', async () => {
    const queue = createTicketQueue(
      { winners, time: chain, logger: silentLogger },
      { isDue: ({ ticket }) => ticket.paramsExpirationBlock <= chain.block },
    )
    cleanup.add(async () => queue.stop())
    const seen: number[] = []
    const held = Promise.withResolvers<void>()
    const end = queue.redeemable(async ({ ticket }) => {
      seen.push(ticket.senderNonce)
      await held.promise
    })
    chain.block = 1_041n
    await queue.start()
    expect(seen).toEqual([3, 2])
    chain.mine(1_045n)
    chain.mine(1_050n)
    expect(seen).toEqual([3, 2, 1])
    held.resolve()
    await new Promise(setImmediate)
    chain.mine(1_051n)
    expect(seen).toEqual([3, 2, 1, 3, 2, 1])
    await new Promise(setImmediate)
    end()
    chain.mine(1_052n)
    expect(seen).toHaveLength(6)
  })
})
