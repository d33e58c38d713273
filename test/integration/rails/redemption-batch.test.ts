import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toHex } from '../../../src/lib/bytes.ts'
import { MillraceError } from '../../../src/lib/errors.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { err, ok } from '../../../src/lib/result.ts'
import { openBlockClock } from '../../../src/rails/ticket/chain-clock.ts'
import { createTicketMetrics } from '../../../src/rails/ticket/metrics.ts'
import { openRedeemGas, type TrackedRedeemGas } from '../../../src/rails/ticket/redeem-gas.ts'
import { createRedemption, type Redemption } from '../../../src/rails/ticket/redemption.ts'
import type { RedemptionPolicy } from '../../../src/rails/ticket/redemption-policy.ts'
import { type SignedTicket, ticketHash } from '../../../src/rails/ticket/ticket.ts'
import {
  openWinnerStore,
  type Winner,
  type WinnerStore,
} from '../../../src/rails/ticket/winner-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { recordingLogger } from '../../helpers/fakes.ts'
import {
  type FakeBroker,
  type FakeChain,
  fakeBroker,
  fakeChain,
} from '../../helpers/fakes-chain.ts'
import { Cleanup, temporaryStore, until } from '../../helpers/fixtures.ts'
import { senderWallet, winnerOf } from '../../helpers/fixtures-tickets.ts'

const cleanup = new Cleanup()
let chain: FakeChain
let broker: FakeBroker
let store: Store
let reopen: () => Promise<Store>
let winners: WinnerStore
let redeemGas: TrackedRedeemGas
let redemption: Redemption

beforeEach(async () => {
  chain = fakeChain()
  broker = fakeBroker()
  ;({ store, reopen } = await temporaryStore(cleanup))
  await compose()
})
afterEach(() => cleanup.run())

async function compose(policy: Partial<RedemptionPolicy> = {}): Promise<void> {
  const logger = recordingLogger()
  winners = await openWinnerStore(store, logger)
  redeemGas = await openRedeemGas(store, { initial: 90_000n })
  const blocks = await openBlockClock(store, chain)
  const metrics = createTicketMetrics(noMetrics)
  redemption = createRedemption(
    { store, winners, broker, time: chain, blocks, gas: chain, logger, metrics, redeemGas },
    {
      ticketValidityPeriod: 2n,
      concurrency: 4,
      policy: { maxBatch: 3, ...policy },
      reorgDepth: 12,
    },
  )
  const mine = redemption
  cleanup.add(async () => mine.stop())
}

async function restart(): Promise<void> {
  await redemption.stop()
  store = await reopen()
  await compose()
}

async function add(...seeds: number[]): Promise<SignedTicket[]> {
  const tickets = seeds.map((seed) => winnerOf(seed))
  await store.batch(tickets.map((ticket) => winners.addOp(ticket)))
  for (const ticket of tickets) winners.added(ticket)
  return tickets
}

const nameOf = (ticket: SignedTicket): string => toHex(ticketHash(ticket))

async function stored(ticket: SignedTicket | undefined): Promise<Winner> {
  const winner = ticket && (await winners.findByHash(ticketHash(ticket)))
  if (winner === undefined) throw new Error('no such winner')
  return winner
}

const become = (tickets: readonly SignedTicket[], state: Winner['state']): Promise<void> =>
  until(async () => {
    const states = await Promise.all(tickets.map(async (ticket) => (await stored(ticket)).state))
    return states.every((one) => one === state)
  })

const count = (name: string): number => broker.calls.filter((call) => call.name === name).length

/** Lets whatever was set off by a block come to rest. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve))
}

const never = async (signal?: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error))
  })

describe('company', () => {
  test('makes one transaction of what is due together, each with its share of the gas', async () => {
    const tickets = await add(1, 2, 3)
    chain.block = 1_040n
    broker.sendBatch = async (members, id, { gas }) => {
      expect(gas).toBe((3n * 300_000n * 6n) / 5n)
      for (const ticket of members) broker.used.add(nameOf(ticket))
      return { transactionHash: id, status: 'success', gasUsed: 240_000n }
    }
    await redemption.start()
    await become(tickets, 'redeemed')
    expect([count('redeemBatch'), count('redeem')]).toEqual([1, 0])
    expect((await stored(tickets[0])).gasUsed).toBe(80_000n)
    expect(winners.totals().gasUsed).toBe(240_000n)
    expect(redeemGas.gas()).toBe(80_000n)
    await restart()
    expect(redeemGas.gas()).toBe(80_000n)
  })

  test('is waited for by too few, for so many blocks and no longer', async () => {
    const tickets = await add(1, 2)
    chain.block = 1_040n
    await redemption.start()
    chain.mine(1_041n)
    await settle()
    expect(broker.calls).toEqual([])
    expect(await redemption.desk.list()).toMatchObject([
      { waiting: 'AWAITS_COMPANY', nextTryBlock: 1_042n },
      { waiting: 'AWAITS_COMPANY' },
    ])
    chain.mine(1_042n)
    await become(tickets, 'redeemed')
    expect(count('redeemBatch')).toBe(1)
  })

  test('is not waited for when the deadline nears, and a lone one goes by itself', async () => {
    const tickets = await add(1)
    chain.block = 1_040n
    chain.round = 11n
    chain.elapsed = 0.8
    await redemption.start()
    await become(tickets, 'redeemed')
    expect([count('redeemBatch'), count('redeem')]).toEqual([0, 1])
  })

  test('is limited: more than fit go in several transactions', async () => {
    const tickets = await add(1, 2, 3, 4, 5, 6, 7)
    chain.block = 1_042n
    await redemption.start()
    await become(tickets, 'redeemed')
    expect([count('redeemBatch'), count('redeem')]).toEqual([2, 1])
  })

  test('is none for a bad one: it is dropped before, the others are paid', async () => {
    const tickets = await add(1, 2, 3)
    const [bad, ...good] = tickets as [SignedTicket, SignedTicket, SignedTicket]
    broker.simulate = async (ticket) =>
      ticket === bad ? err('sender deposit and reserve are zero') : ok({ gas: 80_000n })
    chain.block = 1_042n
    await redemption.start()
    await become(good, 'redeemed')
    expect(await stored(bad)).toMatchObject({
      state: 'waiting',
      reason: 'sender deposit and reserve are zero',
    })
  })
})

describe('what became of a batch', () => {
  test('is judged ticket by ticket; the unpaid ones learn why and back off alone', async () => {
    const tickets = await add(1, 2, 3)
    const [paid, poor, odd] = tickets as [SignedTicket, SignedTicket, SignedTicket]
    let isSent = false
    broker.simulate = async (ticket) =>
      isSent && ticket === poor ? err('sender is unlocked') : ok({ gas: 80_000n })
    broker.sendBatch = async (_members, id) => {
      isSent = true
      broker.used.add(nameOf(paid))
      return { transactionHash: id, status: 'success', gasUsed: 240_000n }
    }
    chain.block = 1_042n
    await redemption.start()
    await become([paid], 'redeemed')
    await become([poor, odd], 'waiting')
    const unpaid = { state: 'waiting', lostGas: 80_000n, attempts: 2 }
    expect(await stored(poor)).toMatchObject({ ...unpaid, reason: 'sender is unlocked' })
    expect(await stored(odd)).toMatchObject({ ...unpaid, reason: 'the batch left it unpaid' })
    expect(winners.totals().gasUsed).toBe(240_000n)
  })

  test('is found after a restart, under the id and with the members it had', async () => {
    const sent: { id: string; members: string[] }[] = []
    let isMined = false
    broker.sendBatch = async (members, id, { signal }) => {
      sent.push({ id, members: members.map(nameOf).sort() })
      if (!isMined) return never(signal)
      for (const ticket of members) broker.used.add(nameOf(ticket))
      return { transactionHash: id, status: 'success', gasUsed: 3n }
    }
    const tickets = await add(1, 2, 3)
    chain.block = 1_042n
    await redemption.start()
    await become(tickets, 'submitted')
    await until(() => sent.length === 1)
    await restart()
    isMined = true
    await redemption.start()
    await become(tickets, 'redeemed')
    expect(sent).toHaveLength(2)
    expect(sent[1]).toEqual(sent[0])
    expect(sent[0]?.members).toEqual(tickets.map(nameOf).sort())
  })

  test('that the account cannot pay for is tried later, and says so', async () => {
    const tickets = await add(1, 2, 3)
    broker.sendBatch = async () => {
      throw new MillraceError('TX_UNDERFUNDED', 'the account cannot pay for the transaction')
    }
    chain.block = 1_042n
    await redemption.start()
    await until(async () => (await stored(tickets[0])).reason !== undefined)
    await become(tickets, 'waiting')
    expect(await redemption.desk.list()).toMatchObject([
      { waiting: 'BACKING_OFF', reason: 'the account cannot pay for the transaction' },
      {},
      {},
    ])
  })
})

describe('a payment that is reorganised away', () => {
  test('puts the winner back on its way at once', async () => {
    const [ticket] = (await add(1)) as [SignedTicket]
    chain.block = 1_042n
    await redemption.start()
    await become([ticket], 'redeemed')
    const { transactionId } = await stored(ticket)
    broker.used.delete(nameOf(ticket))
    const resent = Promise.withResolvers<void>()
    broker.send = async (of, id) => {
      await resent.promise
      broker.used.add(nameOf(of))
      return { transactionHash: id, status: 'success', gasUsed: 7n }
    }
    broker.reorganise(transactionId as string)
    await become([ticket], 'submitted')
    expect(winners.totals().count).toMatchObject({ redeemed: 0, submitted: 1 })
    chain.mine(1_043n)
    resent.resolve()
    await become([ticket], 'redeemed')
    expect(await stored(ticket)).toMatchObject({ transactionId, gasUsed: 7n })
    expect(new Set(broker.calls.flatMap(({ id }) => id ?? []))).toEqual(new Set([transactionId]))
  })

  test('is found at the depth past which none can be', async () => {
    const [ticket, other] = (await add(1, 2)) as [SignedTicket, SignedTicket]
    chain.block = 1_042n
    await redemption.start()
    await become([ticket, other], 'redeemed')
    broker.sendBatch = async (_members, _id, { signal }) => never(signal)
    broker.used.delete(nameOf(ticket))
    chain.mine(1_053n)
    await settle()
    expect((await stored(ticket)).state).toBe('redeemed')
    chain.mine(1_054n)
    await become([ticket], 'submitted')
    await until(() => winners.unsettled().length === 0)
    expect(await stored(other)).toMatchObject({ state: 'redeemed' })
  })

  test('while no process ran is found at the next start', async () => {
    const [ticket] = (await add(1)) as [SignedTicket]
    chain.block = 1_042n
    await redemption.start()
    await become([ticket], 'redeemed')
    broker.used.delete(nameOf(ticket))
    broker.send = async (_ticket, _id, signal) => never(signal)
    await restart()
    await redemption.start()
    await become([ticket], 'submitted')
  })
})

describe("the operator's hand", () => {
  const hash = (ticket: SignedTicket) => ({ hash: ticketHash(ticket) })

  test('holds a winner across a restart until it is released', async () => {
    const [held, free] = (await add(1, 2)) as [SignedTicket, SignedTicket]
    await redemption.start()
    expect(await redemption.desk.give('hold', hash(held))).toEqual(ok(1))
    await restart()
    chain.block = 1_042n
    await redemption.start()
    await become([free], 'redeemed')
    expect(await redemption.desk.list()).toMatchObject([
      { hash: nameOf(held), order: 'hold', waiting: 'HELD' },
    ])
    expect(await redemption.desk.give('release', { all: true })).toEqual(ok(1))
    chain.mine(1_043n)
    await become([held], 'redeemed')
    expect(await redemption.desk.list({ state: 'redeemed' })).toHaveLength(2)
  })

  test('forces a dear one now, and a loss only by name; an order is used up by one try', async () => {
    await compose({ maxCostShare: { num: 1n, den: 20n } })
    const [ticket] = (await add(1)) as [SignedTicket]
    chain.gasPriceWei = 10n ** 10n
    chain.block = 1_050n
    await redemption.start()
    await until(async () => (await redemption.desk.list())[0]?.waiting === 'GAS_DEAR')
    broker.simulate = async () => ok({ gas: 10n ** 6n })
    expect(await redemption.desk.give('redeem', hash(ticket))).toEqual(ok(1))
    await until(async () => (await redemption.desk.list())[0]?.waiting === 'COSTS_MORE')
    broker.send = async () => ({
      transactionHash: '0xaa',
      status: 'reverted',
      gasUsed: 1n,
      reason: 'r',
    })
    const { sender } = ticket
    expect(await redemption.desk.give('redeem-at-a-loss', { sender })).toEqual(ok(1))
    await until(async () => (await stored(ticket)).lostGas === 1n)
    expect((await redemption.desk.list())[0]).toMatchObject({ waiting: 'BACKING_OFF' })
    expect((await redemption.desk.list())[0]?.order).toBeUndefined()
  })

  test('reveals nothing early, and says what it cannot do', async () => {
    const [ticket] = (await add(1)) as [SignedTicket]
    await redemption.start()
    await redemption.desk.give('redeem-at-a-loss', hash(ticket))
    await settle()
    expect(broker.calls).toEqual([])
    expect((await redemption.desk.list())[0]).toMatchObject({ waiting: 'PARAMS_LIVE' })
    const unknown = await redemption.desk.give('hold', { hash: ticketHash(winnerOf(9)) })
    expect(unknown).toMatchObject({ ok: false, error: { code: 'WINNER_UNKNOWN' } })
    chain.mine(1_040n)
    await become([ticket], 'redeemed')
    const late = await redemption.desk.give('hold', hash(ticket))
    expect(late).toMatchObject({ ok: false, error: { code: 'WINNER_NOT_WAITING' } })
    expect(await redemption.desk.give('hold', { sender: senderWallet.address })).toEqual(ok(0))
  })

  test('tries a failed one that is named once more', async () => {
    const [ticket] = (await add(1)) as [SignedTicket]
    broker.simulate = async () => err('ticket did not win')
    chain.block = 1_042n
    await redemption.start()
    await become([ticket], 'failed')
    broker.simulate = async () => ok({ gas: 1n })
    expect(await redemption.desk.give('redeem', hash(ticket))).toEqual(ok(1))
    await become([ticket], 'redeemed')
    expect(winners.totals().count).toMatchObject({ failed: 0, redeemed: 1 })
  })
})
