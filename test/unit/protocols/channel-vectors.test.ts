import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { buildChannelVectors } from '../../../scripts/vectors/channel.ts'
import { fromHex, toHex } from '../../../src/lib/bytes.ts'
import { createDigestSigner } from '../../../src/lib/crypto/digest-signer.ts'
import { recoverDigestSigner } from '../../../src/lib/crypto/eip712.ts'
import { hash160 } from '../../../src/lib/crypto/hash160.ts'
import { parseCloseReply, parseCloseRequest } from '../../../src/rails/channel/close-wire.ts'
import {
  channelIdOf,
  commitDigest,
  parseRawCommit,
  parseScript,
  parseTerms,
} from '../../../src/rails/channel/terms.ts'
import {
  parseGrant,
  parseOffer,
  parsePayment,
  parseReversal,
} from '../../../src/rails/channel/wire.ts'

type Vectors = Awaited<ReturnType<typeof buildChannelVectors>>

const file = new URL('../../../protocols/channel/1.0.0/vectors.json', import.meta.url)
const vectors = JSON.parse(await readFile(file, 'utf8')) as Vectors

test('terms, channel, digest and signature are as the file says', () => {
  const { channel, commit, keys, secrets } = vectors
  const terms = parseTerms(fromHex(channel.depositScript))
  if (terms === null) throw new Error('no terms')
  const { chainId, contract } = channel.domain as { chainId: string; contract: `0x${string}` }
  const domain = { chainId: BigInt(chainId), contract }
  expect(toHex(channelIdOf(domain, terms))).toBe(channel.channel)
  const script = parseScript(fromHex(commit.commitScript))
  const raw = parseRawCommit(fromHex(commit.commitRawtx))
  if (script === null || raw === null) throw new Error('no commit')
  const digest = commitDigest(domain, script, raw.quantity)
  expect(toHex(digest)).toBe(commit.digest)
  const signer = createDigestSigner(fromHex(keys.payer.walletPrivateKey))
  expect(toHex(signer.signDigest(digest))).toBe(commit.signature)
  expect(recoverDigestSigner(digest, raw.payerSig)).toEqual({ ok: true, value: terms.payer })
  for (const name of ['spend', 'revoke'] as const) {
    const hash = hash160(fromHex(secrets[`${name}Secret`]))
    expect(toHex(hash)).toBe(secrets[`${name}SecretHash`])
  }
})

test.each([
  ['readOffers', parseOffer],
  ['readGrants', parseGrant],
  ['readPayments', parsePayment],
  ['readReversals', parseReversal],
  ['readCloseRequests', parseCloseRequest],
  ['readCloseReplies', parseCloseReply],
] as const)('%s are read or refused as the file says', (name, parse) => {
  for (const { bytes, fault } of vectors[name]) {
    const [hex = '', zeroes] = bytes.split(' and ')
    const whole = zeroes === undefined ? hex : hex + '00'.repeat(Number.parseInt(zeroes, 10))
    const parsed = parse(fromHex(whole))
    expect(parsed.ok ? null : parsed.error).toBe(fault)
  }
})
