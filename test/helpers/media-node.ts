import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { toHex } from '../../src/lib/bytes.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import { createNode, type MillraceNode } from '../../src/node/create-node.ts'
import { parseConfig } from '../../src/node/load-config.ts'
import type { TestChain } from './chain.ts'

/** A short film: one segment. */
export const FILM = fileURLToPath(
  new URL('../fixtures/media/segment-360p-2s.mpegts', import.meta.url),
)

/** A directory for a node's data, which goes with the test. */
export async function nodeHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'millrace-node-'))
  onTestFinished(async () => rm(home, { recursive: true, force: true }))
  return home
}

/** A node's own part of its config. */
export interface NodeInit {
  readonly bootstrap?: readonly string[]
  readonly [section: string]: unknown
}

/** The config of a node of content and attention with one of the chain's accounts. */
export async function mediaConfig(
  chain: TestChain,
  account: number,
  home: string,
  { bootstrap = [], ...own }: NodeInit,
) {
  const keyFile = join(home, 'wallet.key')
  await writeFile(keyFile, toHex(chain.anvil.account(account).privateKey), { mode: 0o600 })
  const { ticketBroker, roundsManager, bondingManager, serviceRegistry } = chain.addresses
  const { mediaExchange, userRegistry, videoRegistry } = chain.addresses
  return {
    dataDirectory: join(home, 'data'),
    wallet: { keyFile },
    chain: {
      rpcUrl: chain.anvil.rpcUrl,
      chainId: chain.anvil.chainId,
      contracts: { ticketBroker, roundsManager, bondingManager, serviceRegistry },
      media: { mediaExchange, userRegistry, videoRegistry },
      pollIntervalMs: 50,
    },
    network: { listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap, allowLoopback: true },
    ...own,
  }
}

/** Such a node, started. */
export async function startMediaNode(
  chain: TestChain,
  account: number,
  own: NodeInit,
  home?: string,
): Promise<MillraceNode> {
  const config = parseConfig(await mediaConfig(chain, account, home ?? (await nodeHome()), own))
  const node = await createNode({ logger: silentLogger, metrics: noMetrics }, config)
  let isStopped = false
  const stop = async (): Promise<void> => {
    if (isStopped) return
    isStopped = true
    await node.stop()
  }
  onTestFinished(stop)
  await node.start()
  return { ...node, stop }
}

/** What a node shows of one of its roles. */
export async function partOf<T>(node: MillraceNode, role: string): Promise<T> {
  return ((await node.status()) as Record<string, T>)[role] as T
}
