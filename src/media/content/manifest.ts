import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { bytesEqual } from '../../lib/bytes.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { type Cid, digestOfCid } from './cid.ts'
import { contentLimits } from './limits.ts'

/** The segments of one format, in their order. */
export type TableOfContents = readonly Cid[]

/** The table of contents of each format. */
export type VideoDirectory = ReadonlyMap<string, Cid>

/** A table of contents as a block: dag-cbor, a list of links. */
export function encodeToc(toc: TableOfContents): Uint8Array {
  return dagCbor.encode(toc.map((cid) => CID.parse(cid)))
}

/** Reads a table of contents from the network. */
export function parseToc(bytes: Uint8Array): Result<TableOfContents, 'MALFORMED'> {
  const links = decode(bytes)
  if (!Array.isArray(links) || links.length === 0) return err('MALFORMED')
  if (links.length > contentLimits.maxSegments) return err('MALFORMED')
  const cids: Cid[] = []
  for (const link of links as unknown[]) {
    const cid = CID.asCID(link)?.toString()
    if (cid === undefined || digestOfCid(cid, 'raw') === null) return err('MALFORMED')
    cids.push(cid)
  }
  return isCanonical(bytes, encodeToc(cids)) ? ok(cids) : err('MALFORMED')
}

/** A directory as a block: dag-cbor, a map from format to link; the same in whatever order it came. */
export function encodeDirectory(directory: VideoDirectory): Uint8Array {
  const links = [...directory].map(([format, cid]) => [format, CID.parse(cid)] as const)
  return dagCbor.encode(Object.fromEntries(links))
}

/** Reads a directory from the network. */
export function parseDirectory(bytes: Uint8Array): Result<VideoDirectory, 'MALFORMED'> {
  const value = decode(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return err('MALFORMED')
  const entries = Object.entries(value as Record<string, unknown>)
  if (entries.length === 0 || entries.length > contentLimits.maxFormats) return err('MALFORMED')
  const directory = new Map<string, Cid>()
  for (const [format, link] of entries) {
    const cid = CID.asCID(link)?.toString()
    if (cid === undefined || digestOfCid(cid, 'dag-cbor') === null) return err('MALFORMED')
    if (format.length === 0 || format.length > contentLimits.maxFormatLength) {
      return err('MALFORMED')
    }
    directory.set(format, cid)
  }
  return isCanonical(bytes, encodeDirectory(directory)) ? ok(directory) : err('MALFORMED')
}

function decode(bytes: Uint8Array): unknown {
  if (bytes.byteLength > contentLimits.maxManifestBytes) return null
  try {
    return dagCbor.decode(bytes)
  } catch {
    return null
  }
}

/** One content has one form, so that it has one hash. */
function isCanonical(given: Uint8Array, own: Uint8Array): boolean {
  return bytesEqual(given, own)
}
