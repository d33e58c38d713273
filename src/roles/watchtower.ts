import type { Startable } from '../lib/lifecycle.ts'

/** What a watchtower joins. */
export interface WatchtowerComponents {
  /** Takes what payers had revoked, and answers its publication. */
  readonly tower: Startable
}

/** The role that watches over other people's payment channels; it holds nothing of value. */
export function createWatchtower({ tower }: WatchtowerComponents): Startable {
  return { start: async () => tower.start(), stop: async () => tower.stop() }
}
