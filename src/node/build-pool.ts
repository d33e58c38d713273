import { randomInt } from 'node:crypto'
import { cpus } from 'node:os'
import type { Address } from '../lib/crypto/address.ts'
import type { Startable } from '../lib/lifecycle.ts'
import { createTranscodePool, type TranscodePool } from '../media/transcode-pool.ts'
import { openWorkerAccounts, type WorkerAccounts } from '../pool/accounts.ts'
import { createCopyMember } from '../pool/copy-member.ts'
import type { AccountFunds } from '../pool/greeting.ts'
import { createInspector } from '../pool/inspector.ts'
import { poolLimits } from '../pool/limits.ts'
import { createLocalMember } from '../pool/local-member.ts'
import { createPoolMetrics, type PoolMetrics } from '../pool/metrics.ts'
import { createPaymaster, type Paymaster } from '../pool/paymaster.ts'
import { createPoolDesk, type PoolDesk } from '../pool/pool-desk.ts'
import type { ChainFacts } from '../pool/wire.ts'
import { createWorkPool, type WorkPool } from '../pool/work-pool.ts'
import { openExposureGuard } from '../rails/ticket/exposure-guard.ts'
import { createLedger } from '../rails/ticket/ledger-store.ts'
import { createTicketMetrics } from '../rails/ticket/metrics.ts'
import { createTicketPayerRail } from '../rails/ticket/payer-rail.ts'
import { createSender } from '../rails/ticket/sender.ts'
import type { OrchestratorConfig } from './config.ts'
import type { Foundation } from './foundation.ts'
import { inOrder } from './in-order.ts'
import { loadPoolSecret } from './pool-secret.ts'
import { poolStatus } from './pool-status.ts'

/** The workers of an orchestrator, wherever they are. */
export interface BuiltPool extends Startable {
  readonly pool: WorkPool
  complaints(): readonly string[]
  /** The pool's part of the status. */
  status(): object
  /** This machine's own processes as the status shows them; null without any. */
  transcoding(): object | null
}

type PoolOwner = Pick<OrchestratorConfig, 'pool' | 'transcoding' | 'pricePerUnit'>

/** Joins this machine's processes and the desk where remote workers come in. */
export async function buildPool(
  foundation: Foundation,
  own: PoolOwner,
  chainId: bigint,
): Promise<BuiltPool> {
  const { store, clock } = foundation
  const { pay, local, public: isPublic, spotCheckOneIn } = own.pool
  const logger = foundation.logger.child({ room: 'pool' })
  const metrics = createPoolMetrics(foundation.metrics)
  const secret = await loadPoolSecret(own.pool)
  const takesWorkers = secret !== null || isPublic
  const accounts = await openWorkerAccounts(
    { store, clock },
    { price: own.pricePerUnit, sharePercent: pay.sharePercent },
  )
  const processes = local ? localProcesses(foundation, own) : null
  // Of its own, so that looking at a result never waits behind the work on the next segments.
  const inspecting = takesWorkers
    ? createTranscodePool(foundation, {
        ...{ workers: 1, backend: 'node-av' },
        maxQueuedJobs: poolLimits.maxQueuedInspections,
      })
    : null
  const pool: WorkPool = createWorkPool(
    {
      ...{ accounts, clock, logger, metrics },
      inspector: inspecting === null ? null : createInspector(inspecting),
      dismiss: ({ id }, why) => desk?.eject(id, why),
      draw: (below) => randomInt(below),
    },
    { spotCheckOneIn },
  )
  const desk: PoolDesk | null = takesWorkers
    ? createPoolDesk(
        {
          ...{ pool, accounts, logger, metrics },
          host: foundation.net.host,
          funds: async (account) => fundsOf(foundation, account),
        },
        {
          peerId: foundation.net.host.peerId,
          chainId,
          payer: foundation.wallet.address,
          secret,
          minDeposit: isPublic ? own.pool.minDeposit : null,
        },
        own.pool,
      )
    : null
  const paymaster =
    desk === null ? null : await payFor(foundation, own, { accounts, metrics, desk })
  const life = inOrder([
    ...[processes, inspecting].filter((part) => part !== null),
    ...(local ? [localSeat(pool, processes)] : []),
    ...[desk, paymaster].filter((part) => part !== null),
  ])
  return {
    ...life,
    pool,
    complaints: () => [
      ...(pool.isOpen() ? [] : ['no transcoder is in the pool']),
      ...(paymaster?.complaints() ?? []),
    ],
    status: () => poolStatus(own.pool, { pool, accounts, takesWorkers }),
    transcoding: () => (processes === null ? null : processesStatus(processes)),
  }
}

function processesStatus(processes: TranscodePool): object {
  const { backend, capacity: workers } = processes
  return { backend, workers, pids: processes.workerPids(), ...processes.load() }
}

/** Null where segments are given back as they are. */
function localProcesses(foundation: Foundation, { transcoding }: PoolOwner): TranscodePool | null {
  const { workers = cpus().length, backend } = transcoding
  return backend === 'copy' ? null : createTranscodePool(foundation, { workers, backend })
}

/** What this machine can do is known once its processes run. */
function localSeat(pool: WorkPool, processes: TranscodePool | null): Startable {
  const member = processes === null ? createCopyMember() : createLocalMember(processes)
  return {
    start: async () => pool.join(member),
    stop: async () => pool.leave(member),
  }
}

async function fundsOf(
  { chain, logger }: Foundation,
  account: Address,
): Promise<AccountFunds | null> {
  try {
    const { deposit, withdrawRound } = await chain.senders.getSenderInfo(account)
    return { deposit, isUnlocking: withdrawRound !== 0n }
  } catch (error) {
    logger.warn({ err: error, account }, 'the deposit of a worker cannot be asked for')
    return null
  }
}

/** This node as a sender of tickets to its workers, with its own deposit. */
async function payFor(
  { chain, store, wallet, metrics, logger }: Foundation,
  { pool: { pay } }: PoolOwner,
  parts: {
    readonly accounts: WorkerAccounts
    readonly metrics: PoolMetrics
    readonly desk: PoolDesk
  },
): Promise<Paymaster> {
  const { time, senders, gas } = chain
  const ticketMetrics = createTicketMetrics(metrics)
  const { quantile, warnAtPercent, redemptionLagBlocks } = pay.exposure
  const exposure = await openExposureGuard(
    { store, time, logger: logger.child({ room: 'tickets' }), metrics: ticketMetrics },
    {
      quantile,
      warnAtPermille: warnAtPercent * 10,
      redemptionLagBlocks: BigInt(redemptionLagBlocks),
    },
  )
  const sender = createSender(
    { signer: wallet, time, senders, store, exposure, ledger: createLedger(store) },
    {
      maxEv: pay.maxEv,
      // A payment is one ticket or more: what is due, rounded up to whole tickets.
      maxTotalEv: 2n * pay.maxEv,
      depositMultiplier: BigInt(pay.depositMultiplier),
    },
  )
  const rail = createTicketPayerRail({ sender, metrics: ticketMetrics })
  const facts = async (): Promise<ChainFacts | null> => {
    const { deposit } = await senders.getSenderInfo(wallet.address)
    return {
      block: time.lastSeenBlock(),
      round: time.lastInitializedRound(),
      roundBlockHash: time.lastInitializedBlockHash(),
      previousRoundBlockHash: time.preLastInitializedBlockHash(),
      gasPrice: gas.gasPrice(),
      maxFloat: deposit / BigInt(pay.depositMultiplier),
      deposit,
    }
  }
  return createPaymaster(
    {
      ...{ accounts: parts.accounts, metrics: parts.metrics, rail, facts },
      logger: logger.child({ room: 'pool' }),
      members: () => parts.desk.members(),
    },
    {
      payer: wallet.address,
      intervalMs: pay.intervalMs,
      minimum: pay.minimum,
      most: pay.maxEv,
    },
  )
}
