import { createRequire } from 'node:module'
import type { Probe } from '../../src/media/probe.ts'
import { inspectSegment } from '../../src/media/ts/inspect.ts'

/** A media playlist as a player reads it, with its segments fetched and looked into. */
export interface PlayedRendition {
  readonly uri: string
  readonly text: string
  readonly ended: boolean
  readonly segments: readonly PlayedSegment[]
}

/** One segment that a playlist names. */
export interface PlayedSegment {
  readonly uri: string
  /** As the playlist declares it. */
  readonly durationMs: number
  readonly bytes: Uint8Array
  readonly probe: Probe
}

/** Fetches a whole stream as a player would: master, media playlists, every segment. */
export async function play(master: string): Promise<PlayedRendition[]> {
  const text = await fetchText(master)
  if (!text.startsWith('#EXTM3U') || !text.includes('#EXT-X-STREAM-INF:')) {
    throw new Error(`not a master playlist: ${text}`)
  }
  return Promise.all(urisOf(text).map((uri) => playMedia(new URL(uri, master).href)))
}

async function playMedia(uri: string): Promise<PlayedRendition> {
  const text = await fetchText(uri)
  const durations = [...text.matchAll(/^#EXTINF:([\d.]+)/gm)].map(([, value]) => Number(value))
  const segments: PlayedSegment[] = []
  for (const [i, name] of urisOf(text).entries()) {
    const url = new URL(name, uri).href
    const response = await fetch(url)
    if (!response.ok) throw new Error(`${url}: ${response.status}`)
    const bytes = new Uint8Array(await response.arrayBuffer())
    const probe = inspectSegment(bytes)
    if (!probe.ok) throw new Error(`${url}: ${probe.error.code} ${probe.error.message}`)
    const durationMs = (durations[i] ?? Number.NaN) * 1000
    segments.push({ uri: name, durationMs, bytes, probe: probe.value })
  }
  return { uri, text, ended: text.includes('#EXT-X-ENDLIST'), segments }
}

/**
 * What would make a player stumble: a gap, a discontinuity, a number left out, or a segment that
 * does not begin where the one before it ended.
 */
export function stumblesOf({ text, segments }: PlayedRendition, count: number): string[] {
  const stumbles: string[] = []
  for (const tag of ['#EXT-X-GAP', '#EXT-X-DISCONTINUITY']) {
    if (text.includes(tag)) stumbles.push(tag)
  }
  if (segments.length !== count) stumbles.push(`${segments.length} segments instead of ${count}`)
  let endMs: number | null = null
  for (const [i, { uri, durationMs, probe }] of segments.entries()) {
    if (!uri.endsWith(`/${i}.ts`)) stumbles.push(`${uri} in place ${i}`)
    if (!probe.video.keyframeFirst) stumbles.push(`${uri} does not begin with a key frame`)
    const frameMs = 1000 / probe.video.fps
    if (endMs !== null && Math.abs(probe.startPtsMs - endMs) > 1) {
      stumbles.push(`${uri} begins at ${probe.startPtsMs} ms, the one before ended at ${endMs} ms`)
    }
    if (Math.abs(probe.durationMs - durationMs) > frameMs) {
      stumbles.push(`${uri} lasts ${probe.durationMs} ms, not ${durationMs} ms`)
    }
    endMs = probe.startPtsMs + probe.durationMs
  }
  return stumbles
}

interface Inspection {
  readonly video?: readonly { readonly ptsTime: number }[]
}

// The reader that web players are made of; it knows nothing of ours.
const { inspect } = (
  createRequire(import.meta.url)('mux.js') as {
    mp2t: { tools: { inspect(bytes: Uint8Array): Inspection } }
  }
).mp2t.tools

/** When a segment's first picture is shown, in ms, by a reader that is not ours. */
export function startByOtherReader(bytes: Uint8Array): number {
  return (inspect(bytes).video?.[0]?.ptsTime ?? Number.NaN) * 1000
}

function urisOf(playlist: string): string[] {
  return playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return response.text()
}
