import pLimit from 'p-limit'
import type { RegisteredVideo, VideoRegistry } from '../chain/video-registry.ts'
import type { Catalog, Defence } from '../exchange/content-catalog.ts'
import type { AbortOptions } from '../lib/abort.ts'
import { concatBytes, toHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { asError, MillraceError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { Result } from '../lib/result.ts'
import type { Wei } from '../lib/wei.ts'
import type { BlockStore } from '../media/content/block-store.ts'
import { type Cid, digestOfCid } from '../media/content/cid.ts'
import { encodeDirectory, encodeToc } from '../media/content/manifest.ts'

/** One segment of a file that is published. */
export interface UploadSegment {
  readonly seq: number
  readonly data: Uint8Array
  readonly durationMs: number
}

/** What came of one segment, in each format. */
export type Transcoded = Result<
  {
    readonly renditions: readonly {
      readonly name: string
      readonly data: readonly Uint8Array[]
    }[]
  },
  { readonly code: string; readonly detail: string }
>

/** What publishing works with. */
export interface PublisherComponents {
  readonly blocks: BlockStore
  readonly catalog: Catalog
  readonly registry: Pick<VideoRegistry, 'register' | 'videoOf'>
  readonly logger: Logger
  /** Has a segment made into all formats: bought on the market, or done here. */
  transcode(segment: UploadSegment, options: AbortOptions): Promise<Transcoded>
}

/** What is published, and on what terms. */
export interface PublishInit {
  readonly title: string
  /** Wei a second; null for a video that is only shown to those who are paid. */
  readonly ask: Wei | null
  readonly segmentSeconds: number
  readonly formats: readonly string[]
  /** Ed25519 key of the owner, 32 bytes. */
  readonly owner: Uint8Array
  readonly payee: Address
  readonly defence: Defence
  /** Segments worked at once. */
  readonly maxInFlight: number
}

/**
 * Publishes a file: each segment transcoded, kept as one block a format, listed, registered on
 * chain and put into the catalog, from where it is served.
 *
 * @throws `PUBLISH_FAILED` when a segment cannot be made or the video is somebody else's
 */
export async function publishVideo(
  components: PublisherComponents,
  source: AsyncIterable<UploadSegment>,
  init: PublishInit,
  options: AbortOptions = {},
): Promise<RegisteredVideo> {
  const { blocks, catalog, registry, logger } = components
  const upload = await storeSegments(components, source, init, options)
  const directory = new Map<string, Cid>()
  for (const [format, cids] of upload.formats) {
    directory.set(format, await blocks.put(encodeToc(cids), 'dag-cbor'))
  }
  const root = await blocks.put(encodeDirectory(directory), 'dag-cbor')
  const digest = digestOfCid(root, 'dag-cbor') as Uint8Array
  const { title, ask, segmentSeconds, formats, owner, payee, defence } = init
  const video: RegisteredVideo = {
    ...{ directory: digest, owner, payee, title, formats },
    duration: wholeSeconds(upload.durationMs, upload.count, segmentSeconds),
    segment: { length: segmentSeconds, size: upload.largestBytes },
  }
  const name = toHex(digest)
  await registry.register(video, { id: `video/${name}`, ...options }).catch(async (cause) => {
    const known = await registry.videoOf(digest, options)
    if (known !== undefined && toHex(known.owner) === toHex(owner)) return
    const why =
      known === undefined
        ? 'the video was not registered'
        : 'somebody else has registered the very same video'
    throw new MillraceError('PUBLISH_FAILED', why, { cause })
  })
  const { duration } = video
  await catalog.put({ video: name, title, ask, duration, segmentSeconds, formats, defence })
  logger.info({ video: name, title, segments: upload.count }, 'video published')
  return video
}

interface Upload {
  readonly formats: ReadonlyMap<string, readonly Cid[]>
  readonly count: number
  readonly durationMs: number
  readonly largestBytes: number
}

async function storeSegments(
  components: PublisherComponents,
  source: AsyncIterable<UploadSegment>,
  { formats, maxInFlight }: PublishInit,
  { signal }: AbortOptions,
): Promise<Upload> {
  const slots = pLimit(maxInFlight)
  const controller = new AbortController()
  const bounded =
    signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal])
  const cids = new Map(formats.map((format) => [format, [] as Cid[]]))
  const underWay = new Set<Promise<void>>()
  let [count, durationMs, largestBytes] = [0, 0, 0]
  let failure: unknown
  const store = async (segment: UploadSegment, index: number): Promise<void> => {
    const made = await components.transcode(segment, { signal: bounded })
    if (!made.ok) {
      const { code, detail } = made.error
      throw new MillraceError('PUBLISH_FAILED', `segment ${index}: ${code}`, { hint: detail })
    }
    for (const format of formats) {
      const rendition = made.value.renditions.find(({ name }) => name === format)
      if (rendition === undefined) {
        throw new MillraceError('PUBLISH_FAILED', `segment ${index} lacks ${format}`)
      }
      const bytes = concatBytes(...rendition.data)
      largestBytes = Math.max(largestBytes, bytes.byteLength)
      const list = cids.get(format) as Cid[]
      list[index] = await components.blocks.put(bytes, 'raw')
    }
  }
  for await (const segment of source) {
    if (failure !== undefined) break
    const index = count
    count += 1
    durationMs += segment.durationMs
    const running = slots(async () => store(segment, index)).catch((error: unknown) => {
      failure ??= error
      controller.abort(error)
    })
    underWay.add(running)
    void running.finally(() => underWay.delete(running))
    while (slots.pendingCount > 0) await Promise.race(underWay)
  }
  await Promise.all(underWay)
  if (failure !== undefined) throw asError(failure)
  if (count === 0) throw new MillraceError('PUBLISH_FAILED', 'there is no segment to publish')
  return { formats: cids, count, durationMs, largestBytes }
}

/** Whole seconds, so that every segment but the last has its full length on paper. */
function wholeSeconds(durationMs: number, count: number, segmentSeconds: number): number {
  const least = (count - 1) * segmentSeconds + 1
  return Math.min(Math.max(Math.ceil(durationMs / 1000), least), count * segmentSeconds)
}
