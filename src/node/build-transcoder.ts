import { cpus } from 'node:os'
import { fromHex } from '../lib/bytes.ts'
import { abilityOf } from '../media/ability.ts'
import { createTranscodePool } from '../media/transcode-pool.ts'
import { openEarner, type WorkerEarner } from '../pool/earner.ts'
import { createToldChain } from '../pool/told-chain.ts'
import type { AccountClaim } from '../pool/wire.ts'
import { createWorkerClient } from '../pool/worker-client.ts'
import { openBlockClock } from '../rails/ticket/chain-clock.ts'
import { createTicketMetrics } from '../rails/ticket/metrics.ts'
import { createTicketPayeeRail } from '../rails/ticket/payee-rail.ts'
import { createRecipient } from '../rails/ticket/recipient.ts'
import { openRecipientSecret } from '../rails/ticket/recipient-secret.ts'
import { openWinnerStore, type WinnerStore } from '../rails/ticket/winner-store.ts'
import { createTranscoder } from '../roles/transcoder.ts'
import type { BuiltRole } from './built-role.ts'
import type { WorkerFoundation } from './foundation.ts'
import type { TranscoderConfig } from './pool-config.ts'
import { loadPoolSecret } from './pool-secret.ts'

/** Joins the parts of a transcoder. */
export async function buildTranscoder(
  foundation: WorkerFoundation,
  own: TranscoderConfig,
): Promise<BuiltRole> {
  const { host } = foundation.net
  const logger = foundation.logger.child({ room: 'pool' })
  const secret = await loadPoolSecret(own)
  const slots = own.slots ?? cpus().length
  const processes = createTranscodePool(foundation, { workers: slots, backend: own.backend })
  const account: AccountClaim | null =
    own.account === undefined
      ? null
      : { address: own.account.address, signature: fromHex(own.account.signature) }
  const pay = account === null ? null : await buildEarner(foundation, own, account)
  const jobs: Record<string, number> = {}
  const client = createWorkerClient(
    {
      host,
      processes,
      logger,
      earner: pay?.earner ?? null,
      onJob(outcome) {
        jobs[outcome] = (jobs[outcome] ?? 0) + 1
      },
    },
    {
      orchestrator: own.orchestrator,
      self: () => ({
        peerId: host.peerId,
        slots,
        ability: abilityOf(processes.backend),
        secret,
        account,
      }),
    },
  )
  return {
    ...createTranscoder({ processes, client }),
    async complaints() {
      const { state, detail } = client.standing()
      return state === 'joined' ? [] : [`not in the pool: ${detail}`]
    },
    async status() {
      return {
        orchestrator: own.orchestrator.peerId,
        ...client.standing(),
        jobs,
        transcoding: {
          backend: processes.backend,
          workers: slots,
          pids: processes.workerPids(),
          ...processes.load(),
        },
        ...(pay === null
          ? {}
          : {
              account: account?.address,
              receivedWei: pay.earner.received(),
              winners: pay.winners.totals(),
            }),
      }
    },
  }
}

/** The earning half of the ticket rail on a chain that is only told of. */
async function buildEarner(
  foundation: WorkerFoundation,
  { tickets }: TranscoderConfig,
  { address }: AccountClaim,
): Promise<{ readonly earner: WorkerEarner; readonly winners: WinnerStore }> {
  const { store } = foundation
  const metrics = createTicketMetrics(foundation.metrics)
  const winners = await openWinnerStore(store, foundation.logger.child({ room: 'tickets' }))
  const chain = createToldChain(winners)
  const { time, gas, monitor } = chain
  const blocks = await openBlockClock(store, time)
  const secret = await openRecipientSecret(store)
  const paramsLifeBlocks = BigInt(tickets.paramsLifeBlocks)
  const recipient = createRecipient(
    { address, secret, time, blocks, gas, monitor, winners, store },
    {
      minEv: 1n,
      ticketsPerStep: BigInt(tickets.perPayment),
      evMultiplier: BigInt(tickets.evMultiplier),
      txCostMultiplier: BigInt(tickets.txCostMultiplier),
      redeemGas: BigInt(tickets.redeemGas),
      maxFaceValue: 0n,
      paramsLifeBlocks,
    },
  )
  const rail = createTicketPayeeRail({ recipient, blocks, metrics }, { paramsLifeBlocks })
  return { earner: await openEarner({ store, rail, chain }, { account: address }), winners }
}
