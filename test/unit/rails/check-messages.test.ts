import { describe, expect, test } from 'vitest'
import { ETHER } from '../../../src/chain/media-exchange.ts'
import { utf8 } from '../../../src/lib/bytes.ts'
import { createDigestSigner } from '../../../src/lib/crypto/digest-signer.ts'
import { keccak256 } from '../../../src/lib/crypto/keccak.ts'
import { peerIdOfPublicKey, publicKeyOfPeer } from '../../../src/net/peer-key.ts'
import {
  type Bid,
  encodeBid,
  parseBid,
  parseBidMessage,
  signBid,
  verifyBid,
} from '../../../src/rails/check/bid.ts'
import { parseCheckMessage, signCheck, verifyCheck } from '../../../src/rails/check/check.ts'
import { checkSeparator, segmentsOf, valueOf } from '../../../src/rails/check/digest.ts'
import { canonicalBytes, parseCanonical } from '../../../src/rails/check/jcs.ts'
import { peerKey } from '../../helpers/fixtures-check.ts'

const bidder = await peerKey(1)
const owner = await peerKey(2)
const wallet = createDigestSigner(keccak256(utf8('bidder')))
const separator = checkSeparator({ chainId: 31337, exchange: wallet.address })
const signers = { wallet, key: bidder, separator }

const bid: Bid = {
  nonce: new Uint8Array(32),
  bid: 2n ** 70n,
  expiration: 1_700_000_000,
  hash: keccak256(utf8('directory')),
  format: '720p',
  to: owner.peerId,
  payee: createDigestSigner(keccak256(utf8('owner'))).address,
  asset: ETHER,
  duration: 61,
  segmentSeconds: 2,
  key: bidder.peerId,
}

describe('canonical JSON', () => {
  test('keys are sorted, amounts survive as strings', () => {
    expect(new TextDecoder().decode(canonicalBytes({ b: '9007199254740993', a: 1 }))).toBe(
      '{"a":1,"b":"9007199254740993"}',
    )
  })

  test.each([
    ['a key that stands twice', '{"a":1,"a":1}'],
    ['another order', '{"b":1,"a":1}'],
    ['a space', '{"a": 1}'],
    ['a number that is rounded', '{"a":9007199254740993}'],
    ['no object', '[1]'],
    ['no JSON', '{'],
  ])('%s is refused', (_name, text) => {
    expect(parseCanonical(utf8(text), 1000).ok).toBe(false)
  })

  test('one byte more than allowed is refused', () => {
    expect(parseCanonical(utf8('{"a":1}'), 7).ok).toBe(true)
    expect(parseCanonical(utf8('{"a":1}'), 6).ok).toBe(false)
  })
})

describe('bids', () => {
  test('A11 content and attention share one format and one parser', () => {
    const parsed = parseBid(encodeBid(signBid(bid, signers)))
    expect(parsed.ok && parsed.value.bid).toEqual(bid)
    const mirrored: Bid = { ...bid, to: bidder.peerId, key: owner.peerId }
    const other = parseBid(encodeBid(signBid(mirrored, { ...signers, key: owner })))
    expect(other.ok && other.value.bid).toEqual(mirrored)
  })

  test('A12 both signatures hold for exactly one bid', () => {
    const { message } = signBid(bid, signers)
    const verified = parseBidMessage(message)
    expect(verified.ok && verifyBid(verified.value, separator)).toEqual({
      ok: true,
      value: wallet.address,
    })
    const changes = {
      nonce: `0x${'11'.repeat(32)}`,
      bid: '1',
      expiration: 1_700_000_001,
      hash: `0x${'22'.repeat(32)}`,
      format: '360p',
      to: bidder.peerId,
      payee: wallet.address,
      asset: wallet.address,
      duration: 60,
      segmentSeconds: 3,
      key: owner.peerId,
    }
    for (const [field, value] of Object.entries(changes)) {
      const changed = parseBidMessage({ ...message, [field]: value })
      if (!changed.ok) throw new Error(`${field} cannot be read`)
      expect(verifyBid(changed.value, separator), field).toEqual({
        ok: false,
        error: 'BAD_SIGNATURE',
      })
      // The wallet's signature alone is void too: it would be another wallet's.
      const resigned = signBid(
        { ...changed.value.bid, key: bidder.peerId },
        { ...signers, wallet: { ...wallet, signDigest: () => changed.value.walletSignature } },
      )
      const signer = verifyBid(resigned, separator)
      if (field !== 'key') expect(signer.ok && signer.value, field).not.toBe(wallet.address)
    }
  })

  test('A12 a field too many, or one too few, is refused', () => {
    const { message } = signBid(bid, signers)
    expect(parseBidMessage({ ...message, extra: 1 }).ok).toBe(false)
    for (const field of Object.keys(message)) {
      const { [field]: _left, ...rest } = message
      expect(parseBidMessage(rest).ok, field).toBe(false)
    }
  })

  test('the last short segment costs what is left', () => {
    expect(segmentsOf(bid)).toBe(31)
    expect(valueOf(bid, 30)).toBe(60n * bid.bid)
    expect(valueOf(bid, 31)).toBe(61n * bid.bid)
  })
})

test('A3 a peer id and its key name each other', () => {
  const key = publicKeyOfPeer(owner.peerId) as Uint8Array
  expect(key).toHaveLength(32)
  expect(peerIdOfPublicKey(key)).toBe(owner.peerId)
  expect(peerIdOfPublicKey(key.subarray(1))).toBeNull()
})

test('A16 a check needs both signatures among peers', () => {
  const channel = keccak256(utf8('channel'))
  const check = signCheck({ channel, balance: 7 }, signers)
  const by = { payer: wallet.address, key: bidder.peerId, separator }
  expect(verifyCheck(check, by).ok).toBe(true)
  expect(verifyCheck(check, { ...by, key: owner.peerId })).toEqual({
    ok: false,
    error: 'BAD_SIGNATURE',
  })
  const raised = parseCheckMessage({ ...check.message, balance: 8 })
  if (!raised.ok) throw new Error('a check cannot be read')
  expect(verifyCheck(raised.value, by).ok).toBe(false)
  const stranger = createDigestSigner(keccak256(utf8('stranger')))
  const forged = signCheck({ channel, balance: 8 }, { ...signers, wallet: stranger })
  expect(verifyCheck(forged, by)).toEqual({ ok: false, error: 'BAD_WALLET_SIGNATURE' })
})
