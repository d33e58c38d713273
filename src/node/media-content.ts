import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Prober } from '../exchange/work.ts'
import { isAbort } from '../lib/abort.ts'
import { messageOf } from '../lib/errors.ts'
import { err, ok } from '../lib/result.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { Wei } from '../lib/wei.ts'
import { cidOfDigest } from '../media/content/cid.ts'
import { createHlsPackager, type HlsPackager } from '../media/playlist.ts'
import type { Profile } from '../media/profile.ts'
import { segmentFile } from '../media/segmenter.ts'
import { createTranscodePool, type TranscodePool } from '../media/transcode-pool.ts'
import { publicKeyOfPeer } from '../net/peer-key.ts'
import { type PublisherComponents, publishVideo } from '../roles/publisher.ts'
import { type Viewing, watchVideo } from '../roles/viewer.ts'
import type { MarketAccess } from './build-broadcaster.ts'
import type { BuiltRole } from './built-role.ts'
import type { NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'
import { registerUser } from './media-discovery.ts'
import type { NodePlayer } from './media-face.ts'
import type { MediaParts } from './media-parts.ts'

type Transcode = PublisherComponents['transcode']
type UploadConfig = NodeConfig['publisher']['videos'][number]

interface Upload {
  readonly title: string
  state: 'working' | 'published' | 'failed'
  error?: string
  video?: string
  segments: number
}

/** The role that publishes files and sells them. */
export function buildPublisher(
  foundation: Foundation,
  config: NodeConfig,
  parts: MediaParts,
  market: MarketAccess | null,
): BuiltRole {
  const { logger } = foundation
  const own = config.publisher
  const profiles = own.profiles ?? market?.profiles ?? config.broadcaster.profiles
  // Without a market of its own the node does the work itself.
  const pool = market === null ? createTranscodePool(foundation, { workers: 1 }) : null
  const tasks = new TaskGroup(logger)
  const controller = new AbortController()
  const { signal } = controller
  const uploads: Upload[] = []
  const work = { foundation, config, parts, market, pool, profiles, signal }
  return {
    async start() {
      await pool?.start()
      if (own.register) tasks.run(async () => registerUser(foundation, parts))
      for (const init of own.videos) {
        const upload: Upload = { title: init.title, state: 'working', segments: 0 }
        uploads.push(upload)
        tasks.run(async () => {
          await publish(work, upload, init).catch((error: unknown) => {
            if (isAbort(error) || signal.aborted) return
            Object.assign(upload, { state: 'failed', error: messageOf(error) })
            logger.error({ err: error, title: init.title }, 'a video was not published')
          })
        })
      }
    },
    async stop() {
      controller.abort(new DOMException('the publisher is stopping', 'AbortError'))
      await tasks.drain()
      await pool?.stop()
    },
    complaints: async () =>
      uploads.flatMap(({ title, error }) => (error === undefined ? [] : [`${title}: ${error}`])),
    async status() {
      const sales: object[] = []
      for await (const [, order] of parts.bidder.table.entries()) {
        if (order.kind !== 'content' || order.side !== 'owner') continue
        const { channel, payer, rail, paid, balance, state } = order
        sales.push({ channel, payer, rail, paidWei: paid, segments: balance, state })
      }
      const catalog = await parts.catalog.list()
      return { uploads, catalog, sales, hosts: parts.hosted.hosts() }
    },
  }
}

/** What one upload works with. */
interface UploadWork {
  readonly foundation: Foundation
  readonly config: NodeConfig
  readonly parts: MediaParts
  readonly market: MarketAccess | null
  readonly pool: TranscodePool | null
  readonly profiles: readonly Profile[]
  readonly signal: AbortSignal
}

/** Publishes one file; one that was published before is only served. */
async function publish(
  { foundation, config, parts, market, pool, profiles, signal }: UploadWork,
  upload: Upload,
  init: UploadConfig,
): Promise<void> {
  const { logger, wallet, net } = foundation
  const own = config.publisher
  const { title, input: path, price, defence, maxDurationMs } = init
  const known = (await parts.catalog.list()).find((entry) => entry.title === title)
  if (known !== undefined) {
    Object.assign(upload, { state: 'published', video: nameOf(known.video), resumed: true })
    return
  }
  const worker = market === null ? null : transcoderOf(market, title)
  const segmentMs = own.segmentSeconds * 1000
  const source = segmentFile(
    { logger },
    { path, segmentMs, pace: 'fast', maxDurationMs },
    { signal },
  )
  const local: Transcode = async ({ data, durationMs }, options) => {
    const made = await pool?.transcode({ data: [data], durationMs, profiles }, options)
    if (made?.ok !== true) return err({ code: made?.error.code ?? 'NO_POOL', detail: path })
    const { renditions } = made.value
    return ok({
      renditions: renditions.map(({ profile: name, data: d }) => ({ name, data: [d] })),
    })
  }
  const transcode: Transcode = async (segment, options) => {
    const made = await (worker?.transcode ?? local)(segment, options)
    if (made.ok) upload.segments += 1
    return made
  }
  try {
    const video = await publishVideo(
      { ...parts, blocks: parts.hosted, registry: parts.videos, logger, transcode },
      source,
      {
        ...{ title, ask: price ?? null, segmentSeconds: own.segmentSeconds, defence },
        ...{ formats: profiles.map(({ name }) => name), maxInFlight: own.maxInFlight },
        ...{ owner: publicKeyOfPeer(net.host.peerId) as Uint8Array, payee: wallet.address },
      },
      { signal },
    )
    Object.assign(upload, { state: 'published', video: cidOfDigest(video.directory, 'dag-cbor') })
    await parts.agents.tell({ signal })
  } finally {
    await worker?.close()
  }
}

/** Has segments worked on the market, under orders of their own. */
function transcoderOf(
  { prober, createDispatcher }: MarketAccess,
  title: string,
): { readonly transcode: Transcode; close(): Promise<void> } {
  const name = createHash('sha256').update(title).digest('hex').slice(0, 16)
  const dispatcher = createDispatcher(`upload-${name}-${Date.now()}`)
  return {
    async transcode({ seq: sequence, data, durationMs }, options) {
      const { signal = new AbortController().signal } = options
      const probe = await prober.probe([data], { signal })
      if (!probe.ok) return err({ code: probe.error.code, detail: probe.error.message })
      const segment = { sequence, durationMs, data: [data], probe: probe.value }
      return dispatcher.dispatch(segment, { signal })
    },
    close: async () => dispatcher.close('over'),
  }
}

interface View {
  readonly name: string
  readonly video: string
  state: 'looking' | 'watching' | 'done' | 'failed'
  segments: number
  bytes: number
  paidWei: Wei
  priceWei?: Wei
  total?: number
  title?: string
  source?: string
  error?: string
}

/** The role that buys videos and plays them. */
export function buildViewer(
  foundation: Foundation,
  config: NodeConfig,
  parts: MediaParts,
): BuiltRole & { readonly player: NodePlayer } {
  const { logger, chain } = foundation
  const prober = createTranscodePool(foundation, { workers: 1, backend: 'node-av' })
  const tasks = new TaskGroup(logger)
  const controller = new AbortController()
  const { signal } = controller
  const views: View[] = []
  const packagers = new Map<string, HlsPackager>()
  const watch = async (view: View, init: NodeConfig['viewer']['videos'][number]): Promise<void> => {
    const components = {
      ...parts.bidder,
      ...{ blocks: parts.blocks, logger, registry: parts.videos },
      blockNumber: async () => chain.client.blockNumber(),
      agent: parts.agents.videos,
      addressesOf: parts.addressesOf,
    }
    const watched = await watchVideo(
      components,
      { ...init, rails: config.paying.rails },
      async ({ index, data, paid }, viewing) => {
        const { price: priceWei, segments: total, source, video } = viewing
        const [segments, bytes] = [view.segments + 1, view.bytes + data.byteLength]
        const progress = { state: 'watching', segments, bytes, paidWei: paid } as const
        Object.assign(view, { ...progress, priceWei, total, source, title: video.title })
        await show({ view, viewing, index, data, prober, packagers, foundation, config, signal })
      },
      { signal },
    )
    await packagers.get(view.name)?.end()
    if (!watched.ok) throw new Error(`${watched.error.code}: ${watched.error.detail}`)
    view.state = 'done'
    view.paidWei = watched.value.paid
  }
  return {
    player: playerOf(packagers),
    async start() {
      await prober.start()
      for (const [index, init] of config.viewer.videos.entries()) {
        const name = `watch-${index + 1}`
        const view: View = {
          ...{ name, video: init.video, state: 'looking', segments: 0, bytes: 0, paidWei: 0n },
        }
        views.push(view)
        tasks.run(async () => {
          await watch(view, init).catch((error: unknown) => {
            if (signal.aborted) return
            Object.assign(view, { state: 'failed', error: messageOf(error) })
            logger.error({ err: error, video: init.video }, 'a video was not watched to its end')
          })
        })
      }
    },
    async stop() {
      controller.abort(new DOMException('the viewer is stopping', 'AbortError'))
      await tasks.drain()
      await prober.stop()
    },
    complaints: async () =>
      views.flatMap(({ video, error }) => (error === undefined ? [] : [`${video}: ${error}`])),
    status: async () => ({
      views: views.map((view) => ({ ...view, master: `/stream/${view.name}.m3u8` })),
    }),
  }
}

/** What players meet of the videos being watched. */
function playerOf(packagers: ReadonlyMap<string, HlsPackager>): NodePlayer {
  return {
    streams: () => [...packagers.keys()],
    master: (name) => packagers.get(name)?.master() ?? null,
    media: (name, rendition) => packagers.get(name)?.media(rendition) ?? null,
    segmentPath: (name, rendition, seq) => packagers.get(name)?.segment(rendition, seq) ?? null,
  }
}

/** Puts a bought segment where players find it. */
async function show(init: {
  readonly view: View
  readonly viewing: Viewing
  readonly index: number
  readonly data: Uint8Array
  readonly prober: Prober
  readonly packagers: Map<string, HlsPackager>
  readonly foundation: Foundation
  readonly config: NodeConfig
  readonly signal: AbortSignal
}): Promise<void> {
  const { view, viewing, index, data, prober, packagers, foundation, config, signal } = init
  const { video, format } = viewing
  const probe = await prober.probe([data], { signal })
  const durationMs = probe.ok ? probe.value.durationMs : video.segment.length * 1000
  let packager = packagers.get(view.name)
  if (packager === undefined) {
    if (!probe.ok) return
    const { width, height } = probe.value.video
    const bitrateBps = Math.ceil((video.segment.size * 8) / video.segment.length)
    packager = await createHlsPackager(foundation, {
      directory: join(config.dataDirectory, 'watched', view.name),
      renditions: [{ name: format, width, height, bitrateBps }],
      targetDurationMs: video.segment.length * 1000,
      window: 'all',
      firstSeq: index,
      uris: {
        media: (rendition) => `${view.name}/${rendition}.m3u8`,
        segment: (rendition, seq) => `${rendition}/${seq}.ts`,
      },
    })
    packagers.set(view.name, packager)
  }
  const rendition = probe.ok ? { name: format, data: [data], probe: probe.value } : null
  await (rendition === null
    ? packager.skip(index, durationMs)
    : packager.add(index, durationMs, [rendition]))
}

/** The CID of a catalogued video. */
function nameOf(video: string): string {
  return cidOfDigest(Buffer.from(video.slice(2), 'hex'), 'dag-cbor')
}
