/** What a {@link MillraceError} carries besides its code. */
export interface MillraceErrorInit {
  readonly cause?: unknown
  /** What a person can do about it; one sentence. */
  readonly hint?: string
  /** Typed facts about the failure; never secrets. */
  readonly meta?: Readonly<Record<string, unknown>>
}

/**
 * An error with a stable `code`. Callers match codes, never messages.
 *
 * `message` is `shortMessage` plus the hint, so that it is complete when printed alone.
 */
export class MillraceError<C extends string = string> extends Error {
  override readonly name = 'MillraceError'
  readonly code: C
  readonly shortMessage: string
  readonly hint: string | undefined
  readonly meta: Readonly<Record<string, unknown>>

  constructor(code: C, shortMessage: string, init: MillraceErrorInit = {}) {
    super(
      init.hint === undefined ? shortMessage : `${shortMessage}. ${init.hint}`,
      init.cause === undefined ? undefined : { cause: init.cause },
    )
    this.code = code
    this.shortMessage = shortMessage
    this.hint = init.hint
    this.meta = init.meta ?? {}
  }
}

/** Whether an unknown thrown value is a {@link MillraceError} with the given code. */
export function hasCode<C extends string>(error: unknown, code: C): error is MillraceError<C> {
  return error instanceof MillraceError && error.code === code
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The thrown value as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** Throws `ASSERTION_FAILED` unless the condition holds. Kept in production. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new MillraceError('ASSERTION_FAILED', message)
}
