import { ETHER } from '../../src/chain/media-exchange.ts'
import { receiptOf } from '../../src/exchange/content-order.ts'
import {
  bidReplyJson,
  bidRequestJson,
  helloReplyJson,
  helloRequestJson,
  MESSAGE_TYPES,
  replyJson,
  requestJson,
  segmentHeader,
} from '../../src/exchange/content-wire.ts'
import { fromUtf8, toHex, utf8 } from '../../src/lib/bytes.ts'
import { createDigestSigner } from '../../src/lib/crypto/digest-signer.ts'
import { createWalletSigner } from '../../src/lib/crypto/eip191.ts'
import { keccak256 } from '../../src/lib/crypto/keccak.ts'
import { cidOf, digestOfCid } from '../../src/media/content/cid.ts'
import { encodeDirectory, encodeToc } from '../../src/media/content/manifest.ts'
import { createBinding } from '../../src/net/identity.ts'
import { peerKeyFromSeed, publicKeyOfPeer } from '../../src/net/peer-key.ts'
import { encodeReversal } from '../../src/rails/channel/wire.ts'
import { type Bid, digestOfBid, encodeBid, signBid } from '../../src/rails/check/bid.ts'
import { signCheck } from '../../src/rails/check/check.ts'
import { checkDigest, checkSeparator } from '../../src/rails/check/digest.ts'
import { canonicalBytes, type JsonObject, signJson } from '../../src/rails/check/jcs.ts'
import { encodeOffer, encodeProof } from '../../src/rails/check/wire.ts'
import { type Json, plain } from './json.ts'

const chainId = 31_337
const none = new Uint8Array()
const nobody = new Uint8Array(32)

/** A party by a number: the same keys on every run. */
async function partyOf(number: number) {
  const seed = new Uint8Array(32).fill(number)
  const privateKey = keccak256(seed)
  const key = await peerKeyFromSeed(seed)
  const binding = createBinding(key, createWalletSigner(privateKey), { chainId })
  return { seed, privateKey, key, binding, wallet: createDigestSigner(privateKey) }
}

const viewer = await partyOf(1)
const owner = await partyOf(2)
const exchange = createDigestSigner(keccak256(utf8('the exchange'))).address
const separator = checkSeparator({ chainId, exchange })
const segments = ['one', 'two', 'three'].map(utf8)
const cids = segments.map((bytes) => cidOf(bytes, 'raw'))
const toc = encodeToc(cids)
const directory = encodeDirectory(new Map([['720p', cidOf(toc, 'dag-cbor')]]))
const video = digestOfCid(cidOf(directory, 'dag-cbor'), 'dag-cbor') as Uint8Array

const bid: Bid = {
  ...{ nonce: nobody, bid: 1_000_000_000n, expiration: 1_800_000_000, hash: video, format: '720p' },
  ...{ to: owner.key.peerId, payee: owner.wallet.address, asset: ETHER },
  ...{ duration: 5, segmentSeconds: 2, key: viewer.key.peerId },
}
const signers = { wallet: viewer.wallet, key: viewer.key, separator }
const signed = signBid(bid, signers)
const channel = digestOfBid(bid, separator)
const check = signCheck({ channel, balance: 2 }, signers)
const reversal = encodeReversal({ channel: nobody, revokeSecrets: [nobody] })

const text = (message: JsonObject): string => fromUtf8(canonicalBytes(message))

function cast(): Json {
  return plain({
    chainId,
    exchange,
    viewer: { seed: viewer.seed, peerId: viewer.key.peerId, walletKey: viewer.privateKey },
    owner: { seed: owner.seed, peerId: owner.key.peerId, walletKey: owner.privateKey },
  })
}

/** Vectors of `/millrace/hello/1.0.0`. */
export function buildHelloVectors(): Json {
  const challenge = nobody
  const request = helloRequestJson({ challenge, video, want: [cidOf(directory, 'dag-cbor')] })
  const reply = helloReplyJson({
    ...{ challenge, binding: owner.binding, rails: ['check'], ask: bid.bid, attention: null },
    blocks: [cidOf(directory, 'dag-cbor')],
  })
  return {
    cast: cast(),
    request: text(request),
    reply: text(signJson(MESSAGE_TYPES.hello, reply, owner.key)),
    content: plain({
      segments: segments.map((bytes, index) => ({ bytes, cid: cids[index] })),
      toc: { bytes: toc, cid: cidOf(toc, 'dag-cbor') },
      directory: { bytes: directory, cid: cidOf(directory, 'dag-cbor'), sha256: video },
    }),
  }
}

/** Vectors of `/millrace/bid/1.0.0`, and of the check rail's messages. */
export function buildBidVectors(): Json {
  const request = bidRequestJson({
    bid: signed,
    binding: viewer.binding,
    rail: 'check',
    addresses: [],
    skip: [],
  })
  const accept = bidReplyJson(channel, { type: 'accept', channel, offer: none, withheld: [2] })
  const reject = bidReplyJson(channel, { type: 'reject', code: 'BID_TOO_LOW', detail: 'too low' })
  const offer = encodeOffer({
    ...{ chainId, exchange, to: owner.key.peerId, payee: owner.wallet.address, asset: ETHER },
    ...{ bid: 100n, duration: 1920 },
  })
  return {
    cast: cast(),
    domainSeparator: toHex(separator),
    keys: plain({ to: publicKeyOfPeer(bid.to), key: publicKeyOfPeer(bid.key) }),
    bid: { text: fromUtf8(encodeBid(signed)), digest: toHex(channel) },
    check: { text: text(check.message), digest: toHex(checkDigest(separator, check)) },
    offer: fromUtf8(offer),
    proofs: [
      fromUtf8(encodeProof({ bid: signed, check })),
      fromUtf8(encodeProof({ bid: null, check })),
    ],
    request: text(request),
    accept: text(signJson(MESSAGE_TYPES.bidReply, accept, owner.key)),
    reject: text(signJson(MESSAGE_TYPES.bidReply, reject, owner.key)),
    refused: [
      { why: 'a key stands twice', text: '{"a":1,"a":1}' },
      { why: 'keys are not in order', text: '{"b":1,"a":1}' },
      { why: 'a number was rounded', text: '{"a":9007199254740993}' },
    ],
  }
}

/** Vectors of `/millrace/exchange/1.0.0`. */
export function buildExchangeVectors(): Json {
  const payment = encodeProof({ bid: null, check })
  const buy = requestJson({ type: 'buy', nonce: channel, balance: 2, payment, want: null })
  const again = requestJson({ type: 'buy', nonce: channel, balance: 2, payment: none, want: [1] })
  const receipt = receiptOf(toHex(channel), segments[0] as Uint8Array)
  const watch = requestJson({
    ...({ type: 'watch', nonce: channel, segment: 2, after: 1 } as const),
    ...{ receipts: new Map([[0, receipt]]), grant: none },
  })
  const sent = replyJson({
    ...({ type: 'segments', nonce: channel, balance: 2, payment: none, grant: none } as const),
    segments: new Map([[1, cids[1] as string]]),
  })
  const refusal = { type: 'refusal', nonce: channel, code: 'UNDERPAID', grant: none } as const
  const refused = replyJson({ ...refusal, detail: '3 asked, 2 paid' })
  const gone = replyJson({ ...refusal, ...{ code: 'SEGMENT_GONE', detail: '' }, reversal })
  const by = (message: JsonObject): string =>
    text(signJson(MESSAGE_TYPES.request, message, viewer.key))
  const answer = (message: JsonObject): string =>
    text(signJson(MESSAGE_TYPES.reply, message, owner.key))
  return {
    cast: cast(),
    requests: { buy: by(buy), again: by(again), watch: by(watch) },
    replies: { segments: answer(sent), refusal: answer(refused), gone: answer(gone) },
    receipt: plain({ nonce: channel, segment: segments[0], receipt }),
    frames: plain({ segment: segmentHeader(1), end: segmentHeader(null) }),
  }
}
