import { type Account, creditOf, stepAccount } from '../../src/exchange/account.ts'
import { createExchangeMetrics } from '../../src/exchange/metrics.ts'
import { type Order, orderIdBytes, orderOf } from '../../src/exchange/order.ts'
import type { ProviderOrder } from '../../src/exchange/provider-orders.ts'
import { createProviderStream } from '../../src/exchange/provider-stream.ts'
import { type SegmentMessage, segmentDigest } from '../../src/exchange/segment-wire.ts'
import type { Worker, WorkOutput } from '../../src/exchange/work.ts'
import { concatBytes, parseHex, toHex, utf8 } from '../../src/lib/bytes.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import { ok } from '../../src/lib/result.ts'
import { profilesHash, sha256 } from '../../src/market/quote.ts'
import { DEFAULT_LADDER } from '../../src/media/profile.ts'
import type { FrameChannel } from '../../src/net/frame-channel.ts'
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

/**
 * What a provider answers on one order's stream to frames that come one after another, when the
 * payer's credit is so much.
 */
export async function serveSegments(
  credit: bigint,
  frames: readonly FrameText[],
): Promise<FrameText[]> {
  let account: Account = { credited: credit, debited: 0n, segments: 0, units: 0n, charged: [] }
  const worker: Worker = { work: async () => ok({ outputs, workMs: 40 }) }
  const held: ProviderOrder = {
    order,
    earn: {
      receive: () => Promise.reject(new Error('no payment travels in these vectors')),
      grant: async () => ok(new Uint8Array(1)),
      grantIfDue: async () => null,
    },
    account: () => account,
    credit: () => creditOf(account),
    reserved: () => 0n,
    reserve: () => () => {},
    receive: () => Promise.reject(new Error('no payment travels in these vectors')),
    charge: async (event) => {
      account = stepAccount(account, event)
    },
  }
  const answers: FrameText[] = []
  let given = 0
  let answered = Promise.withResolvers<void>()
  answered.resolve()
  const channel = {
    receive: async () => {
      await answered.promise
      answered = Promise.withResolvers()
      const frame = frames[given]
      given += 1
      if (frame === undefined) return null
      const body = parseHex(frame.body) as Uint8Array
      return {
        header: parseHex(frame.header) as Uint8Array,
        body: [body],
        bodyLength: body.byteLength,
      }
    },
    send: async (header: Uint8Array, body: readonly Uint8Array[] = []) => {
      answers.push({ header: toHex(header), body: toHex(concatBytes(...body)) })
      answered.resolve()
    },
  } as unknown as FrameChannel
  const components = {
    wallet: provider.wallet,
    worker,
    logger: silentLogger,
    metrics: createExchangeMetrics(noMetrics),
  }
  await createProviderStream(components, channel, held).run(new AbortController().signal)
  return answers
}
