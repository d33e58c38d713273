import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { utf8 } from '../../../src/lib/bytes.ts'
import { createBlockStore } from '../../../src/media/content/block-store.ts'
import { cidOf, cidOfDigest, digestOfCid, isContentOf } from '../../../src/media/content/cid.ts'
import { contentLimits } from '../../../src/media/content/limits.ts'
import {
  encodeDirectory,
  encodeToc,
  parseDirectory,
  parseToc,
} from '../../../src/media/content/manifest.ts'

const cids = ['one', 'two', 'three'].map((text) => cidOf(utf8(text), 'raw'))

describe('CIDs', () => {
  test('have one spelling, and hold the hash the chain knows', () => {
    // sha256 of "one", base32, raw: as any other implementation would write it.
    expect(cids[0]).toBe('bafkreidwslb22nkaxoadyaqlhlxgntmiq4jdenhkbrxhcq6avxlt75br5u')
    const digest = digestOfCid(cids[0] as string, 'raw')
    expect(digest === null ? null : cidOfDigest(digest, 'raw')).toBe(cids[0])
    expect(digestOfCid(cids[0] as string, 'dag-cbor')).toBeNull()
    expect(digestOfCid((cids[0] as string).toUpperCase(), 'raw')).toBeNull()
    expect(digestOfCid('QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG', 'raw')).toBeNull()
    expect(isContentOf(cids[0] as string, utf8('one'))).toBe(true)
    expect(isContentOf(cids[0] as string, utf8('two'))).toBe(false)
  })
})

describe('manifests', () => {
  test('A7 a table of contents keeps the order of its segments, and another has another hash', () => {
    const bytes = encodeToc(cids)
    expect(bytes.byteLength).toBe(1 + 41 * cids.length)
    expect(parseToc(bytes)).toEqual({ ok: true, value: cids })
    const reordered = encodeToc([...cids].reverse())
    expect(cidOf(reordered, 'dag-cbor')).not.toBe(cidOf(bytes, 'dag-cbor'))
  })

  test('A8 a directory is the same in whatever order its formats came', () => {
    const toc = cidOf(encodeToc(cids), 'dag-cbor')
    const one = encodeDirectory(
      new Map([
        ['720p', toc],
        ['1080p', toc],
        ['b', toc],
      ]),
    )
    const other = encodeDirectory(
      new Map([
        ['b', toc],
        ['1080p', toc],
        ['720p', toc],
      ]),
    )
    expect(one).toEqual(other)
    const parsed = parseDirectory(one)
    expect(parsed.ok && [...parsed.value.keys()].sort()).toEqual(['1080p', '720p', 'b'])
  })

  test('what is not canonical, or links to something else, is refused', () => {
    const toc = encodeToc(cids)
    expect(parseToc(Uint8Array.of(...toc, 0)).ok).toBe(false)
    expect(parseToc(encodeToc([])).ok).toBe(false)
    expect(parseToc(encodeToc([cidOf(toc, 'dag-cbor')])).ok).toBe(false)
    expect(parseToc(utf8('nonsense')).ok).toBe(false)
    expect(parseDirectory(toc).ok).toBe(false)
    expect(parseDirectory(encodeDirectory(new Map([['a', cids[0] as string]]))).ok).toBe(false)
    expect(parseDirectory(encodeDirectory(new Map())).ok).toBe(false)
  })

  test('a limit is what still passes', () => {
    const cid = cids[0] as string
    const most = Array.from({ length: contentLimits.maxSegments }, () => cid)
    expect(parseToc(encodeToc(most)).ok).toBe(true)
    expect(parseToc(encodeToc([...most, cid])).ok).toBe(false)
    const toc = cidOf(encodeToc(cids), 'dag-cbor')
    const formats = Array.from(
      { length: contentLimits.maxFormats },
      (_, i) => [`${i}`, toc] as const,
    )
    expect(parseDirectory(encodeDirectory(new Map(formats))).ok).toBe(true)
    expect(parseDirectory(encodeDirectory(new Map([...formats, ['more', toc]]))).ok).toBe(false)
  })
})

test('blocks are kept as they were, and what changed on disk is not given out', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-blocks-'))
  onTestFinished(async () => rm(directory, { recursive: true, force: true }))
  const blocks = createBlockStore({ directory })
  const cid = await blocks.put(utf8('segment'), 'raw')
  expect(await blocks.put(utf8('segment'), 'raw')).toBe(cid)
  expect(await blocks.get(cid)).toEqual(Buffer.from('segment'))
  expect(await blocks.has(cid)).toBe(true)
  expect(await blocks.get(cids[1] as string)).toBeUndefined()
  expect(await blocks.get('../../etc/passwd')).toBeUndefined()
  await writeFile(blocks.path(cid), 'changed')
  expect(await blocks.get(cid)).toBeUndefined()
  const large = new Uint8Array(contentLimits.maxBlockBytes + 1)
  await expect(blocks.put(large, 'raw')).rejects.toThrow('too large')
})
