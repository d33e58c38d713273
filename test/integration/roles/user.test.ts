import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { ETHER } from '../../../src/chain/media-exchange.ts'
import { agree } from '../../../src/exchange/content-bidder.ts'
import { toHex } from '../../../src/lib/bytes.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { createPeerKey, publicKeyOfPeer } from '../../../src/net/peer-key.ts'
import { parseConfig } from '../../../src/node/load-config.ts'
import { openMediaWallet } from '../../../src/node/media-wallet.ts'
import { openWalletSession } from '../../../src/node/wallet-session.ts'
import { chainBid, signBid } from '../../../src/rails/check/bid.ts'
import { metadataText, parseMetadata } from '../../../src/roles/user-metadata.ts'
import { startTestChain, type TestChain } from '../../helpers/chain.ts'
import { type MediaParty, startMediaParty } from '../../helpers/fixtures-media.ts'
import { FILM, mediaConfig, nodeHome, partOf, startMediaNode } from '../../helpers/media-node.ts'

const POLL = { timeout: 30_000, interval: 200 }

let chain: TestChain

beforeAll(async () => {
  chain = await startTestChain()
})

afterAll(async () => {
  await chain.stop()
})

async function startParty(index: number): Promise<MediaParty> {
  const party = await startMediaParty(chain, await chain.party(index))
  onTestFinished(async () => party.stop())
  return party
}

/** The wallet of a node that is not running, as the commands open it. */
async function openWallet(account: number, privateKey?: Uint8Array) {
  const home = await nodeHome()
  const raw = await mediaConfig(chain, account, home, { roles: ['viewer'] })
  if (privateKey !== undefined) await writeFile(join(home, 'wallet.key'), toHex(privateKey))
  const config = parseConfig(raw)
  const session = await openWalletSession({ logger: silentLogger }, config)
  onTestFinished(async () => session.close())
  return openMediaWallet(session, config)
}

test('A1 A2 a wallet registers keys, publishes where they are, and takes keys back at any time', async () => {
  const wallet = await openWallet(6)
  const before = await wallet.show()
  expect(before).toMatchObject({ registered: false, keys: [], addresses: [] })
  expect(before.offer?.canPay).toBe(true)
  await expect(wallet.announce([])).rejects.toMatchObject({ code: 'NOT_REGISTERED' })
  const { peerId: other } = await createPeerKey()
  await expect(wallet.addKey(other)).rejects.toMatchObject({ code: 'NOT_REGISTERED' })
  const own = `/ip4/127.0.0.1/tcp/4001/p2p/${before.peerId}`
  expect(await wallet.register([own])).toBe('registered')
  expect(await wallet.register([own])).toBe('known')
  const keys = [before.peerId]
  expect(await wallet.show()).toMatchObject({
    registered: true,
    keys,
    addresses: [own],
    offer: null,
  })
  await wallet.addKey(other)
  expect((await wallet.show()).keys).toEqual([before.peerId, other])
  await wallet.revokeKey(before.peerId)
  expect((await wallet.show()).keys).toEqual([other])
  await expect(wallet.revokeKey(before.peerId)).rejects.toMatchObject({ code: 'KEY_UNKNOWN' })
  await wallet.announce([])
  expect((await wallet.show()).addresses).toEqual([])
  expect(await wallet.register([])).toBe('added')
})

test('A2 a key that was revoked opens nothing, neither with a peer nor on chain', async () => {
  const owner = await startParty(1)
  const viewer = await startParty(2)
  const { users, address } = viewer.party
  const key = publicKeyOfPeer(viewer.target.peerId) as Uint8Array
  await users.register(key, '', viewer.party.fresh())
  const video = await owner.publish({ title: 'for listed keys', count: 2 })
  await (await viewer.buy(video, owner.target)).close()
  await users.revokeKey(key, viewer.party.fresh())
  const terms = {
    ...{ bid: 1000n, hash: video.directory, format: '720p', asset: ETHER },
    ...{ to: owner.target.peerId, payee: owner.party.address, duration: video.duration },
    segmentSeconds: 2,
  }
  const plan = { kind: 'content', peer: owner.target, rail: 'check', terms } as const
  const refused = await agree(viewer.bidder, plan)
  expect(!refused.ok && refused.error.code).toBe('KEY_NOT_LISTED')
  // The payee may be careless: the contract is not.
  const expiration = Math.ceil(Date.now() / 1000) + 3600
  const nonce = await users.nonceOf(address)
  const bid = { ...terms, nonce, expiration, key: viewer.target.peerId }
  const signed = signBid(bid, viewer.signers)
  const open = owner.party.exchange.open(chainBid(bid), signed.walletSignature, owner.party.fresh())
  await expect(open).rejects.toMatchObject({
    code: 'TX_REVERTED',
    meta: { reason: "key is not the wallet's" },
  })
})

test('A5 a registration is not offered to a wallet that cannot pay for it', async () => {
  const poor = await openWallet(6, randomBytes(32))
  const { offer } = await poor.show()
  expect(offer).toMatchObject({ canPay: false, balanceWei: 0n })
  expect(offer?.costWei).toBeGreaterThan(0n)
  await expect(poor.register([])).rejects.toMatchObject({ code: 'WALLET_UNDERFUNDED' })
  expect(await poor.show()).toMatchObject({ registered: false, keys: [] })
})

interface Publisher {
  readonly uploads: readonly { readonly state: string }[]
}
interface Viewer {
  readonly views: readonly { readonly state: string; readonly source: string }[]
}

test('A3 A21 a film found in the registry is watched at the address its owner published on chain', async () => {
  const publisher = await startMediaNode(chain, 8, {
    roles: ['publisher'],
    publisher: {
      ...{ profiles: ['144p'], register: true },
      videos: [{ title: 'On chain', input: FILM, price: '8gwei' }],
    },
  })
  const { address, peerId } = publisher.identity()
  const upload = async () => (await partOf<Publisher>(publisher, 'publisher')).uploads[0]
  await expect.poll(async () => (await upload())?.state, POLL).toBe('published')
  const { users } = await chain.party(4)
  const key = publicKeyOfPeer(peerId) as Uint8Array
  const isListed = async () => users.isKeyOf(address as `0x${string}`, key)
  await expect.poll(isListed, POLL).toBe(true)
  // It has neither a peer to join by nor an agent.
  const viewer = await startMediaNode(chain, 9, {
    roles: ['viewer'],
    viewer: { videos: [{ video: 'On chain', maxPrice: '8gwei' }] },
  })
  const view = async () => (await partOf<Viewer>(viewer, 'viewer')).views[0]
  await expect.poll(async () => (await view())?.state, POLL).toBe('done')
  expect((await view())?.source).toBe('registry')
}, 120_000)

test('what a wallet says of itself is read with care', () => {
  const address = `/ip4/10.0.0.1/tcp/4001/p2p/12D3KooW${'A'.repeat(44)}`
  expect(parseMetadata(metadataText({ addresses: [address, 'nowhere'] }))).toEqual({
    addresses: [address],
  })
  const nothing = { addresses: [] }
  const strange = ['', '{', 'null', '[]', '{"addresses":1}', '{"addresses":[1]}']
  for (const text of strange) expect(parseMetadata(text)).toEqual(nothing)
  const long = JSON.stringify({ addresses: Array.from({ length: 90 }, () => address) })
  expect(parseMetadata(long)).toEqual(nothing)
  const many = { addresses: Array.from({ length: 17 }, () => address) }
  expect(parseMetadata(metadataText(many)).addresses).toHaveLength(16)
})
