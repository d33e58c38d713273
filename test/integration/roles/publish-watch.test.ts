import { afterAll, beforeAll, expect, test } from 'vitest'
import { ETHER } from '../../../src/chain/media-exchange.ts'
import type { Address } from '../../../src/lib/crypto/address.ts'
import { startTestChain, type TestChain } from '../../helpers/chain.ts'
import { FILM as INPUT, partOf, startMediaNode } from '../../helpers/media-node.ts'

const POLL = { timeout: 30_000, interval: 200 }

let chain: TestChain

beforeAll(async () => {
  chain = await startTestChain()
})

afterAll(async () => {
  await chain.stop()
})

const startNode = async (account: number, own: object, bootstrap: readonly string[] = []) =>
  startMediaNode(chain, account, { ...own, bootstrap })

interface Publisher {
  readonly uploads: readonly { readonly state: string; readonly segments: number }[]
  readonly sales: readonly { readonly state: string; readonly paidWei: bigint }[]
}
interface Viewer {
  readonly views: readonly { readonly state: string; readonly paidWei: bigint }[]
}
interface Audience {
  readonly watched: readonly { readonly intact: number; readonly earnedWei: bigint }[]
}

test('A10 a file is published by one node, and watched by another that pays', async () => {
  const publisher = await startNode(1, {
    roles: ['publisher'],
    publisher: { profiles: ['144p'], videos: [{ title: 'A film', input: INPUT, price: '8gwei' }] },
  })
  const upload = async () => (await partOf<Publisher>(publisher, 'publisher')).uploads[0]
  await expect.poll(async () => (await upload())?.state, POLL).toBe('published')
  const viewer = await startNode(
    2,
    { roles: ['viewer'], viewer: { videos: [{ video: 'A film', maxPrice: '8gwei' }] } },
    publisher.identity().addresses,
  )
  const view = async () => (await partOf<Viewer>(viewer, 'viewer')).views[0]
  await expect.poll(async () => (await view())?.state, POLL).toBe('done')
  expect((await view())?.paidWei).toBeGreaterThan(0n)
  expect(viewer.media?.master('watch-1')).toContain('watch-1/144p.m3u8')
  expect(viewer.media?.media('watch-1', '144p')).toContain('#EXT-X-ENDLIST')
  const sale = async () => (await partOf<Publisher>(publisher, 'publisher')).sales[0]
  await expect.poll(async () => (await sale())?.state, POLL).toBe('done')
  const party = await chain.party(4)
  const earned = await party.exchange.balanceOf(ETHER, publisher.identity().address as Address)
  expect(earned).toBe((await view())?.paidWei)
}, 150_000)

test('A11 a node pays another to watch its video', async () => {
  const audience = await startNode(3, {
    roles: ['audience'],
    audience: { price: '1gwei', register: true },
  })
  const { peerId, addresses } = audience.identity()
  const viewers = [{ peerId, addresses }]
  await startNode(5, {
    roles: ['publisher', 'advertiser'],
    // Other bytes than the film's: a directory belongs to who registered it first.
    publisher: { profiles: ['240p'], videos: [{ title: 'An ad', input: INPUT }] },
    advertiser: { campaigns: [{ video: 'An ad', maxPrice: '1gwei', viewers }] },
  })
  const watched = async () => (await partOf<Audience>(audience, 'audience')).watched[0]
  await expect.poll(async () => (await watched())?.intact ?? 0, POLL).toBeGreaterThan(0)
  const party = await chain.party(4)
  const earned = await party.exchange.balanceOf(ETHER, audience.identity().address as Address)
  expect(earned).toBe((await watched())?.earnedWei)
  expect(await party.users.isRegistered(audience.identity().address as Address)).toBe(true)
}, 150_000)
