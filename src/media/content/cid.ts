import { createHash } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create as createDigest } from 'multiformats/hashes/digest'
import { bytesEqual } from '../../lib/bytes.ts'

/** Name of the hash in a CID. */
const SHA2_256 = 0x12

/** A content identifier as text: CIDv1, base32, sha2-256; `raw` or `dag-cbor`. */
export type Cid = string

/** Which bytes a CID stands for: those of a segment, or those of a manifest. */
export type CidCodec = 'raw' | 'dag-cbor'

const CODES = { raw: raw.code, 'dag-cbor': dagCbor.code } as const

/** The CID of some bytes. */
export function cidOf(bytes: Uint8Array, codec: CidCodec): Cid {
  return cidOfDigest(createHash('sha256').update(bytes).digest(), codec)
}

/** The CID of bytes whose sha256 is known. */
export function cidOfDigest(digest: Uint8Array, codec: CidCodec): Cid {
  return CID.createV1(CODES[codec], createDigest(SHA2_256, Uint8Array.from(digest))).toString()
}

/** The sha256 in a CID of the given kind; null when the text is no such CID in its one spelling. */
export function digestOfCid(text: string, codec: CidCodec): Uint8Array | null {
  try {
    const cid = CID.parse(text)
    const { code, digest } = cid.multihash
    if (cid.version !== 1 || cid.code !== CODES[codec] || code !== SHA2_256) return null
    return digest.byteLength === 32 && cid.toString() === text ? digest : null
  } catch {
    return null
  }
}

/** Whether bytes are what a CID of either kind stands for. */
export function isContentOf(text: Cid, bytes: Uint8Array): boolean {
  const digest = digestOfCid(text, 'raw') ?? digestOfCid(text, 'dag-cbor')
  return digest !== null && bytesEqual(digest, createHash('sha256').update(bytes).digest())
}
