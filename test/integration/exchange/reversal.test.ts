import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ETHER } from '../../../src/chain/media-exchange.ts'
import type { RegisteredVideo } from '../../../src/chain/video-registry.ts'
import { agree } from '../../../src/exchange/content-bidder.ts'
import type { Purchase } from '../../../src/exchange/content-purchase.ts'
import { receiveReply, sendRequest } from '../../../src/exchange/content-stream.ts'
import { type BuyRequest, EXCHANGE_PROTOCOL } from '../../../src/exchange/content-wire.ts'
import { createTurns } from '../../../src/exchange/turns.ts'
import { fromHex, fromUtf8, toHex } from '../../../src/lib/bytes.ts'
import { MillraceError } from '../../../src/lib/errors.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { type Cid, isContentOf } from '../../../src/media/content/cid.ts'
import type { FrameChannel } from '../../../src/net/frame-channel.ts'
import { createPayerPeers } from '../../../src/node/payer-peers.ts'
import { createCloseLink } from '../../../src/rails/channel/close-link.ts'
import {
  type ChannelPayee,
  type ChannelPayer,
  openChannelPayee,
  openChannelPayer,
} from '../../../src/rails/channel/open.ts'
import { startTestChain, type TestChain } from '../../helpers/chain.ts'
import { sideOf } from '../../helpers/chain-side.ts'
import { mineUntil } from '../../helpers/channel-flow.ts'
import { componentsOf, payeeTerms, payerTerms } from '../../helpers/channel-sides.ts'
import { type MediaParty, startMediaParty } from '../../helpers/fixtures-media.ts'

/** A segment of the films here costs so much. */
const SEGMENT = 2000n

let chain: TestChain

beforeAll(async () => {
  chain = await startTestChain()
})

afterAll(async () => {
  await chain.stop()
})

interface Sides {
  readonly owner: MediaParty
  readonly viewer: MediaParty
  readonly payee: ChannelPayee
  readonly payer: ChannelPayer
  /** What both sides hold to be transferred on their channel. */
  transferred(): readonly bigint[]
  orderOfOwner(purchase: Purchase): ReturnType<MediaParty['table']['get']>
}

/** An owner that is paid on a channel, and a viewer that pays on one. */
async function onChannels(init: { readonly isBehind?: () => boolean } = {}): Promise<Sides> {
  const [seller, buyer] = [await chain.party(1), await chain.party(2)]
  const [earning, paying] = [await sideOf(seller), await sideOf(buyer)]
  onTestFinished(async () => {
    await earning.close()
    await paying.close()
  })
  const { time } = earning
  const lastSeenBlock = (): bigint => (init.isBehind?.() === true ? 0n : time.lastSeenBlock())
  const late = { ...time, lastSeenBlock, onBlock: time.onBlock.bind(time) }
  const closing = createCloseLink(
    {
      ...{ signer: seller.digests, logger: silentLogger, peersOf: createPayerPeers(seller.store) },
      host: { request: async (...args) => owner.host.request(...args) },
    },
    { domain: { chainId: 31_337n, contract: chain.addresses.paymentChannels } },
  )
  const payee = await openChannelPayee(
    { ...componentsOf(chain, { ...earning, time: late }), closing },
    { ...payeeTerms, address: seller.address },
  )
  const payer = await openChannelPayer(
    {
      ...{ ...componentsOf(chain, paying), signer: buyer.digests },
      host: { handle: async (...args) => viewer.host.handle(...args) },
    },
    { ...payerTerms, address: buyer.address },
  )
  const owner = await startMediaParty(chain, seller, {
    earnRails: () => new Map([['channel', { rail: payee.rail, turns: createTurns() }]]),
  })
  onTestFinished(async () => owner.stop())
  const viewer = await startMediaParty(chain, buyer, {
    spendRails: () => new Map([['channel', { rail: payer.rail }]]),
  })
  onTestFinished(async () => viewer.stop())
  return {
    ...{ owner, viewer, payee, payer },
    transferred: () => [
      ...payer.channels().map((channel) => payer.transferred(channel)),
      ...payee.channels().map((channel) => payee.transferred(channel)),
    ],
    orderOfOwner: async ({ order }) => owner.table.get(order.channel),
  }
}

async function cidAt(owner: MediaParty, video: RegisteredVideo, index: number): Promise<Cid> {
  const toc = await owner.catalog.toc(toHex(video.directory), '720p')
  return toc?.[index] as Cid
}

/** Takes a segment from its owner; what is given back returns it. */
async function lose(owner: MediaParty, video: RegisteredVideo, index: number) {
  const cid = await cidAt(owner, video, index)
  const data = await owner.blocks.get(cid)
  await owner.blocks.remove(cid)
  return async (): Promise<void> => void (await owner.blocks.put(data as Uint8Array, 'raw'))
}

/** Index of the next segment, or why there is none. */
async function nextOf(purchase: Purchase): Promise<number | string | undefined> {
  const bought = await purchase.next()
  return bought.ok ? bought.value?.index : bought.error.code
}

/** Loses the first refusals of a gone segment on their way, and the streams with them. */
function losingRefusals(viewer: MediaParty, count: number): void {
  const { host } = viewer
  let left = count
  const losing = (channel: FrameChannel): FrameChannel =>
    new Proxy(channel, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        if (name !== 'receive') return value.bind(target) as unknown
        return async (options: Parameters<FrameChannel['receive']>[0]) => {
          const frame = await target.receive(options)
          if (left === 0 || !fromUtf8(frame?.header ?? new Uint8Array())?.includes('SEGMENT_GONE'))
            return frame
          left -= 1
          target.abort(new Error('lost'))
          throw new MillraceError('STREAM_RESET', 'the answer is lost')
        }
      },
    })
  host.open = (
    (open): typeof host.open =>
    async (...args) =>
      losing(await open.apply(host, args))
  )(host.open)
}

describe('a segment that its owner has lost', () => {
  test('P15 what was paid for it comes back, both revoke, and only what came is paid out', async () => {
    const { owner, viewer, payee, payer, transferred, orderOfOwner } = await onChannels()
    const video = await owner.publish({ count: 5, title: 'with a hole' })
    const purchase = await viewer.buy(video, owner.target, 'channel')
    const found = await lose(owner, video, 3)
    for (const index of [0, 1, 2]) expect(await nextOf(purchase)).toBe(index)
    expect(transferred()).toEqual([3n * SEGMENT, 3n * SEGMENT])
    for (let tries = 0; tries < 2; tries += 1) {
      expect(await nextOf(purchase)).toBe('SEGMENT_GONE')
      expect(transferred()).toEqual([3n * SEGMENT, 3n * SEGMENT])
      expect(purchase.order).toMatchObject({ paid: 3n * SEGMENT, balance: 3 })
      expect(await orderOfOwner(purchase)).toMatchObject({ paid: 3n * SEGMENT, balance: 3 })
    }
    expect(payer.channels()[0]?.record.state.commits_revoked).toHaveLength(2)
    expect(payee.channels()[0]?.state.commits_revoked).toHaveLength(2)
    await found()
    expect(await nextOf(purchase)).toBe(3)
    const lost = await lose(owner, video, 4)
    expect(await nextOf(purchase)).toBe('SEGMENT_GONE')
    await purchase.close()
    expect(transferred()).toEqual([4n * SEGMENT, 4n * SEGMENT])
    await lost()
    await payer.watch.start()
    await payee.watch.start()
    onTestFinished(async () => {
      await payer.watch.stop()
      await payee.watch.stop()
    })
    await payee.watch.close()
    const id = payer.channels()[0]?.id as Uint8Array
    const events = async () =>
      owner.party.channels.events({
        fromBlock: 0n,
        toBlock: await owner.party.client.blockNumber(),
        channel: id,
      })
    await mineUntil(chain, async () => (await events()).length === 4)
    expect((await events()).find(({ type }) => type === 'PaidOut')).toMatchObject({
      quantity: 4n * SEGMENT,
    })
    expect((await events()).find(({ type }) => type === 'ChangeRecovered')).toMatchObject({
      amount: payerTerms.deposit - 4n * SEGMENT,
    })
  })

  test('P15 a reversal that gets lost comes again, and counts once', async () => {
    const { owner, viewer, payee, transferred, orderOfOwner } = await onChannels()
    const video = await owner.publish({ count: 3, title: 'with a lost answer' })
    const purchase = await viewer.buy(video, owner.target, 'channel')
    expect(await nextOf(purchase)).toBe(0)
    const found = await lose(owner, video, 1)
    losingRefusals(viewer, 2)
    expect(await nextOf(purchase)).toBe('SEGMENT_GONE')
    expect(purchase.order.paid).toBe(SEGMENT)
    expect((await orderOfOwner(purchase))?.paid).toBe(SEGMENT)
    expect(transferred()).toEqual([SEGMENT, SEGMENT])
    await found()
    expect([await nextOf(purchase), await nextOf(purchase)]).toEqual([1, 2])
    expect(purchase.order.paid).toBe(3n * SEGMENT)
    expect((await orderOfOwner(purchase))?.paid).toBe(3n * SEGMENT)
    expect(payee.channels()[0]?.state.commits_revoked).toHaveLength(1)
  })

  test('a payment on a deposit that its owner is about to see is waited for', async () => {
    let looks = 0
    const isBehind = (): boolean => {
      looks += 1
      return looks < 8
    }
    const { owner, viewer, transferred } = await onChannels({ isBehind })
    const video = await owner.publish({ count: 1, title: 'seen late' })
    const purchase = await viewer.buy(video, owner.target, 'channel')
    expect(await nextOf(purchase)).toBe(0)
    expect(looks).toBeGreaterThanOrEqual(8)
    expect(transferred()).toEqual([SEGMENT, SEGMENT])
  })

  test('a payment that its owner cannot see in time is refused, and good when it can', async () => {
    let isLate = true
    const { owner, viewer, transferred } = await onChannels({ isBehind: () => isLate })
    const video = await owner.publish({ count: 1, title: 'seen much later' })
    const purchase = await viewer.buy(video, owner.target, 'channel')
    expect(await nextOf(purchase)).toBe('DEPOSIT_UNCONFIRMED')
    isLate = false
    expect(await nextOf(purchase)).toBe(0)
    expect(purchase.order.paid).toBe(SEGMENT)
    expect(transferred()).toEqual([SEGMENT, SEGMENT])
  })

  test('a check for it is not taken, and buys the segment when it is there again', async () => {
    const owner = await startMediaParty(chain, await chain.party(3))
    onTestFinished(async () => owner.stop())
    const viewer = await startMediaParty(chain, await chain.party(4))
    onTestFinished(async () => viewer.stop())
    const video = await owner.publish({ count: 3, title: 'by check' })
    const purchase = await viewer.buy(video, owner.target)
    const { channel } = purchase.order
    expect(await nextOf(purchase)).toBe(0)
    const found = await lose(owner, video, 1)
    expect(await nextOf(purchase)).toBe('SEGMENT_GONE')
    expect(await owner.table.get(channel)).toMatchObject({ paid: SEGMENT, balance: 1 })
    await found()
    expect(await nextOf(purchase)).toBe(1)
    await lose(owner, video, 2)
    expect(await nextOf(purchase)).toBe('SEGMENT_GONE')
    const before = await owner.party.exchange.balanceOf(ETHER, owner.party.address)
    await owner.payee.settle(channel)
    const after = await owner.party.exchange.balanceOf(ETHER, owner.party.address)
    expect(after - before).toBe(2n * SEGMENT)
  })
})

test('P28 an owner finds the viewer that paid it, and closes the channel together with it', async () => {
  const { owner, viewer, payee, payer } = await onChannels()
  const video = await owner.publish({ count: 2, title: 'and then they parted' })
  const purchase = await viewer.buy(video, owner.target, 'channel')
  expect([await nextOf(purchase), await nextOf(purchase)]).toEqual([0, 1])
  await purchase.close()
  await payer.closing?.start()
  await payee.watch.start()
  onTestFinished(async () => payee.watch.stop())
  await payee.watch.close()
  const channel = payer.channels()[0]?.id as Uint8Array
  const events = async () =>
    owner.party.channels.events({
      fromBlock: 0n,
      toBlock: await owner.party.client.blockNumber(),
      channel,
    })
  await mineUntil(chain, async () => (await events()).length === 2)
  expect((await events())[1]).toMatchObject({
    ...{ type: 'Closed', quantity: 2n * SEGMENT, change: payerTerms.deposit - 2n * SEGMENT },
  })
})

describe('several segments at once', () => {
  /** An order, and a way to pay and ask under it. */
  async function order({ owner, viewer }: Sides, video: RegisteredVideo) {
    const terms = {
      ...{ bid: 1000n, hash: video.directory, format: '720p', asset: ETHER, segmentSeconds: 2 },
      ...{ to: owner.target.peerId, payee: owner.party.address, duration: video.duration },
    }
    const plan = { kind: 'content', peer: owner.target, rail: 'channel', terms } as const
    const agreed = await agree(viewer.bidder, plan)
    if (!agreed.ok) throw new Error(`${agreed.error.code}: ${agreed.error.detail}`)
    const { session, order: made } = agreed.value
    const stream = await viewer.host.open(owner.target, EXCHANGE_PROTOCOL, {
      ...{ maxHeaderBytes: 65_536, maxBodyBytes: 1 << 24 },
    })
    onTestFinished(async () => stream.close().catch(() => {}))
    return {
      session,
      async buy(due: bigint, fields: Pick<BuyRequest, 'balance' | 'want'>) {
        const paid = due === 0n ? null : await session.pay(due)
        if (paid?.ok === false) throw new Error(`${paid.error.code}: ${paid.error.detail}`)
        const payment = paid?.value.proof ?? new Uint8Array()
        const request = { type: 'buy', nonce: fromHex(made.channel), payment, ...fields } as const
        await sendRequest(stream, request, viewer.identity.key, {})
        const { reply, bodies } = await receiveReply(stream, owner.target.peerId, {})
        if (reply.type === 'refusal') throw new Error(`${reply.code}: ${reply.detail}`)
        expect(new Set(bodies.keys())).toEqual(new Set(reply.segments.keys()))
        for (const [index, body] of bodies) {
          expect(isContentOf(await cidAt(owner, video, index), body)).toBe(true)
        }
        return { ...reply, indexes: [...reply.segments.keys()].sort((a, b) => a - b) }
      },
    }
  }

  test('A18 a balance raised by several yields exactly those, and each again for nothing', async () => {
    const sides = await onChannels()
    const video = await sides.owner.publish({ count: 6, title: 'by the three' })
    const { buy } = await order(sides, video)
    expect(await buy(3n * SEGMENT, { balance: 3, want: null })).toMatchObject({
      ...{ indexes: [0, 1, 2], balance: 3 },
    })
    expect(await buy(2n * SEGMENT, { balance: 5, want: null })).toMatchObject({
      ...{ indexes: [3, 4], balance: 5 },
    })
    expect((await buy(0n, { balance: 5, want: null })).indexes).toEqual([])
    expect((await buy(0n, { balance: 5, want: [4, 0] })).indexes).toEqual([0, 4])
    await expect(buy(0n, { balance: 5, want: [5] })).rejects.toThrow('NOT_PAID')
    await expect(buy(0n, { balance: 6, want: null })).rejects.toThrow('UNDERPAID')
  })

  test('P15 A18 of several, those before the one that is gone are sold, and the rest comes back', async () => {
    const sides = await onChannels()
    const { owner, transferred } = sides
    const video = await owner.publish({ count: 6, title: 'with a hole in the middle' })
    const { buy, session } = await order(sides, video)
    await lose(owner, video, 3)
    // Paid apart, so that the rail can give back what is not sold.
    const first = await buy(3n * SEGMENT, { balance: 1, want: null })
    expect(first).toMatchObject({ indexes: [0], balance: 1 })
    expect(first.reversal).toBeUndefined()
    const sold = await buy(3n * SEGMENT, { balance: 6, want: null })
    expect(sold).toMatchObject({ indexes: [1, 2], balance: 3 })
    const back = await session.onRefund?.(sold.reversal ?? new Uint8Array())
    expect(back).toEqual({ ok: true, value: 3n * SEGMENT })
    expect(transferred()).toEqual([3n * SEGMENT, 3n * SEGMENT])
  })
})
