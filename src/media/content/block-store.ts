import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { asError, MillraceError } from '../../lib/errors.ts'
import { type Cid, type CidCodec, cidOf, digestOfCid, isContentOf } from './cid.ts'
import { contentLimits } from './limits.ts'

/**
 * Blocks by their CID, one file each. It serves nobody: who is given a block is decided above.
 *
 * Invariant: a file is there as a whole or not at all.
 */
export interface BlockStore {
  /** Keeps a block and gives its CID. @throws `BLOCK_TOO_LARGE` */
  put(bytes: Uint8Array, codec: CidCodec): Promise<Cid>
  /** A block, if it is here and still what its CID says. */
  get(cid: Cid): Promise<Uint8Array | undefined>
  has(cid: Cid): Promise<boolean>
  /** Forgets a block; one that is not here is none. */
  remove(cid: Cid): Promise<void>
  /** The file that holds a block; it may not exist. */
  path(cid: Cid): string
}

/** A block store in a directory, made when it is first written to. */
export function createBlockStore(init: { readonly directory: string }): BlockStore {
  const folderOf = (cid: Cid): string => join(init.directory, cid.slice(-3, -1))
  const path = (cid: Cid): string => join(folderOf(cid), cid)
  const known = (cid: Cid): boolean =>
    digestOfCid(cid, 'raw') !== null || digestOfCid(cid, 'dag-cbor') !== null
  return {
    path,
    async put(bytes, codec) {
      if (bytes.byteLength > contentLimits.maxBlockBytes) {
        throw new MillraceError('BLOCK_TOO_LARGE', 'a block is too large to keep', {
          meta: { sizeBytes: bytes.byteLength, maxBytes: contentLimits.maxBlockBytes },
        })
      }
      const cid = cidOf(bytes, codec)
      await mkdir(folderOf(cid), { recursive: true })
      const draft = `${path(cid)}.${randomUUID()}`
      try {
        await writeFile(draft, bytes, { flush: true })
        await rename(draft, path(cid))
      } finally {
        await rm(draft, { force: true })
      }
      return cid
    },
    async get(cid) {
      if (!known(cid)) return undefined
      try {
        const bytes = await readFile(path(cid))
        return isContentOf(cid, bytes) ? bytes : undefined
      } catch (error) {
        if ((asError(error) as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    async remove(cid) {
      if (known(cid)) await rm(path(cid), { force: true })
    },
    async has(cid) {
      if (!known(cid)) return false
      return stat(path(cid)).then(
        (found) => found.isFile(),
        () => false,
      )
    },
  }
}
