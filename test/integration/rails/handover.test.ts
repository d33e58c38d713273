import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toHex } from '../../../src/lib/bytes.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { createPeerKey } from '../../../src/net/peer-key.ts'
import { openBlockClock } from '../../../src/rails/ticket/chain-clock.ts'
import { createTakeBack } from '../../../src/rails/ticket/handover-take-back.ts'
import { createSenderMonitor } from '../../../src/rails/ticket/sender-monitor.ts'
import { type SignedTicket, ticketHash } from '../../../src/rails/ticket/ticket.ts'
import { fakeChain } from '../../helpers/fakes-chain.ts'
import { Cleanup, until, walletOf } from '../../helpers/fixtures.ts'
import {
  realWinner,
  startOrchestrator,
  startRedeemer,
  type TestOrchestrator,
  type TestRedeemer,
} from '../../helpers/fixtures-redeem.ts'
import { recipientWallet } from '../../helpers/fixtures-tickets.ts'

const cleanup = new Cleanup()
let redeemer: TestRedeemer
let orchestrator: TestOrchestrator
beforeEach(async () => {
  redeemer = await startRedeemer(cleanup, { orchestrators: [recipientWallet.address] })
  orchestrator = await startOrchestrator(cleanup, redeemer)
})
afterEach(() => cleanup.run())

const nameOf = (ticket: SignedTicket): string => toHex(ticketHash(ticket))
const held = (): Set<string> =>
  new Set(redeemer.winners.pending().map(({ ticket }) => nameOf(ticket)))
const become = (ticket: SignedTicket, state: string): Promise<void> =>
  until(async () => (await orchestrator.stateOf(ticket)) === state)
/** The params of all winners here are void from block 1040 on. */
const voidParams = (): void => orchestrator.chain.mine(1_040n)
const paid = (...tickets: SignedTicket[]): void => {
  for (const ticket of tickets) orchestrator.broker.used.add(nameOf(ticket))
}

describe('a winner', () => {
  test('is shown to the redeemer once its params are void, and never before', async () => {
    const [early, late] = [realWinner(1), realWinner(2, { paramsExpirationBlock: 1_050n })]
    await orchestrator.win(early, late)
    orchestrator.chain.mine(1_039n)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(held()).toEqual(new Set())
    voidParams()
    await become(early, 'handed-over')
    expect(held()).toEqual(new Set([nameOf(early)]))
    expect(await orchestrator.stateOf(late)).toBe('waiting')
    // The block that voids the params is on the disk, whatever an endpoint says after a restart.
    const lagging = fakeChain()
    lagging.block = 1n
    expect((await openBlockClock(orchestrator.store, lagging)).now()).toBe(1_040n)
  })

  test("is on the redeemer's disk when it counts as handed over", async () => {
    const ticket = realWinner(1)
    await orchestrator.win(ticket)
    voidParams()
    await become(ticket, 'handed-over')
    await redeemer.stop()
    await redeemer.start()
    expect(redeemer.winners.pending().map((winner) => winner.ticket)).toEqual([ticket])
    expect(redeemer.claims.owed()).toBe(1)
  })

  test('counts against max float until its outcome is known', async () => {
    const ticket = realWinner(1)
    const { chain, winners } = orchestrator
    const monitor = createSenderMonitor({
      claimant: recipientWallet.address,
      time: chain,
      senders: chain,
      winners,
    })
    chain.funds = { ...chain.funds, deposit: 1n }
    const free = await monitor.maxFloat(ticket.sender)
    await orchestrator.win(ticket)
    voidParams()
    await become(ticket, 'handed-over')
    expect(free - (await monitor.maxFloat(ticket.sender))).toBe(ticket.faceValue)
    await redeemer.settle('expired')
    await become(ticket, 'expired')
    expect(await monitor.maxFloat(ticket.sender)).toBe(free)
  })

  test('comes back as redeemed with transaction and gas, and the redeemer forgets its claim', async () => {
    const tickets = [1, 2, 3].map((seed) => realWinner(seed))
    await orchestrator.win(...tickets)
    voidParams()
    for (const ticket of tickets) await become(ticket, 'handed-over')
    const transactionHash = `0x${'cc'.repeat(32)}`
    paid(...tickets)
    await redeemer.settle('redeemed', { transactionHash, gasUsed: 76_000n })
    for (const ticket of tickets) await become(ticket, 'redeemed')
    await until(() => redeemer.claims.owed() === 0)
    for await (const winner of orchestrator.winners.all()) {
      expect(winner).toMatchObject({ transactionHash, gasUsed: 76_000n })
    }
    expect(orchestrator.winners.totals()).toMatchObject({
      count: { redeemed: 3 },
      gasUsed: 228_000n,
    })
  })

  test('comes back as failed with the reason', async () => {
    const ticket = realWinner(1)
    await orchestrator.win(ticket)
    voidParams()
    await become(ticket, 'handed-over')
    await redeemer.settle('failed', { reason: 'ticket did not win' })
    await become(ticket, 'failed')
    for await (const { reason } of orchestrator.winners.all()) {
      expect(reason).toBe('ticket did not win')
    }
  })

  test('is not believed to be paid before the chain shows it, nor unpaid when it does', async () => {
    const [claimed, denied] = [realWinner(1), realWinner(2)]
    await orchestrator.win(claimed)
    voidParams()
    await become(claimed, 'handed-over')
    await redeemer.settle('redeemed')
    await until(() => orchestrator.broker.calls.length > 2)
    expect(await orchestrator.stateOf(claimed)).toBe('handed-over')
    paid(claimed, denied)
    await become(claimed, 'redeemed')
    await orchestrator.win(denied)
    await become(denied, 'handed-over')
    await redeemer.settle('failed', { reason: 'no luck' })
    await become(denied, 'redeemed')
  })

  test('is not final while a reorganisation may undo its payment', async () => {
    const ticket = realWinner(1)
    await orchestrator.win(ticket)
    voidParams()
    await become(ticket, 'handed-over')
    const outcome = () => redeemer.claims.outcomeOf(ticketHash(ticket), recipientWallet.address)
    await redeemer.settle('redeemed', { paidBlock: 1_041n })
    expect(await outcome()).toMatchObject({ state: 'pending' })
    await redeemer.claims.release([ticketHash(ticket)], recipientWallet.address)
    expect(redeemer.claims.owed()).toBe(1)
  })

  test('that the operator holds stays here', async () => {
    const [kept, free] = [realWinner(1), realWinner(2)]
    await orchestrator.win(kept, free)
    const { desk } = orchestrator.handOver
    expect(await desk.give('hold', { hash: ticketHash(kept) })).toEqual({ ok: true, value: 1 })
    voidParams()
    await become(free, 'handed-over')
    expect(await orchestrator.stateOf(kept)).toBe('waiting')
    expect(await desk.list()).toMatchObject(
      [
        { hash: nameOf(kept), waiting: 'HELD' },
        { hash: nameOf(free), waiting: 'HANDED_OVER' },
      ].sort((a, b) => (a.hash < b.hash ? -1 : 1)),
    )
    await desk.give('release', { all: true })
    await become(kept, 'handed-over')
  })
})

describe('across restarts', () => {
  test('of the redeemer, what was not handed over yet is, and what was is not lost', async () => {
    const [before, after] = [realWinner(1), realWinner(2)]
    await orchestrator.win(before)
    voidParams()
    await become(before, 'handed-over')
    await redeemer.stop()
    await orchestrator.win(after)
    await until(() => orchestrator.handOver.status().fault !== null)
    expect(await orchestrator.stateOf(after)).toBe('waiting')
    expect(orchestrator.handOver.status()).toMatchObject({ toHandOver: 1, handedOver: 1 })
    await redeemer.start()
    await become(after, 'handed-over')
    expect(held()).toEqual(new Set([before, after].map(nameOf)))
  })

  test('of the orchestrator, it goes on where it was', async () => {
    const [waiting, away] = [realWinner(1, { paramsExpirationBlock: 1_050n }), realWinner(2)]
    await orchestrator.win(waiting, away)
    voidParams()
    await become(away, 'handed-over')
    await orchestrator.restart()
    paid(away)
    await redeemer.settle('redeemed')
    await become(away, 'redeemed')
    orchestrator.chain.mine(1_050n)
    await become(waiting, 'handed-over')
    await until(() => redeemer.claims.owed() === 1)
  })

  test('a redeemer that lost its store gets everything again', async () => {
    const ticket = realWinner(1)
    await orchestrator.win(ticket)
    voidParams()
    await become(ticket, 'handed-over')
    await redeemer.winners.removeWinningTicket(ticket)
    await until(() => held().has(nameOf(ticket)))
    await become(ticket, 'handed-over')
  })

  test('without a redeemer, winners are taken back: those paid as paid, the others to be redeemed', async () => {
    const [used, unused] = [realWinner(1), realWinner(2)]
    await orchestrator.win(used, unused)
    voidParams()
    await become(used, 'handed-over')
    await become(unused, 'handed-over')
    await orchestrator.handOver.stop()
    paid(used)
    const { store, winners, broker, chain, blocks } = orchestrator
    let isDown = true
    const moody: typeof broker = {
      ...broker,
      async isUsedTicket(hash) {
        if (isDown) throw new Error('connection refused')
        return broker.isUsedTicket(hash)
      },
    }
    const takeBack = createTakeBack({
      ...{ store, winners, broker: moody, time: chain, blocks, logger: silentLogger },
    })
    cleanup.add(() => takeBack.stop())
    await takeBack.start()
    expect(await orchestrator.stateOf(used)).toBe('handed-over')
    isDown = false
    chain.mine(1_041n)
    await become(used, 'redeemed')
    await become(unused, 'waiting')
  })
})

describe('a redeemer that is gone', () => {
  test('is complained of, with what waits for it', async () => {
    await redeemer.stop()
    await orchestrator.win(realWinner(1))
    voidParams()
    await until(() => orchestrator.handOver.status().fault !== null)
    expect(orchestrator.handOver.complaints()).toEqual([])
    orchestrator.aheadMs = 61_000
    const complaints = orchestrator.handOver.complaints()
    expect(complaints).toHaveLength(1)
    expect(complaints[0]).toMatch(/not answered for \d+ s: .*; 1 winners wait for it and 0/)
  })

  test('leaves what is over to the chain', async () => {
    const [used, unused] = [realWinner(1), realWinner(2)]
    await orchestrator.win(used, unused)
    voidParams()
    await become(used, 'handed-over')
    await become(unused, 'handed-over')
    await redeemer.stop()
    paid(used)
    orchestrator.chain.initializeRound(11n)
    await until(() => orchestrator.handOver.status().fault !== null)
    expect(await orchestrator.stateOf(unused)).toBe('handed-over')
    orchestrator.chain.initializeRound(12n)
    await become(used, 'redeemed')
    await become(unused, 'expired')
  })
})

describe('a redeemer refuses', () => {
  const refusal = async (over: Parameters<typeof startOrchestrator>[2]): Promise<string> => {
    const other = await startOrchestrator(cleanup, redeemer, over)
    await other.win(realWinner(7))
    other.chain.mine(1_040n)
    await until(() => other.handOver.status().fault !== null)
    expect(redeemer.winners.totals().count.waiting).toBe(0)
    return other.handOver.status().fault ?? ''
  }

  test('an account it does not work for', async () => {
    expect(await refusal({ wallet: walletOf('another') })).toContain('NOT_ALLOWED')
  })

  test('an account that the peer is not bound to', async () => {
    const { address } = recipientWallet
    // It claims the account, and signs for it with a key of its own.
    const claiming = { ...walletOf('another'), address }
    expect(await refusal({ wallet: claiming })).toContain('NOT_BOUND')
  })

  test('another chain', async () => {
    const elsewhere = await startRedeemer(cleanup, {
      orchestrators: [recipientWallet.address],
      chainId: 1n,
    })
    const other = await startOrchestrator(cleanup, elsewhere)
    await other.win(realWinner(7))
    other.chain.mine(1_040n)
    await until(() => other.handOver.status().fault?.includes('WRONG_CHAIN') === true)
  })

  test('a ticket that is not worth anything, and takes those beside it', async () => {
    const good = realWinner(1)
    const forged = { ...realWinner(2), senderNonce: 99 }
    await orchestrator.win(good, forged)
    voidParams()
    await become(good, 'handed-over')
    await until(() => orchestrator.handOver.complaints().length > 0)
    expect(await orchestrator.stateOf(forged)).toBe('waiting')
    expect(held()).toEqual(new Set([nameOf(good)]))
    expect(orchestrator.handOver.complaints()[0]).toContain('BAD_SIGNATURE')
  })
})

test('an orchestrator is allowed by its peer id as well', async () => {
  const peerKey = await createPeerKey()
  const byPeer = await startRedeemer(cleanup, { orchestrators: [peerKey.peerId] })
  const wallet = recipientWallet
  const other = await startOrchestrator(cleanup, byPeer, { peerKey, wallet })
  const ticket = realWinner(1)
  await other.win(ticket)
  other.chain.mine(1_040n)
  await until(async () => (await other.stateOf(ticket)) === 'handed-over')
})

test('more winners than one request holds are all handed over and all settled', async () => {
  const tickets = Array.from({ length: 150 }, (_, i) => realWinner(i + 1))
  await orchestrator.win(...tickets)
  voidParams()
  await until(() => redeemer.winners.pending().length === 150)
  await until(() => orchestrator.handOver.status().handedOver === 150)
  paid(...tickets)
  await redeemer.settle('redeemed')
  await until(() => orchestrator.winners.pending().length === 0)
  await until(() => redeemer.claims.owed() === 0)
})
