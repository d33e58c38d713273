import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { hashMessage, recoverAddress } from 'viem'
import { raceSignal } from '../src/lib/abort.ts'
import { toHex } from '../src/lib/bytes.ts'
import { systemClock } from '../src/lib/clock.ts'
import { silentLogger } from '../src/lib/logger.ts'
import { noMetrics } from '../src/lib/metrics.ts'
import { advertTopic, parseAdvert } from '../src/market/advert.ts'
import { judgeAdvert } from '../src/market/advert-validator.ts'
import { createDirectory, type Directory } from '../src/market/directory.ts'
import { createDiscovery } from '../src/market/discovery.ts'
import { createMarketMetrics } from '../src/market/metrics.ts'
import { createNetHost, type NetHost } from '../src/net/host.ts'
import { createPeerKey } from '../src/net/peer-key.ts'
import type { Bench, BenchLine } from './lib/bench.ts'
import { CHAIN_ID, type MadeAdvert, makeAdverts } from './lib/market.ts'
import { median, paired } from './lib/paired.ts'

type Say = (line: BenchLine) => void

const ROUNDS = 5
/** A late joiner is to know everyone after so long. */
const JOIN_WITHIN_MS = 2_000

/** A directory of many orchestrators: what judging, holding, and learning of all of them takes. */
export const bench: Bench = async (say) => {
  const all = await makeAdverts(1_000, systemClock.now())
  for (const count of [10, 100, 1_000]) {
    const adverts = all.slice(0, count)
    await benchJudge(adverts, say)
    benchMemory(adverts, say)
    await benchJoin(adverts, say)
  }
}

/** CPU of an advert that is new, as it comes from the network. */
async function benchJudge(adverts: readonly MadeAdvert[], say: Say): Promise<void> {
  const units = adverts.length
  const context = {
    chainId: CHAIN_ID,
    nowMs: systemClock.now(),
    latestOf: () => undefined,
    isBonded: async () => true,
  }
  const message = hashMessage('an advert')
  const timing = await paired(
    {
      ours: {
        units,
        async run() {
          for (const { bytes } of adverts) {
            const { verdict } = await judgeAdvert(bytes, context)
            if (verdict !== 'accept') throw new Error('an advert was not taken')
          }
        },
      },
      viem: {
        units,
        async run() {
          for (const { advert } of adverts) {
            const signature = toHex(advert.binding.walletSignature)
            await recoverAddress({ hash: message, signature })
          }
        },
      },
    },
    ROUNDS,
  )
  say({
    name: `judge one of ${units} adverts, all signatures`,
    value: timing.microseconds('ours'),
    unit: 'us',
    rival: 'viem, one signature of the three',
    ratio: timing.ratio('ours', 'viem'),
  })
}

/** Heap that a directory takes, against the same adverts as JSON would have them. */
function benchMemory(adverts: readonly MadeAdvert[], say: Say): void {
  const held = heapOf(() => {
    const directory = createDirectory(systemClock)
    // Read anew, as from the network, so that nothing is shared with what made them.
    for (const { bytes } of adverts) {
      const copy = Uint8Array.from(bytes)
      const parsed = parseAdvert(copy)
      if (parsed.ok) directory.add(parsed.value.advert, copy, 'gossip')
    }
    return directory
  })
  const asText = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? toHex(value) : value
  const json = heapOf(() =>
    adverts.map(({ advert, bytes }) => JSON.parse(JSON.stringify({ advert, bytes }, asText))),
  )
  say({
    name: `memory of a directory of ${adverts.length}`,
    value: held / 1024,
    unit: 'KiB',
    rival: 'the same as JSON objects',
    ratio: json / held,
  })
}

/** Bytes that something takes, outside of the heap too. */
function heapOf(make: () => unknown): number {
  const used = (): number => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const samples = Array.from({ length: ROUNDS }, () => {
    const before = used()
    const made = make()
    const after = used()
    keep(made)
    return after - before
  })
  return Math.max(1, median(samples))
}

let kept: unknown
/** Keeps a value alive until here. */
function keep(value: unknown): void {
  kept = value
  if (kept === null) throw new Error('nothing was made')
  kept = null
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Time from the start of a node until it knows everyone, through the one peer that it knows. */
async function benchJoin(adverts: readonly MadeAdvert[], say: Say): Promise<void> {
  const count = adverts.length
  const node = await openNode([])
  for (const { advert, bytes } of adverts) node.directory.add(advert, bytes, 'gossip')
  try {
    const samples: number[] = []
    for (let i = 0; i < ROUNDS; i += 1) {
      const startedAt = performance.now()
      const late = await openNode(node.host.addresses())
      try {
        await complete(late.directory, count)
        samples.push(performance.now() - startedAt)
      } finally {
        await late.close()
      }
    }
    const tookMs = median(samples)
    say({
      name: `start a node that learns of ${count}`,
      value: tookMs,
      unit: 'ms',
      rival: `${JOIN_WITHIN_MS} ms, the most it may take`,
      ratio: JOIN_WITHIN_MS / tookMs,
      bar: 1,
    })
  } finally {
    await node.close()
  }
}

async function complete(directory: Directory, count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let changes = 0
  const check = (): void => {
    changes += 1
    // Looking at all of them each time would be a good part of what is measured.
    if (changes >= count && directory.live().length >= count) resolve()
  }
  const end = directory.onChange(check)
  await raceSignal(promise, { signal: AbortSignal.timeout(30_000) })
  end()
}

interface Node {
  readonly host: NetHost
  readonly directory: Directory
  close(): Promise<void>
}

async function openNode(bootstrap: readonly string[]): Promise<Node> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const host = await createNetHost(
    { logger: silentLogger, metrics: noMetrics },
    {
      peerKey: await createPeerKey(),
      listen: ['/ip4/127.0.0.1/tcp/0'],
      bootstrap,
      datastoreDirectory: path,
      topics: [advertTopic(CHAIN_ID)],
      agentVersion: 'millrace-bench',
      allowLoopback: true,
    },
  )
  const directory = createDirectory(systemClock)
  const metrics = createMarketMetrics(noMetrics)
  const intake = { host, directory, metrics, clock: systemClock, logger: silentLogger }
  const discovery = createDiscovery(
    { ...intake, isBonded: async () => true },
    { chainId: CHAIN_ID },
  )
  await discovery.start()
  await host.start()
  return {
    host,
    directory,
    async close() {
      await discovery.stop()
      await host.stop()
      await rm(path, { recursive: true, force: true })
    },
  }
}
