import { createHash } from 'node:crypto'
import { concatBytes, toHex, utf8 } from '../../src/lib/bytes.ts'
import { addressBytes } from '../../src/lib/crypto/address.ts'
import { eip191Digest } from '../../src/lib/crypto/eip191.ts'
import { type Advert, advertTopic, parseAdvert, signAdvert } from '../../src/market/advert.ts'
import { ADVERT_SYNC_PROTOCOL } from '../../src/market/advert-sync.ts'
import { judgeAdvert } from '../../src/market/advert-validator.ts'
import { marketLimits } from '../../src/market/limits.ts'
import type { Published } from '../../src/market/service.ts'
import {
  type BindingParts,
  bindingPeerBytes,
  bindingWalletText,
  parseBinding,
  verifyBinding,
} from '../../src/net/identity.ts'
import * as wire from '../../src/net/wire/advert.ts'
import { CHAIN_ID, keys, NOW_MS, payer, provider, spoiled, stranger } from './cast.ts'
import { frameOf, plain } from './json.ts'

/** What a validator knows besides the advert, in JSON's terms. */
export interface AdvertSetting {
  readonly chainId: string
  readonly nowMs: number
  /** The newest advert held of the author. */
  readonly latest: { readonly sequence: string; readonly receivedAtMs: number } | null
  /** Whether the author's account is in the active set; null when it cannot be found out. */
  readonly isBonded: boolean | null
  /** What the author's account published in the service registry; null for nothing. */
  readonly published: Published | null
}

const base: Advert = {
  chainId: CHAIN_ID,
  peerId: provider.peerId,
  address: provider.address,
  binding: provider.binding,
  sequence: 7n,
  issuedAtMs: NOW_MS - 5_000,
  ttlMs: 120_000,
  services: ['CPUTranscoding'],
  regions: ['eu-west', 'eu-north'],
  capacity: { slots: 10, freeSlots: 4 },
  addresses: [`/ip4/192.0.2.10/tcp/4001/p2p/${provider.peerId}`],
}
const setting: AdvertSetting = {
  chainId: CHAIN_ID.toString(),
  nowMs: NOW_MS,
  latest: null,
  isBonded: true,
  published: null,
}

/** The node's verdict on an advert in a setting. */
export async function judge(
  bytes: Uint8Array,
  { chainId, nowMs, latest, isBonded, published }: AdvertSetting,
) {
  const parsed = parseAdvert(bytes)
  const verdict = await judgeAdvert(bytes, {
    chainId: BigInt(chainId),
    nowMs,
    latestOf: () =>
      latest === null || !parsed.ok
        ? undefined
        : {
            advert: { ...parsed.value.advert, sequence: BigInt(latest.sequence) },
            receivedAtMs: latest.receivedAtMs,
          },
    isBonded: async () => isBonded,
    publishedBy: async () => published,
  })
  return { verdict: verdict.verdict, fault: 'fault' in verdict ? verdict.fault : null }
}

/** The node's verdict on a binding. */
export function judgeBinding(parts: BindingParts, chainId: bigint): string | null {
  const parsed = parseBinding(parts)
  if (!parsed.ok) return parsed.error
  const verified = verifyBinding(parsed.value, { chainId })
  return verified.ok ? null : verified.error
}

function bindings() {
  const { binding, address, peerId } = provider
  const good: BindingParts = { ...binding, address: addressBytes(address) }
  const other = payer.binding
  const cases: [name: string, parts: BindingParts, chainId: bigint][] = [
    ['both have signed', good, CHAIN_ID],
    ['made for another chain', good, 1n],
    ['peer signature of another peer', { ...good, peerSignature: other.peerSignature }, CHAIN_ID],
    [
      'wallet signature of another wallet',
      { ...good, walletSignature: other.walletSignature },
      CHAIN_ID,
    ],
    ['another peer with this wallet', { ...good, peerId: stranger.peerId }, CHAIN_ID],
    ['peer id that is none', { ...good, peerId: 'nobody' }, CHAIN_ID],
    ['address of 19 bytes', { ...good, address: good.address.subarray(1) }, CHAIN_ID],
    [
      'wallet signature of 64 bytes',
      { ...good, walletSignature: good.walletSignature.subarray(1) },
      CHAIN_ID,
    ],
  ]
  const text = bindingWalletText(peerId, address, { chainId: CHAIN_ID })
  return {
    made: {
      chainId: CHAIN_ID.toString(),
      peerBytes: toHex(bindingPeerBytes(peerId, address, { chainId: CHAIN_ID })),
      peerSignature: toHex(binding.peerSignature),
      walletText: text,
      walletDigest: toHex(eip191Digest(utf8(text))),
      walletSignature: toHex(binding.walletSignature),
    },
    cases: cases.map(([name, parts, chainId]) => ({
      name,
      chainId: chainId.toString(),
      peerId: parts.peerId,
      address: toHex(parts.address),
      peerSignature: toHex(parts.peerSignature),
      walletSignature: toHex(parts.walletSignature),
      fault: judgeBinding(parts, chainId),
    })),
  }
}

function signed(name: string, advert: Advert) {
  const bytes = signAdvert(advert, provider.peerKey)
  const envelope = wire.SignedAdvert.decode(bytes)
  const { binding, ...fields } = advert
  return {
    name,
    fields: plain({
      ...fields,
      bindingPeerSignature: binding.peerSignature,
      bindingWalletSignature: binding.walletSignature,
    }),
    advert: toHex(envelope.advert),
    signedBytes: toHex(concatBytes(utf8('millrace/advert/1\n'), envelope.advert)),
    peerSignature: toHex(envelope.peerSignature),
    bytes: toHex(bytes),
    messageId: createHash('sha256').update(bytes).digest('hex').slice(0, 40),
  }
}

function seal(advertBytes: Uint8Array, peerSignature: Uint8Array): Uint8Array {
  return wire.SignedAdvert.encode({ advert: advertBytes, peerSignature })
}

async function verdicts() {
  const of = (change: Partial<Advert>): Uint8Array =>
    signAdvert({ ...base, ...change }, provider.peerKey)
  const good = of({})
  const envelope = wire.SignedAdvert.decode(good)
  const inner = wire.Advert.decode(envelope.advert)
  const long = 'x'.repeat(marketLimits.maxAdvertTextLength + 1)
  const many = Array.from({ length: marketLimits.maxAdvertList + 1 }, (_, i) => `r${i}`)
  const held = (sequence: bigint, agoMs: number): Partial<AdvertSetting> => ({
    latest: { sequence: sequence.toString(), receivedAtMs: NOW_MS - agoMs },
  })
  const registered = (
    services: readonly string[],
    regions: readonly string[],
  ): Partial<AdvertSetting> => ({ published: { services, regions } })
  const skew = marketLimits.maxClockSkewMs
  const cases: [name: string, bytes: Uint8Array, change?: Partial<AdvertSetting>][] = [
    ['first of its author', good],
    ['newer than the one held', good, held(6n, marketLimits.minAdvertIntervalMs)],
    ['withdrawal right after an advert', of({ ttlMs: 0, sequence: 8n }), held(7n, 1)],
    ['issued as far ahead as is allowed', of({ issuedAtMs: NOW_MS + skew })],
    ['longest life there is', of({ ttlMs: marketLimits.maxAdvertTtlMs })],
    ['one byte too long', new Uint8Array(marketLimits.maxAdvertBytes + 1)],
    ['no protobuf', Uint8Array.of(0xff, 0xff, 0xff)],
    [
      'address of 19 bytes',
      seal(
        wire.Advert.encode({ ...inner, address: inner.address.subarray(1) }),
        envelope.peerSignature,
      ),
    ],
    ['region of 129 characters', of({ regions: [long] })],
    ['17 regions', of({ regions: many })],
    ['another chain', good, { chainId: '1' }],
    ['life one millisecond too long', of({ ttlMs: marketLimits.maxAdvertTtlMs + 1 })],
    ['issued too far ahead', of({ issuedAtMs: NOW_MS + skew + 1 })],
    ['over just now', of({ issuedAtMs: NOW_MS - 120_000 })],
    ['withdrawal that came late', of({ ttlMs: 0, issuedAtMs: NOW_MS - skew })],
    ['the one held, again', good, held(7n, 60_000)],
    ['older than the one held', good, held(8n, 60_000)],
    ['too soon after the one held', good, held(6n, marketLimits.minAdvertIntervalMs - 1)],
    ['signature spoiled', seal(envelope.advert, spoiled(envelope.peerSignature))],
    ['signed by another peer', signAdvert(base, stranger.peerKey)],
    [
      "another peer's binding",
      of({ binding: { ...provider.binding, walletSignature: payer.binding.walletSignature } }),
    ],
    ['account not in the active set', good, { isBonded: false }],
    ['active set not known', good, { isBonded: null }],
    ['within the registry', good, registered(base.services, [...base.regions, 'us-east'])],
    ['without bounds in the registry', good, registered([], [])],
    ['a region beyond the registry', good, registered(base.services, ['eu-west'])],
    ['a service beyond the registry', good, registered(['GPUTranscoding'], [])],
    [
      'a withdrawal is not held to the registry',
      of({ ttlMs: 0 }),
      registered(['GPUTranscoding'], []),
    ],
  ]
  return Promise.all(
    cases.map(async ([name, bytes, change]) => {
      const full = { ...setting, ...change }
      return { name, bytes: toHex(bytes), setting: full, ...(await judge(bytes, full)) }
    }),
  )
}

function sync() {
  const request = wire.AdvertSyncRequest.encode({ chainId: CHAIN_ID, limit: 0 })
  const limited = wire.AdvertSyncRequest.encode({ chainId: CHAIN_ID, limit: 20 })
  const reply = wire.AdvertSyncReply.encode({ adverts: [signAdvert(base, provider.peerKey)] })
  const none = wire.AdvertSyncReply.encode({ adverts: [] })
  const encoded = (name: string, bytes: Uint8Array, fields: unknown) => ({
    name,
    fields: plain(fields),
    bytes: toHex(bytes),
    frame: toHex(frameOf(bytes)),
  })
  return {
    requests: [
      encoded('everything', request, { chainId: CHAIN_ID, limit: 0 }),
      encoded('at most twenty', limited, { chainId: CHAIN_ID, limit: 20 }),
    ],
    replies: [
      encoded('one advert', reply, { adverts: [signAdvert(base, provider.peerKey)] }),
      encoded('none', none, { adverts: [] }),
    ],
  }
}

/** Everything in `protocols/advert/1.0.0/vectors.json`. */
export async function buildAdvertVectors() {
  const quiet = { ...base, regions: [], addresses: [], capacity: { slots: 0, freeSlots: 0 } }
  return {
    protocols: { topic: advertTopic(CHAIN_ID), sync: ADVERT_SYNC_PROTOCOL },
    keys,
    binding: bindings(),
    adverts: [
      signed('usual', base),
      signed('with nothing to spare', quiet),
      signed('withdrawal', { ...base, sequence: 8n, ttlMs: 0 }),
    ],
    verdicts: await verdicts(),
    sync: sync(),
  }
}
