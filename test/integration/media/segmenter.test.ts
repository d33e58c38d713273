import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLogger } from '../../../src/lib/logger.ts'
import { createSample } from '../../../src/media/sample.ts'
import {
  type SegmentFileInit,
  type SourceSegment,
  segmentFile,
} from '../../../src/media/segmenter.ts'
import { inspectSegment } from '../../../src/media/ts/inspect.ts'
import { SEGMENT } from '../../fixtures/media/fixture.ts'

const TICK_MS = 1 / 90
const AAC_FRAME_MS = (1024 * 1000) / 48_000

let directory: string
let regular: string
let rareKeys: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-sample-'))
  const small = { cacheDirectory: directory, width: 320, height: 180 }
  regular = await createSample({ ...small, seconds: 5 })
  rareKeys = await createSample({ ...small, seconds: 5, gopSeconds: 60 })
})
afterAll(async () => rm(directory, { recursive: true, force: true }))

async function cut(path: string, init: Partial<SegmentFileInit> = {}): Promise<SourceSegment[]> {
  const segments: SourceSegment[] = []
  const source = segmentFile({ logger: silentLogger }, { path, pace: 'fast', ...init })
  for await (const segment of source) segments.push(segment)
  return segments
}

/** Video and audio of each segment begin where those of the one before end. */
function expectSeamless(segments: readonly SourceSegment[]): void {
  let video: number | null = null
  let audio: number | null = null
  for (const [i, segment] of segments.entries()) {
    const inspected = inspectSegment(segment.data)
    if (!inspected.ok) throw new Error(inspected.error.message)
    const probe = inspected.value
    expect(segment.seq).toBe(i)
    expect(probe.video.keyframeFirst).toBe(true)
    expect(segment.ptsMs).toBe(probe.startPtsMs)
    if (video !== null) expect(Math.abs(segment.ptsMs - video)).toBeLessThanOrEqual(TICK_MS)
    video = segment.ptsMs + segment.durationMs
    if (probe.audio === null) throw new Error('a segment has no audio')
    if (audio !== null) expect(Math.abs(probe.audio.startPtsMs - audio)).toBeLessThan(1)
    audio = probe.audio.startPtsMs + probe.audio.packets * AAC_FRAME_MS
  }
}

describe('segmentFile', () => {
  test('copies a file whose key frames allow it, exactly', async () => {
    const segments = await cut(regular)
    expect(segments.map(({ durationMs }) => durationMs)).toEqual([2000, 2000, 1000])
    expect(segments.map(({ frames }) => frames)).toEqual([60, 60, 30])
    expect(segments[0]).toMatchObject({ width: 320, height: 180, fps: 30, hasAudio: true })
    expectSeamless(segments)
  })

  test('re-encodes a file whose key frames are too rare', async () => {
    const segments = await cut(rareKeys)
    expect(segments.map(({ durationMs }) => durationMs)).toEqual([2000, 2000, 1000])
    expect(segments.map(({ frames }) => frames)).toEqual([60, 60, 30])
    expectSeamless(segments)
    const byCopy = await cut(rareKeys, { mode: 'copy' })
    expect(byCopy.map(({ frames }) => frames)).toEqual([150])
  })

  test('takes what it made itself', async () => {
    const path = join(directory, 'again.mpegts')
    await writeFile(path, SEGMENT)
    const [segment, ...more] = await cut(path)
    expect(more).toEqual([])
    expect(segment).toMatchObject({ frames: 60, durationMs: 2000 })
  })

  test('stops at the duration that is wanted', async () => {
    const segments = await cut(regular, { maxDurationMs: 3000 })
    expect(segments.map(({ frames }) => frames)).toEqual([60, 30])
  })

  test('keeps the pace of a live source', async () => {
    const began = performance.now()
    await cut(regular, { segmentMs: 1000, pace: 'realtime', maxDurationMs: 2000, mode: 'encode' })
    expect(performance.now() - began).toBeGreaterThan(950)
  })

  test('ends its process when the reader leaves', async () => {
    for await (const segment of segmentFile(
      { logger: silentLogger },
      { path: regular, pace: 'fast' },
    )) {
      expect(segment.seq).toBe(0)
      break
    }
    const controller = new AbortController()
    const reason = new Error('enough')
    const source = segmentFile(
      { logger: silentLogger },
      { path: regular, pace: 'fast' },
      controller,
    )
    await source.next()
    controller.abort(reason)
    await expect(source.next()).rejects.toBe(reason)
  })

  test('says why a file cannot be cut', async () => {
    const text = join(directory, 'text.mp4')
    await writeFile(text, 'this is no video\n'.repeat(100))
    await expect(cut(text)).rejects.toMatchObject({ code: 'UNREADABLE' })
    await expect(cut(join(directory, 'nothing.mp4'))).rejects.toMatchObject({ code: 'UNREADABLE' })
    const sound = join(directory, 'sound.wav')
    await writeFile(sound, silentWave())
    await expect(cut(sound)).rejects.toMatchObject({ code: 'NO_VIDEO' })
  })
})

/** A tenth of a second of silence. */
function silentWave(): Buffer {
  const samples = Buffer.alloc(1600)
  const header = Buffer.alloc(44)
  header.write('RIFF')
  header.writeUInt32LE(36 + samples.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(8000, 24)
  header.writeUInt32LE(16_000, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(samples.length, 40)
  return Buffer.concat([header, samples])
}
