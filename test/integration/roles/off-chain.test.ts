import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { userRegistryAbi } from '../../../src/chain/abi/user-registry.ts'
import { videoRegistryAbi } from '../../../src/chain/abi/video-registry.ts'
import { createAgents } from '../../../src/exchange/agent-client.ts'
import { createAgentDesk } from '../../../src/exchange/agent-desk.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { findProspects } from '../../../src/roles/audience.ts'
import { findVideo } from '../../../src/roles/find-video.ts'
import { startTestChain, type TestChain } from '../../helpers/chain.ts'
import { type MediaParty, startMediaParty } from '../../helpers/fixtures-media.ts'

let chain: TestChain

beforeAll(async () => {
  chain = await startTestChain()
})

afterAll(async () => {
  await chain.stop()
})

async function startParty(index: number): Promise<MediaParty> {
  const party = await startMediaParty(chain, await chain.party(index))
  onTestFinished(async () => party.stop())
  return party
}

/** Functions of a contract that change what it stores. */
const changing = (abi: readonly object[]): string[] =>
  (abi as readonly { type: string; name?: string; stateMutability?: string }[])
    .filter(({ type, stateMutability }) => type === 'function' && stateMutability !== 'view')
    .map(({ name }) => name ?? '')
    .sort()

test('A27 who buys and watches what is collected and asked for without a transaction', async () => {
  const owner = await startParty(1)
  const viewer = await startParty(2)
  const agent = await startParty(3)
  const desk = createAgentDesk({ host: agent.host, clock: systemClock })
  await desk.start()
  const video = await owner.publish({ count: 1, title: 'recommended' })
  await (await viewer.buy(video, owner.target)).close()
  const before = await chain.cheat.getBlockNumber({ cacheTime: 0 })
  const agentsOf = ({ host }: MediaParty, attention: bigint | null, title: string) =>
    createAgents(
      {
        ...{ host, logger: silentLogger },
        told: async () => ({ attention, videos: [{ hash: video.directory, title }] }),
      },
      { agents: [agent.target] },
    )
  await agentsOf(owner, null, 'recommended').tell()
  await agentsOf(viewer, 5n, 'something else').tell()
  expect(desk.known()).toEqual({ peers: 2, viewers: 1, videos: 2 })
  const asking = agentsOf(owner, null, 'recommended')
  const range = { fromBlock: 0n, toBlock: before }
  const prospects = await findProspects({
    ...{ users: owner.party.users, orders: owner.table, self: owner.target.peerId, range },
    agent: async () => asking.viewers(5n),
  })
  expect(prospects).toHaveLength(1)
  const found = await findVideo(
    {
      ...{ registry: viewer.party.videos, table: viewer.table, agent: asking.videos },
      blockNumber: async () => before,
    },
    'recommended',
  )
  expect(found?.video).toEqual(video)
  expect(await chain.cheat.getBlockNumber({ cacheTime: 0 })).toBe(before)
  expect(await chain.cheat.getTransactionCount({ address: agent.party.address })).toBe(0)
})

test('A27 a video on chain never changes but for its title, and the registries take nothing else', async () => {
  const owner = await startParty(1)
  const video = await owner.publish({ count: 1, title: 'before' })
  const { videos, fresh } = owner.party
  await expect(videos.register({ ...video, duration: 1 }, fresh())).rejects.toMatchObject({
    meta: { reason: 'video is registered' },
  })
  await videos.setTitle(video.directory, 'after', fresh())
  expect(await videos.videoOf(video.directory)).toEqual({ ...video, title: 'after' })
  expect(changing(videoRegistryAbi)).toEqual(['register', 'setTitle'])
  const users = ['addKey', 'admit', 'register', 'revokeKey', 'setMetadata']
  expect(changing(userRegistryAbi)).toEqual(users)
})
