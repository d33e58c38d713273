import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setUpChain } from '../scripts/testnet/chain-setup.ts'
import { startNode } from '../scripts/testnet/network.ts'
import type { PeerProcess } from '../scripts/testnet/peer-process.ts'
import { sleep } from '../src/lib/abort.ts'
import { silentLogger } from '../src/lib/logger.ts'
import { createSample } from '../src/media/sample.ts'
import { segmentFile } from '../src/media/segmenter.ts'
import type { Bench } from './lib/bench.ts'

const CACHE = fileURLToPath(new URL('../.cache', import.meta.url))
const COUNTS = [10, 30, 100, 300] as const
const SEGMENTS = 6
const SEGMENT_MS = 2_000
/** Streams that one broadcaster has at once. */
const PER_BROADCASTER = 60
const WIDTH = 160
const HEIGHT = 90
/** As Linux counts the time of a process. */
const TICKS_PER_SECOND = 100

/**
 * What one orchestrator process spends on a segment besides transcoding: many live streams of
 * 2-second segments from broadcasters in processes of their own, paid with tickets, given back as
 * they came.
 */
export const bench: Bench = async (say) => {
  const controller = new AbortController()
  const { signal } = controller
  const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const broadcasters = Math.ceil(Math.max(...COUNTS) / PER_BROADCASTER)
  const stops: (() => Promise<unknown>)[] = [
    async () => rm(directory, { recursive: true, force: true }),
  ]
  try {
    const segments = await smallSegments()
    const chain = await setUpChain(
      { logger: silentLogger },
      { orchestrators: 1, broadcasters, directory: join(directory, 'accounts') },
      { signal },
    )
    stops.push(() => chain.stop())
    const base = { chain, directory, signal }
    const here = { listen: ['/ip4/127.0.0.1/tcp/0'], allowLoopback: true }
    const orchestrator = await startNode(base, 'orchestrator', 1, 1, {
      network: here,
      logLevel: 'warn',
      orchestrator: {
        pricePerUnit: '90000000',
        slots: 2 * Math.max(...COUNTS),
        transcoding: { backend: 'copy' },
      },
    })
    stops.push(() => orchestrator.stop())
    const callers = await Promise.all(
      Array.from({ length: broadcasters }, (_, i) =>
        startNode(base, 'broadcaster', i + 1, i + 2, {
          network: { ...here, bootstrap: orchestrator.ready.addresses },
          logLevel: 'warn',
          broadcaster: { profiles: [copyProfile], hedgeBudget: 0, playlistSegments: 3 },
        }),
      ),
    )
    for (const caller of callers) stops.push(() => caller.stop())
    await push(callers, segments, { count: broadcasters, name: 'warm-up' })
    let alone: { cpuMs: number; answerMs: number } | null = null
    for (const count of COUNTS) {
      const before = cpuMsOf(orchestrator.pid)
      const answers = await push(callers, segments, { count, name: `of-${count}` })
      const cpuMs = (cpuMsOf(orchestrator.pid) - before) / answers.length
      const answerMs = answers.sort((a, b) => a - b)[answers.length >> 1] ?? 0
      alone ??= { cpuMs, answerMs }
      const rival = `${COUNTS[0]} streams`
      say({
        name: `CPU of a segment, ${count} streams`,
        ...{ value: cpuMs, unit: 'ms', rival, ratio: alone.cpuMs / cpuMs },
      })
      say({
        name: `answer to a segment, ${count} streams, median`,
        ...{ value: answerMs, unit: 'ms', rival, ratio: alone.answerMs / answerMs },
      })
      const share = answers.length / (count * SEGMENTS)
      say({
        name: `segments answered, ${count} streams`,
        ...{ value: answers.length, unit: 'segments', rival: 'all that were sent', ratio: share },
      })
    }
  } finally {
    controller.abort()
    for (const stop of stops.reverse()) await stop().catch(() => {})
  }
}

const copyProfile = {
  name: 'copy',
  width: WIDTH,
  height: HEIGHT,
  bitrateBps: 200_000,
  fps: 'source',
  gopSeconds: 2,
  h264Profile: 'high',
}

async function smallSegments(): Promise<readonly Uint8Array[]> {
  const seconds = (SEGMENTS * SEGMENT_MS) / 1_000
  const path = await createSample({ cacheDirectory: CACHE, seconds, width: WIDTH, height: HEIGHT })
  const segments: Uint8Array[] = []
  for await (const { data } of segmentFile({ logger: silentLogger }, { path, pace: 'fast' }))
    segments.push(data)
  return segments
}

/** Sends so many streams in real time, their beginnings spread over one segment; every answer's time. */
async function push(
  callers: readonly PeerProcess[],
  segments: readonly Uint8Array[],
  { count, name }: { readonly count: number; readonly name: string },
): Promise<number[]> {
  const answers: number[] = []
  const begin = performance.now()
  await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const { ready } = callers[i % callers.length] as PeerProcess
      const url = `${ready.http}/live/${name}-${i}`
      for (const [seq, data] of segments.entries()) {
        const dueMs = begin + seq * SEGMENT_MS + (i / count) * SEGMENT_MS
        await sleep(Math.max(0, dueMs - performance.now()))
        const sentAt = performance.now()
        const headers = { 'content-duration': String(SEGMENT_MS) }
        const body = data as Uint8Array<ArrayBuffer>
        let answer = await fetch(`${url}/${seq}.ts`, { method: 'PUT', body, headers })
        // A broadcaster takes so many segments at once, and says when it has enough of them.
        while (answer.status === 503) {
          await sleep(50)
          answer = await fetch(`${url}/${seq}.ts`, { method: 'PUT', body, headers })
        }
        await answer.arrayBuffer()
        if (answer.ok) answers.push(performance.now() - sentAt)
      }
      await fetch(`${url}/index.m3u8`, { method: 'PUT', body: '#EXTM3U\n#EXT-X-ENDLIST\n' })
    }),
  )
  return answers
}

/** CPU time that a process has used, in milliseconds. */
function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [user = '0', system = '0'] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return ((Number(user) + Number(system)) * 1_000) / TICKS_PER_SECOND
}
