import type { SignatureFault } from '../../lib/crypto/eip191.ts'
import { err, type Result } from '../../lib/result.ts'
import { type RailFault, type RailFaultClass, railFault } from '../rail.ts'

/** Why the ticket rail refuses; what each means stands on the page of errors. */
export type TicketFaultCode =
  | SignatureFault
  | 'MALFORMED'
  | 'WRONG_SENDER'
  | 'INVALID_RECIPIENT'
  | 'INVALID_SENDER'
  | 'INVALID_EXPIRATION'
  | 'WRONG_SIGNER'
  | 'TOO_MANY_TICKETS'
  | 'NO_SESSION'
  | 'NO_EXPIRATION'
  | 'NO_VALUE'
  | 'PARAMS_EXPIRED'
  | 'UNKNOWN_PARAMS'
  | 'NONCE_EXHAUSTED'
  | 'FACE_VALUE_TOO_LOW'
  | 'FACE_VALUE_TOO_HIGH'
  | 'EV_TOO_HIGH'
  | 'TOTAL_EV_TOO_HIGH'
  | 'NO_DEPOSIT'
  | 'NO_RESERVE'
  | 'UNLOCKING_SOON'
  | 'INSUFFICIENT_RESERVE'
  | 'TOO_MANY_WINNERS'
  | 'CLAIMABLE_EXCEEDED'
  | 'EXPOSURE_TOO_HIGH'
  | 'ROUND_NOT_INITIALIZED'

/** A refusal of the ticket rail. */
export interface TicketFault extends RailFault {
  readonly code: TicketFaultCode
}

/** A refusal, as a result. */
export function refuse(
  faultClass: RailFaultClass,
  code: TicketFaultCode,
  detail: string,
): Result<never, TicketFault> {
  return err({ ...railFault(faultClass, code, detail), code })
}

/** Whether params expired, or are about to: new ones are the remedy. */
export function isTicketParamsExpired(fault: RailFault): boolean {
  return fault.code === 'PARAMS_EXPIRED'
}

/** Whether the sender cannot send tickets for want of funds that stay. */
export function isSenderValidationFault(fault: RailFault): boolean {
  return fault.class === 'underfunded'
}

/** Whether a recipient should take no further ticket of the sender. */
export function isFatalReceiveFault(fault: RailFault): boolean {
  return fault.class === 'fatal'
}
