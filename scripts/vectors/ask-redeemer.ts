import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../../src/lib/logger.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import { createTicketMetrics } from '../../src/rails/ticket/metrics.ts'
import { openRedeemerClaims } from '../../src/rails/ticket/redeemer-claims.ts'
import { createRedeemerDesk } from '../../src/rails/ticket/redeemer-desk.ts'
import { openWinnerStore } from '../../src/rails/ticket/winner-store.ts'
import { openStore } from '../../src/store/store.ts'
import { CHAIN_ID, NOW_MS } from './cast.ts'

/** How a redeemer stands when it is asked, in JSON's terms. */
export interface RedeemerSetting {
  /** Peer ids or accounts it works for. */
  readonly orchestrators: readonly string[]
  /** Requests of the same peer it has answered just before. */
  readonly askedBefore: number
  /** Whether everything was redeemed before the last request, and by which transaction. */
  readonly paid: null | { readonly transactionHash: string; readonly gasUsed: string }
}

/** A redeemer's answers to the requests of one peer, one after another. */
export async function askRedeemer(
  requests: readonly Uint8Array[],
  peerId: string,
  setting: RedeemerSetting,
): Promise<Uint8Array[]> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-vectors-'))
  const store = await openStore({ directory })
  try {
    const winners = await openWinnerStore(store, silentLogger)
    const claims = await openRedeemerClaims(store, winners)
    const metrics = createTicketMetrics(noMetrics)
    const desk = createRedeemerDesk(
      {
        host: { handle: async () => {} },
        winners,
        claims,
        clock: { now: () => NOW_MS },
        logger: silentLogger,
        metrics,
      },
      { chainId: CHAIN_ID, orchestrators: setting.orchestrators },
    )
    await desk.start()
    for (let i = 0; i < setting.askedBefore; i += 1) await desk.answer(new Uint8Array(0), peerId)
    const answers: Uint8Array[] = []
    for (const [i, request] of requests.entries()) {
      if (i === requests.length - 1 && setting.paid !== null) {
        const { transactionHash, gasUsed } = setting.paid
        for (const winner of winners.pending()) {
          const paid = { ...winner, state: 'redeemed', transactionHash, gasUsed: BigInt(gasUsed) }
          await store.batch([winners.updateOp({ ...paid, state: 'redeemed' })])
          winners.updated({ ...paid, state: 'redeemed' })
        }
      }
      answers.push(await desk.answer(request, peerId))
    }
    await desk.stop()
    return answers
  } finally {
    await store.close()
    await rm(directory, { recursive: true, force: true })
  }
}
