import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { accountsInEvents } from '../../../src/chain/account-events.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import type { Address } from '../../../src/lib/crypto/address.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { signAdvert } from '../../../src/market/advert.ts'
import { serveAdverts } from '../../../src/market/advert-sync.ts'
import { createDirectory, type Directory } from '../../../src/market/directory.ts'
import { createMarketMetrics } from '../../../src/market/metrics.ts'
import { createPolledDiscovery, type PeerList } from '../../../src/market/polled-discovery.ts'
import { registryList, staticList } from '../../../src/node/build-discovery.ts'
import { bondOrchestrator, ether, startTestChain, type TestChain } from '../../helpers/chain.ts'
import { Cleanup, until, walletOf } from '../../helpers/fixtures.ts'
import { advertOf } from '../../helpers/fixtures-adverts.ts'
import { CHAIN_ID, createHost } from '../../helpers/fixtures-hosts.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

interface Listed {
  readonly peerId: string
  readonly address: string
  readonly directory: Directory
  readonly account: Address
}

/** An orchestrator without gossip, which hands out its advert, and one of somebody else. */
async function orchestrator(name: string, other?: Listed): Promise<Listed> {
  const { host, peerKey } = await createHost(cleanup)
  const directory = createDirectory(systemClock)
  await serveAdverts({ host, directory, clock: systemClock }, CHAIN_ID)
  await host.start()
  const wallet = walletOf(name)
  const addresses = host.addresses()
  const over = { issuedAtMs: systemClock.now(), addresses }
  const advert = advertOf({ peerKey, wallet }, over)
  directory.add(advert, signAdvert(advert, peerKey), 'gossip')
  const theirs = other?.directory.latestOf(other.peerId)
  if (theirs !== undefined) directory.add(theirs.advert, theirs.bytes, 'gossip')
  const [first = ''] = addresses
  const address = first.includes('/p2p/') ? first : `${first}/p2p/${peerKey.peerId}`
  return { peerId: peerKey.peerId, address, directory, account: wallet.address }
}

/** Who asks the listed. */
async function listener(list: PeerList, how: 'registry' | 'static'): Promise<Directory> {
  const { host } = await createHost(cleanup)
  await host.start()
  const directory = createDirectory(systemClock)
  const discovery = createPolledDiscovery(
    {
      ...{ host, directory, list, clock: systemClock, logger: silentLogger },
      metrics: createMarketMetrics(noMetrics),
      isBonded: async () => true,
    },
    { chainId: CHAIN_ID, how, refreshMs: 50 },
  )
  await discovery.start()
  cleanup.add(async () => discovery.stop())
  return directory
}

const known = (directory: Directory): string[] =>
  directory
    .live()
    .map(({ advert }) => advert.peerId)
    .sort()

describe('a static list', () => {
  test('is all there is: each is asked for its own advert, and nobody else is taken', async () => {
    const stranger = await orchestrator('stranger')
    const first = await orchestrator('first', stranger)
    const second = await orchestrator('second')
    const gone = `/ip4/127.0.0.1/tcp/1/p2p/${stranger.peerId.slice(0, -1)}x`
    const directory = await listener(staticList([first.address, second.address, gone]), 'static')
    await until(() => known(directory).length === 2)
    expect(known(directory)).toEqual([first.peerId, second.peerId].sort())
    expect(directory.latestOf(first.peerId)).toMatchObject({ discoveredBy: 'static' })
  })

  test('names a peer once, under all its addresses', async () => {
    const peerId = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'
    const addresses = ['/ip4/10.0.0.1/tcp/1', '/ip4/10.0.0.2/tcp/1'].map(
      (at) => `${at}/p2p/${peerId}`,
    )
    const { signal } = new AbortController()
    expect(await staticList(addresses).peers({ signal })).toEqual([
      { peerId, addresses, account: null },
    ])
  })
})

describe('the service registry', () => {
  let chain: TestChain
  beforeAll(async () => {
    chain = await startTestChain()
  })
  afterAll(async () => chain?.stop())

  test('leads to whoever is active and published where it is, and to whoever moves later', async () => {
    const operator = await chain.party(0)
    const active = await chain.party(2)
    const idle = await chain.party(3)
    const late = await chain.party(4)
    await bondOrchestrator(operator, active, ether(100))
    await chain.nextRound()
    const list = registryList(
      {
        client: operator.client,
        profile: { addresses: chain.addresses },
        isActive: async (account) => operator.bonding.isActiveTranscoder(account),
        async publishedBy(account) {
          const { services, regions } = await operator.registry.record(account)
          return { services: services.map(({ id }) => id), regions }
        },
      },
      0n,
      { service: 'CPUTranscoding', region: 'eu' },
    )
    const { signal } = new AbortController()
    const peers = async () => list.peers({ signal })
    expect(await peers()).toEqual([])
    const one = await orchestrator('one')
    const two = await orchestrator('two')
    await active.registry.setServiceUri(one.address, active.fresh())
    await idle.registry.setServiceUri(two.address, idle.fresh())
    expect(await peers()).toEqual([
      { peerId: one.peerId, addresses: [one.address], account: active.address },
    ])
    await bondOrchestrator(operator, late, ether(100))
    await late.registry.setServiceUri('https://not.a.multiaddr', late.fresh())
    await chain.nextRound()
    expect(await peers()).toHaveLength(1)
    await late.registry.setServiceUri(two.address, late.fresh())
    expect((await peers()).map(({ peerId }) => peerId)).toEqual([one.peerId, two.peerId])
    // S9: who says on chain that it does other work, or elsewhere, is not asked.
    const offer = { serviceUri: two.address, services: [{ id: 'CPUTranscoding', verifier: null }] }
    await late.registry.register({ ...offer, regions: ['us'] }, late.fresh())
    expect((await peers()).map(({ peerId }) => peerId)).toEqual([one.peerId])
    await late.registry.register({ ...offer, regions: ['us', 'eu'] }, late.fresh())
    expect((await peers()).map(({ peerId }) => peerId)).toEqual([one.peerId, two.peerId])
    // Bonding names whom it is about, whatever the event.
    const range = { fromBlock: 0n, toBlock: await operator.client.blockNumber() }
    const { bondingManager } = chain.addresses
    const named = await accountsInEvents(operator.client, bondingManager, range)
    for (const account of [active.address, late.address]) expect([...named]).toContain(account)
    expect([...named]).not.toContain(idle.address)
  })

  test('does not let someone be found under an account that is not theirs', async () => {
    const honest = await orchestrator('honest')
    const peers = [
      { peerId: honest.peerId, addresses: [honest.address], account: walletOf('x').address },
    ]
    const right = await orchestrator('right')
    const list: PeerList = {
      peers: async () => [
        ...peers,
        { peerId: right.peerId, addresses: [right.address], account: right.account },
      ],
    }
    const directory = await listener(list, 'registry')
    await until(() => known(directory).length === 1)
    expect(known(directory)).toEqual([right.peerId])
  })
})
