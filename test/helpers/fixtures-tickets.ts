import type { Address } from '../../src/lib/crypto/address.ts'
import { type Logger, silentLogger } from '../../src/lib/logger.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import type { PayeeRail, PayerRail } from '../../src/rails/rail.ts'
import { type BlockClock, openBlockClock } from '../../src/rails/ticket/chain-clock.ts'
import { createTicketMetrics } from '../../src/rails/ticket/metrics.ts'
import { createTicketPayeeRail } from '../../src/rails/ticket/payee-rail.ts'
import { createTicketPayerRail } from '../../src/rails/ticket/payer-rail.ts'
import {
  createRecipient,
  type Recipient,
  type RecipientComponents,
} from '../../src/rails/ticket/recipient.ts'
import {
  openRecipientSecret,
  type RecipientSecret,
} from '../../src/rails/ticket/recipient-secret.ts'
import { createSender, type Sender, type SenderInit } from '../../src/rails/ticket/sender.ts'
import { createSenderMonitor, type SenderMonitor } from '../../src/rails/ticket/sender-monitor.ts'
import {
  MAX_WIN_PROB,
  recipientRandHash,
  type SignedTicket,
  type TicketParams,
} from '../../src/rails/ticket/ticket.ts'
import type { TicketParamsConfig } from '../../src/rails/ticket/ticket-params.ts'
import { openWinnerStore, type WinnerStore } from '../../src/rails/ticket/winner-store.ts'
import type { Store } from '../../src/store/store.ts'
import { type FakeChain, roundHash } from './fakes-chain.ts'
import { bytesOf, walletOf } from './fixtures.ts'

/** Who pays and who earns in the tests of the ticket rail. */
export const senderWallet = walletOf('sender')
export const recipientWallet = walletOf('recipient')

/** Tickets of 1/1000 gwei-sized fees that win one time in four. */
export const paramsConfig: TicketParamsConfig = {
  minEv: 1_000n,
  ticketsPerStep: 2n,
  evMultiplier: 4n,
  txCostMultiplier: 1n,
  redeemGas: 0n,
  maxFaceValue: 0n,
  paramsLifeBlocks: 40n,
}

export const senderInit: SenderInit = {
  maxEv: 10n ** 15n,
  maxTotalEv: 10n ** 16n,
  depositMultiplier: 1n,
}

/** The recipient of one store, as a node composes it. */
export interface RecipientParts {
  readonly recipient: Recipient
  readonly winners: WinnerStore
  readonly secret: RecipientSecret
  readonly monitor: SenderMonitor
  readonly blocks: BlockClock
  readonly rail: PayeeRail
}

export async function openRecipient(
  store: Store,
  chain: FakeChain,
  options: {
    readonly config?: Partial<TicketParamsConfig>
    readonly logger?: Logger
    readonly address?: Address
    readonly onLate?: RecipientComponents['onLate']
  } = {},
): Promise<RecipientParts> {
  const config = { ...paramsConfig, ...options.config }
  const { address = recipientWallet.address } = options
  const secret = await openRecipientSecret(store)
  const winners = await openWinnerStore(store, options.logger ?? silentLogger)
  const blocks = await openBlockClock(store, chain)
  const monitor = createSenderMonitor({ claimant: address, time: chain, senders: chain, winners })
  const recipient = createRecipient(
    {
      ...{ address, secret, time: chain, blocks, gas: chain, monitor, winners, store },
      ...(options.onLate === undefined ? {} : { onLate: options.onLate }),
    },
    config,
  )
  const metrics = createTicketMetrics(noMetrics)
  const { paramsLifeBlocks } = config
  const rail = createTicketPayeeRail({ recipient, blocks, metrics }, { paramsLifeBlocks })
  return { recipient, winners, secret, monitor, blocks, rail }
}

export function openSender(store: Store, chain: FakeChain, init: Partial<SenderInit> = {}): Sender {
  const components = { signer: senderWallet, time: chain, senders: chain, store }
  return createSender(components, { ...senderInit, ...init })
}

export function openPayerRail(
  store: Store,
  chain: FakeChain,
  init: Partial<SenderInit> = {},
): PayerRail {
  const sender = openSender(store, chain, init)
  return createTicketPayerRail({ sender, metrics: createTicketMetrics(noMetrics) })
}

/** Params nobody's secret stands behind: good for a sender, not for a recipient. */
export function paramsOf(over: Partial<TicketParams> = {}): TicketParams {
  return {
    recipient: recipientWallet.address,
    faceValue: 1_000_000n,
    winProb: MAX_WIN_PROB / 4n,
    recipientRandHash: recipientRandHash(bytesOf(32, 7)),
    seed: bytesOf(32, 8),
    expirationBlock: 1040n,
    expirationParams: { creationRound: 10n, creationRoundBlockHash: roundHash(10n) },
    ...over,
  }
}

/** A winning ticket as the winner store keeps it; one a seed. */
export function winnerOf(seed: number, over: Partial<SignedTicket> = {}): SignedTicket {
  const recipientRand = bytesOf(32, seed)
  return {
    recipient: recipientWallet.address,
    sender: senderWallet.address,
    faceValue: 10n ** 16n,
    winProb: MAX_WIN_PROB / 4n,
    senderNonce: seed,
    recipientRandHash: recipientRandHash(recipientRand),
    creationRound: 10n,
    creationRoundBlockHash: roundHash(10n),
    paramsExpirationBlock: 1040n,
    sig: bytesOf(65, seed),
    recipientRand,
    ...over,
  }
}
