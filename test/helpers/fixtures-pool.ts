import { randomInt } from 'node:crypto'
import { systemClock } from '../../src/lib/clock.ts'
import type { Address } from '../../src/lib/crypto/address.ts'
import type { WalletSigner } from '../../src/lib/crypto/eip191.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import { abilityOf } from '../../src/media/ability.ts'
import { createTranscodePool, type TranscodePool } from '../../src/media/transcode-pool.ts'
import type { NetHost } from '../../src/net/host.ts'
import { signAccount } from '../../src/pool/account-proof.ts'
import { openWorkerAccounts, type WorkerAccounts } from '../../src/pool/accounts.ts'
import type { AccountFunds } from '../../src/pool/greeting.ts'
import { createInspector } from '../../src/pool/inspector.ts'
import { poolLimits } from '../../src/pool/limits.ts'
import { createPoolMetrics } from '../../src/pool/metrics.ts'
import { createPoolDesk, type PoolDesk } from '../../src/pool/pool-desk.ts'
import { createWorkPool, type WorkPool } from '../../src/pool/work-pool.ts'
import { createWorkerClient, type WorkerClient } from '../../src/pool/worker-client.ts'
import type { Store } from '../../src/store/store.ts'
import { type Cleanup, temporaryStore } from './fixtures.ts'
import { CHAIN_ID, createHost } from './fixtures-hosts.ts'

/** What an orchestrator's pool is in these tests. */
export interface House {
  readonly host: NetHost
  readonly pool: WorkPool
  readonly desk: PoolDesk
  readonly accounts: WorkerAccounts
  readonly processes: TranscodePool
  reopen(): Promise<Store>
}

/** How its door is kept. */
export interface HouseInit {
  readonly secret?: string | null
  readonly minDeposit?: bigint | null
  readonly maxWorkers?: number
  readonly spotCheckOneIn?: number
  readonly reviewMs?: number
  funds?(account: Address): Promise<AccountFunds | null>
}

const base = { logger: silentLogger, metrics: noMetrics }

/** Opens a pool on a real host, with real processes to look at what comes in. */
export async function openHouse(
  cleanup: Cleanup,
  payer: WalletSigner,
  init: HouseInit = {},
): Promise<House> {
  const { host } = await createHost(cleanup)
  const { store, reopen } = await temporaryStore(cleanup)
  // The deadline leaves room for a machine that is busy with other tests.
  const own = { workers: 2, backend: 'node-av', deadlineFloorMs: 30_000 } as const
  const maxQueuedJobs = poolLimits.maxQueuedInspections
  const processes = createTranscodePool(base, { ...own, maxQueuedJobs })
  await processes.start()
  cleanup.add(() => processes.stop())
  const accounts = await openWorkerAccounts(
    { store, clock: systemClock },
    { price: { num: 100n, den: 1n }, sharePercent: 75 },
  )
  const metrics = createPoolMetrics(noMetrics)
  const pool: WorkPool = createWorkPool(
    {
      ...{ accounts, metrics, logger: silentLogger, clock: systemClock },
      inspector: createInspector(processes),
      dismiss: ({ id }, why) => desk.eject(id, why),
      draw: (below) => randomInt(below),
    },
    { spotCheckOneIn: init.spotCheckOneIn ?? 1 },
  )
  const funds = init.funds ?? (async () => ({ deposit: 0n, isUnlocking: false }))
  const { secret = null, minDeposit = null, maxWorkers = 8, reviewMs = 60_000 } = init
  const desk = createPoolDesk(
    { ...{ host, pool, accounts, metrics, funds }, logger: silentLogger },
    { peerId: host.peerId, chainId: CHAIN_ID, payer: payer.address, secret, minDeposit },
    { maxWorkers, reviewMs },
  )
  await desk.start()
  await host.start()
  cleanup.add(() => desk.stop())
  return { host, pool, desk, accounts, processes, reopen }
}

/** A worker of one of these tests. */
export interface WorkerInit {
  readonly secret?: string
  /** Who answers for it. */
  readonly account?: WalletSigner
  readonly slots?: number
  /** What does its work: the house's own processes, unless it cheats. */
  readonly processes?: Pick<TranscodePool, 'transcode'>
}

/** A worker on a host of its own, joined or refused by and by. */
export async function startWorker(
  cleanup: Cleanup,
  house: House,
  init: WorkerInit,
): Promise<{ readonly peerId: string; readonly client: WorkerClient; readonly host: NetHost }> {
  const { host } = await createHost(cleanup)
  await host.start()
  const { peerId } = host
  const { secret = null, account, slots = 1, processes = house.processes } = init
  const client = createWorkerClient(
    { host, processes, earner: null, logger: silentLogger, onJob() {} },
    {
      orchestrator: { peerId: house.host.peerId, addresses: house.host.addresses() },
      self: () => ({
        peerId,
        slots,
        ability: abilityOf('node-av:libx264'),
        secret,
        account: account === undefined ? null : signAccount(account, peerId, CHAIN_ID),
      }),
    },
  )
  await client.start()
  cleanup.add(() => client.stop())
  return { peerId, client, host }
}
