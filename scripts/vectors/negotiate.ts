import { toHex, utf8 } from '../../src/lib/bytes.ts'
import { addressBytes } from '../../src/lib/crypto/address.ts'
import { err, ok, type Result } from '../../src/lib/result.ts'
import {
  encodeProfile,
  encodeQuoteReply,
  encodeRefusalReply,
  NEGOTIATE_PROTOCOL,
  parseQuoteReply,
  profilesHash,
  type Quote,
  type QuoteExpectation,
  type RefusalCode,
  sha256,
} from '../../src/market/quote.ts'
import { DEFAULT_LADDER, PRESETS, type Profile } from '../../src/media/profile.ts'
import * as wire from '../../src/net/wire/negotiate.ts'
import type { RailFault } from '../../src/rails/rail.ts'
import { askProvider, type ProviderSetting } from './ask-provider.ts'
import { CHAIN_ID, keys, NOW_MS, payer, provider, spoiled, stranger } from './cast.ts'
import { frameOf, plain } from './json.ts'

const offer = utf8('an offer of the rail')
const fixedFps: Profile = { ...(PRESETS.get('P240p30') as Profile), h264Profile: 'main' }

const request: wire.QuoteRequest = {
  chainId: CHAIN_ID,
  requestId: new Uint8Array(16).fill(0xa1),
  service: 'CPUTranscoding',
  profiles: DEFAULT_LADDER.map(encodeProfile),
  region: 'eu-west',
  segmentMs: 2_000,
  expectedUnits: 20_044_800n,
  rail: 'ticket',
  payer: addressBytes(payer.address),
  bindingPeerSignature: payer.binding.peerSignature as Uint8Array<ArrayBuffer>,
  bindingWalletSignature: payer.binding.walletSignature as Uint8Array<ArrayBuffer>,
} as wire.QuoteRequest
const requestBytes = wire.QuoteRequest.encode(request)

/** The quote all vectors of negotiation and exchange stand on. */
export const quote: Quote = {
  chainId: CHAIN_ID,
  quoteId: new Uint8Array(16).fill(0xb2),
  requestHash: sha256(requestBytes),
  provider: provider.address,
  providerPeerId: provider.peerId,
  payer: payer.address,
  payerPeerId: payer.peerId,
  service: 'CPUTranscoding',
  price: { num: 1_000n, den: 3n },
  maxInFlight: 2,
  freeSlots: 4,
  expiresAtMs: NOW_MS + 30_000,
  rail: 'ticket',
  offer,
}

const defaults: ProviderSetting = {
  chainId: CHAIN_ID.toString(),
  services: ['CPUTranscoding'],
  regions: ['eu-west'],
  rails: ['ticket'],
  freeSlots: 4,
  readiness: 'ready',
  railFault: null,
  askedBefore: 0,
}

async function requests() {
  const of = (change: Partial<wire.QuoteRequest>): Uint8Array =>
    wire.QuoteRequest.encode({ ...request, ...change })
  const withProfile = (change: Partial<wire.Profile>): Uint8Array =>
    of({ profiles: [{ ...encodeProfile(fixedFps), ...change }] })
  const fault = (faultClass: RailFault['class'], code: string) => ({
    railFault: { class: faultClass, code },
  })
  const { payer: account } = request
  const cases: [name: string, bytes: Uint8Array, change?: Partial<ProviderSetting>][] = [
    ['usual', requestBytes],
    ['any region', of({ region: '' })],
    ['frame rate given', withProfile({})],
    ['no protobuf', Uint8Array.of(0xff, 0xff, 0xff)],
    ['payer of 19 bytes', of({ payer: account.subarray(1) })],
    ['no profiles', of({ profiles: [] })],
    ['nine profiles', of({ profiles: Array.from({ length: 9 }, () => encodeProfile(fixedFps)) })],
    ['segments of 99 ms', of({ segmentMs: 99 })],
    ['segments of 60001 ms', of({ segmentMs: 60_001 })],
    ['odd width', withProfile({ width: 427 })],
    ['no name', withProfile({ name: '' })],
    ['no H.264 profile', withProfile({ h264Profile: '' })],
    ['no GOP length', withProfile({ gopMs: 0 })],
    ['frame rate over zero', withProfile({ fpsDen: 0 })],
    ['another chain', of({ chainId: 1n })],
    ['unknown service', of({ service: 'GPUTranscoding' })],
    ['unserved region', of({ region: 'us-east' })],
    ['unknown rail', of({ rail: 'channel' })],
    ['not in the active set', requestBytes, { readiness: 'NOT_ACTIVE' }],
    ['not ready', requestBytes, { readiness: 'NOT_READY' }],
    ['no free slot', requestBytes, { freeSlots: 0 }],
    [
      "another peer's binding",
      of({ bindingPeerSignature: stranger.binding.peerSignature as Uint8Array<ArrayBuffer> }),
    ],
    ['no deposit', requestBytes, fault('underfunded', 'NO_DEPOSIT')],
    ['deposit about to unlock', requestBytes, fault('underfunded', 'UNLOCKING_SOON')],
    ['chain view not there yet', requestBytes, fault('not-ready', 'ROUND_NOT_INITIALIZED')],
    ['asked too often', requestBytes, { askedBefore: 64 }],
  ]
  return Promise.all(
    cases.map(async ([name, bytes, change]) => {
      const setting = { ...defaults, ...change }
      return {
        name,
        bytes: toHex(bytes),
        setting,
        refusal: await askProvider(bytes, payer.peerId, setting),
      }
    }),
  )
}

/** What the payer makes of an answer. */
export function judgeReply(
  bytes: Uint8Array,
  expected: QuoteExpectation,
): Result<'quote' | RefusalCode, string> {
  const parsed = parseQuoteReply(bytes, expected)
  if (!parsed.ok) return err(parsed.error)
  return ok('quote' in parsed.value ? 'quote' : parsed.value.refusal.code)
}

function replies() {
  const expected: QuoteExpectation = {
    requestBytes,
    provider: provider.address,
    providerPeerId: provider.peerId,
    payer: payer.address,
    payerPeerId: payer.peerId,
    nowMs: NOW_MS,
  }
  const of = (change: Partial<Quote>): Uint8Array =>
    encodeQuoteReply({ ...quote, ...change }, provider.wallet)
  const sealed = wire.QuoteReply.decode(of({})).quote as wire.SignedQuote
  const signature = spoiled(sealed.walletSignature) as Uint8Array<ArrayBuffer>
  const cases: [name: string, bytes: Uint8Array, nowMs?: number][] = [
    ['usual', of({})],
    ['refusal', encodeRefusalReply({ code: 'AT_CAPACITY', detail: 'later', retryAfterMs: 2_000 })],
    ['last millisecond', of({}), quote.expiresAtMs - 1],
    ['over', of({}), quote.expiresAtMs],
    [
      'signature spoiled',
      wire.QuoteReply.encode({ quote: { ...sealed, walletSignature: signature } }),
    ],
    ['signed by another wallet', encodeQuoteReply(quote, stranger.wallet)],
    ['answer to another request', of({ requestHash: sha256(utf8('another')) })],
    ['for another payer', of({ payer: stranger.address })],
    ['for another peer of the payer', of({ payerPeerId: stranger.peerId })],
    ['in the name of another peer', of({ providerPeerId: stranger.peerId })],
    ['price over zero', of({ price: { num: 1n, den: 0n } })],
    ['id of 15 bytes', of({ quoteId: new Uint8Array(15) })],
    ['neither quote nor refusal', new Uint8Array(0)],
    ['no protobuf', Uint8Array.of(0xff, 0xff, 0xff)],
  ]
  return {
    expected: { ...(plain({ ...expected, nowMs: undefined }) as Record<string, string>) },
    cases: cases.map(([name, bytes, nowMs = NOW_MS]) => {
      const judged = judgeReply(bytes, { ...expected, nowMs })
      return {
        name,
        bytes: toHex(bytes),
        nowMs,
        outcome: judged.ok ? judged.value : null,
        fault: judged.ok ? null : judged.error,
      }
    }),
  }
}

function signedQuote() {
  const bytes = encodeQuoteReply(quote, provider.wallet)
  const sealed = wire.QuoteReply.decode(bytes).quote as wire.SignedQuote
  return {
    fields: plain(quote),
    quote: toHex(sealed.quote),
    digest: toHex(sha256(utf8('millrace/quote/1\n'), sealed.quote)),
    walletSignature: toHex(sealed.walletSignature),
    bytes: toHex(bytes),
    frame: toHex(frameOf(bytes)),
  }
}

function refusals() {
  const codes = Object.keys(wire.RefusalCode).filter(
    (code): code is RefusalCode => code !== 'REFUSAL_UNSPECIFIED' && code !== 'codec',
  )
  return codes.map((code) => ({
    code,
    bytes: toHex(encodeRefusalReply({ code, detail: code.toLowerCase(), retryAfterMs: 1_000 })),
  }))
}

/** Everything in `protocols/negotiate/1.0.0/vectors.json`. */
export async function buildNegotiateVectors() {
  const ladder = [...DEFAULT_LADDER, fixedFps]
  return {
    protocols: { negotiate: NEGOTIATE_PROTOCOL },
    keys,
    profiles: ladder.map((profile) => ({
      fields: plain(encodeProfile(profile)),
      bytes: toHex(wire.Profile.encode(encodeProfile(profile))),
    })),
    profilesHashes: [
      { profiles: [0, 1], hash: toHex(profilesHash(DEFAULT_LADDER)) },
      { profiles: [1, 0], hash: toHex(profilesHash([...DEFAULT_LADDER].reverse())) },
      { profiles: [2], hash: toHex(profilesHash([fixedFps])) },
    ],
    request: {
      fields: plain(request),
      bytes: toHex(requestBytes),
      hash: toHex(sha256(requestBytes)),
      frame: toHex(frameOf(requestBytes)),
    },
    requests: await requests(),
    quote: signedQuote(),
    refusals: refusals(),
    replies: replies(),
  }
}
