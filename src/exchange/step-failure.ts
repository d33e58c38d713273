import { messageOf } from '../lib/errors.ts'
import { exchangeLimits } from './limits.ts'
import type { ErrorMessage } from './segment-wire.ts'
import { wireErrors } from './wire-error.ts'

/**
 * Why a provider did not deliver, and what follows from it. `lost`: the connection broke, so that
 * the same order is tried again first; the other classes are those of the wire's errors.
 */
export interface StepFailure {
  readonly class: 'lost' | 'fatal' | 'requote' | 'elsewhere' | 'failed'
  readonly code: string
  readonly detail: string
}

/** The provider ended the whole order, and said why. */
export class OrderEnded extends Error {
  readonly failure: StepFailure

  constructor(failure: StepFailure) {
    super(failure.detail)
    this.failure = failure
  }
}

/** What a provider's refusal means to the payer. */
export function failureOf(message: ErrorMessage): StepFailure {
  const { class: errorClass } = wireErrors[message.code]
  // Payment that could not be put right is a failure of this pairing, not of the payer's funds.
  return {
    class: errorClass === 'pay' ? 'failed' : errorClass,
    code: message.code,
    detail: message.detail,
  }
}

/** What a lost or silent connection means to the payer. */
export function connectionFailure(thrown: unknown): StepFailure {
  const isTimeout = thrown instanceof Error && thrown.name === 'TimeoutError'
  return {
    class: isTimeout ? 'failed' : 'lost',
    code: isTimeout ? 'TIMEOUT' : 'CONNECTION_LOST',
    detail: messageOf(thrown).slice(0, exchangeLimits.maxDetailLength),
  }
}
