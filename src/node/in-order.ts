import type { Startable } from '../lib/lifecycle.ts'

/** One lifecycle out of many; what did not start is not stopped. */
export function inOrder(parts: readonly Startable[]): Startable {
  const started: Startable[] = []
  return {
    async start() {
      for (const part of parts) {
        started.push(part)
        await part.start()
      }
    },
    async stop() {
      for (const part of started.splice(0).reverse()) await part.stop()
    },
  }
}
