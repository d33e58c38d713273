import { type GossipSub, gossipsub, StrictNoSign, StrictSign } from '@chainsafe/libp2p-gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, test } from 'vitest'
import { sleep } from '../../../src/lib/abort.ts'
import { fromUtf8, utf8 } from '../../../src/lib/bytes.ts'
import type { Verdict } from '../../../src/net/gossip.ts'
import type { NetHost } from '../../../src/net/host.ts'
import { MAX_GOSSIP_MESSAGE_BYTES } from '../../../src/net/limits.ts'
import { Cleanup, createTestHost, startTestHost, TOPIC, until } from './support.ts'
import { startThrottledProxy } from './throttled-proxy.ts'

const cleanup = new Cleanup()
afterEach(async () => cleanup.run())

/** Joins the topic; text decides the verdict. Returns what was accepted. */
function listen(
  host: NetHost,
  topic = TOPIC,
): { readonly heard: string[]; readonly judged: string[] } {
  const heard: string[] = []
  const judged: string[] = []
  host.gossip.join(topic, {
    validate(data, from): Verdict {
      judged.push(`${fromUtf8(data)} from ${from}`)
      const text = fromUtf8(data)
      return text.startsWith('bad') ? 'reject' : text.startsWith('odd') ? 'ignore' : 'accept'
    },
    onMessage: (data) => heard.push(fromUtf8(data)),
  })
  return { heard, judged }
}

/** Hosts in a line: each knows only the one before it. */
async function startLine(length: number): Promise<NetHost[]> {
  const hosts: NetHost[] = []
  for (let i = 0; i < length; i += 1) {
    const previous = hosts.at(-1)
    hosts.push(
      await createTestHost(cleanup, {
        bootstrap: previous === undefined ? [] : [...previous.addresses()],
        // Neighbours on one machine must not count against each other.
        limits: { ipColocationThreshold: 1 },
      }),
    )
    await hosts[i]?.start()
  }
  return hosts
}

/** Resolves when each host of a line knows that its neighbours listen, both ways. */
async function linked(hosts: readonly NetHost[]): Promise<void> {
  for (const [i, host] of hosts.entries()) {
    const neighbours = [hosts[i - 1], hosts[i + 1]].filter((it) => it !== undefined)
    await until(() => {
      const known = host.gossip.subscribers(TOPIC)
      return neighbours.every(({ peerId }) => known.includes(peerId))
    })
  }
}

type Attacker = Libp2p<{ gossip: GossipSub }>

/** A peer that runs gossip by no rules of ours. */
async function startAttacker(policy: typeof StrictSign | typeof StrictNoSign): Promise<Attacker> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      gossip: gossipsub({ globalSignaturePolicy: policy, allowPublishToZeroTopicPeers: true }) as (
        components: object,
      ) => GossipSub,
    },
  })
  cleanup.add(async () => node.stop())
  return node as unknown as Attacker
}

describe('gossip', () => {
  test('reaches every host over others, once each', async () => {
    const hosts = await startLine(4)
    const heard = hosts.map((host) => listen(host).heard)
    await linked(hosts)
    const texts = hosts.map((_, i) => `advert of ${i}`)
    for (const [i, host] of hosts.entries()) await host.gossip.publish(TOPIC, utf8(texts[i] ?? ''))
    for (const [i, list] of heard.entries()) {
      const want = texts.filter((_, author) => author !== i)
      await until(() => list.length >= want.length)
      expect([...list].sort()).toEqual(want)
    }
    for (const host of hosts) {
      for (const peer of host.connectedPeers())
        expect(host.gossip.scoreOf(peer)).toBeGreaterThanOrEqual(0)
    }
  })

  test('joined before the start works after it, and one host alone may publish', async () => {
    const a = await createTestHost(cleanup)
    listen(a)
    await expect(a.gossip.publish(TOPIC, utf8('too early'))).rejects.toMatchObject({
      code: 'NET_STOPPED',
    })
    await a.start()
    expect(await a.gossip.publish(TOPIC, utf8('to nobody'))).toBe(0)
    const b = await createTestHost(cleanup, { bootstrap: [...a.addresses()] })
    const { heard } = listen(b)
    await b.start()
    await until(() => a.gossip.subscribers(TOPIC).includes(b.peerId))
    expect(await a.gossip.publish(TOPIC, utf8('to b'))).toBe(1)
    await until(() => heard.length > 0)
    expect(heard).toEqual(['to b'])
  })

  test('keeps to its topics and sizes', async () => {
    const a = await startTestHost(cleanup)
    listen(a)
    const other = '/test/other'
    expect(() => a.gossip.join(other, { validate: () => 'accept', onMessage() {} })).toThrow(
      expect.objectContaining({ code: 'TOPIC_NOT_ALLOWED' }),
    )
    await expect(a.gossip.publish(other, utf8('x'))).rejects.toMatchObject({
      code: 'TOPIC_NOT_ALLOWED',
    })
    const atLimit = new Uint8Array(MAX_GOSSIP_MESSAGE_BYTES)
    expect(await a.gossip.publish(TOPIC, atLimit)).toBe(0)
    const past = new Uint8Array(MAX_GOSSIP_MESSAGE_BYTES + 1)
    await expect(a.gossip.publish(TOPIC, past)).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
  })

  test('of the largest size arrives', async () => {
    const [a, b] = (await startLine(2)) as [NetHost, NetHost]
    const sizes: number[] = []
    b.gossip.join(TOPIC, {
      validate: () => 'accept',
      onMessage: (data) => sizes.push(data.byteLength),
    })
    listen(a)
    await linked([a, b])
    await a.gossip.publish(TOPIC, new Uint8Array(MAX_GOSSIP_MESSAGE_BYTES))
    await until(() => sizes.length > 0)
    expect(sizes).toEqual([MAX_GOSSIP_MESSAGE_BYTES])
  })

  test('published in the moment in which somebody begins to listen arrives', async () => {
    const a = await startTestHost(cleanup)
    listen(a)
    const sent: number[] = []
    a.gossip.onSubscriber(TOPIC, (peer) => {
      void a.gossip.publish(TOPIC, utf8(`welcome ${peer}`)).then((count) => sent.push(count))
    })
    const listeners: { readonly heard: string[]; readonly peerId: string }[] = []
    for (let i = 0; i < 4; i += 1) {
      const b = await startTestHost(cleanup, { bootstrap: [...a.addresses()] })
      listeners.push({ heard: listen(b).heard, peerId: b.peerId })
    }
    for (const { heard, peerId } of listeners)
      await until(() => heard.includes(`welcome ${peerId}`))
    expect(sent).not.toContain(0)
  })
})

describe('gossip beside bulk', () => {
  test('goes on after the control lane alone was lost', async () => {
    const [a, b] = [await startTestHost(cleanup), await startTestHost(cleanup)]
    await b.handle('/test/hold/1', async (channel, { signal }) => {
      await channel.receive({ signal })
    })
    const port = Number(/tcp\/(\d+)/.exec(b.addresses()[0] ?? '')?.[1])
    const proxy = await startThrottledProxy(port, 10_000_000)
    cleanup.add(async () => proxy.close())
    const peer = { peerId: b.peerId, addresses: [`/ip4/127.0.0.1/tcp/${proxy.port}`] }
    const [atA, atB] = [listen(a), listen(b)]
    const control = await a.open(peer, '/test/hold/1', { lane: 'control' })
    const bulk = await a.open(peer, '/test/hold/1', { lane: 'bulk' })
    await linked([a, b])

    proxy.cut(0)
    await control.closed
    await until(() => proxy.connections === 3)
    // Said again and again, for nothing tells when gossip has taken up the new connection.
    for (let i = 0; !atB.heard.some((it) => it.startsWith('to b')); i += 1) {
      await a.gossip.publish(TOPIC, utf8(`to b, ${i}`))
      await sleep(20)
    }
    for (let i = 0; !atA.heard.some((it) => it.startsWith('to a')); i += 1) {
      await b.gossip.publish(TOPIC, utf8(`to a, ${i}`))
      await sleep(20)
    }
    expect(bulk.signal.aborted).toBe(false)
  })
})

describe('a peer that spreads invalid messages', () => {
  test('is graylisted by whom it sends to; honest peers keep their score and are heard', async () => {
    const [a, b, c] = (await startLine(3)) as [NetHost, NetHost, NetHost]
    const [atA, atB, atC] = [listen(a), listen(b), listen(c)]
    await linked([a, b, c])
    const attacker = await startAttacker(StrictNoSign)
    attacker.services.gossip.subscribe(TOPIC)
    await attacker.dial(multiaddr(a.addresses()[0] as string))
    const id = attacker.peerId.toString()
    await until(() => a.gossip.subscribers(TOPIC).includes(id))
    await until(() => attacker.services.gossip.getSubscribers(TOPIC).length > 0)

    // Ignored messages cost nothing, so that a view of the chain that lags does not hurt.
    await attacker.services.gossip.publish(TOPIC, utf8('odd one'))
    await until(() => atA.judged.some((line) => line.startsWith('odd')))
    expect(a.gossip.scoreOf(id)).toBeGreaterThanOrEqual(0)

    await attacker.services.gossip.publish(TOPIC, utf8('bad 1'))
    await until(() => a.gossip.scoreOf(id) < 0)
    expect(a.gossip.isGraylisted(id)).toBe(false)
    await attacker.services.gossip.publish(TOPIC, utf8('bad 2'))
    await until(() => a.gossip.isGraylisted(id))

    await attacker.services.gossip.publish(TOPIC, utf8('good, but from it'))
    await c.gossip.publish(TOPIC, utf8('good, from c'))
    await until(() => atA.heard.length > 0 && atB.heard.length > 0)
    expect(atA.heard).toEqual(['good, from c'])
    expect(atB.heard).toEqual(['good, from c'])
    expect(atC.judged.some((line) => line.startsWith('bad'))).toBe(false)
    expect(a.gossip.scoreOf(b.peerId)).toBeGreaterThanOrEqual(0)
    expect(b.gossip.scoreOf(a.peerId)).toBeGreaterThanOrEqual(0)
    expect(b.gossip.scoreOf(c.peerId)).toBeGreaterThanOrEqual(0)
  })

  test('under the name of an author is refused before the validator', async () => {
    const a = await startTestHost(cleanup)
    const { judged } = listen(a)
    const attacker = await startAttacker(StrictSign)
    attacker.services.gossip.subscribe(TOPIC)
    await attacker.dial(multiaddr(a.addresses()[0] as string))
    const id = attacker.peerId.toString()
    await until(() => attacker.services.gossip.getSubscribers(TOPIC).length > 0)
    await attacker.services.gossip.publish(TOPIC, utf8('signed by gossip'))
    await until(() => a.gossip.scoreOf(id) < 0)
    expect(judged).toEqual([])
  })
})

describe('a peer that floods', () => {
  test('with topics leaves no trace of them', async () => {
    const a = await startTestHost(cleanup)
    const { heard } = listen(a)
    const attacker = await startAttacker(StrictNoSign)
    const flood = Array.from({ length: 3_000 }, (_, i) => `/flood/${i}`)
    for (const topic of flood) attacker.services.gossip.subscribe(topic)
    await attacker.dial(multiaddr(a.addresses()[0] as string))
    const honest = await createTestHost(cleanup, { bootstrap: [...a.addresses()] })
    listen(honest)
    await honest.start()
    await until(() => honest.gossip.subscribers(TOPIC).includes(a.peerId))
    await honest.gossip.publish(TOPIC, utf8('still here'))
    await until(() => heard.length > 0)
    expect(heard).toEqual(['still here'])
    expect(flood.filter((topic) => a.gossip.subscribers(topic).length > 0)).toEqual([])
  })
})
