import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import { TaskGroup } from '../../lib/tasks.ts'

/** Looks at every open channel with every block. */
export interface BlockWatch extends Startable {
  /** Looks at every channel once. */
  look(): Promise<void>
  /** Begins to, and waits for none. */
  lookSoon(): void
}

/** What is watched, and how. */
export interface BlockWatchComponents<C> {
  readonly chain: { onBlock(listener: () => void): () => void }
  readonly logger: Logger
  /** Channels that are not over. */
  open(): readonly C[]
  attend(channel: C, signal: AbortSignal): Promise<void>
  /** Told of what went wrong; the next block brings another try. */
  failed(channel: C, error: unknown): void
}

/** A watch that never attends to one channel twice at a time. */
export function createBlockWatch<C extends { readonly key: string }>(
  components: BlockWatchComponents<C>,
): BlockWatch {
  const { chain, open } = components
  const tasks = new TaskGroup(components.logger)
  const busy = new Set<string>()
  let controller = new AbortController()
  let unsubscribe = (): void => {}

  const attend = async (channel: C): Promise<void> => {
    if (busy.has(channel.key)) return
    busy.add(channel.key)
    const { signal } = controller
    try {
      await components.attend(channel, signal)
    } catch (error) {
      if (!signal.aborted) components.failed(channel, error)
    } finally {
      busy.delete(channel.key)
    }
  }
  const lookSoon = (): void => {
    for (const channel of open()) tasks.run(async () => attend(channel))
  }
  return {
    lookSoon,
    look: async () => void (await Promise.all(open().map(attend))),
    async start() {
      controller = new AbortController()
      unsubscribe = chain.onBlock(lookSoon)
      lookSoon()
    },
    async stop() {
      unsubscribe()
      controller.abort(new DOMException('the watch stopped', 'AbortError'))
      await tasks.drain()
    },
  }
}
