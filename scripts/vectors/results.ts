import { expectedFee } from '../../src/exchange/order.ts'
import {
  encodePayerMessage,
  encodeProviderMessage,
  parseProviderMessage,
  type ResultMessage,
  resultDigest,
} from '../../src/exchange/segment-wire.ts'
import { verifyResult } from '../../src/exchange/work.ts'
import { parseHex, toHex } from '../../src/lib/bytes.ts'
import { ok } from '../../src/lib/result.ts'
import type { Probe } from '../../src/media/probe.ts'
import { provider, spoiled, stranger } from './cast.ts'
import type { FrameText } from './json.ts'
import { body, order, orderId, serveSegments, signedSegment, unpaid } from './serve-segments.ts'

function probeOf(width: number, height: number, frames: number): Probe {
  const video = {
    codec: 'h264' as const,
    codecString: 'avc1.64001f',
    width,
    height,
    fps: 30,
    frames,
    keyframeFirst: true,
  }
  return { container: 'mpegts', sizeBytes: 0, durationMs: 2_000, startPtsMs: 0, video, audio: null }
}

/** A rendition's picture as a look into it shows it. */
type Picture = readonly [width: number, height: number, frames: number]

/** What a payer makes of a result, given what each rendition turns out to be when looked into. */
export async function judgeResult(
  header: Uint8Array,
  received: Uint8Array,
  pictures: readonly Picture[],
) {
  const parsed = parseProviderMessage(header)
  if (!parsed.ok || parsed.value.type !== 'result') return 'MALFORMED'
  let looked = 0
  const prober = {
    probe: async () => {
      const [width, height, frames] = pictures[looked] as Picture
      looked += 1
      return ok(probeOf(width, height, frames))
    },
  }
  const expected = {
    order,
    inputHash: unpaid.inputHash,
    source: probeOf(1280, 720, 60),
    durationMs: 2_000,
    prober,
  }
  const judged = await verifyResult(parsed.value, [received], expected, {})
  return judged.ok ? null : judged.error.code
}

/** Results and what a payer makes of them. */
export async function results() {
  const [answer] = await serveSegments(expectedFee(order, 2_000), [
    { header: toHex(encodePayerMessage(signedSegment())), body: toHex(body) },
  ])
  const { header, body: text } = answer as FrameText
  const received = parseHex(text) as Uint8Array
  const parsed = parseProviderMessage(parseHex(header) as Uint8Array)
  if (!parsed.ok || parsed.value.type !== 'result') throw new Error('no result')
  const result = parsed.value
  const of = (change: Partial<ResultMessage>, by = provider): Uint8Array => {
    const changed = { ...result, ...change }
    const providerSignature = by.wallet.signMessage(
      resultDigest(orderId, unpaid.inputHash, changed),
    )
    return encodeProviderMessage({ ...changed, providerSignature })
  }
  const [first, second] = result.renditions as [
    ResultMessage['renditions'][number],
    ResultMessage['renditions'][number],
  ]
  const asked = order.profiles.map(({ width, height }): Picture => [width, height, 60])
  const claimed = { ...first, pixels: first.pixels + 1n }
  const cases: [
    name: string,
    bytes: Uint8Array,
    body?: Uint8Array,
    pictures?: readonly Picture[],
  ][] = [
    ['as asked', of({})],
    ['charged less', of({ debited: result.debited - 1n })],
    ['signed by a stranger', of({}, stranger)],
    ['one rendition missing', of({ renditions: [first] })],
    ['renditions in another order', of({ renditions: [second, first] })],
    ['body a byte short', of({}), received.subarray(0, -1)],
    ['body spoiled', of({}), spoiled(received)],
    ['picture of another size', of({}), received, [[320, 180, 60], ...asked.slice(1)]],
    ['frames missing', of({}), received, [[640, 360, 59], ...asked.slice(1)]],
    [
      'more pixels claimed than there are',
      of({ renditions: [claimed, second], units: result.units + 1n }),
    ],
    ['more units than the renditions have', of({ units: result.units + 1n })],
    ['charged a wei too much', of({ debited: result.debited + 1n })],
  ]
  return Promise.all(
    cases.map(async ([name, bytes, sent = received, pictures = asked]) => ({
      name,
      header: toHex(bytes),
      body: toHex(sent),
      pictures,
      fault: await judgeResult(bytes, sent, pictures),
    })),
  )
}
