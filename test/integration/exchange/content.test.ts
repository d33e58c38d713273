import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ETHER } from '../../../src/chain/media-exchange.ts'
import type { RegisteredVideo } from '../../../src/chain/video-registry.ts'
import { agree } from '../../../src/exchange/content-bidder.ts'
import { directionOf } from '../../../src/exchange/content-bids.ts'
import { sayHello } from '../../../src/exchange/content-client.ts'
import type { Purchase } from '../../../src/exchange/content-purchase.ts'
import { EXCHANGE_PROTOCOL, parseSegmentHeader } from '../../../src/exchange/content-wire.ts'
import { fromHex, toHex } from '../../../src/lib/bytes.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { ok } from '../../../src/lib/result.ts'
import type { BlockStore } from '../../../src/media/content/block-store.ts'
import { peerIdOfPublicKey, publicKeyOfPeer } from '../../../src/net/peer-key.ts'
import { publishVideo } from '../../../src/roles/publisher.ts'
import { startTestChain, type TestChain } from '../../helpers/chain.ts'
import {
  type MediaParty,
  type MediaPartyInit,
  startMediaParty,
  syntheticSegments,
} from '../../helpers/fixtures-media.ts'

const POLL = { timeout: 20_000, interval: 100 }

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

async function buyAll(purchase: Purchase): Promise<number[]> {
  const indexes: number[] = []
  for (;;) {
    const bought = await purchase.next()
    if (!bought.ok) throw new Error(`${bought.error.code}: ${bought.error.detail}`)
    if (bought.value === null) break
    indexes.push(bought.value.index)
  }
  await purchase.close()
  return indexes
}

describe('content', () => {
  test('A9 A10 A15 A18 A19 a video is published, served, bought segment by segment and cashed', async () => {
    const owner = await startParty(1)
    const viewer = await startParty(2)
    const video = await owner.publish({ count: 5 })
    expect(await viewer.party.videos.videoOf(video.directory)).toEqual(video)
    const purchase = await viewer.buy(video, owner.target)
    const { channel } = purchase.order
    const opened = await viewer.party.exchange.channelOf(fromHex(channel))
    expect(opened?.escrow).toBe(1000n * BigInt(video.duration))
    expect(await buyAll(purchase)).toEqual([0, 1, 2, 3, 4])
    const toc = await owner.catalog.toc(`0x${Buffer.from(video.directory).toString('hex')}`, '720p')
    for (const cid of toc ?? []) expect(await viewer.blocks.has(cid)).toBe(true)
    await expect
      .poll(async () => owner.party.exchange.balanceOf(ETHER, owner.party.address), POLL)
      .toBe(10_000n)
    expect((await viewer.party.exchange.channelOf(fromHex(channel)))?.escrow).toBe(0n)
  })

  test('A6 A7 A8 each segment is one block a format, and the directory names a table for each', async () => {
    const owner = await startParty(1)
    const { party, blocks, catalog } = owner
    const formats = ['720p', '144p']
    const sources: Uint8Array[] = []
    for await (const { data } of syntheticSegments('two formats', 3)) sources.push(data)
    const video = await publishVideo(
      {
        ...{ blocks, catalog, registry: party.videos, logger: silentLogger },
        transcode: async ({ data }) =>
          ok({ renditions: formats.map((name) => ({ name, data: [data, Buffer.from(name)] })) }),
      },
      syntheticSegments('two formats', 3),
      {
        ...{ title: 'two formats', ask: 1n, segmentSeconds: 2, formats, maxInFlight: 2 },
        ...{ owner: publicKeyOfPeer(owner.target.peerId) as Uint8Array, payee: party.address },
        defence: { type: 'none' },
      },
    )
    const all = new Set<string>()
    for (const format of formats) {
      const toc = (await catalog.toc(toHex(video.directory), format)) ?? []
      expect(toc).toHaveLength(3)
      for (const [seq, cid] of toc.entries()) {
        all.add(cid)
        const bytes = Buffer.concat([sources[seq] ?? Buffer.alloc(0), Buffer.from(format)])
        expect(bytes.equals((await blocks.get(cid)) ?? Buffer.alloc(0))).toBe(true)
      }
    }
    expect(all.size).toBe(6)
  })

  test('A20 what is kept back is never sold, and the same hash is not registered again', async () => {
    const owner = await startParty(1)
    const viewer = await startParty(2)
    const last = await owner.publish({
      count: 4,
      title: 'all but the last',
      defence: { type: 'last' },
    })
    expect(await buyAll(await viewer.buy(last, owner.target))).toEqual([0, 1, 2])
    const copy = { ...last, owner: fromHex(`0x${'ab'.repeat(32)}`), payee: viewer.party.address }
    await expect(viewer.party.videos.register(copy, viewer.party.fresh())).rejects.toMatchObject({
      code: 'TX_REVERTED',
    })
    const defence = { type: 'random', count: 2 } as const
    const some = await owner.publish({ count: 6, title: 'some', defence })
    const bought = await buyAll(await viewer.buy(some, owner.target))
    expect(bought).toHaveLength(4)
    expect(new Set(bought).size).toBe(4)
  })

  test('A22 a bid on a video that neither side owns, or below the price, is rejected', async () => {
    const owner = await startParty(1)
    const viewer = await startParty(2)
    const other = await startParty(3)
    const video = await owner.publish({ title: 'mine' })
    const stranger = await other.publish({ title: 'theirs' })
    const format = '720p'
    const terms = (fields: object) => ({
      ...{ bid: 1000n, hash: stranger.directory, format, asset: ETHER, to: owner.target.peerId },
      ...{ payee: owner.party.address, duration: stranger.duration, segmentSeconds: 2 },
      ...fields,
    })
    const code = async (fields: object): Promise<string> => {
      const peer = owner.target
      const plan = { kind: 'content', peer, rail: 'check', terms: terms(fields) } as const
      const agreed = await agree(viewer.bidder, plan)
      return agreed.ok ? 'accepted' : agreed.error.code
    }
    expect(await code({})).toBe('NOT_OWNER')
    const { directory: hash, duration } = video
    expect(await code({ hash, duration, bid: 999n })).toBe('BID_TOO_LOW')
    expect(await code({ hash, duration: 9 })).toBe('WRONG_TERMS')
    expect(await code({ hash, duration, format: '8k' })).toBe('FORMAT_UNKNOWN')
    expect(await code({ hash: new Uint8Array(32) })).toBe('VIDEO_UNKNOWN')
    expect(directionOf('a', 'a', 'b')).toBe('content')
    expect(directionOf('a', 'b', 'a')).toBe('attention')
    expect(directionOf('a', 'a', 'a')).toBeNull()
    expect(directionOf('a', 'b', 'c')).toBeNull()
  })

  test('a seller of wrong bytes is paid for no second segment', async () => {
    const broken = (own: BlockStore) => ({
      get: async (cid: string) => {
        const bytes = await own.get(cid)
        return bytes === undefined ? undefined : Buffer.alloc(bytes.byteLength, 7)
      },
    })
    const owner = await startParty(1, { source: broken })
    const viewer = await startParty(2)
    const video = await owner.publish({ title: 'broken' })
    const purchase = await viewer.buy(video, owner.target)
    const bought = await purchase.next()
    expect(!bought.ok && bought.error.code).toBe('SEGMENT_INVALID')
    expect(purchase.order.paid).toBe(2000n)
  })

  test('A26 a throwaway wallet and key buy without a trace in the registry', async () => {
    const owner = await startParty(1)
    const anonymous = await startParty(7)
    const video = await owner.publish({ title: 'anonymous' })
    expect(await buyAll(await anonymous.buy(video, owner.target))).toHaveLength(5)
    expect(await anonymous.party.users.isRegistered(anonymous.party.address)).toBe(false)
  })

  test('A1 A3 two identities of one user are two peers, each dialable by its key', async () => {
    const party = await chain.party(1)
    const first = await startMediaParty(chain, party)
    onTestFinished(async () => first.stop())
    const second = await startMediaParty(chain, party)
    onTestFinished(async () => second.stop())
    const viewer = await startParty(2)
    const keys: string[] = []
    for (const { target } of [first, second]) {
      const key = publicKeyOfPeer(target.peerId) as Uint8Array
      const peerId = peerIdOfPublicKey(key) as string
      const ask = { video: null, want: [] }
      const introduction = await sayHello(viewer.identity, { ...target, peerId }, ask)
      expect(introduction.binding.address).toBe(party.address)
      keys.push(introduction.binding.peerId)
    }
    expect(new Set(keys).size).toBe(2)
  })
})

describe('attention', () => {
  async function advertise(advertiser: MediaParty, viewer: MediaParty, video: RegisteredVideo) {
    const { target } = viewer
    const hello = await sayHello(advertiser.identity, target, { video: null, want: [] })
    const terms = {
      ...{ bid: hello.attention ?? 0n, hash: video.directory, format: '720p', asset: ETHER },
      ...{ to: target.peerId, payee: hello.binding.address, duration: video.duration },
      segmentSeconds: video.segment.length,
    }
    const plan = { kind: 'attention', peer: target, rail: 'check', terms } as const
    const agreed = await agree(advertiser.bidder, plan)
    if (!agreed.ok) throw new Error(`${agreed.error.code}: ${agreed.error.detail}`)
    await advertiser.serving.begin(agreed.value.order, agreed.value.session)
  }

  test('A11 A22 A23 A24 a viewer is paid for every segment it receipts, the last one too', async () => {
    const advertiser = await startParty(1)
    const viewer = await startParty(2, { attention: 500n, batch: 2 })
    const video = await advertiser.publish({ count: 5, ask: null, title: 'an ad' })
    const before = await viewer.party.exchange.balanceOf(ETHER, viewer.party.address)
    await advertise(advertiser, viewer, video)
    await expect.poll(() => viewer.bids.watched().length, POLL).toBe(1)
    expect(viewer.bids.watched()[0]).toMatchObject({ segments: 5, intact: 5, earnedWei: 5000n })
    const after = await viewer.party.exchange.balanceOf(ETHER, viewer.party.address)
    expect(after - before).toBe(5000n)
  })

  test('A25 through a relay that loses and garbles 30% the intact segments are paid', async () => {
    const advertiser = await startParty(1)
    const viewer = await startParty(2, { attention: 500n, batch: 4 })
    const relay = await startParty(3, { desk: false })
    const video = await advertiser.publish({ count: 40, ask: null, title: 'a lossy ad' })
    const lost = await relayExchange(relay, advertiser.target, (index) => index % 10 < 3)
    // The viewer reaches the advertiser's segments by way of the relay alone.
    viewer.host.open = ((open) => async (peer, protocol, options) => {
      const isExchange = protocol === EXCHANGE_PROTOCOL
      return open.call(viewer.host, isExchange ? relay.target : peer, protocol, options)
    })(viewer.host.open)
    await advertise(advertiser, viewer, video)
    await expect.poll(() => viewer.bids.watched().length, POLL).toBe(1)
    expect(lost.size).toBe(12)
    const intact = 40 - lost.size
    expect(viewer.bids.watched()[0]).toMatchObject({ intact, earnedWei: BigInt(intact) * 1000n })
  })
})

/** Forwards the exchange to another peer; of the segments chosen, half are dropped and half garbled. */
async function relayExchange(
  relay: MediaParty,
  to: MediaParty['target'],
  isLost: (index: number) => boolean,
): Promise<Set<number>> {
  const lost = new Set<number>()
  const bounds = { maxHeaderBytes: 65_536, maxBodyBytes: 1 << 24 }
  await relay.host.handle(
    EXCHANGE_PROTOCOL,
    async (viewer, { signal }) => {
      const owner = await relay.host.open(to, EXCHANGE_PROTOCOL, { signal, ...bounds })
      for (;;) {
        const request = await viewer.receive({ signal })
        if (request === null) return owner.close()
        await owner.send(request.header, request.body, { signal })
        for (let isEnd = false; !isEnd; ) {
          const part = await owner.receive({ signal })
          if (part === null) return
          const index = parseSegmentHeader(part.header)
          isEnd = index === null
          if (typeof index !== 'number' || !isLost(index)) {
            await viewer.send(part.header, part.body, { signal })
            continue
          }
          lost.add(index)
          const garbled = Buffer.concat(part.body).fill(0)
          if (index % 2 === 0) await viewer.send(part.header, [garbled], { signal })
        }
      }
    },
    bounds,
  )
  return lost
}
