import { describe, expect, test } from 'vitest'
import { exchangeLimits, segmentDeadlineMs } from '../../../src/exchange/limits.ts'
import {
  encodePayerMessage,
  encodeProviderMessage,
  parsePayerMessage,
  parseProviderMessage,
  type ResultMessage,
  type SegmentMessage,
} from '../../../src/exchange/segment-wire.ts'
import { type WireErrorCode, wireErrors } from '../../../src/exchange/wire-error.ts'
import * as wire from '../../../src/net/wire/segment.ts'
import { bytesOf } from '../../helpers/fixtures.ts'

const refused = { ok: false, error: 'MALFORMED' }

const segment: SegmentMessage = {
  type: 'segment',
  index: 3n,
  sequence: 9n,
  durationMs: 2_000,
  inputHash: bytesOf(32, 1),
  profilesHash: bytesOf(32, 2),
  price: { num: 3n, den: 7n },
  payment: bytesOf(100, 3),
  payerSignature: bytesOf(65, 4),
}
const result: ResultMessage = {
  type: 'result',
  index: 3n,
  renditions: [{ name: 'a', lengthBytes: 5, outputHash: bytesOf(32), pixels: 9n }],
  units: 9n,
  debited: 4n,
  credit: 6n,
  grant: null,
  workMs: 12,
  providerSignature: bytesOf(65),
}

describe('what a payer says', () => {
  const manifestId = 'm'.repeat(exchangeLimits.maxManifestIdLength)
  test('is limited in what it names', () => {
    const open = { type: 'open', orderId: bytesOf(16), manifestId } as const
    expect(parsePayerMessage(encodePayerMessage(open))).toEqual({ ok: true, value: open })
    expect(
      parsePayerMessage(encodePayerMessage({ ...open, manifestId: `${manifestId}m` })),
    ).toEqual(refused)
    for (const length of [0, 15, 17]) {
      const orderId = bytesOf(length)
      expect(parsePayerMessage(encodePayerMessage({ ...open, orderId }))).toEqual(refused)
      expect(
        parsePayerMessage(encodePayerMessage({ type: 'payment', orderId, payment: bytesOf(3) })),
      ).toEqual(refused)
    }
  })

  test.each<[string, Partial<SegmentMessage>]>([
    ['a short input hash', { inputHash: bytesOf(31) }],
    ['no profiles hash', { profilesHash: new Uint8Array(0) }],
    ['no duration', { durationMs: 0 }],
    ['a price over zero', { price: { num: 1n, den: 0n } }],
    ['no price', { price: { num: 0n, den: 0n } }],
  ])('is refused with %s', (_what, change) => {
    expect(parsePayerMessage(encodePayerMessage(segment))).toEqual({ ok: true, value: segment })
    expect(parsePayerMessage(encodePayerMessage({ ...segment, ...change }))).toEqual(refused)
  })

  test('is refused when a price is wider than 256 bits', () => {
    const { price: _price, type: _type, ...rest } = segment
    const wide = { ...rest, priceNum: new Uint8Array(33).fill(1), priceDen: Uint8Array.of(1) }
    expect(parsePayerMessage(wire.PayerMessage.encode({ segment: wide }))).toEqual(refused)
  })

  test.each([
    ['nothing', new Uint8Array(0)],
    ['noise', new Uint8Array([255, 255, 255, 255])],
    ['half a message', encodePayerMessage(segment).subarray(0, 50)],
  ])('is refused when it is %s', (_what, bytes) => {
    expect(parsePayerMessage(bytes)).toEqual(refused)
    expect(parseProviderMessage(bytes)).toEqual(refused)
  })
})

describe('what a provider says', () => {
  test('holds at most eight renditions', () => {
    const of = (count: number) => ({
      ...result,
      renditions: Array.from(
        { length: count },
        () => result.renditions[0] as ResultMessage['renditions'][number],
      ),
    })
    expect(parseProviderMessage(encodeProviderMessage(of(8)))).toEqual({ ok: true, value: of(8) })
    expect(parseProviderMessage(encodeProviderMessage(of(9)))).toEqual(refused)
  })

  test.each(Object.keys(wireErrors) as WireErrorCode[])('%s arrives as it was meant', (code) => {
    for (const index of [null, 0n, 7n]) {
      const error = {
        type: 'error',
        code,
        index,
        detail: 'why',
        credit: 5n,
        grant: bytesOf(9),
        missing: 2n ** 200n,
      } as const
      expect(parseProviderMessage(encodeProviderMessage(error))).toEqual({ ok: true, value: error })
    }
  })

  test('every code of the wire has a class', () => {
    const codes = Object.keys(wire.WireErrorCode).filter(
      (name) => !['ERROR_UNSPECIFIED', 'codec'].includes(name),
    )
    expect(Object.keys(wireErrors).sort()).toEqual(codes.sort())
  })

  test('is cut where a person would not read on', () => {
    const detail = 'x'.repeat(exchangeLimits.maxDetailLength + 1)
    const error = {
      type: 'error',
      code: 'BUSY',
      index: null,
      detail,
      credit: 0n,
      grant: null,
      missing: 0n,
    } as const
    const parsed = parseProviderMessage(encodeProviderMessage(error))
    expect(parsed.ok && parsed.value.type === 'error' && parsed.value.detail).toHaveLength(
      exchangeLimits.maxDetailLength,
    )
  })

  test('a credit below zero is shown as none', () => {
    const parsed = parseProviderMessage(encodeProviderMessage({ ...result, credit: -5n }))
    expect(parsed).toMatchObject({ ok: true, value: { credit: 0n } })
  })
})

test('a segment has four times its duration, and eight seconds at least', () => {
  expect(segmentDeadlineMs(2_000)).toBe(8_000)
  expect(segmentDeadlineMs(2_001)).toBe(8_004)
  expect(segmentDeadlineMs(100)).toBe(8_000)
})
