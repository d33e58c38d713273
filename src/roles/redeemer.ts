import type { Startable } from '../lib/lifecycle.ts'

/** What a redeemer joins. */
export interface RedeemerComponents {
  /** Redeems what was handed over. */
  readonly redemption: Startable
  /** Takes winners from orchestrators and tells them what became of theirs. */
  readonly desk: Startable
}

/** The role that redeems winners for other nodes: first to start and last to stop is what pays. */
export function createRedeemer({ redemption, desk }: RedeemerComponents): Startable {
  return {
    async start() {
      await redemption.start()
      await desk.start()
    },
    async stop() {
      await desk.stop()
      await redemption.stop()
    },
  }
}
