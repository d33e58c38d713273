import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyAccount } from '../../src/exchange/account.ts'
import { createExchangeMetrics } from '../../src/exchange/metrics.ts'
import { type Order, orderIdBytes, orderOf, orderTable } from '../../src/exchange/order.ts'
import { createProviderOrders, type ProviderOrder } from '../../src/exchange/provider-orders.ts'
import { createProviderStream } from '../../src/exchange/provider-stream.ts'
import { type SegmentMessage, segmentDigest } from '../../src/exchange/segment-wire.ts'
import type { Worker, WorkOutput } from '../../src/exchange/work.ts'
import { concatBytes, fromHex, toHex, utf8 } from '../../src/lib/bytes.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import { ok } from '../../src/lib/result.ts'
import { profilesHash, sha256 } from '../../src/market/quote.ts'
import { DEFAULT_LADDER } from '../../src/media/profile.ts'
import type { FrameChannel } from '../../src/net/frame-channel.ts'
import type { PayeeRail } from '../../src/rails/rail.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { NOW_MS, payer, provider } from './cast.ts'
import type { FrameText } from './json.ts'
import { quote } from './negotiate.ts'

/** The order all vectors of the exchange are about. */
export const order: Order = orderOf(
  quote,
  {
    chainId: quote.chainId,
    service: quote.service,
    profiles: DEFAULT_LADDER,
    region: 'eu-west',
    segmentMs: 2_000,
    expectedUnits: 20_044_800n,
    rail: quote.rail,
    payer: {
      peerId: '',
      address: quote.payer,
      peerSignature: new Uint8Array(0),
      walletSignature: new Uint8Array(0),
    },
  },
  NOW_MS,
)

/** What the worker of the vectors makes of any segment: 60 frames of each profile. */
export const outputs: readonly WorkOutput[] = order.profiles.map((profile, i) => ({
  name: profile.name,
  data: new Uint8Array(5 + i).fill(0x60 + i),
  pixels: BigInt(profile.width) * BigInt(profile.height) * 60n,
}))

/** A segment's body. */
export const body = utf8('the bytes of a segment')
/** The id of the order, as it travels. */
export const orderId = orderIdBytes(order)
/** A segment on credit, before it is signed. */
export const unpaid: Omit<SegmentMessage, 'type' | 'payerSignature'> = {
  index: 0n,
  sequence: 41n,
  durationMs: 2_000,
  inputHash: sha256(body),
  profilesHash: profilesHash(order.profiles),
  price: order.price,
  payment: new Uint8Array(0),
}

/** A segment of the order, signed by its payer or by another. */
export function signedSegment(change: Partial<SegmentMessage> = {}, by = payer): SegmentMessage {
  const fields = { ...unpaid, ...change }
  const payerSignature = by.wallet.signMessage(segmentDigest(orderId, fields))
  return { type: 'segment', ...fields, payerSignature, ...change }
}

/** A rail that takes no payment; credit is there from the start. */
const noRail: PayeeRail = {
  id: order.rail,
  offer: async () => ok(new Uint8Array(1)),
  openEarn: () => ({
    receive: () => Promise.reject(new Error('no payment travels in these vectors')),
    grant: async () => ok(new Uint8Array(1)),
    grantIfDue: async () => null,
  }),
}

/** The order as a provider holds it in a store, with so much credit. */
async function openOrder(store: Store, credit: bigint): Promise<ProviderOrder> {
  const account = { ...emptyAccount, credited: credit }
  await orderTable(store, 'provider').put(order.orderId, { order, account })
  const orders = createProviderOrders({
    store,
    clock: { now: () => NOW_MS },
    quotes: { start: async () => {}, find: () => undefined, takenUp() {} },
    rails: new Map([[order.rail, noRail]]),
  })
  const opened = await orders.open(orderId, order.payerPeerId)
  if (opened === undefined) throw new Error('the order is not there')
  return opened
}

/** A channel that gives each frame once the one before is answered. */
function scriptedChannel(frames: readonly FrameText[], answers: FrameText[]): FrameChannel {
  let given = 0
  let answered = Promise.withResolvers<void>()
  answered.resolve()
  return {
    signal: new AbortController().signal,
    receive: async () => {
      await answered.promise
      answered = Promise.withResolvers()
      const frame = frames[given]
      given += 1
      if (frame === undefined) return null
      const [header, sent] = [fromHex(frame.header), fromHex(frame.body)]
      return { header, body: [sent], bodyLength: sent.byteLength }
    },
    send: async (header: Uint8Array, sent: readonly Uint8Array[] = []) => {
      answers.push({ header: toHex(header), body: toHex(concatBytes(...sent)) })
      answered.resolve()
    },
  } as unknown as FrameChannel
}

/**
 * What a provider answers on one order's stream to frames that come one after another, when the
 * payer's credit is so much.
 */
export async function serveSegments(
  credit: bigint,
  frames: readonly FrameText[],
): Promise<FrameText[]> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-vectors-'))
  const store = await openStore({ directory })
  try {
    const worker: Worker = { work: async () => ok({ outputs, workMs: 40 }) }
    const metrics = createExchangeMetrics(noMetrics)
    const components = { wallet: provider.wallet, worker, logger: silentLogger, metrics }
    const answers: FrameText[] = []
    const channel = scriptedChannel(frames, answers)
    const held = await openOrder(store, credit)
    await createProviderStream(components, channel, held).run(new AbortController().signal)
    return answers
  } finally {
    await store.close()
    await rm(directory, { recursive: true, force: true })
  }
}
