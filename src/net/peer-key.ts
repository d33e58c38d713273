import { createPublicKey, type KeyObject, randomUUID, verify } from 'node:crypto'
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  generateKeyPair,
  generateKeyPairFromSeed,
  privateKeyFromProtobuf,
  privateKeyToProtobuf,
  publicKeyFromRaw,
} from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey, peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import { asError } from '../lib/errors.ts'
import { netError } from './errors.ts'

/** The Ed25519 key that names a node on the network. */
export interface PeerKey {
  /** The name derived from the public key, which it contains. */
  readonly peerId: string
  /** For the host alone. */
  readonly privateKey: Ed25519PrivateKey
}

/** A fresh random key. */
export async function createPeerKey(): Promise<PeerKey> {
  return wrap(await generateKeyPair('Ed25519'))
}

/** The key of a 32-byte seed; the same seed gives the same peer id. */
export async function peerKeyFromSeed(seed: Uint8Array): Promise<PeerKey> {
  return wrap(await generateKeyPairFromSeed('Ed25519', seed))
}

/**
 * The key in a file, which is created for its owner alone when it is missing.
 *
 * Of two processes that create it at once, one wins and both get that key.
 *
 * @throws INVALID_PEER_KEY when the file holds no Ed25519 key, or others may read it
 */
export async function loadPeerKey(file: string): Promise<PeerKey> {
  const existing = await read(file)
  if (existing !== null) return existing
  await create(file)
  const created = await read(file)
  if (created === null)
    throw netError('INVALID_PEER_KEY', 'the peer key vanished', { meta: { file } })
  return created
}

/** Signs with a peer key. The bytes must begin with a domain of their own; see the wire contracts. */
export function signWithPeerKey(key: PeerKey, bytes: Uint8Array): Uint8Array {
  const signature = key.privateKey.sign(bytes)
  if (signature instanceof Promise) throw new TypeError('Ed25519 signs synchronously')
  return signature
}

/**
 * Whether the peer's key signed the bytes. The key is read out of the peer id, so nothing else is
 * needed; a peer id of another kind of key, or in another spelling than its own, verifies nothing.
 */
export function verifyPeerSignature(
  peerId: string,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  return peerVerifier(peerId)(bytes, signature)
}

/** Whether a signature over bytes is that of one peer. */
export type PeerVerifier = (bytes: Uint8Array, signature: Uint8Array) => boolean

/**
 * {@link verifyPeerSignature} for several signatures of one peer: reading the key takes as long as
 * verifying does, and is done once.
 */
export function peerVerifier(peerId: string): PeerVerifier {
  let key: KeyObject | null | undefined
  return (bytes, signature) => {
    if (signature.byteLength !== 64) return false
    if (key === undefined) key = keyOf(peerId)
    return key !== null && verify(null, bytes, key, signature)
  }
}

function keyOf(peerId: string): KeyObject | null {
  const raw = publicKeyOfPeer(peerId)
  if (raw === null) return null
  try {
    const key = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') }
    return createPublicKey({ key, format: 'jwk' })
  } catch {
    return null
  }
}

/** Whether the text is an Ed25519 peer id in its one spelling. */
export function isPeerId(text: string): boolean {
  try {
    const parsed = peerIdFromString(text)
    return parsed.type === 'Ed25519' && parsed.toString() === text
  } catch {
    return false
  }
}

/** The 32-byte Ed25519 key that a peer id holds; null when it holds none. */
export function publicKeyOfPeer(peerId: string): Uint8Array | null {
  try {
    const parsed = peerIdFromString(peerId)
    const isOwnSpelling = parsed.type === 'Ed25519' && parsed.toString() === peerId
    return isOwnSpelling ? parsed.publicKey.raw : null
  } catch {
    return null
  }
}

/** The peer id of a 32-byte Ed25519 key; null when the bytes are none. */
export function peerIdOfPublicKey(key: Uint8Array): string | null {
  if (key.byteLength !== 32) return null
  try {
    return peerIdFromPublicKey(publicKeyFromRaw(key)).toString()
  } catch {
    return null
  }
}

function wrap(privateKey: Ed25519PrivateKey): PeerKey {
  return { peerId: peerIdFromPrivateKey(privateKey).toString(), privateKey }
}

async function read(file: string): Promise<PeerKey | null> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch (error) {
    if ((asError(error) as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw netError('INVALID_PEER_KEY', 'the peer key cannot be read', {
      cause: error,
      meta: { file },
    })
  }
  const { mode } = await stat(file)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw netError('INVALID_PEER_KEY', 'the peer key can be read by others', {
      hint: `chmod 600 ${file}`,
      meta: { file },
    })
  }
  try {
    const key = privateKeyFromProtobuf(bytes)
    if (key.type === 'Ed25519') return wrap(key)
  } catch {
    // Said below, without the content.
  }
  throw netError('INVALID_PEER_KEY', 'the file holds no Ed25519 peer key', { meta: { file } })
}

async function create(file: string): Promise<void> {
  const { privateKey } = await createPeerKey()
  const draft = `${file}.${randomUUID()}`
  await mkdir(dirname(file), { recursive: true })
  await writeFile(draft, privateKeyToProtobuf(privateKey), { mode: 0o600, flag: 'wx' })
  try {
    await chmod(draft, 0o600)
    // A link either makes the whole file appear or fails because another process was first.
    await link(draft, file)
  } catch (error) {
    if ((asError(error) as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
}
