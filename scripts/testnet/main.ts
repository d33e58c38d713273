import '../../src/lib/polyfill.ts'
import { access, constants, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sleep } from '../../src/lib/abort.ts'
import { messageOf } from '../../src/lib/errors.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { createSample } from '../../src/media/sample.ts'
import { setUpChain, type TestnetChain } from './chain-setup.ts'
import { type Network, startNetwork, startNode } from './network.ts'
import { parseOptions, type TestnetOptions } from './options.ts'
import { watchNpm } from './parent-watch.ts'
import type { PeerProcess } from './peer-process.ts'
import { createProgress, type Progress } from './progress.ts'
import { makeReport, type Report } from './report.ts'
import { scenarios } from './scenarios/index.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { pendingWinners, type Snapshot, streamsOf, takeSnapshot } from './statuses.ts'
import { summaryOf } from './table.ts'

const POLL_MS = 400
/** Time for the last winners to be redeemed once the video is done. */
const SETTLE_TIMEOUT_MS = 90_000
const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url))

async function run(
  options: TestnetOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  const startedAt = performance.now()
  const directory = await openDirectory(options)
  let chain: TestnetChain | undefined
  let network: Network | undefined
  const players: PeerProcess[] = []
  try {
    const input = await chooseInput(options, progress, signal)
    progress.step('starting the EVM, deploying the contracts, bonding and funding')
    const { orchestrators, broadcasters, redeemer = false } = options
    const accounts = join(directory, 'accounts')
    const scenario = scenarioOf(options)
    const extra = scenario?.accounts ?? 0
    const deployed = await setUpChain(
      { logger: silentLogger },
      { orchestrators, broadcasters, redeemer, extra, directory: accounts },
      { signal },
    )
    chain = deployed
    const onStep = (text: string): void => progress.step(text)
    network = await startNetwork({ chain: deployed, directory, input, options, signal, onStep })
    for (const { ready } of network.broadcasters) progress.step(`HLS at ${ready.http}/stream/`)
    const snapshot = await watch(network, scenario, progress, signal)
    const init = { chain: deployed, network, snapshot, wallMs: performance.now() - startedAt }
    const report = await makeReport(init)
    const firstAccount = 1 + orchestrators + broadcasters + (redeemer ? 1 : 0)
    const played = await scenario?.report(init, {
      ...{ directory, input, signal, firstAccount, onStep },
      async start(role, index, account, own) {
        const on = { chain: deployed, directory, signal, options }
        const peer = await startNode(on, role, index, account, own)
        players.push(peer)
        return peer
      },
    })
    progress.done()
    progress.step(summaryOf(report))
    for (const { what, left, right, holds } of played?.checks ?? []) {
      progress.step(`${what}: ${left}, ${right}, ${holds ? 'equal' : 'DIFFERS'}`)
    }
    for (const { name, error } of streamsOf(snapshot)) {
      if (error !== null) progress.step(`${name} broke off: ${error}`)
    }
    if (options.report !== undefined) {
      const whole = scenario === undefined ? report : { ...report, [scenario.name]: played }
      await writeFile(options.report, `${JSON.stringify(whole, null, 2)}\n`)
    }
    if (!options.once || options.keep) {
      progress.step('The network goes on running; Ctrl-C stops it.')
      await sleep(2 ** 31 - 1, { signal }).catch(() => {})
    }
    return isGood(report) && played?.reconciled !== false ? 0 : 1
  } finally {
    await Promise.all(players.map((peer) => peer.stop()))
    await network?.stop()
    await chain?.stop()
    if (options.data === undefined && !options.keep)
      await rm(directory, { recursive: true, force: true })
    else progress.step(`data and logs are in ${directory}`)
  }
}

async function openDirectory(options: TestnetOptions): Promise<string> {
  if (options.data === undefined) return mkdtemp(join(tmpdir(), 'millrace-testnet-'))
  // Each run has a chain of its own, so the data of an earlier one would fit nothing.
  const directory = join(
    resolve(options.data),
    `run-${new Date().toISOString().replace(/[:.]/g, '-')}`,
  )
  await mkdir(directory, { recursive: true })
  return directory
}

async function chooseInput(
  options: TestnetOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  if (options.input !== undefined) {
    const path = resolve(options.input)
    await access(path, constants.R_OK).catch(() => {
      throw new Error(`cannot read ${path}; name a video with --input, or leave it out`)
    })
    return path
  }
  const seconds = Math.max(30, Math.ceil((options.duration ?? 30) / 30) * 30)
  let isAnnounced = false
  return createSample(
    {
      cacheDirectory: CACHE,
      seconds,
      onProgress(made, total) {
        if (!isAnnounced)
          progress.step(`making ${total} s of test video, once; it is kept in .cache`)
        isAnnounced = true
        void made
      },
    },
    { signal },
  )
}

/** Shows the run until every stream has ended and every winner is settled. */
async function watch(
  network: Network,
  scenario: Scenario | undefined,
  progress: Progress,
  signal: AbortSignal,
): Promise<Snapshot> {
  const names = new Map(network.peers().map(({ name, ready }) => [ready.peerId, name]))
  let snapshot: Snapshot | null = null
  let settleBy = Number.POSITIVE_INFINITY
  for (;;) {
    snapshot = await takeSnapshot(network, snapshot)
    progress.show(snapshot, names)
    const streams = streamsOf(snapshot)
    const isPlayed = streams.length > 0 && streams.every(({ state }) => state !== 'running')
    if (isPlayed && settleBy === Number.POSITIVE_INFINITY) settleBy = Date.now() + SETTLE_TIMEOUT_MS
    const running = new Set(
      network
        .peers()
        .filter((peer) => peer.isRunning())
        .map(({ ready }) => ready.peerId),
    )
    const isSettled = scenario?.isSettled(snapshot) ?? true
    if (isPlayed && isSettled && pendingWinners(snapshot, (id) => running.has(id)) === 0) {
      return takeSnapshot(network, snapshot)
    }
    if (Date.now() > settleBy) return snapshot
    if (network.broadcasters.every((peer) => !peer.isRunning()))
      throw new Error('every broadcaster has died')
    await sleep(POLL_MS, { signal })
  }
}

function scenarioOf({ scenario }: TestnetOptions): Scenario | undefined {
  return scenario === undefined ? undefined : scenarios[scenario]
}

function isGood({ segments, settlement }: Report): boolean {
  return (
    segments.sent > 0 &&
    segments.returned === segments.sent &&
    segments.failed === 0 &&
    settlement.reconciled
  )
}

const options = parseOptions(process.argv.slice(2))
const controller = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => controller.abort())
watchNpm(() => controller.abort())
// Whoever read what we say is gone.
process.stdout.on('error', () => controller.abort())
const progress = createProgress(process.stdout)
try {
  const code = await run(options, progress, controller.signal)
  process.exit(code)
} catch (error) {
  if (controller.signal.aborted) {
    progress.step('stopped')
    process.exit(130)
  }
  process.stderr.write(`testnet: ${messageOf(error)}\n`)
  process.exit(1)
}
