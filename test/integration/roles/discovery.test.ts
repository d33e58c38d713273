import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createAgents } from '../../../src/exchange/agent-client.ts'
import { createAgentDesk } from '../../../src/exchange/agent-desk.ts'
import { agentLimits } from '../../../src/exchange/agent-limits.ts'
import type { Told } from '../../../src/exchange/agent-wire.ts'
import type { Clock } from '../../../src/lib/clock.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { publicKeyOfPeer } from '../../../src/net/peer-key.ts'
import { findProspects } from '../../../src/roles/audience.ts'
import { findVideo } from '../../../src/roles/find-video.ts'
import { startTestChain, type TestChain } from '../../helpers/chain.ts'
import {
  type MediaParty,
  type MediaPartyInit,
  startMediaParty,
} from '../../helpers/fixtures-media.ts'
import { FILM, nodeHome, partOf, startMediaNode } from '../../helpers/media-node.ts'

const POLL = { timeout: 30_000, interval: 200 }

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

async function startAgent(index: number, clock: Clock = systemClock) {
  const party = await startParty(index, { desk: false })
  const desk = createAgentDesk({ host: party.host, clock })
  await desk.start()
  return { ...party, desk }
}

/** A party's way to an agent. */
function agentsOf(party: MediaParty, agent: MediaParty, told: Omit<Told, 'addresses'> | null) {
  const components = { host: party.host, logger: silentLogger, told: async () => told }
  return createAgents(components, { agents: [agent.target] })
}

const blockNumber = async () => chain.cheat.getBlockNumber({ cacheTime: 0 })

describe('A21', () => {
  test('A21 an advertiser finds viewers by earlier sales, a data agent and the registry', async () => {
    const advertiser = await startParty(1)
    const agent = await startAgent(2)
    const buyer = await startParty(3)
    const listed = await startParty(4)
    const told = await startParty(5)
    const dear = await startParty(6)
    const video = await advertiser.publish({ count: 1, title: 'sold before' })
    const purchase = await buyer.buy(video, advertiser.target)
    await purchase.close()
    const key = publicKeyOfPeer(listed.target.peerId) as Uint8Array
    await listed.party.users.register(key, '', listed.party.fresh())
    await agentsOf(told, agent, { attention: 500n, videos: [] }).tell()
    await agentsOf(dear, agent, { attention: 501n, videos: [] }).tell()
    const asking = agentsOf(advertiser, agent, null)
    const found = await findProspects({
      ...{ users: advertiser.party.users, orders: advertiser.table },
      ...{ self: advertiser.target.peerId, agent: async () => asking.viewers(500n) },
      range: { fromBlock: 0n, toBlock: await blockNumber() },
    })
    const sources = found.map(({ peerId, source }) => [peerId, source])
    expect(sources).toEqual([
      [buyer.target.peerId, 'sales'],
      [told.target.peerId, 'agent'],
      [listed.target.peerId, 'registry'],
    ])
    expect(found[1]?.addresses).toEqual(told.target.addresses)
    expect(found[2]?.wallet).toBe(listed.party.address)
  })

  test('A21 a viewer finds a title by the registry, a data agent, and earlier sales', async () => {
    const owner = await startParty(1)
    const agent = await startAgent(2)
    const viewer = await startParty(3)
    const liar = await startParty(4)
    const video = await owner.publish({ count: 2, title: 'the one' })
    const asking = agentsOf(viewer, agent, null)
    const sources = {
      ...{ registry: viewer.party.videos, table: viewer.table, blockNumber },
      agent: asking.videos,
    }
    const told = { attention: null, videos: [{ hash: video.directory, title: 'the one' }] }
    // What somebody else says of a video counts for nothing.
    await agentsOf(liar, agent, told).tell()
    expect(await findVideo(sources, 'the one')).toMatchObject({ source: 'registry', addresses: [] })
    await agentsOf(owner, agent, told).tell()
    const { addresses } = owner.target
    expect(await findVideo(sources, 'the one')).toEqual({ video, source: 'agent', addresses })
    expect(await asking.addressesOf(owner.target.peerId)).toEqual(addresses)
    await (await viewer.buy(video, owner.target)).close()
    expect(await findVideo(sources, 'the one')).toEqual({ video, source: 'sales', addresses })
    expect(await findVideo(sources, 'another')).toBeUndefined()
  })

  test('A21 an agent forgets whoever tells it nothing any more', async () => {
    let atMs = 0
    const agent = await startAgent(2, { now: () => atMs })
    const watcher = await startParty(3)
    const asking = agentsOf(await startParty(4), agent, null)
    await agentsOf(watcher, agent, { attention: 1n, videos: [] }).tell()
    expect(agent.desk.known()).toEqual({ peers: 1, viewers: 1, videos: 0 })
    expect(await asking.viewers(1n)).toHaveLength(1)
    atMs += agentLimits.lifeMs
    expect(await asking.viewers(1n)).toEqual([])
  })
})

interface Publisher {
  readonly uploads: readonly { readonly state: string }[]
  readonly hosts: readonly { readonly put: number; readonly got: number }[]
}
interface Viewer {
  readonly views: readonly { readonly state: string; readonly source: string }[]
}

test('A4 A21 nodes: a film kept by a host is found through an agent and watched', async () => {
  const home = await nodeHome()
  const first = await startMediaNode(chain, 1, { roles: ['publisher'] }, home)
  const { peerId } = first.identity()
  await first.stop()
  const helper = await startMediaNode(chain, 2, {
    roles: ['host', 'agent'],
    host: { publishers: [{ peerId }] },
  })
  const { peerId: helperId, addresses } = helper.identity()
  const agents = [{ peerId: helperId, addresses }]
  const publisher = await startMediaNode(
    chain,
    1,
    {
      roles: ['publisher'],
      discovery: { agents },
      publisher: {
        profiles: ['144p'],
        hosts: agents,
        keepsSegments: false,
        videos: [{ title: 'A hosted film', input: FILM, price: '8gwei' }],
      },
    },
    home,
  )
  const upload = async () => (await partOf<Publisher>(publisher, 'publisher')).uploads[0]
  await expect.poll(async () => (await upload())?.state, POLL).toBe('published')
  // It knows nobody but the agent.
  const viewer = await startMediaNode(chain, 3, {
    roles: ['viewer'],
    discovery: { agents },
    viewer: { videos: [{ video: 'A hosted film', maxPrice: '8gwei' }] },
  })
  const view = async () => (await partOf<Viewer>(viewer, 'viewer')).views[0]
  await expect.poll(async () => (await view())?.state, POLL).toBe('done')
  expect((await view())?.source).toBe('agent')
  const { hosts } = await partOf<Publisher>(publisher, 'publisher')
  expect(hosts).toMatchObject([{ put: 1, got: 1 }])
  expect(await partOf(helper, 'host')).toMatchObject({
    publishers: [{ publisher: peerId, blocks: 1 }],
  })
  expect(await partOf(helper, 'agent')).toMatchObject({ videos: 1 })
}, 150_000)
