import { MillraceError } from '../../lib/errors.ts'

/** Why a call of the channel protocol was refused. */
export type ChannelErrorCode =
  | 'INVALID_HEX_DATA'
  | 'INVALID_PUB_KEY'
  | 'INVALID_HASH160'
  | 'INVALID_SEQUENCE'
  | 'INVALID_QUANTITY'
  | 'INVALID_TRANSFER_QUANTITY'
  | 'INVALID_STATE'
  | 'INVALID_DEPOSIT_SCRIPT'
  | 'INCORRECT_PUB_KEY'
  | 'INCORRECT_SPEND_SECRET_HASH'
  | 'NO_REVOKE_SECRET_FOR_COMMIT'
  | 'INSUFFICIENT_FUNDS'
  | 'CHANNEL_ALREADY_USED'
  | 'CHANNEL_EXPIRING'

/** The names under which PicoPayments documents the errors; the last is this project's own. */
export const picoPaymentsErrorNames: Readonly<Record<ChannelErrorCode, string>> = {
  INVALID_HEX_DATA: 'InvalidHexData',
  INVALID_PUB_KEY: 'InvalidPubKey',
  INVALID_HASH160: 'InvalidHash160',
  INVALID_SEQUENCE: 'InvalidSequence',
  INVALID_QUANTITY: 'InvalidQuantity',
  INVALID_TRANSFER_QUANTITY: 'InvalidTransferQuantity',
  INVALID_STATE: 'InvalidState',
  INVALID_DEPOSIT_SCRIPT: 'InvalidDepositScript',
  INCORRECT_PUB_KEY: 'IncorrectPubKey',
  INCORRECT_SPEND_SECRET_HASH: 'IncorrectSpendSecretHash',
  NO_REVOKE_SECRET_FOR_COMMIT: 'NoRevokeSecretForCommit',
  INSUFFICIENT_FUNDS: 'InsufficientFunds',
  CHANNEL_ALREADY_USED: 'ChannelAlreadyUsed',
  CHANNEL_EXPIRING: 'ChannelExpiring',
}

/** A refusal of a call. */
export function channelError(
  code: ChannelErrorCode,
  detail: string,
): MillraceError<ChannelErrorCode> {
  return new MillraceError(code, detail, { meta: { name: picoPaymentsErrorNames[code] } })
}

/** The code of a refused call; undefined for anything else that was thrown. */
export function channelErrorCode(error: unknown): ChannelErrorCode | undefined {
  if (!(error instanceof MillraceError)) return undefined
  return error.code in picoPaymentsErrorNames ? (error.code as ChannelErrorCode) : undefined
}
