import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peerIdFromString } from '@libp2p/peer-id'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromHex, utf8 } from '../../../src/lib/bytes.ts'
import { addressBytes } from '../../../src/lib/crypto/address.ts'
import { createWalletSigner } from '../../../src/lib/crypto/eip191.ts'
import {
  bindingWalletText,
  createBinding,
  parseBinding,
  verifyBinding,
} from '../../../src/net/identity.ts'
import {
  createPeerKey,
  isPeerId,
  loadPeerKey,
  peerKeyFromSeed,
  signWithPeerKey,
  verifyPeerSignature,
} from '../../../src/net/peer-key.ts'

const DOMAIN = { chainId: 31_337n }
const peer = await peerKeyFromSeed(new Uint8Array(32).fill(7))
const stranger = await createPeerKey()
const wallet = createWalletSigner(fromHex('11'.repeat(32)))
const otherWallet = createWalletSigner(fromHex('22'.repeat(32)))
const binding = createBinding(peer, wallet, DOMAIN)

describe('a binding', () => {
  test('verifies where it was made', () => {
    expect(verifyBinding(binding, DOMAIN)).toEqual({ ok: true, value: binding })
  })

  test('survives the wire', () => {
    const parsed = parseBinding({ ...binding, address: addressBytes(wallet.address) })
    expect(parsed).toEqual({ ok: true, value: binding })
  })

  test('does not hold on another chain', () => {
    expect(verifyBinding(binding, { chainId: 1n })).toEqual({
      ok: false,
      error: 'BAD_PEER_SIGNATURE',
    })
  })

  test('of a stranger peer to this wallet is refused', () => {
    const claimed = {
      ...createBinding(stranger, wallet, DOMAIN),
      walletSignature: binding.walletSignature,
    }
    expect(verifyBinding(claimed, DOMAIN)).toEqual({ ok: false, error: 'BAD_WALLET_SIGNATURE' })
    const forged = { ...binding, peerId: stranger.peerId }
    expect(verifyBinding(forged, DOMAIN)).toEqual({ ok: false, error: 'BAD_PEER_SIGNATURE' })
  })

  test('of this peer to a stranger wallet is refused', () => {
    const claimed = {
      ...createBinding(peer, otherWallet, DOMAIN),
      walletSignature: binding.walletSignature,
    }
    expect(verifyBinding(claimed, DOMAIN)).toEqual({ ok: false, error: 'BAD_WALLET_SIGNATURE' })
    const forged = { ...binding, address: otherWallet.address }
    expect(verifyBinding(forged, DOMAIN)).toEqual({ ok: false, error: 'BAD_PEER_SIGNATURE' })
  })

  test('shows the wallet what it signs', () => {
    const text = bindingWalletText(peer.peerId, wallet.address, DOMAIN)
    expect(text).toContain(peer.peerId)
    expect(text).toContain(wallet.address)
    expect(text).toContain('31337')
  })

  test.each([
    ['MALFORMED_PEER_ID', { peerId: 'nobody' }],
    ['MALFORMED_PEER_ID', { peerId: 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N' }],
    ['MALFORMED_ADDRESS', { address: new Uint8Array(19) }],
    ['MALFORMED_SIGNATURE', { peerSignature: new Uint8Array(63) }],
    ['MALFORMED_SIGNATURE', { walletSignature: new Uint8Array(64) }],
  ])('with a malformed part is refused as %s', (error, part) => {
    const parts = { ...binding, address: addressBytes(wallet.address), ...part }
    expect(parseBinding(parts)).toEqual({ ok: false, error })
  })
})

describe('a peer signature', () => {
  const bytes = utf8('millrace/test/1\nhello')
  const signature = signWithPeerKey(peer, bytes)

  test('is verified by the peer id alone', () => {
    expect(verifyPeerSignature(peer.peerId, bytes, signature)).toBe(true)
    expect(verifyPeerSignature(stranger.peerId, bytes, signature)).toBe(false)
    expect(verifyPeerSignature(peer.peerId, utf8('millrace/test/1\nhellp'), signature)).toBe(false)
  })

  test('of a wrong length or a wrong name is false, not an error', () => {
    expect(verifyPeerSignature(peer.peerId, bytes, signature.subarray(1))).toBe(false)
    expect(verifyPeerSignature('', bytes, signature)).toBe(false)
    expect(verifyPeerSignature(`${peer.peerId} `, bytes, signature)).toBe(false)
  })

  test('a peer id has one spelling', () => {
    expect(isPeerId(peer.peerId)).toBe(true)
    const asCid = peerIdFromString(peer.peerId).toCID().toString()
    expect(peerIdFromString(asCid).toString()).toBe(peer.peerId)
    expect(isPeerId(asCid)).toBe(false)
  })
})

describe('a peer key file', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-key-'))
  })
  afterAll(async () => rm(directory, { recursive: true, force: true }))

  test('is made once, for its owner alone, and read again', async () => {
    const file = join(directory, 'deep', 'peer.key')
    const both = await Promise.all([loadPeerKey(file), loadPeerKey(file)])
    expect(both[0].peerId).toBe(both[1].peerId)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await loadPeerKey(file)).peerId).toBe(both[0].peerId)
  })

  test('that others may read is refused with what to do', async () => {
    const file = join(directory, 'open.key')
    await loadPeerKey(file)
    await chmod(file, 0o644)
    await expect(loadPeerKey(file)).rejects.toMatchObject({
      code: 'INVALID_PEER_KEY',
      hint: `chmod 600 ${file}`,
    })
  })

  test('with other content is refused and left alone', async () => {
    const file = join(directory, 'junk.key')
    await writeFile(file, 'junk', { mode: 0o600 })
    await expect(loadPeerKey(file)).rejects.toMatchObject({ code: 'INVALID_PEER_KEY' })
    expect(await readFile(file, 'utf8')).toBe('junk')
  })
})
