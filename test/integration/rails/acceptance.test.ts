import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { ticketLimits } from '../../../src/rails/ticket/limits.ts'
import { createTicketMetrics } from '../../../src/rails/ticket/metrics.ts'
import { createTicketPayeeRail } from '../../../src/rails/ticket/payee-rail.ts'
import type { SenderInfo } from '../../../src/rails/ticket/ports.ts'
import type { Recipient } from '../../../src/rails/ticket/recipient.ts'
import {
  createTicketHasher,
  isWinningTicket,
  type TicketBatch,
  type TicketParams,
  ticketEv,
  ticketsOf,
} from '../../../src/rails/ticket/ticket.ts'
import { encodeTicketPayment, parseTicketParams } from '../../../src/rails/ticket/wire.ts'
import type { Store } from '../../../src/store/store.ts'
import { type FakeChain, fakeChain } from '../../helpers/fakes-chain.ts'
import { Cleanup, temporaryStore } from '../../helpers/fixtures.ts'
import {
  openRecipient,
  openSender,
  paramsConfig,
  paramsOf,
  type RecipientParts,
  recipientWallet,
  senderWallet,
  winnerOf,
} from '../../helpers/fixtures-tickets.ts'

const FEE = 20_000n
const them = senderWallet.address

const cleanup = new Cleanup()
let chain: FakeChain
let store: Store
let parts: RecipientParts
beforeEach(async () => {
  chain = fakeChain()
  ;({ store } = await temporaryStore(cleanup))
  parts = await openRecipient(store, chain)
})
afterEach(() => cleanup.run())

async function paramsFrom(recipient: Recipient, fee = FEE): Promise<TicketParams> {
  const params = await recipient.ticketParams(them, fee)
  if (!params.ok) throw new Error(params.error.code)
  return params.value
}

function sign(params: TicketParams, nonces: readonly number[]): TicketBatch {
  const { expirationParams } = params
  const hasher = createTicketHasher(params, expirationParams, them)
  const senderParams = nonces.map((senderNonce) => ({
    senderNonce,
    sig: senderWallet.signMessage(hasher.hash(senderNonce)),
  }))
  return { params, expirationParams, sender: them, senderParams }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** The nonces of a batch's tickets that win. */
function winningNonces(batch: TicketBatch): number[] {
  const rand = parts.secret.recipientRand(batch.params, them)
  return ticketsOf(batch)
    .filter((ticket, i) => isWinningTicket(ticket, batch.senderParams[i]?.sig as Uint8Array, rand))
    .map(({ senderNonce }) => senderNonce)
}

const keptNonces = (): number[] =>
  parts.winners
    .pending()
    .map(({ ticket }) => ticket.senderNonce)
    .sort((a, b) => a - b)

function fund(deposit: bigint, reserve: bigint): void {
  chain.funds = {
    deposit,
    withdrawRound: 0n,
    reserve: { fundsRemaining: reserve, claimedInCurrentRound: 0n },
  }
}

async function receive(batch: TicketBatch): Promise<bigint | string> {
  const received = await parts.recipient.receiveBatch(batch)
  if (!received.ok) return received.error.code
  await store.batch(received.value.writes)
  received.value.committed()
  return received.value.credited
}

describe('a winner that comes too late for credit', () => {
  test('is kept when its params are void, and earns nothing', async () => {
    const batch = sign(await paramsFrom(parts.recipient), range(1, 60))
    chain.block = 1_040n
    expect(await receive(batch)).toBe('PARAMS_EXPIRED')
    expect(keptNonces()).toEqual(winningNonces(batch))
    expect(keptNonces().length).toBeGreaterThan(0)
    expect(await receive(batch)).toBe('PARAMS_EXPIRED')
    expect(parts.winners.totals().count.waiting).toBe(winningNonces(batch).length)
    expect(await parts.recipient.noncesUsed(batch.params)).toBe(0)
  })

  test('is kept when its nonce is above the last; those below are left for a good batch', async () => {
    const { maxNoncesPerParams: last } = ticketLimits
    const params = await paramsFrom(parts.recipient)
    const batch = sign(params, [...range(1, 40), ...range(last + 1, last + 60)])
    expect(await receive(batch)).toBe('NONCE_EXHAUSTED')
    const winning = winningNonces(batch)
    expect(keptNonces()).toEqual(winning.filter((nonce) => nonce > last))
    expect(await receive(sign(params, range(1, 40)))).toBe(40n * ticketEv(params))
    expect(keptNonces()).toEqual(winning)
  })

  test('waits like any other until its params are void', async () => {
    const { maxNoncesPerParams: last } = ticketLimits
    await receive(sign(await paramsFrom(parts.recipient), range(last + 1, last + 60)))
    for (const { ticket, state } of parts.winners.pending()) {
      expect(state).toBe('waiting')
      expect(ticket.paramsExpirationBlock).toBe(1_040n)
    }
  })

  test('is kept only when the sender signed it, under params of this recipient', async () => {
    const batch = sign(await paramsFrom(parts.recipient), range(1, 60))
    chain.block = 1_040n
    const strange = { ...batch.params, faceValue: batch.params.faceValue + 1n }
    expect(await receive(sign(strange, range(1, 60)))).toBe('PARAMS_EXPIRED')
    const forged = batch.senderParams.map(({ senderNonce, sig }) => ({
      senderNonce: senderNonce + 100,
      sig,
    }))
    expect(await receive({ ...batch, senderParams: forged })).toBe('PARAMS_EXPIRED')
    expect(keptNonces()).toEqual([])
  })
})

describe('what waits is bounded by what can be claimed', () => {
  test('a ticket needs room for one more win beside the winners that wait', async () => {
    const params = await paramsFrom(parts.recipient)
    const { faceValue } = params
    const pending = 7n * faceValue
    for (const seed of range(1, 7)) {
      await parts.winners.storeWinningTicket(winnerOf(seed, { faceValue }))
    }
    // A pool of two: half of the reserve is this recipient's.
    fund(pending, 2n * faceValue)
    expect(await receive(sign(params, [1]))).toBe(ticketEv(params))
    const waiting = parts.winners.pendingValueOf(them)
    fund(waiting, 2n * faceValue - 2n)
    const refused = await parts.recipient.receiveBatch(sign(params, [2]))
    expect(refused).toMatchObject({
      ok: false,
      error: { class: 'underfunded', code: 'CLAIMABLE_EXCEEDED' },
    })
    expect(refused.ok ? '' : refused.error.detail).toMatch(/deposit .* reserve share .* waiting/)
  })

  test('a batch is not credited more than all that can be claimed', async () => {
    const params = await paramsFrom(parts.recipient)
    const ev = ticketEv(params)
    fund(1n, 2n * (10n * ev - 1n))
    expect(await receive(sign(params, range(1, 10)))).toBe(10n * ev)
    expect(parts.winners.pendingValueOf(them)).toBeGreaterThanOrEqual(0n)
    fund(1n, 2n * (10n * ev - 2n) - 2n)
    expect(await receive(sign(params, range(11, 20)))).toBe('CLAIMABLE_EXCEEDED')
  })

  test('params shrink with it instead of being refused', async () => {
    const full = await paramsFrom(parts.recipient)
    await parts.winners.storeWinningTicket(winnerOf(1, { faceValue: full.faceValue }))
    fund(full.faceValue, 3n * full.faceValue)
    const { faceValue } = await paramsFrom(parts.recipient)
    expect(faceValue).toBe(full.faceValue / 2n)
  })
})

describe('S37 the state of a sender’s funds', () => {
  const good: SenderInfo = {
    deposit: 10n ** 18n,
    withdrawRound: 0n,
    reserve: { fundsRemaining: 10n ** 18n, claimedInCurrentRound: 0n },
  }
  // The round is 10.
  test.each<[string, Partial<SenderInfo>, string | null]>([
    ['locked', {}, null],
    ['unlocking, for a later round than the next', { withdrawRound: 12n }, null],
    ['unlocking with the next round', { withdrawRound: 11n }, 'UNLOCKING_SOON'],
    ['to be withdrawn from this round on', { withdrawRound: 10n }, 'UNLOCKING_SOON'],
    ['to be withdrawn since long', { withdrawRound: 3n }, 'UNLOCKING_SOON'],
    [
      'withdrawn',
      { deposit: 0n, reserve: { fundsRemaining: 0n, claimedInCurrentRound: 0n } },
      'NO_DEPOSIT',
    ],
    [
      'claimed to the last wei',
      { reserve: { fundsRemaining: 0n, claimedInCurrentRound: 10n ** 18n } },
      'NO_RESERVE',
    ],
  ])(
    '%s is judged the same for params, tickets and by the sender itself',
    async (_s, over, code) => {
      const params = await paramsFrom(parts.recipient)
      chain.funds = { ...good, ...over }
      const sender = openSender((await temporaryStore(cleanup)).store, chain)
      const own = await sender.validateTicketParams(paramsOf())
      const given = await parts.recipient.ticketParams(them, FEE)
      const taken = await receive(sign(params, [1]))
      expect(given.ok ? null : given.error.code).toBe(code)
      expect(typeof taken === 'string' ? taken : null).toBe(code)
      if (code === 'NO_DEPOSIT') expect(own).toMatchObject({ error: { code: 'NO_RESERVE' } })
      else expect(own.ok ? null : own.error.code).toBe(code)
    },
  )
})

describe('live params', () => {
  test('are granted anew when the max float falls below their face value, and not before', async () => {
    await parts.monitor.start()
    cleanup.add(() => parts.monitor.stop())
    const { recipient, blocks, monitor } = parts
    const metrics = createTicketMetrics(noMetrics)
    const { paramsLifeBlocks } = paramsConfig
    const rail = createTicketPayeeRail(
      { recipient, blocks, metrics, monitor },
      { paramsLifeBlocks },
    )
    const context = { orderId: '0x01', payer: them, payee: recipientWallet.address }
    const earn = rail.openEarn(context, { payer: them, feePerStep: FEE })
    const params = await paramsFrom(recipient)
    const received = await earn.receive(encodeTicketPayment(sign(params, [1])))
    expect(received.ok).toBe(true)
    expect(await earn.grantIfDue()).toBeNull()
    const of = (reserve: bigint): SenderInfo => ({
      ...chain.funds,
      reserve: { fundsRemaining: reserve, claimedInCurrentRound: 0n },
    })
    chain.fund(them, of(2n * params.faceValue))
    expect(await earn.grantIfDue()).toBeNull()
    chain.fund(them, of(2n * params.faceValue - 2n))
    const grant = parseTicketParams((await earn.grantIfDue()) ?? new Uint8Array(0))
    expect(grant.ok && grant.value.faceValue).toBe(params.faceValue - 1n)
    chain.fund(them, of(2n))
    expect(await earn.grantIfDue()).toBeNull()
  })
})

describe('the gas price that tickets are sized by', () => {
  test('S38 when it is ten times as high, face value is too, and redeeming still takes a hundredth', async () => {
    const redeemGas = 100_000n
    const { recipient } = await openRecipient(store, chain, {
      config: { redeemGas, txCostMultiplier: 100n },
    })
    const at = async (gweis: bigint) => {
      chain.gasPriceWei = gweis * 10n ** 9n
      return paramsFrom(recipient)
    }
    const [before, after] = [await at(1n), await at(10n)]
    expect(before.faceValue).toBe(100n * redeemGas * 10n ** 9n)
    expect(after.faceValue).toBe(10n * before.faceValue)
    // A ticket is worth as much as before: it wins a tenth as often.
    expect(ticketEv(after)).toBe(ticketEv(before))
  })

  test('stays while the present one is within a quarter of it', async () => {
    const { recipient } = await openRecipient(store, chain, {
      config: { redeemGas: 100_000n, txCostMultiplier: 100n },
    })
    const gwei = 10n ** 9n
    const faceAt = async (price: bigint): Promise<bigint> => {
      chain.gasPriceWei = price
      return (await paramsFrom(recipient)).faceValue / (100n * 100_000n)
    }
    expect(await faceAt(8n * gwei)).toBe(8n * gwei)
    expect(await faceAt(10n * gwei)).toBe(8n * gwei)
    expect(await faceAt(6n * gwei)).toBe(8n * gwei)
    expect(await faceAt(10n * gwei + 1n)).toBe(10n * gwei + 1n)
    expect(recipient.redeemCost()).toMatchObject({ gasPriceWei: 10n * gwei + 1n })
    chain.gasPriceWei = 0n
    expect((await paramsFrom(recipient)).faceValue).toBe((FEE / 2n) * paramsConfig.evMultiplier)
  })
})

describe('the sessions of a sender', () => {
  test('are bounded, and one that went is begun again where it was', async () => {
    const sender = openSender((await temporaryStore(cleanup)).store, chain)
    const of = (i: number) =>
      paramsOf({
        recipientRandHash: new Uint8Array(32)
          .fill(1)
          .with(0, i >> 8)
          .with(1, i & 255),
      })
    const first = await sender.startSession(of(0))
    const nonceOf = async (id: string): Promise<number | string> => {
      const made = await sender.createTicketBatch(id, 1)
      return made.ok ? (made.value.senderParams[0]?.senderNonce as number) : made.error.code
    }
    expect(await nonceOf(first)).toBe(1)
    for (let i = 1; i < ticketLimits.maxPaySessions; i += 1) await sender.startSession(of(i))
    expect(await nonceOf(first)).toBe(2)
    const second = (await sender.startSession(of(1))) as string
    await sender.startSession(of(ticketLimits.maxPaySessions))
    expect(await nonceOf(second)).toBe('NO_SESSION')
    expect(await nonceOf(first)).toBe(3)
    expect(await nonceOf(await sender.startSession(of(1)))).toBe(1)
  })
})
