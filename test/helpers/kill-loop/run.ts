import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programOf } from '../../../scripts/lib/program.ts'
import { freePort } from '../../../scripts/testnet/delay-proxy.ts'
import { anySignal, sleep } from '../../../src/lib/abort.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { type LoopChain, startLoopChain } from './chain.ts'
import { checkEvidence, type Verdict } from './checker.ts'
import type { Evidence } from './evidence.ts'
import { gatherEvidence } from './gather.ts'
import { createPeer, type Peer } from './peer.ts'
import { createRandom, type Random } from './random.ts'
import { nextStrike, type Strike } from './schedule.ts'
import { loopParameters, type PeerSettings, type Side } from './settings.ts'

/** How the loop runs. */
export interface KillLoopInit {
  readonly kills: number
  readonly seed: number
  onProgress(line: string): void
}

/** What the loop came to. */
export interface KillLoopOutcome {
  readonly verdict: Verdict
  readonly evidence: Evidence
  /** Where the stores, the journal and the logs are; gone when nothing is wrong. */
  readonly directory: string
}

const CHILD = 'test/helpers/kill-loop/child.ts'
/** Payments must flow again within this after a restart; else the loop is stuck. */
const RESUME_WITHIN_MS = 60_000
const SETTLE_WITHIN_MS = 180_000
const SETTLE_POLL_MS = 200
const STOP_WITHIN_MS = 20_000
const PROGRESS_EVERY = 10

/**
 * Kills both sides of a paid order at random moments under load, lets what is left settle, and
 * holds the payer's journal, both stores and the chain against each other.
 */
export async function runKillLoop(
  init: KillLoopInit,
  options: { readonly signal?: AbortSignal } = {},
): Promise<KillLoopOutcome> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-kill-loop-'))
  const broken = new AbortController()
  const signal = anySignal([options.signal, broken.signal])
  const onFault = (error: Error): void => broken.abort(error)
  const { blockMs } = loopParameters
  init.onProgress('setting up the chain')
  const building = programOf(CHILD)
  // The chain's failure is told first.
  building.catch(() => {})
  const chain = await startLoopChain(
    { logger: silentLogger },
    { directory: join(directory, 'chain'), blockMs },
    { signal },
  )
  let peers: Peers | undefined
  let isGood = false
  try {
    const fundsBefore = await chain.funds()
    const program = await building
    peers = await createPeers(chain, { directory, program }, onFault)
    await strikeAll(peers, init, signal)
    await settle(peers, init, signal)
    const fundsAfter = await chain.funds()
    init.onProgress('reading both stores and the chain')
    const evidence = await gatherEvidence({
      payer: peers.payer.settings,
      provider: peers.provider.settings,
      broker: chain.broker,
      toBlock: await chain.client.blockNumber(),
      fundsBefore,
      fundsAfter,
      kills: init.kills,
    })
    const verdict = checkEvidence(evidence)
    isGood = verdict.faults.length === 0
    return { verdict, evidence, directory }
  } catch (error) {
    init.onProgress(`state and logs are kept in ${directory}`)
    throw signal.aborted ? signal.reason : error
  } finally {
    await Promise.all([peers?.payer.kill(), peers?.provider.kill()])
    await chain.stop()
    if (isGood) await rm(directory, { recursive: true, force: true })
  }
}

type Peers = Readonly<Record<Side, Peer>>

async function createPeers(
  { anvil, contracts, account }: LoopChain,
  { directory, program }: { readonly directory: string; readonly program: string },
  onFault: (error: Error) => void,
): Promise<Peers> {
  const port = await freePort()
  const settingsOf = (side: Side, index: number): PeerSettings => ({
    side,
    directory: join(directory, side),
    privateKey: Uint8Array.from(account(index).privateKey),
    rpcUrl: anvil.wsUrl,
    chainId: anvil.chainId,
    contracts,
    port,
  })
  return {
    provider: createPeer(settingsOf('provider', 1), program, onFault),
    payer: createPeer(settingsOf('payer', 2), program, onFault),
  }
}

async function strikeAll(peers: Peers, init: KillLoopInit, signal: AbortSignal): Promise<void> {
  const random: Random = createRandom(init.seed)
  peers.provider.start()
  await peers.provider.ready({ signal })
  peers.payer.start(peers.provider.advert)
  let last: readonly Side[] = []
  for (let kill = 1; kill <= init.kills; kill += 1) {
    const strike = nextStrike(random, last)
    await momentOf(peers, strike, signal)
    await Promise.all(strike.victims.map(async (side) => peers[side].kill()))
    for (const side of strike.victims) {
      peers[side].start(side === 'payer' ? peers.provider.advert : undefined)
    }
    last = strike.victims
    if (kill % PROGRESS_EVERY === 0 || kill === init.kills) {
      init.onProgress(`${kill} kills, ${peers.payer.delivered} segments delivered`)
    }
  }
}

async function momentOf(peers: Peers, { victims, moment }: Strike, signal: AbortSignal) {
  if (moment.type === 'starting') {
    const slowest = Math.max(...victims.map((side) => peers[side].startMs))
    return sleep(slowest * moment.part, { signal })
  }
  const before = peers.payer.delivered
  const within = anySignal([signal], RESUME_WITHIN_MS)
  await until(() => peers.payer.delivered > before, within, 'payments do not flow again')
  await sleep(moment.afterMs, { signal })
}

/** Has every segment answered and every winner settled, then lets both sides close. */
async function settle(peers: Peers, init: KillLoopInit, signal: AbortSignal): Promise<void> {
  init.onProgress('letting what is under way settle')
  const within = anySignal([signal], SETTLE_WITHIN_MS)
  await Promise.all([peers.provider.ready({ signal }), peers.payer.ready({ signal })])
  await peers.payer.finish({ signal: within })
  while ((await peers.provider.pending({ signal: within })) > 0) {
    await sleep(SETTLE_POLL_MS, { signal: within })
  }
  const stopping = { signal: anySignal([signal], STOP_WITHIN_MS) }
  await peers.payer.stop(stopping)
  await peers.provider.stop(stopping)
}

async function until(isTrue: () => boolean, signal: AbortSignal, what: string): Promise<void> {
  while (!isTrue()) {
    await sleep(20, { signal }).catch((error: unknown) => {
      throw new Error(what, { cause: error })
    })
  }
}
