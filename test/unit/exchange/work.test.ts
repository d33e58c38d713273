import { describe, expect, test } from 'vitest'
import { hashChunks } from '../../../src/exchange/chunks.ts'
import type { Order } from '../../../src/exchange/order.ts'
import { type ResultMessage, resultDigest } from '../../../src/exchange/segment-wire.ts'
import { verifyResult, type WorkOutput } from '../../../src/exchange/work.ts'
import { fromHex } from '../../../src/lib/bytes.ts'
import type { Probe } from '../../../src/media/probe.ts'
import {
  fakeProber,
  honestOutputs,
  mediaBytes,
  profiles,
  readMedia,
  SEGMENT_MS,
  sourceSegment,
  unitsOf,
} from '../../helpers/fakes-media.ts'
import { bytesOf } from '../../helpers/fixtures.ts'
import { recipientWallet, senderWallet } from '../../helpers/fixtures-tickets.ts'

const order: Order = {
  orderId: '0x00112233445566778899aabbccddeeff',
  payer: senderWallet.address,
  payerPeerId: 'payer',
  provider: recipientWallet.address,
  providerPeerId: 'provider',
  service: 'transcode',
  price: { num: 3n, den: 2n },
  rail: 'ticket',
  profiles,
  segmentMs: SEGMENT_MS,
  expectedUnits: unitsOf(),
  maxInFlight: 2,
  openedAtMs: 0,
}
const source = sourceSegment(1)
const inputHash = hashChunks(source.data)
const [large, small] = honestOutputs({ data: source.data, durationMs: SEGMENT_MS, profiles })
if (large === undefined || small === undefined) throw new Error('two outputs are expected')
const outputs = [large, small]

interface Spoilt {
  readonly outputs?: readonly WorkOutput[]
  readonly units?: bigint
  readonly debited?: bigint
  readonly index?: bigint
}

/** A result signed by the provider over whatever it says. */
function resultOf(spoilt: Spoilt = {}): { result: ResultMessage; body: Uint8Array[] } {
  const sent: readonly WorkOutput[] = spoilt.outputs ?? outputs
  const renditions = sent.map(({ name, data, pixels }) => ({
    name,
    lengthBytes: data.byteLength,
    outputHash: hashChunks([data]),
    pixels,
  }))
  const units = spoilt.units ?? sent.reduce((sum, { pixels }) => sum + pixels, 0n)
  const signed = { index: 4n, renditions, units, debited: spoilt.debited ?? (units * 3n + 1n) / 2n }
  const providerSignature = recipientWallet.signMessage(
    resultDigest(fromHex(order.orderId), inputHash, signed),
  )
  const result: ResultMessage = {
    type: 'result',
    ...signed,
    credit: 0n,
    grant: null,
    workMs: 1,
    providerSignature,
  }
  return { result, body: sent.map(({ data }) => data) }
}

async function verdict({
  result,
  body,
}: {
  result: ResultMessage
  body: readonly Uint8Array[]
}): Promise<string> {
  const expected = {
    order,
    inputHash,
    source: source.probe,
    durationMs: SEGMENT_MS,
    prober: fakeProber,
  }
  const verified = await verifyResult(result, body, expected, {})
  return verified.ok ? 'accepted' : verified.error.code
}

const remade = (probe: Partial<Probe['video']>) => {
  const before = readMedia([small.data]) as Probe
  return { ...small, data: mediaBytes({ ...before, video: { ...before.video, ...probe } }) }
}

describe('a result', () => {
  test('that is as asked is accepted, however its body is cut', async () => {
    const { result, body } = resultOf()
    expect(await verdict({ result, body })).toBe('accepted')
    const whole = Buffer.concat(body)
    const crumbs = [
      whole.subarray(0, 1),
      new Uint8Array(0),
      whole.subarray(1, 500),
      whole.subarray(500),
    ]
    expect(await verdict({ result, body: crumbs })).toBe('accepted')
  })

  test('may cost less than the price', async () => {
    expect(await verdict(resultOf({ debited: 0n }))).toBe('accepted')
  })

  test.each<[string, Spoilt]>([
    ['WRONG_RENDITIONS', { outputs: [large] }],
    ['WRONG_RENDITIONS', { outputs: [small, large] }],
    ['WRONG_RENDITIONS', { outputs: [large, small, small] }],
    ['WRONG_RENDITIONS', { outputs: [large, { ...small, name: 'other' }] }],
    ['UNREADABLE_RENDITION', { outputs: [large, { ...small, data: bytesOf(50) }] }],
    ['WRONG_RENDITION', { outputs: [large, { ...small, data: large.data }] }],
    ['WRONG_RENDITION', { outputs: [large, remade({ frames: 59 })] }],
    ['WRONG_RENDITION', { outputs: [large, remade({ keyframeFirst: false })] }],
    ['WRONG_UNITS', { outputs: [large, { ...small, pixels: small.pixels + 1n }] }],
    ['WRONG_UNITS', { units: unitsOf() + 1n }],
    ['OVERCHARGED', { debited: (unitsOf() * 3n) / 2n + 1n }],
  ])('is refused as %s (case %#)', async (code, spoilt) => {
    expect(await verdict(resultOf(spoilt))).toBe(code)
  })

  test('is refused when its body is not the signed one: longer, shorter, or of other bytes', async () => {
    const { result, body } = resultOf()
    expect(await verdict({ result, body: [...body, new Uint8Array(1)] })).toBe('WRONG_HASH')
    expect(await verdict({ result, body: body.slice(1) })).toBe('WRONG_HASH')
    expect(await verdict({ result, body: [...body].reverse() })).toBe('WRONG_HASH')
  })

  test('is refused when anything that decides was changed after it was signed', async () => {
    const { result, body } = resultOf()
    const [first, second] = result.renditions
    if (first === undefined || second === undefined) throw new Error('two renditions are expected')
    const changes: Partial<ResultMessage>[] = [
      { index: 5n },
      { units: result.units - 1n },
      { debited: result.debited - 1n },
      { renditions: [first, { ...second, pixels: 1n }] },
      { renditions: [first, { ...second, name: 'other' }] },
      { renditions: [first, { ...second, outputHash: first.outputHash }] },
      { renditions: [second, first] },
      { providerSignature: senderWallet.signMessage(new Uint8Array(32)) },
      { providerSignature: new Uint8Array(0) },
    ]
    for (const change of changes) {
      expect(await verdict({ result: { ...result, ...change }, body })).toBe('BAD_SIGNATURE')
    }
  })

  test('of another input or order is refused', async () => {
    const { result, body } = resultOf()
    const expected = {
      order,
      inputHash,
      source: source.probe,
      durationMs: SEGMENT_MS,
      prober: fakeProber,
    }
    for (const other of [
      { ...expected, inputHash: new Uint8Array(32) },
      { ...expected, order: { ...order, orderId: '0x00' } },
      { ...expected, order: { ...order, provider: senderWallet.address } },
    ]) {
      expect(await verifyResult(result, body, other, {})).toMatchObject({
        ok: false,
        error: { code: 'BAD_SIGNATURE' },
      })
    }
  })
})
