import type { WorkerAccount, WorkerAccounts } from '../pool/accounts.ts'
import { poolLimits } from '../pool/limits.ts'
import type { WorkerState, WorkPool } from '../pool/work-pool.ts'
import type { PoolConfig } from './pool-config.ts'

/** A pool as the status shows it: who is in it, how fast, and what each earned, here or not. */
export function poolStatus(
  { local, public: isPublic, minDeposit, spotCheckOneIn }: PoolConfig,
  parts: {
    readonly pool: WorkPool
    readonly accounts: WorkerAccounts
    readonly takesWorkers: boolean
  },
): object {
  const { pool, accounts, takesWorkers } = parts
  const all = [...accounts.all()]
  const rules = { local, remote: takesWorkers, public: isPublic }
  return {
    ...rules,
    ...(isPublic ? { minDepositWei: minDeposit, spotCheckOneIn } : {}),
    ...pool.load(),
    isFull: pool.isFull(),
    members: pool.workers().map((worker) => memberStatus(worker, accounts)),
    ejected: all
      .filter(({ ejectedAtMs }) => ejectedAtMs !== null)
      .slice(-poolLimits.maxShownWorkers)
      .map(({ peerId, account, ejectedAtMs, ejectedFor, withheld }) => ({
        ...{ peerId, account, atMs: ejectedAtMs, why: ejectedFor, withheldWei: withheld },
      })),
    totals: totalsOf(all),
  }
}

function memberStatus(worker: WorkerState, accounts: WorkerAccounts): object {
  const account = accounts.find(worker.id)
  return account === undefined ? worker : { ...worker, ...amountsOf(account) }
}

function amountsOf({ segments, pixels, checked, earned, withheld, paid }: WorkerAccount): object {
  return {
    ...{ segments, pixels, checked },
    earnedWei: earned,
    withheldWei: withheld,
    paidWei: paid,
  }
}

function totalsOf(all: readonly WorkerAccount[]): object {
  const sum = (pick: (account: WorkerAccount) => bigint): bigint =>
    all.reduce((total, account) => total + pick(account), 0n)
  return {
    workers: all.length,
    segments: sum(({ segments }) => segments),
    pixels: sum(({ pixels }) => pixels),
    earnedWei: sum(({ earned }) => earned),
    withheldWei: sum(({ withheld }) => withheld),
    paidWei: sum(({ paid }) => paid),
  }
}
