import type { AbortOptions } from '../lib/abort.ts'
import { fromHex } from '../lib/bytes.ts'
import type { Wei } from '../lib/wei.ts'
import type { BlockStore } from '../media/content/block-store.ts'
import { type Cid, cidOfDigest } from '../media/content/cid.ts'
import { parseDirectory, parseToc } from '../media/content/manifest.ts'
import { versionedCodec } from '../store/codec.ts'
import type { Store, Table } from '../store/store.ts'

/** Where blocks come from: the own store, or a host's. */
export interface BlockSource {
  get(cid: Cid, options?: AbortOptions): Promise<Uint8Array | undefined>
}

/** How much of a video its owner keeps back, so that no buyer ever holds all of it. */
export type Defence =
  | { readonly type: 'none' }
  | { readonly type: 'last' }
  | { readonly type: 'random'; readonly count: number }

/** A video of this node. */
export interface CatalogEntry {
  /** Hex of the directory's sha256. */
  readonly video: string
  readonly title: string
  /** Wei a second asked of viewers; null when it is not for sale. */
  readonly ask: Wei | null
  /** Whole seconds. */
  readonly duration: number
  readonly segmentSeconds: number
  readonly formats: readonly string[]
  readonly defence: Defence
  /** What is kept back, once it was chosen: the same for every buyer. */
  readonly withheld?: readonly number[]
}

/** The videos of this node, and their manifests, which anyone may have. */
export interface Catalog {
  get(video: string): Promise<CatalogEntry | undefined>
  put(entry: CatalogEntry): Promise<void>
  list(): Promise<readonly CatalogEntry[]>
  /** The segments of one format; null when there is no such format here. */
  toc(video: string, format: string): Promise<readonly Cid[] | null>
  /** A directory or table of contents of a video in the catalog; never a segment. */
  manifest(cid: Cid): Promise<Uint8Array | undefined>
}

/** The catalog of a store. */
export function createCatalog({
  store,
  blocks,
}: {
  readonly store: Store
  readonly blocks: BlockStore
}): Catalog {
  const codec = versionedCodec<CatalogEntry>({
    name: 'catalog entry',
    version: 1,
    parse: (value) => value as CatalogEntry,
  })
  const table: Table<CatalogEntry> = store.table('catalog', codec)
  const directoryOf = async (video: string): Promise<ReadonlyMap<string, Cid> | null> => {
    const bytes = await blocks.get(cidOfDigest(fromHex(video), 'dag-cbor'))
    const directory = bytes === undefined ? null : parseDirectory(bytes)
    return directory?.ok === true ? directory.value : null
  }
  const list = async (): Promise<readonly CatalogEntry[]> => {
    const entries: CatalogEntry[] = []
    for await (const [, entry] of table.entries()) entries.push(entry)
    return entries
  }
  return {
    get: async (video) => table.get(video),
    put: async (entry) => table.put(entry.video, entry, { sync: true }),
    list,
    async toc(video, format) {
      const cid = (await directoryOf(video))?.get(format)
      const bytes = cid === undefined ? undefined : await blocks.get(cid)
      const toc = bytes === undefined ? null : parseToc(bytes)
      return toc?.ok === true ? toc.value : null
    },
    async manifest(cid) {
      for (const { video } of await list()) {
        const isDirectory = cidOfDigest(fromHex(video), 'dag-cbor') === cid
        const tocs = isDirectory ? [] : [...((await directoryOf(video))?.values() ?? [])]
        if (isDirectory || tocs.includes(cid)) return blocks.get(cid)
      }
      return undefined
    },
  }
}
