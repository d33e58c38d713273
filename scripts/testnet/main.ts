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
import { type Network, publishedOf, startNetwork } from './network.ts'
import { type ParsedOptions, parseOptions, type TestnetOptions } from './options.ts'
import { watchNpm } from './parent-watch.ts'
import { createProgress, type Progress } from './progress.ts'
import { makeReport, type Report } from './report.ts'
import { scenarios } from './scenarios/index.ts'
import { backstageOf, type Playing, play, verdictsOf } from './scenarios/play.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { pendingWinners, type Snapshot, streamsOf, takeSnapshot } from './statuses.ts'
import { summaryOf } from './table.ts'

const POLL_MS = 400
/** Time for the last winners to be redeemed once the video is done. */
const SETTLE_TIMEOUT_MS = 90_000
const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url))

async function run(
  options: TestnetOptions,
  scenario: Scenario | undefined,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  const startedAt = performance.now()
  const directory = await openDirectory(options)
  let chain: TestnetChain | undefined
  let network: Network | undefined
  try {
    const input = await chooseInput(options, progress, signal)
    progress.step('starting the EVM, deploying the contracts, bonding and funding')
    const { orchestrators, broadcasters, redeemer = false } = options
    const accounts = join(directory, 'accounts')
    chain = await setUpChain(
      { logger: silentLogger },
      {
        ...{ orchestrators, broadcasters, redeemer, directory: accounts },
        extra: scenario?.accounts ?? 0,
        published: (index) => publishedOf({ changes: scenario?.changes }, index),
      },
      { signal },
    )
    const onStep = (text: string): void => progress.step(text)
    const base = { chain, directory, signal, config: scenario?.config }
    network = await startNetwork({ ...base, input, options, changes: scenario?.changes, onStep })
    for (const { ready } of network.broadcasters) progress.step(`HLS at ${ready.http}/stream/`)
    const playing = play(scenario, { chain, network, signal, tell: onStep })
    const snapshot = await watch(network, progress, playing, signal)
    const init = { chain, network, snapshot, wallMs: performance.now() - startedAt }
    const report = await makeReport(init)
    const section = await scenario?.section?.(init, backstageOf(network, base, { input, onStep }))
    progress.done()
    progress.step(summaryOf(report))
    for (const { name, error } of streamsOf(snapshot)) {
      if (error !== null) progress.step(`${name} broke off: ${error}`)
    }
    const verdicts = [
      ...(await verdictsOf(playing)),
      ...(scenario?.verdicts({ report, snapshot, network, chain }) ?? []),
    ]
    for (const { what, left, right, holds } of section?.checks ?? [])
      verdicts.push({ what, holds, detail: `${left} and ${right}` })
    if (section !== undefined)
      verdicts.push({ what: 'all of it', holds: section.reconciled, detail: 'to the wei' })
    for (const { what, holds, detail } of verdicts)
      progress.step(`${holds ? 'yes' : 'NO '}  ${what} (${detail})`)
    if (options.report !== undefined) {
      const { scenario: name = '' } = options
      const told = name === '' ? {} : { scenario: { name, verdicts }, [name]: section }
      await writeFile(options.report, `${JSON.stringify({ ...report, ...told }, null, 2)}\n`)
    }
    if (!options.once || options.keep) {
      progress.step('The network goes on running; Ctrl-C stops it.')
      await sleep(2 ** 31 - 1, { signal }).catch(() => {})
    }
    return isGood(report) && verdicts.every(({ holds }) => holds) ? 0 : 1
  } finally {
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

/** Shows the run until every stream has ended, the scenario is over and every winner is settled. */
async function watch(
  network: Network,
  progress: Progress,
  playing: Playing,
  signal: AbortSignal,
): Promise<Snapshot> {
  const names = new Map(network.peers().map(({ name, ready }) => [ready.peerId, name]))
  let snapshot: Snapshot | null = null
  let settleBy = Number.POSITIVE_INFINITY
  for (;;) {
    snapshot = await takeSnapshot(network, snapshot)
    progress.show(snapshot, names)
    playing.see(snapshot)
    const streams = streamsOf(snapshot)
    const isPlayed = streams.length > 0 && streams.every(({ state }) => state !== 'running')
    if (isPlayed && settleBy === Number.POSITIVE_INFINITY) settleBy = Date.now() + SETTLE_TIMEOUT_MS
    const running = new Set(
      network
        .peers()
        .filter((peer) => peer.isRunning())
        .map(({ ready }) => ready.peerId),
    )
    const isSettled =
      pendingWinners(snapshot, (peerId) => running.has(peerId)) === 0 && playing.isSettled(snapshot)
    if (isPlayed && isSettled && playing.isDone()) {
      return takeSnapshot(network, snapshot)
    }
    if (Date.now() > settleBy) return snapshot
    if (network.broadcasters.every((peer) => !peer.isRunning()))
      throw new Error('every broadcaster has died')
    await sleep(POLL_MS, { signal })
  }
}

async function scenarioOf(name: string | undefined): Promise<Scenario | undefined> {
  if (name === undefined) return undefined
  return (await scenarios[name]?.())?.scenario
}

/** What the scenario sets, where the command line says nothing. */
function withScenario(
  { options, isGiven }: ParsedOptions,
  scenario: Scenario | undefined,
): TestnetOptions {
  const set = Object.entries(scenario?.options ?? {}).filter(
    ([name]) => !isGiven(name as keyof TestnetOptions),
  )
  return { ...options, ...Object.fromEntries(set) }
}

function isGood({ segments, settlement }: Report): boolean {
  return (
    segments.sent > 0 &&
    segments.returned === segments.sent &&
    segments.failed === 0 &&
    settlement.reconciled
  )
}

const parsed = parseOptions(process.argv.slice(2), Object.keys(scenarios))
const scenario = await scenarioOf(parsed.options.scenario)
const options = withScenario(parsed, scenario)
const controller = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => controller.abort())
watchNpm(() => controller.abort())
// Whoever read what we say is gone.
process.stdout.on('error', () => controller.abort())
const progress = createProgress(process.stdout)
try {
  if (scenario !== undefined) progress.step(`${options.scenario}: ${scenario.about}`)
  const code = await run(options, scenario, progress, controller.signal)
  process.exit(code)
} catch (error) {
  if (controller.signal.aborted) {
    progress.step('stopped')
    process.exit(130)
  }
  process.stderr.write(`testnet: ${messageOf(error)}\n`)
  process.exit(1)
}
