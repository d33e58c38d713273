import { beforeAll, describe, expect, test } from 'vitest'
import {
  type Advert,
  advertTopic,
  expiresAtMs,
  parseAdvert,
  type SignedAdvert,
  signAdvert,
  verifyAdvert,
} from '../../../src/market/advert.ts'
import { judgeAdvert } from '../../../src/market/advert-validator.ts'
import { marketLimits } from '../../../src/market/limits.ts'
import { createBinding } from '../../../src/net/identity.ts'
import * as wire from '../../../src/net/wire/advert.ts'
import { bytesOf, flipped } from '../../helpers/fixtures.ts'
import { type Author, advertOf, authorOf, ISSUED_AT_MS } from '../../helpers/fixtures-adverts.ts'
import { CHAIN_ID } from '../../helpers/fixtures-hosts.ts'

let author: Author
let other: Author
beforeAll(async () => {
  author = await authorOf(1)
  other = await authorOf(2)
})

function parsed(bytes: Uint8Array): SignedAdvert {
  const result = parseAdvert(bytes)
  if (!result.ok) throw new Error(result.error)
  return result.value
}

/** What an author would get through by signing other fields than its own advert's. */
const signedAs = (change: Partial<Advert>, signer = author): boolean =>
  verifyAdvert(parsed(signAdvert({ ...advertOf(author), ...change }, signer.peerKey)))

describe('an advert', () => {
  test('arrives as it was signed', () => {
    const advert = advertOf(author)
    const signed = parsed(signAdvert(advert, author.peerKey))
    expect(signed.advert).toEqual(advert)
    expect(verifyAdvert(signed)).toBe(true)
    expect(expiresAtMs(advert)).toBe(ISSUED_AT_MS + 60_000)
    expect(advertTopic(1n)).not.toBe(advertTopic(2n))
  })

  test('says no price', () => {
    const fields = Object.keys(
      wire.Advert.decode(parsed(signAdvert(advertOf(author), author.peerKey)).advertBytes),
    )
    expect(fields.filter((field) => /price|wei|fee/i.test(field))).toEqual([])
  })

  test('with any bit changed after it was signed does not hold, unless it says the same', () => {
    const bytes = signAdvert(advertOf(author), author.peerKey)
    let held = 0
    for (let at = 0; at < bytes.byteLength; at += 1) {
      const result = parseAdvert(flipped(bytes, at))
      if (!result.ok || !verifyAdvert(result.value)) continue
      expect(result.value.advert).toEqual(advertOf(author))
      held += 1
    }
    // The two tags of the envelope have bits that no reader looks at.
    expect(held).toBeLessThanOrEqual(2)
  })

  test('holds only if peer and wallet vouch for each other, on this chain', () => {
    expect(signedAs({})).toBe(true)
    expect(signedAs({}, other)).toBe(false)
    expect(signedAs({ peerId: other.peerKey.peerId })).toBe(false)
    expect(signedAs({ address: other.wallet.address })).toBe(false)
    expect(signedAs({ chainId: CHAIN_ID + 1n })).toBe(false)
    expect(
      signedAs({ binding: createBinding(other.peerKey, author.wallet, { chainId: CHAIN_ID }) }),
    ).toBe(false)
    expect(
      signedAs({ binding: createBinding(author.peerKey, other.wallet, { chainId: CHAIN_ID }) }),
    ).toBe(false)
    expect(
      signedAs({ binding: createBinding(author.peerKey, author.wallet, { chainId: 1n }) }),
    ).toBe(false)
    const { binding } = advertOf(author)
    expect(signedAs({ binding: { ...binding, walletSignature: new Uint8Array(0) } })).toBe(false)
    expect(signedAs({ binding: { ...binding, peerSignature: new Uint8Array(64) } })).toBe(false)
  })

  const { maxAdvertList, maxAdvertTextLength, maxAdvertBytes } = marketLimits
  const list = (length: number): string[] => Array.from({ length }, (_, i) => `r${i}`)
  test.each<[string, Partial<Advert>, Partial<Advert>]>([
    ['regions', { regions: list(maxAdvertList) }, { regions: list(maxAdvertList + 1) }],
    ['services', { services: list(maxAdvertList) }, { services: list(maxAdvertList + 1) }],
    ['addresses', { addresses: list(maxAdvertList) }, { addresses: list(maxAdvertList + 1) }],
    [
      'text',
      { regions: ['x'.repeat(maxAdvertTextLength)] },
      { regions: ['x'.repeat(maxAdvertTextLength + 1)] },
    ],
  ])('is read at the limit of its %s and not past it', (_what, within, past) => {
    const sign = (change: Partial<Advert>) =>
      parseAdvert(signAdvert({ ...advertOf(author), ...change }, author.peerKey))
    expect(sign(within)).toMatchObject({ ok: true, value: { advert: within } })
    expect(sign(past)).toEqual({ ok: false, error: 'MALFORMED' })
  })

  test('is not even looked at past its size', () => {
    const envelope = (length: number) => {
      const advert = parsed(signAdvert(advertOf(author), author.peerKey)).advertBytes
      const around = wire.SignedAdvert.encode({
        advert,
        peerSignature: new Uint8Array(0),
      }).byteLength
      return wire.SignedAdvert.encode({ advert, peerSignature: bytesOf(length - around - 3) })
    }
    expect(envelope(maxAdvertBytes)).toHaveLength(maxAdvertBytes)
    expect(parseAdvert(envelope(maxAdvertBytes)).ok).toBe(true)
    expect(parseAdvert(envelope(maxAdvertBytes + 1))).toEqual({ ok: false, error: 'OVERSIZED' })
  })

  test.each([
    ['nothing', new Uint8Array(0)],
    ['noise', bytesOf(300)],
  ])('that is %s is refused', (_what, bytes) => {
    expect(parseAdvert(bytes)).toMatchObject({ ok: false, error: 'MALFORMED' })
  })
})

interface Situation {
  readonly nowMs?: number
  readonly latest?: { readonly advert: Advert; readonly receivedAtMs: number }
  readonly isBonded?: boolean | null
}

async function judge(advert: Advert | Uint8Array, situation: Situation = {}): Promise<string> {
  const bytes = advert instanceof Uint8Array ? advert : signAdvert(advert, author.peerKey)
  const verdict = await judgeAdvert(bytes, {
    chainId: CHAIN_ID,
    nowMs: situation.nowMs ?? ISSUED_AT_MS,
    latestOf: () => situation.latest,
    isBonded: async () => situation.isBonded ?? (situation.isBonded === null ? null : true),
  })
  return verdict.verdict === 'accept' ? 'accept' : `${verdict.verdict} ${verdict.fault}`
}

describe('an advert from the network', () => {
  const { maxAdvertTtlMs, maxClockSkewMs, minAdvertIntervalMs, maxAdvertBytes } = marketLimits
  const advert = (over: Partial<Advert> = {}): Advert => advertOf(author, over)
  const latest = (sequence: bigint, receivedAtMs = 0) => ({
    latest: { advert: advert({ sequence }), receivedAtMs },
  })

  test('that is new, in time, signed and bonded is accepted', async () => {
    expect(await judge(advert())).toBe('accept')
    expect(await judge(advert(), latest(4n))).toBe('accept')
  })

  test('that cannot be read is the forwarder’s fault', async () => {
    expect(await judge(bytesOf(10))).toBe('reject MALFORMED')
    expect(await judge(bytesOf(maxAdvertBytes + 1))).toBe('reject OVERSIZED')
  })

  test('of another chain is rejected', async () => {
    expect(await judge(advert({ chainId: CHAIN_ID + 1n }))).toBe('reject WRONG_CHAIN')
  })

  test('may claim so long a life and no longer', async () => {
    expect(await judge(advert({ ttlMs: maxAdvertTtlMs }))).toBe('accept')
    expect(await judge(advert({ ttlMs: maxAdvertTtlMs + 1 }))).toBe('reject TTL_TOO_LONG')
  })

  test('may be ahead by so much and no more', async () => {
    expect(await judge(advert(), { nowMs: ISSUED_AT_MS - maxClockSkewMs })).toBe('accept')
    expect(await judge(advert(), { nowMs: ISSUED_AT_MS - maxClockSkewMs - 1 })).toBe(
      'reject FROM_THE_FUTURE',
    )
  })

  test('is stale from the moment at which it expires', async () => {
    expect(await judge(advert(), { nowMs: ISSUED_AT_MS + 59_999 })).toBe('accept')
    expect(await judge(advert(), { nowMs: ISSUED_AT_MS + 60_000 })).toBe('reject STALE')
  })

  test('that is older than the one held is a replay; the very same one is not', async () => {
    expect(await judge(advert(), latest(6n))).toBe('reject REPLAYED')
    expect(await judge(advert(), latest(5n))).toBe('ignore SEEN')
  })

  test('that comes too soon after another is only ignored', async () => {
    expect(await judge(advert(), latest(4n, ISSUED_AT_MS - minAdvertIntervalMs + 1))).toBe(
      'ignore TOO_OFTEN',
    )
    expect(await judge(advert(), latest(4n, ISSUED_AT_MS - minAdvertIntervalMs))).toBe('accept')
  })

  test('that withdraws counts at once, for a while, and not if it is a replay', async () => {
    const withdrawal = advert({ ttlMs: 0 })
    expect(await judge(withdrawal, latest(4n, ISSUED_AT_MS - 1))).toBe('accept')
    expect(await judge(withdrawal, { nowMs: ISSUED_AT_MS + maxClockSkewMs })).toBe('reject STALE')
    expect(await judge(withdrawal, latest(6n))).toBe('reject REPLAYED')
  })

  test('that is wrongly signed is rejected before the chain is asked', async () => {
    const verdict = judgeAdvert(signAdvert(advert(), other.peerKey), {
      chainId: CHAIN_ID,
      nowMs: ISSUED_AT_MS,
      latestOf: () => undefined,
      isBonded: () => {
        throw new Error('asked')
      },
    })
    expect(await verdict).toEqual({ verdict: 'reject', fault: 'BAD_SIGNATURE' })
  })

  test('of nobody in the active set is rejected; it is ignored while the chain cannot be asked', async () => {
    expect(await judge(advert(), { isBonded: false })).toBe('reject UNBONDED')
    expect(await judge(advert(), { isBonded: null })).toBe('ignore STAKE_UNKNOWN')
  })
})
