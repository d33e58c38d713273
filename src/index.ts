/**
 * The library face: embed a node, or the parts another client needs.
 *
 * @packageDocumentation
 */
import './lib/polyfill.ts'

export type { Delivered } from './exchange/dispatcher.ts'
export type { Address } from './lib/crypto/address.ts'
export type { SigVerifier, WalletSigner } from './lib/crypto/eip191.ts'
export { createSigVerifier, createWalletSigner } from './lib/crypto/eip191.ts'
export { randAddress, randBytes, randHash } from './lib/crypto/random.ts'
export { MillraceError } from './lib/errors.ts'
export type { Logger } from './lib/logger.ts'
export { silentLogger } from './lib/logger.ts'
export type { MetricsRegistry } from './lib/metrics.ts'
export { noMetrics } from './lib/metrics.ts'
export type { Result } from './lib/result.ts'
export type { Advert } from './market/advert.ts'
export { parseAdvert, signAdvert, verifyAdvert } from './market/advert.ts'
export type { Quote, QuoteRequest } from './market/quote.ts'
export { encodeQuoteRequest, parseQuoteReply } from './market/quote.ts'
export type { Profile } from './media/profile.ts'
export { PRESETS } from './media/profile.ts'
export { createBinding, verifyBinding } from './net/identity.ts'
export type { NodeConfig } from './node/config.ts'
export type { MillraceNode } from './node/create-node.ts'
export { createNode } from './node/create-node.ts'
export { loadConfig, parseConfig } from './node/load-config.ts'
export {
  addCommit,
  createCommit,
  digestToSign,
  requestCommit,
  withSignature,
} from './rails/channel/commit.ts'
export { depositTtl, makeDeposit, setDeposit } from './rails/channel/deposit.ts'
export { picoPaymentsErrorNames } from './rails/channel/errors.ts'
export type { ChannelFacts } from './rails/channel/facts.ts'
export {
  revokeAll,
  revokeHashesUntil,
  revokeSecretHashesAbove,
} from './rails/channel/revocation.ts'
export {
  highestCommit,
  payouts,
  publishedCommits,
  recoverables,
  transferredAmount,
} from './rails/channel/settlement.ts'
export type { ChannelState } from './rails/channel/state.ts'
export { parseUnsigned } from './rails/channel/unsigned.ts'
export type { PayeeRail, PayerRail, RailFault } from './rails/rail.ts'
export type { Broker } from './rails/ticket/broker.ts'
export { createBroker } from './rails/ticket/broker.ts'
export type { BlockClock } from './rails/ticket/chain-clock.ts'
export { openBlockClock } from './rails/ticket/chain-clock.ts'
export type { TicketFault, TicketFaultCode } from './rails/ticket/faults.ts'
export {
  isFatalReceiveFault,
  isSenderValidationFault,
  isTicketParamsExpired,
} from './rails/ticket/faults.ts'
export type {
  GasPriceMonitor,
  ReserveInfo,
  SenderInfo,
  SenderManager,
  TimeManager,
} from './rails/ticket/ports.ts'
export type {
  ReceivedTicket,
  ReceivedTickets,
  Recipient,
  RecipientComponents,
} from './rails/ticket/recipient.ts'
export { createRecipient } from './rails/ticket/recipient.ts'
export type { RecipientSecret } from './rails/ticket/recipient-secret.ts'
export { openRecipientSecret, recipientSecretFrom } from './rails/ticket/recipient-secret.ts'
export type { Sender, SenderComponents, SenderInit } from './rails/ticket/sender.ts'
export { createSender } from './rails/ticket/sender.ts'
export type { SenderMonitor, SenderMonitorComponents } from './rails/ticket/sender-monitor.ts'
export { createSenderMonitor } from './rails/ticket/sender-monitor.ts'
export type {
  SignedTicket,
  Ticket,
  TicketBatch,
  TicketExpirationParams,
  TicketParams,
  TicketSenderParams,
} from './rails/ticket/ticket.ts'
export {
  auxData,
  isWinningTicket,
  packTicket,
  ticketEv,
  ticketHash,
  ticketOf,
  ticketsOf,
  winProbForEv,
  winProbRatio,
} from './rails/ticket/ticket.ts'
export type { TicketParamsConfig } from './rails/ticket/ticket-params.ts'
export type { RedeemableEmitter, TicketQueue } from './rails/ticket/ticket-queue.ts'
export { createTicketQueue } from './rails/ticket/ticket-queue.ts'
export type { Validator } from './rails/ticket/validator.ts'
export { createValidator } from './rails/ticket/validator.ts'
export type { TicketStore, Winner, WinnerStore } from './rails/ticket/winner-store.ts'
export { openWinnerStore } from './rails/ticket/winner-store.ts'
export type { Store } from './store/store.ts'
export { openStore } from './store/store.ts'
