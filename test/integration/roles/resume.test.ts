import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { ETHER } from '../../../src/chain/media-exchange.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { watchVideo } from '../../../src/roles/viewer.ts'
import { startTestChain, type TestChain } from '../../helpers/chain.ts'
import {
  type MediaParty,
  type MediaPartyInit,
  startMediaParty,
} from '../../helpers/fixtures-media.ts'

/** A segment of the films here costs so much. */
const SEGMENT = 2000n

let chain: TestChain

beforeAll(async () => {
  chain = await startTestChain()
})

afterAll(async () => {
  await chain.stop()
})

async function startParty(index: number, init: MediaPartyInit = {}): Promise<MediaParty> {
  const party = await startMediaParty(chain, await chain.party(index), init)
  onTestFinished(async () => party.stop())
  return party
}

/** The same viewer in a new process, as far as its disk can tell. */
async function restart(viewer: MediaParty): Promise<MediaParty> {
  await viewer.stop({ keep: true })
  const next = await startMediaParty(chain, viewer.party, { before: viewer })
  onTestFinished(async () => next.stop())
  return next
}

/** Watches by title; gives what was shown and paid, or why it ended. */
async function watch(viewer: MediaParty, owner: MediaParty, video: string, stopAt = Infinity) {
  const shown: number[] = []
  const components = {
    ...{ ...viewer.bidder, blocks: viewer.blocks, logger: silentLogger, agent: async () => [] },
    ...{ registry: viewer.party.videos, addressesOf: async () => owner.target.addresses ?? [] },
    blockNumber: async () => chain.cheat.getBlockNumber({ cacheTime: 0 }),
  }
  const init = { video, maxPrice: 1000n, rails: ['check'] }
  const show = async ({ index }: { readonly index: number }): Promise<void> => {
    if (index >= stopAt) throw new Error('the process is killed')
    shown.push(index)
  }
  const watched = await watchVideo(components, init, show).catch(() => null)
  return { shown, paid: watched?.ok === true ? watched.value.paid : watched }
}

async function orders({ table }: MediaParty) {
  const found = []
  for await (const [, order] of table.entries()) found.push(order)
  return found.sort((a, b) => a.atMs - b.atMs)
}

test('A17 a viewer that ends in mid-video goes on under its order, and pays for nothing twice', async () => {
  const owner = await startParty(1)
  const viewer = await startParty(2)
  await owner.publish({ count: 6, title: 'in two sittings' })
  const before = await owner.party.exchange.balanceOf(ETHER, owner.party.address)
  expect(await watch(viewer, owner, 'in two sittings', 3)).toEqual({ shown: [0, 1, 2], paid: null })
  const again = await restart(viewer)
  const { shown, paid } = await watch(again, owner, 'in two sittings')
  expect(shown).toEqual([0, 1, 2, 3, 4, 5])
  expect(paid).toBe(6n * SEGMENT)
  expect(await orders(again)).toHaveLength(1)
  // What is all here is shown from here: there is no third bid.
  expect(await watch(await restart(again), owner, 'in two sittings')).toEqual({
    shown: [0, 1, 2, 3, 4, 5],
    paid: 0n,
  })
  await expect
    .poll(async () => owner.party.exchange.balanceOf(ETHER, owner.party.address), {
      timeout: 20_000,
    })
    .toBe(before + 6n * SEGMENT)
})

test('A17 a check that was signed but not noted when the process ended costs nothing extra', async () => {
  const owner = await startParty(1)
  const viewer = await startParty(3)
  await owner.publish({ count: 4, title: 'a check too many' })
  await watch(viewer, owner, 'a check too many', 2)
  const [order] = await orders(viewer)
  const channel = order?.channel ?? ''
  // The rail has signed for one more than the order knows of.
  await viewer.payer.check(channel, (order?.balance ?? 0) + 1)
  const { shown, paid } = await watch(await restart(viewer), owner, 'a check too many')
  expect(shown).toEqual([0, 1, 2, 3])
  expect(paid).toBe(4n * SEGMENT)
  expect((await owner.table.get(channel))?.paid).toBe(4n * SEGMENT)
})

test('A17 A19 of what its owner has settled meanwhile, only the rest is bought under a new order', async () => {
  const owner = await startParty(1)
  const viewer = await startParty(4)
  await owner.publish({ count: 5, title: 'much later' })
  await watch(viewer, owner, 'much later', 2)
  const [first] = await orders(viewer)
  const channel = first?.channel ?? ''
  const sold = await owner.table.get(channel)
  if (sold === undefined) throw new Error('no such sale')
  await owner.serving.stop()
  await owner.payee.settle(channel)
  await owner.table.put(channel, { ...sold, state: 'done' })
  await owner.serving.start()
  const again = await restart(viewer)
  const { shown, paid } = await watch(again, owner, 'much later')
  expect(shown).toEqual([0, 1, 2, 3, 4])
  const [before, after] = await orders(again)
  expect(before).toMatchObject({ state: 'done', balance: 3 })
  expect(after).toMatchObject({ state: 'done', balance: 2, withheld: [0, 1, 2] })
  expect(paid).toBe(2n * SEGMENT)
})

test('A20 who bids again gets no other choice of what is kept back', async () => {
  const owner = await startParty(1)
  const defence = { type: 'random', count: 2 } as const
  await owner.publish({ count: 8, title: 'never all', defence })
  const [first, second] = [await startParty(5), await startParty(6)]
  const { shown } = await watch(first, owner, 'never all')
  expect(shown).toHaveLength(6)
  expect((await watch(second, owner, 'never all')).shown).toEqual(shown)
  expect(await watch(await restart(first), owner, 'never all')).toEqual({ shown, paid: 0n })
})
