/** The last argument of everything that waits. */
export interface AbortOptions {
  readonly signal?: AbortSignal | undefined
}

/** Resolves after `ms`, or rejects with the signal's reason. */
export async function sleep(ms: number, options: AbortOptions = {}): Promise<void> {
  const { signal } = options
  signal?.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** Settles as the promise does, unless the signal fires first. The promise itself goes on. */
export async function raceSignal<T>(promise: Promise<T>, options: AbortOptions): Promise<T> {
  const { signal } = options
  if (signal === undefined) return promise
  if (signal.aborted) {
    // Nobody else may be listening: a rejection that is never looked at ends the process.
    promise.catch(() => {})
    throw signal.reason
  }
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** One signal out of several, undefined ones left out, bounded in time when `timeoutMs` is given. */
export function anySignal(
  signals: readonly (AbortSignal | undefined)[],
  timeoutMs?: number,
): AbortSignal {
  const present = signals.filter((signal): signal is AbortSignal => signal !== undefined)
  if (timeoutMs !== undefined) present.push(AbortSignal.timeout(timeoutMs))
  return AbortSignal.any(present)
}

/** Whether this failure is only the echo of an abort or a deadline. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'TimeoutError')
}
