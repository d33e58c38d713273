import type * as wire from '../net/wire/segment.ts'

/** A typed refusal as it travels. The names are the wire's. */
export type WireErrorCode = Exclude<keyof typeof wire.WireErrorCode, 'ERROR_UNSPECIFIED' | 'codec'>

/**
 * What the payer does about an error:
 *
 * - `fatal`: the order is over
 * - `pay`: pay what is missing, under the grant that came along, and send again
 * - `requote`: the order does not fit this work; ask for a new quote
 * - `elsewhere`: try another provider; no fault of this one
 * - `failed`: try another provider, and this one less
 */
export type WireErrorClass = 'fatal' | 'pay' | 'requote' | 'elsewhere' | 'failed'

/** Every wire error: its class, and the name under which Streamflow knows it, if it has one. */
export const wireErrors: Readonly<
  Record<WireErrorCode, { class: WireErrorClass; seedName?: string }>
> = {
  MALFORMED: { class: 'fatal' },
  UNKNOWN_ORDER: { class: 'requote' },
  FATAL_PAYMENT: { class: 'fatal' },
  BAD_SIGNATURE: { class: 'fatal' },
  LOW_PM_BALANCE: { class: 'pay', seedName: 'LowPMBalance' },
  NEW_PAYMENT_PARAMS: { class: 'pay' },
  PRICE_MISMATCH: { class: 'requote' },
  SEGMENT_FORMAT_DIDNT_MATCH_JOB_INPUT_PARAMS: {
    class: 'requote',
    seedName: 'SegmentFormatDidntMatchJobInputParams',
  },
  DUPLICATE_SEGMENT: { class: 'fatal' },
  SEGMENT_UNREADABLE: { class: 'failed' },
  BUSY: { class: 'elsewhere' },
  PAYER_UNDERFUNDED: { class: 'fatal' },
  WORK_FAILED: { class: 'failed' },
  SHUTTING_DOWN: { class: 'elsewhere' },
  INTERNAL: { class: 'failed' },
}
