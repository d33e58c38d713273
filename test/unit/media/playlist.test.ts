import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import hls from 'hls-parser'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silentLogger } from '../../../src/lib/logger.ts'
import { MAX_PENDING_SEGMENTS, WINDOW_GRACE_SEGMENTS } from '../../../src/media/limits.ts'
import {
  createHlsPackager,
  type HlsPackager,
  type PackagedRendition,
} from '../../../src/media/playlist.ts'
import { DEFAULT_LADDER } from '../../../src/media/profile.ts'
import { inspectSegment } from '../../../src/media/ts/inspect.ts'
import { SEGMENT } from '../../fixtures/media/fixture.ts'

const inspected = inspectSegment(SEGMENT)
if (!inspected.ok) throw new Error('the fixture is broken')
const probe = inspected.value
let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-hls-'))
})
afterEach(async () => rm(directory, { recursive: true, force: true }))

async function packager(window: number | 'all' = 'all'): Promise<HlsPackager> {
  const renditions = DEFAULT_LADDER
  return createHlsPackager(
    { logger: silentLogger },
    { directory, renditions, targetDurationMs: 2000, window },
  )
}

function both(sizeBytes = 100): PackagedRendition[] {
  return DEFAULT_LADDER.map(({ name }) => ({ name, data: [new Uint8Array(sizeBytes)], probe }))
}

function listed(hlsPackager: HlsPackager): number[] {
  const text = hlsPackager.media('360p') ?? ''
  return [...text.matchAll(/^(\d+)\.ts$/gm)].map(([, seq]) => Number(seq))
}

describe('a packager', () => {
  test('lists a segment only when all before it are there', async () => {
    const live = await packager()
    await live.add(1, 2000, both())
    expect(listed(live)).toEqual([])
    expect(live.segment('360p', 1)).toBeNull()
    expect(live.state()).toMatchObject({ listed: 0, pending: 1 })
    await live.add(0, 2000, both())
    expect(listed(live)).toEqual([0, 1])
    await live.add(3, 2000, both())
    expect(listed(live)).toEqual([0, 1])
  })

  test('stores every chunk and leaves no draft behind', async () => {
    const live = await packager()
    const data = [Uint8Array.of(1, 2), Uint8Array.of(3)]
    await live.add(
      0,
      2000,
      DEFAULT_LADDER.map(({ name }) => ({ name, data, probe })),
    )
    const path = live.segment('240p', 0) as string
    expect([...(await readFile(path))]).toEqual([1, 2, 3])
    expect(existsSync(`${path}.tmp`)).toBe(false)
  })

  test('takes a number once', async () => {
    const live = await packager()
    expect(await Promise.all([live.add(0, 2000, both()), live.add(0, 2000, both())])).toEqual([
      true,
      false,
    ])
    expect(await live.add(0, 2000, both())).toBe(false)
    expect(listed(live)).toEqual([0])
  })

  test('refuses a segment without one of its renditions', async () => {
    const live = await packager()
    await expect(live.add(0, 2000, both().slice(1))).rejects.toMatchObject({
      code: 'BAD_RENDITIONS',
    })
  })

  test('holds back as many segments as allowed and not one more', async () => {
    const live = await packager()
    expect(await live.skip(MAX_PENDING_SEGMENTS - 1, 2000)).toBe(true)
    await expect(live.skip(MAX_PENDING_SEGMENTS, 2000)).rejects.toMatchObject({
      code: 'PACKAGER_BACKLOG',
    })
  })

  test('tells players of a segment that was given up', async () => {
    const live = await packager()
    await live.skip(1, 2000)
    await live.add(0, 2000, both())
    await live.add(2, 2000, both())
    await live.end()
    const media = hls.parse(live.media('360p') as string)
    if (media.isMasterPlaylist) throw new Error('not a media playlist')
    expect(media.segments.map(({ gap }) => gap === true)).toEqual([false, true, false])
    expect(live.segment('360p', 1)).toBeNull()
    expect(live.state()).toMatchObject({ listed: 2, skipped: 1, ended: true })
  })

  test('lists what still waits when it ends, after a discontinuity', async () => {
    const live = await packager()
    await live.add(0, 2000, both())
    await live.add(2, 2000, both())
    await live.end()
    expect(listed(live)).toEqual([0, 2])
    expect(live.media('360p')).toContain('#EXT-X-DISCONTINUITY\n#EXTINF:2,\n2.ts')
    expect(await live.add(1, 2000, both())).toBe(false)
  })
})

describe('playlists', () => {
  test('of a finished stream are complete, exact and closed', async () => {
    const vod = await packager()
    await vod.add(0, 2002, both(500_000))
    await vod.add(1, 1968.666, both(250_000))
    await vod.end()
    const media = hls.parse(vod.media('240p') as string)
    if (media.isMasterPlaylist) throw new Error('not a media playlist')
    expect(media).toMatchObject({ endlist: true, playlistType: 'VOD', independentSegments: true })
    expect(media.targetDuration).toBe(2)
    expect(media.segments.map(({ duration }) => duration)).toEqual([2.002, 1.968666])
    expect(vod.media('720p')).toBeNull()

    const master = hls.parse(vod.master())
    if (!master.isMasterPlaylist) throw new Error('not a master playlist')
    expect(master.variants.map(({ uri }) => uri)).toEqual(['360p/index.m3u8', '240p/index.m3u8'])
    const [best] = master.variants
    expect(best).toMatchObject({
      resolution: { width: 640, height: 360 },
      codecs: `${probe.video.codecString},mp4a.40.2`,
      frameRate: 30,
    })
    expect(best?.bandwidth).toBe(Math.ceil((500_000 * 8) / 2.002))
  })

  test('of a live stream announce room for peaks that have not come yet', async () => {
    const live = await packager(6)
    const before = hls.parse(live.master())
    if (!before.isMasterPlaylist) throw new Error('not a master playlist')
    expect(before.variants[0]?.bandwidth).toBeGreaterThan(800_000 * 1.4)
    await live.add(0, 2000, both(1_000_000))
    const after = hls.parse(live.master())
    if (!after.isMasterPlaylist) throw new Error('not a master playlist')
    expect(after.variants[0]?.bandwidth).toBe(4_000_000)
  })

  test('of a live stream roll on, and files go a little after their entry', async () => {
    const live = await packager(3)
    const count = 3 + WINDOW_GRACE_SEGMENTS + 2
    for (let seq = 0; seq < count; seq++) await live.add(seq, 2000, both())
    expect(listed(live)).toEqual([count - 3, count - 2, count - 1])
    expect(live.media('360p')).toContain(`#EXT-X-MEDIA-SEQUENCE:${count - 3}\n`)
    expect(live.media('360p')).not.toContain('ENDLIST')
    expect(existsSync(live.segment('360p', 2) as string)).toBe(true)
    expect(live.segment('360p', 1)).toBeNull()
    await live.end()
    expect(existsSync(join(directory, '360p', '1.ts'))).toBe(false)
    expect(live.media('360p')).toContain('#EXT-X-ENDLIST')
  })
})

test('a rendition name that is no plain folder is refused', async () => {
  const renditions = [{ name: '../up', width: 2, height: 2, bitrateBps: 1 }]
  const init = { directory, renditions, targetDurationMs: 2000, window: 'all' as const }
  await expect(createHlsPackager({ logger: silentLogger }, init)).rejects.toMatchObject({
    code: 'BAD_PACKAGER',
  })
})
