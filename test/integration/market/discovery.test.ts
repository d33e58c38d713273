import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import type { Address } from '../../../src/lib/crypto/address.ts'
import type { Startable } from '../../../src/lib/lifecycle.ts'
import { type Advert, advertTopic, signAdvert } from '../../../src/market/advert.ts'
import { ADVERT_SYNC_PROTOCOL } from '../../../src/market/advert-sync.ts'
import { createAdvertiser } from '../../../src/market/advertiser.ts'
import { createDirectory, type Directory } from '../../../src/market/directory.ts'
import { createDiscovery } from '../../../src/market/discovery.ts'
import { marketLimits } from '../../../src/market/limits.ts'
import { createMarketMetrics } from '../../../src/market/metrics.ts'
import type { NetHost } from '../../../src/net/host.ts'
import { createBinding } from '../../../src/net/identity.ts'
import type { PeerKey } from '../../../src/net/peer-key.ts'
import * as wire from '../../../src/net/wire/advert.ts'
import type { Store } from '../../../src/store/store.ts'
import { countingMetrics, recordingLogger } from '../../helpers/fakes.ts'
import { Cleanup, temporaryStore, until, walletOf } from '../../helpers/fixtures.ts'
import { advertOf } from '../../helpers/fixtures-adverts.ts'
import { CHAIN_ID, createHost } from '../../helpers/fixtures-hosts.ts'

const topics = [advertTopic(CHAIN_ID)]
const cleanup = new Cleanup()
afterEach(() => cleanup.run())

interface Node {
  readonly name: string
  readonly host: NetHost
  readonly peerKey: PeerKey
  readonly directory: Directory
  readonly metrics: ReturnType<typeof countingMetrics>
  knows(...others: Node[]): boolean
}

interface NodeInit {
  readonly bootstrap?: readonly Node[]
  readonly unbonded?: ReadonlySet<Address>
}

/** A node that listens for adverts. */
async function listen(name: string, init: NodeInit = {}): Promise<Node> {
  const bootstrap = (init.bootstrap ?? []).flatMap(({ host }) => host.addresses())
  const { host, peerKey } = await createHost(cleanup, { topics, bootstrap })
  const directory = createDirectory(systemClock)
  const metrics = countingMetrics()
  const discovery = createDiscovery(
    {
      host,
      directory,
      clock: systemClock,
      logger: recordingLogger(),
      metrics: createMarketMetrics(metrics),
      isBonded: async (address) => !(init.unbonded?.has(address) ?? false),
    },
    { chainId: CHAIN_ID },
  )
  await discovery.start()
  await host.start()
  cleanup.add(() => discovery.stop())
  return {
    ...{ name, host, peerKey, directory, metrics },
    knows: (...others) => {
      const live = new Set(directory.live().map(({ advert }) => advert.peerId))
      return others.every((other) => live.has(other.host.peerId))
    },
  }
}

interface AdvertisingInit {
  readonly store?: Store
  readonly intervalMs?: number
  readonly isActive?: () => Promise<boolean>
}

/** Has a node advertise. */
async function advertise(node: Node, init: AdvertisingInit = {}): Promise<Startable> {
  const { host, peerKey, directory } = node
  const wallet = walletOf(node.name)
  const advertiser = createAdvertiser(
    {
      ...{ host, peerKey, directory },
      store: init.store ?? (await temporaryStore(cleanup)).store,
      clock: systemClock,
      logger: recordingLogger(),
      capacity: () => ({ slots: 2, freeSlots: 1 }),
      isActive: init.isActive ?? (async () => true),
    },
    {
      chainId: CHAIN_ID,
      address: wallet.address,
      binding: createBinding(peerKey, wallet, { chainId: CHAIN_ID }),
      services: ['transcode'],
      regions: ['eu'],
      ttlMs: 60_000,
      intervalMs: init.intervalMs ?? 60_000,
    },
  )
  await advertiser.start()
  cleanup.add(() => advertiser.stop())
  return advertiser
}

describe('adverts over real connections', () => {
  test('a late joiner learns all live adverts through the one peer it knows', async () => {
    const first = await listen('first')
    const second = await listen('second', { bootstrap: [first] })
    const third = await listen('third', { bootstrap: [first] })
    for (const node of [first, second, third]) await advertise(node)
    await until(() => first.knows(first, second, third))
    const late = await listen('late', { bootstrap: [first] })
    await until(() => late.knows(first, second, third))
    for (const { discoveredBy } of late.directory.live()) expect(discoveredBy).toBe('catch-up')
    const entry = late.directory.latestOf(third.host.peerId)
    expect(entry?.advert).toMatchObject({
      address: walletOf('third').address,
      services: ['transcode'],
      regions: ['eu'],
      capacity: { slots: 2, freeSlots: 1 },
      addresses: third.host.addresses(),
    })
  })

  test('who is there already learns of a newcomer by gossip, over several hops', async () => {
    const first = await listen('first')
    const second = await listen('second', { bootstrap: [first] })
    const newcomer = await listen('newcomer', { bootstrap: [second] })
    const topic = advertTopic(CHAIN_ID)
    await until(() => newcomer.host.gossip.subscribers(topic).length === 1)
    await until(() => second.host.gossip.subscribers(topic).length === 2)
    await advertise(newcomer)
    await until(() => first.knows(newcomer))
    expect(first.directory.latestOf(newcomer.host.peerId)?.discoveredBy).toBe('gossip')
    expect(first.host.connectedPeers()).not.toContain(newcomer.host.peerId)
  })

  test('a node that stops takes its advert back, and its sequence goes on after a restart', async () => {
    const { store } = await temporaryStore(cleanup)
    const first = await listen('first')
    const second = await listen('second', { bootstrap: [first] })
    const topic = advertTopic(CHAIN_ID)
    await until(() => second.host.gossip.subscribers(topic).length === 1)
    const advertiser = await advertise(second, { store })
    await until(() => first.knows(second))
    const before = first.directory.latestOf(second.host.peerId)?.advert.sequence ?? 0n
    await advertiser.stop()
    await until(() => !first.knows(second))
    expect(second.knows(second)).toBe(false)
    // Who comes back at once is not heard at once; its next advert is.
    await new Promise((resolve) => setTimeout(resolve, marketLimits.minAdvertIntervalMs))
    await advertise(second, { store })
    await until(() => first.knows(second))
    expect(first.directory.latestOf(second.host.peerId)?.advert.sequence).toBeGreaterThan(
      before + 1n,
    )
  })

  test('a node whose chain cannot be asked for a moment advertises all the same', async () => {
    const node = await listen('node')
    let asked = 0
    await advertise(node, {
      isActive: async () => {
        asked += 1
        if (asked === 1) throw new Error('endpoint down')
        return true
      },
    })
    await until(() => node.knows(node))
  })

  test('a newcomer that asks nobody hears of those who are there soon, not only after their interval', async () => {
    const node = await listen('node')
    await advertise(node)
    await until(() => node.knows(node))
    const { host } = await createHost(cleanup, { topics, bootstrap: node.host.addresses() })
    let heard = 0
    host.gossip.join(advertTopic(CHAIN_ID), {
      validate: () => 'accept',
      onMessage: () => (heard += 1),
    })
    await host.start()
    await until(() => heard > 0)
  })

  test('a node that is not in the active set keeps silent until it is', async () => {
    const node = await listen('node')
    let isActive = false
    let asked = 0
    await advertise(node, { isActive: async () => (asked++, isActive) })
    await until(() => asked === 1)
    expect(node.knows(node)).toBe(false)
    isActive = true
    await until(() => node.knows(node))
  })

  test('a forged or unbonded advert is taken by nobody, and costs whoever spreads it its hearing', async () => {
    const honest = walletOf('liar').address
    const first = await listen('first', { unbonded: new Set([honest]) })
    const liar = await listen('liar', { bootstrap: [first] })
    const topic = advertTopic(CHAIN_ID)
    await until(() => liar.host.gossip.subscribers(topic).length === 1)
    const author = { peerKey: liar.peerKey, wallet: walletOf('liar') }
    const advert: Advert = advertOf(author, { issuedAtMs: Date.now() })
    const faults = () => first.metrics.total('millrace_market_adverts_total', 'reject')
    for (const [i, bytes] of [
      signAdvert({ ...advert, peerId: first.host.peerId }, liar.peerKey),
      signAdvert(advert, liar.peerKey),
      signAdvert({ ...advert, issuedAtMs: 1 }, liar.peerKey),
    ].entries()) {
      if (first.host.gossip.isGraylisted(liar.host.peerId)) break
      await liar.host.gossip.publish(topic, bytes)
      await until(() => faults() === i + 1)
    }
    expect(first.directory.live()).toEqual([])
    await until(() => first.host.gossip.isGraylisted(liar.host.peerId))
  })
})

describe('a catch-up request', () => {
  const ask = async (
    node: Node,
    from: Node,
    request: wire.AdvertSyncRequest,
  ): Promise<Uint8Array[]> => {
    const peer = { peerId: node.host.peerId, addresses: node.host.addresses() }
    const reply = await from.host.request(
      peer,
      ADVERT_SYNC_PROTOCOL,
      wire.AdvertSyncRequest.encode(request),
      {
        maxHeaderBytes: marketLimits.maxSyncBytes + 64 * 1024,
      },
    )
    return wire.AdvertSyncReply.decode(reply).adverts
  }

  test('gets what is live, no more than asked, nothing of another chain, and not without end', async () => {
    const node = await listen('node')
    const asker = await listen('asker')
    for (let i = 0; i < 3; i += 1) {
      const advert = advertOf(
        { peerKey: node.peerKey, wallet: walletOf('a') },
        { issuedAtMs: Date.now() },
      )
      node.directory.add({ ...advert, peerId: `p${i}` }, Uint8Array.of(i), 'gossip')
    }
    expect(await ask(node, asker, { chainId: CHAIN_ID, limit: 0 })).toHaveLength(3)
    expect(await ask(node, asker, { chainId: CHAIN_ID, limit: 2 })).toHaveLength(2)
    expect(await ask(node, asker, { chainId: CHAIN_ID + 1n, limit: 0 })).toEqual([])
    const answers: number[] = []
    for (let i = 0; i < 2 * marketLimits.maxSyncRequestsPerPeriod; i += 1) {
      answers.push((await ask(node, asker, { chainId: CHAIN_ID, limit: 0 })).length)
    }
    expect(answers).toContain(0)
  })

  test('is answered within its bytes and its number, however much there is', async () => {
    const node = await listen('node')
    const asker = await listen('asker')
    const { maxSyncAdverts, maxSyncBytes, maxAdvertBytes } = marketLimits
    const { defaultSyncAdverts, defaultSyncBytes } = marketLimits
    const advert = advertOf(
      { peerKey: node.peerKey, wallet: walletOf('a') },
      { issuedAtMs: Date.now() },
    )
    const fill = (sequence: bigint, sizeBytes: number): void => {
      for (let i = 0; i < maxSyncAdverts + 10; i += 1) {
        const held = { ...advert, peerId: `p${i}`, sequence }
        node.directory.add(held, new Uint8Array(sizeBytes), 'gossip')
      }
    }
    const answered = async (limit: number): Promise<number> =>
      (await ask(node, asker, { chainId: CHAIN_ID, limit })).length
    fill(1n, 100)
    expect(await answered(0)).toBe(defaultSyncAdverts)
    expect(await answered(maxSyncAdverts + 5)).toBe(maxSyncAdverts)
    fill(2n, maxAdvertBytes)
    expect(await answered(0)).toBe(defaultSyncBytes / maxAdvertBytes)
    // A peer gets no more than some answers in a while.
    const another = await listen('another')
    const reply = await ask(node, another, { chainId: CHAIN_ID, limit: maxSyncAdverts })
    expect(reply).toHaveLength(maxSyncBytes / maxAdvertBytes)
  })
})
