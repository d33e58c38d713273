/**
 * The library face: embed a node, or the parts another client needs.
 *
 * @packageDocumentation
 */
import './lib/polyfill.ts'

export type { Delivered } from './exchange/dispatcher.ts'
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
export type { PayeeRail, PayerRail } from './rails/rail.ts'
export { createRecipient } from './rails/ticket/recipient.ts'
export { createSender } from './rails/ticket/sender.ts'
export type {
  SignedTicket,
  Ticket,
  TicketBatch,
  TicketParams,
} from './rails/ticket/ticket.ts'
export {
  isWinningTicket,
  packTicket,
  ticketEv,
  ticketHash,
  winProbForEv,
} from './rails/ticket/ticket.ts'
