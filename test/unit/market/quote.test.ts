import { beforeAll, describe, expect, test } from 'vitest'
import { concatBytes, utf8 } from '../../../src/lib/bytes.ts'
import { marketLimits } from '../../../src/market/limits.ts'
import {
  encodeQuoteReply,
  encodeQuoteRequest,
  encodeRefusalReply,
  parseQuoteReply,
  parseQuoteRequest,
  profilesHash,
  type Quote,
  type QuoteExpectation,
  type QuoteRequest,
  type RefusalCode,
  sha256,
} from '../../../src/market/quote.ts'
import { PRESETS, type Profile } from '../../../src/media/profile.ts'
import * as wire from '../../../src/net/wire/negotiate.ts'
import { profiles } from '../../helpers/fakes-media.ts'
import { bytesOf, flipped } from '../../helpers/fixtures.ts'
import {
  type Author,
  authorOf,
  bindingOf,
  ISSUED_AT_MS,
  quoteOf,
} from '../../helpers/fixtures-adverts.ts'
import { CHAIN_ID } from '../../helpers/fixtures-hosts.ts'

let payer: Author
let provider: Author
let stranger: Author
let request: QuoteRequest
beforeAll(async () => {
  ;[payer, provider, stranger] = await Promise.all([authorOf(1), authorOf(2), authorOf(3)])
  request = {
    chainId: CHAIN_ID,
    service: 'transcode',
    profiles,
    region: 'eu',
    segmentMs: 2_000,
    expectedUnits: 2n ** 63n,
    rail: 'ticket',
    payer: bindingOf(payer),
  }
})

describe('a request for quotes', () => {
  const read = (of: QuoteRequest) => parseQuoteRequest(encodeQuoteRequest(of), payer.peerKey.peerId)

  test('arrives as it was asked, every preset profile too', () => {
    expect(read(request)).toEqual({ ok: true, value: request })
    const presets = [...PRESETS.values()]
    for (let i = 0; i < presets.length; i += marketLimits.maxProfiles) {
      const some = { ...request, profiles: presets.slice(i, i + marketLimits.maxProfiles) }
      expect(read(some)).toEqual({ ok: true, value: some })
    }
  })

  test('is from the peer that asks, whatever it says', () => {
    const read = parseQuoteRequest(encodeQuoteRequest(request), stranger.peerKey.peerId)
    expect(read.ok && read.value.payer.peerId).toBe(stranger.peerKey.peerId)
  })

  test('is never twice the same, so that an answer belongs to one', () => {
    expect(encodeQuoteRequest(request)).not.toEqual(encodeQuoteRequest(request))
  })

  const many = (count: number): Profile[] =>
    Array.from({ length: count }, (_, i) => ({ ...(profiles[0] as Profile), name: `p${i}` }))
  test.each<[string, () => Partial<QuoteRequest>, string]>([
    ['no profiles', () => ({ profiles: [] }), 'MALFORMED_REQUEST'],
    [
      'too many profiles',
      () => ({ profiles: many(marketLimits.maxProfiles + 1) }),
      'MALFORMED_REQUEST',
    ],
    [
      'a segment too short',
      () => ({ segmentMs: marketLimits.minSegmentMs - 1 }),
      'MALFORMED_REQUEST',
    ],
    [
      'a segment too long',
      () => ({ segmentMs: marketLimits.maxSegmentMs + 1 }),
      'MALFORMED_REQUEST',
    ],
    [
      'a profile nobody can make',
      () => ({ profiles: [{ ...(profiles[0] as Profile), width: 33 }] }),
      'UNSUPPORTED_PROFILE',
    ],
    [
      'a profile with a bad name',
      () => ({ profiles: [{ ...(profiles[0] as Profile), name: '../a' }] }),
      'UNSUPPORTED_PROFILE',
    ],
  ])('is refused with %s', (_what, change, code) => {
    expect(read({ ...request, ...change() })).toMatchObject({ ok: false, error: { code } })
  })

  test('is read at its limits', () => {
    expect(read({ ...request, profiles: many(marketLimits.maxProfiles) }).ok).toBe(true)
    expect(read({ ...request, segmentMs: marketLimits.minSegmentMs }).ok).toBe(true)
    expect(read({ ...request, segmentMs: marketLimits.maxSegmentMs }).ok).toBe(true)
  })

  test('that is noise is refused', () => {
    expect(parseQuoteRequest(bytesOf(50), 'x')).toMatchObject({
      ok: false,
      error: { code: 'MALFORMED_REQUEST' },
    })
  })
})

describe('a quote', () => {
  let requestBytes: Uint8Array
  beforeAll(() => {
    requestBytes = encodeQuoteRequest(request)
  })
  const expected = (over: Partial<QuoteExpectation> = {}): QuoteExpectation => ({
    requestBytes,
    provider: provider.wallet.address,
    providerPeerId: provider.peerKey.peerId,
    payer: payer.wallet.address,
    payerPeerId: payer.peerKey.peerId,
    nowMs: ISSUED_AT_MS,
    ...over,
  })
  const quote = (over: Partial<Quote> = {}): Quote =>
    quoteOf(provider, payer, { requestHash: sha256(requestBytes), ...over })
  const read = (over: Partial<Quote> = {}, signer = provider) =>
    parseQuoteReply(encodeQuoteReply(quote(over), signer.wallet), expected())

  test('arrives as it was signed', () => {
    expect(read()).toEqual({ ok: true, value: { quote: quote() } })
    const price = { num: 2n ** 256n - 1n, den: 2n ** 256n - 1n }
    expect(read({ price })).toEqual({ ok: true, value: { quote: quote({ price }) } })
  })

  test('counts only when the provider asked has signed it', () => {
    expect(read({}, stranger)).toEqual({ ok: false, error: 'BAD_SIGNATURE' })
    expect(read({}, payer)).toEqual({ ok: false, error: 'BAD_SIGNATURE' })
  })

  test('counts only untouched', () => {
    const bytes = encodeQuoteReply(quote(), provider.wallet)
    let held = 0
    for (let at = 0; at < bytes.byteLength; at += 1) {
      const reply = parseQuoteReply(flipped(bytes, at), expected())
      if (!reply.ok) continue
      expect(reply.value).toEqual({ quote: quote() })
      held += 1
    }
    // The three tags of the envelope have bits that no reader looks at.
    expect(held).toBeLessThanOrEqual(3)
  })

  test('that answers another request, payer or peer is not ours', () => {
    const notOurs = { ok: false, error: 'NOT_OURS' }
    expect(read({ requestHash: sha256(encodeQuoteRequest(request)) })).toEqual(notOurs)
    expect(read({ provider: stranger.wallet.address })).toEqual(notOurs)
    expect(read({ providerPeerId: stranger.peerKey.peerId })).toEqual(notOurs)
    expect(read({ payer: stranger.wallet.address })).toEqual(notOurs)
    expect(read({ payerPeerId: stranger.peerKey.peerId })).toEqual(notOurs)
    expect(read({ chainId: CHAIN_ID + 1n })).toEqual(notOurs)
    expect(read({ service: 'cook' })).toEqual(notOurs)
    expect(read({ rail: 'barter' })).toEqual(notOurs)
  })

  test('is good until it expires', () => {
    expect(read({ expiresAtMs: ISSUED_AT_MS + 1 }).ok).toBe(true)
    expect(read({ expiresAtMs: ISSUED_AT_MS })).toEqual({ ok: false, error: 'EXPIRED' })
  })

  test('with a price over zero or a strange id cannot be read', () => {
    expect(read({ price: { num: 1n, den: 0n } })).toEqual({ ok: false, error: 'MALFORMED' })
    expect(read({ quoteId: bytesOf(15) })).toEqual({ ok: false, error: 'MALFORMED' })
  })

  test('promises some segments in flight, but not without bound', () => {
    const inFlight = (maxInFlight: number) => {
      const reply = read({ maxInFlight })
      return reply.ok && 'quote' in reply.value ? reply.value.quote.maxInFlight : undefined
    }
    expect([0, 1, 64, 65, 2 ** 31].map(inFlight)).toEqual([1, 1, 64, 64, 64])
  })

  test.each(
    Object.keys(wire.RefusalCode).filter(
      (code) => !['REFUSAL_UNSPECIFIED', 'codec'].includes(code),
    ) as RefusalCode[],
  )('a refusal as %s arrives as it was meant', (code) => {
    const refusal = { code, detail: 'why', retryAfterMs: 5 }
    expect(parseQuoteReply(encodeRefusalReply(refusal), expected())).toEqual({
      ok: true,
      value: { refusal },
    })
  })

  test('a refusal is cut where nobody would read on, and noise is neither', () => {
    const long = { code: 'NOT_READY', detail: 'x'.repeat(5_000), retryAfterMs: 0 } as const
    const reply = parseQuoteReply(encodeRefusalReply(long), expected())
    expect(reply.ok && 'refusal' in reply.value && reply.value.refusal.detail.length).toBe(200)
    expect(parseQuoteReply(new Uint8Array(0), expected())).toEqual({
      ok: false,
      error: 'MALFORMED',
    })
    expect(parseQuoteReply(utf8('no'), expected()).ok).toBe(false)
  })
})

test('the hash of profiles changes with each of them, any field and their order', () => {
  const [a, b] = profiles as [Profile, Profile]
  const hash = (of: readonly Profile[]): string => Buffer.from(profilesHash(of)).toString('hex')
  const variants = [
    [a, b],
    [b, a],
    [a],
    [{ ...a, bitrateBps: a.bitrateBps + 1 }, b],
    [{ ...a, name: 'x' }, b],
    [{ ...a, width: a.width + 2 }, b],
    [{ ...a, fps: { num: 30, den: 1 } }, b],
    [{ ...a, gopSeconds: 1 }, b],
    [{ ...a, h264Profile: 'main' as const }, b],
  ]
  expect(new Set(variants.map(hash)).size).toBe(variants.length)
  expect(sha256(utf8('ab'))).toEqual(sha256(concatBytes(utf8('a'), utf8('b'))))
})
