import { afterAll, beforeAll, expect, test } from 'vitest'
import { ETHER } from '../../../src/chain/media-exchange.ts'
import { createDigestSigner } from '../../../src/lib/crypto/digest-signer.ts'
import { publicKeyOfPeer } from '../../../src/net/peer-key.ts'
import { chainBid, digestOfBid, signBid } from '../../../src/rails/check/bid.ts'
import { signCheck } from '../../../src/rails/check/check.ts'
import { checkSeparator } from '../../../src/rails/check/digest.ts'
import { metadataText } from '../../../src/roles/user-metadata.ts'
import { startTestChain, type TestChain } from '../../helpers/chain.ts'
import { peerKey } from '../../helpers/fixtures-check.ts'

/** The figures of the documentation, in gas; a measured one may differ by 5%. */
const DOCUMENTED = {
  register: 69_900n,
  'register with an address': 74_400n,
  addKey: 48_000n,
  revokeKey: 23_900n,
  setMetadata: 28_500n,
  'register a video': 163_700n,
  setTitle: 32_000n,
  'fund, first': 46_500n,
  'open, not registered': 68_500n,
  'open, first of a registered wallet': 94_300n,
  'open, later': 77_600n,
  'cash, first': 69_100n,
  reclaim: 39_100n,
  withdraw: 36_500n,
} as const

let chain: TestChain

beforeAll(async () => {
  chain = await startTestChain()
})

afterAll(async () => chain?.stop())

test('A2 A9 A13 A19 what the contracts of content and attention cost is as documented', async () => {
  const payer = await chain.party(1)
  const payee = await chain.party(2)
  const [key, to] = [await peerKey(1), await peerKey(2)]
  const domain = { chainId: chain.anvil.chainId, exchange: chain.addresses.mediaExchange }
  const separator = checkSeparator(domain)
  const digests = createDigestSigner(chain.anvil.account(1).privateKey)
  const signers = { wallet: digests, key, separator }
  const gas: Record<string, bigint> = {}
  const measure = async (name: string, work: Promise<{ readonly gasUsed: bigint }>) => {
    gas[name] = (await work).gasUsed
  }
  const own = publicKeyOfPeer(key.peerId) as Uint8Array
  const other = publicKeyOfPeer(to.peerId) as Uint8Array
  const text = metadataText({ addresses: [`/ip4/192.0.2.17/tcp/4001/p2p/${to.peerId}`] })
  const video = {
    ...{ directory: new Uint8Array(32).fill(9), owner: other, payee: payee.address },
    ...{ title: 'A film', duration: 600, formats: ['720p'], segment: { length: 2, size: 500_000 } },
  }
  await measure('register a video', payee.videos.register(video, payee.fresh()))
  await measure('setTitle', payee.videos.setTitle(video.directory, 'The film', payee.fresh()))
  await measure('fund, first', payer.exchange.fund(ETHER, 10n ** 18n, payer.fresh()))
  let [nonce, count] = [new Uint8Array(32), 0]
  const bidOf = async (lifeSeconds = 5_000) => {
    const { timestamp } = await chain.cheat.getBlock()
    count += 1
    const bid = {
      ...{ nonce, bid: 1_000_000_007n, expiration: Number(timestamp) + lifeSeconds },
      ...{ hash: video.directory, format: '720p', to: to.peerId, payee: payee.address },
      ...{ asset: ETHER, duration: 600 + count, segmentSeconds: 2, key: key.peerId },
    }
    return signBid(bid, signers)
  }
  const open = async (name: string, lifeSeconds?: number) => {
    const signed = await bidOf(lifeSeconds)
    const bid = chainBid(signed.bid)
    await measure(name, payee.exchange.open(bid, signed.walletSignature, payee.fresh()))
    nonce = digestOfBid(signed.bid, separator) as Uint8Array<ArrayBuffer>
    return { bid, channel: nonce }
  }
  const unused = await open('open, not registered', 700)
  nonce = new Uint8Array(32)
  await measure('register', payer.users.register(own, '', payer.fresh()))
  await measure('register with an address', payee.users.register(other, text, payee.fresh()))
  await measure('addKey', payee.users.addKey(own, payee.fresh()))
  await measure('revokeKey', payee.users.revokeKey(own, payee.fresh()))
  await measure('setMetadata', payee.users.setMetadata(text, payee.fresh()))
  await open('open, first of a registered wallet')
  const { bid, channel } = await open('open, later')
  const { walletSignature } = signCheck({ channel, balance: 117 }, signers)
  await measure('cash, first', payee.exchange.cash(bid, 117, walletSignature, payee.fresh()))
  await measure('withdraw', payee.exchange.withdraw(ETHER, 1_000_000n, payee.fresh()))
  await chain.cheat.increaseTime({ seconds: 800 })
  await chain.cheat.mine({ blocks: 1 })
  await measure('reclaim', payee.exchange.reclaim(unused.bid, payee.fresh()))
  for (const [name, documented] of Object.entries(DOCUMENTED)) {
    const measured = gas[name] ?? 0n
    expect.soft(measured, name).toBeLessThanOrEqual((documented * 105n) / 100n)
    expect.soft(measured, name).toBeGreaterThanOrEqual((documented * 95n) / 100n)
  }
  expect(Object.keys(gas).sort()).toEqual(Object.keys(DOCUMENTED).sort())
})
