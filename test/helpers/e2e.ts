import { dirname, join } from 'node:path'
import { setUpChain, type TestnetChain } from '../../scripts/testnet/chain-setup.ts'
import { freePort } from '../../scripts/testnet/delay-proxy.ts'
import {
  type Network,
  peerOf,
  startNetwork,
  startNode,
  startTranscoder,
} from '../../scripts/testnet/network.ts'
import { type PeerProcess, startPeer } from '../../scripts/testnet/peer-process.ts'
import type { BroadcasterStatus, StreamJson } from '../../scripts/testnet/statuses.ts'
import { sleep } from '../../src/lib/abort.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { createSample } from '../../src/media/sample.ts'
import { ROOT } from './e2e-processes.ts'
import { type Cleanup, temporaryDirectory } from './fixtures.ts'

/** The video that the testnet streams by default, made by whoever needs it first. */
export async function sampleVideo(): Promise<string> {
  return createSample({ cacheDirectory: join(ROOT, '.cache'), seconds: 30 })
}

/** A chain with a network of processes on it. */
export interface Market {
  readonly chain: TestnetChain
  readonly network: Network
  /** Two orchestrators' addresses, to join by. */
  readonly doors: readonly string[]
  readonly sample: string
  /** Starts another broadcaster, on the account of this index; 1 is the first that is funded. */
  broadcaster(index: number, own?: object, network?: object): Promise<PeerProcess>
  /** Starts another orchestrator, on the account of this index. */
  orchestrator(index: number, own?: object): Promise<PeerProcess>
  /** Starts a transcoder for an orchestrator; the index is only its name. */
  transcoder(index: number, orchestrator: PeerProcess, own: object): Promise<PeerProcess>
  /** Starts a node that has ended once more, on the same config and data. */
  again(ended: PeerProcess): Promise<PeerProcess>
}

/** How large a market is. Broadcasters are funded here and started by the test. */
export interface MarketInit {
  readonly orchestrators: number
  readonly broadcasters: number
}

/** Sets up a chain and starts the orchestrators. */
export async function startMarket(cleanup: Cleanup, init: MarketInit): Promise<Market> {
  const directory = await temporaryDirectory(cleanup)
  const { signal } = new AbortController()
  const sample = await sampleVideo()
  const accounts = { ...init, directory: join(directory, 'accounts') }
  const chain = await setUpChain({ logger: silentLogger }, accounts, { signal })
  cleanup.add(() => chain.stop())
  const { orchestrators } = init
  const options = { orchestrators, broadcasters: 0, once: true, keep: false, realtime: false }
  const base = { chain, directory, input: sample, signal }
  const network = await startNetwork({ ...base, options, onStep() {} })
  cleanup.add(() => network.stop())
  const doors = network.orchestrators.slice(0, 2).flatMap(({ ready }) => ready.addresses)
  const here = { listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap: doors, allowLoopback: true }
  const started = async (peer: Promise<PeerProcess>): Promise<PeerProcess> => {
    const running = await peer
    cleanup.add(() => running.stop())
    return running
  }
  return {
    chain,
    network,
    doors,
    sample,
    broadcaster(index, own = {}, more = {}) {
      const config = {
        network: { ...here, ...more },
        broadcaster: { profiles: ['360p', '240p'], ...own },
      }
      return started(startNode(base, 'broadcaster', index, orchestrators + index, config))
    },
    async orchestrator(index, own = {}) {
      const listen = [`/ip4/127.0.0.1/tcp/${await freePort()}`]
      const terms = { pricePerUnit: '100000000', transcoding: { workers: 1, backend: 'node-av' } }
      const config = { network: { ...here, listen }, orchestrator: { ...terms, ...own } }
      return started(startNode(base, 'orchestrator', index, index, config))
    },
    transcoder: (index, orchestrator, own) =>
      started(
        startTranscoder(base, index, { orchestrator: peerOf(orchestrator), slots: 1, ...own }),
      ),
    again({ name, role, logFile }) {
      const configFile = join(dirname(logFile), 'config.yaml')
      return started(startPeer({ name, role, logFile, configFile, signal }))
    },
  }
}

/** Asks a broadcaster how it is until the answer will do. */
export async function statusWhen(
  peer: PeerProcess,
  isGood: (status: BroadcasterStatus) => boolean,
): Promise<BroadcasterStatus> {
  for (;;) {
    const status = await peer.status<BroadcasterStatus>()
    if (status !== null && isGood(status)) return status
    if (!peer.isRunning()) throw new Error(`${peer.name} has died; see ${peer.logFile}`)
    await sleep(50)
  }
}

/** Waits until the first stream of a broadcaster is as wanted. */
export async function streamWhen(
  peer: PeerProcess,
  isGood: (stream: StreamJson) => boolean,
): Promise<StreamJson> {
  const { broadcaster } = await statusWhen(peer, (status) => {
    const [stream] = status.broadcaster.streams
    return stream !== undefined && isGood(stream)
  })
  return broadcaster.streams[0] as StreamJson
}

/** Calls a method of the chain's JSON-RPC. */
export async function rpc(
  chain: TestnetChain,
  method: string,
  ...params: unknown[]
): Promise<unknown> {
  const response = await fetch(chain.anvil.rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const reply = (await response.json()) as { result?: unknown; error?: { message: string } }
  if (reply.error !== undefined) throw new Error(`${method}: ${reply.error.message}`)
  return reply.result
}
