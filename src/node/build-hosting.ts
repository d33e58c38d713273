import { join } from 'node:path'
import { createDirectoryHost, createPeerHost } from '../exchange/block-hosts.ts'
import type { Catalog } from '../exchange/content-catalog.ts'
import { createHostedBlocks, type HostedBlocks } from '../exchange/hosted-blocks.ts'
import { createHostingDesk } from '../exchange/hosting-desk.ts'
import { type BlockStore, createBlockStore } from '../media/content/block-store.ts'
import type { Cid } from '../media/content/cid.ts'
import type { BuiltRole } from './built-role.ts'
import type { NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'

/** The role that keeps segments for publishers. */
export function buildHost(
  { net, store, logger }: Foundation,
  { host, dataDirectory }: NodeConfig,
): BuiltRole {
  const desk = createHostingDesk(
    {
      ...{ host: net.host, store, logger: logger.child({ room: 'hosting' }) },
      blocks: createBlockStore({ directory: join(dataDirectory, 'hosted') }),
    },
    { publishers: new Map(host.publishers.map(({ peerId, maxBytes }) => [peerId, maxBytes])) },
  )
  return {
    start: async () => desk.start(),
    stop: async () => {},
    complaints: async () => [],
    status: async () => ({ publishers: desk.hosted() }),
  }
}

/** A publisher's blocks, of which segments are with its hosts too. */
export function buildHostedBlocks(
  { net, clock, logger }: Foundation,
  { publisher, roles }: NodeConfig,
  { own, catalog }: { readonly own: BlockStore; readonly catalog: Catalog },
): HostedBlocks {
  const configured = roles.includes('publisher') ? publisher.hosts : []
  const hosts = configured.map((host) =>
    'directory' in host
      ? createDirectoryHost(host.directory, createBlockStore(host))
      : createPeerHost({ host: net.host }, host),
  )
  const segments = async (): Promise<readonly Cid[]> => {
    const cids = new Set<Cid>()
    for (const { video, formats } of await catalog.list()) {
      for (const format of formats) {
        for (const cid of (await catalog.toc(video, format)) ?? []) cids.add(cid)
      }
    }
    return [...cids]
  }
  return createHostedBlocks(
    { own, hosts, clock, segments, logger: logger.child({ room: 'hosting' }) },
    { keepsSegments: publisher.keepsSegments },
  )
}
