import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toHex } from '../../../src/lib/bytes.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { openBlockClock } from '../../../src/rails/ticket/chain-clock.ts'
import {
  openRecipientSecret,
  recipientSecretFrom,
} from '../../../src/rails/ticket/recipient-secret.ts'
import { createSenderMonitor } from '../../../src/rails/ticket/sender-monitor.ts'
import type { SignedTicket } from '../../../src/rails/ticket/ticket.ts'
import {
  openWinnerStore,
  type Winner,
  type WinnerStore,
  winnerKey,
} from '../../../src/rails/ticket/winner-store.ts'
import { bytesCodec } from '../../../src/store/codec.ts'
import type { Store } from '../../../src/store/store.ts'
import { recordingLogger } from '../../helpers/fakes.ts'
import { fakeChain } from '../../helpers/fakes-chain.ts'
import { bytesOf, Cleanup, flipped, temporaryStore, walletOf } from '../../helpers/fixtures.ts'
import {
  paramsOf,
  recipientWallet,
  senderWallet,
  winnerOf,
} from '../../helpers/fixtures-tickets.ts'

const cleanup = new Cleanup()
let store: Store
let reopen: () => Promise<Store>
beforeEach(async () => {
  ;({ store, reopen } = await temporaryStore(cleanup))
})
afterEach(() => cleanup.run())

async function add(winners: WinnerStore, ...tickets: SignedTicket[]): Promise<void> {
  await store.batch(tickets.map((ticket) => winners.addOp(ticket)))
  for (const ticket of tickets) winners.added(ticket)
}

async function update(winners: WinnerStore, winner: Winner): Promise<void> {
  await store.batch([winners.updateOp(winner)])
  winners.updated(winner)
}

const open = async (): Promise<WinnerStore> => openWinnerStore(store, silentLogger)

describe('the winners', () => {
  test('wait in the order in which their params become void, across a restart too', async () => {
    const winners = await open()
    const blocks = [70_000n, 9n, 300n, 300n, 1n]
    await add(winners, ...blocks.map((block, i) => winnerOf(i, { paramsExpirationBlock: block })))
    const order = (of: WinnerStore): bigint[] =>
      of.pending().map(({ ticket }) => ticket.paramsExpirationBlock)
    expect(order(winners)).toEqual([1n, 9n, 300n, 300n, 70_000n])
    store = await reopen()
    const again = await open()
    expect(again.pending()).toEqual(winners.pending())
    expect(again.totals()).toEqual(winners.totals())
  })

  test('add up by state, and what is settled waits no longer', async () => {
    const winners = await open()
    const tickets = [1, 2, 3].map((seed) => winnerOf(seed, { faceValue: BigInt(seed) }))
    await add(winners, ...tickets)
    const [a, b] = winners.pending() as [Winner, Winner]
    await update(winners, { ...a, state: 'redeemed', gasUsed: 5n, transactionHash: '0xaa' })
    await update(winners, { ...b, state: 'submitted', attempts: 1 })
    const left = 6n - a.ticket.faceValue
    expect(winners.totals()).toMatchObject({
      count: { waiting: 1, submitted: 1, redeemed: 1, failed: 0, expired: 0 },
      faceValue: { redeemed: a.ticket.faceValue, submitted: b.ticket.faceValue },
      gasUsed: 5n,
    })
    expect(winners.pendingCountOf(senderWallet.address)).toBe(2)
    expect(winners.pendingValueOf(senderWallet.address)).toBe(left)
    expect(winners.pendingCountOf(walletOf('other').address)).toBe(0)
    store = await reopen()
    const again = await open()
    expect(again.totals()).toEqual(winners.totals())
    expect(again.pending()).toEqual(winners.pending())
  })

  test('keep their number when the same win is stored again', async () => {
    const winners = await open()
    const ticket = winnerOf(1)
    await store.batch([winners.addOp(ticket)])
    await add(winners, ticket)
    await add(winners, winnerOf(2))
    const logger = recordingLogger()
    const again = await openWinnerStore(store, logger)
    expect(again.pending()).toHaveLength(2)
    expect(logger.lines).toEqual([])
  })

  const damage = async (at: (length: number) => number): Promise<void> => {
    const raw = store.table('winners', bytesCodec)
    const key = winnerKey(winnerOf(1))
    const bytes = (await raw.get(key)) as Uint8Array
    await raw.put(key, flipped(bytes, at(bytes.byteLength)))
  }
  test.each<[string, (length: number) => number]>([
    ['its version', () => 0],
    ['its middle', (length) => length >> 1],
    ['its checksum', (length) => length - 1],
  ])('one with a flipped bit in %s is found at the next start', async (_where, at) => {
    await add(await open(), winnerOf(1), winnerOf(2))
    await damage(at)
    store = await reopen()
    await expect(open()).rejects.toMatchObject({ code: 'WINNER_DAMAGED' })
  })

  test('one that is cut short is found too', async () => {
    await add(await open(), winnerOf(1))
    await store.table('winners', bytesCodec).put(winnerKey(winnerOf(1)), bytesOf(3))
    await expect(open()).rejects.toMatchObject({ code: 'WINNER_DAMAGED' })
  })

  test.each([2, 3])('one that is missing is reported, the newest too: number %i', async (lost) => {
    await add(await open(), winnerOf(1), winnerOf(2), winnerOf(3))
    store = await reopen()
    await store.table('winners', bytesCodec).del(winnerKey(winnerOf(lost)))
    const logger = recordingLogger()
    const winners = await openWinnerStore(store, logger)
    expect(winners.pending()).toHaveLength(2)
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { expected: 3, found: 2 } }])
  })
})

describe('the recipient secret', () => {
  test('is the same for the rest of this boot, so that what it promised stays good', async () => {
    const first = await openRecipientSecret(store)
    store = await reopen()
    const second = await openRecipientSecret(store)
    const rand = (of: typeof first): string =>
      toHex(of.recipientRand(paramsOf(), senderWallet.address))
    expect([first.isFresh, second.isFresh]).toEqual([true, false])
    expect(rand(second)).toBe(rand(first))
    const elsewhere = await openRecipientSecret((await temporaryStore(cleanup)).store)
    expect(rand(elsewhere)).not.toBe(rand(first))
  })

  test('yields another number for any other field, sender or secret', () => {
    const secret = recipientSecretFrom(bytesOf(32, 1))
    const params = paramsOf()
    const { expirationParams } = params
    const variants = [
      params,
      { ...params, recipient: walletOf('other').address },
      { ...params, faceValue: params.faceValue + 1n },
      { ...params, winProb: params.winProb + 1n },
      { ...params, seed: bytesOf(32, 2) },
      { ...params, expirationBlock: params.expirationBlock + 1n },
      { ...params, expirationParams: { ...expirationParams, creationRound: 11n } },
      {
        ...params,
        expirationParams: { ...expirationParams, creationRoundBlockHash: bytesOf(32, 3) },
      },
    ]
    const numbers = variants.map((of) => toHex(secret.recipientRand(of, senderWallet.address)))
    numbers.push(toHex(secret.recipientRand(params, walletOf('other').address)))
    numbers.push(
      toHex(recipientSecretFrom(bytesOf(32, 9)).recipientRand(params, senderWallet.address)),
    )
    expect(new Set(numbers).size).toBe(10)
    expect(() => recipientSecretFrom(bytesOf(31))).toThrow(RangeError)
  })
})

test('the block clock never goes back, across a restart too', async () => {
  const chain = fakeChain()
  const clock = await openBlockClock(store, chain)
  chain.block = 1_500n
  expect(clock.now()).toBe(1_500n)
  chain.block = 1_400n
  expect(clock.now()).toBe(1_500n)
  await store.batch([clock.markOp()])
  store = await reopen()
  expect((await openBlockClock(store, chain)).now()).toBe(1_500n)
  chain.block = 1_501n
  expect((await openBlockClock(store, chain)).now()).toBe(1_501n)
})

test('what a sender is good for is never negative, and never grows with winners that wait', async () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 6n })
  const setting = fc.record({
    deposit: amount,
    fundsRemaining: amount,
    claimedInCurrentRound: amount,
    claimed: amount,
    pool: fc.bigInt({ min: 0n, max: 5n }),
    pending: amount,
    more: amount,
  })
  await fc.assert(
    fc.asyncProperty(setting, async ({ deposit, claimed, pool, pending, more, ...reserve }) => {
      const chain = fakeChain()
      Object.assign(chain, { claimed, pool, funds: { deposit, withdrawRound: 0n, reserve } })
      const floatWith = async (pendingValue: bigint): Promise<bigint> => {
        const winners = { pendingValueOf: () => pendingValue } as unknown as WinnerStore
        const claimant = recipientWallet.address
        const monitor = createSenderMonitor({ claimant, time: chain, senders: chain, winners })
        return monitor.maxFloat(senderWallet.address)
      }
      const [none, some, many] = [
        await floatWith(0n),
        await floatWith(pending),
        await floatWith(pending + more),
      ]
      const share =
        pool === 0n ? 0n : (reserve.fundsRemaining + reserve.claimedInCurrentRound) / pool - claimed
      expect(none).toBe(share > 0n ? share : 0n)
      expect(some).toBeGreaterThanOrEqual(0n)
      expect(many).toBeGreaterThanOrEqual(0n)
      expect(some).toBeLessThanOrEqual(none)
      expect(many).toBeLessThanOrEqual(some)
      if (deposit < 3n * pending) expect(some).toBe(none > pending ? none - pending : 0n)
    }),
  )
})
