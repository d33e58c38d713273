import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  encodePayerMessage,
  encodeProviderMessage,
  type PayerMessage,
  type ProviderMessage,
  parsePayerMessage,
  parseProviderMessage,
  type SegmentMessage,
  segmentDigest,
} from '../../../src/exchange/segment-wire.ts'
import { toHex } from '../../../src/lib/bytes.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const some = fc.uint8Array({ maxLength: 200 })
const grant = fc.option(fc.uint8Array({ minLength: 1, maxLength: 200 }))
const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const wei = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })

const segment: fc.Arbitrary<SegmentMessage> = fc.record({
  type: fc.constant('segment' as const),
  index: u64,
  sequence: u64,
  durationMs: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  inputHash: bytes(32),
  profilesHash: bytes(32),
  price: fc.record({ num: wei, den: fc.bigInt({ min: 1n, max: 2n ** 256n - 1n }) }),
  payment: some,
  payerSignature: bytes(65),
})
const payerMessage: fc.Arbitrary<PayerMessage> = fc.oneof(
  segment,
  fc.record({
    type: fc.constant('open' as const),
    orderId: bytes(16),
    manifestId: fc.string({ maxLength: 60 }),
  }),
  fc.record({ type: fc.constant('payment' as const), orderId: bytes(16), payment: some }),
)
const rendition = fc.record({
  name: fc.string({ maxLength: 20 }),
  lengthBytes: u32,
  outputHash: bytes(32),
  pixels: u64,
})
const providerMessage: fc.Arbitrary<ProviderMessage> = fc.oneof(
  fc
    .record({
      type: fc.constant('accepted' as const),
      orderId: bytes(16),
      credit: wei.map((amount) => amount >> 1n),
      charged: wei.map((amount) => amount >> 1n),
      grant,
      maxInFlight: u32,
    })
    .map(({ charged, ...accepted }) => ({ ...accepted, credited: accepted.credit + charged })),
  fc.record({ type: fc.constant('paid' as const), credited: wei, credit: wei, grant }),
  fc.record({
    type: fc.constant('result' as const),
    index: u64,
    renditions: fc.array(rendition, { maxLength: 8 }),
    units: u64,
    debited: wei,
    credit: wei,
    grant,
    workMs: u32,
    providerSignature: bytes(65),
  }),
  fc.record({
    type: fc.constant('error' as const),
    code: fc.constantFrom('LOW_PM_BALANCE' as const, 'BUSY' as const, 'INTERNAL' as const),
    index: fc.option(u64),
    detail: fc.string({ maxLength: 60 }),
    credit: wei,
    grant,
    missing: wei,
  }),
)

describe('the segment protocol', () => {
  test('what a payer says arrives as it was said', () => {
    fc.assert(
      fc.property(payerMessage, (message) => {
        expect(parsePayerMessage(encodePayerMessage(message))).toEqual({ ok: true, value: message })
      }),
      { numRuns: 200 },
    )
  })

  test('what a provider says arrives as it was said', () => {
    fc.assert(
      fc.property(providerMessage, (message) => {
        expect(parseProviderMessage(encodeProviderMessage(message))).toEqual({
          ok: true,
          value: message,
        })
      }),
      { numRuns: 200 },
    )
  })

  test('no bytes make a parser throw', () => {
    fc.assert(
      fc.property(some, (noise) => {
        expect([true, false]).toContain(parsePayerMessage(noise).ok)
        expect([true, false]).toContain(parseProviderMessage(noise).ok)
      }),
      { numRuns: 500 },
    )
  })

  test('two segments that differ in anything but their signature have different digests', () => {
    fc.assert(
      fc.property(segment, segment, bytes(16), bytes(16), (a, b, order, other) => {
        const mixed = (Object.keys(a) as (keyof SegmentMessage)[])
          .filter((key) => key !== 'type' && key !== 'payerSignature')
          .map((key) => ({ ...a, [key]: b[key] }))
        const of = toHex(segmentDigest(order, a))
        for (const changed of mixed) {
          const isSame = toHex(encodePayerMessage(changed)) === toHex(encodePayerMessage(a))
          expect(toHex(segmentDigest(order, changed)) === of).toBe(isSame)
        }
        expect(toHex(segmentDigest(other, a)) === of).toBe(toHex(order) === toHex(other))
        const resigned = { ...a, payerSignature: b.payerSignature }
        expect(toHex(segmentDigest(order, resigned))).toBe(of)
      }),
    )
  })
})
