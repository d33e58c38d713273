import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../../src/lib/logger.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import { openBlockClock } from '../../src/rails/ticket/chain-clock.ts'
import { createTicketMetrics } from '../../src/rails/ticket/metrics.ts'
import { createTicketPayeeRail } from '../../src/rails/ticket/payee-rail.ts'
import type { SenderManager, TimeManager } from '../../src/rails/ticket/ports.ts'
import { createRecipient } from '../../src/rails/ticket/recipient.ts'
import { recipientSecretFrom } from '../../src/rails/ticket/recipient-secret.ts'
import { createSenderMonitor } from '../../src/rails/ticket/sender-monitor.ts'
import { openWinnerStore } from '../../src/rails/ticket/winner-store.ts'
import { openStore } from '../../src/store/store.ts'
import { payer, provider } from './cast.ts'

/** The chain as a recipient sees it, in JSON's terms. */
export interface RecipientSetting {
  readonly block: string
  readonly round: string
  readonly depositWei: string
  readonly reserveWei: string
  readonly withdrawRound: string
}

/** What a payment came to. */
export type PaymentOutcome =
  | { readonly creditedWei: string; readonly winners: number }
  | { readonly class: string; readonly code: string }

/** The recipient's secret in all vectors; another client's recipient has one of its own. */
export const recipientSecret = recipientSecretFrom(new Uint8Array(32).fill(0x5e))

/** The chain's time, standing still. */
export function fixedTime(block: bigint, round: bigint): TimeManager {
  return {
    lastSeenBlock: () => block,
    lastInitializedRound: () => round,
    lastInitializedBlockHash: () => new Uint8Array(32).fill(0xbb),
    preLastInitializedBlockHash: () => new Uint8Array(32).fill(0xaa),
    poolSize: () => 1n,
    onBlock: () => () => {},
    onRound: () => () => {},
  }
}

/** One sender's funds, standing still. */
export function fixedFunds({
  depositWei,
  reserveWei,
  withdrawRound,
}: RecipientSetting): SenderManager {
  return {
    getSenderInfo: async () => ({
      deposit: BigInt(depositWei),
      withdrawRound: BigInt(withdrawRound),
      reserve: { fundsRemaining: BigInt(reserveWei), claimedInCurrentRound: 0n },
    }),
    claimedReserve: async () => 0n,
    clear() {},
    subscribeReserveChange: () => () => {},
  }
}

/** What a recipient makes of payments of one order, one after another. */
export async function receiveTickets(
  payments: readonly Uint8Array[],
  setting: RecipientSetting,
): Promise<PaymentOutcome[]> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-vectors-'))
  const store = await openStore({ directory })
  try {
    const time = fixedTime(BigInt(setting.block), BigInt(setting.round))
    const blocks = await openBlockClock(store, time)
    const winners = await openWinnerStore(store, silentLogger)
    const senders = fixedFunds(setting)
    const monitor = createSenderMonitor({ claimant: provider.address, time, senders, winners })
    const gas = { gasPrice: () => 1n }
    const components = {
      address: provider.address,
      secret: recipientSecret,
      time,
      blocks,
      gas,
      monitor,
      winners,
      store,
    }
    const recipient = createRecipient(components, {
      minEv: 1n,
      ticketsPerStep: 2n,
      evMultiplier: 100n,
      txCostMultiplier: 100n,
      redeemGas: 90_000n,
      maxFaceValue: 0n,
      paramsLifeBlocks: 40n,
    })
    const rail = createTicketPayeeRail(
      { recipient, blocks, metrics: createTicketMetrics(noMetrics) },
      { paramsLifeBlocks: 40n },
    )
    const context = { orderId: '0x', payer: payer.address, payee: provider.address }
    const session = rail.openEarn(context, { payer: payer.address, feePerStep: 1n })
    const outcomes: PaymentOutcome[] = []
    for (const payment of payments) {
      const before = winners.pending().length
      const received = await session.receive(payment)
      if (received.ok) {
        await store.batch(received.value.writes)
        received.value.committed()
        const creditedWei = received.value.credited.toString()
        outcomes.push({ creditedWei, winners: winners.pending().length - before })
      } else {
        outcomes.push({ class: received.error.class, code: received.error.code })
      }
    }
    return outcomes
  } finally {
    await store.close()
    await rm(directory, { recursive: true, force: true })
  }
}
