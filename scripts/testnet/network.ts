import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex } from '../../src/lib/bytes.ts'
import type { Role } from '../../src/node/config.ts'
import { chainParameters, type TestnetChain } from './chain-setup.ts'
import { type DelayProxy, freePort, startDelayProxy } from './delay-proxy.ts'
import type { TestnetOptions } from './options.ts'
import { type PeerProcess, startPeer } from './peer-process.ts'
import { scenarios } from './scenarios/index.ts'

/** Regions, prices in wei per pixel and one-way delays the orchestrators take in turn. */
const CHARACTERS = [
  { region: 'eu-central', pricePerUnit: '90000000', delayMs: 5 },
  { region: 'us-east', pricePerUnit: '100000000', delayMs: 40 },
  { region: 'ap-south', pricePerUnit: '120000000', delayMs: 80 },
] as const

/** Blocks for which ticket params are good: short, so that a run need not wait long at its end. */
export const PARAMS_LIFE_BLOCKS = 12

/** The testnet's peers, running. */
export interface Network {
  readonly orchestrators: readonly PeerProcess[]
  readonly broadcasters: readonly PeerProcess[]
  readonly redeemers: readonly PeerProcess[]
  peers(): readonly PeerProcess[]
  stop(): Promise<void>
}

/** What a network is built from. */
export interface NetworkInit {
  readonly chain: TestnetChain
  readonly directory: string
  readonly input: string
  readonly options: TestnetOptions
  readonly signal: AbortSignal
  onStep(text: string): void
}

/** Starts the orchestrators, the first as bootstrap of the others, and then the broadcasters. */
export async function startNetwork(init: NetworkInit): Promise<Network> {
  const peers: PeerProcess[] = []
  const proxies: DelayProxy[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(peers.map((peer) => peer.stop()))
    await Promise.all(proxies.map((proxy) => proxy.stop()))
  }
  try {
    const { orchestrators: count, broadcasters } = init.options
    const redeemer = init.options.redeemer === true ? await startRedeemer(init) : undefined
    if (redeemer !== undefined) peers.push(redeemer)
    const first = await startOrchestrator(init, { index: 1, bootstrap: [], redeemer }, proxies)
    peers.push(first)
    const bootstrap = first.ready.addresses
    const rest = Array.from({ length: count - 1 }, (_, i) =>
      startOrchestrator(init, { index: i + 2, bootstrap, redeemer }, proxies),
    )
    await collect(rest, peers)
    // Two doors, so that losing one orchestrator shuts nobody out.
    const doors = peers
      .filter(({ role }) => role === 'orchestrator')
      .slice(0, 2)
      .flatMap(({ ready }) => ready.addresses)
    const callers = Array.from({ length: broadcasters }, (_, i) =>
      startBroadcaster(init, i + 1, doors),
    )
    await collect(callers, peers)
    return {
      orchestrators: peers.filter(({ role }) => role === 'orchestrator'),
      broadcasters: peers.filter(({ role }) => role === 'broadcaster'),
      redeemers: peers.filter(({ role }) => role === 'redeemer'),
      peers: () => peers,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Keeps those that started even when another did not, so that all of them can be stopped. */
async function collect(
  starting: readonly Promise<PeerProcess>[],
  into: PeerProcess[],
): Promise<void> {
  const outcomes = await Promise.allSettled(starting)
  for (const outcome of outcomes) if (outcome.status === 'fulfilled') into.push(outcome.value)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason as Error
}

async function startOrchestrator(
  init: NetworkInit,
  own: {
    readonly index: number
    readonly bootstrap: readonly string[]
    readonly redeemer: PeerProcess | undefined
  },
  proxies: DelayProxy[],
): Promise<PeerProcess> {
  const { index, bootstrap, redeemer } = own
  const character = CHARACTERS[(index - 1) % CHARACTERS.length] as (typeof CHARACTERS)[number]
  const port = await freePort()
  const proxy = await startDelayProxy(port, character.delayMs)
  proxies.push(proxy)
  init.onStep(
    `orchestrator-${index}: ${character.region}, ${character.pricePerUnit} wei a pixel, ${character.delayMs} ms away`,
  )
  return startNode(init, 'orchestrator', index, index, {
    network: {
      listen: [`/ip4/127.0.0.1/tcp/${port}`],
      announce: [`/ip4/127.0.0.1/tcp/${proxy.port}`],
      bootstrap,
      allowLoopback: true,
    },
    orchestrator: {
      regions: [character.region],
      pricePerUnit: character.pricePerUnit,
      tickets: {
        ticketsPerSegment: 4,
        evMultiplier: 2,
        txCostMultiplier: 5,
        paramsLifeBlocks: PARAMS_LIFE_BLOCKS,
      },
      transcoding: { workers: 2, backend: 'node-av' },
      ...(redeemer === undefined ? {} : { redeemer: peerOf(redeemer) }),
    },
  })
}

function peerOf({ ready: { peerId, addresses } }: PeerProcess): object {
  return { peerId, addresses }
}

async function startRedeemer(init: NetworkInit): Promise<PeerProcess> {
  const { chain, options } = init
  init.onStep('redeemer-1: redeems the winners of all orchestrators')
  return startNode(init, 'redeemer', 1, 1 + options.orchestrators + options.broadcasters, {
    network: { listen: ['/ip4/127.0.0.1/tcp/0'], allowLoopback: true },
    redeemer: {
      orchestrators: Array.from(
        { length: options.orchestrators },
        (_, i) => chain.account(i + 1).address,
      ),
    },
  })
}

async function startBroadcaster(
  init: NetworkInit,
  index: number,
  bootstrap: readonly string[],
): Promise<PeerProcess> {
  const { duration, realtime } = init.options
  init.onStep(
    `broadcaster-${index}: knows ${bootstrap.length} bootstrap addresses, finds orchestrators by advert`,
  )
  return startNode(init, 'broadcaster', index, init.options.orchestrators + index, {
    network: { listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap, allowLoopback: true },
    broadcaster: {
      profiles: ['360p', '240p'],
      streams: [
        {
          name: `stream-${index}`,
          input: init.input,
          pace: realtime ? 'realtime' : 'fast',
          ...(duration === undefined ? {} : { maxDurationMs: duration * 1000 }),
        },
      ],
    },
  })
}

/** What a node is started on. */
type StartedOn = Pick<NetworkInit, 'chain' | 'directory' | 'signal'> & {
  readonly options?: TestnetOptions
}

/** Starts one node on an account of the chain; `own` is the part of its config that only it has. */
export async function startNode(
  { chain, directory, signal, options }: StartedOn,
  role: Role,
  index: number,
  account: number,
  own: object,
): Promise<PeerProcess> {
  const name = `${role}-${index}`
  const home = join(directory, name)
  await mkdir(home, { recursive: true })
  const keyFile = join(home, 'wallet.key')
  await writeFile(keyFile, toHex(chain.account(account).privateKey), { mode: 0o600 })
  const { ticketBroker, roundsManager, bondingManager, serviceRegistry } = chain.contracts
  const scenario = options?.scenario === undefined ? undefined : scenarios[options.scenario]
  const plain = {
    roles: [role],
    dataDirectory: join(home, 'data'),
    logLevel: 'debug',
    wallet: { keyFile },
    chain: {
      rpcUrl: chain.anvil.wsUrl,
      chainId: chainParameters.chainId,
      contracts: { ticketBroker, roundsManager, bondingManager, serviceRegistry },
      initializeRounds: role === 'orchestrator' && index === 1,
      pollIntervalMs: 250,
      minGasPrice: String(chainParameters.gasPriceWei),
    },
    http: { host: '127.0.0.1', port: 0 },
    ...own,
  }
  const config = merged(plain, scenario?.configOf(role, chain.contracts) ?? {})
  // JSON is YAML, and the same command reads both.
  const configFile = join(home, 'config.yaml')
  await writeFile(configFile, JSON.stringify(config, null, 2))
  return startPeer({ name, role, configFile, logFile: join(home, 'log.jsonl'), signal })
}

/** Two configs in one; what the second says of a key counts. */
function merged(first: object, second: object): object {
  const out: Record<string, unknown> = { ...first }
  for (const [key, value] of Object.entries(second)) {
    const present = out[key]
    out[key] = isObject(present) && isObject(value) ? merged(present, value) : value
  }
  return out
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
