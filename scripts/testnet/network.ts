import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ContractAddresses } from '../../src/chain/deploy.ts'
import { toHex } from '../../src/lib/bytes.ts'
import type { Published } from '../../src/market/service.ts'
import { DEFAULT_SERVICE, type Role } from '../../src/node/config.ts'
import { chainParameters, type TestnetChain } from './chain-setup.ts'
import { type DelayProxy, freePort, startDelayProxy } from './delay-proxy.ts'
import type { TestnetOptions } from './options.ts'
import { type PeerProcess, startPeer } from './peer-process.ts'

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
  readonly transcoders: readonly PeerProcess[]
  peers(): readonly PeerProcess[]
  /** The way to an orchestrator, on which bytes are held back. */
  wayTo(peer: PeerProcess): DelayProxy
  /** Adds a node that was started elsewhere, so that it is stopped with the rest. */
  add(peer: PeerProcess): void
  /** Starts a node that has ended once more on its data; `own` changes its part of the config. */
  again(ended: PeerProcess, own?: object): Promise<PeerProcess>
  stop(): Promise<void>
}

/** What a network is built from. */
export interface NetworkInit {
  readonly chain: TestnetChain
  readonly directory: string
  readonly input: string
  readonly options: TestnetOptions
  readonly signal: AbortSignal
  /** Laid over the whole config of every node. */
  readonly config?: ((role: Role, contracts: ContractAddresses) => object) | undefined
  /** Changes a node before it starts. */
  readonly changes?: ((role: Role, index: number) => NodeChanges) | undefined
  onStep(text: string): void
}

/** How a node differs from the default one. */
export interface NodeChanges {
  /** Laid over the role's own part of the config, object by object. */
  readonly own?: object
  /** How far away an orchestrator is, one way. */
  readonly delayMs?: number
}

/** Starts the orchestrators, the first as bootstrap of the others, and then the broadcasters. */
export async function startNetwork(init: NetworkInit): Promise<Network> {
  const peers: PeerProcess[] = []
  const proxies = new Map<string, DelayProxy>()
  const stop = async (): Promise<void> => {
    await Promise.all(peers.map((peer) => peer.stop()))
    await Promise.all([...proxies.values()].map((proxy) => proxy.stop()))
  }
  const having = (role: Role) => peers.filter((peer) => peer.role === role)
  try {
    const { orchestrators: count, broadcasters } = init.options
    const redeemer = init.options.redeemer === true ? await startRedeemer(init) : undefined
    if (redeemer !== undefined) peers.push(redeemer)
    const { transcoders = 0 } = init.options
    const secret = transcoders > 0 ? randomBytes(16).toString('hex') : undefined
    const pool = secret === undefined ? undefined : { secret }
    const first = await startOrchestrator(
      init,
      { index: 1, bootstrap: [], redeemer, pool },
      proxies,
    )
    peers.push(first)
    const workers = Array.from({ length: transcoders }, (_, i) => {
      init.onStep(`transcoder-${i + 1}: works for ${first.name}, without a chain or a wallet`)
      return startTranscoder(init, i + 1, { orchestrator: peerOf(first), secret, slots: 1 })
    })
    await collect(workers, peers)
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
      get orchestrators() {
        return having('orchestrator')
      },
      get broadcasters() {
        return having('broadcaster')
      },
      get redeemers() {
        return having('redeemer')
      },
      get transcoders() {
        return having('transcoder')
      },
      peers: () => peers,
      wayTo({ name }) {
        const proxy = proxies.get(name)
        if (proxy === undefined) throw new Error(`there is no proxy before ${name}`)
        return proxy
      },
      add: (peer) => void peers.push(peer),
      async again(ended, own = {}) {
        const peer = await startAgain(ended, own, init.signal)
        peers[peers.indexOf(ended)] = peer
        return peer
      },
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

function characterOf(index: number): (typeof CHARACTERS)[number] {
  return CHARACTERS[(index - 1) % CHARACTERS.length] as (typeof CHARACTERS)[number]
}

/** What an orchestrator offers where, in its adverts and on chain. */
export function publishedOf({ changes }: Pick<NetworkInit, 'changes'>, index: number): Published {
  const usual = { services: [DEFAULT_SERVICE], regions: [characterOf(index).region] }
  const { services, regions } = { ...usual, ...changes?.('orchestrator', index).own }
  return { services, regions }
}

async function startOrchestrator(
  init: NetworkInit,
  own: {
    readonly index: number
    readonly bootstrap: readonly string[]
    readonly redeemer: PeerProcess | undefined
    readonly pool?: object | undefined
  },
  proxies: Map<string, DelayProxy>,
): Promise<PeerProcess> {
  const { index, bootstrap, redeemer, pool } = own
  const character = characterOf(index)
  const { own: changed = {}, delayMs = character.delayMs } =
    init.changes?.('orchestrator', index) ?? {}
  const port = await freePort()
  const proxy = await startDelayProxy(port, delayMs)
  proxies.set(`orchestrator-${index}`, proxy)
  const { regions } = publishedOf(init, index)
  const { pricePerUnit } = { pricePerUnit: character.pricePerUnit, ...changed }
  init.onStep(
    `orchestrator-${index}: ${regions.join()}, ${pricePerUnit} wei a pixel, ${delayMs} ms away`,
  )
  return startNode(init, 'orchestrator', index, index, {
    network: {
      listen: [`/ip4/127.0.0.1/tcp/${port}`],
      announce: [`/ip4/127.0.0.1/tcp/${proxy.port}`],
      bootstrap,
      allowLoopback: true,
    },
    orchestrator: overlay(
      {
        regions,
        pricePerUnit,
        tickets: {
          ticketsPerSegment: 4,
          evMultiplier: 2,
          txCostMultiplier: 5,
          paramsLifeBlocks: PARAMS_LIFE_BLOCKS,
        },
        transcoding: { workers: 2, backend: 'node-av' },
        ...(redeemer === undefined ? {} : { redeemer: peerOf(redeemer) }),
        ...(pool === undefined ? {} : { pool }),
      },
      changed,
    ),
  })
}

/** Where a node is found, as configs name it. */
export function peerOf({ ready: { peerId, addresses } }: PeerProcess): object {
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
    broadcaster: overlay(
      {
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
      init.changes?.('broadcaster', index).own ?? {},
    ),
  })
}

/** One object over another, object by object; anything else is replaced. */
function overlay(base: object, over: object): object {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key]
    merged[key] = isPlain(below) && isPlain(value) ? overlay(below, value) : value
  }
  return merged
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Starts a node once more on the config it had, changed where `own` says so, and on its data. */
async function startAgain(
  { name, role, logFile }: PeerProcess,
  own: object,
  signal: AbortSignal,
): Promise<PeerProcess> {
  const configFile = join(dirname(logFile), 'config.yaml')
  const config = JSON.parse(await readFile(configFile, 'utf8')) as object
  await writeFile(configFile, JSON.stringify(overlay(config, { [role]: own }), null, 2))
  return startPeer({ name, role, logFile, configFile, signal })
}

/** What a node is started on. */
export type NodeBase = Pick<NetworkInit, 'chain' | 'directory' | 'signal' | 'config'>

/** Starts one node on an account of the chain; `own` is the part of its config that only it has. */
export async function startNode(
  { chain, directory, signal, config: over }: NodeBase,
  role: Role,
  index: number,
  account: number,
  own: object,
): Promise<PeerProcess> {
  const home = join(directory, `${role}-${index}`)
  await mkdir(home, { recursive: true })
  const keyFile = join(home, 'wallet.key')
  await writeFile(keyFile, toHex(chain.account(account).privateKey), { mode: 0o600 })
  const { ticketBroker, roundsManager, bondingManager, serviceRegistry } = chain.contracts
  const config = {
    wallet: { keyFile },
    chain: {
      rpcUrl: chain.anvil.wsUrl,
      chainId: chainParameters.chainId,
      contracts: { ticketBroker, roundsManager, bondingManager, serviceRegistry },
      initializeRounds: role === 'orchestrator' && index === 1,
      pollIntervalMs: 250,
      minGasPrice: String(chainParameters.gasPriceWei),
    },
    ...own,
  }
  const whole = overlay(config, over?.(role, chain.contracts) ?? {})
  return startOn({ directory, signal }, role, index, whole)
}

/** Starts a transcoder, which has neither an account nor a chain; `transcoder` is its own part. */
export async function startTranscoder(
  base: Pick<NetworkInit, 'directory' | 'signal'>,
  index: number,
  transcoder: object,
): Promise<PeerProcess> {
  const network = { allowLoopback: true }
  return startOn(base, 'transcoder', index, { network, transcoder })
}

async function startOn(
  { directory, signal }: Pick<NetworkInit, 'directory' | 'signal'>,
  role: Role,
  index: number,
  own: object,
): Promise<PeerProcess> {
  const name = `${role}-${index}`
  const home = join(directory, name)
  await mkdir(home, { recursive: true })
  const config = {
    roles: [role],
    dataDirectory: join(home, 'data'),
    logLevel: 'debug',
    http: { host: '127.0.0.1', port: 0 },
    ...own,
  }
  // JSON is YAML, and the same command reads both.
  const configFile = join(home, 'config.yaml')
  await writeFile(configFile, JSON.stringify(config, null, 2))
  return startPeer({ name, role, configFile, logFile: join(home, 'log.jsonl'), signal })
}
