import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PeerProcess } from '../../scripts/testnet/peer-process.ts'
import type { BroadcasterStatus } from '../../scripts/testnet/statuses.ts'
import { createWalletSigner } from '../../src/lib/crypto/eip191.ts'
import { type Advert, advertTopic, signAdvert } from '../../src/market/advert.ts'
import { createBinding } from '../../src/net/identity.ts'
import { createPeerKey } from '../../src/net/peer-key.ts'
import { type Market, startMarket, statusWhen } from '../helpers/e2e.ts'
import { Cleanup, until, walletOf } from '../helpers/fixtures.ts'
import { CHAIN_ID, createHost } from '../helpers/fixtures-hosts.ts'

const cleanup = new Cleanup()
let market: Market
let late: PeerProcess
beforeAll(async () => {
  market = await startMarket(cleanup, { orchestrators: 3, broadcasters: 1 })
})
afterAll(() => cleanup.run())

const orchestrators = (): string[] =>
  market.network.orchestrators.map(({ ready }) => ready.peerId).sort()
const peerIds = ({ peers }: BroadcasterStatus): string[] => peers.map(({ peerId }) => peerId).sort()

/** How many adverts a node has judged so. */
async function judged(peer: PeerProcess, verdict: string, fault: string): Promise<number> {
  const text = await (await fetch(`${peer.ready.http}/metrics`)).text()
  const labels = `verdict="${verdict}",fault="${fault}"`
  const line = text.split('\n').find((one) => one.includes(`{${labels}}`))
  return line === undefined ? 0 : Number(line.split(' ').at(-1))
}

describe('adverts', () => {
  test('all live ones reach a broadcaster that joins late through one door', async () => {
    late = await market.broadcaster(1, {}, { bootstrap: market.doors.slice(0, 1) })
    const { peers } = await statusWhen(late, (status) => status.peers.length >= 3)
    expect(peers.map(({ peerId }) => peerId).sort()).toEqual(orchestrators())
    for (const { ready } of market.network.orchestrators) {
      expect(peers.find(({ peerId }) => peerId === ready.peerId)).toMatchObject({
        role: 'orchestrator',
        address: ready.address,
        services: ['CPUTranscoding'],
        addresses: ready.addresses,
      })
    }
    expect(new Set(peers.flatMap(({ regions }) => regions)).size).toBe(3)
    expect((await fetch(`${late.ready.http}/readyz`)).status).toBe(200)
  })

  test('are not made by an orchestrator without stake, which says so', async () => {
    const unbonded = await market.orchestrator(6)
    const readiness = await fetch(`${unbonded.ready.http}/readyz`)
    expect(readiness.status).toBe(503)
    expect(await readiness.json()).toEqual({
      ready: false,
      reasons: ['not in the active set of this round'],
    })
    // It takes part in the network all the same: it knows what the others say.
    await statusWhen(unbonded, (status) => status.peers.length >= 3)
    expect(peerIds(await statusWhen(late, () => true))).toEqual(orchestrators())
  })

  test('of a wallet without stake, or of a stranger’s wallet, are rejected by who gets them', async () => {
    const door = market.network.orchestrators[0] as PeerProcess
    const stranger = createWalletSigner(market.chain.account(1).privateKey).address
    const own = walletOf('no stake')
    for (const [address, fault] of [
      [own.address, 'UNBONDED'],
      [stranger, 'BAD_SIGNATURE'],
    ] as const) {
      const peerKey = await createPeerKey()
      const topic = advertTopic(CHAIN_ID)
      const init = { peerKey, bootstrap: market.doors.slice(0, 1), topics: [topic] }
      const { host } = await createHost(cleanup, init)
      host.gossip.join(topic, { validate: () => 'ignore', onMessage() {} })
      await host.start()
      await until(() => host.gossip.subscribers(topic).includes(door.ready.peerId))
      const before = await judged(door, 'reject', fault)
      const binding = createBinding(peerKey, own, { chainId: CHAIN_ID })
      const advert: Advert = {
        chainId: CHAIN_ID,
        peerId: host.peerId,
        address,
        binding: { ...binding, address },
        sequence: 1n,
        issuedAtMs: Date.now(),
        ttlMs: 60_000,
        services: ['CPUTranscoding'],
        regions: [],
        capacity: { slots: 1, freeSlots: 1 },
        addresses: [...host.addresses()],
      }
      expect(await host.gossip.publish(topic, signAdvert(advert, peerKey))).toBeGreaterThan(0)
      await until(async () => (await judged(door, 'reject', fault)) > before)
    }
    expect(peerIds(await statusWhen(late, () => true))).toEqual(orchestrators())
    expect(await judged(late, 'reject', 'UNBONDED')).toBe(0)
  })

  test('are withdrawn by an orchestrator that stops', async () => {
    const leaving = market.network.orchestrators[2] as PeerProcess
    await leaving.stop()
    const status = await statusWhen(late, ({ peers }) => peers.length < 3)
    expect(peerIds(status)).toEqual(orchestrators().filter((id) => id !== leaving.ready.peerId))
  })
})
