import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createDirectoryHost, createPeerHost } from '../../../src/exchange/block-hosts.ts'
import type { Purchase } from '../../../src/exchange/content-purchase.ts'
import { createHostingDesk } from '../../../src/exchange/hosting-desk.ts'
import { toHex } from '../../../src/lib/bytes.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { type BlockStore, createBlockStore } from '../../../src/media/content/block-store.ts'
import { cidOf } from '../../../src/media/content/cid.ts'
import type { NetHost } from '../../../src/net/host.ts'
import { startTestChain, type TestChain } from '../../helpers/chain.ts'
import {
  type MediaParty,
  type MediaPartyInit,
  startMediaParty,
} from '../../helpers/fixtures-media.ts'

let chain: TestChain

beforeAll(async () => {
  chain = await startTestChain()
})

afterAll(async () => {
  await chain.stop()
})

async function startParty(index: number, init: MediaPartyInit = {}): Promise<MediaParty> {
  const party = await startMediaParty(chain, await chain.party(index), init)
  onTestFinished(async () => party.stop())
  return party
}

/** A node that is nothing but a host, and opens its desk for some publishers. */
async function startHost(index: number) {
  const party = await startParty(index, { desk: false, sells: false })
  const open = async (publishers: ReadonlyMap<string, number>) => {
    const { host, store, blocks } = party
    const desk = createHostingDesk({ host, store, blocks, logger: silentLogger }, { publishers })
    await desk.start()
    return desk
  }
  return { ...party, open }
}

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-hosted-'))
  onTestFinished(async () => rm(path, { recursive: true, force: true }))
  return path
}

async function buyAll(purchase: Purchase): Promise<number> {
  for (let count = 0; ; count += 1) {
    const bought = await purchase.next()
    if (!bought.ok) throw new Error(`${bought.error.code}: ${bought.error.detail}`)
    if (bought.value === null) {
      await purchase.close()
      return count
    }
  }
}

async function segmentsOf(owner: MediaParty, video: { readonly directory: Uint8Array }) {
  return (await owner.catalog.toc(toHex(video.directory), '720p')) ?? []
}

async function held(blocks: BlockStore, cids: readonly string[]): Promise<number> {
  const found = await Promise.all(cids.map(async (cid) => blocks.has(cid)))
  return found.filter(Boolean).length
}

const GIGABYTE = 1024 ** 3

describe('A4 hosting', () => {
  test('A4 what a publisher keeps with two hosts is sold from there, and from the second alone', async () => {
    const first = await startHost(3)
    const second = await startHost(4)
    const hosts = (host: NetHost) =>
      [first, second].map(({ target }) => createPeerHost({ host }, target))
    const owner = await startParty(1, { hosts })
    const viewer = await startParty(2)
    const publishers = new Map([[owner.target.peerId, GIGABYTE]])
    const [desk] = [await first.open(publishers), await second.open(publishers)]
    const video = await owner.publish({ count: 5, title: 'hosted' })
    const cids = await segmentsOf(owner, video)
    expect(await held(owner.blocks, cids)).toBe(0)
    expect(desk.hosted()).toMatchObject([{ blocks: 5, bytes: 5 * 4096 }])
    expect(await buyAll(await viewer.buy(video, owner.target))).toBe(5)
    expect(await held(viewer.blocks, cids)).toBe(5)
    expect(owner.hosted.hosts()).toMatchObject([
      { put: 5, got: 5 },
      { put: 5, got: 0 },
    ])
    await first.host.stop()
    const other = await startParty(5)
    expect(await buyAll(await other.buy(video, owner.target))).toBe(5)
    expect(owner.hosted.hosts()).toMatchObject([{ got: 5 }, { got: 5 }])
  })

  test('A4 a host gives a segment to nobody but the publisher that brought it, and keeps to its word', async () => {
    const host = await startHost(3)
    const owner = await startParty(1)
    const other = await startParty(2)
    const stranger = await startParty(4)
    await host.open(
      new Map([
        [owner.target.peerId, 6000],
        [other.target.peerId, 6000],
      ]),
    )
    const segment = new Uint8Array(4096).fill(1)
    const cid = cidOf(segment, 'raw')
    const own = createPeerHost(owner, host.target)
    await own.put(segment)
    expect(await own.get(cid)).toEqual(segment)
    expect(await createPeerHost(stranger, host.target).get(cid)).toBeUndefined()
    expect(await createPeerHost(other, host.target).get(cid)).toBeUndefined()
    expect(await createPeerHost(other, host.target).missing([cid])).toEqual([cid])
    const refused = createPeerHost(stranger, host.target).put(segment)
    await expect(refused).rejects.toMatchObject({ code: expect.any(String) })
    // What it has already takes no room twice; what is too much is refused.
    await own.put(segment)
    await expect(own.put(new Uint8Array(4096).fill(2))).rejects.toMatchObject({
      code: 'HOST_REFUSED',
      message: expect.stringContaining('HOST_FULL'),
    })
    await own.put(new Uint8Array(1904).fill(3))
  })

  test('A4 a host that was away is brought what it lacks; a directory is a host too', async () => {
    const away = await startHost(3)
    const path = await directory()
    const disk = createBlockStore({ directory: path })
    const hosts = (host: NetHost) => [
      createPeerHost({ host }, away.target),
      createDirectoryHost(path, disk),
    ]
    const owner = await startParty(1, { hosts })
    const viewer = await startParty(2)
    const video = await owner.publish({ count: 4, title: 'on a disk' })
    const cids = await segmentsOf(owner, video)
    expect(await held(disk, cids)).toBe(4)
    expect(await held(away.blocks, cids)).toBe(0)
    expect(owner.hosted.hosts()[0]?.fault).toBeDefined()
    expect(await buyAll(await viewer.buy(video, owner.target))).toBe(4)
    await away.open(new Map([[owner.target.peerId, GIGABYTE]]))
    expect(await owner.hosted.repair()).toBe(4)
    expect(await held(away.blocks, cids)).toBe(4)
    expect(await owner.hosted.repair()).toBe(0)
    expect(owner.hosted.hosts()[0]?.fault).toBeUndefined()
  })

  test('A4 a host that gives other bytes is passed over', async () => {
    const good = createBlockStore({ directory: await directory() })
    const path = await directory()
    const hosts = () => [
      { ...createDirectoryHost('bad', good), get: async () => new Uint8Array(4096) },
      createDirectoryHost(path, good),
    ]
    const owner = await startParty(1, { hosts })
    const viewer = await startParty(2)
    const video = await owner.publish({ count: 3, title: 'one bad host' })
    expect(await buyAll(await viewer.buy(video, owner.target))).toBe(3)
    expect(owner.hosted.hosts()).toMatchObject([{ got: 0 }, { got: 3 }])
  })
})
