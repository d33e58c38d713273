import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toHex } from '../../../src/lib/bytes.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { err } from '../../../src/lib/result.ts'
import { openBlockClock } from '../../../src/rails/ticket/chain-clock.ts'
import { createTicketMetrics } from '../../../src/rails/ticket/metrics.ts'
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
import { winnerOf } from '../../helpers/fixtures-tickets.ts'

const cleanup = new Cleanup()
let chain: FakeChain
let broker: FakeBroker
let store: Store
let reopen: () => Promise<Store>
let winners: WinnerStore
let redemption: Redemption

beforeEach(async () => {
  chain = fakeChain()
  broker = fakeBroker()
  ;({ store, reopen } = await temporaryStore(cleanup))
  await compose()
})
afterEach(() => cleanup.run())

/** The parts as a node makes them at its start. */
async function compose(policy: Partial<RedemptionPolicy> = {}): Promise<void> {
  const logger = recordingLogger()
  winners = await openWinnerStore(store, logger)
  const blocks = await openBlockClock(store, chain)
  const metrics = createTicketMetrics(noMetrics)
  redemption = createRedemption(
    { store, winners, broker, time: chain, blocks, gas: chain, logger, metrics },
    {
      ticketValidityPeriod: 2n,
      concurrency: 2,
      policy: { companyBlocks: 0n, maxBatch: 1, ...policy },
      reorgDepth: 12,
    },
  )
  const mine = redemption
  cleanup.add(async () => mine.stop())
}

async function restart(policy: Partial<RedemptionPolicy> = {}): Promise<void> {
  await redemption.stop()
  store = await reopen()
  await compose(policy)
}

async function add(...tickets: SignedTicket[]): Promise<void> {
  await store.batch(tickets.map((ticket) => winners.addOp(ticket)))
  for (const ticket of tickets) winners.added(ticket)
}

const nameOf = (ticket: SignedTicket): string => toHex(ticketHash(ticket))

async function stored(ticket: SignedTicket): Promise<Winner> {
  for await (const winner of winners.all())
    if (nameOf(winner.ticket) === nameOf(ticket)) return winner
  throw new Error('no such winner')
}

const become = (ticket: SignedTicket, state: Winner['state']): Promise<void> =>
  until(async () => (await stored(ticket)).state === state)

const sent = (): string[] =>
  broker.calls.filter(({ name }) => name === 'redeem').map(({ ticket }) => ticket)

describe('redemption', () => {
  test('reveals nothing of a winner before its params are void, and redeems it then', async () => {
    const [early, late] = [winnerOf(1), winnerOf(2, { paramsExpirationBlock: 1_050n })]
    await add(early, late)
    await redemption.start()
    chain.mine(1_039n)
    chain.mine(1_040n)
    await become(early, 'redeemed')
    expect(new Set(broker.calls.map(({ ticket }) => ticket))).toEqual(new Set([nameOf(early)]))
    chain.mine(1_050n)
    await become(late, 'redeemed')
    expect(winners.pending()).toEqual([])
    expect(await stored(early)).toMatchObject({ gasUsed: 300_000n, transactionHash: nameOf(early) })
    expect(winners.totals()).toMatchObject({ count: { redeemed: 2 }, gasUsed: 600_000n })
  })

  test('stores the block that voids the params before anything is sent', async () => {
    let marked = 0n
    broker.send = async () => {
      const earlier = fakeChain()
      earlier.block = 0n
      marked = (await openBlockClock(store, earlier)).now()
      broker.used.add(nameOf(winnerOf(1)))
      return { transactionHash: '0xaa', status: 'success', gasUsed: 1n }
    }
    await add(winnerOf(1))
    chain.block = 1_044n
    await redemption.start()
    await become(winnerOf(1), 'redeemed')
    expect(marked).toBe(1_044n)
  })

  test('is held up by no bad ticket: refused, unreachable, reverted or never answered', async () => {
    const [refused, unreachable, reverted, silent, good] = [1, 2, 3, 4, 5].map((seed) =>
      winnerOf(seed),
    ) as [SignedTicket, SignedTicket, SignedTicket, SignedTicket, SignedTicket]
    broker.simulate = async (ticket) => {
      if (nameOf(ticket) === nameOf(refused)) return err('ticket did not win')
      if (nameOf(ticket) === nameOf(unreachable)) throw new Error('connection refused')
      return { ok: true, value: { gas: 1n } }
    }
    broker.send = async (ticket, _id, signal) => {
      const transactionHash = nameOf(ticket)
      if (nameOf(ticket) === nameOf(reverted))
        return { transactionHash, status: 'reverted', gasUsed: 9n, reason: 'system is paused' }
      if (nameOf(ticket) === nameOf(silent)) {
        await new Promise((_resolve, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason as Error)),
        )
      }
      broker.used.add(transactionHash)
      return { transactionHash, status: 'success', gasUsed: 1n }
    }
    await add(refused, unreachable, reverted, silent)
    chain.block = 1_040n
    await redemption.start()
    await become(silent, 'submitted')
    await add(good)
    chain.mine(1_041n)
    await become(good, 'redeemed')
    await become(refused, 'failed')
    expect(await stored(refused)).toMatchObject({ reason: 'ticket did not win' })
    expect(await stored(unreachable)).toMatchObject({
      state: 'waiting',
      reason: 'connection refused',
    })
    await until(async () => (await stored(reverted)).lostGas !== undefined)
    expect(await stored(reverted)).toMatchObject({
      state: 'waiting',
      reason: 'system is paused',
      lostGas: 9n,
    })
    expect(await stored(silent)).toMatchObject({ state: 'submitted' })
    await redemption.stop()
    expect(await stored(silent)).toMatchObject({ state: 'submitted' })
  })

  test('sends a reverted one again under another id, after a while', async () => {
    const ids: string[] = []
    broker.send = async (ticket, id) => {
      ids.push(id)
      const status = ids.length === 1 ? 'reverted' : 'success'
      if (status === 'success') broker.used.add(nameOf(ticket))
      return { transactionHash: nameOf(ticket), status, gasUsed: 1n }
    }
    const ticket = winnerOf(1)
    await add(ticket)
    chain.block = 1_040n
    await redemption.start()
    await until(async () => (await stored(ticket)).reason !== undefined)
    const { notBeforeBlock } = await stored(ticket)
    expect(notBeforeBlock).toBeGreaterThan(1_040n)
    chain.mine(notBeforeBlock)
    await become(ticket, 'redeemed')
    expect(new Set(ids).size).toBe(2)
  })

  test('takes up what was submitted before a restart, under the same id and no other', async () => {
    const ids: string[] = []
    let isMined = false
    broker.send = async (ticket, id, signal) => {
      ids.push(id)
      if (!isMined) {
        await new Promise((_resolve, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason as Error)),
        )
      }
      broker.used.add(nameOf(ticket))
      return { transactionHash: nameOf(ticket), status: 'success', gasUsed: 1n }
    }
    const ticket = winnerOf(1)
    await add(ticket)
    chain.block = 1_040n
    await redemption.start()
    await until(() => ids.length === 1)
    await restart()
    expect(await stored(ticket)).toMatchObject({ state: 'submitted' })
    isMined = true
    await redemption.start()
    await become(ticket, 'redeemed')
    expect(new Set(ids).size).toBe(1)
    expect(ids.length).toBe(2)
  })

  test('finds a ticket that was redeemed already, and sends nothing', async () => {
    const ticket = winnerOf(1)
    broker.used.add(nameOf(ticket))
    await add(ticket)
    chain.block = 1_040n
    await redemption.start()
    await become(ticket, 'redeemed')
    expect(sent()).toEqual([])
  })

  test('finds that a transaction reverted because another had paid the ticket', async () => {
    const ticket = winnerOf(1)
    broker.send = async () => {
      broker.used.add(nameOf(ticket))
      return { transactionHash: '0xaa', status: 'reverted', gasUsed: 1n }
    }
    await add(ticket)
    chain.block = 1_040n
    await redemption.start()
    await become(ticket, 'redeemed')
    expect(sent()).toHaveLength(1)
  })

  test('gives up a ticket whose round is over, without a word to the chain', async () => {
    const ticket = winnerOf(1)
    await add(ticket)
    chain.block = 2_000n
    chain.round = 12n
    await redemption.start()
    await become(ticket, 'expired')
    expect(broker.calls).toEqual([])
    expect(winners.totals().count.expired).toBe(1)
  })

  test('waits while redeeming would cost more than it brings, and asks nobody meanwhile', async () => {
    const ticket = winnerOf(1, { faceValue: broker.gas * 10n })
    chain.gasPriceWei = 10n
    await add(ticket)
    chain.block = 1_040n
    await redemption.start()
    await until(async () => (await stored(ticket)).gasEstimate !== undefined)
    const asked = broker.calls.length
    for (const block of [1_041n, 1_042n, 1_043n]) chain.mine(block)
    const [shown] = await redemption.desk.list()
    expect(shown).toMatchObject({ state: 'waiting', waiting: 'COSTS_MORE' })
    expect(broker.calls.length).toBe(asked)
    chain.gasPriceWei = 9n
    chain.mine(1_044n)
    await become(ticket, 'redeemed')
  })

  test('stops without leaving anything behind, and wakes no more', async () => {
    await redemption.start()
    await redemption.stop()
    await redemption.stop()
    await add(winnerOf(1))
    chain.mine(1_040n)
    await new Promise((resolve) => setImmediate(resolve))
    expect(broker.calls).toEqual([])
  })
})
