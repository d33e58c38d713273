import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bytesEqual, readUint, u256 } from '../../../src/lib/bytes.ts'
import { ticketLimits } from '../../../src/rails/ticket/limits.ts'
import type { Recipient } from '../../../src/rails/ticket/recipient.ts'
import {
  createTicketHasher,
  isWinningTicket,
  recipientRandHash,
  type TicketBatch,
  type TicketParams,
  ticketEv,
  ticketsOf,
} from '../../../src/rails/ticket/ticket.ts'
import type { WinnerStore } from '../../../src/rails/ticket/winner-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { type FakeChain, fakeChain } from '../../helpers/fakes-chain.ts'
import { Cleanup, flipped, temporaryStore, walletOf } from '../../helpers/fixtures.ts'
import { openRecipient, type RecipientParts, senderWallet } from '../../helpers/fixtures-tickets.ts'

const FEE = 20_000n
const SECP256K1_N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

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

async function paramsFrom(recipient: Recipient): Promise<TicketParams> {
  const params = await recipient.ticketParams(senderWallet.address, FEE)
  if (!params.ok) throw new Error(params.error.code)
  return params.value
}

/** Tickets signed as an honest sender signs them, for whatever params and nonces. */
function sign(params: TicketParams, nonces: readonly number[], wallet = senderWallet): TicketBatch {
  const { expirationParams } = params
  const hasher = createTicketHasher(params, expirationParams, senderWallet.address)
  const senderParams = nonces.map((senderNonce) => ({
    senderNonce,
    sig: wallet.signMessage(hasher.hash(senderNonce)),
  }))
  return { params, expirationParams, sender: senderWallet.address, senderParams }
}

/** Receives and writes, as the exchange does; the credit, or the code of the refusal. */
async function receive(
  { recipient }: { recipient: Recipient },
  batch: TicketBatch,
): Promise<bigint | string> {
  const received = await recipient.receiveBatch(batch)
  if (!received.ok) return received.error.code
  await store.batch(received.value.writes)
  received.value.committed()
  return received.value.credited
}

async function winnersOf(winners: WinnerStore): Promise<number[]> {
  const nonces: number[] = []
  for await (const { ticket } of winners.all()) nonces.push(ticket.senderNonce)
  return nonces.sort((a, b) => a - b)
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('params', () => {
  test('differ each time, name this recipient and expire after their life', async () => {
    const [a, b] = [await paramsFrom(parts.recipient), await paramsFrom(parts.recipient)]
    expect(bytesEqual(a.recipientRandHash, b.recipientRandHash)).toBe(false)
    expect(a).toMatchObject({ recipient: parts.recipient.address, expirationBlock: 1040n })
    expect(ticketEv(a)).toBe(FEE / 2n)
  })

  test('name the round before while this one has no hash yet, and wait when neither has', async () => {
    chain.blockHash = new Uint8Array(32)
    const { expirationParams } = await paramsFrom(parts.recipient)
    expect(expirationParams).toEqual({
      creationRound: 9n,
      creationRoundBlockHash: chain.previousBlockHash,
    })
    chain.previousBlockHash = new Uint8Array(32)
    const none = await parts.recipient.ticketParams(senderWallet.address, FEE)
    expect(none).toMatchObject({ ok: false, error: { class: 'not-ready' } })
  })

  test.each([
    ['no deposit', { deposit: 0n }, 'NO_DEPOSIT'],
    ['no reserve', { reserve: { fundsRemaining: 0n, claimedInCurrentRound: 0n } }, 'NO_RESERVE'],
    ['funds that unlock', { withdrawRound: 11n }, 'UNLOCKING_SOON'],
    [
      'too little reserve',
      { reserve: { fundsRemaining: 3n, claimedInCurrentRound: 0n } },
      'INSUFFICIENT_RESERVE',
    ],
  ])('are not given to a sender with %s', async (_what, funds, code) => {
    chain.funds = { ...chain.funds, ...funds }
    const params = await parts.recipient.ticketParams(senderWallet.address, FEE)
    expect(params).toMatchObject({ ok: false, error: { class: 'underfunded', code } })
  })
})

describe('a good batch', () => {
  test('earns its expected value, once', async () => {
    const params = await paramsFrom(parts.recipient)
    const ev = ticketEv(params)
    expect(await receive(parts, sign(params, [1, 2, 3]))).toBe(3n * ev)
    expect(await receive(parts, sign(params, [1, 2, 3]))).toBe(0n)
    expect(await receive(parts, sign(params, [3, 4, 4, 2]))).toBe(ev)
    expect(await parts.recipient.noncesUsed(params)).toBe(4)
  })

  test('earns nothing again after a restart of the process', async () => {
    const params = await paramsFrom(parts.recipient)
    await receive(parts, sign(params, [1, 2]))
    store = await reopen()
    const again = await openRecipient(store, chain)
    expect(again.secret.isFresh).toBe(false)
    expect(await receive(again, sign(params, [1, 2]))).toBe(0n)
    expect(await receive(again, sign(params, [2, 3]))).toBe(ticketEv(params))
  })

  test('that was not written counts as not received', async () => {
    const params = await paramsFrom(parts.recipient)
    const lost = await parts.recipient.receiveBatch(sign(params, [1]))
    expect(lost.ok).toBe(true)
    expect(await receive(parts, sign(params, [1]))).toBe(ticketEv(params))
  })

  test('its winners are those that the draw names, kept with what redeeming them takes', async () => {
    const params = await paramsFrom(parts.recipient)
    const batch = sign(params, range(1, 100))
    const rand = parts.secret.recipientRand(params, senderWallet.address)
    const expected = ticketsOf(batch)
      .filter((ticket, i) =>
        isWinningTicket(ticket, batch.senderParams[i]?.sig as Uint8Array, rand),
      )
      .map(({ senderNonce }) => senderNonce)
    await receive(parts, batch)
    await receive(parts, batch)
    expect(expected.length).toBeGreaterThan(5)
    expect(await winnersOf(parts.winners)).toEqual(expected)
    for (const { ticket } of parts.winners.pending()) {
      expect(bytesEqual(recipientRandHash(ticket.recipientRand), ticket.recipientRandHash)).toBe(
        true,
      )
      expect(isWinningTicket(ticket, ticket.sig, ticket.recipientRand)).toBe(true)
      expect(ticket.paramsExpirationBlock).toBe(params.expirationBlock)
    }
    const reopened = await openRecipient((store = await reopen()), chain)
    expect(reopened.winners.pending()).toEqual(parts.winners.pending())
  })

  test('takes the last nonce and no other past it', async () => {
    const params = await paramsFrom(parts.recipient)
    const { maxNoncesPerParams } = ticketLimits
    expect(await receive(parts, sign(params, [maxNoncesPerParams]))).toBe(ticketEv(params))
    for (const nonce of [0, maxNoncesPerParams + 1]) {
      const received = await parts.recipient.receiveBatch(sign(params, [1, nonce]))
      expect(received).toMatchObject({
        ok: false,
        error: { class: 'new-params', code: 'NONCE_EXHAUSTED' },
      })
    }
    expect(await parts.recipient.noncesUsed(params)).toBe(1)
  })

  test('may hold as many tickets as a payment and not one more', async () => {
    const params = await paramsFrom(parts.recipient)
    const max = ticketLimits.maxTicketsPerPayment
    expect(await receive(parts, sign(params, range(1, max + 1)))).toBe('TOO_MANY_TICKETS')
    expect(await receive(parts, sign(params, range(1, max)))).toBe(BigInt(max) * ticketEv(params))
  })
})

describe('a bad batch earns nothing at all', () => {
  test.each<[string, (params: TicketParams) => Partial<TicketParams>]>([
    ['faceValue', ({ faceValue }) => ({ faceValue: faceValue * 2n })],
    ['winProb', ({ winProb }) => ({ winProb: winProb + 1n })],
    ['seed', ({ seed }) => ({ seed: flipped(seed, 31) })],
    [
      'recipientRandHash',
      ({ recipientRandHash: hash }) => ({ recipientRandHash: flipped(hash, 0) }),
    ],
    ['expirationBlock', ({ expirationBlock }) => ({ expirationBlock: expirationBlock + 1n })],
    [
      'creationRound',
      ({ expirationParams: e }) => ({ expirationParams: { ...e, creationRound: 9n } }),
    ],
    [
      'creationRoundBlockHash',
      ({ expirationParams: e }) => ({
        expirationParams: { ...e, creationRoundBlockHash: flipped(e.creationRoundBlockHash, 0) },
      }),
    ],
  ])('with another %s than the recipient gave', async (_field, change) => {
    const params = await paramsFrom(parts.recipient)
    expect(await receive(parts, sign({ ...params, ...change(params) }, [1]))).toBe('UNKNOWN_PARAMS')
    expect(await parts.recipient.noncesUsed(params)).toBe(0)
    expect(await receive(parts, sign(params, [1]))).toBe(ticketEv(params))
  })

  test('with params given to another sender', async () => {
    const params = await parts.recipient.ticketParams(walletOf('other').address, FEE)
    expect(params.ok && (await receive(parts, sign(params.value, [1])))).toBe('UNKNOWN_PARAMS')
  })

  test('with params from before the secret was drawn anew', async () => {
    const params = await paramsFrom(parts.recipient)
    const other = await openRecipient((await temporaryStore(cleanup)).store, chain)
    const received = await other.recipient.receiveBatch(sign(params, [1]))
    expect(received).toMatchObject({
      ok: false,
      error: { class: 'new-params', code: 'UNKNOWN_PARAMS' },
    })
  })

  test('with params that expired, from the very block on', async () => {
    const params = await paramsFrom(parts.recipient)
    chain.block = params.expirationBlock - 1n
    expect(await receive(parts, sign(params, [1]))).toBe(ticketEv(params))
    chain.block = params.expirationBlock
    const late = await parts.recipient.receiveBatch(sign(params, [2]))
    expect(late).toMatchObject({
      ok: false,
      error: { class: 'new-params', code: 'PARAMS_EXPIRED' },
    })
  })

  test('too late, of which the winners are kept and counted all the same', async () => {
    const counts = { tickets: 0, won: 0 }
    const own = await openRecipient((await temporaryStore(cleanup)).store, chain, {
      onLate({ tickets, won }) {
        counts.tickets += tickets
        counts.won += won
      },
    })
    const params = await paramsFrom(own.recipient)
    chain.block = params.expirationBlock
    const nonces = Array.from({ length: 24 }, (_, i) => i + 1)
    expect(await receive(own, sign(params, nonces))).toBe('PARAMS_EXPIRED')
    expect(counts.tickets).toBe(24)
    expect(counts.won).toBe(own.winners.pending().length)
    expect(counts.won).toBeGreaterThan(0)
  })

  test('with params that expired at a block an endpoint has forgotten again', async () => {
    const params = await paramsFrom(parts.recipient)
    chain.block = params.expirationBlock
    await store.batch([parts.blocks.markOp()])
    chain.block = 1000n
    expect(await receive(parts, sign(params, [1]))).toBe('PARAMS_EXPIRED')
    const again = await openRecipient((store = await reopen()), chain)
    expect(await receive(again, sign(params, [1]))).toBe('PARAMS_EXPIRED')
  })

  test('for another recipient, or from nobody', async () => {
    const params = await paramsFrom(parts.recipient)
    const recipient = walletOf('other').address
    expect(await receive(parts, sign({ ...params, recipient }, [1]))).toBe('INVALID_RECIPIENT')
    const sender = `0x${'00'.repeat(20)}` as const
    expect(await receive(parts, { ...sign(params, [1]), sender })).toBe('INVALID_SENDER')
  })

  test('with another creation round beside the params', async () => {
    const params = await paramsFrom(parts.recipient)
    const expirationParams = { ...params.expirationParams, creationRound: 9n }
    expect(await receive(parts, { ...sign(params, [1]), expirationParams })).toBe(
      'INVALID_EXPIRATION',
    )
  })

  test('from a sender whose funds are going', async () => {
    const params = await paramsFrom(parts.recipient)
    chain.funds = { ...chain.funds, withdrawRound: 11n }
    expect(await receive(parts, sign(params, [1]))).toBe('UNLOCKING_SOON')
  })

  const withS = (sig: Uint8Array, s: bigint, v: number): Uint8Array => {
    const out = Uint8Array.from(sig)
    out.set(u256(s), 32)
    out[64] = v
    return out
  }
  test.each<[string, string, (sig: Uint8Array) => Uint8Array]>([
    [
      'the high-s twin',
      'HIGH_S',
      (sig) => withS(sig, SECP256K1_N - readUint(sig.subarray(32, 64)), 55 - (sig[64] as number)),
    ],
    [
      'v 0 or 1',
      'INVALID_V',
      (sig) => withS(sig, readUint(sig.subarray(32, 64)), (sig[64] as number) - 27),
    ],
    [
      'the other v',
      'WRONG_SIGNER',
      (sig) => withS(sig, readUint(sig.subarray(32, 64)), 55 - (sig[64] as number)),
    ],
    ['a byte too few', 'INVALID_LENGTH', (sig) => sig.subarray(0, 64)],
    ['a byte too many', 'INVALID_LENGTH', (sig) => new Uint8Array([...sig, 0])],
    ['zeros', 'UNRECOVERABLE', () => withS(new Uint8Array(65), 0n, 27)],
  ])(
    'with a signature that is %s, and voids the good ones beside it',
    async (_what, code, spoil) => {
      const params = await paramsFrom(parts.recipient)
      const good = sign(params, range(1, 5))
      const senderParams = good.senderParams.map((ticket) =>
        ticket.senderNonce === 4 ? { ...ticket, sig: spoil(ticket.sig) } : ticket,
      )
      const received = await parts.recipient.receiveBatch({ ...good, senderParams })
      expect(received).toMatchObject({ ok: false, error: { class: 'fatal', code } })
      expect(await parts.recipient.noncesUsed(params)).toBe(0)
      expect(await winnersOf(parts.winners)).toEqual([])
      expect(await receive(parts, good)).toBe(5n * ticketEv(params))
    },
  )

  test('signed by another account', async () => {
    const params = await paramsFrom(parts.recipient)
    expect(await receive(parts, sign(params, [1], walletOf('thief')))).toBe('WRONG_SIGNER')
  })

  test('with a signature of another nonce', async () => {
    const params = await paramsFrom(parts.recipient)
    const [first] = sign(params, [1]).senderParams
    const senderParams = [{ senderNonce: 2, sig: first?.sig as Uint8Array }]
    expect(await receive(parts, { ...sign(params, [2]), senderParams })).toBe('WRONG_SIGNER')
  })
})
