import { err, type Result } from '../../lib/result.ts'
import { type RailFault, type RailFaultClass, railFault } from '../rail.ts'
import { type ChannelErrorCode, channelErrorCode } from './errors.ts'

/** Why the channel rail refuses; what each means stands on the page of errors. */
export type ChannelFaultCode =
  | ChannelErrorCode
  | 'MALFORMED'
  | 'WRONG_PAYEE'
  | 'WRONG_PAYER'
  | 'WRONG_CHANNEL'
  | 'WRONG_ASSET'
  | 'WRONG_CONTRACT'
  | 'DELAY_TOO_SHORT'
  | 'DEPOSIT_TOO_HIGH'
  | 'DEPOSIT_EXHAUSTED'
  | 'DEPOSIT_UNCONFIRMED'
  | 'EXPIRY_TOO_LATE'
  | 'TOO_MANY_CONFIRMATIONS'
  | 'NO_CHANNEL'
  | 'NO_GRANT'
  | 'CHANNEL_CLOSED'
  | 'CREDIT_UNPROVEN'
  | 'OPENING_FAILED'

/** A refusal, as a result. */
export function refuse(
  faultClass: RailFaultClass,
  code: ChannelFaultCode,
  detail: string,
): Result<never, RailFault> {
  return err(railFault(faultClass, code, detail))
}

const CLASSES: Partial<Readonly<Record<ChannelErrorCode, RailFaultClass>>> = {
  NO_REVOKE_SECRET_FOR_COMMIT: 'new-params',
  INVALID_TRANSFER_QUANTITY: 'underfunded',
  INSUFFICIENT_FUNDS: 'underfunded',
  CHANNEL_EXPIRING: 'limit',
  CHANNEL_ALREADY_USED: 'new-params',
}

/** A refused call of the protocol as a refusal of the rail; what else was thrown goes on. */
export function faultOf(error: unknown): Result<never, RailFault> {
  const code = channelErrorCode(error)
  if (code === undefined) throw error
  return refuse(CLASSES[code] ?? 'fatal', code, (error as Error).message)
}
