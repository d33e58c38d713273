import { err, type Result } from '../../lib/result.ts'
import { type RailFault, type RailFaultClass, railFault } from '../rail.ts'

/** Why the check rail refuses; what each means stands on the page of errors. */
export type CheckFaultCode =
  | 'MALFORMED'
  | 'WRONG_RECIPIENT'
  | 'WRONG_EXCHANGE'
  | 'WRONG_ASSET'
  | 'WRONG_TERMS'
  | 'BAD_SIGNATURE'
  | 'BAD_WALLET_SIGNATURE'
  | 'EXPIRES_TOO_SOON'
  | 'NONCE_MISMATCH'
  | 'KEY_NOT_LISTED'
  | 'INSUFFICIENT_FUNDS'
  | 'BID_USED'
  | 'OPEN_FAILED'
  | 'UNKNOWN_CHANNEL'
  | 'CHANNEL_CLOSED'
  | 'BALANCE_TOO_HIGH'
  | 'ESCROW_TOO_HIGH'
  | 'TOO_MANY_CHANNELS'
  | 'NO_CHANNEL'

/** A refusal of the check rail. */
export interface CheckFault extends RailFault {
  readonly code: CheckFaultCode
}

/** A refusal, as a result. */
export function refuse(
  faultClass: RailFaultClass,
  code: CheckFaultCode,
  detail: string,
): Result<never, CheckFault> {
  return err({ ...railFault(faultClass, code, detail), code })
}
