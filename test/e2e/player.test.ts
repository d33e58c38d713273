import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startMarket, streamWhen } from '../helpers/e2e.ts'
import { Cleanup } from '../helpers/fixtures.ts'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const HLS = createRequire(import.meta.url).resolve('hls.js/dist/hls.light.min.js')
const PAGE = '<video id="v" muted></video><script src="/hls.js"></script>'

/** What a browser made of a stream. */
interface Played {
  readonly levels: number
  readonly ended: boolean
  readonly currentTime: number
  readonly duration: number
  /** Stretches of the timeline that could be buffered; more than one means a gap. */
  readonly ranges: number
  readonly width: number
  readonly errors: readonly string[]
}

// A browser is no part of the package: where there is none, the playlists are still checked by the
// other tests, segment by segment.
describe.skipIf(!existsSync(CHROMIUM))('a player in a browser', () => {
  const cleanup = new Cleanup()
  let browser: Browser
  let page: Page
  let master: string

  beforeAll(async () => {
    const market = await startMarket(cleanup, { orchestrators: 1, broadcasters: 1 })
    const stream = { name: 'film', input: market.sample, pace: 'fast', maxDurationMs: 8_000 }
    const peer = await market.broadcaster(1, { streams: [stream] })
    await streamWhen(peer, ({ state }) => state === 'ended')
    master = `${peer.ready.http}/stream/film.m3u8`
    const script = readFileSync(HLS)
    const site = createServer((request, response) => {
      const isScript = request.url === '/hls.js'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
      response.end(isScript ? script : PAGE)
    })
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    cleanup.add(() => void site.close())
    const args = ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required']
    browser = await chromium.launch({ executablePath: CHROMIUM, args })
    cleanup.add(() => browser.close())
    page = await browser.newPage()
    const address = site.address()
    if (address === null || typeof address === 'string') throw new Error('the site has no port')
    await page.goto(`http://127.0.0.1:${address.port}/`)
  })
  afterAll(() => cleanup.run())

  test.each([
    [0, 432],
    [1, 640],
  ])('plays level %i through to its end, without a gap', async (level, width) => {
    const played = await page.evaluate(play, { master, level })
    expect(played.errors).toEqual([])
    expect(played).toMatchObject({ levels: 2, ended: true, ranges: 1, width })
    expect(played.duration).toBeCloseTo(8, 1)
    expect(played.currentTime).toBeCloseTo(played.duration, 1)
  })
})

/** Runs in the browser. */
async function play(options: { master: string; level: number }): Promise<Played> {
  interface Player {
    levels: unknown[]
    loadLevel: number
    on(
      event: string,
      listener: (name: string, data: { fatal: boolean; details: string }) => void,
    ): void
    loadSource(url: string): void
    attachMedia(video: Video): void
    destroy(): void
  }
  interface Video extends EventTarget {
    play(): Promise<void>
    playbackRate: number
    ended: boolean
    currentTime: number
    duration: number
    videoWidth: number
    buffered: { length: number }
  }
  const scope = globalThis as unknown as {
    Hls: new (config: object) => Player
    document: { getElementById(id: string): Video }
  }
  const video = scope.document.getElementById('v')
  const hls = new scope.Hls({ startLevel: options.level })
  const errors: string[] = []
  const ended = new Promise<void>((resolve) => {
    video.addEventListener('ended', () => resolve(), { once: true })
    hls.on('hlsError', (_name, { fatal, details }) => {
      if (!fatal) return
      errors.push(details)
      resolve()
    })
  })
  hls.on('hlsManifestParsed', () => {
    hls.loadLevel = options.level
    video.playbackRate = 2
    void video.play()
  })
  hls.loadSource(options.master)
  hls.attachMedia(video)
  await ended
  const { currentTime, duration, videoWidth } = video
  const played = {
    levels: hls.levels.length,
    ended: video.ended,
    currentTime,
    duration,
    ranges: video.buffered.length,
    width: videoWidth,
    errors,
  }
  hls.destroy()
  return played
}
