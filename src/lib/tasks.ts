import { isAbort } from './abort.ts'
import type { Logger } from './logger.ts'

/**
 * Counts work in flight so that `stop()` can drain it instead of sleeping.
 *
 * A task that rejects is logged, unless it only echoes an abort.
 */
export class TaskGroup {
  readonly #running = new Set<Promise<void>>()
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** How many tasks are in flight. */
  get size(): number {
    return this.#running.size
  }

  /** Starts a task and keeps track of it. */
  run(task: () => Promise<void>): void {
    const promise = task().catch((error: unknown) => {
      if (!isAbort(error)) this.#logger.error({ err: error }, 'background task failed')
    })
    this.#running.add(promise)
    void promise.finally(() => this.#running.delete(promise))
  }

  /** Resolves when nothing is in flight. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }
}
