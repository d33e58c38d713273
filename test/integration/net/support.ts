import '../../../src/lib/polyfill.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noise } from '@chainsafe/libp2p-noise'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { createFrameChannel, type FrameChannel } from '../../../src/net/frame-channel.ts'
import { createNetHost, type NetHost, type NetHostInit } from '../../../src/net/host.ts'
import { MUXER_OPTIONS } from '../../../src/net/libp2p-node.ts'
import { createNetMetrics } from '../../../src/net/metrics.ts'
import { createPeerKey } from '../../../src/net/peer-key.ts'

/** What a test opened and must close, last first. */
export class Cleanup {
  readonly #steps: (() => Promise<unknown>)[] = []

  add(step: () => Promise<unknown>): void {
    this.#steps.push(step)
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step()
  }
}

export const TOPIC = '/test/1337/adv/1/transcode'

/** A host on a free loopback port, not started. */
export async function createTestHost(
  cleanup: Cleanup,
  init: Partial<NetHostInit> = {},
): Promise<NetHost> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-net-'))
  const host = await createNetHost(
    { logger: silentLogger, metrics: noMetrics },
    {
      peerKey: await createPeerKey(),
      listen: ['/ip4/127.0.0.1/tcp/0'],
      bootstrap: [],
      datastoreDirectory: join(directory, 'peers'),
      topics: [TOPIC],
      agentVersion: 'millrace-test',
      allowLoopback: true,
      ...init,
    },
  )
  cleanup.add(async () => {
    await host.stop()
    await rm(directory, { recursive: true, force: true })
  })
  return host
}

/** A started host on a free loopback port. */
export async function startTestHost(
  cleanup: Cleanup,
  init: Partial<NetHostInit> = {},
): Promise<NetHost> {
  const host = await createTestHost(cleanup, init)
  await host.start()
  return host
}

/** A host as a target of `open` and `request`. */
export function target(host: NetHost): { peerId: string; addresses: readonly string[] } {
  return { peerId: host.peerId, addresses: host.addresses() }
}

/** Both ends of one libp2p stream, as the muxer handed them over. */
export interface RawPair {
  readonly near: Stream
  readonly nearConnection: Connection
  readonly far: Stream
  readonly farConnection: Connection
}

export const PROTOCOL = '/test/raw/1'

/** A bare libp2p node without any of the host's parts. */
export async function startRawNode(
  cleanup: Cleanup,
  muxer: Parameters<typeof yamux>[0] = MUXER_OPTIONS,
): Promise<Libp2p> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux(muxer)],
    connectionMonitor: { enabled: false },
  })
  cleanup.add(async () => node.stop())
  return node
}

/** Opens streams between two bare nodes. */
export async function createRawPairs(cleanup: Cleanup): Promise<() => Promise<RawPair>> {
  const [dialer, listener] = [await startRawNode(cleanup), await startRawNode(cleanup)]
  let arrived = Promise.withResolvers<{ far: Stream; farConnection: Connection }>()
  await listener.handle(PROTOCOL, (far, farConnection) => arrived.resolve({ far, farConnection }), {
    maxInboundStreams: 64,
  })
  const nearConnection = await dialer.dial(listener.getMultiaddrs())
  return async () => {
    arrived = Promise.withResolvers()
    const near = await nearConnection.newStream([PROTOCOL])
    return { near, nearConnection, ...(await arrived.promise) }
  }
}

/** A framed end of a raw stream. */
export function framed(stream: Stream, connection: Connection, maxBodyBytes = 0): FrameChannel {
  return createFrameChannel(stream, connection, {
    maxBodyBytes,
    metrics: createNetMetrics(noMetrics),
  })
}

/** Resolves when the condition holds; the test runner's timeout bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Resolves when a number has stopped changing for a while: nothing is under way any more. */
export async function settled(read: () => number): Promise<number> {
  for (let last = read(), same = 0; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    const now = read()
    same = now === last ? same + 1 : 0
    last = now
    if (same === 10) return now
  }
}

/** Bytes that tell where they belong. */
export function patterned(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0, x = seed; i < length; i += 1) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = x >>> 24
  }
  return bytes
}
