import type { Startable } from '../lib/lifecycle.ts'

/** What a transcoder joins. */
export interface TranscoderComponents {
  /** Does the work. */
  readonly processes: Startable
  /** Joins a pool, and leaves it with nothing left undone; last to start and first to stop. */
  readonly client: Startable
}

/** The role that works for an orchestrator: no chain, no key, no stake. */
export function createTranscoder({ processes, client }: TranscoderComponents): Startable {
  return {
    async start() {
      await processes.start()
      await client.start()
    },
    async stop() {
      await client.stop()
      await processes.stop()
    },
  }
}
